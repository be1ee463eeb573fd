// SPDX-License-Identifier: GPL-3.0-or-later
/* Epochs of mini-batches for objectives that train in a way of their own: in their precision, by a
   team of threads, everything made at the start. */
#ifndef GRADUS_SOLVER_TRAINING_H
#define GRADUS_SOLVER_TRAINING_H

#include "descent_rules.h"

typedef struct gradus_i_training {
  const gradus_i_objective *objective;
  const gradus_descent_options *options;
  gradus_i_pool pool;
  bool single;
  size_t chunks;
  int threads;
  double *memory; /* of the objective's type */
  /* dim REALs: θ (double precision: the solver's own), its gradient, what the rule keeps. */
  void *theta, *gradient, *state;
  double *penalties; /* of the chunks */
  bool *finite;
  double *l1; /* dim; NULL: there is none */
} gradus_i_training;

/* batch_rows: of a batch at most; state: vectors that the rule keeps. */
gradus_status gradus_i_training_open(gradus_i_training *t, const gradus_i_objective *objective,
                                     const gradus_descent_options *options, size_t batch_rows,
                                     size_t state, gradus_error *err);
void gradus_i_training_close(gradus_i_training *t);

/* What the rule keeps, as doubles: `count` of them, out, and in again. */
void gradus_i_training_save(const gradus_i_training *t, size_t count, double *values);
void gradus_i_training_restore(gradus_i_training *t, size_t count, const double *values);
/* The gradient of the last batch (dim). */
void gradus_i_training_gradient(const gradus_i_training *t, double *gradient);

/* One epoch from theta, which it moves, and *loss, the mean over its batches. *left is 0, or the
   number (from 1) of the batch whose loss or gradient is not finite, where it ended; θ is then of
   no use, and *loss that of this batch. */
gradus_status gradus_i_training_epoch(gradus_i_training *t, gradus_i_minibatches *batches,
                                      gradus_i_rule_step *step, double *theta, double *loss,
                                      size_t *left, gradus_error *err);

#endif
