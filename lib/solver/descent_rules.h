// SPDX-License-Identifier: GPL-3.0-or-later
/* The parts of gradient descent that know nothing of rows: rules, learning rates, clipping, and
   the shuffled mini-batches that they are fed with. */
#ifndef GRADUS_SOLVER_DESCENT_RULES_H
#define GRADUS_SOLVER_DESCENT_RULES_H

#include "../data/internal.h"
#include <gradus/solver.h>
#include <gsl/gsl_rng.h>

/* ---- rules ---- */

/* The constants of a step. */
typedef struct gradus_i_rule_step {
  double rate;         /* η, after the schedule */
  double momentum;     /* β, or β₁ */
  double decay_square; /* β₂ */
  double epsilon;
  double count;        /* of this step, from 1 */
  const double *decay; /* dim: what AdamW takes of θ, beside η */
} gradus_i_rule_step;

typedef struct gradus_i_descent_rule {
  const char *name;
  size_t state;                       /* vectors of dim that it keeps, zero at first */
  double rate, decay_square, epsilon; /* defaults */
  /* θ ← θ - step; entries whose gradients have all been 0 are left as they are, but for decay. */
  void (*step)(const gradus_i_rule_step *step, size_t dim, const double *gradient, double *state,
               double *theta);
} gradus_i_descent_rule;

/* NULL for AUTO, which is no rule of this kind, and for numbers that name none. */
const gradus_i_descent_rule *gradus_i_descent_rule_find(gradus_rule rule);

/* Cuts entries beyond ±clip_value, then shortens to clip_norm; 0: does not. */
void gradus_i_clip(const gradus_descent_options *options, size_t dim, double *gradient);

/* ---- learning rates ---- */

/* The rate of the iteration (or epoch) after `done` of `total` ones; rate: the first. */
double gradus_i_schedule_rate(const gradus_descent_options *options, double rate, size_t done,
                              size_t total);

/* ---- mini-batches ---- */

/* Batches of an epoch. Rows that can be read in any order come in a random one, new in every epoch;
   those of a stream come in turn, shuffled within a buffer of some thousands. */
typedef struct gradus_i_minibatches {
  gradus_cursor *cursor;
  size_t size; /* rows of a batch; the last one of an epoch may be shorter */
  bool keep_order, stream;
  void *random;  /* state of the generator */
  size_t *order; /* of all rows, or of the buffer's slots */
  size_t rows;   /* in `order` */
  size_t next;   /* place in `order` (or, in their order, among the rows) of the next batch */
  gradus_i_row_buffer buffer, batch; /* of a stream */
  size_t capacity, position;         /* of the buffer; rows of the stream that were read */
  bool ended;                        /* the stream */
} gradus_i_minibatches;

gradus_status gradus_i_minibatches_open(gradus_i_minibatches *m, const gradus_source *source,
                                        const gradus_descent_options *options, unsigned long seed,
                                        gradus_error *err);
/* Back to the first batch, of a new order. */
void gradus_i_minibatches_rewind(gradus_i_minibatches *m);
/* batch->rows is 0 at the end of the epoch. */
gradus_status gradus_i_minibatches_next(gradus_i_minibatches *m, gradus_batch *batch,
                                        gradus_error *err);
/* What the order of later epochs depends on, as numbers: how many, out, and in again. Of other rows
   (another count) the generator alone is taken up. */
size_t gradus_i_minibatches_memory_size(const gradus_i_minibatches *m);
void gradus_i_minibatches_save(const gradus_i_minibatches *m, double *values);
void gradus_i_minibatches_restore(gradus_i_minibatches *m, const double *values, size_t count);
void gradus_i_minibatches_close(gradus_i_minibatches *m);

#endif
