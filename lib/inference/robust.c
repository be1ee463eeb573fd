// SPDX-License-Identifier: GPL-3.0-or-later
/* Covariances that heteroscedasticity leaves valid: root·meat·rootᵀ, with the meat Σ aaᵀ·(squared
   weighted residual) of rows a in the root. Of a generalised linear model weights and residuals are
   the working ones, as in R's sandwich. */
#include "internal.h"

#include <math.h>

typedef struct meat_context {
  const gradus_fit *fit;
  gradus_i_glm glm;
  gradus_robust type;
} meat_context;

/* What a row's squared residual is multiplied by; NaN where it is not defined. */
static double robust_factor(const gradus_fit *fit, gradus_robust type, double h) {
  bool one = h > 1 - GRADUS_I_LEVERAGE_TOLERANCE;
  switch (type) {
  case GRADUS_ROBUST_HC1:
    return fit->nobs / fit->df_residual;
  case GRADUS_ROBUST_HC2:
    return one ? NAN : 1 / (1 - h);
  case GRADUS_ROBUST_HC3:
    return one ? NAN : 1 / ((1 - h) * (1 - h));
  case GRADUS_ROBUST_NONE:
  case GRADUS_ROBUST_HC0:
    break;
  }
  return 1;
}

/* Per response the meat (rank², upper triangle, column-major); the last cell is the first row
 * without a factor. */
static gradus_status add_meat(void *context, const gradus_batch *batch, double *accumulator,
                              double *scratch, gradus_error *err) {
  const meat_context *c = context;
  const gradus_fit *fit = c->fit;
  size_t q = fit->q, rank = fit->rank;
  gradus_status status = gradus_i_check_responses(&c->glm, batch, err);
  if (status > 0)
    return status;
  const double *a = gradus_i_fill_rows(fit, batch, scratch);
  double *weighted = scratch; /* the scaled rows have served */
  for (size_t r = 0; r < fit->k; r++) {
    for (size_t i = 0; i < batch->rows; i++) {
      gradus_i_row_weight row = gradus_i_row_score(&c->glm, fit, batch, i, r);
      double factor = robust_factor(fit, c->type, gradus_i_leverage(fit, i, a, row.weight));
      double share = row.score * sqrt(factor * gradus_i_row_count(fit, batch, i));
      if (isnan(factor))
        gradus_i_note_row(&accumulator[fit->k * rank * rank], (double)gradus_i_batch_row(batch, i));
      for (size_t l = 0; l < rank; l++)
        weighted[i * rank + l] = share * a[i * q + l];
    }
    gradus_i_rows_gram(batch->rows, rank, weighted, rank, accumulator + r * rank * rank, rank);
  }
  return GRADUS_OK;
}

static gradus_status merge_meat(void *context, double *total, const double *accumulator,
                                gradus_error *err) {
  (void)err;
  const meat_context *c = context;
  size_t cells = c->fit->k * c->fit->rank * c->fit->rank;
  for (size_t i = 0; i < cells; i++)
    total[i] += accumulator[i];
  gradus_i_note_row(&total[cells], accumulator[cells]);
  return GRADUS_OK;
}

/* root·√meat, by the singular values of the meat, which may be singular. work: 3 rank² + rank. */
static gradus_status root_of_meat(const gradus_fit *fit, const double *meat, double *robust,
                                  double *work, gradus_error *err) {
  size_t q = fit->q, rank = fit->rank;
  double *full = work, *u = full + rank * rank, *vt = u + rank * rank, *s = vt + rank * rank;
  for (size_t j = 0; j < rank; j++)
    for (size_t l = 0; l <= j; l++)
      full[j * rank + l] = full[l * rank + j] = meat[j * rank + l];
  if (!gradus_i_all_finite(full, rank * rank)) {
    for (size_t i = 0; i < q * q; i++)
      robust[i] = NAN;
    return GRADUS_OK;
  }
  gradus_status status = gradus_i_svd(rank, full, u, s, vt, err);
  for (size_t i = 0; status <= 0 && i < q; i++)
    for (size_t l = 0; l < rank; l++) {
      double sum = 0;
      for (size_t j = 0; j < rank; j++)
        sum += fit->root[i * q + j] * u[j + l * rank];
      robust[i * q + l] = sum * sqrt(s[l]);
    }
  return status;
}

static gradus_status compute(const gradus_fit *fit, const gradus_source *source, gradus_robust type,
                             double *robust, double *leverage_one, gradus_error *err) {
  size_t rank = fit->rank, cells = fit->k * rank * rank + 1;
  double *meat = gradus_i_allocate(cells + 3 * rank * rank + rank, sizeof *meat);
  if (!meat)
    return gradus_i_out_of_memory(err);
  meat_context context = {.fit = fit, .glm = gradus_i_glm_of(fit), .type = type};
  gradus_i_pass pass = {.accumulator_size = cells, .process = add_meat, .merge = merge_meat};
  gradus_status status = gradus_i_run_rows(&pass, &context, fit, source, meat, err);
  for (size_t r = 0; status <= 0 && rank > 0 && r < fit->k; r++)
    status =
        root_of_meat(fit, meat + r * rank * rank, robust + r * fit->q * fit->q, meat + cells, err);
  *leverage_one = meat[cells - 1];
  gradus_i_release(meat);
  return status;
}

gradus_status gradus_fit_set_robust(gradus_fit *fit, const gradus_source *source,
                                    gradus_robust type, gradus_error *err) {
  double *robust = NULL, leverage_one = 0;
  const gradus_source *rows;
  gradus_source *grouped = NULL;
  gradus_status status = GRADUS_OK;
  if (type < GRADUS_ROBUST_NONE || type > GRADUS_ROBUST_HC3)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "there is no robust covariance number %d", (int)type);
  else if (type != GRADUS_ROBUST_NONE && fit->profile)
    status =
        gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                      "this fit's intervals are by the profile likelihood, which has no robust "
                      "counterpart: take Wald's (gradus_fit_set_intervals) before robust "
                      "standard errors");
  else if (type != GRADUS_ROBUST_NONE)
    status = gradus_i_fitted_rows(&rows, &grouped, fit, source, err);
  if (status <= 0 && type != GRADUS_ROBUST_NONE) {
    robust = gradus_i_allocate(fit->k * fit->q, fit->q * sizeof *robust);
    status =
        robust ? compute(fit, rows, type, robust, &leverage_one, err) : gradus_i_out_of_memory(err);
  }
  gradus_source_free(grouped);
  if (status > 0) {
    gradus_i_release(robust);
    return status;
  }
  gradus_i_release(fit->robust_root);
  fit->robust_root = robust;
  fit->robust_type = type;
  gradus_i_fit_forget(fit, GRADUS_WARNING_LEVERAGE_ONE); /* of another type */
  if (leverage_one == 0)
    return GRADUS_OK;
  /* The fit keeps it, so that its reports say why there are no standard errors. */
  return gradus_i_fit_warn(fit, err, GRADUS_WARNING_LEVERAGE_ONE,
                           "row %.0f alone determines its fitted value (hat value 1): HC%d does "
                           "not exist, and standard errors are not a number",
                           leverage_one, type == GRADUS_ROBUST_HC2 ? 2 : 3);
}

gradus_robust gradus_fit_robust(const gradus_fit *fit) {
  return fit->robust_type;
}
