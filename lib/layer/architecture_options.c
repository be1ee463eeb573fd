// SPDX-License-Identifier: GPL-3.0-or-later
#include "architecture_options.h"
#include "custom.h"

#include <math.h>
#include <string.h>

gradus_status gradus_i_refuse_option(const gradus_i_node *node, const char *key, const char *must,
                                     const json_t *is, gradus_error *err) {
  char text[41] = "";
  size_t length =
      is ? json_dumpb(is, text, sizeof text - 1, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) : 0;
  bool shown = length > 0 && length < sizeof text;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "layer \"%s\": \"%s\" must be %s%s%s",
                       node->name, key, must, shown ? ", not " : "", shown ? text : "");
}

static const gradus_i_layer_option *options_of(const gradus_i_node *node) {
  static const gradus_i_layer_option none[] = {{NULL, GRADUS_I_OPTION_FLAG, 0}};
  static const gradus_i_layer_option activation[] = {{"activation", GRADUS_I_OPTION_ACTIVATION, 0},
                                                     {NULL, GRADUS_I_OPTION_FLAG, 0}};
  if (node->type == &gradus_i_layer_custom_activation)
    return activation;
  return node->type->options ? node->type->options : none;
}

static bool is_known(const gradus_i_node *node, const char *key) {
  static const char *const common[] = {"type", "name", "inputs", "penalty"};
  for (size_t i = 0; i < sizeof common / sizeof *common; i++)
    if (strcmp(common[i], key) == 0)
      return true;
  for (const gradus_i_layer_option *o = options_of(node); o->key; o++)
    if (strcmp(o->key, key) == 0)
      return true;
  return false;
}

gradus_status gradus_i_check_options(const gradus_i_node *node, const json_t *layer,
                                     gradus_error *err) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)layer, key, value) {
    if (is_known(node, key))
      continue;
    gradus_i_text known = {0};
    for (const gradus_i_layer_option *o = options_of(node); o->key; o++)
      gradus_i_text_format(&known, ", %s", o->key);
    gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                  "layer \"%s\": a layer of type %s has no option \"%.64s\"; it may have name, "
                  "inputs, penalty%s",
                  node->name, gradus_i_node_type_name(node), key, known.data ? known.data : "");
    gradus_i_text_clear(&known);
    return GRADUS_ERROR_INVALID_ARGUMENT;
  }
  return GRADUS_OK;
}

/* ---- reading ---- */

static bool read_whole(const json_t *json, json_int_t least, size_t *value) {
  if (!json_is_integer(json) || json_integer_value(json) < least)
    return false;
  *value = (size_t)json_integer_value(json);
  return true;
}

/* A number for both, or a list of two. */
static bool read_pair(const json_t *json, json_int_t least, size_t pair[2]) {
  if (json_is_array(json))
    return json_array_size(json) == 2 && read_whole(json_array_get(json, 0), least, &pair[0]) &&
           read_whole(json_array_get(json, 1), least, &pair[1]);
  bool good = read_whole(json, least, &pair[0]);
  pair[1] = pair[0];
  return good;
}

static bool read_padding(const json_t *json, gradus_i_window *window) {
  const char *word = json_string_value(json);
  if (!word)
    return read_pair(json, 0, window->padding);
  window->same = strcmp(word, "same") == 0;
  return window->same || strcmp(word, "valid") == 0;
}

bool gradus_i_read_shape(const json_t *list, gradus_i_shape *shape) {
  *shape = (gradus_i_shape){.rank = json_array_size(list), .extent = {1, 1, 1}, .size = 1};
  if (shape->rank < 1 || shape->rank > GRADUS_I_SHAPE_MAX)
    return false;
  for (size_t i = 0; i < shape->rank; i++)
    if (!read_whole(json_array_get(list, i), 1, &shape->extent[i]) ||
        !gradus_i_multiply(shape->size, shape->extent[i], &shape->size))
      return false;
  return true;
}

static bool read_flag(const json_t *json, bool opposite, bool *flag) {
  *flag = opposite ? json_is_false(json) : json_is_true(json);
  return json_is_boolean(json);
}

static bool read_real(const json_t *json, double *value) {
  *value = json_number_value(json);
  return json_is_number(json);
}

static bool read_option(gradus_i_node *node, const gradus_i_layer_option *o, const json_t *json) {
  void *field = (char *)node + o->offset;
  switch (o->kind) {
  case GRADUS_I_OPTION_COUNT:
    return read_whole(json, 1, field);
  case GRADUS_I_OPTION_WHOLE:
    return read_whole(json, 0, field);
  case GRADUS_I_OPTION_EXTENT:
    return read_pair(json, 1, field);
  case GRADUS_I_OPTION_PADDING:
    return read_padding(json, field);
  case GRADUS_I_OPTION_SHAPE:
    return gradus_i_read_shape(json, field);
  case GRADUS_I_OPTION_REAL: /* 0 would be the default */
    return read_real(json, field) && *(const double *)field != 0;
  case GRADUS_I_OPTION_NEEDED:
    return read_real(json, field);
  case GRADUS_I_OPTION_FLAG:
  case GRADUS_I_OPTION_NOT:
    return read_flag(json, o->kind == GRADUS_I_OPTION_NOT, field);
  case GRADUS_I_OPTION_ACTIVATION:
    node->activation = gradus_i_activation_find(json_string_value(json));
    return node->activation != NULL;
  }
  return false;
}

static gradus_status read_penalty(gradus_i_node *node, const json_t *json, gradus_error *err) {
  if (!json)
    return GRADUS_OK;
  node->has_penalty = true;
  node->penalty = json_number_value(json);
  return json_is_number(json) && node->penalty >= 0 && isfinite(node->penalty)
             ? GRADUS_OK
             : gradus_i_refuse_option(node, "penalty", "a number of 0 or more", json, err);
}

gradus_status gradus_i_read_options(gradus_i_node *node, const json_t *layer, gradus_error *err) {
  static const char *const must[] = {
      [GRADUS_I_OPTION_COUNT] = "a whole number of 1 or more",
      [GRADUS_I_OPTION_WHOLE] = "a whole number of 0 or more",
      [GRADUS_I_OPTION_EXTENT] = "a whole number of 1 or more, or a list of two",
      [GRADUS_I_OPTION_PADDING] = "\"valid\", \"same\", a whole number, or a list of two",
      [GRADUS_I_OPTION_SHAPE] = "a list of one to three whole numbers of 1 or more",
      [GRADUS_I_OPTION_REAL] = "a number above 0",
      [GRADUS_I_OPTION_NEEDED] = "given: a number of at least 0 and below 1",
      [GRADUS_I_OPTION_FLAG] = "true or false",
      [GRADUS_I_OPTION_NOT] = "true or false",
      [GRADUS_I_OPTION_ACTIVATION] = "the name of an activation",
  };
  for (const gradus_i_layer_option *o = options_of(node); o->key; o++) {
    const json_t *json = json_object_get(layer, o->key);
    if (json ? !read_option(node, o, json) : o->kind == GRADUS_I_OPTION_NEEDED)
      return gradus_i_refuse_option(node, o->key, must[o->kind], json, err);
  }
  return read_penalty(node, json_object_get(layer, "penalty"), err);
}

/* ---- writing ---- */

static json_t *write_pair(const size_t pair[2], bool *failed) {
  if (pair[0] == pair[1])
    return json_integer((json_int_t)pair[0]);
  json_t *list = json_array();
  for (size_t i = 0; i < 2; i++)
    *failed = json_array_append_new(list, json_integer((json_int_t)pair[i])) != 0 || *failed;
  return list;
}

json_t *gradus_i_write_shape(const gradus_i_shape *shape, bool *failed) {
  json_t *list = json_array();
  for (size_t i = 0; i < shape->rank; i++)
    *failed =
        json_array_append_new(list, json_integer((json_int_t)shape->extent[i])) != 0 || *failed;
  return list;
}

/* NULL: the field has its default. */
static json_t *write_option(const gradus_i_node *node, const gradus_i_layer_option *o,
                            bool *failed) {
  const void *field = (const char *)node + o->offset;
  const size_t *count = field;
  const gradus_i_window *window = field;
  switch (o->kind) {
  case GRADUS_I_OPTION_COUNT:
  case GRADUS_I_OPTION_WHOLE:
    return *count ? json_integer((json_int_t)*count) : NULL;
  case GRADUS_I_OPTION_EXTENT:
    return *count ? write_pair(count, failed) : NULL;
  case GRADUS_I_OPTION_PADDING:
    if (window->same)
      return json_string("same");
    return window->padding[0] || window->padding[1] ? write_pair(window->padding, failed) : NULL;
  case GRADUS_I_OPTION_SHAPE:
    return ((const gradus_i_shape *)field)->rank ? gradus_i_write_shape(field, failed) : NULL;
  case GRADUS_I_OPTION_REAL:
    return *(const double *)field > 0 ? json_real(*(const double *)field) : NULL;
  case GRADUS_I_OPTION_NEEDED:
    return json_real(*(const double *)field);
  case GRADUS_I_OPTION_FLAG:
  case GRADUS_I_OPTION_NOT:
    return *(const bool *)field ? json_boolean(o->kind == GRADUS_I_OPTION_FLAG) : NULL;
  case GRADUS_I_OPTION_ACTIVATION:
    return node->activation ? json_string(node->activation->name) : NULL;
  }
  return NULL;
}

void gradus_i_write_options(const gradus_i_node *node, json_t *layer, bool *failed) {
  if (node->has_penalty)
    *failed = json_object_set_new(layer, "penalty", json_real(node->penalty)) != 0 || *failed;
  for (const gradus_i_layer_option *o = options_of(node); o->key; o++) {
    bool by_model = node->units_by_model && o->offset == offsetof(gradus_i_node, units);
    bool own = node->type == &gradus_i_layer_custom_activation;
    json_t *value = by_model || own ? NULL : write_option(node, o, failed);
    if (value)
      *failed = json_object_set_new(layer, o->key, value) != 0 || *failed;
  }
}
