// SPDX-License-Identifier: GPL-3.0-or-later
/* The steps of recurrent layers, compiled for every instruction set and chosen at run time. */
#include "recurrent.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Before a loop over registers, which must vanish. */
#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

#if defined(__x86_64__)
/* 8 of these from 8 - n on: n ones first. */
static const int32_t masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
#endif

#define GRADUS_I_TEMPLATE "recurrent_target.h"
#include "each_instructions.h"

#if defined(__x86_64__)
#define TABLES(suffix)                                                                             \
  { &recurrent_##suffix##_plain, &recurrent_##suffix##_avx2, &recurrent_##suffix##_avx512 }
#else
#define TABLES(suffix)                                                                             \
  { &recurrent_##suffix##_plain }
#endif

#define DEFINE(suffix)                                                                             \
  const gradus_i_recurrent_##suffix *gradus_i_recurrent_table_##suffix(                            \
      gradus_i_instructions instructions) {                                                        \
    static const gradus_i_recurrent_##suffix *const tables[GRADUS_I_INSTRUCTIONS] =                \
        TABLES(suffix);                                                                            \
    return instructions <= gradus_i_instructions_best() ? tables[instructions] : NULL;             \
  }

DEFINE(d)
DEFINE(f)
