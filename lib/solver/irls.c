// SPDX-License-Identifier: GPL-3.0-or-later
/* Iteratively reweighted least squares (Nelder and Wedderburn 1972). Every step is the weighted
   least-squares problem of a working response, which a source of its own forms from the rows as
   they are read; so the steps have all that least squares has here: rank, relations, threads,
   streams, and the last digits. */
#include "irls.h"

#include <float.h>
#include <math.h>
#include <string.h>

static size_t input_count(const gradus_source *source, const gradus_i_irls_options *options) {
  return options->intercept_only ? 0 : gradus_source_get_shape(source)->columns;
}

/* ---- the working source ---- */

typedef struct working {
  const gradus_source *source;
  const gradus_i_irls_options *options;
  const double *estimate; /* q; NULL: from the family's starting means */
  size_t p;
} working;

static gradus_status working_open(const void *data, size_t max_rows, void **state,
                                  gradus_error *err) {
  return gradus_i_derived_open(((const working *)data)->source, max_rows, state, err);
}

static double predictor(const working *w, const gradus_batch *batch, size_t i) {
  const double *x = batch->x + i * batch->x_stride, *b = w->estimate;
  double eta = batch->offset ? batch->offset[i] : 0;
  if (!w->options->no_intercept)
    eta += *b++;
#pragma omp simd reduction(+ : eta)
  for (size_t j = 0; j < w->p; j++)
    eta += b[j] * x[j];
  return eta;
}

static double starting_predictor(const working *w, const gradus_batch *batch, size_t i) {
  double weight = batch->weight && !w->options->frequency ? batch->weight[i] : 1;
  return w->options->link->predictor(
      w->options->family->start(batch->y[i * batch->y_stride], weight));
}

static gradus_status working_read(const void *data, void *state, size_t first, size_t max_rows,
                                  gradus_batch *batch, gradus_error *err) {
  const working *w = data;
  gradus_i_derived_cursor *c = state;
  gradus_status status = gradus_cursor_read(c->inner, first, max_rows, batch, err);
  for (size_t i = 0; status <= 0 && i < batch->rows; i++) {
    double y = batch->y[i * batch->y_stride], prior = batch->weight ? batch->weight[i] : 1;
    double eta = w->estimate ? predictor(w, batch, i) : starting_predictor(w, batch, i);
    gradus_i_observation o;
    gradus_i_observe(w->options->family, w->options->link, w->options->shape, y, eta, &o);
    /* Where the weight underflows the row says nothing, whatever its working response would be. */
    bool silent = prior == 0 || !(o.fisher > 0) || !isfinite(o.score / o.fisher);
    c->weight[i] = silent ? 0 : prior * o.fisher;
    c->y[i] = silent ? 0 : eta - (batch->offset ? batch->offset[i] : 0) + o.score / o.fisher;
  }
  gradus_i_derived_batch(c, batch);
  batch->offset = NULL;
  return status;
}

static const gradus_source_type working_type = {.name = "working response",
                                                .random_access = true,
                                                .open = working_open,
                                                .read = working_read,
                                                .close = gradus_i_derived_close};
/* One step: the least-squares problem at w's estimate; ridge_weight: Σw, if there is a penalty. */
static gradus_status solve_step(gradus_i_least_squares **step, working *w, bool rough,
                                double ridge_weight, gradus_error *err) {
  gradus_source_shape shape = *gradus_source_get_shape(w->source);
  shape.columns = w->p;
  shape.responses = 1;
  shape.weight_kind = GRADUS_WEIGHT_ANALYTIC;
  shape.has_offset = false;
  gradus_i_least_squares_options options = {.no_intercept = w->options->no_intercept,
                                            .l2 = ridge_weight > 0 ? w->options->l2 : 0,
                                            .ridge_weight = ridge_weight,
                                            .ridge_intercept = w->options->l2_bias,
                                            .threads = w->options->threads,
                                            .rough = rough,
                                            .any_rank = w->options->any_rank};
  gradus_source *source = NULL;
  gradus_status status = gradus_i_source_derive(&source, w->source, &working_type, w, &shape, err);
  if (status <= 0)
    status = gradus_i_least_squares_solve(step, source, &options, err);
  gradus_source_free(source);
  return status;
}

gradus_status gradus_i_irls_step(gradus_i_least_squares **step, const gradus_source *source,
                                 const gradus_i_irls_options *options, const double *estimate,
                                 bool rough, gradus_error *err) {
  working w = {.source = source,
               .options = options,
               .estimate = estimate,
               .p = input_count(source, options)};
  *step = NULL;
  return solve_step(step, &w, rough, 0, err);
}

/* ---- the iteration ---- */

void gradus_i_irls_free(gradus_i_irls *s) {
  if (!s)
    return;
  gradus_i_least_squares_free(s->step);
  gradus_i_release(s->estimate);
  gradus_i_release(s);
}

static void take_estimate(const gradus_i_least_squares *step, double *estimate) {
  const double *scale = step->layout.scale;
  for (size_t j = 0; j < step->layout.q; j++)
    estimate[j] = step->dropped[j] ? 0
                                   : gradus_i_extended_round(step->coefficients[j]) *
                                         (scale[j] / scale[step->layout.q]);
}

/* Length of the step from one estimate to the next beside the length of the linear predictor, both
 * weighted over the rows. */
static double relative_step(const gradus_i_least_squares *step, const double *from,
                            const double *to) {
  double longest = 0, size = step->norm[step->layout.q] / step->layout.scale[step->layout.q];
  for (size_t j = 0; j < step->layout.q; j++)
    longest = fmax(longest, fabs(to[j] - from[j]) * step->norm[j] / step->layout.scale[j]);
  return size > 0 ? longest / size : longest;
}

static bool is_allowed(const gradus_i_glm_sums *sums) {
  return isfinite(sums->deviance) && sums->invalid == 0;
}

/* The first step is from starting means of the rows, which know nothing of the offset: where it has
 * led farther off than the overall mean (`old`), start from that. */
static gradus_status check_first(gradus_i_irls *s, const gradus_source *source,
                                 const gradus_i_irls_options *options, const double *old, size_t q,
                                 gradus_error *err) {
  gradus_i_glm_sums at_mean, sums;
  gradus_status status = gradus_i_glm_sums_at(&at_mean, source, options, old, 0, err);
  if (status <= 0)
    status = gradus_i_glm_sums_at(&sums, source, options, s->estimate, 0, err);
  if (status <= 0 && is_allowed(&at_mean) &&
      !(is_allowed(&sums) && sums.deviance <= at_mean.deviance))
    memcpy(s->estimate, old, q * sizeof *old);
  return status;
}

/* Steps are halved while the deviance is not finite, the means are not allowed, or the deviance has
 * grown. */
static gradus_status shorten(gradus_i_irls *s, const gradus_source *source,
                             const gradus_i_irls_options *options, const double *old, size_t q,
                             bool first, gradus_error *err) {
  enum { HALVINGS = 40 };
  double before = s->sums.deviance;
  for (int halving = 0; halving < HALVINGS; halving++) {
    gradus_i_glm_sums sums;
    gradus_status status = gradus_i_glm_sums_at(&sums, source, options, s->estimate, 0, err);
    if (status > 0)
      return status;
    bool good =
        is_allowed(&sums) && (first || sums.deviance <= before + 1e-12 * (fabs(before) + 1));
    if (good) {
      s->sums = sums;
      return GRADUS_OK;
    }
    for (size_t j = 0; j < q; j++)
      s->estimate[j] = 0.5 * (s->estimate[j] + old[j]);
  }
  s->stop = gradus_i_solver_words[GRADUS_I_WORD_NO_DESCENT];
  return gradus_i_glm_sums_at(&s->sums, source, options, s->estimate, 0, err);
}

/* A first estimate whose means are allowed where least squares on the starting means has none: the
 * overall mean. */
static void start_at_mean(const gradus_i_irls_options *options, const gradus_i_glm_sums *sums,
                          double *estimate, size_t q) {
  memset(estimate, 0, q * sizeof *estimate);
  if (!options->no_intercept && q > 0)
    estimate[0] = options->link->predictor(sums->total / sums->weight);
}

static gradus_status iterate(gradus_i_irls *s, working *w, double *old, gradus_error *err) {
  size_t q = w->p + (w->options->no_intercept ? 0 : 1);
  size_t most = w->options->max_iterations ? w->options->max_iterations : 300;
  double last = HUGE_VAL, enough = w->options->enough;
  s->stop = gradus_i_solver_words[GRADUS_I_WORD_MAX_ITERATIONS];
  for (s->iterations = 0; s->iterations < most; s->iterations++) {
    gradus_i_least_squares *step = NULL;
    /* Far from the end a step's last digits do not matter. */
    gradus_error problem = {0};
    gradus_status status = solve_step(&step, w, last > 1e-5 || enough > 0, 0, &problem);
    if (status == GRADUS_ERROR_NO_COMPLETE_ROWS && s->step) {
      /* So far out that every weight underflows: from here nothing leads on. */
      s->stop = gradus_i_solver_words[GRADUS_I_WORD_NO_DESCENT];
      return GRADUS_OK;
    }
    if (status > 0)
      return gradus_i_fail(err, status, "%s", problem.message);
    gradus_i_least_squares_free(s->step);
    s->step = step;
    bool first = w->estimate == NULL;
    if (first)
      start_at_mean(w->options, &s->sums, old, q);
    else
      memcpy(old, s->estimate, q * sizeof *old);
    take_estimate(step, s->estimate);
    double length = relative_step(step, old, s->estimate);
    s->certificate = length;
    /* The step has ended where it stands still, or where rounding keeps it from getting shorter. */
    if (!first && (length <= fmax(fmax(enough, w->options->tolerance), 4 * DBL_EPSILON) ||
                   (length < 1e-11 && length >= last))) {
      /* Not where it stands still because rows pull that have no weight. */
      s->converged = s->sums.blind == 0;
      s->stop =
          gradus_i_solver_words[s->converged ? GRADUS_I_WORD_STANDSTILL : GRADUS_I_WORD_NO_DESCENT];
      return GRADUS_OK;
    }
    if (first)
      status = check_first(s, w->source, w->options, old, q, err);
    if (status <= 0)
      status = shorten(s, w->source, w->options, old, q, first, err);
    if (status > 0 || s->stop == gradus_i_solver_words[GRADUS_I_WORD_NO_DESCENT])
      return status;
    w->estimate = s->estimate;
    if (w->options->progress && !w->options->progress(w->options->progress_context, s)) {
      s->stop = gradus_i_solver_words[GRADUS_I_WORD_CALLER];
      s->iterations++;
      return GRADUS_OK;
    }
    last = length;
  }
  return GRADUS_OK;
}

gradus_status gradus_i_irls_solve(gradus_i_irls **solution, const gradus_source *source,
                                  const gradus_i_irls_options *options, gradus_error *err) {
  size_t p = input_count(source, options), q = p + (options->no_intercept ? 0 : 1);
  gradus_i_irls *s = *solution = gradus_i_allocate(1, sizeof *s);
  double *old = gradus_i_allocate(q, sizeof *old);
  gradus_status status = GRADUS_OK;
  if (!s || !old || !(s->estimate = gradus_i_allocate(q, sizeof *s->estimate)))
    status = gradus_i_out_of_memory(err);
  working w = {.source = source, .options = options, .p = p};
  if (status <= 0) {
    s->name = gradus_i_solver_words[GRADUS_I_WORD_IRLS];
    s->how = gradus_i_solver_words[GRADUS_I_WORD_HOW_IRLS];
  }
  if (status <= 0 && options->start)
    memcpy(s->estimate, options->start, q * sizeof *s->estimate);
  /* Checks the responses, and knows their mean. */
  if (status <= 0)
    status = gradus_i_glm_sums_at(&s->sums, source, options, s->estimate, 0, err);
  if (status <= 0 && options->start && is_allowed(&s->sums))
    w.estimate = s->estimate;
  if (status <= 0)
    status = iterate(s, &w, old, err);
  if (status <= 0)
    status = gradus_i_glm_sums_at(&s->sums, source, options, s->estimate, 0, err);
  gradus_i_release(old);
  if (status > 0) {
    gradus_i_irls_free(s);
    *solution = NULL;
    return status;
  }
  return GRADUS_OK;
}

/* ---- at an estimate that is given ---- */

gradus_status gradus_i_irls_at(gradus_i_irls **solution, const gradus_source *source,
                               const gradus_i_irls_options *options, const double *estimate,
                               gradus_error *err) {
  size_t p = input_count(source, options), q = p + (options->no_intercept ? 0 : 1);
  gradus_i_irls *s = *solution = gradus_i_allocate(1, sizeof *s);
  gradus_status status = GRADUS_OK;
  if (!s || !(s->estimate = gradus_i_allocate(q, sizeof *s->estimate)))
    status = gradus_i_out_of_memory(err);
  if (status <= 0) {
    memcpy(s->estimate, estimate, q * sizeof *estimate);
    working w = {.source = source, .options = options, .estimate = s->estimate, .p = p};
    status = gradus_i_glm_sums_at(&s->sums, source, options, s->estimate, 0, err);
    gradus_error problem = {0};
    if (status <= 0)
      status = solve_step(&s->step, &w, false, s->sums.weight, &problem);
    if (status == GRADUS_ERROR_NO_COMPLETE_ROWS && s->sums.weight > 0) {
      /* So far out that every weight underflows: the columns' rank is all that can be told. */
      w.estimate = NULL;
      problem = (gradus_error){0};
      status = solve_step(&s->step, &w, false, 0, &problem);
    }
    if (status > 0 && problem.code > 0)
      gradus_i_fail(err, status, "%s", problem.message);
  }
  if (status > 0) {
    gradus_i_irls_free(s);
    *solution = NULL;
  }
  return status;
}

gradus_status gradus_i_irls_first(bool *dropped, double *estimate, const gradus_source *source,
                                  const gradus_i_irls_options *options, gradus_error *err) {
  gradus_i_least_squares *step = NULL;
  working w = {.source = source, .options = options, .p = input_count(source, options)};
  gradus_status status = solve_step(&step, &w, true, 0, err);
  if (status <= 0 && dropped)
    memcpy(dropped, step->dropped, step->layout.q * sizeof *dropped);
  if (status <= 0 && estimate)
    take_estimate(step, estimate);
  gradus_i_least_squares_free(step);
  return status;
}
