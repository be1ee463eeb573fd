// SPDX-License-Identifier: GPL-3.0-or-later
/* Predictions with standard errors and intervals, aligned with the rows of the input. */
#include "../model/network.h"
#include "predict_internal.h"

#include <math.h>
#include <string.h>

void gradus_prediction_free(gradus_prediction *prediction) {
  if (!prediction)
    return;
  gradus_i_release(prediction->fitted);
  gradus_i_release(prediction->std_error);
  gradus_i_release(prediction->low);
  gradus_i_release(prediction->high);
  gradus_i_release(prediction->term);
  gradus_i_release(prediction->constant);
  gradus_i_release(prediction->class_index);
  gradus_i_release(prediction);
}

static bool allocate_column(double **column, size_t count) {
  *column = gradus_i_allocate_raw(count, sizeof **column);
  for (size_t i = 0; *column && i < count; i++)
    (*column)[i] = NAN;
  return *column != NULL;
}

static bool allocate_terms(gradus_prediction *p, const gradus_fit *fit) {
  p->terms = gradus_i_term_count(fit);
  p->term = gradus_i_allocate(p->terms, sizeof *p->term);
  p->constant = gradus_i_allocate(fit->k, sizeof *p->constant);
  if (!p->term || !p->constant || !gradus_i_multiply(fit->k, p->terms, &p->columns))
    return false;
  for (size_t t = 0; t < p->terms; t++)
    p->term[t] = gradus_i_term_label(fit, t);
  for (size_t r = 0; r < fit->k; r++)
    p->constant[r] = gradus_i_term_constant(fit, r);
  return true;
}

static gradus_status allocate(gradus_prediction **prediction, const gradus_fit *fit, size_t rows,
                              const gradus_predict_options *options, gradus_error *err) {
  size_t count;
  gradus_prediction *p = *prediction = gradus_i_allocate(1, sizeof *p);
  bool good = p != NULL;
  if (good) {
    p->rows = rows;
    p->responses = fit->k;
    p->columns = gradus_i_prediction_columns(fit, options->type);
    if (options->type == GRADUS_PREDICT_TERMS)
      good = allocate_terms(p, fit);
    if (options->type == GRADUS_PREDICT_CLASS)
      good = (p->class_index = gradus_i_allocate(rows, sizeof *p->class_index)) != NULL;
    good =
        good && gradus_i_multiply(rows, p->columns, &count) && allocate_column(&p->fitted, count);
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

void gradus_i_note_unknown(const gradus_batch *batch, size_t i, double *unknown) {
  unknown[0]++;
  gradus_i_note_row(&unknown[1], (double)gradus_i_batch_row(batch, i));
}

static void predict_mean(const gradus_i_predict *c, const gradus_batch *batch, double *unknown) {
  size_t k = c->fit->k;
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t r = 0; r < k; r++) {
      double eta = gradus_i_linear_predictor(c->fit, r, batch, i);
      c->prediction->fitted[gradus_i_predicted_row(batch, i) * k + r] = eta;
      if (c->fit->limit && isnan(eta))
        gradus_i_note_unknown(batch, i, unknown);
    }
}

gradus_status gradus_i_merge_unknown(void *context, double *total, const double *accumulator,
                                     gradus_error *err) {
  (void)context;
  (void)err;
  total[0] += accumulator[0];
  gradus_i_note_row(&total[1], accumulator[1]);
  return GRADUS_OK;
}

static gradus_status warn_unknown(const double *unknown, gradus_error *err) {
  if (unknown[0] == 0)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_WARNING_SEPARATION,
                       "row %.0f%s: the prediction is not a number, because infinite estimates "
                       "cancel in it (the response of the fit was separated)",
                       unknown[1], unknown[0] > 1 ? " and others" : "");
}

void gradus_i_predict_error(const gradus_i_predict *c, size_t at, const double *a, double factor,
                            double noise) {
  gradus_prediction *p = c->prediction;
  double square = 0;
  for (size_t l = 0; l < c->fit->rank; l++)
    square += a[l] * a[l];
  bool none = c->fit->limit && !isfinite(p->fitted[at]);
  double error = none ? NAN : sqrt(square) * factor, half = c->reach * hypot(error, noise);
  if (p->std_error)
    p->std_error[at] = error;
  if (p->low) {
    p->low[at] = p->fitted[at] - half;
    p->high[at] = p->fitted[at] + half;
  }
}

/* Standard errors and intervals of one response; a: its rows times the root of the covariance. */
static void predict_errors(const gradus_i_predict *c, const gradus_batch *batch, size_t r,
                           double factor, const double *a) {
  const gradus_fit *fit = c->fit;
  double noise = 0;
  if (c->interval == GRADUS_INTERVAL_PREDICTION)
    noise = gradus_i_scaled_sigma(fit, r) * fit->responses[r].scale;
  for (size_t i = 0; i < batch->rows; i++)
    gradus_i_predict_error(c, gradus_i_predicted_row(batch, i) * fit->k + r, a + i * fit->q, factor,
                           noise);
}

/* From the linear predictor to the mean: the interval's ends are carried over (in order), the
   standard error by the slope (delta method). */
static void transform(const gradus_i_predict *c, const gradus_batch *batch) {
  gradus_prediction *p = c->prediction;
  for (size_t i = 0; c->link && i < batch->rows; i++) {
    size_t at = gradus_i_predicted_row(batch, i);
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
  (void)err;
  const gradus_i_predict *c = context;
  const gradus_fit *fit = c->fit;
  if (c->prediction->term) {
    gradus_i_predict_terms(c, batch, scratch);
    return GRADUS_OK;
  }
  predict_mean(c, batch, accumulator);
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

/* An observation spreads about its mean as sigma says only in the normal distribution. */
static bool has_prediction_interval(const gradus_fit *fit) {
  return !fit->family ||
         (strcmp(fit->family, "gaussian") == 0 && strcmp(fit->link, "identity") == 0);
}

static gradus_status check_options(const gradus_fit *fit, const gradus_predict_options *options,
                                   double *level, gradus_error *err) {
  gradus_status status = gradus_i_check_level(level, err);
  if (status <= 0 && fit->network)
    status = gradus_i_check_network_type(fit, options, err);
  if (status <= 0 && options->type == GRADUS_PREDICT_TERMS)
    status = gradus_i_check_terms(fit, options, err);
  if (status <= 0 && options->type == GRADUS_PREDICT_CLASS)
    status = gradus_i_check_classes(fit, options, err);
  if (status <= 0 && (options->interval || options->std_error) && fit->network)
    status = gradus_i_check_network_errors(fit, err);
  else if (status <= 0 && (options->interval || options->std_error) && !fit->root)
    status = gradus_i_fail(
        err, GRADUS_ERROR_UNSUPPORTED, "%s has no standard errors of predictions",
        fit->solver.converged ? "a penalised or minimum-norm fit" : "a fit that has not converged");
  if (status <= 0 && options->interval == GRADUS_INTERVAL_PREDICTION &&
      !has_prediction_interval(fit))
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "a generalised linear model has no prediction intervals here, but for "
                           "the family gaussian with the link identity: ask for a confidence "
                           "interval of the mean");
  return status;
}

/* source NULL: no row is complete. */
static gradus_status predict_source(gradus_prediction **prediction, const gradus_fit *fit,
                                    const gradus_source *source, size_t rows,
                                    const gradus_i_sequence_index *sequences,
                                    const gradus_predict_options *options, gradus_error *err) {
  double level = options->level, unknown[2] = {0};
  gradus_status status = check_options(fit, options, &level, err);
  if (status <= 0)
    status = allocate(prediction, fit, rows, options, err);
  if (status > 0)
    return status;
  gradus_i_predict context = {
      .prediction = *prediction, .fit = fit, .interval = options->interval, .sequences = sequences};
  if (options->interval)
    context.reach = options->interval == GRADUS_INTERVAL_PREDICTION
                        ? gradus_i_t_quantile(level, fit->df_residual)
                        : gradus_i_reach(fit, level);
  if (options->type == GRADUS_PREDICT_RESPONSE || options->type == GRADUS_PREDICT_CLASS)
    context.link = gradus_i_link_find(fit->link);
  size_t chunk = gradus_i_chunk_rows(2 * fit->q);
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = 2,
                        .scratch_size = 2 * chunk * fit->q,
                        .process = predict_batch,
                        .merge = gradus_i_merge_unknown};
  bool errors = options->std_error || options->interval;
  bool plain = !errors && options->type != GRADUS_PREDICT_TERMS && !fit->limit;
  if (source && fit->network && plain)
    status = gradus_i_predict_network(&context, source, options, err);
  else if (source && fit->network && !fit->root && errors)
    status = gradus_i_predict_network_errors(&context, source, options, err);
  else if (source && fit->levels)
    status = gradus_i_predict_multinomial(&context, source, options, unknown, err);
  else if (source)
    status = gradus_i_pass_run(&pass, &context, source, gradus_i_threads(options->threads), unknown,
                               err);
  if (status > 0) {
    gradus_prediction_free(*prediction);
    *prediction = NULL;
    return status;
  }
  if (options->type == GRADUS_PREDICT_CLASS)
    gradus_i_classify(*prediction, options);
  if (source)
    status = warn_unknown(unknown, err);
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
  static const gradus_i_network_sequences none;
  const gradus_i_network_sequences *gathered = fit->network ? &fit->network->sequences : &none;
  gradus_source *source = NULL;
  gradus_i_sequence_index index = {0};
  gradus_error own = {0};
  size_t rows = gradus_frame_rows(frame) * (gathered->id ? 1 : gradus_i_network_steps(fit));
  if (!options)
    options = &defaults;
  gradus_status status =
      gradus_i_network_frame_rows(&source, &index, gathered, fit->design, frame, true, &own);
  if (status == GRADUS_ERROR_NO_COMPLETE_ROWS) /* NA in, NA out */
    status = predict_source(prediction, fit, NULL, rows, NULL, options, err);
  else if (status > 0)
    gradus_i_fail(err, status, "%s", own.message);
  else
    status =
        predict_source(prediction, fit, source, rows, gathered->id ? &index : NULL, options, err);
  gradus_i_sequence_index_clear(&index);
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
    status = predict_source(prediction, fit, source, x->size1 * gradus_i_network_steps(fit), NULL,
                            options ? options : &defaults, err);
  gradus_source_free(source);
  return status;
}
