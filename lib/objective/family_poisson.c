// SPDX-License-Identifier: GPL-3.0-or-later
/* The Poisson distribution. */
#include "family.h"

static double start(double y, double weight) {
  (void)weight;
  return y + 0.1;
}
static double variance(double mean, double shape) {
  (void)shape;
  return mean;
}
static void information(double y, double mean, double slope, double shape, double *score,
                        double *fisher) {
  (void)shape;
  double rate = slope / mean;
  *score = (y - mean) * rate;
  *fisher = slope * rate;
}
static double deviance(double y, double mean, double shape) {
  (void)shape;
  return 2 * (y > 0 ? y * gradus_i_log_excess((mean - y) / y, mean / y) : mean);
}
static double log_saturated(double y, double shape, double weight, double dispersion) {
  (void)shape, (void)dispersion;
  return y > 0 ? -weight * (0.5 * (gradus_i_log_two_pi + log(y)) + gradus_i_stirling_remainder(y))
               : 0;
}

static const char *const links[] = {"log", "identity", "sqrt", NULL};

const gradus_i_family gradus_i_family_poisson = {
    .name = "poisson",
    .links = links,
    .dispersion_known = true,
    .has_likelihood = true,
    .requirement = "a count (0, 1, 2, ...); for other numbers of that kind use quasipoisson",
    .accepts = gradus_i_is_count,
    .valid_mean = gradus_i_is_positive,
    .start = start,
    .variance = variance,
    .information = information,
    .deviance = deviance,
    .log_saturated = log_saturated};

const gradus_i_family gradus_i_family_quasipoisson = {.name = "quasipoisson",
                                                      .links = links,
                                                      .requirement = "a number of at least 0",
                                                      .accepts = gradus_i_is_not_negative,
                                                      .valid_mean = gradus_i_is_positive,
                                                      .start = start,
                                                      .variance = variance,
                                                      .information = information,
                                                      .deviance = deviance};
