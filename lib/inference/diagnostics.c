// SPDX-License-Identifier: GPL-3.0-or-later
/* Observation rows: leverage, standardised residuals, Cook's distance. */
#include "internal.h"

#include <math.h>

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
  gradus_i_release(d->pearson_resid);
  gradus_i_release(d->working_resid);
  gradus_i_release(d);
}

static gradus_status allocate(gradus_diagnostics **diagnostics, size_t rows, const gradus_fit *fit,
                              gradus_error *err) {
  size_t k = fit->k;
  size_t count;
  gradus_diagnostics *d = *diagnostics = gradus_i_allocate(1, sizeof *d);
  bool good = d && gradus_i_multiply(rows, k, &count);
  if (good) {
    d->rows = rows;
    d->responses = k;
    d->row = gradus_i_allocate(rows, sizeof *d->row);
    d->hat = gradus_i_allocate(rows, sizeof *d->hat);
    double **columns[] = {&d->fitted, &d->resid,  &d->std_resid,     &d->student_resid,
                          &d->cooksd, &d->dffits, &d->pearson_resid, &d->working_resid};
    size_t used = sizeof columns / sizeof *columns - (fit->family ? 0 : 2);
    good = d->row && d->hat;
    for (size_t i = 0; i < used; i++)
      good = (*columns[i] = gradus_i_allocate(count, sizeof **columns[i])) && good;
  }
  if (good)
    return GRADUS_OK;
  gradus_diagnostics_free(d);
  *diagnostics = NULL;
  return gradus_i_out_of_memory(err);
}

typedef struct diagnostics_context {
  gradus_diagnostics *diagnostics;
  const gradus_fit *fit;
  gradus_i_glm glm;
} diagnostics_context;

/* R's definitions (influence.measures): with e = √w(y - ŷ) and h the leverage, rstandard =
   e/(σ√(1-h)), rstudent the same with the σ of the other rows, Cook = rstandard² h/(1-h)/rank,
   dffits = rstudent √(h/(1-h)). */
static void observe(gradus_diagnostics *d, const gradus_fit *fit, const gradus_batch *batch,
                    size_t i, size_t r) {
  size_t at = (batch->first + i) * fit->k + r;
  double y = batch->y[i * batch->y_stride + r], h = d->hat[batch->first + i], left = 1 - h;
  d->fitted[at] = gradus_i_linear_predictor(fit, r, batch, i);
  d->resid[at] = y - d->fitted[at];
  double weight = gradus_i_variance_weight(fit, batch, i);
  double e = d->resid[at] / fit->responses[r].scale * sqrt(weight);
  if (h == 1 || (batch->weight && batch->weight[i] == 0))
    e = NAN; /* undefined, as all that follows */
  double rest = (fit->responses[r].rss - e * e / left) / (fit->df_residual - 1);
  d->std_resid[at] = e / (gradus_i_scaled_sigma(fit, r) * sqrt(left));
  d->student_resid[at] = e / sqrt((rest > 0 ? rest : 0) * left);
  d->cooksd[at] = d->std_resid[at] * d->std_resid[at] * h / left / (double)fit->rank;
  d->dffits[at] = d->student_resid[at] * sqrt(h / left);
  if (isnan(e))
    d->student_resid[at] = d->dffits[at] = NAN;
}

static gradus_status observe_batch(void *context, const gradus_batch *batch, double *accumulator,
                                   double *scratch, gradus_error *err) {
  const diagnostics_context *c = context;
  const gradus_fit *fit = c->fit;
  gradus_status status = gradus_i_check_responses(&c->glm, batch, err);
  if (status > 0)
    return status;
  const double *a = gradus_i_fill_rows(fit, batch, scratch);
  for (size_t i = 0; i < batch->rows; i++) {
    size_t at = batch->first + i;
    double weight = fit->family ? gradus_i_row_score(&c->glm, fit, batch, i, 0).weight
                                : gradus_i_variance_weight(fit, batch, i);
    double h = gradus_i_leverage(fit, i, a, weight);
    bool one = h > 1 - GRADUS_I_LEVERAGE_TOLERANCE;
    c->diagnostics->row[at] = gradus_i_batch_row(batch, i) - 1;
    c->diagnostics->hat[at] = one ? 1 : h;
    if (one)
      gradus_i_note_row(accumulator, (double)gradus_i_batch_row(batch, i));
    if (fit->family)
      gradus_i_observe_glm(c->diagnostics, &c->glm, fit, batch, i);
    else
      for (size_t r = 0; r < fit->k; r++)
        observe(c->diagnostics, fit, batch, i, r);
  }
  return GRADUS_OK;
}

static gradus_status keep_first_row(void *context, double *total, const double *accumulator,
                                    gradus_error *err) {
  (void)context;
  (void)err;
  gradus_i_note_row(total, *accumulator);
  return GRADUS_OK;
}

gradus_status gradus_fit_diagnostics(const gradus_fit *fit, const gradus_source *source,
                                     gradus_diagnostics **diagnostics, gradus_error *err) {
  *diagnostics = NULL;
  size_t rows = gradus_source_get_shape(source)->rows;
  double leverage_one = 0;
  const gradus_source *fitted;
  gradus_source *grouped;
  gradus_status status = gradus_i_fitted_rows(&fitted, &grouped, fit, source, err);
  if (status <= 0 && rows == 0)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "diagnostics need a source that knows its number of rows");
  if (status <= 0)
    status = allocate(diagnostics, rows, fit, err);
  diagnostics_context context = {
      .diagnostics = *diagnostics, .fit = fit, .glm = gradus_i_glm_of(fit)};
  gradus_i_pass pass = {.accumulator_size = 1, .process = observe_batch, .merge = keep_first_row};
  if (status <= 0)
    status = gradus_i_run_rows(&pass, &context, fit, fitted, &leverage_one, err);
  gradus_source_free(grouped);
  if (status > 0) {
    gradus_diagnostics_free(*diagnostics);
    *diagnostics = NULL;
    return status;
  }
  if (leverage_one == 0)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_WARNING_LEVERAGE_ONE,
                       "row %.0f alone determines its fitted value (hat value 1): its studentised "
                       "residual and Cook's distance are undefined",
                       leverage_one);
}
