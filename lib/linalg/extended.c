// SPDX-License-Identifier: GPL-3.0-or-later
/* Double-double vectors. Products need a fused multiply-add: the instruction where the machine has
   it (asked once), else libm's fma. Both round alike, so the results are the same to the bit. */
#include "internal.h"

enum { LANES = 8 };

#define TARGET
#define KERNEL(name) name##_plain
#include "extended_template.h"
#undef TARGET
#undef KERNEL

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HAVE_FMA_KERNELS 1
#define TARGET __attribute__((target("avx2,fma")))
#define KERNEL(name) name##_fma
#include "extended_template.h"
#undef TARGET
#undef KERNEL
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
