// SPDX-License-Identifier: GPL-3.0-or-later
/* Intervals and tests by the profile of the likelihood, kept in the fit. */
#include "profile.h"

#include <math.h>
#include <string.h>

/* Where the fit keeps a coefficient's numbers. */
enum { LOW, HIGH, STATISTIC, P_VALUE, NUMBERS };

static gradus_status check_fit(const gradus_fit *fit, const gradus_source *source,
                               gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  if (!fit->family || fit->levels || !fit->root || fit->robust_type != GRADUS_ROBUST_NONE)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "intervals by profile likelihood are those of generalised linear models "
                         "that converged, without a penalty and without robust standard errors; "
                         "this one %s",
                         !fit->family || fit->levels ? "is none"
                         : !fit->solver.converged    ? "did not converge"
                         : fit->l2 > 0               ? "is penalised"
                         : !fit->root                ? "has no covariance"
                                                     : "has robust standard errors");
  bool grouped = shape->responses == 2 && gradus_i_family_find(fit->family)->is_binomial;
  if (shape->columns == fit->p && (shape->responses == 1 || grouped))
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the fit has %zu inputs and one response, the rows have %zu and %zu: these "
                       "are not the rows that were fitted",
                       fit->p, shape->columns, shape->responses);
}

/* The rise of the deviance without the coefficient, and its upper tail. */
static gradus_status test_coefficient(gradus_i_profile *p, double *numbers, gradus_error *err) {
  const gradus_fit *fit = p->fit;
  double rise = 0;
  gradus_status status = gradus_i_profile_rise(p, 0, &rise, err);
  numbers[STATISTIC] = isfinite(rise) ? rise : NAN;
  numbers[P_VALUE] = fit->dispersion_known
                         ? gradus_i_chi_squared_upper(numbers[STATISTIC], 1)
                         : gradus_i_f_upper(numbers[STATISTIC], 1, fit->df_residual);
  return status;
}

static gradus_status profile_coefficient(gradus_i_profile *p, size_t j, double reach,
                                         double *numbers, gradus_error *err) {
  gradus_term term;
  gradus_status status = gradus_fit_term(p->fit, 0, j, 0, &term, err);
  if (status > 0)
    return status;
  if (term.infinite && isnan(term.estimate)) { /* any value does as well */
    numbers[LOW] = -HUGE_VAL;
    numbers[HIGH] = HUGE_VAL;
    numbers[STATISTIC] = 0;
    numbers[P_VALUE] = 1;
    return GRADUS_OK;
  }
  double step = term.infinite ? p->fit->column_scale[j] : reach * term.std_error;
  status = gradus_i_profile_choose(p, j, err);
  for (int side = -1; status <= 0 && side <= 1; side += 2) {
    status = gradus_i_profile_limit(p, side, reach, step, &numbers[side < 0 ? LOW : HIGH], err);
    if (status <= 0) /* the warm start of the other side is here */
      status = gradus_i_profile_choose(p, j, err);
  }
  return status <= 0 ? test_coefficient(p, numbers, err) : status;
}

/* numbers: 4q, by quantity. *missing: limits that were not found. */
static gradus_status compute(const gradus_fit *fit, const gradus_source *rows, double reach,
                             double *profile, size_t *missing, gradus_error *err) {
  gradus_i_profile p;
  gradus_status status = gradus_i_profile_open(&p, fit, rows, err);
  for (size_t j = 0; status <= 0 && j < fit->q; j++) {
    double numbers[NUMBERS] = {NAN, NAN, NAN, NAN};
    if (!fit->dropped[j] && fit->dispersion > 0) {
      status = profile_coefficient(&p, j, reach, numbers, err);
      *missing += (size_t)(isnan(numbers[LOW]) != 0) + (isnan(numbers[HIGH]) != 0);
    }
    for (size_t i = 0; i < NUMBERS; i++)
      profile[i * fit->q + j] = numbers[i];
  }
  gradus_i_profile_close(&p);
  return status;
}

static gradus_status make_profile(double **profile, gradus_fit *fit, const gradus_source *source,
                                  double level, size_t *missing, gradus_error *err) {
  gradus_source *grouped = NULL;
  gradus_status status = GRADUS_OK;
  if (gradus_source_get_shape(source)->responses == 2)
    status = gradus_i_group_trials(&grouped, source, err);
  if (status > 0)
    return status;
  *profile = gradus_i_allocate(NUMBERS * fit->q, sizeof **profile);
  if (*profile)
    status = compute(fit, grouped ? grouped : source, gradus_i_reach(fit, level), *profile, missing,
                     err);
  else
    status = gradus_i_out_of_memory(err);
  gradus_source_free(grouped);
  return status;
}

gradus_status gradus_fit_set_intervals(gradus_fit *fit, const gradus_source *source,
                                       gradus_intervals method, double level, gradus_error *err) {
  double *profile = NULL;
  size_t missing = 0;
  gradus_status status = gradus_i_check_level(&level, err);
  if (status <= 0 && (method < GRADUS_INTERVALS_WALD || method > GRADUS_INTERVALS_LR))
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "there are no intervals number %d",
                           (int)method);
  double *before = fit->profile;
  fit->profile = NULL; /* its terms are to be Wald's while the profile is made */
  if (status <= 0 && method != GRADUS_INTERVALS_WALD) {
    status = check_fit(fit, source, err);
    if (status <= 0)
      status = make_profile(&profile, fit, source, level, &missing, err);
  }
  if (status > 0) {
    fit->profile = before;
    gradus_i_release(profile);
    return status;
  }
  gradus_i_release(before);
  fit->profile = profile;
  fit->interval_method = method;
  fit->profile_level = level;
  gradus_i_fit_forget(fit, GRADUS_WARNING_UNDEFINED);
  if (missing == 0)
    return GRADUS_OK;
  return gradus_i_fit_warn(fit, err, GRADUS_WARNING_UNDEFINED,
                           "%zu limit%s of the profile likelihood could not be found, and %s not a "
                           "number",
                           missing, missing == 1 ? "" : "s", missing == 1 ? "is" : "are");
}

gradus_intervals gradus_fit_intervals(const gradus_fit *fit) {
  return fit->interval_method;
}

gradus_status gradus_i_profile_term(const gradus_fit *fit, size_t coefficient, double level,
                                    gradus_term *term, gradus_error *err) {
  const double *numbers = fit->profile + coefficient;
  if (fabs(level - fit->profile_level) > 1e-12)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the profile-likelihood intervals of this fit are of level %g; for the "
                         "level %g fit again",
                         fit->profile_level, level);
  term->conf_low = numbers[LOW * fit->q];
  term->conf_high = numbers[HIGH * fit->q];
  if (fit->interval_method == GRADUS_INTERVALS_LR) {
    term->statistic = numbers[STATISTIC * fit->q];
    term->p_value = numbers[P_VALUE * fit->q];
  }
  return GRADUS_OK;
}
