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
static double log_saturated(double y, double shape, double weight, double dispersion) {
  (void)shape, (void)dispersion;
  double successes = round(weight * y), failures = weight - successes;
  if (!(successes > 0 && failures > 0))
    return 0;
  return 0.5 * (log(weight / successes / failures) - gradus_i_log_two_pi) +
         gradus_i_stirling_remainder(weight) - gradus_i_stirling_remainder(successes) -
         gradus_i_stirling_remainder(failures);
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
    .log_saturated = log_saturated};

const gradus_i_family gradus_i_family_quasibinomial = {.name = "quasibinomial",
                                                       .links = links,
                                                       .is_binomial = true,
                                                       .requirement = "a number from 0 to 1",
                                                       .accepts = is_proportion,
                                                       .valid_mean = is_proportion,
                                                       .start = start,
                                                       .variance = variance};
