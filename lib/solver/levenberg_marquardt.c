// SPDX-License-Identifier: GPL-3.0-or-later
/* Levenberg and Marquardt's method with the objective's matrix: steps -(H + μD)⁻¹·gradient, D the
   largest diagonal of H so far (Moré 1978, The Levenberg-Marquardt algorithm: implementation and
   theory), μ by how much of the promised decrease came true (Nielsen 1999, Damping parameter in
   Marquardt's method). H need not be regular: units of a network that say the same, or nothing,
   make it singular everywhere. */
#include "internal.h"
#include "line_search.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { PATIENCE = 6 }; /* steps at the level of rounding that do not shorten the gradient */

typedef struct damped {
  size_t free_count, *free; /* coordinates that are not frozen */
  double *factor, *length;  /* of the free ones: the damped matrix, and √D */
  double *step;             /* free_count: √D times the step */
  double *theta, *gradient; /* dim: before the step */
  double *matrix;           /* dim² */
  double loss;
  double damping, growth; /* μ and Nielsen's ν */
  double *memory;         /* all of the doubles */
} damped;

static void finish(gradus_i_search *search) {
  damped *d = search->state;
  if (!d)
    return;
  gradus_i_release(d->free);
  gradus_i_release(d->memory);
  gradus_i_release(d);
}

static gradus_status start(gradus_i_search *search, gradus_error *err) {
  size_t dim = search->objective->dim;
  damped *d = search->state = gradus_i_allocate(1, sizeof *d);
  if (!d)
    return gradus_i_out_of_memory(err);
  d->free = gradus_i_allocate(dim, sizeof *d->free);
  d->memory = gradus_i_allocate(dim, (2 * dim + 4) * sizeof *d->memory);
  if (!d->free || !d->memory)
    return gradus_i_out_of_memory(err);
  d->factor = d->memory;
  d->matrix = d->factor + dim * dim;
  d->length = d->matrix + dim * dim;
  d->step = d->length + dim;
  d->theta = d->step + dim;
  d->gradient = d->theta + dim;
  d->damping = 1e-3;
  d->growth = 2;
  for (size_t j = 0; j < dim; j++)
    if (!search->objective->frozen || !search->objective->frozen[j])
      d->free[d->free_count++] = j;
  return GRADUS_OK;
}

static void keep(damped *d, const gradus_i_search *s) {
  size_t dim = s->objective->dim;
  d->loss = s->value.loss;
  memcpy(d->theta, s->theta, dim * sizeof *d->theta);
  memcpy(d->gradient, s->value.gradient, dim * sizeof *d->gradient);
  memcpy(d->matrix, s->value.matrix, dim * dim * sizeof *d->matrix);
}

static void go_back(const damped *d, gradus_i_search *s) {
  size_t dim = s->objective->dim;
  s->value.loss = d->loss;
  memcpy(s->theta, d->theta, dim * sizeof *d->theta);
  memcpy(s->value.gradient, d->gradient, dim * sizeof *d->gradient);
  memcpy(s->value.matrix, d->matrix, dim * dim * sizeof *d->matrix);
}

/* D never gets smaller, so that a unit that saturates is not flung about. */
static void set_lengths(damped *d, size_t dim) {
  double largest = 0;
  for (size_t j = 0; j < d->free_count; j++) {
    double diagonal = d->matrix[d->free[j] * (dim + 1)];
    d->length[j] = fmax(d->length[j], diagonal > 0 ? sqrt(diagonal) : 0);
    largest = fmax(largest, d->length[j]);
  }
  for (size_t j = 0; j < d->free_count; j++)
    d->length[j] = fmax(d->length[j], largest > 0 ? DBL_EPSILON * largest : 1);
}

/* The step for this damping, and by how much F falls along it where it is the quadratic that H
   says; false if the damped matrix is not positive definite in doubles. */
static bool find_step(damped *d, size_t dim, double *promised) {
  size_t m = d->free_count;
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i <= j; i++)
      d->factor[i + j * m] =
          d->matrix[d->free[i] + d->free[j] * dim] / d->length[i] / d->length[j] +
          (i == j ? d->damping : 0);
  if (!gradus_i_all_finite(d->factor, m * m) || !gradus_i_cholesky(m, d->factor))
    return false;
  double square = 0, slope = 0;
  for (size_t j = 0; j < m; j++)
    d->step[j] = -d->gradient[d->free[j]] / d->length[j];
  gradus_i_triangle_solve(m, d->factor, m, true, d->step);
  gradus_i_triangle_solve(m, d->factor, m, false, d->step);
  for (size_t j = 0; j < m; j++) {
    square += d->step[j] * d->step[j];
    slope += d->step[j] * d->gradient[d->free[j]] / d->length[j];
  }
  *promised = 0.5 * (d->damping * square - slope);
  return isfinite(*promised) && *promised >= 0;
}

/* Length of the step beside that of θ, each coordinate as D weighs it. */
static double relative_length(const damped *d) {
  double step = 0, size = 0;
  for (size_t j = 0; j < d->free_count; j++) {
    step = fmax(step, fabs(d->step[j]));
    size = fmax(size, fabs(d->theta[d->free[j]]) * d->length[j]);
  }
  return size > 0 ? step / size : step;
}

static double scaled_norm(const damped *d, const double *gradient) {
  double square = 0;
  for (size_t j = 0; j < d->free_count; j++) {
    double entry = gradient[d->free[j]] / d->length[j];
    square += entry * entry;
  }
  return sqrt(square);
}

/* The part of the promise that came true; where it is lost in the rounding of F, whether the
   gradient got shorter (1) or not (-1). */
static double gain(const damped *d, const gradus_i_search *s, double promised, bool *rounding) {
  double noise = gradus_i_loss_noise * fabs(d->loss);
  *rounding = promised <= noise;
  if (!gradus_i_value_finite(&s->value, s->objective->dim))
    return -1;
  if (!*rounding)
    return (d->loss - s->value.loss) / promised;
  return s->value.loss <= d->loss + noise &&
                 scaled_norm(d, s->value.gradient) < scaled_norm(d, d->gradient)
             ? 1
             : -1;
}

static void damp_more(damped *d) {
  d->damping *= d->growth;
  d->growth *= 2;
}

static void damp_less(damped *d, double gained) {
  d->damping = fmax(d->damping * fmax(0.1, 1 - pow(2 * fmin(gained, 1) - 1, 3)), DBL_MIN);
  d->growth = 2;
}

static gradus_status try_step(damped *d, gradus_i_search *s, gradus_error *err) {
  for (size_t j = 0; j < d->free_count; j++)
    s->theta[d->free[j]] = d->theta[d->free[j]] + d->step[j] / d->length[j];
  s->step = 1 / d->damping;
  return gradus_i_search_evaluate(s, GRADUS_I_MATRIX, err);
}

/* Damps until a step lowers F. */
static gradus_status iterate(gradus_i_search *s, gradus_i_stop *stop, gradus_error *err) {
  damped *d = s->state;
  bool rounding = false, finite = true;
  int stalled = 0;
  keep(d, s);
  set_lengths(d, s->objective->dim);
  for (;;) {
    double promised, gained;
    if (!find_step(d, s->objective->dim, &promised)) {
      damp_more(d);
      if (isfinite(d->damping))
        continue;
      *stop = GRADUS_I_STOP_NO_DESCENT;
      return GRADUS_OK;
    }
    bool short_step = relative_length(d) <= 4 * DBL_EPSILON;
    gradus_status status = try_step(d, s, err);
    if (status > 0)
      return status;
    gained = gain(d, s, promised, &rounding);
    finite = gradus_i_value_finite(&s->value, s->objective->dim);
    if (gained > 1e-4) {
      damp_less(d, gained);
      *stop = short_step ? GRADUS_I_STOP_STANDSTILL : GRADUS_I_STOP_NONE;
      return status;
    }
    go_back(d, s);
    damp_more(d);
    stalled += rounding;
    if (short_step || stalled == PATIENCE) {
      *stop = !finite    ? GRADUS_I_STOP_NOT_FINITE
              : rounding ? GRADUS_I_STOP_STANDSTILL
                         : GRADUS_I_STOP_NO_DESCENT;
      return status;
    }
  }
}

const gradus_i_solver gradus_i_levenberg_marquardt = {
    .name = "levenberg-marquardt",
    .how = "Levenberg-Marquardt with Nielsen's damping",
    .needs = GRADUS_I_MATRIX,
    .max_iterations = 1000,
    .start = start,
    .iterate = iterate,
    .finish = finish};
