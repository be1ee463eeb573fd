// SPDX-License-Identifier: GPL-3.0-or-later
/* The convolutions' kernels, compiled for every instruction set and chosen at run time. */
#include "convolution.h"

#include <stdbool.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

#define GRADUS_I_TEMPLATE "convolution_target.h"
#include "each_instructions.h"

size_t gradus_i_convolution_padded(size_t n) {
  return (n + GRADUS_I_CONVOLUTION_UNIT - 1) / GRADUS_I_CONVOLUTION_UNIT *
         GRADUS_I_CONVOLUTION_UNIT;
}

#define DEFINE(suffix)                                                                             \
  GRADUS_I_DEFINE_TABLE(gradus_i_convolution_kernels_##suffix,                                     \
                        gradus_i_convolution_table_##suffix, convolution_##suffix)                 \
  const gradus_i_convolution_kernels_##suffix *gradus_i_convolution_best_##suffix(void) {          \
    return gradus_i_convolution_table_##suffix(gradus_i_instructions_best());                      \
  }
DEFINE(d)
DEFINE(f)
