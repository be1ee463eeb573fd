// SPDX-License-Identifier: GPL-3.0-or-later
/* Double-double arithmetic against exact integers, and its kernels against each other: the same
   bits with and without the machine's fused multiply-add. */
#include "../lib/linalg/internal.h"
#include "support/support.h"

#include <math.h>
#include <stdint.h>

enum { N = 133 }; /* a tail after the lanes */

static void fill(double *x, double *low, uint64_t seed) {
  for (size_t i = 0; i < N; i++) {
    x[i] = test_signed(&seed);
    low[i] = x[i] * 0x1p-54 * test_signed(&seed);
  }
}

static void check_bits(gradus_i_extended a, gradus_i_extended b) {
  CU_ASSERT(a.hi == b.hi && a.lo == b.lo);
}

static void kernels_agree_to_the_bit(void) {
  const gradus_i_extended_kernels *fast = gradus_i_extended_kernel_table();
  const gradus_i_extended_kernels *plain = gradus_i_extended_plain_kernels();
  double a[N], a_low[N], b[N], b_low[N], y[2][N], y_low[2][N];
  fill(a, a_low, 1);
  fill(b, b_low, 2);
  for (int low = 0; low < 2; low++) {
    const double *al = low ? a_low : NULL, *bl = low ? b_low : NULL;
    check_bits(fast->dot(N, a, al, b, bl), plain->dot(N, a, al, b, bl));
    check_bits(fast->dot(N, a, al, b, NULL), plain->dot(N, a, al, b, NULL));
    check_bits(fast->sum(N, a, al), plain->sum(N, a, al));
    const gradus_i_extended_kernels *tables[] = {fast, plain};
    for (int t = 0; t < 2; t++) {
      tables[t]->multiply(N, b, a, al, y[t], y_low[t]);
      tables[t]->axpy(N, (gradus_i_extended){0.7, 1e-18}, a, al, y[t], y_low[t]);
    }
    for (size_t i = 0; i < N; i++)
      CU_ASSERT(y[0][i] == y[1][i] && y_low[0][i] == y_low[1][i]);
  }
}

/* Products of 30-bit integers and their sums need up to 70 bits: 128-bit integers know them
 * exactly. */
static void sums_of_products_are_exact_where_they_fit(void) {
#ifdef __SIZEOF_INT128__
  __extension__ typedef __int128 wide;
  const gradus_i_extended_kernels *kernels = gradus_i_extended_kernel_table();
  double a[N], b[N];
  uint64_t state = 5;
  wide exact = 0;
  for (size_t i = 0; i < N; i++) {
    a[i] = floor(test_signed(&state) * 0x1p30);
    b[i] = floor(test_signed(&state) * 0x1p30);
    exact += (wide)a[i] * (wide)b[i];
  }
  gradus_i_extended sum = kernels->dot(N, a, NULL, b, NULL);
  CU_ASSERT_TRUE((wide)sum.hi + (wide)sum.lo == exact);
#endif
}

static void division_and_roots_invert_products(void) {
  uint64_t state = 9;
  for (int i = 0; i < 1000; i++) {
    gradus_i_extended a = {1.5 + test_signed(&state), 0x1p-55 * test_signed(&state)};
    gradus_i_extended b = {2.5 + test_signed(&state), 0x1p-55 * test_signed(&state)};
    gradus_i_extended q = gradus_i_extended_multiply(gradus_i_extended_divide(a, b), b);
    gradus_i_extended r = gradus_i_extended_sqrt(gradus_i_extended_multiply(a, a));
    CU_ASSERT(fabs(gradus_i_extended_round(gradus_i_extended_subtract(q, a))) < 1e-30);
    CU_ASSERT(fabs(gradus_i_extended_round(gradus_i_extended_subtract(r, a))) < 1e-30);
  }
}

/* The inverse of the Hilbert matrix of order 6 is integral; its condition number is 1.5e7. */
static void cholesky_inverts_the_hilbert_matrix(void) {
  enum { M = 6 };
  gradus_i_extended h[M * M], inverse[M * M];
  for (size_t j = 0; j < M; j++)
    for (size_t i = 0; i < M; i++)
      h[i + j * M] = gradus_i_extended_divide(gradus_i_extended_of(1),
                                              gradus_i_extended_of((double)(i + j + 1)));
  CU_ASSERT_TRUE_FATAL(gradus_i_extended_cholesky(M, h));
  gradus_i_extended_triangle_inverse(M, h, inverse);
  static const double first_row[M] = {36, -630, 3360, -7560, 7560, -2772};
  for (size_t i = 0; i < M; i++) {
    gradus_i_extended sum = {0, 0};
    for (size_t l = i; l < M; l++) /* row 0 times row i of R⁻¹ */
      sum = gradus_i_extended_add(
          sum, gradus_i_extended_multiply(inverse[0 + l * M], inverse[i + l * M]));
    CHECK_CLOSE(gradus_i_extended_round(sum), first_row[i], 1e-15);
  }
  gradus_i_extended indefinite[4] = {{1, 0}, {0, 0}, {2, 0}, {1, 0}};
  CU_ASSERT_FALSE(gradus_i_extended_cholesky(2, indefinite));
}

int main(void) {
  static const test_case cases[] = {
      {"kernels agree to the bit", kernels_agree_to_the_bit},
      {"sums of products are exact where they fit", sums_of_products_are_exact_where_they_fit},
      {"division and roots invert products", division_and_roots_invert_products},
      {"Cholesky inverts the Hilbert matrix", cholesky_inverts_the_hilbert_matrix},
  };
  return test_main("extended", cases, sizeof cases / sizeof *cases);
}
