// SPDX-License-Identifier: GPL-3.0-or-later
/* Training: the solver, and what is looked after between its epochs. */
#include "network.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct training {
  gradus_i_network_job *job;
  gradus_i_objective objective, validation;
  gradus_i_network_model model;
  gradus_i_network_state state;
  size_t dim;
  double *theta;   /* dim: the parameters */
  double *best;    /* dim: of the best epoch; NULL: there is nothing to validate on */
  double *penalty; /* dim */
  bool *frozen, *decays;
  double best_loss;
  size_t waited; /* epochs since the best one */
  bool out_of_patience;
  gradus_status failed; /* of what is done between epochs, error */
  gradus_error error;
} training;

static void clear(training *t) {
  gradus_i_release(t->penalty);
  gradus_i_release(t->frozen);
}

static gradus_status allocate(training *t, gradus_error *err) {
  t->penalty = gradus_i_allocate(2 * t->dim, sizeof *t->penalty);
  t->frozen = gradus_i_allocate(2 * t->dim, sizeof *t->frozen);
  if (!t->penalty || !t->frozen)
    return gradus_i_out_of_memory(err);
  t->best = t->job->held ? t->penalty + t->dim : NULL;
  t->decays = t->frozen + t->dim;
  return GRADUS_OK;
}

/* The penalty is one on the weights as the fit gives them: without hidden layers these are in the
   units of the data. */
static void set_masks(training *t) {
  const gradus_i_network_job *job = t->job;
  const gradus_params *params = job->made->network->params;
  const double *factor = job->made->units.factor;
  bool deep = gradus_i_network_is_deep(job->made->network);
  for (size_t b = 0; b < gradus_params_blocks(params); b++) {
    const gradus_block *block = gradus_params_block(params, b);
    bool weight = block->role == GRADUS_ROLE_WEIGHT;
    double penalty = job->fit.l2 * (weight || !job->fit.l2_bias ? block->penalty : 1);
    for (size_t i = 0; i < block->size; i++) {
      double unit = weight && !deep && factor ? factor[i % job->p] : 1;
      t->penalty[block->offset + i] = penalty * unit * unit;
      t->frozen[block->offset + i] = block->frozen;
      t->decays[block->offset + i] = weight && block->penalty > 0;
    }
  }
}

static void set_objectives(training *t) {
  gradus_i_network_job *job = t->job;
  gradus_i_network_fit *made = job->made;
  bool single = job->options->precision == GRADUS_PRECISION_FLOAT32;
  t->state = (gradus_i_network_state){.seed = job->fit.seed, .running = t->theta};
  t->model = (gradus_i_network_model){.network = made->network,
                                      .loss = made->loss,
                                      .loss_data = gradus_i_network_loss_data(made),
                                      .precision = single ? GRADUS_I_FLOAT : GRADUS_I_DOUBLE,
                                      .state = &t->state};
  bool matrix = !single && gradus_i_network_has_rows_gradient(made->network);
  t->objective =
      (gradus_i_objective){.type = matrix ? &gradus_i_network_type : &gradus_i_network_plain_type,
                           .model = &t->model,
                           .source = job->train_weighted,
                           .dim = t->dim,
                           .row_size = job->p + job->k,
                           .penalty = job->fit.l2 > 0 ? t->penalty : NULL,
                           .l1 = job->options->l1,
                           .frozen = t->frozen,
                           .decays = t->decays,
                           .threads = job->fit.threads};
  t->validation = t->objective;
  t->validation.source = job->held_weighted;
  t->validation.penalty = NULL;
  t->validation.l1 = 0;
}

/* ---- between epochs ---- */

static gradus_status remember(gradus_i_network_fit *made, const gradus_epoch *epoch,
                              gradus_error *err) {
  if (made->epochs == made->capacity) {
    size_t capacity = made->capacity ? 2 * made->capacity : 64;
    gradus_epoch *grown = gradus_i_reallocate(made->history, capacity, sizeof *grown);
    if (!grown)
      return gradus_i_out_of_memory(err);
    made->history = grown;
    made->capacity = capacity;
  }
  made->history[made->epochs++] = *epoch;
  return GRADUS_OK;
}

static gradus_status validate(training *t, const double *theta, double *loss) {
  gradus_i_value value = {0};
  *loss = NAN;
  if (!t->job->held)
    return GRADUS_OK;
  gradus_status status =
      gradus_i_objective_evaluate(&t->validation, theta, GRADUS_I_LOSS, &value, &t->error);
  *loss = value.loss;
  return status;
}

static void compare(training *t, const gradus_epoch *epoch, const double *theta) {
  if (!t->best)
    return;
  if (t->job->made->best_epoch == 0 || isnan(t->best_loss) ||
      epoch->validation_loss < t->best_loss) {
    t->best_loss = epoch->validation_loss;
    t->job->made->best_epoch = epoch->epoch;
    t->waited = 0;
    memcpy(t->best, theta, t->dim * sizeof *theta);
    return;
  }
  t->waited++;
  t->out_of_patience = t->job->options->patience > 0 && t->waited >= t->job->options->patience;
}

static bool after_epoch(void *context, const gradus_progress *progress, const double *gradient) {
  (void)gradient;
  training *t = context;
  const gradus_fit_options *fit = &t->job->fit;
  gradus_progress seen = *progress;
  gradus_epoch epoch = {
      .epoch = progress->iteration, .loss = progress->loss, .learning_rate = progress->step};
  t->failed = validate(t, progress->theta, &epoch.validation_loss);
  if (t->failed <= 0 && epoch.epoch > 0)
    t->failed = remember(t->job->made, &epoch, &t->error);
  if (t->failed > 0)
    return false;
  if (epoch.epoch > 0)
    compare(t, &epoch, progress->theta);
  seen.validation_loss = epoch.validation_loss;
  seen.rows = (size_t)t->job->rows;
  bool more = !fit->progress || fit->progress(fit->progress_context, &seen);
  return more && !t->out_of_patience;
}

/* ---- the whole ---- */

static void conclude(training *t, const gradus_i_solver *solver, const gradus_i_outcome *outcome) {
  gradus_i_network_fit *made = t->job->made;
  t->job->report = (gradus_solver_report){.name = solver->name,
                                          .method = solver->how,
                                          .stop = gradus_i_stop_text(outcome->stop),
                                          .converged = outcome->converged,
                                          .iterations = outcome->iterations,
                                          .certificate = outcome->certificate,
                                          .condition = NAN};
  if (t->out_of_patience && outcome->stop == GRADUS_I_STOP_CALLER)
    t->job->report.stop = gradus_i_solver_words[GRADUS_I_WORD_PATIENCE];
  if (!t->best || made->best_epoch == 0)
    return;
  if (made->best_epoch != outcome->iterations)
    t->job->report.certificate = NAN; /* it is that of the last epoch */
  memcpy(t->theta, t->best, t->dim * sizeof *t->theta);
}

static gradus_status minimise(training *t, gradus_error *err) {
  const gradus_fit_options *fit = &t->job->fit;
  const gradus_i_solver *solver = gradus_i_solver_find(fit->solver);
  gradus_i_solver_options options = {.max_iterations = fit->max_iterations,
                                     .tolerance = fit->tolerance,
                                     .seed = fit->seed,
                                     .descent = &fit->descent,
                                     .progress = after_epoch,
                                     .progress_context = t};
  if (solver == &gradus_i_newton && !(options.tolerance > 0))
    options.tolerance = DBL_MIN; /* on until rounding stops it */
  gradus_i_outcome outcome;
  gradus_status status =
      gradus_i_minimise(solver, &t->objective, &options, t->theta, &outcome, err);
  if (status > 0)
    return status;
  gradus_i_release(outcome.matrix);
  if (t->failed > 0)
    return gradus_i_fail(err, t->failed, "%s", t->error.message);
  conclude(t, solver, &outcome);
  return GRADUS_OK;
}

gradus_status gradus_i_network_train(gradus_i_network_job *job, gradus_error *err) {
  gradus_params *params = job->made->network->params;
  training t = {
      .job = job, .dim = gradus_params_size(params), .theta = gradus_params_values(params)};
  gradus_status status = allocate(&t, err);
  if (status <= 0) {
    set_masks(&t);
    set_objectives(&t);
    status = minimise(&t, err);
  }
  clear(&t);
  return status;
}
