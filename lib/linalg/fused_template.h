// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernels of fused.h for one instruction set: rows are packed, padded to whole vectors. Macros
   instead of functions where vectors would be arguments: they have no ABI where the machine lacks
   them. */

typedef double KERNEL(vector) __attribute__((vector_size(8 * LANES), may_alias));
typedef double KERNEL(unaligned) __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
#define VECTOR KERNEL(vector)
#define UNALIGNED KERNEL(unaligned)
#define AT(address) (*(VECTOR *)(address))
#define READ(address) (*(const VECTOR *)(address))
#if LANES == 8
#define BROADCAST(v) ((VECTOR){v, v, v, v, v, v, v, v})
#else
#define BROADCAST(v) ((VECTOR){v, v, v, v})
#endif

/* A tile of a product fills the registers with its sums. */
#if LANES == 8
#define ADD_PRODUCT(a, b, sum) ((VECTOR)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(sum)))
#define TILE_ROWS 8
#define TILE_VECTORS 3
#elif FUSED && defined(__x86_64__)
#define ADD_PRODUCT(a, b, sum) ((VECTOR)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(sum)))
#define TILE_ROWS 4
#define TILE_VECTORS 3
#else
#define ADD_PRODUCT(a, b, sum) ((a) * (b) + (sum))
#define TILE_ROWS 4
#define TILE_VECTORS 1
#endif

/* Columns from j on, fewer than LANES, leaving what is after them. */
#if LANES == 8
#define COPY_TAIL(out, row, j, columns)                                                            \
  do {                                                                                             \
    __mmask8 mask = (__mmask8)((1u << (columns - j)) - 1);                                         \
    _mm512_mask_storeu_pd(out + j, mask, _mm512_maskz_loadu_pd(mask, row + j));                    \
  } while (0)
#else
#define COPY_TAIL(out, row, j, columns)                                                            \
  do {                                                                                             \
    if (j < columns && columns >= LANES) /* again some of what is there already */                 \
      *(UNALIGNED *)(out + columns - LANES) = *(const UNALIGNED *)(row + columns - LANES);         \
    else                                                                                           \
      for (; j < columns; j++)                                                                     \
        out[j] = row[j];                                                                           \
  } while (0)
#endif

TARGET static void KERNEL(pack)(size_t rows, size_t columns, const double *x, size_t stride,
                                const size_t *index, size_t coming, const size_t *next,
                                size_t padded, double *block) {
  enum { LINE = 8 };
  for (size_t i = 0; i < rows; i++) {
    if (i < coming) {
      const double *later = x + next[i] * stride;
      for (size_t j = 0; j < columns; j += LINE)
        __builtin_prefetch(later + j);
      __builtin_prefetch(later + columns - 1);
    }
    const double *row = x + (index ? index[i] : i) * stride;
    double *out = block + i * padded;
    size_t j = 0;
    for (; j + LANES <= columns; j += LANES)
      AT(out + j) = *(const UNALIGNED *)(row + j);
    COPY_TAIL(out, row, j, columns);
  }
}

TARGET static void KERNEL(standardise)(size_t rows, size_t padded, const double *centre,
                                       const double *factor, double *block) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < padded; j += LANES)
      AT(block + i * padded + j) =
          (READ(block + i * padded + j) - READ(centre + j)) * READ(factor + j);
}

/* Element l of the result is the sum of s[l]'s elements, in the same order everywhere. */
#if !HAVE_SHUFFLES && LANES == 8
#define TOTAL(v) (((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7])))
#define TOTALS(s)                                                                                  \
  ((VECTOR){TOTAL(s[0]), TOTAL(s[1]), TOTAL(s[2]), TOTAL(s[3]), TOTAL(s[4]), TOTAL(s[5]),          \
            TOTAL(s[6]), TOTAL(s[7])})
#elif !HAVE_SHUFFLES
#define TOTAL(v) ((v[0] + v[1]) + (v[2] + v[3]))
#define TOTALS(s) ((VECTOR){TOTAL(s[0]), TOTAL(s[1]), TOTAL(s[2]), TOTAL(s[3])})
#elif LANES == 8
#define PAIR(a, b)                                                                                 \
  (__builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14) +                                      \
   __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15))
#define PAIR_OF_PAIRS(a, b)                                                                        \
  (__builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13) +                                       \
   __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15))
#define HALVES(a, b)                                                                               \
  (__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +                                       \
   __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15))
#define TOTALS(s)                                                                                  \
  HALVES(PAIR_OF_PAIRS(PAIR(s[0], s[1]), PAIR(s[2], s[3])),                                        \
         PAIR_OF_PAIRS(PAIR(s[4], s[5]), PAIR(s[6], s[7])))
#else
#define PAIR(a, b)                                                                                 \
  (__builtin_shufflevector(a, b, 0, 4, 2, 6) + __builtin_shufflevector(a, b, 1, 5, 3, 7))
#define HALVES(a, b)                                                                               \
  (__builtin_shufflevector(a, b, 0, 1, 4, 5) + __builtin_shufflevector(a, b, 2, 3, 6, 7))
#define TOTALS(s) HALVES(PAIR(s[0], s[1]), PAIR(s[2], s[3]))
#endif

TARGET static void KERNEL(predict)(size_t rows, size_t padded, const double *block,
                                   const double *weights, double *eta) {
  for (size_t i = 0; i < rows; i += LANES) {
    const double *row = block + i * padded;
    VECTOR sum[LANES];
    VECTOR w = READ(weights);
    UNROLL for (size_t l = 0; l < LANES; l++) {
      sum[l] = w * READ(row + l * padded);
    }
    for (size_t j = LANES; j < padded; j += LANES) {
      w = READ(weights + j);
      UNROLL for (size_t l = 0; l < LANES; l++) {
        sum[l] = ADD_PRODUCT(w, READ(row + l * padded + j), sum[l]);
      }
    }
    AT(eta + i) = TOTALS(sum);
  }
}

/* `vectors` (a constant) vectors of the gradient, even and odd rows apart. */
INLINE void KERNEL(gradient_part)(size_t rows, size_t padded, const double *block,
                                  const double *slope, double *gradient, const size_t vectors) {
  VECTOR even[4] = {{0}}, odd[4] = {{0}};
  for (size_t i = 0; i < rows; i += 2) {
    VECTOR s0 = BROADCAST(slope[i]), s1 = BROADCAST(slope[i + 1]);
    UNROLL for (size_t v = 0; v < vectors; v++) {
      even[v] = ADD_PRODUCT(s0, READ(block + i * padded + v * LANES), even[v]);
      odd[v] = ADD_PRODUCT(s1, READ(block + (i + 1) * padded + v * LANES), odd[v]);
    }
  }
  UNROLL for (size_t v = 0; v < vectors; v++) {
    AT(gradient + v * LANES) += even[v] + odd[v];
  }
}

TARGET static void KERNEL(gradient)(size_t rows, size_t padded, const double *block,
                                    const double *slope, double *gradient) {
  size_t j = 0;
  for (; j + 4 * LANES <= padded; j += 4 * LANES)
    KERNEL(gradient_part)(rows, padded, block + j, slope, gradient + j, 4);
  for (; j + 2 * LANES <= padded; j += 2 * LANES)
    KERNEL(gradient_part)(rows, padded, block + j, slope, gradient + j, 2);
  for (; j < padded; j += LANES)
    KERNEL(gradient_part)(rows, padded, block + j, slope, gradient + j, 1);
}

TARGET static void KERNEL(scale)(size_t rows, size_t padded, const double *block,
                                 const double *factor, double *scaled) {
  for (size_t i = 0; i < rows; i++) {
    VECTOR f = BROADCAST(factor[i]);
    for (size_t j = 0; j < padded; j += LANES)
      AT(scaled + i * padded + j) = f * READ(block + i * padded + j);
  }
}

/* TILE_ROWS×`vectors` (a constant) of a product, held in registers over all rows. */
INLINE void KERNEL(tile)(size_t rows, const double *a, size_t a_step, size_t a_next,
                         const double *b, size_t b_step, double *out, size_t out_step,
                         const size_t vectors) {
  VECTOR sum[TILE_ROWS][TILE_VECTORS] = {{{0}}};
  for (size_t i = 0; i < rows; i++) {
    VECTOR right[TILE_VECTORS];
    UNROLL for (size_t v = 0; v < vectors; v++) {
      right[v] = READ(b + i * b_step + v * LANES);
    }
    UNROLL for (size_t l = 0; l < TILE_ROWS; l++) {
      VECTOR left = BROADCAST(a[i * a_step + l * a_next]);
      UNROLL for (size_t v = 0; v < vectors; v++) {
        sum[l][v] = ADD_PRODUCT(left, right[v], sum[l][v]);
      }
    }
  }
  UNROLL for (size_t l = 0; l < TILE_ROWS; l++) {
    UNROLL for (size_t v = 0; v < vectors; v++) {
      AT(out + l * out_step + v * LANES) += sum[l][v];
    }
  }
}

INLINE void KERNEL(product_of)(size_t rows, size_t n, size_t m, const double *a, size_t a_step,
                               const size_t a_next, const double *b, size_t b_step, double *out,
                               size_t out_step, bool triangle) {
  for (size_t first = 0; first < n; first += TILE_ROWS) {
    size_t end = triangle ? (first + TILE_ROWS + LANES - 1) / LANES * LANES : m, j = 0;
    const double *left = a + first * a_next;
    double *to = out + first * out_step;
#if TILE_VECTORS == 3
    /* 4 vectors are better cut in 2 + 2 than in 3 + 1. */
    for (; j + 3 * LANES <= end && end - j != 4 * LANES; j += 3 * LANES)
      KERNEL(tile)(rows, left, a_step, a_next, b + j, b_step, to + j, out_step, 3);
    for (; j + 2 * LANES <= end; j += 2 * LANES)
      KERNEL(tile)(rows, left, a_step, a_next, b + j, b_step, to + j, out_step, 2);
#endif
    for (; j < end; j += LANES)
      KERNEL(tile)(rows, left, a_step, a_next, b + j, b_step, to + j, out_step, 1);
  }
}

TARGET static void KERNEL(product)(size_t rows, size_t n, size_t m, const double *a, size_t a_step,
                                   size_t a_next, const double *b, size_t b_step, double *out,
                                   size_t out_step, bool triangle) {
  if (a_next == 1)
    KERNEL(product_of)(rows, n, m, a, a_step, 1, b, b_step, out, out_step, triangle);
  else
    KERNEL(product_of)(rows, n, m, a, a_step, a_next, b, b_step, out, out_step, triangle);
}

static const gradus_i_fused_kernels KERNEL(fused_table) = {
    KERNEL(pack),    KERNEL(standardise), KERNEL(predict), KERNEL(gradient), KERNEL(scale),
    KERNEL(product), KERNEL(logistic),    KERNEL(poisson), KERNEL(gaussian), KERNEL(softmax)};

#undef VECTOR
#undef UNALIGNED
#undef AT
#undef READ
#undef BROADCAST
#undef ADD_PRODUCT
#undef TILE_ROWS
#undef TILE_VECTORS
#undef TOTAL
#undef COPY_TAIL
#undef PAIR
#undef PAIR_OF_PAIRS
#undef HALVES
#undef TOTALS
