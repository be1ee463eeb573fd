// SPDX-License-Identifier: GPL-3.0-or-later
/* The shape of a family (θ of the negative binomial) by maximum likelihood, together with the
   coefficients: for every θ the coefficients by iteratively reweighted least squares, and θ by
   Newton's method on the score of that profile, whose slope is at first that at fixed coefficients
   (as MASS's theta.ml has it) and then the secant's. */
#include "irls.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST = 100 };
static const double longest_step = 3; /* of log θ */
static const double largest = 1e15;   /* a larger θ than that is as good as infinite */

typedef struct search {
  double place, score; /* log θ, and d profile/d log θ there */
  double slope;        /* of the score; below 0 */
  double low, high;    /* the score is positive at low, and not at high */
  double last;         /* length of the step before */
  bool begun;
} search;

/* Replaces the solution by that at options->shape, which starts where the one before ended. */
static gradus_status solve_again(gradus_i_irls **solution, const gradus_source *source,
                                 gradus_i_irls_options *options, double tolerance,
                                 gradus_error *err) {
  gradus_i_irls *before = *solution, *next = NULL;
  gradus_i_irls_options own = *options;
  own.start = before->estimate;
  own.tolerance = fmax(own.tolerance, tolerance);
  options->done = before->iterations;
  gradus_status status = gradus_i_irls_solve(&next, source, &own, err);
  if (status > 0)
    return status;
  next->iterations += before->iterations;
  gradus_i_irls_free(before);
  *solution = next;
  return GRADUS_OK;
}

/* From score and information by θ at the present place; returns the step in log θ. */
static double next_step(search *s, const gradus_i_shape_sums *sums, double theta) {
  double place = log(theta), score = theta * sums->score;
  double secant = (score - s->score) / (place - s->place);
  double own = score - theta * theta * sums->information; /* at fixed coefficients */
  if (!s->begun)
    s->slope = own < 0 ? own : -fabs(score) / longest_step;
  else if (fabs(place - s->place) > 1e-6) /* nearer than that it is rounding errors */
    s->slope = secant < 0 ? secant : -fabs(score) / longest_step;
  *(score > 0 ? &s->low : &s->high) = place;
  s->place = place;
  s->score = score;
  s->begun = true;
  double step = fmax(-longest_step, fmin(longest_step, -score / s->slope));
  bool inside = place + step > s->low && place + step < s->high;
  if (!inside && isfinite(s->low) && isfinite(s->high) && s->high - s->low > 8 * DBL_EPSILON)
    step = 0.5 * (s->low + s->high) - place;
  return step;
}

/* Whether the place stands still, or rounding keeps the steps from getting shorter. */
static bool stands(search *s, double step) {
  double length = fabs(step), last = s->last;
  s->last = length;
  return length <= 4 * DBL_EPSILON || (length < 1e-10 && length >= last);
}

static gradus_status climb(gradus_i_irls **solution, const gradus_source *source,
                           gradus_i_irls_options *options, gradus_i_shape_sums *sums,
                           gradus_error *err) {
  search s = {.low = -HUGE_VAL, .high = HUGE_VAL, .last = HUGE_VAL};
  for (int round = 0; round < MOST; round++) {
    /* Coefficients that are not yet at their maximum harm nothing while θ is far from its own. */
    double tolerance = s.last > 1e-7 && s.begun ? 1e-3 * fmin(s.last, 0.1) : 0;
    gradus_status status = solve_again(solution, source, options, tolerance, err);
    if (status <= 0 && (isinf(options->shape) || !(*solution)->converged))
      return status;
    if (status <= 0)
      status = gradus_i_glm_shape_sums(sums, source, options, (*solution)->estimate, err);
    if (status > 0)
      return status;
    double step = next_step(&s, sums, options->shape);
    if (stands(&s, step)) {
      (*solution)->certificate = fmax((*solution)->certificate, fabs(step));
      return GRADUS_OK;
    }
    options->shape *= exp(step);
    if (options->shape > largest)
      options->shape = HUGE_VAL;
  options->done = 0;
  }
  (*solution)->converged = false;
  (*solution)->stop = gradus_i_solver_words[GRADUS_I_WORD_MAX_ITERATIONS];
  return GRADUS_OK;
}

gradus_status gradus_i_irls_solve_shape(gradus_i_irls **solution, double *std_error,
                                        const gradus_source *source, gradus_i_irls_options *options,
                                        gradus_error *err) {
  gradus_i_shape_sums sums;
  *std_error = NAN;
  options->shape = HUGE_VAL;
  gradus_status status = gradus_i_irls_solve(solution, source, options, err);
  if (status > 0 || !(*solution)->converged)
    return status;
  status = gradus_i_glm_shape_sums(&sums, source, options, (*solution)->estimate, err);
  /* The likelihood falls from the limit on: it is the maximum. */
  if (status <= 0 && !(sums.score > 0))
    return GRADUS_OK;
  if (status <= 0) {
    options->shape = fmax(1e-10, fmin(1e10, sums.weight / sums.spread));
    status = climb(solution, source, options, &sums, err);
  }
  if (status > 0) {
    gradus_i_irls_free(*solution);
    *solution = NULL;
    return status;
  }
  if ((*solution)->converged && isfinite(options->shape))
    *std_error = 1 / sqrt(sums.information);
  return GRADUS_OK;
}
