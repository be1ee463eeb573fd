// SPDX-License-Identifier: GPL-3.0-or-later
#include "embeddings.h"

#include <string.h>

size_t gradus_i_embedding_units(const gradus_embedding *embedding) {
  enum { MOST = 50 };
  size_t half = embedding->levels / 2 + embedding->levels % 2;
  if (embedding->units > 0)
    return embedding->units;
  return half > MOST ? MOST : half;
}

size_t gradus_i_embeddings_growth(const gradus_embedding *embeddings, size_t count) {
  size_t growth = 0;
  for (size_t i = 0; i < count; i++) {
    size_t units = gradus_i_embedding_units(&embeddings[i]);
    growth += units > 0 && units <= GRADUS_I_UNITS_MAX ? units - 1 : 0;
  }
  return growth;
}

/* Bytes that continue the character which a byte of UTF-8 begins; -1: it begins none. */
static int continuation(unsigned char byte) {
  return byte < 0x80                   ? 0
         : byte >= 0xC2 && byte < 0xE0 ? 1
         : byte >= 0xE0 && byte < 0xF0 ? 2
         : byte >= 0xF0 && byte < 0xF5 ? 3
                                       : -1;
}

static bool is_utf8(const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  while (*at) {
    int more = continuation(*at++);
    if (more < 0)
      return false;
    for (; more > 0; more--, at++)
      if ((*at & 0xC0) != 0x80)
        return false;
  }
  return true;
}

static gradus_status check_name(const gradus_embedding *embedding, gradus_error *err) {
  const char *name = embedding->name;
  if (!name || !*name)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the embedding of column %zu (the first is 0) needs a name",
                         embedding->column);
  if (strlen(name) > GRADUS_I_EMBEDDING_NAME_MAX || !is_utf8(name))
    return gradus_i_fail(
        err, GRADUS_ERROR_INVALID_ARGUMENT,
        "the factor \"%.40s...\" names a block of parameters where it is embedded: "
        "its name must be UTF-8 of at most %d bytes",
        is_utf8(name) ? name : "", GRADUS_I_EMBEDDING_NAME_MAX);
  if (strcmp(name, "input") == 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the factor \"input\" cannot be embedded under that name, which the "
                         "network's input has: give the column another one");
  return GRADUS_OK;
}

/* The first column from `least` on that is embedded; NULL: there is none. */
static const gradus_embedding *next_of(const gradus_embedding *embeddings, size_t count,
                                       size_t least) {
  const gradus_embedding *next = NULL;
  for (size_t i = 0; i < count; i++)
    if (embeddings[i].column >= least && (!next || embeddings[i].column < next->column))
      next = &embeddings[i];
  return next;
}

static gradus_status add(gradus_i_network *network, const gradus_embedding *embedding,
                         size_t growth, gradus_error *err) {
  gradus_i_node node = {.type = &gradus_i_layer_column_embedding,
                        .name = (char *)(uintptr_t)embedding->name,
                        .inputs = {network->entry},
                        .input_count = 1,
                        .first = embedding->column + growth,
                        .levels = embedding->levels,
                        .units = gradus_i_embedding_units(embedding)};
  gradus_status status = check_name(embedding, err);
  if (status <= 0)
    status = gradus_i_network_add(network, &node, &network->entry, err);
  if (status <= 0)
    network->embedded++;
  return status;
}

static gradus_status check_columns(const gradus_i_network *network,
                                   const gradus_embedding *embeddings, size_t count,
                                   gradus_error *err) {
  const gradus_i_shape *shape = &network->nodes[network->entry].out;
  size_t features = shape->extent[shape->rank - 1];
  for (size_t i = 0; i < count; i++) {
    if (embeddings[i].column >= features)
      return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                           "the embedding \"%.100s\" is of column %zu (the first is 0): there %s "
                           "%zu",
                           embeddings[i].name ? embeddings[i].name : "", embeddings[i].column,
                           features == 1 ? "is" : "are", features);
    for (size_t k = 0; k < i; k++)
      if (embeddings[k].column == embeddings[i].column)
        return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                             "column %zu (the first is 0) is embedded twice", embeddings[i].column);
  }
  return GRADUS_OK;
}

gradus_status gradus_i_network_embed(gradus_i_network *network, const gradus_embedding *embeddings,
                                     size_t count, gradus_error *err) {
  const gradus_embedding *embedding;
  gradus_status status = check_columns(network, embeddings, count, err);
  for (size_t growth = 0, least = 0;
       status <= 0 && (embedding = next_of(embeddings, count, least)) != NULL;
       least = embedding->column + 1) {
    status = add(network, embedding, growth, err);
    growth += gradus_i_embeddings_growth(embedding, 1);
  }
  return status;
}
