// SPDX-License-Identifier: GPL-3.0-or-later
/* What deviances and densities need to keep their digits near their saturated values (after Loader,
   Fast and Accurate Computation of Binomial Probabilities, 2000). */
#include "family.h"

/* With s = x/(2+x): x - log(1+x) = x·s - 2s³(1/3 + s²/5 + s⁴/7 + ...). */
double gradus_i_log_excess(double x, double ratio) {
  if (!(x > -0.5 && x < 1))
    return x - log(ratio);
  double s = x / (2 + x), square = s * s, power = 1, sum = 0;
  for (int k = 3; k < 45 && power > 1e-18; k += 2) {
    sum += power / k;
    power *= square;
  }
  return x * s - 2 * s * square * sum;
}

double gradus_i_stirling_remainder(double x) {
  static const double series[] = {1.0 / 12,    -1.0 / 360, 1.0 / 1260,
                                  -1.0 / 1680, 1.0 / 1188, -691.0 / 360360};
  int sign;
  if (x < 15) /* lgamma_r, unlike lgamma, is safe in threads */
    return lgamma_r(x, &sign) - (x - 0.5) * log(x) + x - 0.5 * gradus_i_log_two_pi;
  double square = 1 / x / x, sum = 0;
  for (int k = 5; k >= 0; k--)
    sum = sum * square + series[k];
  return sum / x;
}
