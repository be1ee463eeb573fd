// SPDX-License-Identifier: GPL-3.0-or-later
/* Model layer: what a fit holds. */
#ifndef GRADUS_MODEL_INTERNAL_H
#define GRADUS_MODEL_INTERNAL_H

#include "../data/internal.h"
#include <gradus/fit.h>
#include <gradus/inference.h>

enum { GRADUS_I_WARNINGS_MAX = 8 };

/* Per response. Sums of squares are of the response divided by `scale`, a power of two, so that
   they neither overflow nor underflow; sigma = scale * sqrt(rss / df). */
typedef struct gradus_i_response {
  char *name;
  double scale;
  double rss, tss;             /* tss about the mean, or about zero without an intercept */
  double residual_quantile[5]; /* in the units of the response */
} gradus_i_response;

/* q = coefficients of one response: the intercept (if any) first, then the p weights. */
struct gradus_fit {
  const char *model; /* static storage */
  gradus_params *params;
  gradus_design *design; /* owned; NULL for a fit from matrices */
  bool has_intercept;
  size_t p, k, q, rank;
  char **alias;  /* q: relation of a dropped column, NULL for a kept one */
  bool *dropped; /* q */
  char **names;  /* q: made for fits from matrices, else NULL */

  /* Covariance of the coefficients of response r: (scale_r)^2 rss_r/df * U, U_ij = unscaled_ij *
     column_scale_i * column_scale_j with column_scale powers of two. Zero rows for dropped columns.
     NULL for a penalised fit. */
  double *unscaled;     /* q*q row-major */
  double *column_scale; /* q */
  /* Robust: covariance of response r in the same scaling, *including* its sigma^2 (times
   * scale_r^2): k*q*q, or NULL. */
  double *robust;
  gradus_robust robust_type;

  gradus_weight_kind weight_kind;
  double nobs, df_residual; /* Σw for frequency weights */
  double effective_df;
  double sum_log_weight; /* analytic weights: logLik has it */
  size_t rows, dropped_rows;
  double l2;
  gradus_i_response *responses; /* k */

  gradus_solver_report solver; /* strings of static storage */
  gradus_error warnings[GRADUS_I_WARNINGS_MAX];
  size_t warning_count;
};

/* Adds a warning (beyond the maximum they are dropped), hands its sentence to err, and returns its
 * code. */
gradus_status gradus_i_fit_warn(gradus_fit *fit, gradus_error *err, gradus_status code,
                                const char *format, ...) GRADUS_I_PRINTF(4, 5);

/* A fit of this shape with params and arrays allocated, everything zero; `names` as in
 * gradus_fit_coefficient_name come later. */
gradus_status gradus_i_fit_new(gradus_fit **fit, const char *model, size_t p, size_t k,
                               bool has_intercept, bool with_covariance, gradus_error *err);

#endif
