// SPDX-License-Identifier: GPL-3.0-or-later
/* C += A·B for a few rows, for one type and one instruction set: a tile of C stays in registers
   over all of k, and a strip of B in the cache over all rows. Elements are sums in the order of k.
 */

#undef LANES_HERE
#undef ADD_PRODUCT
#undef TILE_ROWS
#undef TILE_VECTORS
#undef READ_SOME
#undef WRITE_SOME
#ifdef ELEMENTWISE_DOUBLE
#define LANES_HERE LANES
#else
#define LANES_HERE (2 * LANES)
#endif
typedef REAL KERNEL(vector) __attribute__((vector_size(8 * LANES), may_alias));
typedef REAL KERNEL(unaligned)
    __attribute__((vector_size(8 * LANES), aligned(sizeof(REAL)), may_alias));

#if LANES == 8 && defined(ELEMENTWISE_DOUBLE)
#define ADD_PRODUCT(a, b, sum)                                                                     \
  ((KERNEL(vector))_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(sum)))
#elif LANES == 8
#define ADD_PRODUCT(a, b, sum)                                                                     \
  ((KERNEL(vector))_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(sum)))
#elif FUSED && defined(__x86_64__) && defined(ELEMENTWISE_DOUBLE)
#define ADD_PRODUCT(a, b, sum)                                                                     \
  ((KERNEL(vector))_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(sum)))
#elif FUSED && defined(__x86_64__)
#define ADD_PRODUCT(a, b, sum)                                                                     \
  ((KERNEL(vector))_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(sum)))
#else
#define ADD_PRODUCT(a, b, sum) ((a) * (b) + (sum))
#endif
/* The first `count` elements of a vector in memory, 0 beyond them; no more is touched. */
#if LANES == 8 && defined(ELEMENTWISE_DOUBLE)
#define READ_SOME(p, count)                                                                        \
  ((KERNEL(vector))_mm512_maskz_loadu_pd((__mmask8)((1u << (count)) - 1), p))
#define WRITE_SOME(p, count, v)                                                                    \
  _mm512_mask_storeu_pd(p, (__mmask8)((1u << (count)) - 1), (__m512d)(v))
#elif LANES == 8
#define READ_SOME(p, count)                                                                        \
  ((KERNEL(vector))_mm512_maskz_loadu_ps((__mmask16)((1u << (count)) - 1), p))
#define WRITE_SOME(p, count, v)                                                                    \
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << (count)) - 1), (__m512)(v))
#elif FUSED && defined(__x86_64__) && defined(ELEMENTWISE_DOUBLE)
#define MASK(count) _mm256_loadu_si256((const __m256i *)(const void *)(masks + 8 - 2 * (count)))
#define READ_SOME(p, count) ((KERNEL(vector))_mm256_maskload_pd(p, MASK(count)))
#define WRITE_SOME(p, count, v) _mm256_maskstore_pd(p, MASK(count), (__m256d)(v))
#elif FUSED && defined(__x86_64__)
#undef MASK
#define MASK(count) _mm256_loadu_si256((const __m256i *)(const void *)(masks + 8 - (count)))
#define READ_SOME(p, count) ((KERNEL(vector))_mm256_maskload_ps(p, MASK(count)))
#define WRITE_SOME(p, count, v) _mm256_maskstore_ps(p, MASK(count), (__m256)(v))
#endif
#if LANES == 8
#define TILE_ROWS 6
#define TILE_VECTORS 4
#else
#define TILE_ROWS 4
#define TILE_VECTORS 2
#endif

/* rows×vectors, both constants. */
INLINE void KERNEL(step_tile)(const size_t rows, const size_t vectors, size_t k, const REAL *a,
                              size_t a_stride, const REAL *b, size_t b_stride, REAL *c,
                              size_t c_stride) {
  KERNEL(vector) sum[TILE_ROWS][TILE_VECTORS];
  UNROLL for (size_t i = 0; i < rows; i++) {
    UNROLL for (size_t v = 0; v < vectors; v++) {
      sum[i][v] = *(const KERNEL(unaligned) *)(c + i * c_stride + v * LANES_HERE);
    }
  }
  for (size_t l = 0; l < k; l++) {
    KERNEL(vector) right[TILE_VECTORS];
    UNROLL for (size_t v = 0; v < vectors; v++) {
      right[v] = *(const KERNEL(unaligned) *)(b + l * b_stride + v * LANES_HERE);
    }
    UNROLL for (size_t i = 0; i < rows; i++) {
      KERNEL(vector) left = a[i * a_stride + l] - (KERNEL(vector)){0};
      UNROLL for (size_t v = 0; v < vectors; v++) {
        sum[i][v] = ADD_PRODUCT(left, right[v], sum[i][v]);
      }
    }
  }
  UNROLL for (size_t i = 0; i < rows; i++) {
    UNROLL for (size_t v = 0; v < vectors; v++) {
      *(KERNEL(unaligned) *)(c + i * c_stride + v * LANES_HERE) = sum[i][v];
    }
  }
}

/* A strip of so many vectors (a constant) over all rows. */
INLINE void KERNEL(step_strip)(size_t rows, const size_t vectors, size_t k, const REAL *a,
                               size_t a_stride, const REAL *b, size_t b_stride, REAL *c,
                               size_t c_stride) {
  size_t i = 0;
  for (; i + TILE_ROWS <= rows; i += TILE_ROWS)
    KERNEL(step_tile)
  (TILE_ROWS, vectors, k, a + i * a_stride, a_stride, b, b_stride, c + i * c_stride, c_stride);
  for (; i + 4 <= rows; i += 4)
    KERNEL(step_tile)
  (4, vectors, k, a + i * a_stride, a_stride, b, b_stride, c + i * c_stride, c_stride);
  for (; i + 2 <= rows; i += 2)
    KERNEL(step_tile)
  (2, vectors, k, a + i * a_stride, a_stride, b, b_stride, c + i * c_stride, c_stride);
  if (i < rows)
    KERNEL(step_tile)
  (1, vectors, k, a + i * a_stride, a_stride, b, b_stride, c + i * c_stride, c_stride);
}

#ifdef READ_SOME
/* The same for fewer columns than a vector has. */
INLINE void KERNEL(step_edge)(const size_t rows, size_t count, size_t k, const REAL *a,
                              size_t a_stride, const REAL *b, size_t b_stride, REAL *c,
                              size_t c_stride) {
  KERNEL(vector) sum[TILE_ROWS];
  UNROLL for (size_t i = 0; i < rows; i++) {
    sum[i] = READ_SOME(c + i * c_stride, count);
  }
  for (size_t l = 0; l < k; l++) {
    KERNEL(vector) right = READ_SOME(b + l * b_stride, count);
    UNROLL for (size_t i = 0; i < rows; i++) {
      KERNEL(vector) left = a[i * a_stride + l] - (KERNEL(vector)){0};
      sum[i] = ADD_PRODUCT(left, right, sum[i]);
    }
  }
  UNROLL for (size_t i = 0; i < rows; i++) {
    WRITE_SOME(c + i * c_stride, count, sum[i]);
  }
}

TARGET static void KERNEL(step_rest)(size_t rows, size_t k, size_t n, const REAL *a,
                                     size_t a_stride, const REAL *b, size_t b_stride, REAL *c,
                                     size_t c_stride) {
  size_t i = 0;
  for (; i + 4 <= rows; i += 4)
    KERNEL(step_edge)(4, n, k, a + i * a_stride, a_stride, b, b_stride, c + i * c_stride, c_stride);
  for (; i < rows; i++)
    KERNEL(step_edge)(1, n, k, a + i * a_stride, a_stride, b, b_stride, c + i * c_stride, c_stride);
}
#else
TARGET static void KERNEL(step_rest)(size_t rows, size_t k, size_t n, const REAL *a,
                                     size_t a_stride, const REAL *b, size_t b_stride, REAL *c,
                                     size_t c_stride) {
  for (size_t i = 0; i < rows; i++)
    for (size_t l = 0; l < k; l++)
      for (size_t j = 0; j < n; j++)
        c[i * c_stride + j] =
            MULTIPLY_ADD(a[i * a_stride + l], b[l * b_stride + j], c[i * c_stride + j]);
}
#endif

TARGET static void KERNEL(multiply)(size_t rows, size_t k, size_t n, const REAL *a, size_t a_stride,
                                    const REAL *b, size_t b_stride, REAL *c, size_t c_stride) {
  size_t j = 0;
  for (; j + TILE_VECTORS * LANES_HERE <= n; j += TILE_VECTORS * LANES_HERE)
    KERNEL(step_strip)(rows, TILE_VECTORS, k, a, a_stride, b + j, b_stride, c + j, c_stride);
  for (; TILE_VECTORS > 2 && j + 2 * LANES_HERE <= n; j += 2 * LANES_HERE)
    KERNEL(step_strip)(rows, 2, k, a, a_stride, b + j, b_stride, c + j, c_stride);
  for (; j + LANES_HERE <= n; j += LANES_HERE)
    KERNEL(step_strip)(rows, 1, k, a, a_stride, b + j, b_stride, c + j, c_stride);
  if (j < n)
    KERNEL(step_rest)(rows, k, n - j, a, a_stride, b + j, b_stride, c + j, c_stride);
}
