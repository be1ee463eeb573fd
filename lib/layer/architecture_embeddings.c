// SPDX-License-Identifier: GPL-3.0-or-later
#include "architecture_embeddings.h"
#include "embeddings.h"

#include <string.h>

static gradus_status refuse(gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "\"embeddings\" of an architecture must be a list of {\"name\": …, "
                       "\"column\": 0 or more, \"levels\": 1 or more, \"units\": 1 or more}");
}

static bool read_count(const json_t *object, const char *key, json_int_t least, size_t *count) {
  const json_t *value = json_object_get(object, key);
  *count = (size_t)json_integer_value(value);
  return json_is_integer(value) && json_integer_value(value) >= least &&
         json_integer_value(value) <= GRADUS_I_UNITS_MAX;
}

static bool read_one(const json_t *object, gradus_embedding *embedding) {
  enum { MEMBERS = 4 };
  embedding->name = json_string_value(json_object_get(object, "name"));
  return embedding->name && json_object_size(object) == MEMBERS &&
         read_count(object, "column", 0, &embedding->column) &&
         read_count(object, "levels", 1, &embedding->levels) &&
         read_count(object, "units", 1, &embedding->units);
}

/* Whether an embedding is one of the options'. */
static bool is_given(const gradus_i_build_options *options, const gradus_embedding *embedding) {
  for (size_t i = 0; i < options->embedding_count; i++) {
    const gradus_embedding *given = &options->embeddings[i];
    if (given->name && strcmp(given->name, embedding->name) == 0)
      return given->column == embedding->column && given->levels == embedding->levels &&
             gradus_i_embedding_units(given) == embedding->units;
  }
  return false;
}

static gradus_status compare(const gradus_i_build_options *options, const gradus_embedding *list,
                             size_t count, gradus_error *err) {
  if (options->embedding_count == 0)
    return GRADUS_OK;
  for (size_t i = 0; i < count; i++)
    if (!is_given(options, &list[i]))
      return gradus_i_fail(
          err, GRADUS_ERROR_INVALID_ARGUMENT,
          "the architecture embeds \"%.100s\" (column %zu, %zu levels, %zu units), "
          "which is none of the embeddings that are asked for",
          list[i].name, list[i].column, list[i].levels, list[i].units);
  if (count == options->embedding_count)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "the architecture has %zu embeddings, %zu are asked for", count,
                       options->embedding_count);
}

gradus_status gradus_i_read_embeddings(gradus_i_build_options *options, gradus_embedding **list,
                                       const json_t *root, gradus_error *err) {
  const json_t *array = json_object_get(root, "embeddings");
  size_t count = json_array_size(array);
  *list = NULL;
  if (!array)
    return GRADUS_OK;
  if (!json_is_array(array) || count == 0)
    return refuse(err);
  *list = gradus_i_allocate(count, sizeof **list);
  if (!*list)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < count; i++)
    if (!read_one(json_array_get(array, i), &(*list)[i]))
      return refuse(err);
  gradus_status status = compare(options, *list, count, err);
  options->embeddings = *list;
  options->embedding_count = count;
  return status;
}

static bool set_features(gradus_i_shape *shape, size_t features) {
  size_t *last = &shape->extent[shape->rank - 1], places = *last ? shape->size / *last : 0;
  *last = features;
  return gradus_i_multiply(places, features, &shape->size);
}

bool gradus_i_shape_narrow(gradus_i_shape *shape, const gradus_i_build_options *options) {
  size_t growth = gradus_i_embeddings_growth(options->embeddings, options->embedding_count);
  size_t features = shape->extent[shape->rank - 1];
  return features > growth && set_features(shape, features - growth);
}

bool gradus_i_shape_widen(gradus_i_shape *shape, const gradus_i_build_options *options) {
  size_t growth = gradus_i_embeddings_growth(options->embeddings, options->embedding_count);
  return set_features(shape, shape->extent[shape->rank - 1] + growth);
}

static void put(json_t *object, const char *key, json_t *value, bool *failed) {
  *failed = json_object_set_new(object, key, value) != 0 || *failed;
}

json_t *gradus_i_write_embeddings(const gradus_i_network *network, bool *failed) {
  if (network->embedded == 0)
    return NULL;
  json_t *list = json_array();
  size_t first = network->entry + 1 - network->embedded, growth = 0;
  for (size_t i = first; i <= network->entry; i++) {
    const gradus_i_node *node = &network->nodes[i];
    json_t *object = json_object();
    put(object, "name", json_string(node->name), failed);
    put(object, "column", json_integer((json_int_t)(node->first - growth)), failed);
    put(object, "levels", json_integer((json_int_t)node->levels), failed);
    put(object, "units", json_integer((json_int_t)node->units), failed);
    *failed = json_array_append_new(list, object) != 0 || *failed;
    growth += node->units - 1;
  }
  return list;
}
