// SPDX-License-Identifier: GPL-3.0-or-later
/* What only the model files of networks hold. */
#ifndef GRADUS_REPORT_MODEL_NETWORK_H
#define GRADUS_REPORT_MODEL_NETWORK_H

#include "../model/network.h"
#include "json_reader.h"
#include "model_file.h"

#define GRADUS_I_TENSOR_INPUTS "gradus.inputs"
#define GRADUS_I_TENSOR_OUTPUTS "gradus.outputs"

#define GRADUS_I_TENSOR_TRAINING "gradus.training"
#define GRADUS_I_TENSOR_OPTIMISER "gradus.optimiser"
#define GRADUS_I_TENSOR_NETWORK_ROOT "gradus.network_root"
#define GRADUS_I_TENSOR_NETWORK_LENGTH "gradus.network_length"
#define GRADUS_I_TENSOR_NETWORK_VALUE "gradus.network_value"
#define GRADUS_I_TENSOR_EFFECTS "gradus.effects"

/* The entry "network" of the description; nothing for other models. */
gradus_status gradus_i_put_network(json_t *root, const gradus_fit *fit, bool *failed,
                                   gradus_error *err);
/* Appends at most GRADUS_I_NETWORK_TENSORS tensors; returns how many. kept: room for
   GRADUS_I_NETWORK_KEPT numbers, which a tensor refers to. */
enum { GRADUS_I_NETWORK_TENSORS = 8 };
size_t gradus_i_list_network(gradus_i_tensor *tensors, const gradus_fit *fit, double *kept);

/* ---- model_network_errors.c ---- */

void gradus_i_put_network_errors(json_t *network, const gradus_i_network_fit *made, bool *failed);
size_t gradus_i_list_network_errors(gradus_i_tensor *tensors, const gradus_i_network_fit *made);
/* Of files that have them. */
void gradus_i_reader_network_errors(gradus_i_reader *r, const json_t *network, gradus_fit *fit);

/* ---- model_network.c ---- */

/* Whether the file has tensors of the sizes that its description of a network claims. */
void gradus_i_reader_check_network(gradus_i_reader *r, size_t columns, size_t responses);
/* Whether it was trained by a loss of a user's own. */
bool gradus_i_reader_has_custom_loss(const gradus_i_reader *r);
/* The network of a fit that has its family, link and levels; its blocks are read later. */
void gradus_i_reader_network(gradus_i_reader *r, gradus_fit *fit);

#endif
