// SPDX-License-Identifier: GPL-3.0-or-later
/* Predictions of a multinomial model: linear predictors, or probabilities of the classes, with
   standard errors by the delta method. */
#include "predict_internal.h"

#include <math.h>
#include <string.h>

size_t gradus_i_prediction_columns(const gradus_fit *fit, gradus_predict_type type) {
  return fit->levels && type != GRADUS_PREDICT_LINK ? fit->k + 1 : fit->k;
}

void gradus_i_probabilities(const double *eta, size_t k, double *p) {
  double largest = 0, sum = 0;
  for (size_t r = 0; r < k; r++)
    largest = fmax(largest, eta[r]);
  for (size_t c = 0; c <= k; c++)
    sum += p[c] = exp((c == 0 ? 0 : eta[c - 1]) - largest);
  for (size_t c = 0; c <= k; c++)
    p[c] /= sum;
}

/* a (k×width): the rows whose products are the covariance of the linear predictors at z. */
static void set_rows(const gradus_fit *fit, const double *z, double *a) {
  size_t width = fit->joint * fit->q;
  memset(a, 0, fit->k * width * sizeof *a);
  for (size_t r = 0; r < fit->k; r++)
    for (size_t j = 0; j < fit->q; j++) {
      const double *root = fit->root + (r * fit->q + j) * width;
      double *row = a + r * width;
      for (size_t l = 0; z[j] != 0 && l < width; l++)
        row[l] += z[j] * root[l];
    }
}

static double norm(const double *row, const double *less, size_t width) {
  double sum = 0;
  for (size_t l = 0; l < width; l++) {
    double entry = (row ? row[l] : 0) - (less ? less[l] : 0);
    sum += entry * entry;
  }
  return sqrt(sum);
}

static void set_link_errors(const gradus_i_predict *c, const double *a, size_t at) {
  gradus_prediction *p = c->prediction;
  size_t k = c->fit->k, width = c->fit->joint * c->fit->q;
  for (size_t r = 0; r < k; r++) {
    double value = p->fitted[at * k + r];
    double error = isfinite(value) ? norm(a + r * width, NULL, width) : NAN;
    if (p->std_error)
      p->std_error[at * k + r] = error;
    if (p->low) {
      p->low[at * k + r] = value - c->reach * error;
      p->high[at * k + r] = value + c->reach * error;
    }
  }
}

/* The probability whose log odds are log(p/rest) + shift; p and rest are not both 0. */
static double shifted(double p, double rest, double shift) {
  if (p == 0 || rest == 0 || isnan(shift))
    return p + 0 * shift;
  return 1 / (1 + exp(log(rest) - log(p) - shift));
}

/* dpᵢ = pᵢ(dηᵢ - Σ p dη). Intervals are made for log(p/(1 - p)) and carried back, so that they stay
   between 0 and 1. mean: width. */
static void set_probability_errors(const gradus_i_predict *c, const double *a, double *mean,
                                   size_t at) {
  gradus_prediction *out = c->prediction;
  size_t k = c->fit->k, width = c->fit->joint * c->fit->q;
  const double *p = out->fitted + at * (k + 1);
  memset(mean, 0, width * sizeof *mean);
  for (size_t r = 0; r < k; r++)
    for (size_t l = 0; l < width; l++)
      mean[l] += p[r + 1] * a[r * width + l];
  for (size_t i = 0; i <= k; i++) {
    double length = norm(i > 0 ? a + (i - 1) * width : NULL, mean, width), rest = 0;
    if (c->fit->limit && !(p[i] > 0 && p[i] < 1)) /* as of a binary response's 0 and 1 */
      length = NAN;
    for (size_t other = 0; other <= k; other++)
      rest += other == i ? 0 : p[other];
    if (out->std_error)
      out->std_error[at * (k + 1) + i] = p[i] * length;
    if (!out->low)
      continue;
    double shift = rest > 0 || isnan(length) ? c->reach * length / rest : 0; /* 0: it underflows */
    out->low[at * (k + 1) + i] = shifted(p[i], rest, -shift);
    out->high[at * (k + 1) + i] = shifted(p[i], rest, shift);
  }
}

/* False where infinite estimates cancel. eta: k. */
static bool predict_row(const gradus_fit *fit, const gradus_batch *batch, size_t i, bool link,
                        double *eta, double *fitted) {
  bool known = true;
  if (fit->limit && !link)
    return gradus_i_limit_probabilities(fit, batch, i, fitted);
  for (size_t r = 0; r < fit->k; r++) {
    eta[r] = gradus_i_linear_predictor(fit, r, batch, i);
    known = known && !(fit->limit && isnan(eta[r]));
  }
  if (link)
    memcpy(fitted, eta, fit->k * sizeof *eta);
  else
    gradus_i_probabilities(eta, fit->k, fitted);
  return known;
}

static gradus_status predict_batch(void *context, const gradus_batch *batch, double *unknown,
                                   double *scratch, gradus_error *err) {
  (void)err;
  const gradus_i_predict *c = context;
  const gradus_fit *fit = c->fit;
  size_t k = fit->k, width = fit->joint * fit->q, columns = c->prediction->columns;
  double *z = scratch, *eta = z + batch->rows * fit->q, *mean = eta + k, *a = mean + width;
  bool errors = c->prediction->std_error || c->prediction->low;
  if (errors)
    gradus_i_scaled_rows(fit, batch, z);
  for (size_t i = 0; i < batch->rows; i++) {
    size_t at = gradus_i_predicted_row(batch, i);
    double *fitted = c->prediction->fitted + at * columns;
    if (!predict_row(fit, batch, i, columns == k, eta, fitted))
      gradus_i_note_unknown(batch, i, unknown);
    if (!errors)
      continue;
    set_rows(fit, z + i * fit->q, a);
    if (columns == k)
      set_link_errors(c, a, at);
    else
      set_probability_errors(c, a, mean, at);
  }
  return GRADUS_OK;
}

gradus_status gradus_i_predict_multinomial(gradus_i_predict *context, const gradus_source *source,
                                           const gradus_predict_options *options, double *unknown,
                                           gradus_error *err) {
  const gradus_fit *fit = context->fit;
  size_t width = fit->joint * fit->q, chunk = gradus_i_chunk_rows(fit->q + fit->k);
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = 2,
                        .scratch_size = chunk * fit->q + fit->k + width + fit->k * width,
                        .process = predict_batch,
                        .merge = gradus_i_merge_unknown};
  return gradus_i_pass_run(&pass, context, source, gradus_i_threads(options->threads), unknown,
                           err);
}
