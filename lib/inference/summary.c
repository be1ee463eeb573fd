// SPDX-License-Identifier: GPL-3.0-or-later
/* Standard errors, tests and intervals of coefficients, and the model row. */
#include "internal.h"

#include <math.h>
#include <string.h>

double gradus_i_scaled_sigma(const gradus_fit *fit, size_t response) {
  if (fit->family)
    return sqrt(fit->dispersion);
  if (!(fit->df_residual > 0))
    return NAN;
  return sqrt(fit->responses[response].rss / fit->df_residual);
}

const double *gradus_i_covariance_root(const gradus_fit *fit, size_t response, double *factor) {
  const gradus_i_response *r = &fit->responses[response];
  if (fit->robust_root) {
    *factor = r->scale;
    return fit->robust_root + response * fit->q * fit->q;
  }
  *factor = gradus_i_scaled_sigma(fit, response) * r->scale;
  if (fit->joint > 1)
    return fit->root + response * fit->q * fit->joint * fit->q;
  return fit->root;
}

gradus_status gradus_i_check_level(double *level, gradus_error *err) {
  if (*level == 0)
    *level = 0.95;
  if (*level > 0 && *level < 1)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "the level of an interval must lie between 0 and 1, not be %g", *level);
}

double gradus_i_reach(const gradus_fit *fit, double level) {
  bool least_squares = fit->network && !fit->dispersion_known &&
                       strcmp(fit->family, "gaussian") == 0 && strcmp(fit->link, "identity") == 0;
  return fit->family && !least_squares ? gradus_i_normal_quantile(level)
                                       : gradus_i_t_quantile(level, fit->df_residual);
}

static bool has_error(const gradus_fit *fit, size_t response, size_t j) {
  return fit->root && !fit->dropped[j] && !gradus_fit_infinite(fit, response, j);
}

static double standard_error(const gradus_fit *fit, size_t response, size_t j) {
  double factor, sum = 0;
  if (!has_error(fit, response, j))
    return NAN;
  size_t width = fit->joint * fit->q;
  const double *row = gradus_i_covariance_root(fit, response, &factor) + j * width;
  for (size_t l = 0; l < width; l++)
    sum += row[l] * row[l];
  /* The two powers of two first: each alone may leave the range. */
  return sqrt(sum) * (factor * fit->column_scale[j]);
}

gradus_status gradus_fit_term(const gradus_fit *fit, size_t response, size_t coefficient,
                              double level, gradus_term *term, gradus_error *err) {
  *term = (gradus_term){0};
  if (response >= fit->k || coefficient >= fit->q)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "there is no coefficient %zu of response %zu: the fit has %zu of %zu",
                         coefficient, response, fit->q, fit->k);
  if (level == 0 && fit->profile)
    level = fit->profile_level;
  gradus_status status = gradus_i_check_level(&level, err);
  if (status > 0)
    return status;
  term->term = gradus_fit_coefficient_name(fit, coefficient);
  term->response = gradus_fit_response_name(fit, response);
  term->dropped = fit->dropped[coefficient];
  term->infinite = gradus_fit_infinite(fit, response, coefficient);
  term->estimate = gradus_fit_coefficient(fit, response, coefficient);
  term->std_error = standard_error(fit, response, coefficient);
  term->statistic = term->estimate / term->std_error;
  term->p_value = fit->dispersion_known ? gradus_i_normal_two_sided(term->statistic)
                                        : gradus_i_t_two_sided(term->statistic, fit->df_residual);
  double reach = gradus_i_reach(fit, level) * term->std_error;
  term->conf_low = term->estimate - reach;
  term->conf_high = term->estimate + reach;
  return fit->profile ? gradus_i_profile_term(fit, coefficient, level, term, err) : GRADUS_OK;
}

/* log-likelihood at the maximum over σ² as well (R's logLik.lm). */
static double log_likelihood(const gradus_fit *fit, const gradus_i_response *r) {
  double n = fit->nobs, log_rss = log(r->rss) + 2 * log(r->scale);
  bool frequency = fit->weight_kind == GRADUS_WEIGHT_FREQUENCY;
  return 0.5 * ((frequency ? 0 : fit->sum_log_weight) -
                n * (log(2 * 3.14159265358979323846) + 1 - log(n) + log_rss));
}

static void set_r_squared(const gradus_fit *fit, const gradus_i_response *r, gradus_summary *s) {
  double intercept = fit->has_intercept ? 1 : 0;
  if (fit->l2 > 0 || !fit->solver.converged) {
    s->r_squared = 1 - r->rss / r->tss;
    return;
  }
  if (s->df == 0) { /* nothing but the intercept: R says 0 */
    s->r_squared = s->adj_r_squared = r->tss > 0 ? 0 : NAN;
    return;
  }
  s->r_squared = r->mss / (r->mss + r->rss);
  s->adj_r_squared = 1 - (1 - s->r_squared) * ((fit->nobs - intercept) / fit->df_residual);
  s->statistic = r->mss / s->df / (r->rss / fit->df_residual);
  if (!(fit->df_residual > 0))
    s->adj_r_squared = s->statistic = NAN;
  s->p_value = gradus_i_f_upper(s->statistic, s->df, fit->df_residual);
}

gradus_status gradus_fit_summary(const gradus_fit *fit, size_t response, gradus_summary *summary,
                                 gradus_error *err) {
  *summary = (gradus_summary){0};
  if (response >= fit->k)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "there is no response %zu: the fit has %zu", response, fit->k);
  const gradus_i_response *r = &fit->responses[response];
  gradus_summary *s = summary;
  s->nobs = fit->nobs;
  s->dropped_rows = fit->dropped_rows;
  s->rank = fit->rank;
  s->df = (double)fit->rank - (fit->has_intercept && fit->rank > 0 ? 1 : 0);
  if (fit->levels)
    s->df *= (double)fit->k;
  s->df_residual = fit->df_residual;
  s->effective_df = fit->effective_df;
  s->uncentred = !fit->has_intercept;
  s->r_squared = s->adj_r_squared = s->statistic = s->p_value = NAN;
  s->sigma = gradus_i_scaled_sigma(fit, response) * r->scale;
  s->dispersion = s->sigma * s->sigma;
  s->deviance = r->rss * r->scale * r->scale;
  s->null_deviance = r->tss * r->scale * r->scale;
  double parameters = fit->effective_df + 1;
  if (fit->family) {
    s->dispersion = fit->dispersion;
    s->deviance = fit->deviance;
    s->null_deviance = fit->null_deviance;
    s->log_lik = fit->log_lik;
    parameters = fit->likelihood_df;
  } else {
    set_r_squared(fit, r, s);
    s->log_lik = log_likelihood(fit, r);
  }
  gradus_i_set_pseudo(fit, s);
  s->aic = -2 * s->log_lik + 2 * parameters;
  s->bic = -2 * s->log_lik + log(fit->nobs) * parameters;
  for (size_t i = 0; i < 5; i++)
    s->residual_quantile[i] = r->residual_quantile[i];
  return GRADUS_OK;
}

static gradus_status fail_no_covariance(const gradus_fit *fit, gradus_error *err) {
  if (!fit->solver.converged)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "a fit that has not converged has no covariance");
  if (fit->levels && fit->l2 == 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the Fisher matrix is singular, so there is no covariance");
  return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                       fit->l2 > 0 ? "a penalised fit has no covariance: its estimates are biased "
                                     "by the penalty"
                                   : "the minimum-norm solution of a singular problem has no "
                                     "covariance");
}

/* Entry of the covariance of coefficient i of response r and j of response s. */
static double covariance_entry(const gradus_fit *fit, size_t r, size_t i, size_t s, size_t j) {
  size_t width = fit->joint * fit->q;
  double factor_r, factor_s, sum = has_error(fit, r, i) && has_error(fit, s, j) ? 0 : NAN;
  const double *row_i = gradus_i_covariance_root(fit, r, &factor_r) + i * width;
  const double *row_j = gradus_i_covariance_root(fit, s, &factor_s) + j * width;
  for (size_t l = 0; l < width; l++)
    sum += row_i[l] * row_j[l];
  return sum * (factor_r * fit->column_scale[i]) * (factor_s * fit->column_scale[j]);
}

static gradus_status check_covariance(const gradus_fit *fit, size_t size,
                                      const gsl_matrix *covariance, gradus_error *err) {
  if (!fit->root)
    return fail_no_covariance(fit, err);
  if (covariance->size1 == size && covariance->size2 == size)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE, "the covariance is %zu×%zu, the matrix %zu×%zu",
                       size, size, covariance->size1, covariance->size2);
}

gradus_status gradus_fit_covariance(const gradus_fit *fit, size_t response, gsl_matrix *covariance,
                                    gradus_error *err) {
  if (response >= fit->k)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "there is no response %zu: the fit has %zu", response, fit->k);
  gradus_status status = check_covariance(fit, fit->q, covariance, err);
  for (size_t i = 0; status <= 0 && i < fit->q; i++)
    for (size_t j = 0; j <= i; j++)
      covariance->data[i * covariance->tda + j] = covariance->data[j * covariance->tda + i] =
          covariance_entry(fit, response, i, response, j);
  return status;
}

gradus_status gradus_fit_covariance_joint(const gradus_fit *fit, gsl_matrix *covariance,
                                          gradus_error *err) {
  size_t q = fit->q;
  if (fit->root && fit->k > 1 && fit->joint == 1)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "a linear fit of several responses does not keep how their residuals go "
                         "together: ask for the covariance of each");
  gradus_status status = check_covariance(fit, fit->k * q, covariance, err);
  for (size_t i = 0; status <= 0 && i < fit->k * q; i++)
    for (size_t j = 0; j <= i; j++)
      covariance->data[i * covariance->tda + j] = covariance->data[j * covariance->tda + i] =
          covariance_entry(fit, i / q, i % q, j / q, j % q);
  return status;
}
