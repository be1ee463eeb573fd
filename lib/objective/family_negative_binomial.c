// SPDX-License-Identifier: GPL-3.0-or-later
/* The negative binomial distribution with variance μ + μ²/θ; the shape is θ, and an infinite one
   makes it the Poisson distribution. Lawless, Negative Binomial and Mixed Poisson Regression
   (Canadian Journal of Statistics 15, 1987); the forms below are the same written so that no two
   large terms cancel. With δ = (y - μ)/(μ + θ) and e(x) = x - log(1 + x) the deviance is

       2·(y·e(-θδ/y) + θ·e(δ)). */
#include "family.h"

static double start(double y, double weight) {
  (void)weight;
  return y > 0 ? y : 1.0 / 6;
}
static double variance(double mean, double theta) {
  return mean + mean * (mean / theta);
}
static void information(double y, double mean, double slope, double theta, double *score,
                        double *fisher) {
  double rate = slope / mean / (1 + mean / theta);
  *score = (y - mean) * rate;
  *fisher = slope * rate;
}

/* e(δ). */
static double excess(double y, double mean, double theta) {
  return gradus_i_log_excess((y - mean) / (mean + theta), (y + theta) / (mean + theta));
}
static double deviance(double y, double mean, double theta) {
  if (isinf(theta))
    return gradus_i_family_poisson.deviance(y, mean, theta);
  if (y == 0) /* the ratio may underflow */
    return 2 * (mean / theta < 1e-16 ? mean : theta * log1p(mean / theta));
  double share = theta / (mean + theta);
  double first =
      gradus_i_log_excess((mean - y) / y * share, mean / y * ((y + theta) / (mean + theta)));
  return 2 * (y * first + theta * excess(y, mean, theta));
}

static double log_saturated(double y, double theta, double weight, double dispersion) {
  (void)dispersion;
  if (y == 0)
    return 0;
  double remainders = gradus_i_stirling_remainder(theta + y) - gradus_i_stirling_remainder(theta) -
                      gradus_i_stirling_remainder(y);
  return weight * (remainders - 0.5 * (gradus_i_log_two_pi + log(y) + log1p(y / theta)));
}

/* With r(x) = log x - ψ(x), whose terms are B₂ₖ/(2k x²ᵏ) after 1/(2x): r(θ) - r(θ + y) and its
 * derivative by θ, both without a difference of what is nearly equal. Below 15 by recurrence,
 * r(x) = r(x + 1) + e(1/x). */
static void digamma_gap(double y, double theta, double *gap, double *slope) {
  static const double series[] = {1.0 / 12,  -1.0 / 120,       1.0 / 252, -1.0 / 240,
                                  1.0 / 132, -691.0 / 32760.0, 1.0 / 12};
  *gap = *slope = 0;
  for (; y > 0 && theta < 15; theta += 1, y -= 1) {
    *gap += gradus_i_log_excess(1 / theta, 1 + 1 / theta);
    *slope -= 1 / theta / theta / (theta + 1);
  }
  /* The differences aᵏ - bᵏ, k = 1, 2, ..., from one to the next. */
  double a = 1 / theta, b = 1 / (theta + y), first = y * a * b, difference = first, power = b;
  *gap += 0.5 * difference;
  for (int k = 0; k < 7; k++) {
    difference = a * difference + power * first;
    power *= b;
    if (k == 0)
      *slope -= 0.5 * difference;
    *gap += series[k] * difference;
    difference = a * difference + power * first;
    power *= b;
    *slope -= 2 * (k + 1) * series[k] * difference;
  }
}

static void shape_information(double y, double mean, double theta, double *score,
                              double *information) {
  if (isinf(theta)) {
    *score = 0.5 * ((y - mean) * (y - mean) - y);
    *information = 0;
    return;
  }
  double gap, slope, distance = (y - mean) / (mean + theta);
  digamma_gap(y, theta, &gap, &slope);
  *score = gap - excess(y, mean, theta);
  *information = -slope - distance * (distance / (y + theta));
}

static const char *const links[] = {"log", "sqrt", "identity", NULL};

const gradus_i_family gradus_i_family_negative_binomial = {.name = "negative_binomial",
                                                           .links = links,
                                                           .dispersion_known = true,
                                                           .has_likelihood = true,
                                                           .requirement = "a count (0, 1, 2, ...)",
                                                           .accepts = gradus_i_is_count,
                                                           .valid_mean = gradus_i_is_positive,
                                                           .start = start,
                                                           .variance = variance,
                                                           .information = information,
                                                           .deviance = deviance,
                                                           .log_saturated = log_saturated,
                                                           .shape_information = shape_information};
