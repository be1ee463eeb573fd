// SPDX-License-Identifier: GPL-3.0-or-later
/* Predictions of networks with their standard errors, by the delta method. */
#include "network.h"
#include "predict_internal.h"

#include <math.h>
#include <string.h>

enum { BLOCK = GRADUS_I_NETWORK_BLOCK };

typedef struct predict_context {
  const gradus_network_inference *inference;
  gradus_prediction *prediction;
  bool means, errors;
  bool aligned; /* rows of the prediction are those of the input, with gaps for missing values */
  double reach, noise; /* variance of one response */
  size_t width;
} predict_context;

typedef struct workspace {
  gradus_i_network_rows rows;
  double *jacobian, *derivative, *work, *slopes;
} workspace;

static size_t lay_out(workspace *w, const predict_context *c, double *memory) {
  const gradus_i_network_view *v = &c->inference->view;
  size_t own = gradus_i_network_rows_size(v), cells = BLOCK * v->k * c->width;
  size_t m = c->inference->m;
  if (memory) {
    gradus_i_network_rows_open(&w->rows, v, memory);
    w->jacobian = memory + own;
    w->derivative = w->jacobian + cells;
    w->work = w->derivative + m;
    w->slopes = w->work + m;
  }
  return own + cells + 2 * m + v->k;
}

/* The interval of value ± half of the linear predictor, carried to the mean. */
static void carry(const gradus_i_link *link, double low, double high, double *to_low,
                  double *to_high) {
  double a = link ? link->mean(low) : low, b = link ? link->mean(high) : high;
  *to_low = fmin(a, b);
  *to_high = fmax(a, b);
  if (isnan(a) || isnan(b))
    *to_low = *to_high = NAN;
}

/* One linear predictor, or the mean that is its own. */
static void put_predictor(const predict_context *c, workspace *w, size_t i, size_t r, size_t at) {
  const gradus_network_inference *s = c->inference;
  const gradus_i_network_view *v = &s->view;
  gradus_prediction *p = c->prediction;
  double eta = w->rows.eta[i * v->k + r];
  const gradus_i_link *link = c->means ? v->link : NULL;
  p->fitted[at] = link ? link->mean(eta) : eta;
  if (!c->errors)
    return;
  double error = gradus_i_network_error(s, w->jacobian + (i * v->k + r) * s->m, w->work);
  if (p->std_error)
    p->std_error[at] = link ? fabs(link->slope(eta)) * error : error;
  double half = c->reach * sqrt(error * error + c->noise);
  if (p->low)
    carry(link, eta - half, eta + half, &p->low[at], &p->high[at]);
}

/* A class's probability; its interval by log(p/(1 - p)). */
static void put_class(const predict_context *c, workspace *w, size_t i, size_t class, size_t at) {
  const gradus_network_inference *s = c->inference;
  const gradus_i_network_view *v = &s->view;
  gradus_prediction *p = c->prediction;
  double mean = gradus_i_network_mean(v, w->rows.eta + i * v->k, class, w->slopes);
  p->fitted[at] = mean;
  if (!c->errors)
    return;
  memset(w->derivative, 0, s->m * sizeof *w->derivative);
  for (size_t r = 0; r < v->k; r++)
    for (size_t j = 0; j < s->m; j++)
      w->derivative[j] += w->slopes[r] * w->jacobian[(i * v->k + r) * s->m + j];
  double error = gradus_i_network_error(s, w->derivative, w->work);
  if (p->std_error)
    p->std_error[at] = error;
  double logit = log(mean / (1 - mean)), half = c->reach * error / (mean * (1 - mean));
  if (p->low) {
    p->low[at] = 1 / (1 + exp(half - logit));
    p->high[at] = 1 / (1 + exp(-half - logit));
  }
}

static gradus_status predict_batch(void *context, const gradus_batch *batch, double *accumulator,
                                   double *scratch, gradus_error *err) {
  (void)accumulator;
  (void)err;
  const predict_context *c = context;
  const gradus_i_network_view *v = &c->inference->view;
  workspace w;
  lay_out(&w, c, scratch);
  size_t columns = c->prediction->columns;
  for (size_t first = 0; first < batch->rows; first += BLOCK) {
    size_t rows = batch->rows - first < BLOCK ? batch->rows - first : BLOCK;
    gradus_i_network_rows_take(&w.rows, batch, first, rows);
    gradus_i_network_rows_forward(&w.rows, batch, first);
    if (c->errors)
      gradus_i_network_jacobian(&w.rows, c->inference->information.output_only, w.jacobian);
    for (size_t i = 0; i < rows; i++)
      for (size_t r = 0; r < columns; r++) {
        size_t row =
            c->aligned ? gradus_i_predicted_row(batch, first + i) : batch->first + first + i;
        size_t at = row * columns + r;
        if (v->classes > 0 && c->means)
          put_class(c, &w, i, r, at);
        else
          put_predictor(c, &w, i, r, at);
      }
  }
  return GRADUS_OK;
}

static gradus_status check(const gradus_network_inference *s, const gradus_source *source,
                           const gradus_predict_options *options, double *level,
                           gradus_error *err) {
  gradus_status status = gradus_i_network_check_rows(&s->view, source, false, err);
  if (status <= 0)
    status = gradus_i_check_level(level, err);
  if (status > 0)
    return status;
  if (gradus_source_get_shape(source)->rows == 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "predictions with standard errors need a source that knows its number of "
                         "rows");
  if (options->type != GRADUS_PREDICT_RESPONSE && options->type != GRADUS_PREDICT_LINK)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "standard errors of a network are those of means or linear predictors");
  if (options->interval == GRADUS_INTERVAL_PREDICTION && s->view.loss != &gradus_i_loss_gaussian)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "prediction intervals are those of a gaussian response; ask for a "
                         "confidence interval of the mean");
  return GRADUS_OK;
}

static gradus_status allocate(gradus_prediction **prediction, const predict_context *c, size_t rows,
                              const gradus_predict_options *options, gradus_error *err) {
  const gradus_i_network_view *v = &c->inference->view;
  gradus_prediction *p = *prediction = gradus_i_allocate(1, sizeof *p);
  if (!p)
    return gradus_i_out_of_memory(err);
  p->rows = rows;
  p->responses = v->k;
  p->columns = c->means ? gradus_i_network_means(v) : v->k;
  p->fitted = gradus_i_allocate(rows, p->columns * sizeof *p->fitted);
  if (options->std_error)
    p->std_error = gradus_i_allocate(rows, p->columns * sizeof *p->std_error);
  if (options->interval) {
    p->low = gradus_i_allocate(rows, p->columns * sizeof *p->low);
    p->high = gradus_i_allocate(rows, p->columns * sizeof *p->high);
  }
  bool whole = p->fitted && (p->std_error || !options->std_error) &&
               ((p->low && p->high) || !options->interval);
  return whole ? GRADUS_OK : gradus_i_out_of_memory(err);
}

/* Into a prediction that has room for what is asked. */
static gradus_status run(gradus_prediction *prediction, const gradus_network_inference *inference,
                         const gradus_source *source, const gradus_predict_options *options,
                         double level, bool aligned, gradus_error *err) {
  const gradus_i_network_view *v = &inference->view;
  size_t dim = gradus_params_size(v->network->params);
  double nothing;
  predict_context context = {.inference = inference,
                             .prediction = prediction,
                             .means = options->type == GRADUS_PREDICT_RESPONSE,
                             .errors = options->std_error || options->interval,
                             .aligned = aligned,
                             .reach = gradus_i_network_reach(inference, level),
                             .width = inference->information.output_only ? inference->m : dim};
  if (options->interval == GRADUS_INTERVAL_PREDICTION)
    context.noise = inference->information.dispersion;
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(v->p + v->k),
                        .scratch_size = lay_out(NULL, &context, NULL),
                        .process = predict_batch};
  gradus_i_thread_scope scope = gradus_i_threads_begin(options->threads);
  gradus_status status = gradus_i_pass_run(&pass, &context, source, scope.threads, &nothing, err);
  gradus_i_threads_end(scope);
  return status;
}

gradus_status gradus_i_predict_network_errors(gradus_i_predict *context,
                                              const gradus_source *source,
                                              const gradus_predict_options *options,
                                              gradus_error *err) {
  gradus_network_inference inference;
  double level = options->level;
  gradus_status status = gradus_i_check_level(&level, err);
  if (status > 0 || !gradus_i_network_inference_kept(&inference, context->fit))
    return status;
  return run(context->prediction, &inference, source, options, level, true, err);
}

gradus_status gradus_network_predict(gradus_prediction **prediction,
                                     const gradus_network_inference *inference,
                                     const gradus_source *source,
                                     const gradus_predict_options *options, gradus_error *err) {
  static const gradus_predict_options defaults;
  *prediction = NULL;
  if (!options)
    options = &defaults;
  double level = options->level;
  gradus_status status = check(inference, source, options, &level, err);
  if (status > 0)
    return status;
  predict_context shape = {.inference = inference,
                           .means = options->type == GRADUS_PREDICT_RESPONSE};
  status = allocate(prediction, &shape, gradus_source_get_shape(source)->rows, options, err);
  if (status <= 0)
    status = run(*prediction, inference, source, options, level, false, err);
  if (status > 0) {
    gradus_prediction_free(*prediction);
    *prediction = NULL;
  }
  return status;
}
