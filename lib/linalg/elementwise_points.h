// SPDX-License-Identifier: GPL-3.0-or-later
/* Functions of one number, without branches, so that loops over them become vector code; included
   once per type and instruction set. KERNEL(name) makes a function's name, TARGET its attributes;
   the rest are the type's macros, see elementwise_types.h. Methods: argument reduction and
   log-by-atanh as in fdlibm (Sun, 1993), polynomials by interpolation at Chebyshev nodes
   (tests/reference/elementwise_coefficients.py). */

#undef INLINE
#define INLINE TARGET static inline __attribute__((always_inline))

INLINE BITS KERNEL(bits)(REAL x) {
  union {
    REAL real;
    BITS bits;
  } pun = {.real = x};
  return pun.bits;
}

INLINE REAL KERNEL(real)(BITS x) {
  union {
    BITS bits;
    REAL real;
  } pun = {.bits = x};
  return pun.real;
}

/* 2^n for n = (exponent as an unsigned number) that gives a normal number. */
INLINE REAL KERNEL(power)(BITS exponent) {
  return KERNEL(real)((exponent + EXPONENT_BIAS) << MANTISSA_BITS);
}

/* x = n·log 2 + r, |r| <= log(2)/2; returns e^r − 1 and n in *exponent. */
INLINE REAL KERNEL(reduced)(REAL x, BITS *exponent) {
  REAL shifted = MULTIPLY_ADD(x, LOG2_E, ROUNDER), n = shifted - ROUNDER;
  *exponent = KERNEL(bits)(shifted) - KERNEL(bits)(ROUNDER);
  REAL r = MULTIPLY_ADD(n, -LN2_HIGH, x);
  r = MULTIPLY_ADD(n, -LN2_LOW, r);
  return MULTIPLY_ADD(r * r, EXP_POLYNOMIAL(r), r);
}

INLINE REAL KERNEL(exp_point)(REAL x) {
  x = x > EXP_OVERFLOW ? EXP_OVERFLOW : x;
  x = x < EXP_VANISHES ? EXP_VANISHES : x;
  BITS n;
  REAL q = KERNEL(reduced)(x, &n);
  /* Two factors, because 2^n itself may be no normal number; n >= -2·EXPONENT_BIAS. */
  BITS half = ((n + 2 * EXPONENT_BIAS) >> 1) - EXPONENT_BIAS;
  return (1 + q) * KERNEL(power)(half) * KERNEL(power)(n - half);
}

/* e^x of x <= 0; 0 where it would be subnormal. */
INLINE REAL KERNEL(exp_negative)(REAL x) {
  REAL least = x < EXP_SUBNORMAL ? EXP_SUBNORMAL : x;
  BITS n;
  REAL q = KERNEL(reduced)(least, &n);
  REAL result = (1 + q) * KERNEL(power)(n);
  return x < EXP_SUBNORMAL ? 0 : result;
}

INLINE REAL KERNEL(expm1_point)(REAL x) {
  REAL y = x > EXP_OVERFLOW ? EXP_OVERFLOW : x;
  y = y < EXP_NEGLIGIBLE ? EXP_NEGLIGIBLE : y;
  BITS n;
  REAL q = KERNEL(reduced)(y, &n);
  /* 2^(n-1), doubled at the end: 2^n may overflow where the result does not. */
  REAL half = KERNEL(power)(n - 1), tail = half - (REAL)0.5;
  REAL result = 2 * MULTIPLY_ADD(half, q, tail);
  result = n == 0 ? q : result;
  return x == 0 ? x : result;
}

/* f - (f²/2 - s·(f²/2 + R)): log(1 + f) with s = f/(2 + f), R = s²·polynomial(s²). */
INLINE REAL KERNEL(log_of_ratio)(REAL f, REAL s, REAL polynomial) {
  REAL square = (REAL)0.5 * f * f, r = s * s * polynomial;
  return f - MULTIPLY_ADD(-s, square + r, square);
}

/* log(1 + t), 0 <= t <= 1. */
INLINE REAL KERNEL(log1p_unit)(REAL t) {
  REAL s = t / (2 + t), z = s * s;
  return KERNEL(log_of_ratio)(t, s, LOG1P_POLYNOMIAL(z));
}

INLINE REAL KERNEL(softplus_point)(REAL x) {
  REAL positive = x > 0 ? x : 0;
  REAL magnitude = x > 0 ? -x : x;
  return positive + KERNEL(log1p_unit)(KERNEL(exp_negative)(magnitude));
}

INLINE REAL KERNEL(sigmoid_point)(REAL x) {
  REAL t = KERNEL(exp_negative)(x > 0 ? -x : x);
  REAL numerator = x > 0 ? 1 : t;
  return numerator / (1 + t);
}

INLINE REAL KERNEL(tanh_point)(REAL x) {
  REAL y = x > 0 ? -2 * x : 2 * x;
  y = y < EXP_NEGLIGIBLE ? EXP_NEGLIGIBLE : y;
  BITS n;
  REAL q = KERNEL(reduced)(y, &n);
  REAL scale = KERNEL(power)(n), e = MULTIPLY_ADD(scale, q, scale - 1);
  REAL result = e / (2 + e);
  result = x > 0 ? -result : result;
  return x == 0 ? x : result;
}

INLINE REAL KERNEL(log_point)(REAL x) {
  REAL scaled = x < SMALLEST_NORMAL ? x * TWO_TO_MANTISSA : x;
  REAL shift = x < SMALLEST_NORMAL ? MANTISSA_BITS : 0;
  /* 1 + f in [√½, √2), x = 2^k·(1 + f). */
  BITS above = KERNEL(bits)(scaled) + (KERNEL(bits)(1) - KERNEL(bits)(SQRT_HALF));
  BITS mantissa = (above & (((BITS)1 << MANTISSA_BITS) - 1)) + KERNEL(bits)(SQRT_HALF);
  REAL f = KERNEL(real)(mantissa) - 1;
  REAL k = KERNEL(real)(KERNEL(bits)(ROUNDER) + (above >> MANTISSA_BITS)) - ROUNDER;
  k = k - EXPONENT_BIAS - shift;
  REAL s = f / (2 + f), z = s * s, square = (REAL)0.5 * f * f;
  REAL rest = MULTIPLY_ADD(s, square + z * LOG_POLYNOMIAL(z), k * LN2_LOW);
  REAL result = MULTIPLY_ADD(k, LN2_HIGH, f - (square - rest));
  result = x > LARGEST ? x : result;
  result = x < 0 ? (REAL)NAN : result;
  result = x == 0 ? -(REAL)INFINITY : result;
  return x != x ? x : result;
}
