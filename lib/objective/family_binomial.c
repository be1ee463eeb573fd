// SPDX-License-Identifier: GPL-3.0-or-later
/* The binomial distribution: the response is a proportion of `weight` trials. */
#include "family.h"

static bool is_proportion(double y) {
  return y >= 0 && y <= 1;
}
static double start(double y, double weight) {
  return (weight * y + 0.5) / (weight + 1);
}
static double variance(double mean, double shape) {
  (void)shape;
  return mean * (1 - mean);
}
static double deviance(double y, double mean, double shape) {
  (void)shape;
  return 2 * (gradus_i_y_log(y, mean) + gradus_i_y_log(1 - y, 1 - mean));
}
static double log_density(double y, double mean, double shape, double weight, double dispersion) {
  (void)shape, (void)dispersion;
  double successes = round(weight * y), failures = round(weight) - successes;
  double choose = successes > 0 && failures > 0
                      ? gradus_i_log_gamma(weight + 1) - gradus_i_log_gamma(successes + 1) -
                            gradus_i_log_gamma(failures + 1)
                      : 0;
  return choose + (successes > 0 ? successes * log(mean) : 0) +
         (failures > 0 ? failures * log1p(-mean) : 0);
}

static const char *const links[] = {"logit", "probit", "cloglog", "cauchit", "log", NULL};

const gradus_i_family gradus_i_family_binomial = {
    .name = "binomial",
    .links = links,
    .dispersion_known = true,
    .has_likelihood = true,
    .is_binomial = true,
    .requirement = "0 or 1, or a proportion with its number of trials as prior weight",
    .accepts = is_proportion,
    .valid_mean = is_proportion,
    .start = start,
    .variance = variance,
    .deviance = deviance,
    .log_density = log_density};

const gradus_i_family gradus_i_family_quasibinomial = {.name = "quasibinomial",
                                                       .links = links,
                                                       .is_binomial = true,
                                                       .requirement = "a number from 0 to 1",
                                                       .accepts = is_proportion,
                                                       .valid_mean = is_proportion,
                                                       .start = start,
                                                       .variance = variance,
                                                       .deviance = deviance};
