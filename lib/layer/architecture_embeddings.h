// SPDX-License-Identifier: GPL-3.0-or-later
/* The member "embeddings" of an architecture's JSON text: a list of {"name", "column", "levels",
   "units"}. */
#ifndef GRADUS_LAYER_ARCHITECTURE_EMBEDDINGS_H
#define GRADUS_LAYER_ARCHITECTURE_EMBEDDINGS_H

#include "build.h"
#include <jansson.h>

/* Reads it, if it is there, into *list (the caller's to release; names are borrowed of `root`) and
   the options, which must have none or the same. */
gradus_status gradus_i_read_embeddings(gradus_i_build_options *options, gradus_embedding **list,
                                       const json_t *root, gradus_error *err);
/* Of a shape that layers see, the columns' own before their embeddings, and the other way round;
   false: there is no such shape. */
bool gradus_i_shape_narrow(gradus_i_shape *shape, const gradus_i_build_options *options);
bool gradus_i_shape_widen(gradus_i_shape *shape, const gradus_i_build_options *options);
/* NULL: the network has none, or memory is out (*failed). */
json_t *gradus_i_write_embeddings(const gradus_i_network *network, bool *failed);

#endif
