// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of families share. A family is one file family_NAME.c that ends in its table, and
 * one line in the list of families.c. */
#ifndef GRADUS_OBJECTIVE_FAMILY_H
#define GRADUS_OBJECTIVE_FAMILY_H

#include "internal.h"

#include <math.h>

extern const gradus_i_family gradus_i_family_gaussian, gradus_i_family_binomial,
    gradus_i_family_quasibinomial, gradus_i_family_poisson, gradus_i_family_quasipoisson,
    gradus_i_family_gamma, gradus_i_family_inverse_gaussian, gradus_i_family_negative_binomial;

static const double gradus_i_log_two_pi = 1.83787706640934548356;

/* x - log(1 + x) for x > -1, to the last digits near 0 too; ratio is 1 + x, which says more than x
 * itself where x is near -1. */
double gradus_i_log_excess(double x, double ratio);
/* What Stirling's formula leaves: log Γ(x) - (x - ½) log x + x - ½ log 2π, for x > 0. */
double gradus_i_stirling_remainder(double x);

/* Numbers that a family accepts as responses or as means. */
bool gradus_i_is_finite(double y);
bool gradus_i_is_positive(double y);     /* and finite */
bool gradus_i_is_not_negative(double y); /* and finite */
bool gradus_i_is_count(double y);        /* 0, 1, 2, ... */

/* The starting mean of most families: the response itself. */
double gradus_i_start_at_response(double y, double weight);

#endif
