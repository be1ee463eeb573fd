// SPDX-License-Identifier: GPL-3.0-or-later
/* What is near the inverse of the Fisher matrix of softmax, for L-BFGS on standardised columns. */
#ifndef GRADUS_MODEL_SOFTMAX_METRIC_H
#define GRADUS_MODEL_SOFTMAX_METRIC_H

#include "../objective/loss.h"
#include "../solver/solver.h"

typedef struct gradus_i_softmax_metric {
  const gradus_i_affine *model; /* k predictors, class 0 the reference */
  const double *shares;         /* k + 1 */
  const double *penalty;        /* of the objective, the same for all predictors; or NULL */
  double *factor;               /* of a Fisher matrix: upper Cholesky, dim²; NULL: none */
} gradus_i_softmax_metric;

/* vector (dim) = M·vector; metric: a gradus_i_softmax_metric. Without a factor M is the inverse of
   diag(π) - ππᵀ + λ for every column by itself: the matrix at the start, where predictors are those
   of the shares π, if columns do not go together and have variance 1. */
void gradus_i_softmax_metric_apply(const void *metric, double *vector);

/* Where there are many more rows than parameters, and any of them can be read: minimises the
   objective over a sample of its rows, roughly, so that theta is as near to the solution as the
   sample can tell (if `move`), and takes the Fisher matrix of the sample there. That costs as much
   as two or three evaluations; ten to fifteen more then lead to the solution, whatever the columns.
   Otherwise nothing is done. Clear the metric in any case. Errors: those of evaluation. */
gradus_status gradus_i_softmax_sample(gradus_i_softmax_metric *metric,
                                      const gradus_i_objective *objective, bool move, double *theta,
                                      gradus_error *err);
void gradus_i_softmax_metric_clear(gradus_i_softmax_metric *metric);

#endif
