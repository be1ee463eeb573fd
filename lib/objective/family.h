// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of families share. A family is one file family_NAME.c that ends in its table, and
 * one line in the list of families.c. */
#ifndef GRADUS_OBJECTIVE_FAMILY_H
#define GRADUS_OBJECTIVE_FAMILY_H

#include "internal.h"

#include <math.h>

extern const gradus_i_family gradus_i_family_gaussian, gradus_i_family_binomial,
    gradus_i_family_quasibinomial, gradus_i_family_poisson, gradus_i_family_quasipoisson,
    gradus_i_family_gamma, gradus_i_family_inverse_gaussian;

static const double gradus_i_log_two_pi = 1.83787706640934548356;

/* Thread-safe, and without GSL's error handler. */
static inline double gradus_i_log_gamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

/* y log(y/μ), whose limit at 0 is 0. */
static inline double gradus_i_y_log(double y, double mean) {
  return y == 0 ? 0 : y * log(y / mean);
}

/* Numbers that a family accepts as responses or as means. */
bool gradus_i_is_finite(double y);
bool gradus_i_is_positive(double y);     /* and finite */
bool gradus_i_is_not_negative(double y); /* and finite */
bool gradus_i_is_count(double y);        /* 0, 1, 2, ... */

/* The starting mean of most families: the response itself. */
double gradus_i_start_at_response(double y, double weight);

#endif
