// SPDX-License-Identifier: GPL-3.0-or-later
/* The profile of a deviance, by fits with one coefficient in the offset. Each starts where the last
   one ended, moved along with the coefficient. */
#include "profile.h"

#include <math.h>
#include <string.h>

/* The other estimates may creep to infinity, where their steps near 1 on the scale of the link:
   after so many what is left of the deviance is lost in rounding, and weights do not underflow. */
enum { ITERATIONS_AT_A_LIMIT = 45 };

gradus_status gradus_i_profile_open(gradus_i_profile *p, const gradus_fit *fit,
                                    const gradus_source *rows, gradus_error *err) {
  *p = (gradus_i_profile){.fit = fit, .rows = rows, .dispersion = fit->dispersion};
  p->options = (gradus_i_irls_options){.family = gradus_i_family_find(fit->family),
                                       .shape = fit->theta,
                                       .link = gradus_i_link_find(fit->link),
                                       .any_rank = true,
                                       .enough = 1e-8,
                                       .max_iterations = fit->limit ? ITERATIONS_AT_A_LIMIT : 0,
                                       .frequency = gradus_source_get_shape(rows)->weight_kind ==
                                                    GRADUS_WEIGHT_FREQUENCY};
  p->keep = gradus_i_allocate(fit->p, sizeof *p->keep);
  p->start = gradus_i_allocate(3 * fit->q, sizeof *p->start);
  if (!p->keep || !p->start)
    return gradus_i_out_of_memory(err);
  p->slope = p->start + fit->q;
  p->guess = p->start + 2 * fit->q;
  p->options.start = p->guess;
  p->fixed.keep = p->keep;
  return GRADUS_OK;
}

void gradus_i_profile_close(gradus_i_profile *p) {
  gradus_source_free(p->source);
  gradus_i_release(p->keep);
  gradus_i_release(p->start);
}

/* Σ over the root's columns of rows i and j: their covariance but for scales. */
static double root_product(const gradus_fit *fit, size_t i, size_t j) {
  double sum = 0;
  for (size_t l = 0; l < fit->q; l++)
    sum += fit->root[i * fit->q + l] * fit->root[j * fit->q + l];
  return sum;
}

/* Where the others are with coefficient j at its estimate (at 0, if that is infinite), and how they
   follow it: cov(b_i, b_j) / var(b_j). */
static void set_start(gradus_i_profile *p) {
  const gradus_fit *fit = p->fit;
  size_t first = fit->has_intercept ? 1 : 0, at = 0, j = p->j;
  double square = fit->root ? root_product(fit, j, j) : 0;
  bool follows = square > 0 && !gradus_fit_infinite(fit, 0, j);
  for (size_t i = 0; i < fit->q; i++) {
    if (!fit->firth && (i == j || (i >= first && !p->keep[i - first])))
      continue;
    double estimate = gradus_fit_coefficient(fit, 0, i);
    p->start[at] = fit->limit ? fit->limit->estimate[i] : isfinite(estimate) ? estimate : 0;
    p->slope[at++] =
        follows ? root_product(fit, i, j) / square * (fit->column_scale[i] / fit->column_scale[j])
                : 0;
  }
  p->width = at;
  double estimate = gradus_fit_coefficient(fit, 0, j);
  p->at = isfinite(estimate) ? estimate : 0;
}

gradus_status gradus_i_profile_choose(gradus_i_profile *p, size_t j, gradus_error *err) {
  const gradus_fit *fit = p->fit;
  size_t first = fit->has_intercept ? 1 : 0;
  p->j = j;
  for (size_t i = 0; i < fit->p; i++)
    p->keep[i] = !fit->dropped[first + i] && first + i != j;
  p->fixed.of_intercept = j < first;
  p->fixed.column = j < first ? 0 : j - first;
  p->options.no_intercept = !fit->has_intercept || (j < first && !fit->firth);
  set_start(p);
  gradus_source_free(p->source);
  p->source = NULL;
  if (fit->firth)
    return GRADUS_OK;
  return gradus_i_fixed_source(&p->source, p->rows, &p->fixed, err);
}

/* A fit that creeps towards a limit of its own has that limit's deviance long before. */
static bool is_usable(const gradus_i_irls *irls) {
  return isfinite(irls->sums.deviance) && irls->sums.invalid == 0 &&
         (irls->converged || irls->sums.extreme > 0);
}

/* From the guess, or, where that leads so far away that no row has a weight, from R's starting
   values. *irls NULL: neither led anywhere. */
static gradus_status solve(gradus_i_profile *p, gradus_i_irls **irls, gradus_error *err) {
  gradus_error own = {0};
  gradus_status status = gradus_i_irls_solve(irls, p->source, &p->options, &own);
  if (status == GRADUS_ERROR_NO_COMPLETE_ROWS) {
    gradus_i_irls_options fresh = p->options;
    fresh.start = NULL;
    own = (gradus_error){0};
    status = gradus_i_irls_solve(irls, p->source, &fresh, &own);
  }
  if (status <= 0 || status == GRADUS_ERROR_NO_COMPLETE_ROWS)
    return GRADUS_OK;
  return gradus_i_fail(err, status, "%s", own.message);
}

/* The next guess goes on along the line from the last solution to this one. */
static void keep_start(gradus_i_profile *p, const gradus_i_irls *irls, double value) {
  double way = value - p->at;
  bool far = fabs(way) > 1e-6 * (fabs(value) + fabs(p->at));
  for (size_t i = 0; far && i < p->width; i++)
    p->slope[i] = (irls->estimate[i] - p->start[i]) / way;
  memcpy(p->start, irls->estimate, p->width * sizeof *p->start);
  p->at = value;
}

/* Of -2 times the penalised log-likelihood, the prior being that of all columns. */
static double rise_of(const gradus_fit *fit, const gradus_i_irls *irls) {
  double prior = 2 * (irls->half_log_determinant - fit->half_log_determinant);
  return irls->converged ? fmax(irls->sums.deviance - fit->deviance - prior, 0) : HUGE_VAL;
}

/* With few rows the penalised likelihood may have two maxima: the other is looked for from the
   estimates. */
static gradus_status rise_of_firth(gradus_i_profile *p, double value, double *rise,
                                   gradus_error *err) {
  enum { FEW_ROWS = 200 };
  const gradus_fit *fit = p->fit;
  size_t rows = gradus_source_get_shape(p->rows)->rows, first = fit->has_intercept ? 1 : 0;
  gradus_i_irls *best = NULL;
  gradus_i_firth_options options = {.glm = &p->options, .has_fixed = true, .fixed = p->j};
  gradus_status status = GRADUS_OK;
  for (int start = 0; status <= 0 && start < (rows > 0 && rows <= FEW_ROWS ? 2 : 1); start++) {
    gradus_i_irls *irls = NULL;
    for (size_t i = 0; start == 1 && i < fit->q; i++)
      p->guess[i] = i >= first && !p->keep[i - first] ? 0 : gradus_fit_coefficient(fit, 0, i);
    p->guess[p->j] = value;
    status = gradus_i_firth_solve(&irls, p->rows, &options, err);
    bool better = status <= 0 && (!best || rise_of(fit, irls) < rise_of(fit, best));
    gradus_i_irls_free(better ? best : irls);
    best = better ? irls : best;
  }
  if (status <= 0) {
    *rise = rise_of(fit, best);
    if (best->converged)
      keep_start(p, best, value);
  }
  gradus_i_irls_free(best);
  return status;
}

gradus_status gradus_i_profile_rise(gradus_i_profile *p, double value, double *rise,
                                    gradus_error *err) {
  gradus_i_irls *irls = NULL;
  gradus_i_glm_sums sums = {0};
  p->fixed.value = value;
  for (size_t i = 0; i < p->width; i++)
    p->guess[i] = p->start[i] + p->slope[i] * (value - p->at);
  if (p->fit->firth)
    return rise_of_firth(p, value, rise, err);
  gradus_status status = GRADUS_OK;
  bool usable = true;
  if (p->width > 0) {
    status = solve(p, &irls, err);
    usable = irls && is_usable(irls);
    sums = irls ? irls->sums : sums;
  } else { /* nothing else to estimate */
    status = gradus_i_glm_sums_at(&sums, p->source, &p->options, p->guess, 0, err);
    usable = status <= 0 && isfinite(sums.deviance) && sums.invalid == 0;
  }
  if (status <= 0)
    *rise = usable ? fmax((sums.deviance - p->fit->deviance) / p->dispersion, 0) : HUGE_VAL;
  if (usable && irls && irls->converged)
    keep_start(p, irls, value);
  gradus_i_irls_free(irls);
  return status;
}
