// SPDX-License-Identifier: GPL-3.0-or-later
/* Predictions with standard errors and intervals, aligned with the rows of the input. */
#include "../linalg/extended.h"
#include "internal.h"

#include <math.h>
#include <string.h>

void gradus_i_scaled_row(const gradus_fit *fit, const gradus_batch *batch, size_t i, double *z) {
  size_t first = fit->has_intercept ? 1 : 0;
  const double *x = batch->x + i * batch->x_stride;
  if (first)
    z[0] = fit->column_scale[0];
  for (size_t j = first; j < fit->q; j++)
    z[j] = x[j - first] * fit->column_scale[j];
}

double gradus_i_root_norm_squared(const gradus_fit *fit, const double *root, const double *z) {
  size_t q = fit->q;
  double norm = 0;
  for (size_t l = 0; l < fit->rank; l++) {
    gradus_i_extended sum = {0, 0};
    for (size_t j = 0; j < q; j++)
      if (root[j * q + l] != 0)
        sum = gradus_i_extended_add(sum, gradus_i_two_product(root[j * q + l], z[j]));
    norm += sum.hi * sum.hi;
  }
  return norm;
}

double gradus_i_linear_predictor(const gradus_fit *fit, size_t response, const gradus_batch *batch,
                                 size_t i) {
  const double *theta = gradus_params_const_values(fit->params), *b = theta + response * fit->p;
  size_t first = fit->has_intercept ? 1 : 0, at = i * batch->x_stride;
  gradus_i_extended sum = {0, 0};
  if (first && !fit->dropped[0])
    sum.hi = theta[fit->k * fit->p + response];
  for (size_t j = 0; j < fit->p; j++) {
    if (fit->dropped[first + j])
      continue;
    sum = gradus_i_extended_add(sum, gradus_i_two_product(b[j], batch->x[at + j]));
    if (batch->x_low)
      sum.lo += b[j] * batch->x_low[at + j];
  }
  if (batch->offset)
    sum = gradus_i_extended_add(sum, gradus_i_extended_of(batch->offset[i]));
  return gradus_i_extended_round(sum);
}

void gradus_prediction_free(gradus_prediction *prediction) {
  if (!prediction)
    return;
  gradus_i_release(prediction->fitted);
  gradus_i_release(prediction->std_error);
  gradus_i_release(prediction->low);
  gradus_i_release(prediction->high);
  gradus_i_release(prediction);
}

static bool allocate_column(double **column, size_t count) {
  *column = gradus_i_allocate_raw(count, sizeof **column);
  for (size_t i = 0; *column && i < count; i++)
    (*column)[i] = NAN;
  return *column != NULL;
}

static gradus_status allocate(gradus_prediction **prediction, const gradus_fit *fit, size_t rows,
                              const gradus_predict_options *options, gradus_error *err) {
  size_t count;
  gradus_prediction *p = *prediction = gradus_i_allocate(1, sizeof *p);
  bool good = p && gradus_i_multiply(rows, fit->k, &count);
  if (good) {
    p->rows = rows;
    p->responses = fit->k;
    good = allocate_column(&p->fitted, count);
    if (options->std_error)
      good = good && allocate_column(&p->std_error, count);
    if (options->interval)
      good = good && allocate_column(&p->low, count) && allocate_column(&p->high, count);
  }
  if (good)
    return GRADUS_OK;
  gradus_prediction_free(p);
  *prediction = NULL;
  return gradus_i_out_of_memory(err);
}

/* Fills in the places of a batch's rows. z: q doubles. */
static void predict_batch(gradus_prediction *p, const gradus_fit *fit, const gradus_batch *batch,
                          const gradus_predict_options *options, double reach, double *z) {
  for (size_t i = 0; i < batch->rows; i++) {
    size_t row = batch->row ? batch->row[i] : batch->first + i;
    if (p->std_error || p->low)
      gradus_i_scaled_row(fit, batch, i, z);
    for (size_t r = 0; r < fit->k; r++) {
      size_t at = row * fit->k + r;
      p->fitted[at] = gradus_i_linear_predictor(fit, r, batch, i);
      if (!p->std_error && !p->low)
        continue;
      double factor, noise = 0;
      const double *root = gradus_i_covariance_root(fit, r, &factor);
      double error = sqrt(gradus_i_root_norm_squared(fit, root, z)) * factor;
      if (p->std_error)
        p->std_error[at] = error;
      if (!p->low)
        continue;
      if (options->interval == GRADUS_INTERVAL_PREDICTION)
        noise = gradus_i_scaled_sigma(fit, r) * fit->responses[r].scale;
      double half = reach * hypot(error, noise);
      p->low[at] = p->fitted[at] - half;
      p->high[at] = p->fitted[at] + half;
    }
  }
}

static gradus_status predict_source(gradus_prediction **prediction, const gradus_fit *fit,
                                    const gradus_source *source, size_t rows,
                                    const gradus_predict_options *options, gradus_error *err) {
  enum { BLOCK = 1024 };
  double level = options->level;
  gradus_cursor *cursor = NULL;
  double *z = NULL;
  gradus_status status = gradus_i_check_level(&level, err);
  if (status <= 0 && (options->interval || options->std_error) && !fit->root)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "a penalised or minimum-norm fit has no standard errors of predictions");
  if (status <= 0)
    status = allocate(prediction, fit, rows, options, err);
  if (status <= 0 && !(z = gradus_i_allocate(fit->q, sizeof *z)))
    status = gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_cursor_open(&cursor, source, BLOCK, err);
  double reach = options->interval ? gradus_i_t_quantile(level, fit->df_residual) : 0;
  gradus_batch batch = {.rows = 1};
  for (size_t first = 0; status <= 0 && batch.rows > 0; first += batch.rows) {
    status = gradus_cursor_read(cursor, first, BLOCK, &batch, err);
    if (status <= 0)
      predict_batch(*prediction, fit, &batch, options, reach, z);
  }
  gradus_cursor_free(cursor);
  gradus_i_release(z);
  if (status > 0) {
    gradus_prediction_free(*prediction);
    *prediction = NULL;
  }
  return status;
}

gradus_status gradus_predict(gradus_prediction **prediction, const gradus_fit *fit,
                             const gradus_frame *frame, const gradus_predict_options *options,
                             gradus_error *err) {
  static const gradus_predict_options defaults;
  *prediction = NULL;
  if (!fit->design)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "this fit came from matrices and knows no column names: predict from a "
                         "matrix");
  gradus_source *source = NULL;
  gradus_frame_source_options without = {.without_response = true};
  gradus_error own = {0};
  if (!options)
    options = &defaults;
  gradus_status status = gradus_source_from_frame(&source, fit->design, frame, &without, &own);
  if (status == GRADUS_ERROR_NO_COMPLETE_ROWS) /* NA in, NA out */
    status = allocate(prediction, fit, gradus_frame_rows(frame), options, err);
  else if (status > 0)
    gradus_i_fail(err, status, "%s", own.message);
  else
    status = predict_source(prediction, fit, source, gradus_frame_rows(frame), options, err);
  gradus_source_free(source);
  return status;
}

gradus_status gradus_predict_matrix(gradus_prediction **prediction, const gradus_fit *fit,
                                    const gsl_matrix *x, const gradus_predict_options *options,
                                    gradus_error *err) {
  static const gradus_predict_options defaults;
  *prediction = NULL;
  if (x->size2 != fit->p)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "x is %zu×%zu, but the model has %zu inputs (the intercept is no column)",
                         x->size1, x->size2, fit->p);
  gradus_source *source = NULL;
  gradus_status status =
      gradus_source_from_matrix(&source, x, NULL, NULL, GRADUS_WEIGHT_NONE, NULL, err);
  if (status <= 0)
    status = predict_source(prediction, fit, source, x->size1, options ? options : &defaults, err);
  gradus_source_free(source);
  return status;
}
