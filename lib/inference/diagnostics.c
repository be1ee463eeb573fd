// SPDX-License-Identifier: GPL-3.0-or-later
/* Observation rows (leverage, standardised residuals, Cook's distance) and covariances that
 * heteroscedasticity leaves valid. */
#include "../linalg/internal.h"
#include "internal.h"

#include <math.h>
#include <string.h>

/* A hat value within this of 1 is 1: the row alone determines its fitted value. */
static const double leverage_tolerance = 1e-10;

static gradus_status check_source(const gradus_fit *fit, const gradus_source *source,
                                  gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  if (!fit->root)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "a penalised or minimum-norm fit has no leverages and no covariance");
  if (shape->columns == fit->p && shape->responses == fit->k)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the fit has %zu inputs and %zu responses, the rows have %zu and %zu: these "
                       "are not the rows that were fitted",
                       fit->p, fit->k, shape->columns, shape->responses);
}

/* Weights say something about a row's variance, or (frequency) that it stands for several rows. */
static double variance_weight(const gradus_fit *fit, const gradus_batch *batch, size_t i) {
  bool frequency = fit->weight_kind == GRADUS_WEIGHT_FREQUENCY;
  return batch->weight && !frequency ? batch->weight[i] : 1;
}

/* a = rootᵀ z of one row; its square times the weight is the leverage. */
static double row_in_root(const gradus_fit *fit, const double *z, double *a) {
  double norm = 0;
  memset(a, 0, fit->q * sizeof *a);
  for (size_t j = 0; j < fit->q; j++)
    for (size_t l = 0; l < fit->rank; l++)
      a[l] += fit->root[j * fit->q + l] * z[j];
  for (size_t l = 0; l < fit->rank; l++)
    norm += a[l] * a[l];
  return norm;
}

/* ---- diagnostics ---- */

void gradus_diagnostics_free(gradus_diagnostics *d) {
  if (!d)
    return;
  gradus_i_release(d->row);
  gradus_i_release(d->fitted);
  gradus_i_release(d->resid);
  gradus_i_release(d->hat);
  gradus_i_release(d->std_resid);
  gradus_i_release(d->student_resid);
  gradus_i_release(d->cooksd);
  gradus_i_release(d->dffits);
  gradus_i_release(d);
}

static gradus_status allocate(gradus_diagnostics **diagnostics, size_t rows, size_t k,
                              gradus_error *err) {
  size_t count;
  gradus_diagnostics *d = *diagnostics = gradus_i_allocate(1, sizeof *d);
  bool good = d && gradus_i_multiply(rows, k, &count);
  if (good) {
    d->rows = rows;
    d->responses = k;
    d->row = gradus_i_allocate(rows, sizeof *d->row);
    d->hat = gradus_i_allocate(rows, sizeof *d->hat);
    double **columns[] = {&d->fitted,        &d->resid,  &d->std_resid,
                          &d->student_resid, &d->cooksd, &d->dffits};
    good = d->row && d->hat;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
      good = (*columns[i] = gradus_i_allocate(count, sizeof **columns[i])) && good;
  }
  if (good)
    return GRADUS_OK;
  gradus_diagnostics_free(d);
  *diagnostics = NULL;
  return gradus_i_out_of_memory(err);
}

/* R's definitions (influence.measures): with e = √w(y - ŷ) and h the leverage, rstandard =
   e/(σ√(1-h)), rstudent the same with the σ of the other rows, Cook = rstandard² h/(1-h)/rank,
   dffits = rstudent √(h/(1-h)). */
static void observe(gradus_diagnostics *d, const gradus_fit *fit, const gradus_batch *batch,
                    size_t i, size_t r) {
  size_t at = (batch->first + i) * fit->k + r;
  double y = batch->y[i * batch->y_stride + r], h = d->hat[batch->first + i];
  double scale = fit->responses[r].scale, df = fit->df_residual;
  d->fitted[at] = gradus_i_linear_predictor(fit, r, batch, i);
  d->resid[at] = y - d->fitted[at];
  double e = d->resid[at] / scale * sqrt(variance_weight(fit, batch, i)), left = 1 - h;
  if (batch->weight && batch->weight[i] == 0) {
    d->std_resid[at] = d->student_resid[at] = d->cooksd[at] = d->dffits[at] = NAN;
    return;
  }
  if (left < leverage_tolerance)
    e = NAN;
  double rest = (fit->responses[r].rss - e * e / left) / (df - 1);
  d->std_resid[at] = e / (gradus_i_scaled_sigma(fit, r) * sqrt(left));
  d->student_resid[at] = e / sqrt((rest > 0 ? rest : 0) * left);
  d->cooksd[at] = d->std_resid[at] * d->std_resid[at] * h / left / (double)fit->rank;
  d->dffits[at] = d->student_resid[at] * sqrt(h / left);
}

static gradus_status warn_leverage(size_t row, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_WARNING_LEVERAGE_ONE,
                       "row %zu has the hat value 1: it alone determines its fitted value, and its "
                       "studentised residual, Cook's distance, HC2 and HC3 are undefined",
                       row + 1);
}

static gradus_status observe_rows(gradus_diagnostics *d, const gradus_fit *fit,
                                  gradus_cursor *cursor, double *z, gradus_error *err) {
  enum { BLOCK = 1024 };
  gradus_batch batch = {.rows = 1};
  gradus_status status = GRADUS_OK, warning = GRADUS_OK;
  for (size_t first = 0; status <= 0 && batch.rows > 0; first += batch.rows) {
    status = gradus_cursor_read(cursor, first, BLOCK, &batch, err);
    for (size_t i = 0; status <= 0 && i < batch.rows; i++) {
      gradus_i_scaled_row(fit, &batch, i, z);
      double w = variance_weight(fit, &batch, i), h = w * row_in_root(fit, z, z + fit->q);
      d->row[first + i] = batch.row ? batch.row[i] : first + i;
      d->hat[first + i] = h > 1 - leverage_tolerance ? 1 : h;
      if (d->hat[first + i] == 1 && !warning)
        warning = warn_leverage(d->row[first + i], err);
      for (size_t r = 0; r < fit->k; r++)
        observe(d, fit, &batch, i, r);
    }
  }
  return status > 0 ? status : warning;
}

gradus_status gradus_fit_diagnostics(const gradus_fit *fit, const gradus_source *source,
                                     gradus_diagnostics **diagnostics, gradus_error *err) {
  *diagnostics = NULL;
  size_t rows = gradus_source_get_shape(source)->rows;
  gradus_status status = check_source(fit, source, err);
  if (status <= 0 && rows == 0)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "diagnostics need a source that knows its number of rows");
  if (status <= 0)
    status = allocate(diagnostics, rows, fit->k, err);
  gradus_cursor *cursor = NULL;
  double *z = gradus_i_allocate(2 * fit->q, sizeof *z);
  if (status <= 0 && !z)
    status = gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_cursor_open(&cursor, source, 1024, err);
  if (status <= 0)
    status = observe_rows(*diagnostics, fit, cursor, z, err);
  gradus_cursor_free(cursor);
  gradus_i_release(z);
  if (status > 0) {
    gradus_diagnostics_free(*diagnostics);
    *diagnostics = NULL;
  }
  return status;
}

/* ---- robust covariance ---- */

/* What a row's squared residual is multiplied by. */
static double robust_factor(const gradus_fit *fit, gradus_robust type, double h) {
  switch (type) {
  case GRADUS_ROBUST_HC1:
    return fit->nobs / fit->df_residual;
  case GRADUS_ROBUST_HC2:
    return 1 / (1 - h);
  case GRADUS_ROBUST_HC3:
    return 1 / ((1 - h) * (1 - h));
  case GRADUS_ROBUST_NONE:
  case GRADUS_ROBUST_HC0:
    break;
  }
  return 1;
}

/* Adds aaᵀ·(squared weighted residual) of each row to meat (rank×rank per response, upper
 * triangles). */
static gradus_status add_meat(const gradus_fit *fit, gradus_cursor *cursor, gradus_robust type,
                              double *meat, double *z, gradus_error *err) {
  enum { BLOCK = 1024 };
  size_t rank = fit->rank;
  double *a = z + fit->q;
  gradus_batch batch = {.rows = 1};
  gradus_status status = GRADUS_OK, warning = GRADUS_OK;
  for (size_t first = 0; status <= 0 && batch.rows > 0; first += batch.rows) {
    status = gradus_cursor_read(cursor, first, BLOCK, &batch, err);
    for (size_t i = 0; status <= 0 && i < batch.rows; i++) {
      gradus_i_scaled_row(fit, &batch, i, z);
      double w = variance_weight(fit, &batch, i), h = w * row_in_root(fit, z, a);
      double times =
          batch.weight && fit->weight_kind == GRADUS_WEIGHT_FREQUENCY ? batch.weight[i] : 1;
      bool undefined = type >= GRADUS_ROBUST_HC2 && h > 1 - leverage_tolerance;
      if (undefined && !warning)
        warning = warn_leverage(batch.row ? batch.row[i] : first + i, err);
      for (size_t r = 0; r < fit->k; r++) {
        double e = batch.y[i * batch.y_stride + r] - gradus_i_linear_predictor(fit, r, &batch, i);
        e *= w / fit->responses[r].scale;
        double share = undefined ? NAN : times * e * e * robust_factor(fit, type, h);
        for (size_t j = 0; j < rank; j++)
          for (size_t l = 0; l <= j; l++)
            meat[(r * rank + j) * rank + l] += share * a[j] * a[l];
      }
    }
  }
  return status > 0 ? status : warning;
}

/* root·√meat, by the singular values of meat, which may be singular. work: 4 rank² + rank. */
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

gradus_status gradus_fit_set_robust(gradus_fit *fit, const gradus_source *source,
                                    gradus_robust type, gradus_error *err) {
  size_t q = fit->q, rank = fit->rank;
  gradus_status status = check_source(fit, source, err), warning = GRADUS_OK;
  if (status > 0)
    return status;
  if (type == GRADUS_ROBUST_NONE) {
    gradus_i_release(fit->robust_root);
    fit->robust_root = NULL;
    fit->robust_type = type;
    return GRADUS_OK;
  }
  if (type < GRADUS_ROBUST_NONE || type > GRADUS_ROBUST_HC3)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "there is no robust covariance number %d", (int)type);
  double *robust = gradus_i_allocate(fit->k * q, q * sizeof *robust);
  double *work =
      gradus_i_allocate(fit->k * rank * rank + 3 * rank * rank + rank + 2 * q, sizeof *work);
  gradus_cursor *cursor = NULL;
  if (!robust || !work)
    status = gradus_i_out_of_memory(err);
  else
    status = gradus_cursor_open(&cursor, source, 1024, err);
  double *meat = work, *rest = work ? work + fit->k * rank * rank : NULL;
  if (status <= 0)
    status = warning = add_meat(fit, cursor, type, meat, rest + 3 * rank * rank + rank, err);
  for (size_t r = 0; status <= 0 && r < fit->k; r++) {
    status = root_of_meat(fit, meat + r * rank * rank, robust + r * q * q, rest, err);
  }
  gradus_cursor_free(cursor);
  gradus_i_release(work);
  if (status > 0) {
    gradus_i_release(robust);
    return status;
  }
  gradus_i_release(fit->robust_root);
  fit->robust_root = robust;
  fit->robust_type = type;
  if (warning < 0) /* the fit keeps it, so that its reports say why there are no standard errors */
    gradus_i_fit_warn(fit, err, warning,
                      "a row determines its own fitted value (hat value 1): %s does not exist, and "
                      "standard errors are not a number",
                      type == GRADUS_ROBUST_HC2 ? "HC2" : "HC3");
  return warning;
}

gradus_robust gradus_fit_robust(const gradus_fit *fit) {
  return fit->robust_type;
}
