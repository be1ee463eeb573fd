// SPDX-License-Identifier: GPL-3.0-or-later
/* Epochs of mini-batches by a team: in one parallel region a batch is gathered, goes forward and
   backward, and θ takes its step, chunk by chunk while the gradient is still near. */
#include "training.h"

#include <math.h>

void gradus_i_training_close(gradus_i_training *t) {
  gradus_i_pool_close(&t->pool);
  gradus_i_release(t->memory);
  if (t->single)
    gradus_i_release(t->theta);
  gradus_i_release(t->gradient);
  gradus_i_release(t->state);
  gradus_i_release(t->penalties);
  gradus_i_release(t->finite);
  gradus_i_release(t->l1);
  *t = (gradus_i_training){0};
}

/* What l1 is for every entry: nothing for those that do not decay, or are held. */
static gradus_status open_l1(gradus_i_training *t, gradus_error *err) {
  const gradus_i_objective *o = t->objective;
  if (!(o->l1 > 0))
    return GRADUS_OK;
  t->l1 = gradus_i_allocate(o->dim, sizeof *t->l1);
  if (!t->l1)
    return gradus_i_out_of_memory(err);
  for (size_t j = 0; j < o->dim; j++)
    if ((!o->decays || o->decays[j]) && !(o->frozen && o->frozen[j]))
      t->l1[j] = o->l1 * (o->l1_factor ? o->l1_factor[j] : 1);
  return GRADUS_OK;
}

gradus_status gradus_i_training_open(gradus_i_training *t, const gradus_i_objective *objective,
                                     const gradus_descent_options *options, size_t batch_rows,
                                     size_t state, gradus_error *err) {
  const gradus_i_training_type *type = objective->type->training;
  size_t dim = objective->dim, cells;
  *t = (gradus_i_training){.objective = objective,
                           .options = options,
                           .single = type->single(objective->model),
                           .chunks = dim / GRADUS_I_DESCENT_CHUNK + 1};
  size_t width = t->single ? sizeof(float) : sizeof(double);
  gradus_status status =
      gradus_i_pool_open(&t->pool, objective->source, t->single, batch_rows, err);
  if (status > 0)
    return status;
  if (gradus_i_multiply(state ? state : 1, dim, &cells))
    t->state = gradus_i_allocate(cells, width);
  t->gradient = gradus_i_allocate(dim, width);
  if (t->single)
    t->theta = gradus_i_allocate(dim, width);
  t->penalties = gradus_i_allocate(t->chunks, sizeof *t->penalties);
  t->finite = gradus_i_allocate(t->chunks, sizeof *t->finite);
  t->memory = gradus_i_allocate_raw(type->size(objective->model, batch_rows), sizeof *t->memory);
  if (!t->state || !t->gradient || (t->single && !t->theta) || !t->penalties || !t->finite ||
      !t->memory)
    return gradus_i_out_of_memory(err);
  type->open(objective->model, batch_rows, t->memory);
  return open_l1(t, err);
}

/* Values of either type as doubles, and back. */
static void widen_values(const gradus_i_training *t, const void *from, size_t count, double *to) {
  const double *wide = from;
  const float *narrow = from;
  for (size_t j = 0; j < count; j++)
    to[j] = t->single ? (double)narrow[j] : wide[j];
}

void gradus_i_training_save(const gradus_i_training *t, size_t count, double *values) {
  widen_values(t, t->state, count, values);
}

void gradus_i_training_restore(gradus_i_training *t, size_t count, const double *values) {
  double *wide = t->state;
  float *narrow = t->state;
  for (size_t j = 0; j < count; j++)
    if (t->single)
      narrow[j] = (float)values[j];
    else
      wide[j] = values[j];
}

void gradus_i_training_gradient(const gradus_i_training *t, double *gradient) {
  widen_values(t, t->gradient, t->objective->dim, gradient);
}

/* ---- a batch ---- */

/* An epoch, shared by its threads; the first one leads. */
typedef struct epoch {
  gradus_i_training *t;
  gradus_i_minibatches *batches;
  gradus_i_rule_step *step;
  gradus_batch batch;
  gradus_i_inputs inputs;
  double sums[2]; /* of the batch */
  double sum, weight;
  size_t number; /* of the batch, from 1 */
  bool finite;
  gradus_status status;
  gradus_error *err;
} epoch;

static void finish_chunk(const gradus_i_training *t, const gradus_i_descent_gradient *how,
                         size_t chunk, size_t first, size_t end) {
  t->penalties[chunk] = 0;
  t->finite[chunk] = t->single ? gradus_i_descent_kernels_find_f()->finish(
                                     how, first, end, t->theta, t->gradient, &t->penalties[chunk])
                               : gradus_i_descent_kernels_find_d()->finish(
                                     how, first, end, t->theta, t->gradient, &t->penalties[chunk]);
}

static void step_chunk(const gradus_i_training *t, const gradus_i_rule_step *step, size_t first,
                       size_t end) {
  size_t dim = t->objective->dim;
  gradus_rule rule = t->options->rule;
  if (t->single)
    gradus_i_descent_kernels_find_f()->step[rule](step, dim, first, end, t->gradient, t->state,
                                                  t->theta);
  else
    gradus_i_descent_kernels_find_d()->step[rule](step, dim, first, end, t->gradient, t->state,
                                                  t->theta);
}

static void clip(const gradus_i_training *t, gradus_i_team team) {
  gradus_i_team_wait(team);
  if (team.thread == 0 && t->single)
    gradus_i_clip_f(t->options, t->objective->dim, t->gradient);
  else if (team.thread == 0)
    gradus_i_clip(t->options, t->objective->dim, t->gradient);
  gradus_i_team_wait(team);
}

/* What one thread of the team does for a batch. */
static void run_batch(epoch *e, gradus_i_team team) {
  const gradus_i_training *t = e->t;
  const gradus_i_objective *o = t->objective;
  o->type->training->batch(o->model, t->memory, t->theta, &e->batch, &e->inputs, t->gradient,
                           e->sums, team);
  double weight = e->sums[GRADUS_I_SUM_WEIGHT];
  if (!(weight > 0) || !isfinite(e->sums[GRADUS_I_SUM_LOSS]))
    return;
  bool clips = t->options->clip_norm > 0 || t->options->clip_value > 0;
  gradus_i_descent_gradient how = {
      .scale = 1 / weight, .penalty = o->penalty, .frozen = o->frozen, .l1 = t->l1};
  size_t from, to;
  gradus_i_team_share(team, t->chunks, &from, &to);
  for (size_t pass = 0; pass < 1 + (size_t)clips; pass++) {
    for (size_t c = from; c < to; c++) {
      size_t first = c * GRADUS_I_DESCENT_CHUNK;
      size_t end = c + 1 < t->chunks ? first + GRADUS_I_DESCENT_CHUNK : o->dim;
      if (pass == 0)
        finish_chunk(t, &how, c, first, end);
      if (pass == (size_t)clips)
        step_chunk(t, e->step, first, end);
    }
    if (clips && pass == 0)
      clip(t, team);
  }
}

/* Threads that are worth their waiting for each other. */
static int count_threads(const gradus_i_training *t, size_t rows) {
  const size_t worth = 1 << 18; /* multiplications of a thread */
  const gradus_i_objective *o = t->objective;
  size_t work = o->type->training->work(o->model) * rows / worth;
  int threads = gradus_i_threads(o->threads);
  return work < (size_t)threads ? (int)(work > 1 ? work : 1) : threads;
}

/* ---- an epoch ---- */

/* Takes the next batch, and the step's number if there is one. */
static void prepare(epoch *e) {
  e->status = gradus_i_minibatches_next_of(e->batches, &e->t->pool, &e->batch, &e->inputs, e->err);
  e->number += e->finite;
  if (e->status <= 0 && e->batch.rows > 0)
    gradus_i_rule_step_count(e->step, e->t->options->rule);
}

/* The loss of the batch, with the penalty where it counts. */
static void conclude(epoch *e) {
  const gradus_i_training *t = e->t;
  double weight = e->sums[GRADUS_I_SUM_WEIGHT], penalty = 0;
  if (!(weight > 0)) { /* no row of it counts */
    e->step->count--;
    return;
  }
  e->finite = isfinite(e->sums[GRADUS_I_SUM_LOSS]);
  for (size_t c = 0; e->finite && c < t->chunks; c++) {
    penalty += t->penalties[c];
    e->finite = t->finite[c];
  }
  e->sum += e->sums[GRADUS_I_SUM_LOSS] + weight * penalty;
  e->weight += weight;
}

static void run_epoch(void *context, gradus_i_team team) {
  epoch *e = context;
  for (;;) {
    if (team.thread == 0)
      prepare(e);
    gradus_i_team_wait(team);
    if (e->status > 0 || !e->finite || e->batch.rows == 0)
      return;
    run_batch(e, team);
    gradus_i_team_wait(team);
    if (team.thread == 0)
      conclude(e);
  }
}

static void narrow(gradus_i_training *t, double *theta) {
  float *own = t->theta;
  if (!t->single)
    t->theta = theta;
  for (size_t j = 0; t->single && j < t->objective->dim; j++)
    own[j] = (float)theta[j];
}

/* Frozen entries may have been moved by others than the rule: running statistics. */
static void widen(const gradus_i_training *t, double *theta) {
  const float *own = t->theta;
  const bool *frozen = t->objective->frozen;
  for (size_t j = 0; t->single && j < t->objective->dim; j++)
    if (!(frozen && frozen[j]) && own[j] != (float)theta[j])
      theta[j] = (double)own[j];
}

gradus_status gradus_i_training_epoch(gradus_i_training *t, gradus_i_minibatches *batches,
                                      gradus_i_rule_step *step, double *theta, double *loss,
                                      size_t *left, gradus_error *err) {
  epoch e = {.t = t, .batches = batches, .step = step, .finite = true, .err = err};
  narrow(t, theta);
  gradus_i_minibatches_rewind(batches);
  gradus_i_team_run(count_threads(t, batches->size), run_epoch, &e);
  widen(t, theta);
  *loss = e.weight > 0 ? e.sum / e.weight : 0;
  *left = e.finite ? 0 : e.number;
  if (!e.finite)
    *loss = e.sums[GRADUS_I_SUM_LOSS] / e.sums[GRADUS_I_SUM_WEIGHT];
  return e.status;
}
