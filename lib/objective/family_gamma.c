// SPDX-License-Identifier: GPL-3.0-or-later
/* The gamma distribution. */
#include "family.h"

static double variance(double mean, double shape) {
  (void)shape;
  return mean * mean;
}
static double deviance(double y, double mean, double shape) {
  (void)shape;
  return -2 * (log(y / mean) - (y - mean) / mean);
}
static double log_density(double y, double mean, double shape, double weight, double dispersion) {
  (void)shape;
  double form = 1 / dispersion, scale = mean * dispersion;
  return weight * ((form - 1) * log(y) - y / scale - form * log(scale) - gradus_i_log_gamma(form));
}

static const char *const links[] = {"inverse", "log", "identity", NULL};

const gradus_i_family gradus_i_family_gamma = {.name = "gamma",
                                               .links = links,
                                               .has_likelihood = true,
                                               .requirement = "a number above 0",
                                               .accepts = gradus_i_is_positive,
                                               .valid_mean = gradus_i_is_positive,
                                               .start = gradus_i_start_at_response,
                                               .variance = variance,
                                               .deviance = deviance,
                                               .log_density = log_density};
