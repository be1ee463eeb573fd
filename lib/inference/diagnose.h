// SPDX-License-Identifier: GPL-3.0-or-later
/* From the numbers of a diagnosis to its findings. */
#ifndef GRADUS_INFERENCE_DIAGNOSE_H
#define GRADUS_INFERENCE_DIAGNOSE_H

#include "network.h"
#include <gradus/diagnosis.h>

/* Writes the findings of a diagnosis whose numbers stand. */
gradus_status gradus_i_find_faults(gradus_diagnosis *diagnosis, const gradus_i_network_view *view,
                                   gradus_error *err);
/* The dense or convolutional node whose units, side by side at every place, a node's values are; 0:
   there is none. */
size_t gradus_i_affine_before(const gradus_i_network *network, size_t node);
bool gradus_i_is_convolution(const gradus_i_node *node);
/* Weights of a unit of a dense or convolutional node, which lie unit by unit, before the biases. */
size_t gradus_i_unit_width(const gradus_i_node *node);

/* ---- diagnose_filters.c ---- */

/* Fills same_as and repeated of a layer of filters, same_as standing as 1 for dead filters and as 0
   for others. */
void gradus_i_compare_filters(gradus_layer_diagnosis *layer, const gradus_i_network_view *view,
                              size_t activation);

/* ---- diagnose_recurrent.c ---- */

/* Room for sums over the rows, and for work on a block of them; 0 without recurrences. */
size_t gradus_i_lags_sums(const gradus_i_network *network);
size_t gradus_i_lags_scratch(const gradus_i_network *network);
/* After backward. */
void gradus_i_lags_add(const gradus_i_network_rows *rows, const gradus_batch *part, double *sums,
                       double *scratch);
/* Gives the diagnosis its recurrences; fills them from the sums. */
gradus_status gradus_i_lags_allocate(gradus_diagnosis *diagnosis, const gradus_i_network *network,
                                     gradus_error *err);
void gradus_i_lags_describe(gradus_diagnosis *diagnosis, const double *sums);
void gradus_i_lags_free(gradus_diagnosis *diagnosis);

#endif
