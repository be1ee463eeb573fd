// SPDX-License-Identifier: GPL-3.0-or-later
/* Element-wise functions against the C library's long double ones (64 bits of mantissa) over the
   whole range, at the limits, and to the bit wherever an element stands. */
#include "../lib/linalg/elementwise.h"
#include "support/support.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if LDBL_MANT_DIG < 64
#error "these tests need a long double of more bits than double"
#endif

static uint64_t state = 1;

/* Uniform in (0, 1). */
static double uniform(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return ((double)(state >> 12) + 0.5) * 0x1p-52;
}

static const char *const instruction_names[] = {"plain", "AVX2", "AVX-512"};

/* ---- references ---- */
static long double exact_softplus(long double x) {
  return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}

static long double exact_sigmoid(long double x) {
  return x > 0 ? 1 / (1 + expl(-x)) : expl(x) / (1 + expl(x));
}

typedef long double (*exact_function)(long double);
enum { EXP, EXPM1, LOG, SOFTPLUS, SIGMOID, TANH, FUNCTIONS };

static const struct {
  const char *name;
  exact_function exact;
  double ulps;
  /* Whether results below the smallest normal number may be 0. */
  bool may_vanish;
} functions[FUNCTIONS] = {
    {"exp", expl, 1.1, false},
    {"expm1", expm1l, 2, false},
    {"log", logl, 1, false},
    {"softplus", exact_softplus, 2, true},
    {"sigmoid", exact_sigmoid, 2.5, true},
    {"tanh", tanhl, 3, false},
};

typedef void (*vector_d)(size_t, const double *, double *);
typedef void (*vector_f)(size_t, const float *, float *);

static vector_d function_d(int instructions, int which) {
  const gradus_i_elementwise_d *t =
      gradus_i_elementwise_table_d((gradus_i_instructions)instructions);
  return t ? (const vector_d[]){t->exp, t->expm1, t->log, t->softplus, t->sigmoid, t->tanh}[which]
           : NULL;
}

static vector_f function_f(int instructions, int which) {
  const gradus_i_elementwise_f *t =
      gradus_i_elementwise_table_f((gradus_i_instructions)instructions);
  return t ? (const vector_f[]){t->exp, t->expm1, t->log, t->softplus, t->sigmoid, t->tanh}[which]
           : NULL;
}

/* ---- arguments: dense where the functions bend, both tails, all magnitudes ---- */
enum { N = 20000 };

static double argument(int which, double largest, double smallest) {
  double magnitude = exp2(log2(smallest) + uniform() * (log2(largest) - log2(smallest)));
  double x = uniform() < 0.5 ? magnitude : (uniform() < 0.7 ? 3 : 1000) * (2 * uniform() - 1);
  if (which == LOG)
    return uniform() < 0.3 ? 0.5 + uniform() : fabs(x);
  return uniform() < 0.5 ? x : -x;
}

/* Error in units of the last place of a type with `digits` bits and smallest normal `least`. */
static double ulps(double actual, long double exact, int digits, double least, double largest) {
  if (fabsl(exact) > largest || isnan((double)exact))
    return isinf(actual) || isnan((double)exact) ? 0 : INFINITY;
  int exponent;
  frexpl(fabsl(exact) < least ? least : exact, &exponent);
  return (double)fabsl((actual - exact) * ldexpl(1, digits - exponent));
}

static void errors_of_double_are_small(void) {
  static double x[N], out[N];
  for (int which = 0; which < FUNCTIONS; which++)
    for (int set = 0; set < GRADUS_I_INSTRUCTIONS; set++) {
      if (!function_d(set, which))
        continue;
      for (size_t i = 0; i < N; i++)
        x[i] = argument(which, 1e300, 1e-310);
      function_d(set, which)(N, x, out);
      double worst = 0, at = 0;
      for (size_t i = 0; i < N; i++) {
        long double exact = functions[which].exact(x[i]);
        double error = ulps(out[i], exact, DBL_MANT_DIG, DBL_MIN, DBL_MAX);
        if (functions[which].may_vanish && exact < 1.0001L * DBL_MIN && out[i] == 0)
          error = 0;
        if (!(error <= worst))
          worst = error, at = x[i];
      }
      printf("      %s, %s: %.3f ulp at %.17g\n", functions[which].name, instruction_names[set],
             worst, at);
      CU_ASSERT(worst <= functions[which].ulps);
    }
}

static void errors_of_float_are_small(void) {
  static float x[N], out[N];
  for (int which = 0; which < FUNCTIONS; which++)
    for (int set = 0; set < GRADUS_I_INSTRUCTIONS; set++) {
      if (!function_f(set, which))
        continue;
      for (size_t i = 0; i < N; i++)
        x[i] = (float)argument(which, 1e38, 1e-44);
      function_f(set, which)(N, x, out);
      double worst = 0, at = 0;
      for (size_t i = 0; i < N; i++) {
        long double exact = functions[which].exact(x[i]);
        double error = ulps((double)out[i], exact, FLT_MANT_DIG, (double)FLT_MIN, (double)FLT_MAX);
        if (functions[which].may_vanish && exact < 1.0001L * FLT_MIN && out[i] == 0)
          error = 0;
        if (!(error <= worst))
          worst = error, at = (double)x[i];
      }
      printf("      %s, %s, float: %.3f ulp at %.9g\n", functions[which].name,
             instruction_names[set], worst, at);
      CU_ASSERT(worst <= functions[which].ulps);
    }
}

/* ---- limits ---- */
static const struct {
  int which;
  double x, expected;
} limits[] = {
    {EXP, -INFINITY, 0},
    {EXP, INFINITY, INFINITY},
    {EXP, 0, 1},
    {EXP, -0.0, 1},
    {EXP, 1e300, INFINITY},
    {EXP, -1e300, 0},
    {EXPM1, -INFINITY, -1},
    {EXPM1, INFINITY, INFINITY},
    {EXPM1, -0.0, -0.0},
    {EXPM1, -1e300, -1},
    {LOG, 0, -INFINITY},
    {LOG, -0.0, -INFINITY},
    {LOG, INFINITY, INFINITY},
    {LOG, 1, 0},
    {LOG, -1, NAN},
    {LOG, -INFINITY, NAN},
    {SOFTPLUS, -INFINITY, 0},
    {SOFTPLUS, INFINITY, INFINITY},
    {SOFTPLUS, -1e300, 0},
    {SOFTPLUS, 1e30, 1e30},
    {SIGMOID, -INFINITY, 0},
    {SIGMOID, INFINITY, 1},
    {SIGMOID, 0, 0.5},
    {SIGMOID, -1e300, 0},
    {SIGMOID, 1e300, 1},
    {TANH, -INFINITY, -1},
    {TANH, INFINITY, 1},
    {TANH, -0.0, -0.0},
    {TANH, 1e300, 1},
    {TANH, -1e300, -1},
};

static bool same(double a, double b) {
  return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

/* In every place of a vector and of its tail. */
static void check_limit(int set, int which, double x, double expected) {
  double in[19], out[19];
  float in_f[19], out_f[19];
  for (size_t i = 0; i < 19; i++) {
    in[i] = x;
    in_f[i] = (float)x;
  }
  function_d(set, which)(19, in, out);
  function_f(set, which)(19, in_f, out_f);
  for (size_t i = 0; i < 19; i++) {
    CU_ASSERT(same(out[i], expected));
    CU_ASSERT(same((double)out_f[i], (double)(float)expected));
  }
}

static void limits_are_exact_and_nan_goes_through(void) {
  for (int set = 0; set < GRADUS_I_INSTRUCTIONS; set++) {
    if (!function_d(set, 0))
      continue;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
      check_limit(set, limits[i].which, limits[i].x, limits[i].expected);
    for (int which = 0; which < FUNCTIONS; which++)
      check_limit(set, which, NAN, NAN);
  }
}

static void tails_keep_their_digits(void) {
  double x[] = {-700, -36, -745, -800, 700, -709}, out[6];
  gradus_i_vector_sigmoid_d(6, x, out);
  CHECK_CLOSE(out[0], exp(-700), 4e-16);
  CHECK_CLOSE(out[1], exp(-36), 5e-16);
  CU_ASSERT(out[2] >= 0 && out[2] < DBL_MIN && out[3] >= 0 && out[3] < DBL_MIN);
  CU_ASSERT(out[4] == 1);
  gradus_i_vector_softplus_d(6, x, out);
  CHECK_CLOSE(out[0], exp(-700), 4e-16);
  CHECK_CLOSE(out[1], exp(-36), 5e-16);
  CU_ASSERT(out[4] == 700);
  gradus_i_vector_exp_d(6, x, out);
  CU_ASSERT(out[2] == 0x1p-1074);
}

/* ---- the same bits wherever an element stands, with and without wider vectors ---- */
static void bits_do_not_depend_on_position(void) {
  enum { LONG = 67 };
  double x[LONG], whole[LONG], part[LONG + 1];
  float x_f[LONG], whole_f[LONG], part_f[LONG + 1];
  int best = (int)gradus_i_instructions_best();
  for (int which = 0; which < FUNCTIONS; which++) {
    for (size_t i = 0; i < LONG; i++) {
      x[i] = argument(which, 1e3, 1e-3);
      x_f[i] = (float)x[i];
    }
    function_d(best, which)(LONG, x, whole);
    function_f(best, which)(LONG, x_f, whole_f);
    for (size_t first = 0; first < 20; first++)
      for (size_t count = 0; first + count <= LONG; count++) {
        part[count] = -7;
        part_f[count] = -7;
        function_d(best, which)(count, x + first, part);
        function_f(best, which)(count, x_f + first, part_f);
        CU_ASSERT(!memcmp(part, whole + first, count * sizeof *part));
        CU_ASSERT(!memcmp(part_f, whole_f + first, count * sizeof *part_f));
        CU_ASSERT(part[count] == -7 && part_f[count] == -7);
      }
    if (best > GRADUS_I_AVX2) {
      function_d(GRADUS_I_AVX2, which)(LONG, x, part);
      CU_ASSERT(!memcmp(part, whole, sizeof whole));
    }
    function_d(best, which)(LONG, x, x); /* in place */
    CU_ASSERT(!memcmp(x, whole, sizeof whole));
  }
}

/* ---- rows ---- */
static void log_sum_exp_neither_overflows_nor_loses(void) {
  double x[] = {1000, 1000, -1000, -1000, -INFINITY, -INFINITY, 0, -800, INFINITY, 0, NAN, 1};
  double out[6], expected[] = {1000 + log(2), -1000 + log(2), -INFINITY, 0, INFINITY, NAN};
  gradus_i_rows_log_sum_exp_d(6, 2, x, out);
  for (int i = 0; i < 6; i++)
    CHECK_CLOSE(out[i], expected[i], 3e-16);
}

static void softmax_is_a_distribution(void) {
  enum { ROWS = 37, K = 10 };
  double x[ROWS * K], p[ROWS * K], log_sum[ROWS];
  float x_f[ROWS * K];
  for (size_t i = 0; i < ROWS * K; i++) {
    x[i] = p[i] = 100 * (uniform() - 0.5);
    x_f[i] = (float)x[i];
  }
  gradus_i_rows_softmax_d(ROWS, K, p, log_sum);
  gradus_i_rows_softmax_f(ROWS, K, x_f, NULL);
  for (size_t i = 0; i < ROWS; i++) {
    long double sum = 0, total = 0;
    for (size_t j = 0; j < K; j++)
      sum += expl((long double)x[i * K + j]);
    for (size_t j = 0; j < K; j++) {
      double exact = (double)(expl((long double)x[i * K + j]) / sum);
      CHECK_CLOSE(p[i * K + j], exact, 1e-15 + 2e-16 * 100);
      CU_ASSERT(fabs((double)x_f[i * K + j] - exact) <= 2e-5 * exact + 1e-37);
      total += p[i * K + j];
    }
    CHECK_CLOSE((double)total, 1, 1e-15);
    CHECK_CLOSE(log_sum[i], (double)logl(sum), 4e-16);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"errors of double are small", errors_of_double_are_small},
      {"errors of float are small", errors_of_float_are_small},
      {"limits are exact and NaN goes through", limits_are_exact_and_nan_goes_through},
      {"tails keep their digits", tails_keep_their_digits},
      {"bits do not depend on position", bits_do_not_depend_on_position},
      {"log-sum-exp neither overflows nor loses", log_sum_exp_neither_overflows_nor_loses},
      {"softmax is a distribution", softmax_is_a_distribution},
  };
  return test_main("elementwise", cases, sizeof cases / sizeof *cases);
}
