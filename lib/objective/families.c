// SPDX-License-Identifier: GPL-3.0-or-later
/* Families. Deviances and densities are R's (glm's families), so that its numbers come out; quasi
   families share the variance and the deviance of their namesakes and have no likelihood. */
#include "internal.h"

#include <math.h>
#include <string.h>

static const double log_two_pi = 1.83787706640934548356;

/* Thread-safe, and without GSL's error handler. */
static double log_gamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

static bool any(double y) {
  return isfinite(y);
}

/* y log(y/μ), whose limit at 0 is 0. */
static double y_log(double y, double mean) {
  return y == 0 ? 0 : y * log(y / mean);
}

/* ---- gaussian ---- */

static double gaussian_start(double y, double weight) {
  (void)weight;
  return y;
}
static double gaussian_variance(double mean) {
  (void)mean;
  return 1;
}
static double gaussian_deviance(double y, double mean) {
  return (y - mean) * (y - mean);
}
static double gaussian_density(double y, double mean, double weight, double dispersion) {
  return 0.5 * (log(weight) - log_two_pi - log(dispersion) -
                weight * (y - mean) * (y - mean) / dispersion);
}

/* ---- binomial: y a proportion of `weight` trials ---- */

static bool is_proportion(double y) {
  return y >= 0 && y <= 1;
}
static bool is_inner_proportion(double mean) {
  return mean >= 0 && mean <= 1;
}
static double binomial_start(double y, double weight) {
  return (weight * y + 0.5) / (weight + 1);
}
static double binomial_variance(double mean) {
  return mean * (1 - mean);
}
static double binomial_deviance(double y, double mean) {
  return 2 * (y_log(y, mean) + y_log(1 - y, 1 - mean));
}
static double binomial_density(double y, double mean, double weight, double dispersion) {
  (void)dispersion;
  double successes = round(weight * y), failures = round(weight) - successes;
  double choose = successes > 0 && failures > 0
                      ? log_gamma(weight + 1) - log_gamma(successes + 1) - log_gamma(failures + 1)
                      : 0;
  return choose + (successes > 0 ? successes * log(mean) : 0) +
         (failures > 0 ? failures * log1p(-mean) : 0);
}

/* ---- poisson ---- */

static bool is_count(double y) {
  return y >= 0 && isfinite(y) && y == floor(y);
}
static bool is_not_negative(double y) {
  return y >= 0 && isfinite(y);
}
static double poisson_start(double y, double weight) {
  (void)weight;
  return y + 0.1;
}
static double poisson_variance(double mean) {
  return mean;
}
static double poisson_deviance(double y, double mean) {
  return 2 * (y_log(y, mean) - (y - mean));
}
static double poisson_density(double y, double mean, double weight, double dispersion) {
  (void)dispersion;
  return weight * ((y > 0 ? y * log(mean) : 0) - mean - log_gamma(y + 1));
}

/* ---- gamma ---- */

static bool is_positive(double y) {
  return y > 0 && isfinite(y);
}
static double gamma_variance(double mean) {
  return mean * mean;
}
static double gamma_deviance(double y, double mean) {
  return -2 * (log(y / mean) - (y - mean) / mean);
}
static double gamma_density(double y, double mean, double weight, double dispersion) {
  double shape = 1 / dispersion, scale = mean * dispersion;
  return weight * ((shape - 1) * log(y) - y / scale - shape * log(scale) - log_gamma(shape));
}

/* ---- inverse gaussian ---- */

static double inverse_gaussian_variance(double mean) {
  return mean * mean * mean;
}
static double inverse_gaussian_deviance(double y, double mean) {
  return (y - mean) * (y - mean) / (y * mean * mean);
}
static double inverse_gaussian_density(double y, double mean, double weight, double dispersion) {
  double unit = (y - mean) * (y - mean) / (y * mean * mean);
  return -0.5 * weight * (log(dispersion) + log_two_pi + 3 * log(y) + unit / dispersion);
}

static const char *const gaussian_links[] = {"identity", "log", "inverse", NULL};
static const char *const binomial_links[] = {"logit", "probit", "cloglog", "cauchit", "log", NULL};
static const char *const poisson_links[] = {"log", "identity", "sqrt", NULL};
static const char *const gamma_links[] = {"inverse", "log", "identity", NULL};
static const char *const inverse_gaussian_links[] = {"1/mu^2", "inverse", "log", "identity", NULL};

static const gradus_i_family families[] = {
    {"gaussian", gaussian_links, false, true, false, "a finite number", any, any, gaussian_start,
     gaussian_variance, gaussian_deviance, gaussian_density},
    {"binomial", binomial_links, true, true, true,
     "0 or 1, or a proportion with its number of trials as prior weight", is_proportion,
     is_inner_proportion, binomial_start, binomial_variance, binomial_deviance, binomial_density},
    {"quasibinomial", binomial_links, false, false, true, "a number from 0 to 1", is_proportion,
     is_inner_proportion, binomial_start, binomial_variance, binomial_deviance, NULL},
    {"poisson", poisson_links, true, true, false,
     "a count (0, 1, 2, ...); for other numbers of that kind use quasipoisson", is_count,
     is_positive, poisson_start, poisson_variance, poisson_deviance, poisson_density},
    {"quasipoisson", poisson_links, false, false, false, "a number of at least 0", is_not_negative,
     is_positive, poisson_start, poisson_variance, poisson_deviance, NULL},
    {"gamma", gamma_links, false, true, false, "a number above 0", is_positive, is_positive,
     gaussian_start, gamma_variance, gamma_deviance, gamma_density},
    {"inverse_gaussian", inverse_gaussian_links, false, true, false, "a number above 0",
     is_positive, is_positive, gaussian_start, inverse_gaussian_variance, inverse_gaussian_deviance,
     inverse_gaussian_density},
};

const gradus_i_family *gradus_i_family_find(const char *name) {
  for (size_t i = 0; name && i < sizeof families / sizeof *families; i++)
    if (strcmp(families[i].name, name) == 0)
      return &families[i];
  return NULL;
}

const char *const *gradus_i_family_names(void) {
  static const char *const names[] = {"gaussian", "binomial",     "quasibinomial",    "poisson",
                                      "gamma",    "quasipoisson", "inverse_gaussian", NULL};
  return names;
}

/* Binomial losses by the link's own tails, the others by mean and variance. */
void gradus_i_observe(const gradus_i_family *family, const gradus_i_link *link, double y,
                      double eta, gradus_i_observation *out) {
  out->mean = link->mean(eta);
  if (family->is_binomial) {
    double up = link->rate_up(eta), down = link->rate_down(eta);
    out->score = (y > 0 ? y * up : 0) - (y < 1 ? (1 - y) * down : 0);
    out->fisher = up * down;
    out->deviance = 2 * ((y > 0 ? y * (log(y) - link->log_mean(eta)) : 0) +
                         (y < 1 ? (1 - y) * (log1p(-y) - link->log_complement(eta)) : 0));
    return;
  }
  double slope = link->slope(eta), variance = family->variance(out->mean);
  out->score = (y - out->mean) * slope / variance;
  out->fisher = slope * slope / variance;
  out->deviance = family->deviance(y, out->mean);
}
