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

#if defined(__x86_64__)
/* 8 of these from 8 - n on: n ones first. */
static const int32_t masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
#endif

#define GRADUS_I_TEMPLATE "recurrent_target.h"
#include "each_instructions.h"

#define DEFINE(suffix)                                                                             \
  GRADUS_I_DEFINE_TABLE(gradus_i_recurrent_##suffix, gradus_i_recurrent_table_##suffix,            \
                        recurrent_##suffix)

DEFINE(d)
DEFINE(f)
