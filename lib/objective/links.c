// SPDX-License-Identifier: GPL-3.0-or-later
/* Links. McCullagh and Nelder, Generalized Linear Models (1989), chapter 2; the tails by log1p,
 * expm1 and erfc. */
#include "internal.h"

#include <gsl/gsl_sf_erf.h>
#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* ---- identity, log, inverse and their kin ---- */

static double same(double x) {
  return x;
}
static double one(double eta) {
  (void)eta;
  return 1;
}
static double inverse(double x) {
  return 1 / x;
}
static double inverse_slope(double eta) {
  return -1 / (eta * eta);
}
static bool is_positive(double eta) {
  return eta > 0;
}
static bool is_not_zero(double eta) {
  return eta != 0;
}
static double root(double mean) {
  return sqrt(mean);
}
static double square(double eta) {
  return eta * eta;
}
static double square_slope(double eta) {
  return 2 * eta;
}
static double inverse_square_predictor(double mean) {
  return 1 / (mean * mean);
}
static double inverse_square_mean(double eta) {
  return 1 / sqrt(eta);
}
static double inverse_square_slope(double eta) {
  return -0.5 / (eta * sqrt(eta));
}

/* log, also for proportions: μ = e^η < 1 for η < 0. */
static double log_complement_of_log(double eta) {
  return eta < -1 ? log1p(-exp(eta)) : log(-expm1(eta));
}
static double down_of_log(double eta) {
  return exp(eta) / -expm1(eta);
}
static bool is_negative(double eta) {
  return eta < 0;
}

/* ---- logit ---- */

static double logit(double mean) {
  return log(mean / (1 - mean));
}
static double logistic(double eta) {
  return eta >= 0 ? 1 / (1 + exp(-eta)) : exp(eta) / (1 + exp(eta));
}
static double logistic_complement(double eta) {
  return logistic(-eta);
}
static double logistic_slope(double eta) {
  return logistic(eta) * logistic(-eta);
}
static double log_logistic(double eta) {
  return eta >= 0 ? -log1p(exp(-eta)) : eta - log1p(exp(eta));
}
static double log_logistic_complement(double eta) {
  return log_logistic(-eta);
}

/* ---- probit: log Φ and the inverse Mills ratio keep their digits far into the tails ---- */

static double normal(double eta) {
  return 0.5 * erfc(-eta / sqrt(2));
}
static double normal_density(double eta) {
  return exp(-0.5 * eta * eta) / sqrt(2 * pi);
}
static double normal_quantile(double mean);
static double log_normal(double eta) {
  return eta > 0 ? log1p(-normal(-eta)) : gsl_sf_log_erfc(-eta / sqrt(2)) - log(2);
}
static double log_normal_complement(double eta) {
  return log_normal(-eta);
}
/* φ(η)/(1 - Φ(η)): gsl_sf_hazard knows the upper tail; below, it would call GSL's error handler
 * where the result underflows. */
static double normal_hazard(double eta) {
  if (eta >= 25)
    return gsl_sf_hazard(eta);
  return exp(-0.5 * eta * eta - 0.5 * log(2 * pi) - log_normal_complement(eta));
}
static double normal_hazard_up(double eta) {
  return normal_hazard(-eta);
}

/* ---- complementary log-log: μ = 1 - exp(-e^η) ---- */

static double cloglog(double mean) {
  return log(-log1p(-mean));
}
static double gompertz(double eta) {
  return -expm1(-exp(eta));
}
static double gompertz_slope(double eta) {
  return exp(eta - exp(eta));
}
static double log_gompertz(double eta) {
  return eta < -30    ? eta - 0.5 * exp(eta)
         : eta > -0.4 ? log1p(-exp(-exp(eta)))
                      : log(gompertz(eta));
}
static double log_gompertz_complement(double eta) {
  return -exp(eta);
}
static double gompertz_up(double eta) {
  double hazard = exp(eta);
  return eta < -30 ? 1 - 0.5 * hazard : hazard > 700 ? 0 : hazard / expm1(hazard);
}

/* ---- Cauchit: the tails by the arctangent of the reciprocal ---- */

static double cauchit(double mean) {
  return mean < 0.25 ? -1 / tan(pi * mean) : tan(pi * (mean - 0.5));
}
static double cauchy(double eta) {
  return eta < -1 ? atan(-1 / eta) / pi : 0.5 + atan(eta) / pi;
}
static double cauchy_slope(double eta) {
  return 1 / (pi * (1 + eta * eta));
}
static double log_cauchy(double eta) {
  return eta > 1 ? log1p(-cauchy(-eta)) : log(cauchy(eta));
}
static double log_cauchy_complement(double eta) {
  return log_cauchy(-eta);
}
static double cauchy_up(double eta) {
  return cauchy_slope(eta) / cauchy(eta);
}
static double cauchy_down(double eta) {
  return cauchy_slope(eta) / cauchy(-eta);
}

static const gradus_i_link links[] = {
    {.name = "identity", .predictor = same, .mean = same, .slope = one},
    {.name = "log",
     .predictor = log,
     .mean = exp,
     .slope = exp,
     .log_mean = same,
     .log_complement = log_complement_of_log,
     .rate_up = one,
     .rate_down = down_of_log},
    {.name = "inverse",
     .predictor = inverse,
     .mean = inverse,
     .slope = inverse_slope,
     .is_valid = is_not_zero},
    {.name = "sqrt",
     .predictor = root,
     .mean = square,
     .slope = square_slope,
     .is_valid = is_positive},
    {.name = "1/mu^2",
     .predictor = inverse_square_predictor,
     .mean = inverse_square_mean,
     .slope = inverse_square_slope,
     .is_valid = is_positive},
    {.name = "logit",
     .predictor = logit,
     .mean = logistic,
     .slope = logistic_slope,
     .log_mean = log_logistic,
     .log_complement = log_logistic_complement,
     .rate_up = logistic_complement,
     .rate_down = logistic},
    {.name = "probit",
     .predictor = normal_quantile,
     .mean = normal,
     .slope = normal_density,
     .log_mean = log_normal,
     .log_complement = log_normal_complement,
     .rate_up = normal_hazard_up,
     .rate_down = normal_hazard},
    {.name = "cloglog",
     .predictor = cloglog,
     .mean = gompertz,
     .slope = gompertz_slope,
     .log_mean = log_gompertz,
     .log_complement = log_gompertz_complement,
     .rate_up = gompertz_up,
     .rate_down = exp},
    {.name = "cauchit",
     .predictor = cauchit,
     .mean = cauchy,
     .slope = cauchy_slope,
     .log_mean = log_cauchy,
     .log_complement = log_cauchy_complement,
     .rate_up = cauchy_up,
     .rate_down = cauchy_down},
};

/* Only starting values need it: Newton's method on log Φ from the logistic approximation. */
static double normal_quantile(double mean) {
  if (mean > 0.5)
    return -normal_quantile(1 - mean);
  double eta = logit(mean) / 1.702, target = log(mean);
  for (int i = 0; i < 50; i++) {
    double step = (log_normal(eta) - target) / normal_hazard_up(eta);
    eta -= step;
    if (fabs(step) <= 1e-15 * fabs(eta))
      break;
  }
  return eta;
}

const gradus_i_link *gradus_i_link_find(const char *name) {
  for (size_t i = 0; name && i < sizeof links / sizeof *links; i++)
    if (strcmp(links[i].name, name) == 0)
      return &links[i];
  return NULL;
}

/* Proportions: the mean of a log link must stay below 1. */
bool gradus_i_link_valid(const gradus_i_link *link, bool is_binomial, double eta) {
  if (is_binomial && link->mean == exp)
    return is_negative(eta);
  return !link->is_valid || link->is_valid(eta);
}
