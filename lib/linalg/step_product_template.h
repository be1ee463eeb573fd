// SPDX-License-Identifier: GPL-3.0-or-later
/* C += A·B for a few rows, for one type and one instruction set: a tile of C stays in registers
   over all of k, and a strip of B in the cache over all rows. Elements are sums in the order of k.
 */

#undef LANES_HERE
#undef ADD_PRODUCT
#undef TILE_ROWS
#undef TILE_VECTORS
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

/* Fewer columns than a vector has, by way of one that has zeros beyond them. */
TARGET static void KERNEL(step_rest)(size_t rows, size_t k, size_t n, const REAL *a,
                                     size_t a_stride, const REAL *b, size_t b_stride, REAL *c,
                                     size_t c_stride) {
  for (size_t i = 0; i < rows; i++) {
    REAL sum[LANES_HERE] = {0};
    memcpy(sum, c + i * c_stride, n * sizeof *sum);
    for (size_t l = 0; l < k; l++) {
      REAL left = a[i * a_stride + l];
      for (size_t j = 0; j < n; j++)
        sum[j] = MULTIPLY_ADD(left, b[l * b_stride + j], sum[j]);
    }
    memcpy(c + i * c_stride, sum, n * sizeof *sum);
  }
}

TARGET static void KERNEL(multiply)(size_t rows, size_t k, size_t n, const REAL *a, size_t a_stride,
                                    const REAL *b, size_t b_stride, REAL *c, size_t c_stride) {
  size_t j = 0;
  for (; j + TILE_VECTORS * LANES_HERE <= n; j += TILE_VECTORS * LANES_HERE)
    KERNEL(step_strip)(rows, TILE_VECTORS, k, a, a_stride, b + j, b_stride, c + j, c_stride);
  for (; j + LANES_HERE <= n; j += LANES_HERE)
    KERNEL(step_strip)(rows, 1, k, a, a_stride, b + j, b_stride, c + j, c_stride);
  if (j < n)
    KERNEL(step_rest)(rows, k, n - j, a, a_stride, b + j, b_stride, c + j, c_stride);
}
