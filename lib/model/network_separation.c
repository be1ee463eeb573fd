// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks without hidden layers are regressions, and where the columns separate the response their
   likelihood has no maximum either: the regression on the same rows says so, and its limit takes
   the place of the large numbers at which the training ended. */
#include "network.h"

#include <math.h>
#include <string.h>

/* An end of the probabilities that regressions take for a sign. */
static const double certain = 18.420680743952367; /* -log 1e-8 */

static bool seeks_maximum(const char *solver) {
  return !solver || strcmp(solver, "gradient-descent") != 0;
}

/* A regression by the likelihood alone, and a search that claims its maximum: mini-batches end with
   their epochs, and the parameters of an earlier epoch are none. */
static bool may_be_separated(const gradus_fit *fit, const gradus_i_network_job *job) {
  const gradus_source_shape *shape = gradus_source_get_shape(job->learnt);
  bool binary = job->family && job->family->is_binomial && fit->k == 1;
  bool classes = !job->family && !shape->has_offset && fit->weight_kind != GRADUS_WEIGHT_ANALYTIC;
  bool sought = fit->solver.converged || seeks_maximum(job->fit.solver);
  bool best = fit->network->best_epoch == 0 || !isnan(fit->solver.certificate);
  return job->columns && !fit->network->custom.loss && fit->network->steps == 0 &&
         (binary || classes) && sought && best;
}

/* ---- signs ---- */

typedef struct predictors {
  gradus_i_affine model;
  const double *theta;
  bool by_logit; /* the scale of `certain`; of other links every fit is looked at */
} predictors;

static gradus_status note_extremes(void *context, const gradus_batch *batch, double *largest,
                                   double *eta, gradus_error *err) {
  (void)err;
  const predictors *c = context;
  size_t k = c->model.k;
  gradus_i_affine_predict(&c->model, c->theta, batch, eta);
  for (size_t i = 0; i < batch->rows; i++) {
    double high = 0, low = 0;
    for (size_t r = 0; r < k; r++) {
      high = fmax(high, eta[i * k + r]);
      low = fmin(low, eta[i * k + r]);
    }
    if ((!batch->weight || batch->weight[i] > 0) && !(high - low < certain))
      *largest = 1;
  }
  return GRADUS_OK;
}

static gradus_status look_for_signs(bool *signs, const gradus_fit *fit,
                                    const gradus_i_network_job *job, gradus_error *err) {
  predictors c = {
      .model = {.p = fit->p, .k = fit->k, .bias = fit->has_intercept, .loss = fit->network->loss},
      .theta = gradus_i_network_theta(fit)};
  size_t chunk = gradus_i_chunk_rows(fit->p + 2 * fit->k);
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = 1,
                        .scratch_size = chunk * fit->k,
                        .process = note_extremes};
  double found = 0;
  *signs = !fit->solver.converged || (job->family && strcmp(job->link->name, "logit") != 0);
  if (*signs)
    return GRADUS_OK;
  gradus_status status = gradus_i_pass_run(&pass, &c, job->learnt, job->fit.threads, &found, err);
  *signs = found > 0;
  return status;
}

/* ---- the regression ---- */

static gradus_status fit_regression(gradus_fit **regression, gradus_fit *fit,
                                    const gradus_i_network_job *job, gradus_error *err) {
  gradus_fit_options own = {.family = job->family ? fit->family : NULL,
                            .link = job->family ? fit->link : NULL,
                            .no_intercept = !job->bias,
                            .separation = job->fit.separation,
                            .weight_kind = fit->weight_kind,
                            .threads = job->fit.threads};
  gradus_design *design = fit->design; /* lent, for names */
  gradus_design **lent = design ? &design : NULL;
  fit->design = NULL;
  gradus_status status =
      job->family ? gradus_i_glm_fit_source(regression, job->learnt, lent, &own, err)
                  : gradus_i_multinomial_fit_source(regression, job->learnt, job->classes,
                                                    job->levels, lent, &own, err);
  if (*regression && lent && !design) {
    design = (*regression)->design;
    (*regression)->design = NULL;
  }
  fit->design = design;
  return status;
}

static void swap(double **a, double **b) {
  double *kept = *a;
  *a = *b;
  *b = kept;
}

static gradus_status take(gradus_fit *fit, gradus_fit *regression, gradus_error *err) {
  memcpy(gradus_params_values(fit->params), gradus_params_const_values(regression->params),
         fit->k * fit->q * sizeof(double));
  fit->limit = regression->limit;
  regression->limit = NULL;
  swap(&fit->root, &regression->root);
  swap(&fit->column_scale, &regression->column_scale);
  fit->joint = regression->joint;
  fit->deviance = regression->deviance;
  fit->solver = regression->solver;
  for (size_t i = 0; i < regression->warning_count; i++)
    if (regression->warnings[i].code == GRADUS_WARNING_SEPARATION)
      gradus_i_fit_warn(fit, err, GRADUS_WARNING_SEPARATION, "%s", regression->warnings[i].message);
  return gradus_i_network_know(fit, err);
}

gradus_status gradus_i_network_look_for_separation(gradus_fit *fit, const gradus_i_network_job *job,
                                                   gradus_error *err) {
  gradus_fit *regression = NULL;
  bool signs = false;
  if (job->fit.l2 > 0 || job->options->l1 > 0 || !may_be_separated(fit, job))
    return GRADUS_OK;
  gradus_status status = look_for_signs(&signs, fit, job, err);
  if (status > 0 || !signs)
    return status;
  gradus_error own = {0};
  status = fit_regression(&regression, fit, job, &own);
  if (status > 0)
    return gradus_i_fail(err, status, "%s", own.message);
  status = regression->limit ? take(fit, regression, err) : GRADUS_OK;
  gradus_fit_free(regression);
  return status;
}

void gradus_i_network_stand_in(const gradus_fit *fit, double *theta) {
  static const double far = 1e3;
  const gradus_i_limit *limit = fit->limit;
  size_t first = fit->has_intercept ? 1 : 0;
  for (size_t r = 0; r < fit->k; r++) {
    const double *centre = limit->centre + r * fit->q, *estimate = limit->estimate + r * fit->q;
    const double *direction = limit->direction + r * fit->q;
    double shift = 0;
    for (size_t j = first; j < fit->q; j++) {
      theta[r * fit->p + j - first] = estimate[j] + far * direction[j];
      shift += far * direction[j] * centre[j];
    }
    if (first)
      theta[fit->k * fit->p + r] = estimate[0] + far * direction[0] - shift;
  }
}
