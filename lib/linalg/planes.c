// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernels of planes, compiled for every instruction set and chosen at run time. */
#include "planes.h"

#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))
/* Four values of two fours, by constant places of both. */
#if defined(__clang__)
#define PICK(integer, a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define PICK(fours, a, b, i, j, k, l) __builtin_shuffle(a, b, (fours){i, j, k, l})
#endif

#define GRADUS_I_TEMPLATE "planes_target.h"
#include "each_instructions.h"

#define DEFINE(suffix)                                                                             \
  GRADUS_I_DEFINE_TABLE(gradus_i_planes_kernels_##suffix, gradus_i_planes_table_##suffix,          \
                        planes_##suffix)                                                           \
  const gradus_i_planes_kernels_##suffix *gradus_i_planes_best_##suffix(void) {                    \
    return gradus_i_planes_table_##suffix(gradus_i_instructions_best());                           \
  }
DEFINE(d)
DEFINE(f)
