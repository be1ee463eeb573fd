// SPDX-License-Identifier: GPL-3.0-or-later
/* The convolutions' kernels of one instruction set: both types. Tiles fill the registers with sums:
   of ONE places or taps with a vector of filters each, of TWO with two, and BACK_PLACES with
   BACK_VECTORS of the input. */
#if LANES == 8
#define ONE 8
#define TWO 12
#define MOST 12
#define BACK_PLACES 4
#define BACK_VECTORS 5
#elif FUSED && defined(__x86_64__)
#define ONE 8
#define TWO 6
#define MOST 8
#define BACK_PLACES 4
#define BACK_VECTORS 2
#else
#define ONE 4
#define TWO 4
#define MOST 4
#define BACK_PLACES 2
#define BACK_VECTORS 2
#endif

#define SINGLE 0
#include "vectors.h"
#define NARROW(name) name##_d_avx2
#define TABLE gradus_i_convolution_kernels_d
#include "convolution_template.h"

#include "vectors_end.h"
#undef SINGLE
#undef NARROW
#undef TABLE

#define SINGLE 1
#include "vectors.h"
#define NARROW(name) name##_f_avx2
#define TABLE gradus_i_convolution_kernels_f
#include "convolution_template.h"

#include "vectors_end.h"
#undef SINGLE
#undef NARROW
#undef TABLE
#undef ONE
#undef TWO
#undef MOST
#undef BACK_PLACES
#undef BACK_VECTORS
