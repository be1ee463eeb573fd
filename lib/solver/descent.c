// SPDX-License-Identifier: GPL-3.0-or-later
/* Gradient descent: with a step of its own making, or by a rule with a learning rate, over all rows
   or over mini-batches. */
#include "accelerated.h"
#include "descent_rules.h"
#include "internal.h"
#include "training.h"

#include <math.h>
#include <string.h>

typedef struct descent {
  const gradus_i_descent_rule *rule; /* NULL: AUTO */
  gradus_i_accelerated accelerated;
  gradus_i_rule_step step;
  double rate; /* before the schedule */
  /* dim each: θ at the start, at the start of the iteration, a gradient of the rule's own. */
  double *start, *last, *gradient;
  double *memory, *rule_state;
  gradus_i_minibatches batches;
  double *sums, *scratch;     /* of a mini-batch */
  gradus_i_training training; /* for objectives that have a way of their own */
} descent;

/* ---- start ---- */

static void finish(gradus_i_search *search) {
  descent *d = search->state;
  if (!d)
    return;
  gradus_i_minibatches_close(&d->batches);
  gradus_i_training_close(&d->training);
  gradus_i_release(d->memory);
  gradus_i_release(d->sums);
  gradus_i_release(d->scratch);
  gradus_i_release(d);
}

/* Vectors of dim, one after the other. */
static bool make_vectors(descent *d, size_t dim) {
  enum { OWN = 4 };
  size_t count = OWN + (d->rule ? d->rule->state : GRADUS_I_ACCELERATED_VECTORS), cells;
  if (!gradus_i_multiply(count, dim, &cells))
    return false;
  double *at = d->memory = gradus_i_allocate(cells, sizeof *d->memory);
  if (!at)
    return false;
  d->start = at;
  d->last = at + dim;
  d->gradient = at + 2 * dim;
  d->step.decay = at + 3 * dim;
  d->rule_state = at + OWN * dim;
  return true;
}

/* The rule's constants, zeros filled in. */
static void set_constants(descent *d, const gradus_i_objective *o,
                          const gradus_descent_options *options) {
  const gradus_i_descent_rule *rule = d->rule;
  d->rate = options->learning_rate > 0 ? options->learning_rate : rule->rate;
  d->step.momentum = options->momentum > 0 ? options->momentum : 0.9;
  d->step.decay_square = options->decay_square > 0 ? options->decay_square : rule->decay_square;
  d->step.epsilon = options->epsilon > 0 ? options->epsilon : rule->epsilon;
  double *decay = d->memory + 3 * o->dim;
  for (size_t j = 0; j < o->dim; j++)
    if ((!o->decays || o->decays[j]) && !(o->frozen && o->frozen[j]))
      decay[j] = options->weight_decay;
}

/* Whether mini-batches go the way that the objective has for them. */
static bool trains(const gradus_i_search *s) {
  const gradus_i_objective *o = s->objective;
  return s->options->descent->batch_size > 0 && o->type->training;
}

static gradus_status open_batches(descent *d, const gradus_i_search *s, gradus_error *err) {
  const gradus_i_objective *o = s->objective;
  gradus_status status =
      gradus_i_minibatches_open(&d->batches, o->source, s->options->descent, s->options->seed, err);
  if (status > 0)
    return status;
  d->batches.stop = s->options->stop;
  d->batches.stop_context = s->options->stop_context;
  if (trains(s))
    return gradus_i_training_open(&d->training, o, s->options->descent, d->batches.size,
                                  d->rule->state, err);
  size_t scratch = o->type->scratch_size(o->model, d->batches.size, GRADUS_I_GRADIENT);
  d->sums =
      gradus_i_allocate_raw(gradus_i_objective_sums_size(o, GRADUS_I_GRADIENT), sizeof *d->sums);
  d->scratch = gradus_i_allocate_raw(scratch, sizeof *d->scratch);
  return d->sums && d->scratch ? GRADUS_OK : gradus_i_out_of_memory(err);
}

/* What the rule AUTO, which finds its step by itself, would leave unheeded; NULL: nothing. */
static const char *tuning_of(const gradus_descent_options *o) {
  const struct {
    const char *name;
    bool given;
  } all[] = {{"learning rate", o->learning_rate > 0},
             {"schedule", o->schedule != GRADUS_SCHEDULE_CONSTANT || o->decay > 0 || o->period > 0},
             {"warm-up", o->warm_up > 0},
             {"momentum", o->momentum > 0 || o->decay_square > 0 || o->epsilon > 0},
             {"weight decay", o->weight_decay > 0},
             {"clipping", o->clip_norm > 0 || o->clip_value > 0}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i].given)
      return all[i].name;
  return NULL;
}

static gradus_status check(const gradus_descent_options *options, gradus_error *err) {
  const double positive[] = {options->learning_rate, options->decay,     options->epsilon,
                             options->weight_decay,  options->clip_norm, options->clip_value};
  for (size_t i = 0; i < sizeof positive / sizeof *positive; i++)
    if (!(positive[i] >= 0 && isfinite(positive[i])))
      return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "a learning rate, decay, epsilon or clipping bound of %g: it must be "
                           "positive, or 0 for the default",
                           positive[i]);
  if (!(options->momentum >= 0 && options->momentum < 1 && options->decay_square >= 0 &&
        options->decay_square < 1))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "momentum %g and decay of squares %g: both must be below 1",
                         options->momentum, options->decay_square);
  const char *tuning = options->rule == GRADUS_RULE_AUTO ? tuning_of(options) : NULL;
  if (tuning)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the rule auto finds its step by itself and heeds no %s: choose a rule "
                         "that does, plain, momentum, nesterov, adagrad, rmsprop, adam or adamw",
                         tuning);
  if (options->rule == GRADUS_RULE_AUTO && options->batch_size > 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "mini-batches need a rule with a learning rate: plain, momentum, "
                         "nesterov, adagrad, rmsprop, adam or adamw; without a rule gradient "
                         "descent takes all rows at once");
  if ((size_t)options->schedule > GRADUS_SCHEDULE_INVERSE_TIME)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "there is no schedule of number %d",
                         (int)options->schedule);
  if (options->rule != GRADUS_RULE_AUTO && !gradus_i_descent_rule_find(options->rule))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "there is no rule of number %d",
                         (int)options->rule);
  return GRADUS_OK;
}

static gradus_status start(gradus_i_search *s, gradus_error *err) {
  const gradus_descent_options *options = s->options->descent;
  gradus_status status = check(options, err);
  if (status > 0)
    return status;
  descent *d = s->state = gradus_i_allocate(1, sizeof *d);
  if (!d)
    return gradus_i_out_of_memory(err);
  size_t dim = s->objective->dim;
  d->rule = gradus_i_descent_rule_find(options->rule);
  if (!make_vectors(d, dim))
    return gradus_i_out_of_memory(err);
  memcpy(d->start, s->theta, dim * sizeof *d->start);
  if (!d->rule) {
    gradus_i_accelerated_start(&d->accelerated, s, d->rule_state);
    return GRADUS_OK;
  }
  set_constants(d, s->objective, options);
  return options->batch_size > 0 ? open_batches(d, s, err) : GRADUS_OK;
}

/* ---- to be continued later: the count of steps, the rule's vectors, the order of the rows ---- */

static size_t own_memory(const gradus_i_search *s) {
  const descent *d = s->state;
  return 1 + d->rule->state * s->objective->dim;
}

static size_t memory_size(const gradus_i_search *s) {
  const descent *d = s->state;
  if (!d->rule)
    return 0;
  bool batches = s->options->descent->batch_size > 0;
  return own_memory(s) + (batches ? gradus_i_minibatches_memory_size(&d->batches) : 0);
}

static void save(const gradus_i_search *s, double *values) {
  const descent *d = s->state;
  values[0] = d->step.count;
  size_t kept = own_memory(s) - 1;
  if (trains(s))
    gradus_i_training_save(&d->training, kept, values + 1);
  else
    memcpy(values + 1, d->rule_state, kept * sizeof *values);
  if (s->options->descent->batch_size > 0)
    gradus_i_minibatches_save(&d->batches, values + own_memory(s));
}

static gradus_status restore(gradus_i_search *s, const gradus_i_memory *memory, gradus_error *err) {
  descent *d = s->state;
  size_t own = own_memory(s);
  if (memory->count < own)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "what is to be continued was not left by this rule of descent: %zu "
                         "numbers, not %zu",
                         memory->count, own);
  d->step.count = memory->values[0];
  if (trains(s))
    gradus_i_training_restore(&d->training, own - 1, memory->values + 1);
  else
    memcpy(d->rule_state, memory->values + 1, (own - 1) * sizeof *d->rule_state);
  if (s->options->descent->batch_size > 0)
    gradus_i_minibatches_restore(&d->batches, memory->values + own, memory->count - own);
  return GRADUS_OK;
}

/* ---- iterations ---- */

/* One step along d->gradient. */
static void move(descent *d, gradus_i_search *s) {
  size_t dim = s->objective->dim;
  gradus_rule rule = s->options->descent->rule;
  gradus_i_rule_step_count(&d->step, rule);
  gradus_i_clip(s->options->descent, dim, d->gradient);
  gradus_i_descent_kernels_find_d()->step[rule](&d->step, dim, 0, dim, d->gradient, d->rule_state,
                                                s->theta);
}

static gradus_status step_all(descent *d, gradus_i_search *s, gradus_i_stop *stop,
                              gradus_error *err) {
  size_t bytes = s->objective->dim * sizeof *s->theta;
  double loss = s->value.loss;
  memcpy(d->last, s->theta, bytes);
  memcpy(d->gradient, s->value.gradient, bytes);
  move(d, s);
  memcpy(d->gradient, s->value.gradient, bytes);
  gradus_status status = gradus_i_search_evaluate(s, GRADUS_I_GRADIENT, err);
  if (status > 0 || gradus_i_value_finite(&s->value, s->objective->dim))
    return status;
  *stop = GRADUS_I_STOP_NOT_FINITE;
  gradus_i_search_left(s, &s->value, s->iteration + 1, 0);
  memcpy(s->theta, d->last, bytes);
  memcpy(s->value.gradient, d->gradient, bytes);
  s->value.loss = loss;
  return status;
}

/* Steps over the batches of an epoch, up to a first value that is not finite; *loss: the mean. */
static gradus_status step_batches(descent *d, gradus_i_search *s, double *loss, bool *finite,
                                  gradus_error *err) {
  const gradus_i_objective *o = s->objective;
  gradus_i_value value = {.gradient = d->gradient};
  double sum = 0, weight = 0;
  size_t number = 0;
  gradus_batch batch;
  *finite = true;
  gradus_i_minibatches_rewind(&d->batches);
  gradus_status status = gradus_i_minibatches_next(&d->batches, &batch, err);
  while (status <= 0 && batch.rows > 0) {
    status = gradus_i_objective_batch(o, s->theta, GRADUS_I_GRADIENT, &batch, d->sums, d->scratch,
                                      &value, err);
    if (status > 0)
      break;
    number++;
    if (value.weight > 0) { /* else no row of it counts */
      *finite = gradus_i_value_finite(&value, o->dim);
      if (!*finite) {
        gradus_i_search_left(s, &value, s->iteration + 1, number);
        break;
      }
      sum += value.weight * value.loss;
      weight += value.weight;
      move(d, s);
    }
    status = gradus_i_minibatches_next(&d->batches, &batch, err);
  }
  *loss = weight > 0 ? sum / weight : 0;
  return status;
}

/* The last θ whose loss and gradient over all rows are finite, and these. */
static gradus_status step_back(gradus_i_search *s, gradus_error *err) {
  const descent *d = s->state;
  size_t dim = s->objective->dim;
  const double *good[] = {d->last, d->start};
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; i < 2; i++) {
    memcpy(s->theta, good[i], dim * sizeof *s->theta);
    status = gradus_i_search_evaluate(s, GRADUS_I_GRADIENT, err);
    if (status > 0 || gradus_i_value_finite(&s->value, dim))
      break;
  }
  s->exact = status <= 0;
  return status;
}

/* The same by the objective's own way. */
static gradus_status train_epoch(descent *d, gradus_i_search *s, double *loss, bool *finite,
                                 gradus_error *err) {
  size_t left = 0;
  gradus_status status =
      gradus_i_training_epoch(&d->training, &d->batches, &d->step, s->theta, loss, &left, err);
  *finite = left == 0;
  if (status <= 0 && left > 0) {
    gradus_i_value value = {.loss = *loss, .gradient = d->gradient};
    gradus_i_training_gradient(&d->training, d->gradient);
    gradus_i_search_left(s, &value, s->iteration + 1, left);
  }
  return status;
}

/* That of the last batch, for progress. */
static void show_gradient(const descent *d, gradus_i_search *s) {
  if (trains(s))
    gradus_i_training_gradient(&d->training, s->value.gradient);
  else
    memcpy(s->value.gradient, d->gradient, s->objective->dim * sizeof *d->gradient);
}

static gradus_status step_epoch(descent *d, gradus_i_search *s, gradus_i_stop *stop,
                                gradus_error *err) {
  bool finite;
  memcpy(d->last, s->theta, s->objective->dim * sizeof *d->last);
  s->exact = false;
  s->evaluations++;
  gradus_i_thread_scope scope = gradus_i_threads_begin(1);
  gradus_status status = trains(s) ? train_epoch(d, s, &s->value.loss, &finite, err)
                                   : step_batches(d, s, &s->value.loss, &finite, err);
  gradus_i_threads_end(scope);
  if (status <= 0 && finite)
    show_gradient(d, s);
  if (status <= 0 && finite && d->batches.stopped)
    *stop = GRADUS_I_STOP_ASKED;
  if (status > 0 || finite)
    return status;
  *stop = GRADUS_I_STOP_NOT_FINITE;
  return step_back(s, err);
}

static gradus_status iterate(gradus_i_search *s, gradus_i_stop *stop, gradus_error *err) {
  descent *d = s->state;
  if (!d->rule)
    return gradus_i_accelerated_iterate(&d->accelerated, s, stop, err);
  const gradus_descent_options *options = s->options->descent;
  s->step = d->step.rate =
      gradus_i_schedule_rate(options, d->rate, s->iteration, s->options->max_iterations);
  return (options->batch_size > 0 ? step_epoch : step_all)(d, s, stop, err);
}

const gradus_i_solver gradus_i_gradient_descent = {.name = "gradient-descent",
                                                   .how = "gradient descent",
                                                   .needs = GRADUS_I_GRADIENT,
                                                   .max_iterations = 100000,
                                                   .max_epochs = 100,
                                                   .start = start,
                                                   .iterate = iterate,
                                                   .step_back = step_back,
                                                   .memory_size = memory_size,
                                                   .save = save,
                                                   .restore = restore,
                                                   .finish = finish};
