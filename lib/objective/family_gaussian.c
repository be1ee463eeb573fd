// SPDX-License-Identifier: GPL-3.0-or-later
/* The normal distribution. */
#include "family.h"

static double variance(double mean, double shape) {
  (void)mean, (void)shape;
  return 1;
}
static void information(double y, double mean, double slope, double shape, double *score,
                        double *fisher) {
  (void)shape;
  *score = (y - mean) * slope;
  *fisher = slope * slope;
}
static double deviance(double y, double mean, double shape) {
  (void)shape;
  return (y - mean) * (y - mean);
}
static double log_saturated(double y, double shape, double weight, double dispersion) {
  (void)y, (void)shape;
  return 0.5 * (log(weight) - gradus_i_log_two_pi - log(dispersion));
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
                                                  .information = information,
                                                  .deviance = deviance,
                                                  .log_saturated = log_saturated};
