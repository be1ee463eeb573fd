// SPDX-License-Identifier: GPL-3.0-or-later
/* Newton's method with the objective's matrix (Fisher scoring where that is the Fisher matrix).
   Every pass forms loss, gradient and matrix together, so a step costs one pass. Where the matrix
   is singular, as that of a network may be everywhere, a ridge keeps the step within reach. */
#include "internal.h"
#include "line_search.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { PATIENCE = 20 }; /* iterations at the level of rounding without a smaller gradient */

typedef struct newton {
  size_t free_count, *free; /* coordinates that are not frozen */
  double *factor, *length;  /* of the free ones: the scaled matrix, and 1/√diagonal */
  double *direction, *old;  /* dim */
  double last;              /* length of the last step beside the largest so far */
  double least, ridge;      /* the ridge to try first, and that of the last direction */
  double certificate;       /* the smallest so far where F stands still */
  int stalled;              /* iterations since then */
} newton;

static void finish(gradus_i_search *search) {
  newton *n = search->state;
  if (!n)
    return;
  gradus_i_release(n->free);
  gradus_i_release(n->factor);
  gradus_i_release(n->length);
  gradus_i_release(n->direction);
  gradus_i_release(n->old);
  gradus_i_release(n);
}

static gradus_status start(gradus_i_search *search, gradus_error *err) {
  size_t dim = search->objective->dim;
  newton *n = search->state = gradus_i_allocate(1, sizeof *n);
  if (!n)
    return gradus_i_out_of_memory(err);
  n->last = n->certificate = HUGE_VAL;
  n->free = gradus_i_allocate(dim, sizeof *n->free);
  n->factor = gradus_i_allocate(dim * dim, sizeof *n->factor);
  n->length = gradus_i_allocate(dim, sizeof *n->length);
  n->direction = gradus_i_allocate(dim, sizeof *n->direction);
  n->old = gradus_i_allocate(dim, sizeof *n->old);
  if (!n->free || !n->factor || !n->length || !n->direction || !n->old)
    return gradus_i_out_of_memory(err);
  for (size_t j = 0; j < dim; j++)
    if (!search->objective->frozen || !search->objective->frozen[j])
      n->free[n->free_count++] = j;
  return GRADUS_OK;
}

/* The factor of the free part of the matrix, its diagonal scaled to 1 and then raised by `ridge`;
 * false if it is not positive definite. */
static bool factorise(newton *n, const double *matrix, size_t dim, double ridge) {
  size_t m = n->free_count;
  for (size_t j = 0; j < m; j++) {
    double diagonal = matrix[n->free[j] * (dim + 1)];
    n->length[j] = diagonal > 0 ? 1 / sqrt(diagonal) : 1;
  }
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i <= j; i++)
      n->factor[i + j * m] = matrix[n->free[i] + n->free[j] * dim] * n->length[i] * n->length[j] +
                             (i == j ? ridge : 0);
  if (!gradus_i_all_finite(n->factor, m * m))
    return false;
  if (!gradus_i_cholesky(m, n->factor))
    return false;
  for (size_t j = 0; j < m; j++) /* what is left of a column beside what it was */
    if (!(n->factor[j * (m + 1)] > 4e-8))
      return false;
  return true;
}

/* direction = -matrix⁻¹·gradient, with the smallest ridge that makes it possible, but the least. */
static bool find_direction(newton *n, const gradus_i_value *value, size_t dim) {
  double ridge = n->least;
  while (!factorise(n, value->matrix, dim, ridge)) {
    ridge = ridge > 0 ? 10 * ridge : 1e-12;
    if (ridge > 1)
      return false;
  }
  n->ridge = ridge;
  memset(n->direction, 0, dim * sizeof *n->direction);
  double *packed = n->old; /* free until the step */
  for (size_t j = 0; j < n->free_count; j++)
    packed[j] = -value->gradient[n->free[j]] * n->length[j];
  gradus_i_triangle_solve(n->free_count, n->factor, n->free_count, true, packed);
  gradus_i_triangle_solve(n->free_count, n->factor, n->free_count, false, packed);
  for (size_t j = 0; j < n->free_count; j++)
    n->direction[n->free[j]] = packed[j] * n->length[j];
  return gradus_i_all_finite(n->direction, dim);
}

/* Length of the step beside that of θ, each coordinate as the matrix weighs it. */
static double relative_length(const newton *n, const double *theta) {
  double step = 0, size = 0;
  for (size_t j = 0; j < n->free_count; j++) {
    step = fmax(step, fabs(n->direction[n->free[j]]) / n->length[j]);
    size = fmax(size, fabs(theta[n->free[j]]) / n->length[j]);
  }
  return size > 0 ? step / size : step;
}

/* Halves the step while F is not finite or has risen by more than rounding. */
static gradus_status move(gradus_i_search *s, newton *n, double slope, gradus_i_stop *stop,
                          gradus_error *err) {
  enum { HALVINGS = 40 };
  size_t dim = s->objective->dim;
  double before = s->value.loss, t = 1;
  memcpy(n->old, s->theta, dim * sizeof *n->old);
  for (int halving = 0; halving < HALVINGS; halving++, t *= 0.5) {
    for (size_t j = 0; j < n->free_count; j++)
      s->theta[n->free[j]] = n->old[n->free[j]] + t * n->direction[n->free[j]];
    gradus_status status = gradus_i_search_evaluate(s, GRADUS_I_MATRIX, err);
    if (status > 0)
      return status;
    s->step = t;
    if (gradus_i_value_finite(&s->value, dim) &&
        s->value.loss <= before + 1e-4 * t * slope + 1e-13 * (fabs(before) + 1e-300))
      return GRADUS_OK;
  }
  memcpy(s->theta, n->old, dim * sizeof *n->old);
  *stop = GRADUS_I_STOP_NO_DESCENT;
  return gradus_i_search_evaluate(s, GRADUS_I_MATRIX, err);
}

/* A step that had to be cut short was too long in some direction that the matrix hardly knows. */
static void choose_ridge(newton *n, double step) {
  if (step < 0.1)
    n->least = fmin(1, fmax(10 * n->ridge, 1e-8));
  else if (step == 1)
    n->least = n->least > 1e-12 ? 0.1 * n->least : 0;
}

/* Whether F stands still and the gradient does not get smaller either. */
static bool stands_still(newton *n, const gradus_i_search *s, double before) {
  double certificate = gradus_i_objective_certificate(s->objective, s->value.gradient);
  if (fabs(s->value.loss - before) > gradus_i_loss_noise * fabs(before)) {
    n->certificate = HUGE_VAL;
    n->stalled = 0;
  } else if (certificate < n->certificate) {
    n->certificate = certificate;
    n->stalled = 0;
  } else {
    n->stalled++;
  }
  return n->stalled >= PATIENCE;
}

static gradus_status iterate(gradus_i_search *s, gradus_i_stop *stop, gradus_error *err) {
  newton *n = s->state;
  size_t dim = s->objective->dim;
  if (!find_direction(n, &s->value, dim)) {
    *stop = GRADUS_I_STOP_NO_DESCENT;
    return GRADUS_OK;
  }
  double slope = 0, length = relative_length(n, s->theta), before = s->value.loss;
  for (size_t j = 0; j < dim; j++)
    slope += s->value.gradient[j] * n->direction[j];
  gradus_status status = move(s, n, slope, stop, err);
  /* The end: steps at the size of rounding, or that no longer get shorter. */
  if (*stop == GRADUS_I_STOP_NONE &&
      (length <= 4 * DBL_EPSILON || (length < 1e-11 && length >= n->last) ||
       stands_still(n, s, before)))
    *stop = GRADUS_I_STOP_STANDSTILL;
  n->last = length;
  choose_ridge(n, s->step);
  return status;
}

const gradus_i_solver gradus_i_newton = {.name = "newton",
                                         .how = "Newton's method with the Fisher matrix",
                                         .needs = GRADUS_I_MATRIX,
                                         .max_iterations = 300,
                                         .start = start,
                                         .iterate = iterate,
                                         .finish = finish};
