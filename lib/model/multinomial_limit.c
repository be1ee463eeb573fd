// SPDX-License-Identifier: GPL-3.0-or-later
/* The limit of a multinomial likelihood without a maximum (Geyer 2009, Electronic Journal of
   Statistics 3:259-289). Far out along the separating directions a row's classes whose predictors
   stay behind have the probability 0; what is left is the likelihood of each row's class given that
   it is one of the others. Along the space N of all directions it does not change. So as many
   coefficients as N has dimensions are held at 0, chosen so that every θ has one such beside it
   along N; whichever these are, what N leaves alone has the same estimates and covariance. */
#include "multinomial.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- the rows, with their possible classes ---- */

typedef struct possible {
  const gradus_i_class_limit *limit;
} possible;

typedef struct possible_cursor {
  gradus_cursor *inner;
  double *y, *pair;
} possible_cursor;

static void possible_close(void *state) {
  possible_cursor *c = state;
  if (!c)
    return;
  gradus_cursor_free(c->inner);
  gradus_i_release(c->y);
  gradus_i_release(c->pair);
  gradus_i_release(c);
}

static gradus_status possible_open(const void *data, size_t max_rows, void **state,
                                   gradus_error *err) {
  const gradus_i_class_pairs *s = &((const possible *)data)->limit->pairs;
  possible_cursor *c = *state = gradus_i_allocate(1, sizeof *c);
  size_t cells;
  gradus_status status = GRADUS_OK;
  if (c) {
    c->y = gradus_i_multiply(max_rows, s->k + 2, &cells) ? gradus_i_allocate(cells, sizeof *c->y)
                                                         : NULL;
    c->pair = gradus_i_allocate(s->k * s->width, sizeof *c->pair);
  }
  if (!c || !c->y || !c->pair)
    status = gradus_i_out_of_memory(err);
  else
    status = gradus_cursor_open(&c->inner, s->source, max_rows, err);
  if (status > 0) {
    possible_close(c);
    *state = NULL;
  }
  return status;
}

static gradus_status possible_read(const void *data, void *state, size_t first, size_t max_rows,
                                   gradus_batch *batch, gradus_error *err) {
  const gradus_i_class_limit *limit = ((const possible *)data)->limit;
  const gradus_i_class_pairs *s = &limit->pairs;
  possible_cursor *c = state;
  gradus_status status = gradus_cursor_read(c->inner, first, max_rows, batch, err);
  for (size_t i = 0; status <= 0 && i < batch->rows; i++) {
    bool counts = !batch->weight || batch->weight[i] > 0;
    size_t class = counts ? (size_t)batch->y[i * batch->y_stride] : 0;
    double *y = c->y + i * (s->k + 2);
    y[0] = (double)class;
    for (size_t other = 0; other <= s->k; other++) {
      y[1 + other] = 1;
      if (other == class || !counts)
        continue;
      gradus_i_class_pair_row(s, batch->x + i * batch->x_stride, class, other, c->pair);
      if (gradus_i_separation_separates(&limit->found, c->pair))
        y[1 + other] = 0;
    }
  }
  batch->y = c->y;
  batch->y_stride = s->k + 2;
  return status;
}

static void possible_release(void *data) {
  gradus_i_release(data);
}

static gradus_status open_rows(gradus_source **rows, const gradus_i_class_limit *limit,
                               gradus_error *err) {
  static const gradus_source_type type = {.name = "rows with their possible classes",
                                          .random_access = true,
                                          .open = possible_open,
                                          .read = possible_read,
                                          .close = possible_close,
                                          .release = possible_release};
  gradus_source_shape shape = *gradus_source_get_shape(limit->pairs.source);
  shape.responses = limit->pairs.k + 2;
  possible *data = gradus_i_allocate(1, sizeof *data);
  if (!data)
    return gradus_i_out_of_memory(err);
  data->limit = limit;
  return gradus_i_source_derive(rows, limit->pairs.source, &type, data, &shape, err);
}

/* ---- what is held ---- */

/* Where coefficient j of class r + 1 stands in θ. */
static size_t place_of(const gradus_i_class_pairs *s, size_t r, size_t j) {
  size_t first = s->q - s->p;
  return j < first ? s->k * s->p + r : r * s->p + j - first;
}

/* The largest entry of the vectors from v on: its vector and column. */
static void find_pivot(const double *space, size_t size, size_t count, size_t v, size_t *vector,
                       size_t *column) {
  double largest = -1;
  for (size_t w = v; w < count; w++)
    for (size_t c = 0; c < size; c++)
      if (fabs(space[w * size + c]) > largest) {
        largest = fabs(space[w * size + c]);
        *vector = w;
        *column = c;
      }
}

/* Gaussian elimination; the columns of its pivots are held. held: k·width. */
static void choose_held(double *space, size_t size, size_t count, bool *held) {
  for (size_t v = 0; v < count; v++) {
    size_t vector = v, column = 0;
    find_pivot(space, size, count, v, &vector, &column);
    double *pivot = space + v * size, *other = space + vector * size;
    held[column] = true;
    for (size_t c = 0; vector != v && c < size; c++) {
      double value = pivot[c];
      pivot[c] = other[c];
      other[c] = value;
    }
    for (size_t w = v + 1; w < count; w++) {
      double *row = space + w * size, times = row[column] / pivot[column];
      for (size_t c = 0; c < size; c++)
        row[c] -= times * pivot[c];
      row[column] = 0;
    }
  }
}

static gradus_status hold(const gradus_i_class_limit *limit, bool *left_out, gradus_error *err) {
  const gradus_i_class_pairs *s = &limit->pairs;
  size_t size = s->k * s->width, count = limit->found.dimensions;
  double *space = gradus_i_allocate(size * count, sizeof *space);
  bool *held = gradus_i_allocate(size, sizeof *held);
  gradus_status status = space && held ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0) {
    memcpy(space, limit->found.space, size * count * sizeof *space);
    choose_held(space, size, count, held);
    for (size_t r = 0, at = 0; r < s->k; r++)
      for (size_t j = 0; j < s->q; j++)
        if (!s->dropped[j] && held[at++])
          left_out[place_of(s, r, j)] = true;
  }
  gradus_i_release(space);
  gradus_i_release(held);
  return status;
}

/* ---- its maximum ---- */

void gradus_i_class_scale(const gradus_i_multinomial *s, double *scale) {
  for (size_t r = 0; r < s->k; r++) {
    double share = s->shares[r + 1], deviation = sqrt(share * (1 - share));
    for (size_t j = 0; j < s->p; j++)
      scale[r * s->p + j] = deviation;
    if (s->q > s->p)
      scale[s->k * s->p + r] = deviation;
  }
}

static gradus_status minimise(const gradus_i_multinomial *s, const gradus_source *rows,
                              const double *scale, gradus_i_class_estimates *at,
                              gradus_solver_report *report, gradus_error *err) {
  gradus_i_affine model = s->model;
  model.loss = &gradus_i_loss_conditional_softmax;
  gradus_i_objective objective = {.type = &gradus_i_affine_type,
                                  .model = &model,
                                  .source = rows,
                                  .dim = s->dim,
                                  .row_size = s->p + 2 * s->k,
                                  .frozen = at->left_out,
                                  .scale = scale,
                                  .threads = s->options->threads};
  const gradus_fit_options *options = s->options;
  gradus_i_solver_options solver = {.max_iterations = options->max_iterations,
                                    .tolerance =
                                        options->tolerance > 0 ? options->tolerance : DBL_MIN};
  gradus_i_outcome outcome;
  gradus_status status =
      gradus_i_minimise(&gradus_i_newton, &objective, &solver, at->theta, &outcome, err);
  if (status > 0)
    return status;
  gradus_i_release(outcome.matrix);
  report->stop = gradus_i_stop_text(outcome.stop);
  report->converged = outcome.converged;
  report->iterations = outcome.iterations;
  report->certificate = outcome.certificate;
  return gradus_i_objective_evaluate(&objective, at->theta, GRADUS_I_MATRIX, &at->value, err);
}

gradus_status gradus_i_class_limit_solve(const gradus_i_class_limit *limit,
                                         const gradus_i_multinomial *s,
                                         gradus_i_class_estimates *at, gradus_solver_report *report,
                                         gradus_error *err) {
  memset(at->theta, 0, s->dim * sizeof *at->theta);
  *report = (gradus_solver_report){.name = gradus_i_newton.name,
                                   .method = gradus_i_newton.how,
                                   .stop = gradus_i_solver_words[GRADUS_I_WORD_SEPARATED],
                                   .converged = true,
                                   .condition = s->columns->condition};
  gradus_status status = hold(limit, at->left_out, err);
  if (status > 0)
    return status;
  if (limit->found.dimensions == limit->pairs.k * limit->pairs.width) { /* nothing is left */
    at->value.loss = 0;
    return GRADUS_OK;
  }
  gradus_source *rows = NULL;
  double *scale = gradus_i_allocate(s->dim, sizeof *scale);
  status = scale ? open_rows(&rows, limit, err) : gradus_i_out_of_memory(err);
  if (status <= 0) {
    gradus_i_class_scale(s, scale);
    status = minimise(s, rows, scale, at, report, err);
  }
  gradus_source_free(rows);
  gradus_i_release(scale);
  return status;
}

/* ---- into the fit ---- */

/* A vector for standardised columns, as one for the data less their centres. */
static void take_vector(const gradus_i_class_pairs *s, const gradus_i_standard *standard,
                        const double *vector, double *row) {
  size_t first = s->q - s->p;
  for (size_t r = 0, at = 0; r < s->k; r++)
    for (size_t j = 0; j < s->q; j++)
      if (!s->dropped[j])
        row[r * s->q + j] = vector[at++] * (j < first ? 1 : standard->factor[j - first]);
}

/* The estimates of the limit, in the units of the data. */
static void take_estimates(const gradus_i_class_pairs *s, const gradus_i_class_estimates *at,
                           double *estimate) {
  size_t first = s->q - s->p;
  for (size_t r = 0; r < s->k; r++) {
    double shift = 0, *row = estimate + r * s->q;
    for (size_t j = first; j < s->q; j++) {
      row[j] = at->theta[place_of(s, r, j)] * at->standard.factor[j - first];
      shift += row[j] * at->standard.centre[j - first];
    }
    if (first)
      row[0] = at->theta[place_of(s, r, 0)] - shift;
  }
}

/* What there is of them; the rest is at infinity. */
static void set_parameters(gradus_fit *fit, const gradus_i_class_limit *limit,
                           const gradus_i_standard *standard) {
  const gradus_i_class_pairs *s = &limit->pairs;
  double *theta = gradus_params_values(fit->params);
  for (size_t r = 0; r < s->k; r++)
    for (size_t j = 0, at = 0; j < s->q; j++) {
      if (s->dropped[j])
        continue;
      int infinity = gradus_i_class_infinity(limit, standard, r, j, at++);
      theta[place_of(s, r, j)] = infinity == 2   ? fit->limit->estimate[r * s->q + j]
                                 : infinity == 0 ? NAN
                                                 : infinity * HUGE_VAL;
    }
}

gradus_status gradus_i_class_limit_take(gradus_fit *fit, const gradus_i_class_limit *limit,
                                        const gradus_i_class_estimates *at, gradus_error *err) {
  const gradus_i_class_pairs *s = &limit->pairs;
  const gradus_i_separation *found = &limit->found;
  size_t width = s->k * s->q, size = s->k * s->width, first = s->q - s->p;
  gradus_status status = gradus_i_limit_new(&fit->limit, width, found->dimensions, err);
  if (status > 0)
    return status;
  for (size_t i = 0; i < width; i++)
    fit->limit->centre[i] = i % s->q < first ? 0 : at->standard.centre[i % s->q - first];
  take_estimates(s, at, fit->limit->estimate);
  take_vector(s, &at->standard, found->direction, fit->limit->direction);
  for (size_t v = 0; v < found->dimensions; v++)
    take_vector(s, &at->standard, found->space + v * size, fit->limit->space + v * width);
  set_parameters(fit, limit, &at->standard);
  gradus_i_text text = {0};
  gradus_i_class_limit_describe(&text, fit, limit, &at->standard);
  gradus_i_fit_warn(fit, err, GRADUS_WARNING_SEPARATION,
                    "%s; Firth's method (--firth) has finite ones", text.data ? text.data : "");
  gradus_i_text_clear(&text);
  return GRADUS_OK;
}
