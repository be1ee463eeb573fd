// SPDX-License-Identifier: GPL-3.0-or-later
/* Training: the solver, and what is looked after between its epochs. */
#include "../layer/custom.h"
#include "../solver/descent_rules.h"
#include "network_checkpoint.h"
#include "network_output.h"

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
  double *factor;  /* dim: of l1 */
  bool *frozen, *decays;
  double best_loss;
  size_t waited; /* epochs since the best one */
  bool out_of_patience;
  gradus_i_memory memory; /* the solver's, for checkpoints and for going on later */
  size_t earlier;         /* epochs in the history that are not of this search */
  gradus_i_text words;    /* what is trained, and how */
  gradus_status failed;   /* of what is done between epochs, error */
  gradus_error error;
} training;

static void clear(training *t) {
  gradus_i_release(t->memory.values);
  gradus_i_text_clear(&t->words);
  gradus_i_release(t->penalty);
  gradus_i_release(t->frozen);
}

static gradus_status allocate(training *t, gradus_error *err) {
  t->penalty = gradus_i_allocate(3 * t->dim, sizeof *t->penalty);
  t->frozen = gradus_i_allocate(2 * t->dim, sizeof *t->frozen);
  if (!t->penalty || !t->frozen)
    return gradus_i_out_of_memory(err);
  t->best = t->job->held ? t->penalty + t->dim : NULL;
  t->decays = t->frozen + t->dim;
  t->factor = t->penalty + 2 * t->dim;
  return GRADUS_OK;
}

/* Of a network without hidden layers, entry i of its weights or biases. */
static bool is_dropped(const gradus_i_network_job *job, bool weight, size_t i) {
  if (!job->dropped)
    return false;
  return weight ? job->dropped[i % job->p + (job->bias ? 1 : 0)] : job->dropped[0];
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
      t->frozen[block->offset + i] = block->frozen || is_dropped(job, weight, i);
      t->factor[block->offset + i] = block->penalty;
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
                                      .steps = made->steps,
                                      .state = &t->state};
  bool matrix = !single && made->steps == 0 && made->loss->order >= GRADUS_I_MATRIX &&
                gradus_i_network_has_rows_gradient(made->network);
  t->objective =
      (gradus_i_objective){.type = matrix ? &gradus_i_network_type : &gradus_i_network_plain_type,
                           .model = &t->model,
                           .source = job->train_weighted,
                           .dim = t->dim,
                           .row_size = job->p + job->k,
                           .penalty = job->fit.l2 > 0 ? t->penalty : NULL,
                           .l1 = job->options->l1,
                           .l1_factor = t->factor,
                           .frozen = t->frozen,
                           .decays = t->decays,
                           .threads = job->fit.threads};
  t->validation = t->objective;
  t->validation.source = job->held_weighted;
  t->validation.penalty = NULL;
  t->validation.l1 = 0;
}

/* ---- checkpoints ---- */

/* With what its parameters do not tell. */
static void describe_layer(gradus_i_text *text, const gradus_i_node *node) {
  const char *activation = gradus_i_node_activation_name(node);
  const gradus_i_window *w = &node->window;
  gradus_i_text_format(text, ", %s %s", node->name,
                       activation ? activation : gradus_i_node_type_name(node));
  if (node->parameters > 0)
    gradus_i_text_format(text, " %zu", node->out.size);
  if (w->kernel[0] > 0)
    gradus_i_text_format(text, " stride %zux%zu dilation %zux%zu padding %zux%zu", w->stride[0],
                         w->stride[1], w->dilation[0], w->dilation[1], w->padding[0],
                         w->padding[1]);
  if (node->truncate > 0)
    gradus_i_text_format(text, " truncate %zu", node->truncate);
}

/* What must be the same for a training to go on to the bit. */
static void describe(training *t) {
  const gradus_i_network_job *job = t->job;
  const gradus_i_network *network = job->made->network;
  const gradus_descent_options *d = &job->fit.descent;
  const gradus_i_descent_rule *rule = gradus_i_descent_rule_find(d->rule);
  gradus_i_text *text = &t->words;
  gradus_i_text_format(text, "%zu inputs", job->p);
  for (size_t i = 1; i < network->count; i++)
    describe_layer(text, &network->nodes[i]);
  gradus_i_text_format(text, "; %s, %s, %g rows%s, seed %lu, batches of %zu, rule %s",
                       job->made->custom.loss ? gradus_i_network_loss_name(job->made)
                       : job->family          ? job->family->name
                                              : "multinomial",
                       job->link->name, job->rows, t->best ? " and others to validate on" : "",
                       job->fit.seed, d->batch_size, rule ? rule->name : "auto");
}

static gradus_i_checkpoint checkpoint_of(training *t) {
  gradus_i_network_fit *made = t->job->made;
  return (gradus_i_checkpoint){.training = t->words.data,
                               .dim = t->dim,
                               .theta = t->theta,
                               .best = t->best ? t->best : t->penalty,
                               .best_loss = t->best_loss,
                               .best_epoch = made->best_epoch,
                               .waited = t->waited,
                               .evaluation = t->state.evaluation,
                               .memory = &t->memory,
                               .made = made};
}

static gradus_status resume(training *t, gradus_error *err) {
  const gradus_network_options *options = t->job->options;
  if (options->resume && !options->checkpoint)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "to resume a training, name its checkpoint");
  if (!options->checkpoint)
    return GRADUS_OK;
  describe(t);
  if (t->words.failed)
    return gradus_i_out_of_memory(err);
  if (!options->resume)
    return GRADUS_OK;
  gradus_i_checkpoint checkpoint = checkpoint_of(t);
  gradus_status status = gradus_i_checkpoint_read(&checkpoint, options->checkpoint, err);
  if (status > 0)
    return status;
  t->best_loss = checkpoint.best_loss;
  t->waited = checkpoint.waited;
  t->state.evaluation = checkpoint.evaluation;
  t->job->made->best_epoch = checkpoint.best_epoch;
  return GRADUS_OK;
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

static gradus_status save(training *t) {
  if (!t->job->options->checkpoint)
    return GRADUS_OK;
  gradus_i_checkpoint checkpoint = checkpoint_of(t);
  return gradus_i_checkpoint_write(&checkpoint, t->job->options->checkpoint, &t->error);
}

static bool after_epoch(void *context, const gradus_progress *progress, const double *gradient) {
  (void)gradient;
  training *t = context;
  const gradus_fit_options *fit = &t->job->fit;
  gradus_progress seen = *progress;
  gradus_epoch epoch = {.epoch = t->earlier + progress->iteration,
                        .loss = progress->loss,
                        .learning_rate = progress->step};
  t->failed = validate(t, progress->theta, &epoch.validation_loss);
  bool news = epoch.epoch > t->job->made->epochs; /* neither the start nor where it is resumed */
  if (t->failed <= 0 && news)
    t->failed = remember(t->job->made, &epoch, &t->error);
  if (t->failed <= 0 && news) {
    compare(t, &epoch, progress->theta);
    t->failed = save(t);
  }
  if (t->failed > 0)
    return false;
  seen.validation_loss = epoch.validation_loss;
  seen.rows = (size_t)t->job->rows;
  seen.params = t->job->made->network->params;
  bool more = !fit->progress || fit->progress(fit->progress_context, &seen);
  return more && !t->out_of_patience;
}

/* ---- the whole ---- */

/* In words where the loss or its gradient left the numbers. */
static void tell_divergence(training *t, const gradus_i_leaving *left) {
  const gradus_params *params = t->job->made->network->params;
  char batch[48] = "", what[200] = "the loss";
  if (left->batch > 0)
    gradus_i_snprintf(batch, sizeof batch, ", batch %zu", left->batch);
  for (size_t b = 0; b < gradus_params_blocks(params); b++) {
    const gradus_block *block = gradus_params_block(params, b);
    if (left->entry >= block->offset && left->entry < block->offset + block->size)
      gradus_i_snprintf(what, sizeof what, "the gradient of %.100s", block->name);
  }
  gradus_i_fail(&t->job->warning, GRADUS_WARNING_DIVERGED,
                "the training ended in epoch %zu%s, where %s was no longer a finite number; the "
                "parameters are the last good ones: a smaller learning rate, or clipped gradients, "
                "may go on",
                left->iteration, batch, what);
}

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
  if (outcome->stop == GRADUS_I_STOP_NOT_FINITE && outcome->left.iteration > 0)
    tell_divergence(t, &outcome->left);
  if (!t->best || made->best_epoch == 0)
    return;
  bool later = outcome->stop == GRADUS_I_STOP_ASKED;
  if (later || made->best_epoch != t->earlier + outcome->iterations)
    t->job->report.certificate = NAN; /* it is that of the end */
  memcpy(t->theta, t->best, t->dim * sizeof *t->theta);
}

/* A solver that keeps nothing says so where a checkpoint asks for it. */
static bool keeps(const gradus_i_network_job *job) {
  bool by_rule =
      strcmp(job->fit.solver, "gradient-descent") == 0 && job->fit.descent.rule != GRADUS_RULE_AUTO;
  return by_rule || job->options->checkpoint;
}

/* For later rows: all but the order of these. */
static void keep(training *t) {
  gradus_i_network_kept *kept = &t->job->made->kept;
  const gradus_fit_options *fit = &t->job->fit;
  const gradus_source *source = t->job->train_weighted;
  size_t rows = gradus_source_get_shape(source)->rows;
  if (!keeps(t->job))
    return;
  bool ordered = fit->descent.batch_size > 0 && !fit->descent.keep_order &&
                 gradus_source_random_access(source);
  gradus_i_release(kept->memory.values);
  kept->memory = t->memory;
  kept->memory.count -= ordered ? rows : 0;
  t->memory = (gradus_i_memory){0};
  kept->descent = fit->descent;
  kept->l1 = t->job->options->l1;
  kept->l2_bias = fit->l2_bias;
  kept->precision = t->job->options->precision;
  kept->seed = fit->seed;
  kept->evaluation = t->state.evaluation;
}

/* What an earlier training left. */
static gradus_status take_up(training *t, gradus_error *err) {
  const gradus_i_network_kept *kept = &t->job->made->kept;
  t->state.evaluation = kept->evaluation;
  t->memory = kept->memory;
  t->memory.values = NULL;
  if (kept->memory.count == 0)
    return GRADUS_OK;
  t->memory.values = gradus_i_allocate(kept->memory.count, sizeof(double));
  if (!t->memory.values)
    return gradus_i_out_of_memory(err);
  memcpy(t->memory.values, kept->memory.values, kept->memory.count * sizeof(double));
  return GRADUS_OK;
}

static gradus_status minimise(training *t, gradus_error *err) {
  const gradus_fit_options *fit = &t->job->fit;
  const gradus_i_solver *solver = gradus_i_solver_find(fit->solver);
  gradus_i_solver_options options = {.max_iterations = fit->max_iterations,
                                     .tolerance = fit->tolerance,
                                     .seed = fit->seed,
                                     .descent = &fit->descent,
                                     .memory = keeps(t->job) ? &t->memory : NULL,
                                     .progress = after_epoch,
                                     .progress_context = t,
                                     .stop = t->job->options->stop,
                                     .stop_context = t->job->options->stop_context};
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

/* In double precision, whatever the training's was. */
static gradus_status solve_output(training *t, gradus_error *err) {
  t->model.precision = GRADUS_I_DOUBLE;
  if (t->job->dropped) /* the same ones drop out of it */
    t->objective.frozen = NULL;
  return gradus_i_network_solve_output(&t->objective, t->theta, err);
}

gradus_status gradus_i_network_train(gradus_i_network_job *job, gradus_error *err) {
  gradus_params *params = job->made->network->params;
  training t = {
      .job = job, .dim = gradus_params_size(params), .theta = gradus_params_values(params)};
  gradus_status status = allocate(&t, err);
  if (status <= 0) {
    set_masks(&t);
    set_objectives(&t);
    for (size_t i = 0; job->dropped && i < t.dim; i++)
      t.theta[i] = t.frozen[i] ? 0 : t.theta[i];
    status = take_up(&t, err);
  }
  if (status <= 0)
    status = resume(&t, err);
  if (status <= 0) {
    t.earlier = job->made->epochs - t.memory.iteration;
    status = minimise(&t, err);
  }
  if (status <= 0 && job->options->solve_output)
    status = solve_output(&t, err);
  if (status <= 0)
    keep(&t);
  clear(&t);
  return status;
}
