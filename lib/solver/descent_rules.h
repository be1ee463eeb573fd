// SPDX-License-Identifier: GPL-3.0-or-later
/* The parts of gradient descent that know nothing of rows: rules, learning rates, clipping, and
   the shuffled mini-batches that they are fed with. */
#ifndef GRADUS_SOLVER_DESCENT_RULES_H
#define GRADUS_SOLVER_DESCENT_RULES_H

#include "../objective/objective.h"
#include <gradus/solver.h>
#include <gsl/gsl_rng.h>

/* ---- rules ---- */

/* The constants of a step. */
typedef struct gradus_i_rule_step {
  double rate;         /* η, after the schedule */
  double momentum;     /* β, or β₁ */
  double decay_square; /* β₂ */
  double epsilon;
  double count;           /* of this step, from 1 */
  double bias, root_bias; /* Adam's: 1 - β₁ᵗ, √(1 - β₂ᵗ) */
  const double *decay;    /* dim: what AdamW takes of θ, beside η */
} gradus_i_rule_step;

typedef struct gradus_i_descent_rule {
  const char *name;
  size_t state;                       /* vectors of dim that it keeps, zero at first */
  double rate, decay_square, epsilon; /* defaults */
} gradus_i_descent_rule;

/* NULL for AUTO, which is no rule of this kind, and for numbers that name none. */
const gradus_i_descent_rule *gradus_i_descent_rule_find(gradus_rule rule);

/* The next step: its number, and what of the constants depends on it. */
void gradus_i_rule_step_count(gradus_i_rule_step *step, gradus_rule rule);

/* How sums over rows become a gradient. */
typedef struct gradus_i_descent_gradient {
  double scale;          /* 1 / Σw */
  const double *penalty; /* dim: λⱼ; or NULL */
  const bool *frozen;    /* dim; or NULL */
  const double *l1;      /* dim: of l1ⱼ|θⱼ|, by subgradients that are 0 at 0; or NULL */
} gradus_i_descent_gradient;

/* What is done to entries first .. end - 1 of θ, in double (_d) and float (_f); the same bits
   however θ is cut at multiples of GRADUS_I_DESCENT_CHUNK. */
enum { GRADUS_I_DESCENT_CHUNK = 4096, GRADUS_I_RULES = GRADUS_RULE_ADAMW + 1 };
#define GRADUS_I_DESCENT_KERNELS(real, suffix)                                                      \
  typedef struct gradus_i_descent_kernels_##suffix {                                                \
    /* Sums become the gradient of F; adds the penalties to *penalty_sum; false: not finite. */     \
    bool (*finish)(const gradus_i_descent_gradient *how, size_t first, size_t end,                  \
                   const real *theta, real *gradient, double *penalty_sum);                         \
    /* By rule. θ ← θ - step; entries whose gradients have all been 0 are left as they are, but \
       for decay. state: vectors of dim. */                                                         \
    void (*step[GRADUS_I_RULES])(const gradus_i_rule_step *step, size_t dim, size_t first,          \
                                 size_t end, const real *gradient, real *state, real *theta);       \
  } gradus_i_descent_kernels_##suffix;                                                              \
  const gradus_i_descent_kernels_##suffix *gradus_i_descent_kernels_find_##suffix(void);
GRADUS_I_DESCENT_KERNELS(double, d)
GRADUS_I_DESCENT_KERNELS(float, f)
#undef GRADUS_I_DESCENT_KERNELS

/* Cuts entries beyond ±clip_value, then shortens to clip_norm; 0: does not. */
void gradus_i_clip(const gradus_descent_options *options, size_t dim, double *gradient);
void gradus_i_clip_f(const gradus_descent_options *options, size_t dim, float *gradient);

/* ---- learning rates ---- */

/* The rate of the iteration (or epoch) after `done` of `total` ones; rate: the first. */
double gradus_i_schedule_rate(const gradus_descent_options *options, double rate, size_t done,
                              size_t total);

/* ---- mini-batches ---- */

/* All rows in memory, in the precision of what trains on them: those of a matrix where they lie,
   others as a copy. */
typedef struct gradus_i_pool {
  gradus_batch all;       /* y, weight, offset; rows 0: there is no pool, and rows are gathered */
  gradus_i_inputs inputs; /* without positions */
  size_t responses;
  gradus_i_row_buffer copy;
  float *narrow;
  double *y, *weight, *offset; /* of a batch */
} gradus_i_pool;
gradus_status gradus_i_pool_open(gradus_i_pool *pool, const gradus_source *source, bool single,
                                 size_t batch_rows, gradus_error *err);
void gradus_i_pool_close(gradus_i_pool *pool);

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
  /* Asked before every batch (NULL: not): true ends the epoch there. */
  gradus_stop_function stop;
  void *stop_context;
  bool stopped;
} gradus_i_minibatches;

gradus_status gradus_i_minibatches_open(gradus_i_minibatches *m, const gradus_source *source,
                                        const gradus_descent_options *options, unsigned long seed,
                                        gradus_error *err);
/* Back to the first batch, of a new order. */
void gradus_i_minibatches_rewind(gradus_i_minibatches *m);
/* Asks whether the epoch is to end here; what comes next does so by itself. */
bool gradus_i_minibatches_are_over(gradus_i_minibatches *m);
/* batch->rows is 0 at the end of the epoch. */
gradus_status gradus_i_minibatches_next(gradus_i_minibatches *m, gradus_batch *batch,
                                        gradus_error *err);
/* What the order of later epochs depends on, as numbers: how many, out, and in again. Of other rows
   (another count) the generator alone is taken up. */
size_t gradus_i_minibatches_memory_size(const gradus_i_minibatches *m);
void gradus_i_minibatches_save(const gradus_i_minibatches *m, double *values);
void gradus_i_minibatches_restore(gradus_i_minibatches *m, const double *values, size_t count);
/* The same with the inputs where they lie, and without x in the batch. pool: of the same source. */
gradus_status gradus_i_minibatches_next_of(gradus_i_minibatches *m, const gradus_i_pool *pool,
                                           gradus_batch *batch, gradus_i_inputs *inputs,
                                           gradus_error *err);
void gradus_i_minibatches_close(gradus_i_minibatches *m);

#endif
