// SPDX-License-Identifier: GPL-3.0-or-later
/* A training on its way, as a file. */
#ifndef GRADUS_MODEL_NETWORK_CHECKPOINT_H
#define GRADUS_MODEL_NETWORK_CHECKPOINT_H

#include "network.h"

typedef struct gradus_i_checkpoint {
  const char *training; /* what is trained, and how, in words: must be the same to go on */
  size_t dim;
  double *theta, *best; /* dim each; best is nothing while best_epoch is 0 */
  double best_loss;
  size_t best_epoch, waited;
  uint64_t evaluation;
  gradus_i_memory *memory;    /* the solver's */
  gradus_i_network_fit *made; /* its history */
} gradus_i_checkpoint;

/* By a temporary file and a rename. */
gradus_status gradus_i_checkpoint_write(const gradus_i_checkpoint *checkpoint, const char *path,
                                        gradus_error *err);
/* Into the arrays of a checkpoint that has training, dim, theta and best; memory->values and
   made->history are made. Errors: _IO, _MODEL_FILE (no checkpoint, truncated, damaged, of a newer
   version), _SHAPE (of another training). */
gradus_status gradus_i_checkpoint_read(gradus_i_checkpoint *checkpoint, const char *path,
                                       gradus_error *err);

#endif
