// SPDX-License-Identifier: GPL-3.0-or-later
/* Sums over the rows of a generalised linear model at an estimate: deviance, likelihood, residuals.
 */
#include "../linalg/fused.h"
#include "../objective/loss.h"
#include "irls.h"

#include <math.h>
#include <string.h>

enum {
  ROWS,
  WEIGHT,
  DEVIANCE,
  PEARSON,
  TOTAL,
  LOG_WEIGHT,
  EXTREME,
  INVALID,
  BLIND,
  LIKELIHOOD,
  SHAPE_SCORE,
  SHAPE_INFORMATION,
  SPREAD,
  SUMS
};

typedef struct sums_context {
  const gradus_source *source;
  const gradus_i_irls_options *options;
  const double *weights, *bias; /* at an estimate, else NULL */
  size_t p;
  double mean;       /* of every row, if there is no estimate */
  double dispersion; /* of the likelihood; 0: not asked for */
  double *residuals; /* one per row of the source, or NULL */
  bool shape;        /* whether the sums about the shape are asked for */
  bool logistic;     /* rows whose response is 0 or 1 come from a kernel */
} sums_context;

/* What rows of a batch are at their linear predictors; scratch of a pass. */
typedef struct row_values {
  double *eta, *y, *one, *loss, *slope, *curvature;
} row_values;
enum { ARRAYS = sizeof(row_values) / sizeof(double *) };

static row_values values_in(double *scratch, size_t rows) {
  return (row_values){.eta = scratch,
                      .y = scratch + rows,
                      .one = scratch + 2 * rows,
                      .loss = scratch + 3 * rows,
                      .slope = scratch + 4 * rows,
                      .curvature = scratch + 5 * rows};
}

static void predict(const sums_context *c, const gradus_batch *batch, row_values *v) {
  double start = c->weights ? 0 : c->options->link->predictor(c->mean);
  if (c->bias)
    start = *c->bias;
  for (size_t i = 0; i < batch->rows; i++)
    v->eta[i] = start + (c->weights && batch->offset ? batch->offset[i] : 0);
  if (c->weights)
    gradus_i_rows_forward(batch->rows, c->p, 1, batch->x, batch->x_stride, c->weights, v->eta);
  if (!c->logistic)
    return;
  for (size_t i = 0; i < batch->rows; i++) {
    v->y[i] = batch->y[i * batch->y_stride];
    v->one[i] = 1;
  }
  gradus_i_row_loss_logistic(batch->rows, v->eta, v->y, v->one, NULL, v->loss, v->slope,
                             v->curvature);
}

/* A success or a failure by the kernel's tails. */
static bool is_binary(const sums_context *c, double y) {
  return c->logistic && (y == 0 || y == 1);
}

static gradus_i_observation observe(const sums_context *c, const row_values *v, size_t i,
                                    double y) {
  if (is_binary(c, y))
    return (gradus_i_observation){.mean = y + v->slope[i],
                                  .score = -v->slope[i],
                                  .fisher = v->curvature[i],
                                  .deviance = 2 * v->loss[i]};
  gradus_i_observation at;
  gradus_i_observe(c->options->family, c->options->link, c->options->shape, y, v->eta[i], &at);
  return at;
}

static double log_density(const sums_context *c, const gradus_i_observation *at, double y,
                          double eta, double w) {
  const gradus_i_irls_options *o = c->options;
  double one = o->frequency ? 1 : w, times = o->frequency ? w : 1;
  if (is_binary(c, y) && one == 1)
    return -0.5 * times * at->deviance;
  return times * gradus_i_log_density(o->family, o->link, o->shape, y, eta, at, one, c->dispersion);
}

static bool is_valid(const sums_context *c, double eta, double mean) {
  const gradus_i_irls_options *o = c->options;
  return isfinite(eta) && gradus_i_link_valid(o->link, o->family->is_binomial, eta) &&
         o->family->valid_mean(mean);
}

/* Whether a row pulls, and its weight has no room to say so. */
static bool is_blind(const gradus_i_observation *o) {
  return !(o->fisher > 0 && isfinite(o->score / o->fisher)) && !(fabs(o->score) < 1e-100);
}

static void add_shape(const sums_context *c, double y, double mean, double w, double *sums) {
  double score, information;
  c->options->family->shape_information(y, mean, c->options->shape, &score, &information);
  sums[SHAPE_SCORE] += w * score;
  sums[SHAPE_INFORMATION] += w * information;
  sums[SPREAD] += w * (y / mean - 1) * (y / mean - 1);
}

static void add_row(const sums_context *c, const gradus_batch *batch, const row_values *v, size_t i,
                    double *sums) {
  const gradus_i_family *family = c->options->family;
  double y = batch->y[i * batch->y_stride], w = batch->weight ? batch->weight[i] : 1;
  gradus_i_observation at = observe(c, v, i, y);
  if (c->residuals)
    c->residuals[batch->first + i] = copysign(sqrt(w * fmax(at.deviance, 0)), y - at.mean);
  sums[ROWS] += 1;
  sums[WEIGHT] += w;
  sums[DEVIANCE] += w * at.deviance;
  sums[PEARSON] += w * (at.fisher > 0 ? at.score * at.score / at.fisher : 0);
  sums[TOTAL] += w * y;
  sums[LOG_WEIGHT] += w == 1 ? 0 : log(w);
  sums[EXTREME] += family->is_binomial && (at.mean < 1e-8 || at.mean > 1 - 1e-8);
  sums[INVALID] += !is_valid(c, v->eta[i], at.mean);
  sums[BLIND] += is_blind(&at);
  if (c->dispersion > 0 && family->log_saturated)
    sums[LIKELIHOOD] += log_density(c, &at, y, v->eta[i], w);
  if (c->shape && family->shape_information)
    add_shape(c, y, at.mean, w, sums);
}

static gradus_status add_rows(void *context, const gradus_batch *batch, double *accumulator,
                              double *scratch, gradus_error *err) {
  const sums_context *c = context;
  row_values values = values_in(scratch, batch->rows);
  gradus_status status = gradus_i_check_weights(batch, err);
  if (status <= 0)
    predict(c, batch, &values);
  for (size_t i = 0; status <= 0 && i < batch->rows; i++) {
    double y = batch->y[i * batch->y_stride];
    if (batch->weight && batch->weight[i] == 0) {
      if (c->residuals)
        c->residuals[batch->first + i] = NAN;
      continue;
    }
    if (!c->options->family->accepts(y))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "row %zu: the response is %g; for the family %s it must be %s",
                           gradus_i_batch_row(batch, i), y, c->options->family->name,
                           c->options->family->requirement);
    add_row(c, batch, &values, i, accumulator);
  }
  return status;
}

static gradus_status sum_up(double *sums, sums_context *c, gradus_error *err) {
  size_t chunk = gradus_i_chunk_rows(c->p + 1);
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = SUMS,
                        .scratch_size = ARRAYS * chunk,
                        .process = add_rows};
  return gradus_i_pass_run(&pass, c, c->source, gradus_i_threads(c->options->threads), sums, err);
}

static sums_context context_of(const gradus_source *source, const gradus_i_irls_options *options,
                               const double *estimate) {
  size_t first = options->no_intercept ? 0 : 1;
  return (sums_context){.source = source,
                        .options = options,
                        .bias = estimate && first ? estimate : NULL,
                        .weights = estimate ? estimate + first : NULL,
                        .p = options->intercept_only ? 0 : gradus_source_get_shape(source)->columns,
                        .logistic = gradus_i_glm_row_loss(options->family, options->link) ==
                                    gradus_i_row_loss_logistic};
}

gradus_status gradus_i_glm_sums_at(gradus_i_glm_sums *sums, const gradus_source *source,
                                   const gradus_i_irls_options *options, const double *estimate,
                                   double mean, gradus_error *err) {
  double s[SUMS];
  sums_context context = context_of(source, options, estimate);
  context.mean = mean;
  gradus_status status = sum_up(s, &context, err);
  *sums = (gradus_i_glm_sums){.rows = s[ROWS],
                              .weight = s[WEIGHT],
                              .deviance = s[DEVIANCE],
                              .pearson = s[PEARSON],
                              .total = s[TOTAL],
                              .total_weight_log = s[LOG_WEIGHT],
                              .extreme = s[EXTREME],
                              .invalid = s[INVALID],
                              .blind = s[BLIND]};
  return status;
}

gradus_status gradus_i_glm_residuals(double *residuals, const gradus_source *source,
                                     const gradus_i_irls_options *options, const double *estimate,
                                     gradus_error *err) {
  double s[SUMS];
  sums_context context = context_of(source, options, estimate);
  context.residuals = residuals;
  return sum_up(s, &context, err);
}

gradus_status gradus_i_glm_log_likelihood(double *value, const gradus_source *source,
                                          const gradus_i_irls_options *options,
                                          const double *estimate, double dispersion,
                                          gradus_error *err) {
  double s[SUMS];
  sums_context context = context_of(source, options, estimate);
  context.dispersion = dispersion;
  gradus_status status = sum_up(s, &context, err);
  *value = options->family->log_saturated ? s[LIKELIHOOD] : NAN;
  return status;
}

gradus_status gradus_i_glm_shape_sums(gradus_i_shape_sums *sums, const gradus_source *source,
                                      const gradus_i_irls_options *options, const double *estimate,
                                      gradus_error *err) {
  double s[SUMS];
  sums_context context = context_of(source, options, estimate);
  context.shape = true;
  gradus_status status = sum_up(s, &context, err);
  *sums = (gradus_i_shape_sums){.score = s[SHAPE_SCORE],
                                .information = s[SHAPE_INFORMATION],
                                .weight = s[WEIGHT],
                                .spread = s[SPREAD]};
  return status;
}
