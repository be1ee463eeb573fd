// SPDX-License-Identifier: GPL-3.0-or-later
/* Options of layers between a node's fields and JSON, by the tables of their types. */
#ifndef GRADUS_LAYER_ARCHITECTURE_OPTIONS_H
#define GRADUS_LAYER_ARCHITECTURE_OPTIONS_H

#include "layer.h"
#include <jansson.h>

/* Refuses members that a layer of the node's type does not have, naming those it may have. */
gradus_status gradus_i_check_options(const gradus_i_node *node, const json_t *layer,
                                     gradus_error *err);
gradus_status gradus_i_read_options(gradus_i_node *node, const json_t *layer, gradus_error *err);
/* *failed: memory is out. */
void gradus_i_write_options(const gradus_i_node *node, json_t *layer, bool *failed);
/* layer "NAME": "KEY" must be MUST, not what it is (NULL: it is not there). */
gradus_status gradus_i_refuse_option(const gradus_i_node *node, const char *key, const char *must,
                                     const json_t *is, gradus_error *err);
/* 1 to GRADUS_I_SHAPE_MAX whole numbers of 1 or more; false: it is something else. */
bool gradus_i_read_shape(const json_t *list, gradus_i_shape *shape);
json_t *gradus_i_write_shape(const gradus_i_shape *shape, bool *failed);

#endif
