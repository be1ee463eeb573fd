// SPDX-License-Identifier: GPL-3.0-or-later
/* The list of families, and what an observation gives a solver. Deviances and densities are R's
   (glm's families), so that its numbers come out; quasi families share the variance and the
   deviance of their namesakes and have no likelihood. */
#include "family.h"

#include <string.h>

static const gradus_i_family *const families[] = {
    &gradus_i_family_gaussian,         &gradus_i_family_binomial,
    &gradus_i_family_quasibinomial,    &gradus_i_family_poisson,
    &gradus_i_family_quasipoisson,     &gradus_i_family_gamma,
    &gradus_i_family_inverse_gaussian, &gradus_i_family_negative_binomial,
};
enum { FAMILIES = sizeof families / sizeof *families };

const gradus_i_family *gradus_i_family_find(const char *name) {
  for (size_t i = 0; name && i < FAMILIES; i++)
    if (strcmp(families[i]->name, name) == 0)
      return families[i];
  return NULL;
}

const char *gradus_i_family_name(size_t index) {
  return index < FAMILIES ? families[index]->name : NULL;
}

bool gradus_i_is_finite(double y) {
  return isfinite(y);
}

bool gradus_i_is_positive(double y) {
  return y > 0 && isfinite(y);
}

bool gradus_i_is_not_negative(double y) {
  return y >= 0 && isfinite(y);
}

bool gradus_i_is_count(double y) {
  return y >= 0 && isfinite(y) && y == floor(y);
}

double gradus_i_start_at_response(double y, double weight) {
  (void)weight;
  return y;
}

/* Near y = μ the terms of the deviance all but cancel: there by what is left of them. The mean's
 * distance is that of the smaller of it and its complement, which has the digits. */
static double proportion_deviance(const gradus_i_link *link, double y, double mean, double eta) {
  double above = y > 0.5 ? exp(link->log_complement(eta)) - (1 - y) : y - mean;
  double up = -above / y, down = above / (1 - y);
  if (y > 0 && y < 1 && fabs(up) < 0.5 && fabs(down) < 0.5)
    return 2 *
           (y * gradus_i_log_excess(up, 1 + up) + (1 - y) * gradus_i_log_excess(down, 1 + down));
  return 2 * ((y > 0 ? y * (log(y) - link->log_mean(eta)) : 0) +
              (y < 1 ? (1 - y) * (log1p(-y) - link->log_complement(eta)) : 0));
}

/* Binomial losses by the link's own tails, the others by the mean. */
void gradus_i_observe(const gradus_i_family *family, const gradus_i_link *link, double shape,
                      double y, double eta, gradus_i_observation *out) {
  out->mean = link->mean(eta);
  if (family->is_binomial) {
    double up = link->rate_up(eta), down = link->rate_down(eta);
    out->score = (y > 0 ? y * up : 0) - (y < 1 ? (1 - y) * down : 0);
    out->fisher = up * down;
    out->deviance = proportion_deviance(link, y, out->mean, eta);
    return;
  }
  family->information(y, out->mean, link->slope(eta), shape, &out->score, &out->fisher);
  out->deviance = family->deviance(y, out->mean, shape);
}

double gradus_i_log_density(const gradus_i_family *family, const gradus_i_link *link, double shape,
                            double y, double eta, const gradus_i_observation *at, double weight,
                            double dispersion) {
  double deviance = at->deviance;
  if (family->is_binomial) {
    double trials = round(weight), proportion = trials > 0 ? round(weight * y) / trials : y;
    weight = trials;
    if (proportion != y) {
      gradus_i_observation rounded;
      gradus_i_observe(family, link, shape, y = proportion, eta, &rounded);
      deviance = rounded.deviance;
    }
  }
  return family->log_saturated(y, shape, weight, dispersion) -
         (weight > 0 ? 0.5 * weight * deviance / dispersion : 0);
}
