// SPDX-License-Identifier: GPL-3.0-or-later
/* Line search for the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, 2006,
   section 3.5) by a bracket.

   `low` lowers F enough and its slope is still steeply downhill; `high` has gone too far: F is too
   large, not finite, or uphill. With ψ(t) = F(t) - F(0) - 1e-4·t·F'(0): ψ falls at `low`, and at
   `high` it is above 0 or rises, so between them ψ has a minimum below 0, which meets both
   conditions, and every trial moves one of the two.

   Near a minimum F no longer tells two points apart. There the first condition holds up to
   rounding, and what decides is the second one, by slopes alone: the approximate Wolfe condition of
   Hager and Zhang (SIAM J. Optim. 16, 2005, p. 170), with their δ = 0.05. */
#include "line_search.h"
#include "internal.h"

#include <float.h>
#include <math.h>

const double gradus_i_loss_noise = 1e-12;

static const double decrease = 1e-4, curvature = 0.9;

typedef struct point {
  double t, loss, slope;
} point;

typedef struct line {
  gradus_i_search *search;
  const double *origin, *direction;
  point start;
  double noise;      /* of F */
  point low, before; /* before: the `low` before this one */
  point high;        /* t is infinite as long as there is none; loss where F is not finite */
} line;

double gradus_i_inner_product(size_t n, const double *a, const double *b) {
  double sums[4] = {0};
  size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (size_t l = 0; l < 4; l++)
      sums[l] += a[i + l] * b[i + l];
  for (; i < n; i++)
    sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* The search at origin + t·direction; a frozen coordinate is not touched. */
static gradus_status evaluate(const line *l, double t, point *at, gradus_error *err) {
  gradus_i_search *s = l->search;
  size_t dim = s->objective->dim;
  const bool *frozen = s->objective->frozen;
  for (size_t j = 0; j < dim; j++)
    if (!frozen || !frozen[j])
      s->theta[j] = l->origin[j] + t * l->direction[j];
  gradus_status status = gradus_i_search_evaluate(s, GRADUS_I_GRADIENT, err);
  if (status > 0)
    return status;
  *at = (point){.t = t, .loss = HUGE_VAL, .slope = HUGE_VAL};
  if (gradus_i_value_finite(&s->value, dim)) {
    at->loss = s->value.loss;
    at->slope = gradus_i_inner_product(dim, s->value.gradient, l->direction);
  }
  s->step = t;
  return GRADUS_OK;
}

/* The minimum of the cubic through both ends and their slopes (Nocedal and Wright, 3.59); NaN if it
   has none between them. */
static double cubic(const point *low, const point *high) {
  double width = high->t - low->t;
  double d = low->slope + high->slope - 3 * (high->loss - low->loss) / width;
  double root = sqrt(d * d - low->slope * high->slope);
  return high->t - width * (high->slope + root - d) / (high->slope - low->slope + 2 * root);
}

/* Where the slope would be 0, if it changed linearly. */
static double secant(const point *a, const point *b) {
  return b->t - b->slope * (b->t - a->t) / (b->slope - a->slope);
}

static double interpolate(const line *l, int trial) {
  const point *low = &l->low, *high = &l->high;
  double width = high->t - low->t, t;
  if (!isfinite(high->loss))
    return low->t + 0.25 * width;
  if (trial % 4 == 3) /* so that the bracket shrinks whatever F is */
    return low->t + 0.5 * width;
  bool rounding = fabs(high->loss - low->loss) <= l->noise;
  t = rounding && high->slope > 0 ? secant(low, high) : cubic(low, high);
  if (!isfinite(t))
    t = low->t + 0.5 * width;
  return fmin(fmax(t, low->t + 0.05 * width), high->t - 0.05 * width);
}

static double extrapolate(const line *l) {
  double t = l->low.slope > l->before.slope ? secant(&l->before, &l->low) : HUGE_VAL;
  return fmin(fmax(t, 2 * l->low.t), 10 * l->low.t);
}

static bool is_low_enough(const line *l, const point *at) {
  return at->loss <= l->start.loss + decrease * at->t * l->start.slope + l->noise;
}

/* Without a step that meets both conditions: the longest that lowers F. */
static gradus_status settle(line *l, gradus_i_line_end *end, gradus_error *err) {
  point at;
  *end = isfinite(l->high.loss) ? GRADUS_I_LINE_NONE : GRADUS_I_LINE_NOT_FINITE;
  if (!(l->low.t > 0))
    return GRADUS_OK;
  gradus_status status = evaluate(l, l->low.t, &at, err);
  if (status <= 0 && isfinite(at.loss))
    *end = GRADUS_I_LINE_LOWER;
  return status;
}

gradus_status gradus_i_line_search(gradus_i_search *search, const double *origin,
                                   const double *direction, double slope, double first,
                                   gradus_i_line_end *end, gradus_error *err) {
  enum { TRIALS = 50, FEW = 6 };
  line l = {.search = search,
            .origin = origin,
            .direction = direction,
            .start = {.loss = search->value.loss, .slope = slope},
            .noise = gradus_i_loss_noise * fabs(search->value.loss),
            .high = {.t = HUGE_VAL}};
  double t = first;
  l.low = l.before = l.start;
  /* Where all that is to be won is rounding, slopes are not worth many passes either. */
  int trials = -slope * first < l.noise ? FEW : TRIALS;
  for (int trial = 0; trial < trials; trial++) {
    point at;
    gradus_status status = evaluate(&l, t, &at, err);
    if (status > 0)
      return status;
    *end = GRADUS_I_LINE_WOLFE;
    if (is_low_enough(&l, &at) && fabs(at.slope) <= curvature * -slope)
      return GRADUS_OK;
    if (is_low_enough(&l, &at) && at.slope < 0) {
      l.before = l.low;
      l.low = at;
    } else {
      l.high = at;
    }
    if (isfinite(l.high.t) && l.high.t - l.low.t <= DBL_EPSILON * l.high.t)
      break;
    t = isfinite(l.high.t) ? interpolate(&l, trial) : extrapolate(&l);
  }
  return settle(&l, end, err);
}
