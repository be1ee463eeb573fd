// SPDX-License-Identifier: GPL-3.0-or-later
/* Accelerated gradient descent that finds its step by itself.

   With y the point that is seen, x ← y - tg(y) and y ← x + β(x - x_old), β = k/(k+3) after k steps
   (Nesterov 1983); k is 0 again where g(y) points along the last step (O'Donoghue and Candès 2015).
   So an iteration costs one pass. The step t is at most 1/L, where L = |Δg|²/⟨Δg, Δy⟩ is the
   curvature met between one point and the next, as an inequality between neighbouring points is all
   that backtracking needs (Park and Ryu 2021). It may grow at the end of a window of
   iterations, and windows get longer each time that it should not have. Momentum that leads
   uphill is taken back, so that F falls at every point, convex or not. Differences of F that are
   rounding are taken from the gradients by the trapezoidal rule (after Hager and Zhang 2005). */
#include "accelerated.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { FIRST_WINDOW = 8, LONGEST_WINDOW = 1 << 20 };

static double dot(size_t n, const double *a, const double *b) {
  double sum = 0;
  for (size_t j = 0; j < n; j++)
    sum += a[j] * b[j];
  return sum;
}

static double largest_of(size_t n, const double *values) {
  double largest = 0;
  for (size_t j = 0; j < n; j++)
    largest = fmax(largest, fabs(values[j]));
  return largest;
}

void gradus_i_accelerated_start(gradus_i_accelerated *a, const gradus_i_search *search,
                                double *memory) {
  size_t dim = search->objective->dim;
  *a = (gradus_i_accelerated){.window = FIRST_WINDOW,
                              .point = memory,
                              .gradient = memory + dim,
                              .lead = memory + 2 * dim,
                              .next = memory + 3 * dim};
  memcpy(a->lead, search->theta, dim * sizeof *a->lead);
}

/* What was met on the way from the old point to the new one. */
typedef struct way {
  bool finite;
  double change;    /* of F */
  double curvature; /* NaN where it is rounding, or F is not convex */
  double length;    /* largest move of a coordinate, beside the largest coordinate */
} way;

static way look_back(const gradus_i_accelerated *a, const gradus_i_search *s, double loss) {
  size_t dim = s->objective->dim;
  way w = {.finite = gradus_i_value_finite(&s->value, dim), .curvature = NAN};
  double square = 0, along = 0, slope = 0, move = 0;
  for (size_t j = 0; j < dim; j++) {
    double dy = s->theta[j] - a->point[j], dg = s->value.gradient[j] - a->gradient[j];
    square += dg * dg;
    along += dg * dy;
    slope += 0.5 * (s->value.gradient[j] + a->gradient[j]) * dy;
    move = fmax(move, fabs(dy));
  }
  double size = fmax(largest_of(dim, a->point), largest_of(dim, s->theta));
  w.length = size > 0 ? move / size : HUGE_VAL;
  if (!w.finite)
    return w;
  w.change = s->value.loss - loss;
  if (fabs(w.change) <= 1e-9 * (fabs(loss) + fabs(s->value.loss)))
    w.change = slope;
  if (along > 0 && sqrt(square) > 1e-14 * a->largest)
    w.curvature = square / along;
  return w;
}

/* Step and window after a move that is kept. */
static void adapt(gradus_i_accelerated *a, double curvature, bool first) {
  if (curvature > 0 && (first || curvature * a->step > 1)) {
    a->step = 1 / curvature;
    if (!first && a->window < LONGEST_WINDOW)
      a->window *= 2;
    a->steepest = 0;
    a->steps = 0;
    return;
  }
  a->steepest = fmax(a->steepest, curvature > 0 ? curvature : 0);
  if (++a->steps < a->window)
    return;
  if (a->steepest * a->step < 0.8)
    a->step = fmin(2 * a->step, a->steepest > 0 ? 1 / a->steepest : HUGE_VAL);
  a->steepest = 0;
  a->steps = 0;
}

/* A shorter step after one that was too long. */
static void shorten(gradus_i_accelerated *a, const way *w) {
  double step = w->finite ? 0.5 * a->step : 0.1 * a->step;
  if (w->finite && w->curvature > 0)
    step = fmin(step, fmax(1 / w->curvature, 1e-3 * a->step));
  a->step = step;
  a->steepest = 0;
  a->steps = 0;
  if (a->window < LONGEST_WINDOW)
    a->window *= 2;
}

static void propose(gradus_i_accelerated *a, gradus_i_search *s) {
  size_t dim = s->objective->dim;
  double uphill = 0;
  for (size_t j = 0; j < dim; j++) {
    a->next[j] = a->point[j] - a->step * a->gradient[j];
    uphill += a->gradient[j] * (a->next[j] - a->lead[j]);
  }
  if (uphill > 0)
    a->momentum = 0;
  double beta = (double)a->momentum / (double)(a->momentum + 3);
  for (size_t j = 0; j < dim; j++) {
    s->theta[j] = a->next[j];
    if (a->next[j] != a->lead[j]) /* a frozen coordinate keeps its sign of zero */
      s->theta[j] += beta * (a->next[j] - a->lead[j]);
  }
}

/* Whether F fell by enough: without momentum in proportion to the step. */
static bool fell(const gradus_i_accelerated *a, const way *w, double square) {
  return w->finite && w->change <= (a->momentum > 0 ? 0 : -1e-4 * a->step * square);
}

gradus_status gradus_i_accelerated_iterate(gradus_i_accelerated *a, gradus_i_search *s,
                                           gradus_i_stop *stop, gradus_error *err) {
  size_t dim = s->objective->dim;
  double loss = s->value.loss, square = dot(dim, s->value.gradient, s->value.gradient);
  double norm = sqrt(square);
  bool first = a->step == 0;
  memcpy(a->point, s->theta, dim * sizeof *a->point);
  memcpy(a->gradient, s->value.gradient, dim * sizeof *a->gradient);
  a->largest = fmax(a->largest, norm);
  if (first)
    a->step = norm > 0 ? 0.1 * fmax(1, largest_of(dim, s->theta)) / norm : 1;
  for (;;) {
    propose(a, s);
    gradus_status status = gradus_i_search_evaluate(s, GRADUS_I_GRADIENT, err);
    if (status > 0)
      return status;
    way w = look_back(a, s, loss);
    s->step = a->step;
    if (fell(a, &w, square)) {
      memcpy(a->lead, a->next, dim * sizeof *a->lead);
      a->momentum++;
      adapt(a, w.curvature, first);
      if (w.length <= 0.5 * DBL_EPSILON)
        *stop = GRADUS_I_STOP_STANDSTILL;
      return GRADUS_OK;
    }
    bool lost = w.length <= 0.5 * DBL_EPSILON;
    if (a->momentum > 0)
      a->momentum = 0;
    else
      shorten(a, &w);
    if (lost || !(a->step * norm > 0)) {
      *stop = GRADUS_I_STOP_NO_DESCENT;
      break;
    }
  }
  memcpy(s->theta, a->point, dim * sizeof *s->theta);
  memcpy(s->value.gradient, a->gradient, dim * sizeof *a->gradient);
  s->value.loss = loss;
  return GRADUS_OK;
}
