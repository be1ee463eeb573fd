// SPDX-License-Identifier: GPL-3.0-or-later
/* Average marginal effects of a network's inputs. The effect is exact; its derivatives by θ are
   differences, along the input, of exact derivatives by θ. */
#include "network.h"

#include <math.h>
#include <string.h>

enum { BLOCK = GRADUS_I_NETWORK_BLOCK, POINTS = 4 };

/* Of fourth order: f' = Σ factor·f(x + at·h)/h. */
static const double point_at[POINTS] = {-2, -1, 1, 2};
static const double point_factor[POINTS] = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};

typedef struct effects_context {
  const gradus_network_inference *inference;
  size_t column;
  double step; /* h, in the network's units */
} effects_context;

void gradus_network_effects_free(gradus_network_effects *effects) {
  if (effects)
    gradus_i_release(effects->effect);
  gradus_i_release(effects);
}

/* Sums of a pass: Σw, then for every mean the effect and its m derivatives, all times the weights
   and in the network's units of the input. */
static void add_effects(const effects_context *c, gradus_i_network_rows *rows,
                        const gradus_batch *batch, size_t first, double *sums) {
  const gradus_network_inference *s = c->inference;
  const gradus_i_network_view *v = &s->view;
  size_t dim = gradus_params_size(v->network->params);
  const double *weights = batch->weight ? batch->weight + first : NULL;
  gradus_i_network_rows_forward(rows, batch, first);
  for (size_t r = 0; r < gradus_i_network_means(v); r++) {
    double *own = sums + 1 + r * (s->m + 1);
    gradus_i_network_rows_seed(rows, r, weights, 1);
    memset(rows->gradient, 0, dim * sizeof *rows->gradient);
    gradus_i_tape_backward(&rows->tape, rows->gradient);
    for (size_t i = 0; i < rows->rows; i++)
      own[0] += rows->inputs[i * v->p + c->column];
  }
}

static void add_derivatives(const effects_context *c, gradus_i_network_rows *rows,
                            const gradus_batch *batch, size_t first, double *sums) {
  const gradus_network_inference *s = c->inference;
  const gradus_i_network_view *v = &s->view;
  size_t dim = gradus_params_size(v->network->params), from = s->information.first;
  const double *weights = batch->weight ? batch->weight + first : NULL;
  for (int point = 0; point < POINTS; point++) {
    gradus_i_network_rows_take(rows, batch, first, rows->rows);
    for (size_t i = 0; i < rows->rows; i++)
      rows->x[i * v->p + c->column] += point_at[point] * c->step;
    gradus_i_network_rows_forward(rows, batch, first);
    for (size_t r = 0; r < gradus_i_network_means(v); r++) {
      double *own = sums + 1 + r * (s->m + 1) + 1;
      gradus_i_network_rows_seed(rows, r, weights, point_factor[point] / c->step);
      memset(rows->gradient, 0, dim * sizeof *rows->gradient);
      gradus_i_tape_backward(&rows->tape, rows->gradient);
      for (size_t j = 0; j < s->m; j++)
        own[j] += rows->gradient[from + j];
    }
  }
}

static gradus_status add_batch(void *context, const gradus_batch *batch, double *sums,
                               double *scratch, gradus_error *err) {
  (void)err;
  const effects_context *c = context;
  gradus_i_network_rows rows;
  gradus_i_network_rows_open(&rows, &c->inference->view, scratch);
  for (size_t first = 0; first < batch->rows; first += BLOCK) {
    size_t count = batch->rows - first < BLOCK ? batch->rows - first : BLOCK;
    gradus_i_network_rows_take(&rows, batch, first, count);
    add_effects(c, &rows, batch, first, sums);
    add_derivatives(c, &rows, batch, first, sums);
  }
  for (size_t i = 0; i < batch->rows; i++)
    sums[0] += batch->weight ? batch->weight[i] : 1;
  return GRADUS_OK;
}

static const char *column_name(const gradus_fit *fit, size_t column) {
  return fit && fit->design ? gradus_design_column_name(fit->design, column) : NULL;
}

static const char *mean_name(const gradus_i_network_view *v, size_t r) {
  if (!v->fit)
    return NULL;
  return v->classes > 0 ? gradus_fit_class_name(v->fit, r) : gradus_fit_response_name(v->fit, r);
}

void gradus_i_network_name_effect(gradus_effect *effect, const gradus_i_network_view *v,
                                  size_t index) {
  effect->term = column_name(v->fit, index % v->p);
  effect->response = mean_name(v, index / v->p);
}

void gradus_i_network_test_effect(gradus_effect *effect, const gradus_i_network_view *v, double df,
                                  double level) {
  bool gaussian = v->loss == &gradus_i_loss_gaussian;
  double reach = gaussian ? gradus_i_t_quantile(level, df) : gradus_i_normal_quantile(level);
  effect->statistic = effect->estimate / effect->std_error;
  effect->p_value = gaussian ? gradus_i_t_two_sided(effect->statistic, df)
                             : gradus_i_normal_two_sided(effect->statistic);
  effect->conf_low = effect->estimate - reach * effect->std_error;
  effect->conf_high = effect->estimate + reach * effect->std_error;
}

/* sums: one mean's effect and its derivatives; they are overwritten. */
static void put_effect(const effects_context *c, double weight, double level, double *sums,
                       double *work, gradus_effect *effect) {
  const gradus_network_inference *s = c->inference;
  double unit = (s->view.factor ? s->view.factor[c->column] : 1) / weight;
  for (size_t j = 0; j <= s->m; j++)
    sums[j] *= unit;
  gradus_i_network_hold(&s->view, s->information.output_only, 1, sums + 1);
  effect->estimate = sums[0];
  effect->std_error = gradus_i_network_error(s, sums + 1, work);
  gradus_i_network_test_effect(effect, &s->view, s->information.df_residual, level);
}

/* Tokens, and lengths of sequences: there is nothing between them to derive by. */
static bool is_whole(const gradus_i_network_view *v, size_t column) {
  gradus_i_input input;
  gradus_i_network_input(v->network, column, &input);
  return input.whole;
}

static void put_none(gradus_network_effects *effects, const gradus_i_network_view *v, size_t j) {
  for (size_t r = 0; r < gradus_i_network_means(v); r++) {
    gradus_effect *effect = &effects->effect[r * v->p + j];
    *effect = (gradus_effect){.estimate = NAN, .std_error = NAN};
    gradus_i_network_name_effect(effect, v, r * v->p + j);
    gradus_i_network_test_effect(effect, v, NAN, 0.95);
  }
}

static gradus_status run_columns(gradus_network_effects *effects, const gradus_network_inference *s,
                                 const gradus_source *source, const double *deviation, double level,
                                 double *sums, int threads, gradus_error *err) {
  const gradus_i_network_view *v = &s->view;
  size_t means = gradus_i_network_means(v), cells = 1 + means * (s->m + 1);
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(v->p + v->k),
                        .accumulator_size = cells,
                        .scratch_size = gradus_i_network_rows_size(v),
                        .process = add_batch};
  for (size_t j = 0; j < v->p; j++) {
    if (is_whole(v, j)) {
      put_none(effects, v, j);
      continue;
    }
    double spread = deviation[j] * (v->factor ? v->factor[j] : 1);
    effects_context context = {
        .inference = s, .column = j, .step = spread > 0 ? 1e-3 * spread : 1e-3};
    memset(sums, 0, cells * sizeof *sums);
    gradus_status status = gradus_i_pass_run(&pass, &context, source, threads, sums, err);
    if (status > 0)
      return status;
    for (size_t r = 0; r < means; r++) {
      gradus_effect *effect = &effects->effect[r * v->p + j];
      gradus_i_network_name_effect(effect, v, r * v->p + j);
      put_effect(&context, sums[0], level, sums + 1 + r * (s->m + 1), sums + cells, effect);
    }
  }
  return GRADUS_OK;
}

gradus_status gradus_network_marginal_effects(gradus_network_effects **effects,
                                              const gradus_network_inference *inference,
                                              const gradus_source *source, double level,
                                              gradus_error *err) {
  const gradus_i_network_view *v = &inference->view;
  size_t means = gradus_i_network_means(v), cells = 1 + means * (inference->m + 1);
  *effects = NULL;
  gradus_status status = gradus_i_network_check_rows(v, source, false, err);
  if (status <= 0 && v->network->lengths)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "steps of sequences, which count or do not, have no average marginal "
                           "effects");
  if (status <= 0)
    status = gradus_i_check_level(&level, err);
  if (status > 0)
    return status;
  gradus_i_thread_scope scope = gradus_i_threads_begin(inference->threads);
  gradus_network_effects *e = gradus_i_allocate(1, sizeof *e);
  double *moments = gradus_i_allocate(2 * v->p, sizeof *moments);
  double *sums = gradus_i_allocate(cells + inference->rank, sizeof *sums);
  if (e)
    e->effect = gradus_i_allocate(v->p, means * sizeof *e->effect);
  if (!e || !e->effect || !moments || !sums)
    status = gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_i_column_moments(source, scope.threads, moments, moments + v->p, err);
  if (status <= 0)
    status = run_columns(e, inference, source, moments + v->p, level, sums, scope.threads, err);
  gradus_i_threads_end(scope);
  gradus_i_release(moments);
  gradus_i_release(sums);
  if (status > 0) {
    gradus_network_effects_free(e);
    return status;
  }
  e->count = v->p * means;
  *effects = e;
  return status;
}
