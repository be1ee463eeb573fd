// SPDX-License-Identifier: GPL-3.0-or-later
/* Distribution tails by libRmath, the C library of R's own functions: GSL's F and t tails lose
   digits for large degrees of freedom and small probabilities. This is the only file that knows
   libRmath. */
#include "internal.h"

#include <math.h>

#define MATHLIB_STANDALONE 1
#include <Rmath.h>

double gradus_i_t_two_sided(double t, double df) {
  if (isnan(t) || !(df > 0))
    return NAN;
  return 2 * pt(fabs(t), df, 0, 0);
}

double gradus_i_f_upper(double f, double df1, double df2) {
  if (isnan(f) || !(df1 > 0) || !(df2 > 0))
    return NAN;
  return pf(f, df1, df2, 0, 0);
}

double gradus_i_normal_two_sided(double z) {
  return isnan(z) ? NAN : 2 * pnorm(fabs(z), 0, 1, 0, 0);
}

double gradus_i_chi_squared_upper(double x, double df) {
  return isnan(x) || !(df > 0) ? NAN : pchisq(x, df, 0, 0);
}

double gradus_i_t_quantile(double level, double df) {
  if (!(df > 0))
    return NAN;
  return qt((1 - level) / 2, df, 0, 0);
}

double gradus_i_normal_quantile(double level) {
  return qnorm((1 - level) / 2, 0, 1, 0, 0);
}
