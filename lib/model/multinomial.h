// SPDX-License-Identifier: GPL-3.0-or-later
/* Multinomial models: what their files share. */
#ifndef GRADUS_MODEL_MULTINOMIAL_H
#define GRADUS_MODEL_MULTINOMIAL_H

#include "../objective/loss.h"
#include "../solver/separation.h"
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
  double half_log_determinant; /* of Firth's prior */
} gradus_i_multinomial;

/* scale (dim): the deviations of scores in the model without inputs, for standardised columns, that
   certificates are measured against. */
void gradus_i_class_scale(const gradus_i_multinomial *s, double *scale);

/* Jeffreys' prior |I(θ)|^½ at θ, of some coordinates of it. */
typedef struct gradus_i_class_prior {
  const gradus_i_multinomial *s;
  const gradus_source *source; /* rows in the units of theta */
  const double *theta;
  size_t m;            /* coordinates */
  const size_t *place; /* m: where they stand in theta */
  const double *root;  /* m×m, row-major: root·rootᵀ = I⁻¹ */
} gradus_i_class_prior;
/* added (m): its part of the score. */
gradus_status gradus_i_class_prior_score(gradus_i_class_prior *prior, double *added,
                                         gradus_error *err);

/* Brings s to Firth's estimates: theta, report, half_log_determinant (of the columns that are not
   dropped, in the units of the data). Errors: of passes; _SHAPE (the start). */
gradus_status gradus_i_multinomial_firth(gradus_i_multinomial *s, gradus_error *err);

/* The fit of a solution; the design, if any, goes over to it. */
gradus_status gradus_i_multinomial_fill(gradus_fit **fit, const gradus_i_multinomial *s,
                                        gradus_design **design, gradus_error *err);

/* What is computed at the estimates, for standardised columns. */
typedef struct gradus_i_class_estimates {
  gradus_i_standard standard;
  gradus_source *source;
  double *theta, *penalty; /* dim */
  gradus_i_value value;
  bool *left_out; /* dim: of dropped columns; at a limit what stays 0 beside them */
} gradus_i_class_estimates;

/* ---- multinomial_separation.c ---- */

/* Directions and what spans them, of all classes but the reference one after the other: width
   coefficients each, of the columns that are not dropped, the intercept first. */
typedef struct gradus_i_class_pairs {
  const gradus_source *source; /* standardised */
  const bool *dropped;         /* q */
  size_t k, p, q, width;
} gradus_i_class_pairs;

/* The row (k·width) of a pair: its product with a direction is what the predictor of class a gains
   on that of class b at x. */
void gradus_i_class_pair_row(const gradus_i_class_pairs *s, const double *x, size_t a, size_t b,
                             double *row);

typedef struct gradus_i_class_limit {
  gradus_i_class_pairs pairs;
  gradus_i_separation found; /* among the rows of pairs; separated: there is a limit */
} gradus_i_class_limit;
void gradus_i_class_limit_clear(gradus_i_class_limit *limit);

/* Whether the columns that are not dropped separate classes, so that the likelihood has no maximum.
   source: standardised as `standard` says; limit keeps it, and needs a clear in any case. A warning
   of the fit where that is too much work. Errors: _SEPARATION, naming columns, classes and
   directions, if that is what `what` asks for. */
gradus_status gradus_i_class_limit_find(gradus_i_class_limit *limit, gradus_fit *fit,
                                        const gradus_source *source,
                                        const gradus_i_standard *standard, gradus_separation what,
                                        gradus_error *err);
/* "quasi-complete separation: ... these estimates are infinite: age (other +Inf)". */
void gradus_i_class_limit_describe(gradus_i_text *text, const gradus_fit *fit,
                                   const gradus_i_class_limit *limit,
                                   const gradus_i_standard *standard);
/* Of the coefficient j of class r + 1, which is number `at` of those that are not dropped: -1 or 1
   where it goes to infinity, 0 where the direction is not determined; 2 if it is finite. */
int gradus_i_class_infinity(const gradus_i_class_limit *limit, const gradus_i_standard *standard,
                            size_t r, size_t j, size_t at);

/* ---- multinomial_limit.c ---- */

/* The maximum of the likelihood at infinity: of every row's probabilities of the classes that no
   direction parts from its own. Takes the place of what `at` was: θ, value (loss and matrix), and
   left_out; report tells how. Errors: those of gradus_i_minimise. */
gradus_status gradus_i_class_limit_solve(const gradus_i_class_limit *limit,
                                         const gradus_i_multinomial *s,
                                         gradus_i_class_estimates *at, gradus_solver_report *report,
                                         gradus_error *err);
/* Completes a fit with what was solved. Warns. */
gradus_status gradus_i_class_limit_take(gradus_fit *fit, const gradus_i_class_limit *limit,
                                        const gradus_i_class_estimates *at, gradus_error *err);

#endif
