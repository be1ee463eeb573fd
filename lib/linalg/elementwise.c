// SPDX-License-Identifier: GPL-3.0-or-later
/* Element-wise functions: compiled for every instruction set, chosen at run time. Loops of own
   polynomials rather than the C library's vector functions, which only some compilers call, under
   flags that change what else is computed, and with other bits in a loop's tail. */
#include "elementwise.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define GRADUS_I_TEMPLATE "elementwise_target.h"
#include "each_instructions.h"

gradus_i_instructions gradus_i_instructions_best(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
    return wide ? GRADUS_I_AVX512 : GRADUS_I_AVX2;
  }
#endif
  return GRADUS_I_PLAIN;
}

#define DEFINE(real, suffix)                                                                       \
  GRADUS_I_DEFINE_TABLE(gradus_i_elementwise_##suffix, gradus_i_elementwise_table_##suffix,        \
                        table_##suffix)                                                            \
  static const gradus_i_elementwise_##suffix *best_##suffix(void) {                                \
    return gradus_i_elementwise_table_##suffix(gradus_i_instructions_best());                      \
  }                                                                                                \
  void gradus_i_vector_exp_##suffix(size_t n, const real *x, real *out) {                          \
    best_##suffix()->exp(n, x, out);                                                               \
  }                                                                                                \
  void gradus_i_vector_expm1_##suffix(size_t n, const real *x, real *out) {                        \
    best_##suffix()->expm1(n, x, out);                                                             \
  }                                                                                                \
  void gradus_i_vector_log_##suffix(size_t n, const real *x, real *out) {                          \
    best_##suffix()->log(n, x, out);                                                               \
  }                                                                                                \
  void gradus_i_vector_softplus_##suffix(size_t n, const real *x, real *out) {                     \
    best_##suffix()->softplus(n, x, out);                                                          \
  }                                                                                                \
  void gradus_i_vector_sigmoid_##suffix(size_t n, const real *x, real *out) {                      \
    best_##suffix()->sigmoid(n, x, out);                                                           \
  }                                                                                                \
  void gradus_i_vector_tanh_##suffix(size_t n, const real *x, real *out) {                         \
    best_##suffix()->tanh(n, x, out);                                                              \
  }

DEFINE(double, d)
DEFINE(float, f)

#undef REAL
#define REAL double
#define LOG log
#define KERNEL(name) name##_d
#include "elementwise_rows_template.h"
#undef REAL
#undef LOG
#undef KERNEL
#define REAL float
#define LOG logf
#define KERNEL(name) name##_f
#include "elementwise_rows_template.h"
