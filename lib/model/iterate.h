// SPDX-License-Identifier: GPL-3.0-or-later
/* A model with one affine map, brought to its solution by a solver of objectives. */
#ifndef GRADUS_MODEL_ITERATE_H
#define GRADUS_MODEL_ITERATE_H

#include "../objective/loss.h"
#include "../solver/solver.h"
#include "internal.h"

typedef struct gradus_i_iteration {
  const gradus_i_solver *solver;
  const gradus_source *source; /* its responses are what the loss takes */
  size_t k;                    /* linear predictors */
  bool intercept;
  const gradus_i_loss *loss;
  const void *loss_data;
  const double *bias;  /* k: of the model without inputs, to start from; NULL: 0 */
  const double *start; /* as theta below: to start from in the place of bias; NULL: none */
  const bool *dropped; /* q, intercept first: columns whose weights stay 0; NULL: none */
  /* Classes of softmax: k + 1 shares of Σw, from which L-BFGS is told how the predictors go
     together; NULL: none. */
  const double *shares;
  bool to_standstill; /* without a tolerance asked for, go on until rounding stops it */
  /* l2, l2_bias, start, max_iterations, tolerance, seed, descent, progress, threads. */
  const gradus_fit_options *options;
} gradus_i_iteration;

/* The solver works on columns with mean 0 and deviation 1 (without an intercept, or with a
   penalised one: root mean square 1), and what it finds is carried back exactly: weights times the
   factor, the bias less weights times centres. The penalty is one on the weights as they are here.

   theta: k×p weights, then k biases (with an intercept), in the units of the data; dropped ones 0.
   report: all but the condition. Errors: those of gradus_i_minimise; _INVALID_ARGUMENT (options),
   _SHAPE (start), _NON_FINITE. */
gradus_status gradus_i_iterate(const gradus_i_iteration *problem, double *theta,
                               gradus_solver_report *report, gradus_error *err);

/* How columns get the mean 0 (if centred) and the root mean square 1: x' = (x - centre)·factor,
   into arrays of the caller's. Errors: those of gradus_i_column_moments. */
gradus_status gradus_i_standard_find(gradus_i_standard *standard, const gradus_source *source,
                                     bool centred, int threads, gradus_error *err);
/* A source (inner borrowed) with columns of mean 0 (if centred) and root mean square 1; `standard`
   (arrays of the caller's) tells how. Errors: those of gradus_i_column_moments. */
gradus_status gradus_i_standardise(gradus_source **scaled, gradus_i_standard *standard,
                                   const gradus_source *inner, bool centred, int threads,
                                   gradus_error *err);

/* The start of a fit in the order of θ (k×p weights, then k biases; a dropped column's: 0). Errors:
   _SHAPE. */
gradus_status gradus_i_read_start(double *theta, const gradus_params *start, size_t k, size_t p,
                                  bool intercept, gradus_error *err);

/* Whether the choice of the solver is left to the model: NULL or "auto". */
bool gradus_i_solver_is_automatic(const gradus_fit_options *options);
/* The solver of objectives of that name; NULL for NULL, "auto" and names of other ways to solve. */
const gradus_i_solver *gradus_i_iterative_solver(const gradus_fit_options *options);
/* l2, tolerance and what descent takes lie where they must. */
gradus_status gradus_i_check_iteration(const gradus_fit_options *options, gradus_error *err);

#endif
