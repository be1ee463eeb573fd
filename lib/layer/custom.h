// SPDX-License-Identifier: GPL-3.0-or-later
/* Activations and layers of a user's own (gradus/layer.h) as types of ours. */
#ifndef GRADUS_LAYER_CUSTOM_H
#define GRADUS_LAYER_CUSTOM_H

#include "layer.h"
#include <gradus/layer.h>

extern const gradus_i_layer_type gradus_i_layer_custom_activation; /* custom: gradus_activation */
extern const gradus_i_layer_type gradus_i_layer_custom;            /* custom: gradus_layer_type */

/* By name among the user's; NULL. custom may be NULL. */
const gradus_activation *gradus_i_custom_activation(const gradus_custom *custom, const char *name);
const gradus_layer_type *gradus_i_custom_layer(const gradus_custom *custom, const char *name);
const gradus_loss *gradus_i_custom_loss_find(const gradus_custom *custom, const char *name);

/* Every table has what it must have, under a name that is no other's. */
gradus_status gradus_i_custom_check(const gradus_custom *custom, gradus_error *err);
gradus_status gradus_i_custom_check_loss(const gradus_loss *loss, gradus_error *err);

/* "dense", "activation", … or the user's name; of an activation layer its function's name, else
   NULL. */
const char *gradus_i_node_type_name(const gradus_i_node *node);
const char *gradus_i_node_activation_name(const gradus_i_node *node);

#endif
