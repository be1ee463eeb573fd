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
static double deviance(double y, double mean, double shape) {
  (void)shape;
  return 2 * (gradus_i_y_log(y, mean) - (y - mean));
}
static double log_density(double y, double mean, double shape, double weight, double dispersion) {
  (void)shape, (void)dispersion;
  return weight * ((y > 0 ? y * log(mean) : 0) - mean - gradus_i_log_gamma(y + 1));
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
    .deviance = deviance,
    .log_density = log_density};

const gradus_i_family gradus_i_family_quasipoisson = {.name = "quasipoisson",
                                                      .links = links,
                                                      .requirement = "a number of at least 0",
                                                      .accepts = gradus_i_is_not_negative,
                                                      .valid_mean = gradus_i_is_positive,
                                                      .start = start,
                                                      .variance = variance,
                                                      .deviance = deviance};
