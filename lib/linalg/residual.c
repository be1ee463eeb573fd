// SPDX-License-Identifier: GPL-3.0-or-later
/* Residuals and their products with the rows while these are in the cache: the rows are read from
   memory once, where two calls of dgemv read them twice. */
#include "internal.h"

#define TARGET
#define KERNEL(name) name##_plain
#include "residual_template.h"
#undef TARGET
#undef KERNEL

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2")))
#define KERNEL(name) name##_avx2
#include "residual_template.h"
#undef TARGET
#undef KERNEL
#endif

void gradus_i_rows_residuals(size_t rows, size_t n, const double *x, size_t stride, const double *b,
                             double *residual, const double *weight, double *gradient) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    residuals_avx2(rows, n, x, stride, b, residual, weight, gradient);
    return;
  }
#endif
  residuals_plain(rows, n, x, stride, b, residual, weight, gradient);
}
