// SPDX-License-Identifier: GPL-3.0-or-later
/* Inference layer: distribution tails, and products of rows with the root of a covariance. */
#ifndef GRADUS_INFERENCE_INTERNAL_H
#define GRADUS_INFERENCE_INTERNAL_H

#include "../model/internal.h"
#include "../objective/internal.h"
#include "../solver/internal.h"
#include <gradus/inference.h>

/* Tails that keep their digits down to 1e-300 and for degrees of freedom up to 1e9. NaN for NaN or
 * df <= 0. */
double gradus_i_t_two_sided(double t, double df);          /* P(|T| > |t|) */
double gradus_i_f_upper(double f, double df1, double df2); /* P(F > f) */
double gradus_i_normal_two_sided(double z);                /* P(|Z| > |z|) */
double gradus_i_chi_squared_upper(double x, double df);    /* P(X² > x) */
double gradus_i_normal_quantile(double level);             /* q with P(|Z| <= q) = level */
double gradus_i_t_quantile(double level, double df);       /* q with P(|T| <= q) = level */

/* Half the length of an interval, in standard errors: t for linear models (a network that is one
 * too), normal for generalised ones (R's confint.default). */
double gradus_i_reach(const gradus_fit *fit, double level);
/* Residual standard error of a response in its scaled units (times responses[r].scale in its own).
 */
double gradus_i_scaled_sigma(const gradus_fit *fit, size_t response);
/* The root (q*q, row-major) and factor that make the covariance of a response: factor²
 * D·root·rootᵀ·D in units of the response. */
const double *gradus_i_covariance_root(const gradus_fit *fit, size_t response, double *factor);

/* The null model's likelihood and what is made of it; the summary's log_lik stands already. */
void gradus_i_set_pseudo(const gradus_fit *fit, gradus_summary *summary);

/* Puts a coefficient's profile limits, and its likelihood-ratio test if asked for, into its row. */
gradus_status gradus_i_profile_term(const gradus_fit *fit, size_t coefficient, double level,
                                    gradus_term *term, gradus_error *err);
/* Whether the level of an interval (0: 0.95) is between 0 and 1; *level becomes the value meant. */
gradus_status gradus_i_check_level(double *level, gradus_error *err);

/* z (rows×q, row-major) = the rows of a batch in the scaled columns of the fit. */
void gradus_i_scaled_rows(const gradus_fit *fit, const gradus_batch *batch, double *z);
/* a (rows×q, the first rank columns of each row) = z·root; its rows' squared norms are variances
   over factor², leverages. In double-double where a double would lose digits to cancellation. */
void gradus_i_rows_in_root(const gradus_fit *fit, const double *root, size_t rows, const double *z,
                           double *a);
/* A hat value within this of 1 is 1: the row alone determines its fitted value. */
#define GRADUS_I_LEVERAGE_TOLERANCE 1e-10
/* Whether the rows have the fit's shape, and the fit a covariance. */
gradus_status gradus_i_check_fitted_rows(const gradus_fit *fit, const gradus_source *source,
                                         gradus_error *err);
/* Runs a pass whose scratch begins with two arrays chunk×q, and fills these in for a batch: returns
 * a, rows in the fit's root. */
gradus_status gradus_i_run_rows(gradus_i_pass *pass, void *context, const gradus_fit *fit,
                                const gradus_source *source, double *total, gradus_error *err);
double *gradus_i_fill_rows(const gradus_fit *fit, const gradus_batch *batch, double *scratch);
/* Leverage of row i of a batch, from its row in the root and its weight (gradus_i_row_weight). */
double gradus_i_leverage(const gradus_fit *fit, size_t i, const double *a, double weight);
/* The first row with leverage 1, as a cell of an accumulator: its number from 1, or 0. */
void gradus_i_note_row(double *cell, double number);
/* b₀ + Wx + offset of one row. Dropped columns count as zero. */
double gradus_i_linear_predictor(const gradus_fit *fit, size_t response, const gradus_batch *batch,
                                 size_t i);
/* The same at the limit of a separated response: may be infinite, or NaN. */
double gradus_i_limit_predictor(const gradus_fit *fit, size_t response, const gradus_batch *batch,
                                size_t i);
/* p (k + 1) of a multinomial model at its limit. False, and all are NaN, where infinite parts
   cancel. */
bool gradus_i_limit_probabilities(const gradus_fit *fit, const gradus_batch *batch, size_t i,
                                  double *p);
/* Of a batch with weights: what says something about row i's variance, and how many rows it stands
 * for. */
double gradus_i_variance_weight(const gradus_fit *fit, const gradus_batch *batch, size_t i);
double gradus_i_row_count(const gradus_fit *fit, const gradus_batch *batch, size_t i);

/* ---- rows of generalised linear models (glm_rows.c) ---- */

/* Family and link of a fit; both NULL for a linear one. */
typedef struct gradus_i_glm {
  const gradus_i_family *family;
  const gradus_i_link *link;
} gradus_i_glm;
gradus_i_glm gradus_i_glm_of(const gradus_fit *fit);
/* What row i of a batch is at the estimates. */
gradus_i_observation gradus_i_glm_observe(const gradus_i_glm *glm, const gradus_fit *fit,
                                          const gradus_batch *batch, size_t i);

/* The row in the last least-squares problem, for one of the times that it counts: its weight, and
   its residual times that weight (in scaled units of the response), which is what the row adds to
   the gradient. 0 for rows of weight 0. */
typedef struct gradus_i_row_weight {
  double score, weight;
} gradus_i_row_weight;
gradus_i_row_weight gradus_i_row_score(const gradus_i_glm *glm, const gradus_fit *fit,
                                       const gradus_batch *batch, size_t i, size_t r);
/* Whether the family takes the responses: else _BAD_RESPONSE, naming the row. */
gradus_status gradus_i_check_responses(const gradus_i_glm *glm, const gradus_batch *batch,
                                       gradus_error *err);
/* The rows of a source as the fit saw them: counts of successes and failures as proportions.
 *grouped (NULL unless one had to be made) is to be freed. Checks as gradus_i_check_fitted_rows.
 */
gradus_status gradus_i_fitted_rows(const gradus_source **rows, gradus_source **grouped,
                                   const gradus_fit *fit, const gradus_source *source,
                                   gradus_error *err);
/* Diagnostics of row i of a batch, whose hat value stands already. */
void gradus_i_observe_glm(gradus_diagnostics *d, const gradus_i_glm *glm, const gradus_fit *fit,
                          const gradus_batch *batch, size_t i);

#endif
