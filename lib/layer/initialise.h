// SPDX-License-Identifier: GPL-3.0-or-later
/* How θ starts. */
#ifndef GRADUS_LAYER_INITIALISE_H
#define GRADUS_LAYER_INITIALISE_H

#include "layer.h"
#include <gradus/layer.h>

typedef struct gradus_i_initialisation {
  gradus_initialiser initialiser;
  double scale; /* of those that have one; 0: their default */
  double bias;  /* what biases start at */
  uint64_t seed;
} gradus_i_initialisation;

/* Fills all of the network's θ: weights by the initialiser, biases by `bias`, norms by their types'
   own start. A block's numbers depend on the seed and its name alone, so that a network that gains
   a layer keeps the others' start, and on no number of threads. Errors: _INVALID_ARGUMENT (unknown
   initialiser; scale or bias not finite), _TOO_LARGE, _OUT_OF_MEMORY. */
gradus_status gradus_i_network_initialise(gradus_i_network *network,
                                          const gradus_i_initialisation *how, gradus_error *err);
/* The same for one weight block, values (block->size); AUTO means Glorot. */
gradus_status gradus_i_block_initialise(const gradus_block *block,
                                        const gradus_i_initialisation *how, double *values,
                                        gradus_error *err);

#endif
