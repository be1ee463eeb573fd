// SPDX-License-Identifier: GPL-3.0-or-later
/* Linear algebra layer: the only place that calls LAPACKE and CBLAS. All matrices here are
   column-major unless a name says rows. Inputs must be finite: LAPACK hangs or lies on Inf (callers
   check; see gradus_i_all_finite). */
#ifndef GRADUS_LINALG_INTERNAL_H
#define GRADUS_LINALG_INTERNAL_H

#include "../base/internal.h"
#include "extended.h"

/* ---- double-double vectors; pointers to low parts may be NULL where they are read ---- */
typedef struct gradus_i_extended_kernels {
  void (*axpy)(size_t n, gradus_i_extended t, const double *x, const double *x_low,
               double *restrict y, double *restrict y_low);
  void (*multiply)(size_t n, const double *w, const double *x, const double *x_low,
                   double *restrict o, double *restrict o_low);
  gradus_i_extended (*dot)(size_t n, const double *a, const double *a_low, const double *b,
                           const double *b_low);
  gradus_i_extended (*sum)(size_t n, const double *a, const double *a_low);
} gradus_i_extended_kernels;
/* The table for this machine, and the portable one (for tests). */
const gradus_i_extended_kernels *gradus_i_extended_kernel_table(void);
const gradus_i_extended_kernels *gradus_i_extended_plain_kernels(void);

/* ---- guards ---- */
bool gradus_i_all_finite(const double *values, size_t count);
/* Whether all dimensions fit LAPACK's int. Fails with _TOO_LARGE, saying which. */
gradus_status gradus_i_check_dimensions(size_t rows, size_t columns, gradus_error *err);

/* ---- products ---- */
/* gram (n×n, upper triangle, leading dimension ld) += AᵀA of `rows` rows of length n, row-major
 * with a stride. */
void gradus_i_rows_gram(size_t rows, size_t n, const double *a, size_t stride, double *gram,
                        size_t ld);
/* c (n×m, row-major) = AᵀB of A rows×n with a stride and B rows×m. */
void gradus_i_rows_cross(size_t rows, size_t n, size_t m, const double *a, size_t stride,
                         const double *b, double *c);
/* c (rows×n) = A (rows×m)·B (m×n), all row-major; rows of A, B and c are m long. */
void gradus_i_rows_multiply(size_t rows, size_t m, size_t n, const double *a, const double *b,
                            double *c);
/* residual -= X·b and gradient += Xᵀ(weight∘residual) of rows×n X, row-major with a stride; weight
 * NULL: all 1. */
void gradus_i_rows_residuals(size_t rows, size_t n, const double *x, size_t stride, const double *b,
                             double *residual, const double *weight, double *gradient);

/* The products of models with their rows X rows×p (row-major with a stride), for double and float
   (_f): out (rows×k) += X·Wᵀ with W k×p; gradient (k×p) += Sᵀ·X with S rows×k.

   And those of a part of a layer: the same for some of its outputs (k rows of W, columns of out and
   of S, which lie in rows of their own strides); and what goes on to the layer below for some of
   its inputs, out (rows×p of `stride`) += S·W with S rows×k whole and W k×p of `stride`. */
#define GRADUS_I_ROWS_PRODUCTS(real, suffix)                                                       \
  void gradus_i_rows_forward##suffix(size_t rows, size_t p, size_t k, const real *x,               \
                                     size_t stride, const real *weight, real *out);                \
  void gradus_i_rows_backward##suffix(size_t rows, size_t p, size_t k, const real *x,              \
                                      size_t stride, const real *score, real *gradient);           \
  void gradus_i_part_forward##suffix(size_t rows, size_t p, size_t k, const real *x,               \
                                     size_t stride, const real *weight, real *out,                 \
                                     size_t out_stride);                                           \
  void gradus_i_part_backward##suffix(size_t rows, size_t p, size_t k, const real *x,              \
                                      size_t stride, const real *score, size_t score_stride,       \
                                      real *gradient);                                             \
  void gradus_i_part_through##suffix(size_t rows, size_t p, size_t k, const real *score,           \
                                     const real *weight, size_t stride, real *out);
GRADUS_I_ROWS_PRODUCTS(double, )
GRADUS_I_ROWS_PRODUCTS(float, _f)
#undef GRADUS_I_ROWS_PRODUCTS

/* ---- factorisations ---- */
/* R (n×n, upper, lower part zeroed) of the QR of A m×n (leading dimension lda, overwritten); m may
 * be below n. */
gradus_status gradus_i_qr_triangle(size_t m, size_t n, double *a, size_t lda, double *r,
                                   gradus_error *err);
/* A (m×n, m >= n, contiguous) becomes the Q of its QR whose R has a diagonal of at least 0: of
   normal numbers a matrix spread evenly over all with orthonormal columns (Mezzadri 2007). */
gradus_status gradus_i_orthonormal_columns(size_t m, size_t n, double *a, gradus_error *err);
/* R of [R; A]: A `rows`×n row-major, contiguous. buffer: n*(n+rows) doubles. */
gradus_status gradus_i_qr_append_rows(size_t rows, size_t n, const double *a, double *r,
                                      double *buffer, gradus_error *err);
/* Upper Cholesky factor in place; false if the matrix is not positive definite. */
bool gradus_i_cholesky(size_t n, double *a);
/* Inverse of an upper triangle in place (the lower part is not touched); false if a diagonal
 * element is zero. */
bool gradus_i_triangle_inverse(size_t n, double *r);
/* rows (m of m each, row-major) = A m×n, column-major, n <= m; the rest of a row is left as it is.
 */
void gradus_i_transpose(size_t m, size_t n, const double *a, double *rows);
/* Condition number (2-norm, estimated) of the rows and columns from `first` on of an upper triangle
   R n×n whose column j is divided by length[j]; inverse: of R. work: 2n. */
double gradus_i_triangle_condition(size_t n, size_t first, const double *r, const double *inverse,
                                   const double *length, double *work);
/* x = R⁻¹x or R⁻ᵀx. */
void gradus_i_triangle_solve(size_t n, const double *r, size_t ld, bool transposed, double *x);
gradus_status gradus_i_svd(size_t n, double *a, double *u, double *s, double *vt,
                           gradus_error *err);
/* In double-double: the upper Cholesky factor in place (false if not positive definite), and the
   inverse of an upper triangle. Lower triangles are neither read nor written. */
bool gradus_i_extended_cholesky(size_t n, gradus_i_extended *a);
void gradus_i_extended_triangle_inverse(size_t n, const gradus_i_extended *r,
                                        gradus_i_extended *inverse);

#endif
