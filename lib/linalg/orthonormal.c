// SPDX-License-Identifier: GPL-3.0-or-later
/* The orthonormal factor of a QR factorisation. */
#include "internal.h"

#include <lapacke.h>

enum { QR_BLOCK = 32 };

gradus_status gradus_i_orthonormal_columns(size_t m, size_t n, double *a, gradus_error *err) {
  gradus_status status = gradus_i_check_dimensions(m, n, err);
  if (status > 0 || n == 0)
    return status;
  double *tau = gradus_i_allocate_raw(QR_BLOCK + 2, n * sizeof *tau);
  if (!tau)
    return gradus_i_out_of_memory(err);
  double *work = tau + n, *sign = work + QR_BLOCK * n;
  lapack_int rows = (lapack_int)m, columns = (lapack_int)n, size = (lapack_int)(QR_BLOCK * n);
  lapack_int info = LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, rows, columns, a, rows, tau, work, size);
  for (size_t j = 0; j < n; j++)
    sign[j] = a[j + j * m] < 0 ? -1 : 1;
  if (info == 0)
    info = LAPACKE_dorgqr_work(LAPACK_COL_MAJOR, rows, columns, columns, a, rows, tau, work, size);
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < m; i++)
      a[i + j * m] *= sign[j];
  gradus_i_release(tau);
  return info == 0 ? GRADUS_OK
                   : gradus_i_fail(err, GRADUS_ERROR_NUMERICAL,
                                   "LAPACK's dgeqrf or dorgqr failed (info %d)", (int)info);
}
