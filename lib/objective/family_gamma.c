// SPDX-License-Identifier: GPL-3.0-or-later
/* The gamma distribution. */
#include "family.h"

static double variance(double mean, double shape) {
  (void)shape;
  return mean * mean;
}
static void information(double y, double mean, double slope, double shape, double *score,
                        double *fisher) {
  (void)shape;
  double rate = slope / mean;
  *score = (y - mean) / mean * rate;
  *fisher = rate * rate;
}
static double deviance(double y, double mean, double shape) {
  (void)shape;
  return 2 * gradus_i_log_excess((y - mean) / mean, y / mean);
}
/* With the form parameter 1/dispersion. */
static double log_saturated(double y, double shape, double weight, double dispersion) {
  (void)shape;
  return -weight * (log(y) + 0.5 * (gradus_i_log_two_pi + log(dispersion)) +
                    gradus_i_stirling_remainder(1 / dispersion));
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
                                               .information = information,
                                               .deviance = deviance,
                                               .log_saturated = log_saturated};
