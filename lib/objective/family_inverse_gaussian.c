// SPDX-License-Identifier: GPL-3.0-or-later
/* The inverse Gaussian distribution. */
#include "family.h"

static double variance(double mean, double shape) {
  (void)shape;
  return mean * mean * mean;
}
static double deviance(double y, double mean, double shape) {
  (void)shape;
  return (y - mean) * (y - mean) / (y * mean * mean);
}
static double log_density(double y, double mean, double shape, double weight, double dispersion) {
  (void)shape;
  double unit = (y - mean) * (y - mean) / (y * mean * mean);
  return -0.5 * weight * (log(dispersion) + gradus_i_log_two_pi + 3 * log(y) + unit / dispersion);
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
                                                          .deviance = deviance,
                                                          .log_density = log_density};
