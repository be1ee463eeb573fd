// SPDX-License-Identifier: GPL-3.0-or-later
/* Where a profile rises by a given amount. Its square root is nearly linear in the coefficient: the
   secant finds the place in a few steps, inside a bracket that bisection keeps shrinking. */
#include "profile.h"

#include <math.h>

/* Of √rise beside the target; and how near the rise must be in the end. */
static const double tolerance_root = 2e-13, tolerance_rise = 1e-8;
enum { MOST_STEPS = 80, MOST_DOUBLINGS = 64 };

typedef struct point {
  double value, height; /* √rise - target */
} point;

static gradus_status look(gradus_i_profile *p, double target, double value, point *at,
                          gradus_error *err) {
  double rise = 0;
  *at = (point){value, 0};
  gradus_status status = gradus_i_profile_rise(p, value, &rise, err);
  at->height = sqrt(rise) - target;
  return status;
}

/* From `inside`, below the target, outwards by doubling steps until one is above: *outside, at an
   infinite value if the profile flattens out before. */
static gradus_status walk_out(gradus_i_profile *p, int side, double target, double step,
                              point *inside, point *outside, gradus_error *err) {
  for (int i = 0; i < MOST_DOUBLINGS; i++, step *= 2) {
    point next;
    gradus_status status = look(p, target, inside->value + side * step, &next, err);
    if (status > 0)
      return status;
    if (next.height >= 0) {
      *outside = next;
      return GRADUS_OK;
    }
    double before = pow(inside->height + target, 2), after = pow(next.height + target, 2);
    double growth = after - before;
    *inside = next;
    /* Profiles that end do so at least as fast as a geometric series. */
    if (i >= 4 && fabs(growth) < 1e-9 * (1 + after) && after + 10 * fabs(growth) < target * target)
      break;
  }
  *outside = (point){side * HUGE_VAL, HUGE_VAL};
  return GRADUS_OK;
}

/* Of an infinite estimate: from `outside`, above the target, in the estimate's direction until one
   is below. */
static gradus_status walk_in(gradus_i_profile *p, int side, double target, double step,
                             point *inside, point *outside, gradus_error *err) {
  *inside = (point){NAN, NAN};
  for (int i = 0; i < MOST_DOUBLINGS; i++, step *= 2) {
    point next;
    gradus_status status = look(p, target, outside->value - side * step, &next, err);
    if (status > 0)
      return status;
    if (next.height < 0) {
      *inside = next;
      return GRADUS_OK;
    }
    *outside = next;
  }
  return GRADUS_OK;
}

/* The secant of the last two points, or the middle where it leaves the bracket. */
static double propose(point inside, point outside, point last, point before, bool bisect) {
  double low = fmin(inside.value, outside.value), high = fmax(inside.value, outside.value);
  double slope = (last.height - before.height) / (last.value - before.value);
  double value = last.value - last.height / slope;
  if (bisect || !(value > low && value < high))
    return low + 0.5 * (high - low);
  return value;
}

static gradus_status close_in(gradus_i_profile *p, double target, point inside, point outside,
                              double *limit, gradus_error *err) {
  point last = outside, before = inside;
  double width = HUGE_VAL;
  for (int i = 0; i < MOST_STEPS; i++) {
    double now = fabs(outside.value - inside.value);
    bool slow = i % 3 == 2 && now > 0.5 * width;
    if (i % 3 == 2)
      width = now;
    point next;
    gradus_status status =
        look(p, target, propose(inside, outside, last, before, slow), &next, err);
    if (status > 0)
      return status;
    before = last;
    last = next;
    if (next.height < 0)
      inside = next;
    else
      outside = next;
    double size = fmax(fabs(inside.value), fabs(outside.value));
    if (fabs(next.height) <= tolerance_root * target ||
        fabs(outside.value - inside.value) <= 4e-16 * size)
      break;
  }
  point best = fabs(inside.height) < fabs(outside.height) ? inside : outside;
  double rise = pow(best.height + target, 2), wanted = target * target;
  *limit = fabs(rise - wanted) <= tolerance_rise * (1 + wanted) ? best.value : NAN;
  return GRADUS_OK;
}

gradus_status gradus_i_profile_limit(gradus_i_profile *p, int side, double target, double step,
                                     double *limit, gradus_error *err) {
  double estimate = gradus_fit_coefficient(p->fit, 0, p->j);
  point inside = {estimate, -target}, outside = {NAN, NAN};
  gradus_status status = GRADUS_OK;
  if (isinf(estimate) && estimate * side > 0) {
    *limit = estimate;
    return GRADUS_OK;
  }
  if (isinf(estimate))
    status = look(p, target, 0, &inside, err);
  if (status <= 0 && inside.height >= 0) {
    outside = inside;
    status = walk_in(p, side, target, step, &inside, &outside, err);
  } else if (status <= 0)
    status = walk_out(p, side, target, step, &inside, &outside, err);
  if (status > 0)
    return status;
  *limit = outside.value;
  if (isinf(outside.value) || isnan(inside.value)) {
    *limit = isnan(inside.value) ? NAN : *limit;
    return GRADUS_OK;
  }
  return close_in(p, target, inside, outside, limit, err);
}
