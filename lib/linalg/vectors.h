// SPDX-License-Identifier: GPL-3.0-or-later
/* For a kernel's template, of double or (SINGLE 1) of float, and one instruction set of
   each_instructions.h: REAL, INTEGER of its width, VALUES of a vector, KERNEL(name), the vector's
   type, reading, writing, and a·b + sum. vectors_end.h takes them back. */
#if SINGLE
#define REAL float
#define INTEGER int32_t
#define VALUES (2 * LANES)
#define KERNEL(name) FOR_TARGET(name##_f)
#else
#define REAL double
#define INTEGER int64_t
#define VALUES LANES
#define KERNEL(name) FOR_TARGET(name##_d)
#endif

#if LANES == 8 && SINGLE
#define ADD_PRODUCT(a, b, sum) ((VECTOR)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(sum)))
#elif LANES == 8
#define ADD_PRODUCT(a, b, sum) ((VECTOR)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(sum)))
#elif FUSED && defined(__x86_64__) && SINGLE
#define ADD_PRODUCT(a, b, sum) ((VECTOR)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(sum)))
#elif FUSED && defined(__x86_64__)
#define ADD_PRODUCT(a, b, sum) ((VECTOR)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(sum)))
#else
#define ADD_PRODUCT(a, b, sum) ((a) * (b) + (sum))
#endif

typedef REAL KERNEL(vector) __attribute__((vector_size(8 * LANES), may_alias));
typedef REAL KERNEL(unaligned)
    __attribute__((vector_size(8 * LANES), aligned(sizeof(REAL)), may_alias));
typedef INTEGER KERNEL(mask) __attribute__((vector_size(8 * LANES), may_alias));
#define VECTOR KERNEL(vector)
#define READ(address) (*(const KERNEL(unaligned) *)(address))
#define WRITE(address) (*(KERNEL(unaligned) *)(address))
#define BROADCAST(value) ((value) - (VECTOR){0})
