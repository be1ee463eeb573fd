// SPDX-License-Identifier: GPL-3.0-or-later
/* The normal distribution. */
#include "family.h"

static double variance(double mean, double shape) {
  (void)mean, (void)shape;
  return 1;
}
static double deviance(double y, double mean, double shape) {
  (void)shape;
  return (y - mean) * (y - mean);
}
static double log_density(double y, double mean, double shape, double weight, double dispersion) {
  (void)shape;
  return 0.5 * (log(weight) - gradus_i_log_two_pi - log(dispersion) -
                weight * (y - mean) * (y - mean) / dispersion);
}

static const char *const links[] = {"identity", "log", "inverse", NULL};

const gradus_i_family gradus_i_family_gaussian = {.name = "gaussian",
                                                  .links = links,
                                                  .has_likelihood = true,
                                                  .requirement = "a finite number",
                                                  .accepts = gradus_i_is_finite,
                                                  .valid_mean = gradus_i_is_finite,
                                                  .start = gradus_i_start_at_response,
                                                  .variance = variance,
                                                  .deviance = deviance,
                                                  .log_density = log_density};
