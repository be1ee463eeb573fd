// SPDX-License-Identifier: GPL-3.0-or-later
/* The log-likelihood of a generalised linear model's null model, from the two deviances. What the
   likelihoods of the two models have in common (the saturated model, the data's own constants)
   cancels, so that no pass over the rows is needed. */
#include "internal.h"

#include <math.h>
#include <string.h>

/* Gamma: with the dispersion φ = D/Σw that R's likelihood takes and a = 1/φ, the log-likelihood is
   -Σw h(a) and a constant of the data. */
static double gamma_part(double a) {
  int sign;
  return a - a * log(a) + lgamma_r(a, &sign);
}

double gradus_i_null_log_likelihood(const gradus_fit *fit, double sum_weight) {
  double fitted = fit->deviance, null = fit->null_deviance;
  if (!fit->has_likelihood)
    return NAN;
  if (fit->dispersion_known)
    return fit->log_lik - 0.5 * (null - fitted);
  if (strcmp(fit->family, "gaussian") == 0)
    return fit->log_lik - 0.5 * fit->nobs * log(null / fitted);
  if (strcmp(fit->family, "inverse_gaussian") == 0)
    return fit->log_lik - 0.5 * sum_weight * log(null / fitted);
  if (strcmp(fit->family, "gamma") == 0)
    return fit->log_lik -
           sum_weight * (gamma_part(sum_weight / null) - gamma_part(sum_weight / fitted));
  return NAN;
}
