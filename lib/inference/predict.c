// SPDX-License-Identifier: GPL-3.0-or-later
/* Predictions with standard errors and intervals, aligned with the rows of the input. */
#include "../objective/internal.h"
#include "internal.h"

#include <math.h>

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
  size_t count, columns = gradus_i_prediction_columns(fit, options->type);
  gradus_prediction *p = *prediction = gradus_i_allocate(1, sizeof *p);
  bool good = p && gradus_i_multiply(rows, columns, &count);
  if (good) {
    p->rows = rows;
    p->responses = columns;
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

typedef struct predict_context {
  gradus_prediction *prediction;
  const gradus_fit *fit;
  gradus_interval interval;
  double reach;              /* of an interval, in standard errors */
  const gradus_i_link *link; /* predictions are to be means; NULL: linear predictors */
} predict_context;

static void predict_mean(const predict_context *c, const gradus_batch *batch) {
  size_t k = c->fit->k;
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t r = 0; r < k; r++)
      c->prediction->fitted[(batch->row ? batch->row[i] : batch->first + i) * k + r] =
          gradus_i_linear_predictor(c->fit, r, batch, i);
}

/* Standard errors and intervals of one response; a: its rows times the root of the covariance. */
static void predict_errors(const predict_context *c, const gradus_batch *batch, size_t r,
                           double factor, const double *a) {
  const gradus_fit *fit = c->fit;
  gradus_prediction *p = c->prediction;
  double noise = 0;
  if (c->interval == GRADUS_INTERVAL_PREDICTION)
    noise = gradus_i_scaled_sigma(fit, r) * fit->responses[r].scale;
  for (size_t i = 0; i < batch->rows; i++) {
    size_t at = (batch->row ? batch->row[i] : batch->first + i) * fit->k + r;
    double square = 0;
    for (size_t l = 0; l < fit->rank; l++)
      square += a[i * fit->q + l] * a[i * fit->q + l];
    double error = sqrt(square) * factor, half = c->reach * hypot(error, noise);
    if (p->std_error)
      p->std_error[at] = error;
    if (p->low) {
      p->low[at] = p->fitted[at] - half;
      p->high[at] = p->fitted[at] + half;
    }
  }
}

/* From the linear predictor to the mean: the interval's ends are carried over (in order), the
   standard error by the slope (delta method). */
static void transform(const predict_context *c, const gradus_batch *batch) {
  gradus_prediction *p = c->prediction;
  for (size_t i = 0; c->link && i < batch->rows; i++) {
    size_t at = batch->row ? batch->row[i] : batch->first + i;
    if (p->std_error)
      p->std_error[at] *= fabs(c->link->slope(p->fitted[at]));
    if (p->low) {
      double a = c->link->mean(p->low[at]), b = c->link->mean(p->high[at]);
      p->low[at] = a < b ? a : b;
      p->high[at] = a < b ? b : a;
    }
    p->fitted[at] = c->link->mean(p->fitted[at]);
  }
}

static gradus_status predict_batch(void *context, const gradus_batch *batch, double *accumulator,
                                   double *scratch, gradus_error *err) {
  (void)accumulator;
  (void)err;
  const predict_context *c = context;
  const gradus_fit *fit = c->fit;
  predict_mean(c, batch);
  if (!c->prediction->std_error && !c->prediction->low) {
    transform(c, batch);
    return GRADUS_OK;
  }
  double *a = scratch + batch->rows * fit->q;
  gradus_i_scaled_rows(fit, batch, scratch);
  for (size_t r = 0; r < fit->k; r++) {
    double factor;
    gradus_i_rows_in_root(fit, gradus_i_covariance_root(fit, r, &factor), batch->rows, scratch, a);
    predict_errors(c, batch, r, factor, a);
  }
  transform(c, batch);
  return GRADUS_OK;
}

static gradus_status predict_source(gradus_prediction **prediction, const gradus_fit *fit,
                                    const gradus_source *source, size_t rows,
                                    const gradus_predict_options *options, gradus_error *err) {
  double level = options->level, nothing;
  gradus_status status = gradus_i_check_level(&level, err);
  if (status <= 0 && (options->interval || options->std_error) && !fit->root)
    status = gradus_i_fail(
        err, GRADUS_ERROR_UNSUPPORTED, "%s has no standard errors of predictions",
        fit->solver.converged ? "a penalised or minimum-norm fit" : "a fit that has not converged");
  if (status <= 0 && fit->family && options->interval == GRADUS_INTERVAL_PREDICTION)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "a generalised linear model has no prediction intervals here: ask for a "
                           "confidence interval of the mean");
  bool errors = options->interval || options->std_error;
  if (status <= 0 && options->type == GRADUS_PREDICT_CLASS && (!fit->levels || errors))
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           fit->levels ? "a class has no standard error and no interval: ask for "
                                         "those of probabilities"
                                       : "only a multinomial model predicts classes");
  if (status <= 0)
    status = allocate(prediction, fit, rows, options, err);
  if (status > 0)
    return status;
  predict_context context = {.prediction = *prediction, .fit = fit, .interval = options->interval};
  if (options->interval)
    context.reach = gradus_i_reach(fit, level);
  if (options->type == GRADUS_PREDICT_RESPONSE)
    context.link = gradus_i_link_find(fit->link);
  size_t chunk = gradus_i_chunk_rows(2 * fit->q);
  gradus_i_pass pass = {
      .chunk_rows = chunk, .scratch_size = 2 * chunk * fit->q, .process = predict_batch};
  if (fit->levels)
    status = gradus_i_predict_classes(*prediction, fit, source, level, options, err);
  else
    status = gradus_i_pass_run(&pass, &context, source, gradus_i_threads(options->threads),
                               &nothing, err);
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
