// SPDX-License-Identifier: GPL-3.0-or-later
/* The convolutions' kernels of one instruction set: both types. Tiles fill the registers with sums:
   of ONE places or taps with a vector of filters each, of TWO with two, and BACK_PLACES with
   BACK_VECTORS of the input. */
#if LANES == 8
#define ONE 8
#define TWO 8
#define BACK_PLACES 4
#define BACK_VECTORS 5
#elif FUSED && defined(__x86_64__)
#define ONE 8
#define TWO 6
#define BACK_PLACES 4
#define BACK_VECTORS 2
#else
#define ONE 4
#define TWO 4
#define BACK_PLACES 2
#define BACK_VECTORS 2
#endif

#define REAL double
#define INTEGER int64_t
#define VALUES LANES
#define KERNEL(name) FOR_TARGET(name##_d)
#define NARROW(name) name##_d_avx2
#define TABLE gradus_i_convolution_kernels_d
#if LANES == 8
#define ADD_PRODUCT(a, b, sum) ((VECTOR)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(sum)))
#elif FUSED && defined(__x86_64__)
#define ADD_PRODUCT(a, b, sum) ((VECTOR)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(sum)))
#else
#define ADD_PRODUCT(a, b, sum) ((a) * (b) + (sum))
#endif
#include "convolution_template.h"

#define REAL float
#define INTEGER int32_t
#define VALUES (2 * LANES)
#define KERNEL(name) FOR_TARGET(name##_f)
#define NARROW(name) name##_f_avx2
#define TABLE gradus_i_convolution_kernels_f
#if LANES == 8
#define ADD_PRODUCT(a, b, sum) ((VECTOR)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(sum)))
#elif FUSED && defined(__x86_64__)
#define ADD_PRODUCT(a, b, sum) ((VECTOR)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(sum)))
#else
#define ADD_PRODUCT(a, b, sum) ((a) * (b) + (sum))
#endif
#include "convolution_template.h"
#undef ONE
#undef TWO
#undef BACK_PLACES
#undef BACK_VECTORS
