// SPDX-License-Identifier: GPL-3.0-or-later
/* The one interface that solvers see: what is to be minimised, as sums over rows.

   F(θ) = Σ wᵢ ℓᵢ(θ) / Σ wᵢ + Σ λⱼ θⱼ²/2. A type of objective adds what a batch of rows gives to the
   sums; passes, threads, the division by Σw and the penalty are the same for all types and stand
   here. So one batch, many batches and streams add up to the same thing, and λ means the same for
   every batch size. */
#ifndef GRADUS_OBJECTIVE_OBJECTIVE_H
#define GRADUS_OBJECTIVE_OBJECTIVE_H

#include "../data/internal.h"

/* What is asked of rows; each order includes those before it. */
typedef enum gradus_i_order {
  GRADUS_I_LOSS,
  GRADUS_I_GRADIENT,
  GRADUS_I_MATRIX /* the Fisher, Gauss-Newton or Hessian matrix, whichever the type has */
} gradus_i_order;

/* Sums over rows, one block of doubles: Σ wℓ, Σ w, the gradient of Σ wℓ (dim; order GRADIENT), and
   its matrix (dim², upper triangle, column-major; order MATRIX). */
enum { GRADUS_I_SUM_LOSS, GRADUS_I_SUM_WEIGHT, GRADUS_I_SUM_GRADIENT };

/* Inputs of a mini-batch where they lie: row i is `stride` values long and begins at x +
   positions[i]·stride (positions NULL: i·stride). */
typedef struct gradus_i_inputs {
  const void *x; /* float if `single`, else double */
  size_t stride;
  bool single;
  const size_t *positions;
} gradus_i_inputs;

/* How a type trains on mini-batches with nothing made anew for each of them: in its own precision,
   by a team of threads, to the same bits for any number of them. REAL is float if `single`, else
   double. */
typedef struct gradus_i_training_type {
  bool (*single)(const void *model);
  /* Multiplications of a row, forward, roughly. */
  size_t (*work)(const void *model);
  /* Doubles of memory for batches of up to so many rows; and the memory made ready. */
  size_t (*size)(const void *model, size_t rows);
  void (*open)(const void *model, size_t rows, double *memory);
  /* Called by all threads of a team: sums (Σ wℓ, Σ w) and the gradient of Σ wℓ (dim REALs) at theta
     (REALs), all of them written and there when it returns. batch: without x. */
  void (*batch)(const void *model, double *memory, const void *theta, const gradus_batch *batch,
                const gradus_i_inputs *inputs, void *gradient, double *sums, gradus_i_team team);
} gradus_i_training_type;

typedef struct gradus_i_objective_type {
  const char *name;
  gradus_i_order order; /* the highest that it has */
  /* Doubles of scratch that `add` needs for a batch of so many rows. */
  size_t (*scratch_size)(const void *model, size_t rows, gradus_i_order order);
  /* Told before every evaluation, over all rows or over a mini-batch; NULL: nothing is to be done.
   */
  void (*begin)(const void *model, bool mini_batch);
  /* Adds the rows of a batch to the sums. Called by several threads, each with its own sums. Where
     θ is not allowed (a mean outside its family) the loss is +Inf and the rest may be anything. */
  gradus_status (*add)(const void *model, const double *theta, gradus_i_order order,
                       const gradus_batch *batch, double *sums, double *scratch, gradus_error *err);
  const gradus_i_training_type *training; /* NULL: mini-batches go by `add` */
} gradus_i_objective_type;

typedef struct gradus_i_objective {
  const gradus_i_objective_type *type;
  const void *model;           /* what the type works on */
  const gradus_source *source; /* the rows */
  size_t dim;                  /* of θ */
  size_t row_size;             /* doubles that a row moves: inputs and outputs; sizes the chunks */
  const double *penalty;       /* dim: λⱼ, or NULL */
  double l1; /* λ₁ of λ₁ Σ fⱼ|θⱼ| over the weights that decay, by subgradients */
  const double *l1_factor; /* dim: fⱼ; NULL: 1 */
  const bool *frozen;      /* dim: θⱼ is to stay as it is; or NULL */
  const bool *decays;      /* dim: θⱼ is a weight, which AdamW's decay takes; NULL: all are */
  /* dim: what the j-th entry of the gradient is measured against, so that a certificate means the
     same for all problems and solvers; NULL: 1. */
  const double *scale;
  int threads;
} gradus_i_objective;

/* F at θ by one pass; gradient (dim, 0 where frozen; order GRADIENT) and matrix (dim², upper
   triangle, column-major, not touched by `frozen`; order MATRIX) may be NULL where not asked for.
   weight (may be NULL): Σw. Errors: those of reading, _OUT_OF_MEMORY, _UNSUPPORTED (an order that
   the type does not have). */
typedef struct gradus_i_value {
  double loss, weight; /* F, and Σw */
  double *gradient, *matrix;
} gradus_i_value;
gradus_status gradus_i_objective_evaluate(const gradus_i_objective *objective, const double *theta,
                                          gradus_i_order order, gradus_i_value *value,
                                          gradus_error *err);

/* The same for one batch of rows in the place of all (its Σw, its mean loss): what mini-batches
   descend. sums: gradus_i_objective_sums_size doubles; scratch: as the type says. */
size_t gradus_i_objective_sums_size(const gradus_i_objective *objective, gradus_i_order order);
gradus_status gradus_i_objective_batch(const gradus_i_objective *objective, const double *theta,
                                       gradus_i_order order, const gradus_batch *batch,
                                       double *sums, double *scratch, gradus_i_value *value,
                                       gradus_error *err);

/* max over j of |gradientⱼ| / scaleⱼ: 0 at an optimum. NaN if any entry is. */
double gradus_i_objective_certificate(const gradus_i_objective *objective, const double *gradient);

#endif
