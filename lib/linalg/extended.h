// SPDX-License-Identifier: GPL-3.0-or-later
/* Double-double arithmetic: a value is the unevaluated sum hi + lo with |lo| <= ulp(hi)/2, about
   106 bits. Dekker (1971), Knuth (TAOCP 2, 4.2.2); the products need a fused multiply-add. Results
   with a non-finite hi have a meaningless lo. Must be compiled without reassociation (no
   -ffast-math) and with -ffp-contract=off. */
#ifndef GRADUS_LINALG_EXTENDED_H
#define GRADUS_LINALG_EXTENDED_H

#include <float.h>
#include <math.h>

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "double-double arithmetic needs double operations that round to double (x86-64, not x87)"
#endif

typedef struct gradus_i_extended {
  double hi, lo;
} gradus_i_extended;

static inline gradus_i_extended gradus_i_extended_of(double value) {
  return (gradus_i_extended){value, 0};
}

static inline double gradus_i_extended_round(gradus_i_extended a) {
  return a.hi + a.lo;
}

/* a + b exactly, |a| >= |b|. */
static inline gradus_i_extended gradus_i_quick_two_sum(double a, double b) {
  double sum = a + b;
  return (gradus_i_extended){sum, b - (sum - a)};
}

/* a + b exactly. */
static inline gradus_i_extended gradus_i_two_sum(double a, double b) {
  double sum = a + b, part = sum - a;
  return (gradus_i_extended){sum, (a - (sum - part)) + (b - part)};
}

/* a * b exactly. */
static inline gradus_i_extended gradus_i_two_product(double a, double b) {
  double product = a * b;
  return (gradus_i_extended){product, __builtin_fma(a, b, -product)};
}

static inline gradus_i_extended gradus_i_extended_add(gradus_i_extended a, gradus_i_extended b) {
  gradus_i_extended high = gradus_i_two_sum(a.hi, b.hi), low = gradus_i_two_sum(a.lo, b.lo);
  high = gradus_i_quick_two_sum(high.hi, high.lo + low.hi);
  return gradus_i_quick_two_sum(high.hi, high.lo + low.lo);
}

static inline gradus_i_extended gradus_i_extended_negate(gradus_i_extended a) {
  return (gradus_i_extended){-a.hi, -a.lo};
}

static inline gradus_i_extended gradus_i_extended_subtract(gradus_i_extended a,
                                                           gradus_i_extended b) {
  return gradus_i_extended_add(a, gradus_i_extended_negate(b));
}

static inline gradus_i_extended gradus_i_extended_multiply(gradus_i_extended a,
                                                           gradus_i_extended b) {
  gradus_i_extended product = gradus_i_two_product(a.hi, b.hi);
  return gradus_i_quick_two_sum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline gradus_i_extended gradus_i_extended_scale(gradus_i_extended a, double b) {
  gradus_i_extended product = gradus_i_two_product(a.hi, b);
  return gradus_i_quick_two_sum(product.hi, product.lo + a.lo * b);
}

static inline gradus_i_extended gradus_i_extended_divide(gradus_i_extended a, gradus_i_extended b) {
  double first = a.hi / b.hi;
  gradus_i_extended rest = gradus_i_extended_subtract(a, gradus_i_extended_scale(b, first));
  double second = rest.hi / b.hi;
  rest = gradus_i_extended_subtract(rest, gradus_i_extended_scale(b, second));
  gradus_i_extended sum = gradus_i_quick_two_sum(first, second);
  return gradus_i_extended_add(sum, gradus_i_extended_of(rest.hi / b.hi));
}

/* Of a value >= 0: Karp and Markstein's step from the double root. */
static inline gradus_i_extended gradus_i_extended_sqrt(gradus_i_extended a) {
  if (!(a.hi > 0))
    return gradus_i_extended_of(a.hi == 0 ? 0 : NAN);
  double root = sqrt(a.hi);
  gradus_i_extended rest = gradus_i_extended_subtract(a, gradus_i_two_product(root, root));
  return gradus_i_quick_two_sum(root, rest.hi / (2 * root));
}

#endif
