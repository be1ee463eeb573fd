// SPDX-License-Identifier: GPL-3.0-or-later
/* Multinomial models: what their files share. */
#ifndef GRADUS_MODEL_MULTINOMIAL_H
#define GRADUS_MODEL_MULTINOMIAL_H

#include "../objective/loss.h"
#include "../solver/solver.h"
#include "internal.h"

/* What the rows of positive weight hold. */
typedef struct gradus_i_class_sums {
  double *weight;     /* per class: Σw */
  double total, rows; /* Σw of all, and their number */
} gradus_i_class_sums;

/* Counts `classes` classes; sums->weight is the caller's, so long. Errors: _BAD_RESPONSE (no number
 * of a class). */
gradus_status gradus_i_class_sums_of(gradus_i_class_sums *sums, const gradus_source *source,
                                     size_t classes, int threads, gradus_error *err);

/* How many rows of positive weight have at θ, among the classes that they are not of, one with a
   probability below 1e-8: a sign of separation. */
gradus_status gradus_i_class_extremes(double *count, const gradus_source *source,
                                      const gradus_i_affine *model, const double *theta,
                                      int threads, gradus_error *err);

/* Whether the columns that are not dropped separate classes, so that the likelihood has no maximum:
   _SEPARATION, naming columns, classes and directions. source: standardised as `standard` says. A
   warning of the fit where that is too much work. */
gradus_status gradus_i_check_classes_separated(gradus_fit *fit, const gradus_source *source,
                                               const gradus_i_standard *standard,
                                               gradus_error *err);

/* A model on its way to its fit. */
typedef struct gradus_i_multinomial {
  const gradus_source *source;
  const gradus_fit_options *options; /* threads: how many to use */
  size_t classes, k, p, q, dim;
  const char *const *levels;       /* classes, or NULL: their numbers */
  gradus_i_least_squares *columns; /* rank, relations, scales, condition */
  gradus_i_class_sums sums;
  gradus_i_affine model;
  const gradus_i_solver *solver;
  double *theta;  /* dim, in the units of the data */
  double *bias;   /* k: of the model without inputs */
  double *shares; /* classes: of Σw */
  gradus_solver_report report;
} gradus_i_multinomial;

/* The level of a class, or its number in words. */
const char *gradus_i_level_name(const gradus_i_multinomial *s, size_t class, char *number,
                                size_t size);
/* The fit of a solution; the design, if any, goes over to it. */
gradus_status gradus_i_multinomial_fill(gradus_fit **fit, const gradus_i_multinomial *s,
                                        gradus_design **design, gradus_error *err);

#endif
