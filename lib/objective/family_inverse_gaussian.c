// SPDX-License-Identifier: GPL-3.0-or-later
/* The inverse Gaussian distribution. */
#include "family.h"

static double variance(double mean, double shape) {
  (void)shape;
  return mean * mean * mean;
}
static void information(double y, double mean, double slope, double shape, double *score,
                        double *fisher) {
  (void)shape;
  double rate = slope / mean;
  *score = (y - mean) / mean * rate / mean;
  *fisher = rate * (rate / mean);
}
static double deviance(double y, double mean, double shape) {
  (void)shape;
  double relative = (y - mean) / mean;
  return relative * (relative / y);
}
static double log_saturated(double y, double shape, double weight, double dispersion) {
  (void)shape;
  return -0.5 * weight * (log(dispersion) + gradus_i_log_two_pi + 3 * log(y));
}

static const char *const links[] = {"1/mu^2", "inverse", "log", "identity", NULL};

const gradus_i_family gradus_i_family_inverse_gaussian = {.name = "inverse_gaussian",
                                                          .links = links,
                                                          .has_likelihood = true,
                                                          .requirement = "a number above 0",
                                                          .accepts = gradus_i_is_positive,
                                                          .valid_mean = gradus_i_is_positive,
                                                          .start = gradus_i_start_at_response,
                                                          .variance = variance,
                                                          .information = information,
                                                          .deviance = deviance,
                                                          .log_saturated = log_saturated};
