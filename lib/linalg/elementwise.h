// SPDX-License-Identifier: GPL-3.0-or-later
/* Element-wise functions over vectors, of double (_d) and float (_f), compiled for several
   instruction sets. An element's result has the same bits wherever it stands in a vector, with any
   compiler, and on every machine that has a fused multiply-add. Errors are in units in the last
   place (ulp) over the whole range, as tests/test_elementwise.c checks them. NaN goes through;
   limits at ±inf are exact. `out` may be `x`; no alignment is needed. */
#ifndef GRADUS_LINALG_ELEMENTWISE_H
#define GRADUS_LINALG_ELEMENTWISE_H

#include <stddef.h>

/* An instruction set that kernels are compiled for. */
typedef enum gradus_i_instructions {
  GRADUS_I_PLAIN,
  GRADUS_I_AVX2,   /* with FMA */
  GRADUS_I_AVX512, /* F, DQ, VL, BW */
  GRADUS_I_INSTRUCTIONS
} gradus_i_instructions;

/* The best one of this machine. */
gradus_i_instructions gradus_i_instructions_best(void);

/* What each_instructions.h made of a name, by instruction set (`&name` for objects). */
#if defined(__x86_64__)
#define GRADUS_I_VERSIONS(name)                                                                    \
  { name##_plain, name##_avx2, name##_avx512 }
#else
#define GRADUS_I_VERSIONS(name)                                                                    \
  { name##_plain }
#endif
/* Defines function(instructions), which returns the table `name` of an instruction set, NULL where
   the machine does not have it. */
#define GRADUS_I_DEFINE_TABLE(type, function, name)                                                \
  const type *function(gradus_i_instructions instructions) {                                       \
    static const type *const tables[GRADUS_I_INSTRUCTIONS] = GRADUS_I_VERSIONS(&name);             \
    return instructions <= gradus_i_instructions_best() ? tables[instructions] : NULL;             \
  }

#define GRADUS_I_ELEMENTWISE_TABLE(real, suffix)                                                     \
  typedef struct gradus_i_elementwise_##suffix {                                                     \
    /* eˣ, 1.1 ulp; gradual underflow. */                                                           \
    void (*exp)(size_t n, const real *x, real *out);                                                 \
    /* eˣ − 1, 2 ulp, also where x is tiny. */                                                    \
    void (*expm1)(size_t n, const real *x, real *out);                                               \
    /* Natural logarithm, 1 ulp; of 0 -inf, of less NaN. */                                          \
    void (*log)(size_t n, const real *x, real *out);                                                 \
    /* log(1 + eˣ), 2 ulp in both tails; what would be subnormal may be 0. */                       \
    void (*softplus)(size_t n, const real *x, real *out);                                            \
    /* 1/(1 + e⁻ˣ), 2.5 ulp in both tails; what would be subnormal may be 0. Its complement to 1  \
       is the function of -x. */                                                                     \
    void (*sigmoid)(size_t n, const real *x, real *out);                                             \
    /* Hyperbolic tangent, 3 ulp, also where x is tiny. */                                           \
    void (*tanh)(size_t n, const real *x, real *out);                                                \
  } gradus_i_elementwise_##suffix;                                                                   \
  /* The kernels for one instruction set; NULL if this machine or this build lacks it. */            \
  const gradus_i_elementwise_##suffix *gradus_i_elementwise_table_##suffix(                          \
      gradus_i_instructions instructions);                                                           \
  void gradus_i_vector_exp_##suffix(size_t n, const real *x, real *out);                             \
  void gradus_i_vector_expm1_##suffix(size_t n, const real *x, real *out);                           \
  void gradus_i_vector_log_##suffix(size_t n, const real *x, real *out);                             \
  void gradus_i_vector_softplus_##suffix(size_t n, const real *x, real *out);                        \
  void gradus_i_vector_sigmoid_##suffix(size_t n, const real *x, real *out);                         \
  void gradus_i_vector_tanh_##suffix(size_t n, const real *x, real *out);                            \
  /* For each of `rows` rows of k elements (row-major, contiguous): out[i] = log Σⱼ exp(x[i][j]), \
     without overflow; -inf for a row of -inf. */                                                    \
  void gradus_i_rows_log_sum_exp_##suffix(size_t rows, size_t k, const real *x, real *out);          \
  /* Rows become their softmax, in place; log_sum (rows long) may be NULL. Summed in order. */       \
  void gradus_i_rows_softmax_##suffix(size_t rows, size_t k, real *x, real *log_sum);

GRADUS_I_ELEMENTWISE_TABLE(double, d)
GRADUS_I_ELEMENTWISE_TABLE(float, f)

#undef GRADUS_I_ELEMENTWISE_TABLE
#endif
