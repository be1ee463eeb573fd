// SPDX-License-Identifier: GPL-3.0-or-later
/* LAPACKE and CBLAS behind guards. The _work forms skip LAPACKE's NaN scan: callers have checked
 * that all is finite. */
#include "internal.h"

#include <gsl/gsl_cblas.h> /* declares the standard interface; any CBLAS may be linked */
#include <lapacke.h>
#include <limits.h>
#include <string.h>

bool gradus_i_all_finite(const double *values, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += values[i] * 0; /* 0 for a finite value, NaN for the others */
  return sum == 0;
}

gradus_status gradus_i_check_dimensions(size_t rows, size_t columns, gradus_error *err) {
  if (rows <= INT_MAX && columns <= INT_MAX)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                       "a matrix of %zu×%zu is beyond LAPACK's index type (at most %d each way)",
                       rows, columns, INT_MAX);
}

static gradus_status check_info(lapack_int info, const char *routine, gradus_error *err) {
  if (info == 0)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_NUMERICAL, "LAPACK's %s failed (info %d)", routine,
                       (int)info);
}

void gradus_i_rows_gram(size_t rows, size_t n, const double *a, size_t stride, double *gram,
                        size_t ld) {
  /* Row-major rows×n is column-major n×rows: A·Aᵀ of that is the Gram matrix. */
  cblas_dsyrk(CblasColMajor, CblasUpper, CblasNoTrans, (int)n, (int)rows, 1, a, (int)stride, 1,
              gram, (int)ld);
}

void gradus_i_rows_cross(size_t rows, size_t n, size_t m, const double *a, size_t stride,
                         const double *b, double *c) {
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n, (int)m, (int)rows, 1, a, (int)stride,
              b, (int)m, 0, c, (int)m);
}

void gradus_i_rows_multiply(size_t rows, size_t m, size_t n, const double *a, const double *b,
                            double *c) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)n, (int)m, 1, a, (int)m, b,
              (int)m, 0, c, (int)m);
}

static void copy_upper(size_t m, size_t n, const double *a, size_t lda, double *r) {
  memset(r, 0, n * n * sizeof *r);
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i <= j && i < m; i++)
      r[i + j * n] = a[i + j * lda];
}

enum { QR_BLOCK = 32 };

gradus_status gradus_i_qr_triangle(size_t m, size_t n, double *a, size_t lda, double *r,
                                   gradus_error *err) {
  gradus_status status = gradus_i_check_dimensions(m, n, err);
  if (status > 0)
    return status;
  double *work = gradus_i_allocate_raw((QR_BLOCK + 1) * n, sizeof *work);
  if (!work)
    return gradus_i_out_of_memory(err);
  lapack_int info =
      LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, (lapack_int)m, (lapack_int)n, a, (lapack_int)lda, work,
                          work + n, (lapack_int)(QR_BLOCK * n));
  gradus_i_release(work);
  copy_upper(m, n, a, lda, r);
  return check_info(info, "dgeqrf", err);
}

gradus_status gradus_i_qr_append_rows(size_t rows, size_t n, const double *a, double *r,
                                      double *buffer, gradus_error *err) {
  /* Row-major rows are the columns of Aᵀ: the LQ factor of [Rᵀ Aᵀ] is the new Rᵀ, without any
   * transposition. */
  size_t columns = n + rows;
  double *work = gradus_i_allocate_raw((QR_BLOCK + 1) * n, sizeof *work);
  if (!work)
    return gradus_i_out_of_memory(err);
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < n; i++)
      buffer[i + j * n] = r[j + i * n];
  memcpy(buffer + n * n, a, rows * n * sizeof *a);
  lapack_int info =
      LAPACKE_dgelqf_work(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)columns, buffer,
                          (lapack_int)n, work, work + n, (lapack_int)(QR_BLOCK * n));
  gradus_i_release(work);
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i <= j; i++)
      r[i + j * n] = buffer[j + i * n];
  return check_info(info, "dgelqf", err);
}

bool gradus_i_cholesky(size_t n, double *a) {
  return LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', (lapack_int)n, a, (lapack_int)n) == 0;
}

bool gradus_i_triangle_inverse(size_t n, double *r) {
  return LAPACKE_dtrtri_work(LAPACK_COL_MAJOR, 'U', 'N', (lapack_int)n, r, (lapack_int)n) == 0;
}

void gradus_i_triangle_solve(size_t n, const double *r, size_t ld, bool transposed, double *x) {
  if (n > 0)
    cblas_dtrsv(CblasColMajor, CblasUpper, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit,
                (int)n, r, (int)ld, x, 1);
}

void gradus_i_transpose(size_t m, size_t n, const double *a, double *rows) {
  enum { BLOCK = 16 }; /* a block's columns and rows stay in the cache */
  for (size_t j = 0; j < n; j += BLOCK)
    for (size_t i = 0; i < m; i += BLOCK)
      for (size_t l = j; l < n && l < j + BLOCK; l++)
        for (size_t k = i; k < m && k < i + BLOCK; k++)
          rows[k * m + l] = a[k + l * m];
  for (size_t k = 0; n < m && k < m; k++)
    memset(rows + k * m + n, 0, (m - n) * sizeof *rows);
}

gradus_status gradus_i_svd(size_t n, double *a, double *u, double *s, double *vt,
                           gradus_error *err) {
  gradus_status status = gradus_i_check_dimensions(n, n, err);
  if (status > 0)
    return status;
  if (!gradus_i_all_finite(a, n * n))
    return gradus_i_fail(err, GRADUS_ERROR_NUMERICAL,
                         "an infinite value reached the singular value decomposition");
  lapack_int order = (lapack_int)n, ask = -1;
  double size = 0;
  lapack_int *integers = gradus_i_allocate_raw(8 * n, sizeof *integers);
  LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, 'A', order, order, a, order, s, u, order, vt, order, &size,
                      ask, integers);
  double *work = gradus_i_allocate_raw((size_t)size + 1, sizeof *work);
  if (integers && work)
    status = check_info(LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, 'A', order, order, a, order, s, u,
                                            order, vt, order, work, (lapack_int)size, integers),
                        "dgesdd", err);
  else
    status = gradus_i_out_of_memory(err);
  gradus_i_release(integers);
  gradus_i_release(work);
  return status;
}
