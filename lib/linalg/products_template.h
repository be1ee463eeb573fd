// SPDX-License-Identifier: GPL-3.0-or-later
/* Products of rows with weights over REAL, compiled for each type by products.c. */

void NAME(gradus_i_rows_forward)(size_t rows, size_t p, size_t k, const REAL *x, size_t stride,
                                 const REAL *weight, REAL *out) {
  if (p == 0 || rows == 0)
    return;
  if (k == 1)
    GEMV(CblasRowMajor, CblasNoTrans, (int)rows, (int)p, 1, x, (int)stride, weight, 1, 1, out, 1);
  else
    GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)k, (int)p, 1, x, (int)stride,
         weight, (int)p, 1, out, (int)k);
}

void NAME(gradus_i_rows_backward)(size_t rows, size_t p, size_t k, const REAL *x, size_t stride,
                                  const REAL *score, REAL *gradient) {
  if (p == 0 || rows == 0)
    return;
  if (k == 1)
    GEMV(CblasRowMajor, CblasTrans, (int)rows, (int)p, 1, x, (int)stride, score, 1, 1, gradient, 1);
  else
    GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, (int)k, (int)p, (int)rows, 1, score, (int)k, x,
         (int)stride, 1, gradient, (int)p);
}

void NAME(gradus_i_rows_through)(size_t rows, size_t p, size_t k, const REAL *score,
                                 const REAL *weight, REAL *out) {
  if (p == 0 || k == 0 || rows == 0)
    return;
  GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)p, (int)k, 1, score, (int)k,
       weight, (int)p, 1, out, (int)p);
}
