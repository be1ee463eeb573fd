// SPDX-License-Identifier: GPL-3.0-or-later
/* What elementwise_points.h needs to know of a type, as macros: of double if ELEMENTWISE_DOUBLE is
   defined, else of float. Included again and again; each time it forgets the other type. */
#undef REAL
#undef TABLE
#undef MULTIPLY_ADD
#undef BITS
#undef MANTISSA_BITS
#undef EXPONENT_BIAS
#undef ROUNDER
#undef LOG2_E
#undef LN2_HIGH
#undef LN2_LOW
#undef SQRT_HALF
#undef EXP_OVERFLOW
#undef EXP_VANISHES
#undef EXP_SUBNORMAL
#undef EXP_NEGLIGIBLE
#undef SMALLEST_NORMAL
#undef LARGEST
#undef TWO_TO_MANTISSA
#undef EXP_POLYNOMIAL
#undef LOG_POLYNOMIAL
#undef LOG1P_POLYNOMIAL

/* EXP_OVERFLOW and EXP_VANISHES: beyond them e^x is inf and 0. EXP_SUBNORMAL: below it e^x is no
   normal number. EXP_NEGLIGIBLE: below it e^x − 1 rounds to −1. ROUNDER + n rounds n to an integer,
   which then stands in the low bits. LN2_HIGH has few bits, so that its products by exponents are
   exact. */
#ifdef ELEMENTWISE_DOUBLE
#define REAL double
#define TABLE gradus_i_elementwise_d
#define BITS uint64_t
#define MANTISSA_BITS 52
#define EXPONENT_BIAS 1023
#define ROUNDER 0x1.8p52
#define LOG2_E 0x1.71547652b82fep0
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define SQRT_HALF 0x1.6a09e667f3bcdp-1
#define EXP_OVERFLOW 710.0
#define EXP_VANISHES -746.0
#define EXP_SUBNORMAL -708.396418532264
#define EXP_NEGLIGIBLE -40.0
#define SMALLEST_NORMAL DBL_MIN
#define LARGEST DBL_MAX
#define TWO_TO_MANTISSA 0x1p52
#define EXP_POLYNOMIAL(r)                                                                          \
  HORNER9(r, 0x1p-1, 0x1.5555555555556p-3, 0x1.5555555553d4fp-5, 0x1.11111111109adp-7,             \
          0x1.6c16c17893833p-10, 0x1.a01a01a7c8d47p-13, 0x1.a019b8ef67c6cp-16,                     \
          0x1.71de0d9c145d0p-19, 0x1.2891a8c1d838dp-22, 0x1.af38d53857513p-26)
#define LOG_POLYNOMIAL(z)                                                                          \
  HORNER6(z, 0x1.5555555555558p-1, 0x1.9999999995273p-2, 0x1.2492492dfd86cp-2,                     \
          0x1.c71c62d5e53e0p-3, 0x1.7462b91b8df65p-3, 0x1.39fdcceb4bb45p-3, 0x1.2b5f68a50d903p-3)
#define LOG1P_POLYNOMIAL(z)                                                                        \
  HORNER9(z, 0x1.5555555555555p-1, 0x1.999999999a3ddp-2, 0x1.24924923d44c6p-2,                     \
          0x1.c71c727143318p-3, 0x1.745cf0b0e03bdp-3, 0x1.3b18b294bebf9p-3, 0x1.10ac75dc602b1p-3,  \
          0x1.eb905e8575054p-4, 0x1.687a6e7c95176p-4, 0x1.4b0a26c5f2aefp-3)
#else
#define REAL float
#define TABLE gradus_i_elementwise_f
#define BITS uint32_t
#define MANTISSA_BITS 23
#define EXPONENT_BIAS 127
#define ROUNDER 0x1.8p23f
#define LOG2_E 0x1.715476p0f
#define LN2_HIGH 0x1.63p-1f
#define LN2_LOW -0x1.bd0106p-13f
#define SQRT_HALF 0x1.6a09e6p-1f
#define EXP_OVERFLOW 89.0f
#define EXP_VANISHES -104.0f
#define EXP_SUBNORMAL -87.33654f
#define EXP_NEGLIGIBLE -18.0f
#define SMALLEST_NORMAL FLT_MIN
#define LARGEST FLT_MAX
#define TWO_TO_MANTISSA 0x1p23f
#define EXP_POLYNOMIAL(r)                                                                          \
  HORNER4(r, 0x1p-1f, 0x1.5554dcp-3f, 0x1.55551ap-5f, 0x1.120ba2p-7f, 0x1.6d113cp-10f)
#define LOG_POLYNOMIAL(z) HORNER2(z, 0x1.55555cp-1f, 0x1.997c22p-2f, 0x1.2ee8c8p-2f)
#define LOG1P_POLYNOMIAL(z)                                                                        \
  HORNER4(z, 0x1.555556p-1f, 0x1.9998d4p-2f, 0x1.24c926p-2f, 0x1.bc8cf8p-3f, 0x1.dba26p-3f)
#endif

#if !FUSED
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#elif defined(ELEMENTWISE_DOUBLE)
#define MULTIPLY_ADD(a, b, c) __builtin_fma(a, b, c)
#else
#define MULTIPLY_ADD(a, b, c) __builtin_fmaf(a, b, c)
#endif

#ifndef HORNER2
#define HORNER1(x, a, b) MULTIPLY_ADD(x, b, a)
#define HORNER2(x, a, ...) MULTIPLY_ADD(x, HORNER1(x, __VA_ARGS__), a)
#define HORNER3(x, a, ...) MULTIPLY_ADD(x, HORNER2(x, __VA_ARGS__), a)
#define HORNER4(x, a, ...) MULTIPLY_ADD(x, HORNER3(x, __VA_ARGS__), a)
#define HORNER5(x, a, ...) MULTIPLY_ADD(x, HORNER4(x, __VA_ARGS__), a)
#define HORNER6(x, a, ...) MULTIPLY_ADD(x, HORNER5(x, __VA_ARGS__), a)
#define HORNER7(x, a, ...) MULTIPLY_ADD(x, HORNER6(x, __VA_ARGS__), a)
#define HORNER8(x, a, ...) MULTIPLY_ADD(x, HORNER7(x, __VA_ARGS__), a)
#define HORNER9(x, a, ...) MULTIPLY_ADD(x, HORNER8(x, __VA_ARGS__), a)
#endif
