// SPDX-License-Identifier: GPL-3.0-or-later
/* Double-double vectors. Products need a fused multiply-add: the instruction where the machine has
   it (asked once), else libm's fma. Both round alike, so the results are the same to the bit. */
#include "internal.h"

/* Four doubles; the compiler makes of it what the machine has. */
typedef double four __attribute__((vector_size(32)));
typedef double unaligned_four __attribute__((vector_size(32), aligned(8), may_alias));
#define LOAD(address) ((four) * (const unaligned_four *)(address))
#define STORE(address, value) (*(unaligned_four *)(address) = (value))
enum { VECTORS = 4, LANES = 4 * VECTORS };

#define TARGET
#define KERNEL(name) name##_plain
#define PRODUCT_ERROR(a, b, p)                                                                     \
  ((four){__builtin_fma((a)[0], (b)[0], -(p)[0]), __builtin_fma((a)[1], (b)[1], -(p)[1]),          \
          __builtin_fma((a)[2], (b)[2], -(p)[2]), __builtin_fma((a)[3], (b)[3], -(p)[3])})
#include "extended_template.h"
#undef TARGET
#undef KERNEL
#undef PRODUCT_ERROR

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_FMA_KERNELS 1
#define TARGET __attribute__((target("avx2,fma")))
#define KERNEL(name) name##_fma
#define PRODUCT_ERROR(a, b, p) ((four)_mm256_fmsub_pd((__m256d)(a), (__m256d)(b), (__m256d)(p)))
#include "extended_template.h"
#undef TARGET
#undef KERNEL
#undef PRODUCT_ERROR
#endif

static const gradus_i_extended_kernels plain = {axpy_plain, multiply_plain, dot_plain, sum_plain};
#ifdef HAVE_FMA_KERNELS
static const gradus_i_extended_kernels fma_kernels = {axpy_fma, multiply_fma, dot_fma, sum_fma};
#endif

const gradus_i_extended_kernels *gradus_i_extended_plain_kernels(void) {
  return &plain;
}

const gradus_i_extended_kernels *gradus_i_extended_kernel_table(void) {
#ifdef HAVE_FMA_KERNELS
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return &fma_kernels;
#endif
  return &plain;
}

bool gradus_i_extended_cholesky(size_t n, gradus_i_extended *a) {
  for (size_t j = 0; j < n; j++) {
    for (size_t i = 0; i <= j; i++) {
      gradus_i_extended sum = a[i + j * n];
      for (size_t l = 0; l < i; l++)
        sum =
            gradus_i_extended_subtract(sum, gradus_i_extended_multiply(a[l + i * n], a[l + j * n]));
      if (i < j)
        a[i + j * n] = gradus_i_extended_divide(sum, a[i + i * n]);
      else if (sum.hi > 0)
        a[j + j * n] = gradus_i_extended_sqrt(sum);
      else
        return false;
    }
  }
  return true;
}

void gradus_i_extended_triangle_inverse(size_t n, const gradus_i_extended *r,
                                        gradus_i_extended *inverse) {
  for (size_t j = 0; j < n; j++) {
    inverse[j + j * n] = gradus_i_extended_divide(gradus_i_extended_of(1), r[j + j * n]);
    for (size_t i = j; i-- > 0;) {
      gradus_i_extended sum = {0, 0};
      for (size_t l = i + 1; l <= j; l++)
        sum = gradus_i_extended_add(sum,
                                    gradus_i_extended_multiply(r[i + l * n], inverse[l + j * n]));
      inverse[i + j * n] = gradus_i_extended_divide(gradus_i_extended_negate(sum), r[i + i * n]);
    }
  }
}
