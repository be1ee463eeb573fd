// SPDX-License-Identifier: GPL-3.0-or-later
/* Standardises the columns, lets a solver minimise, and undoes the standardisation. */
#include "iterate.h"
#include "softmax_metric.h"

#include <float.h>
#include <math.h>
#include <string.h>

bool gradus_i_solver_is_automatic(const gradus_fit_options *options) {
  return !options->solver || strcmp(options->solver, "auto") == 0;
}

const gradus_i_solver *gradus_i_iterative_solver(const gradus_fit_options *options) {
  return options->solver ? gradus_i_solver_find(options->solver) : NULL;
}

static gradus_status fail_option(const char *what, double value, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "%s must be finite and at least 0, not %g", what, value);
}

gradus_status gradus_i_check_iteration(const gradus_fit_options *options, gradus_error *err) {
  const gradus_descent_options *d = &options->descent;
  const struct {
    const char *name;
    double value;
  } numbers[] = {{"the penalty l2", options->l2},
                 {"the tolerance", options->tolerance},
                 {"the learning rate", d->learning_rate},
                 {"the decay of the schedule", d->decay},
                 {"the momentum", d->momentum},
                 {"the decay of squares", d->decay_square},
                 {"epsilon", d->epsilon},
                 {"the weight decay", d->weight_decay},
                 {"the norm that gradients are clipped at", d->clip_norm},
                 {"the value that gradients are clipped at", d->clip_value}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (!(numbers[i].value >= 0) || isinf(numbers[i].value))
      return fail_option(numbers[i].name, numbers[i].value, err);
  if (d->momentum >= 1 || d->decay_square >= 1)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "%s must be below 1, not %g",
                         d->momentum >= 1 ? "the momentum" : "the decay of squares",
                         d->momentum >= 1 ? d->momentum : d->decay_square);
  return GRADUS_OK;
}

/* ---- the standardised problem ---- */

gradus_status gradus_i_standard_find(gradus_i_standard *standard, const gradus_source *source,
                                     bool centred, int threads, gradus_error *err) {
  double *centre = standard->centre, *factor = standard->factor;
  gradus_status status = gradus_i_column_moments(source, threads, centre, factor, err);
  for (size_t j = 0; status <= 0 && j < gradus_source_get_shape(source)->columns; j++) {
    double spread = centred ? factor[j] : hypot(centre[j], factor[j]);
    if (!centred)
      centre[j] = 0;
    factor[j] = spread > 0 && isfinite(1 / spread) ? 1 / spread : 1;
  }
  return status;
}

gradus_status gradus_i_standardise(gradus_source **scaled, gradus_i_standard *standard,
                                   const gradus_source *source, bool centred, int threads,
                                   gradus_error *err) {
  gradus_status status = gradus_i_standard_find(standard, source, centred, threads, err);
  if (status > 0)
    return status;
  return gradus_i_scale_source(scaled, source, standard->centre, standard->factor, err);
}

typedef struct workspace {
  const gradus_i_iteration *problem;
  size_t p, k, dim;
  int threads;
  double *centre, *factor; /* p */
  double *theta;           /* dim: what the solver moves */
  double *penalty, *scale; /* dim */
  double *units;           /* dim: θ in the units of the data, for progress */
  bool *frozen, *decays;   /* dim */
  gradus_i_affine model;
  gradus_i_softmax_metric metric;
} workspace;

static void clear(workspace *w) {
  gradus_i_release(w->centre);
  gradus_i_release(w->frozen);
  gradus_i_softmax_metric_clear(&w->metric);
}

static gradus_status allocate(workspace *w, gradus_error *err) {
  size_t cells;
  if (!gradus_i_multiply(w->k, w->p + 1, &cells) || cells > SIZE_MAX / 64)
    return gradus_i_out_of_memory(err);
  w->dim = w->k * w->p + (w->problem->intercept ? w->k : 0);
  w->centre = gradus_i_allocate(2 * w->p + 4 * w->dim, sizeof *w->centre);
  w->frozen = gradus_i_allocate(2 * w->dim, sizeof *w->frozen);
  if (!w->centre || !w->frozen)
    return gradus_i_out_of_memory(err);
  w->decays = w->frozen + w->dim;
  w->factor = w->centre + w->p;
  w->theta = w->factor + w->p;
  w->penalty = w->theta + w->dim;
  w->scale = w->penalty + w->dim;
  w->units = w->scale + w->dim;
  return GRADUS_OK;
}

/* Centring takes a bias that is free to make up for it. */
static bool centres(const workspace *w) {
  return w->problem->intercept && !(w->problem->options->l2_bias && w->problem->options->l2 > 0) &&
         !(w->problem->dropped && w->problem->dropped[0]);
}

static gradus_status standardise(workspace *w, gradus_error *err) {
  gradus_i_standard standard = {w->centre, w->factor};
  w->model.centre = w->centre;
  w->model.factor = w->factor;
  return gradus_i_standard_find(&standard, w->problem->source, centres(w), w->threads, err);
}

static void set_masks(workspace *w) {
  const gradus_i_iteration *problem = w->problem;
  size_t first = problem->intercept ? 1 : 0;
  for (size_t r = 0; r < w->k; r++) {
    for (size_t j = 0; j < w->p; j++) {
      size_t at = r * w->p + j;
      w->penalty[at] = problem->options->l2 * w->factor[j] * w->factor[j];
      w->frozen[at] = problem->dropped && problem->dropped[first + j];
      w->decays[at] = true;
    }
    if (!first)
      continue;
    w->penalty[w->k * w->p + r] = problem->options->l2_bias ? problem->options->l2 : 0;
    w->frozen[w->k * w->p + r] = problem->dropped && problem->dropped[0];
  }
}

/* ---- there and back ---- */

static void to_units(const workspace *w, const double *theta, double *units) {
  for (size_t r = 0; r < w->k; r++) {
    double shift = 0;
    for (size_t j = 0; j < w->p; j++) {
      units[r * w->p + j] = theta[r * w->p + j] * w->factor[j];
      shift += units[r * w->p + j] * w->centre[j];
    }
    if (w->problem->intercept)
      units[w->k * w->p + r] = theta[w->k * w->p + r] - shift;
  }
}

static void from_units(const workspace *w, const double *units, double *theta) {
  for (size_t r = 0; r < w->k; r++) {
    double shift = 0;
    for (size_t j = 0; j < w->p; j++) {
      theta[r * w->p + j] = units[r * w->p + j] / w->factor[j];
      shift += units[r * w->p + j] * w->centre[j];
    }
    if (w->problem->intercept)
      theta[w->k * w->p + r] = units[w->k * w->p + r] + shift;
  }
}

/* ‖gradient‖ in the units of the data. */
static double gradient_norm(const workspace *w, const double *gradient) {
  double norm = 0;
  for (size_t r = 0; r < w->k; r++) {
    double bias = w->problem->intercept ? gradient[w->k * w->p + r] : 0;
    for (size_t j = 0; j < w->p; j++) {
      double entry = gradient[r * w->p + j] / w->factor[j] + w->centre[j] * bias;
      norm = w->frozen[r * w->p + j] ? norm : hypot(norm, entry);
    }
    norm = hypot(norm, bias);
  }
  return norm;
}

static bool pass_on(void *context, const gradus_progress *progress, const double *gradient) {
  workspace *w = context;
  gradus_progress seen = *progress;
  to_units(w, progress->theta, w->units);
  seen.theta = w->units;
  seen.gradient = NULL; /* it is in other units */
  if (gradient)
    seen.gradient_norm = gradient_norm(w, gradient);
  return w->problem->options->progress(w->problem->options->progress_context, &seen);
}

/* ---- the start, and what gradients are measured against ---- */

/* The linear predictors at the bias alone, or at a start that takes its place. */
static void predict_start(const workspace *w, const gradus_batch *batch, double *eta) {
  const gradus_i_iteration *problem = w->problem;
  if (problem->start) {
    gradus_i_affine_predict(&w->model, problem->start, batch, eta);
    return;
  }
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t r = 0; r < w->k; r++)
      eta[i * w->k + r] = (batch->offset ? batch->offset[i] : 0) +
                          (problem->intercept && problem->bias ? problem->bias[r] : 0);
}

/* Accumulates the loss, Σw and per predictor Σw s² of the scores s there. */
static gradus_status add_scores(void *context, const gradus_batch *batch, double *accumulator,
                                double *scratch, gradus_error *err) {
  const workspace *w = context;
  const gradus_i_iteration *problem = w->problem;
  size_t k = problem->k;
  gradus_status status = gradus_i_check_weights(batch, err);
  if (status > 0)
    return status;
  predict_start(w, batch, scratch);
  problem->loss->rows(problem->loss_data, GRADUS_I_GRADIENT, batch, k, scratch, NULL, accumulator);
  for (size_t i = 0; i < batch->rows; i++) {
    double weight = batch->weight ? batch->weight[i] : 1;
    accumulator[1] += weight;
    for (size_t r = 0; weight > 0 && r < k; r++)
      accumulator[2 + r] += scratch[i * k + r] * (scratch[i * k + r] / weight);
  }
  return GRADUS_OK;
}

static gradus_status set_scale(workspace *w, gradus_error *err) {
  const gradus_i_iteration *problem = w->problem;
  size_t chunk = gradus_i_chunk_rows(w->p + w->k);
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = 2 + w->k,
                        .scratch_size = chunk * w->k,
                        .process = add_scores};
  double *sums = gradus_i_allocate(2 + w->k, sizeof *sums);
  if (!sums)
    return gradus_i_out_of_memory(err);
  gradus_status status = gradus_i_pass_run(&pass, w, problem->source, w->threads, sums, err);
  if (status <= 0 && !(sums[1] > 0))
    status = gradus_i_fail(err, GRADUS_ERROR_NO_COMPLETE_ROWS,
                           "there is no row with a weight above 0: nothing can be fitted");
  for (size_t r = 0; status <= 0 && r < w->k; r++) {
    double scale = sqrt(sums[2 + r] / sums[1]);
    scale = isfinite(scale) ? scale : 1;
    for (size_t j = 0; j < w->p; j++)
      w->scale[r * w->p + j] = scale;
    if (problem->intercept)
      w->scale[w->k * w->p + r] = scale;
  }
  gradus_i_release(sums);
  return status;
}

gradus_status gradus_i_read_start(double *theta, const gradus_params *start, size_t k, size_t p,
                                  bool intercept, gradus_error *err) {
  const gradus_block *weight = gradus_params_find(start, "output.weight");
  const gradus_block *bias = gradus_params_find(start, "output.bias");
  if (!weight || weight->shape[0] != k || weight->shape[1] != p ||
      (intercept && (!bias || bias->size != k)))
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "the start has %zu×%zu weights, this model %zu×%zu%s",
                         weight ? weight->shape[0] : 0, weight ? weight->shape[1] : 0, k, p,
                         intercept ? " and a bias" : "");
  const double *values = gradus_params_const_values(start);
  for (size_t i = 0; i < k * p; i++) /* NaN: a column that was dropped */
    theta[i] = isfinite(values[weight->offset + i]) ? values[weight->offset + i] : 0;
  for (size_t r = 0; intercept && r < k; r++)
    theta[k * p + r] = isfinite(values[bias->offset + r]) ? values[bias->offset + r] : 0;
  return GRADUS_OK;
}

static gradus_status set_start(workspace *w, gradus_error *err) {
  const gradus_i_iteration *problem = w->problem;
  const gradus_params *start = problem->options->start;
  if (!start && problem->start) {
    from_units(w, problem->start, w->theta);
    return GRADUS_OK;
  }
  if (!start) {
    for (size_t r = 0; problem->intercept && problem->bias && r < w->k; r++)
      w->theta[w->k * w->p + r] = problem->bias[r];
    return GRADUS_OK;
  }
  gradus_status status = gradus_i_read_start(w->units, start, w->k, w->p, problem->intercept, err);
  if (status > 0)
    return status;
  from_units(w, w->units, w->theta);
  for (size_t j = 0; j < w->dim; j++)
    w->theta[j] = w->frozen[j] ? 0 : w->theta[j];
  return GRADUS_OK;
}

/* ---- the whole ---- */

static gradus_status minimise(workspace *w, gradus_solver_report *report, gradus_error *err) {
  const gradus_i_iteration *problem = w->problem;
  const gradus_fit_options *options = problem->options;
  gradus_i_objective objective = {.type = &gradus_i_affine_type,
                                  .model = &w->model,
                                  .source = problem->source,
                                  .dim = w->dim,
                                  .row_size = w->p + w->k,
                                  .penalty = options->l2 > 0 ? w->penalty : NULL,
                                  .frozen = w->frozen,
                                  .decays = w->decays,
                                  .scale = w->scale,
                                  .threads = w->threads};
  gradus_i_solver_options solver = {.max_iterations = options->max_iterations,
                                    .tolerance = options->tolerance,
                                    .seed = options->seed,
                                    .descent = &options->descent,
                                    .progress = options->progress ? pass_on : NULL,
                                    .progress_context = w};
  if (problem->to_standstill && !(solver.tolerance > 0))
    solver.tolerance = DBL_MIN;
  gradus_i_outcome outcome;
  gradus_status status = GRADUS_OK;
  if (problem->shares && problem->solver == &gradus_i_lbfgs) {
    w->metric = (gradus_i_softmax_metric){
        .model = &w->model, .shares = problem->shares, .penalty = objective.penalty};
    status = gradus_i_softmax_sample(&w->metric, &objective, !options->start, w->theta, err);
    solver.precondition = gradus_i_softmax_metric_apply;
    solver.precondition_context = &w->metric;
  }
  if (status <= 0)
    status = gradus_i_minimise(problem->solver, &objective, &solver, w->theta, &outcome, err);
  if (status > 0)
    return status;
  gradus_i_release(outcome.matrix);
  *report = (gradus_solver_report){.name = problem->solver->name,
                                   .method = problem->solver->how,
                                   .stop = gradus_i_stop_text(outcome.stop),
                                   .converged = outcome.converged,
                                   .iterations = outcome.iterations,
                                   .certificate = outcome.certificate,
                                   .condition = NAN};
  return GRADUS_OK;
}

gradus_status gradus_i_iterate(const gradus_i_iteration *problem, double *theta,
                               gradus_solver_report *report, gradus_error *err) {
  workspace w = {
      .problem = problem, .p = gradus_source_get_shape(problem->source)->columns, .k = problem->k};
  gradus_status status = gradus_i_check_iteration(problem->options, err);
  if (status > 0)
    return status;
  gradus_i_thread_scope scope = gradus_i_threads_begin(problem->options->threads);
  w.threads = scope.threads;
  w.model = (gradus_i_affine){.p = w.p,
                              .k = w.k,
                              .bias = problem->intercept,
                              .loss = problem->loss,
                              .loss_data = problem->loss_data};
  status = allocate(&w, err);
  if (status <= 0)
    status = standardise(&w, err);
  if (status <= 0) {
    set_masks(&w);
    status = set_scale(&w, err);
  }
  if (status <= 0)
    status = set_start(&w, err);
  if (status <= 0)
    status = minimise(&w, report, err);
  if (status <= 0)
    to_units(&w, w.theta, theta);
  gradus_i_threads_end(scope);
  clear(&w);
  return status;
}
