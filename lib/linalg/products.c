// SPDX-License-Identifier: GPL-3.0-or-later
/* Products of a block of rows with weights, and of scores with the rows. */
#include "internal.h"

#include <gsl/gsl_cblas.h>

void gradus_i_rows_forward(size_t rows, size_t p, size_t k, const double *x, size_t stride,
                           const double *weight, double *out) {
  if (p == 0 || rows == 0)
    return;
  if (k == 1)
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)rows, (int)p, 1, x, (int)stride, weight, 1, 1,
                out, 1);
  else
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)k, (int)p, 1, x,
                (int)stride, weight, (int)p, 1, out, (int)k);
}

void gradus_i_rows_backward(size_t rows, size_t p, size_t k, const double *x, size_t stride,
                            const double *score, double *gradient) {
  if (p == 0 || rows == 0)
    return;
  if (k == 1)
    cblas_dgemv(CblasRowMajor, CblasTrans, (int)rows, (int)p, 1, x, (int)stride, score, 1, 1,
                gradient, 1);
  else
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)k, (int)p, (int)rows, 1, score,
                (int)k, x, (int)stride, 1, gradient, (int)p);
}
