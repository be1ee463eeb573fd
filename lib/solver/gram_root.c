// SPDX-License-Identifier: GPL-3.0-or-later
/* Rank, root and condition of a least-squares problem from its Gram matrix alone. */
#include "internal.h"

#include <math.h>

/* Up to this condition number (squared, times rounding: 1e-12) the factor of a Gram matrix loses
   little that QR keeps. */
static const double easy_condition = 100;

/* Powers of two that bring every column near length 1, and the scaled matrix in the first q rows
   and columns of r (m×m); false if a column has no length. */
static bool scale(gradus_i_least_squares *s, const double *gram, double *r) {
  size_t q = s->layout.q, m = q + s->layout.k;
  for (size_t j = 0; j < q; j++) {
    double square = gram[j * (q + 1)];
    if (!(square > 0) || isinf(square))
      return false;
    s->layout.scale[j] = ldexp(1, -ilogb(sqrt(square)));
    s->norm[j] = sqrt(square) * s->layout.scale[j];
  }
  for (size_t at = 0; at < s->layout.k; at++)
    s->layout.scale[q + at] = 1;
  for (size_t j = 0; j < q; j++)
    for (size_t i = 0; i <= j; i++)
      r[i + j * m] = gram[i + j * q] * s->layout.scale[i] * s->layout.scale[j];
  return true;
}

/* Upper Cholesky factor in place of the leading q×q part. */
static bool factorise(size_t q, size_t m, double *r, double *packed) {
  for (size_t j = 0; j < q; j++)
    for (size_t i = 0; i < q; i++)
      packed[i + j * q] = i <= j ? r[i + j * m] : 0;
  if (!gradus_i_all_finite(packed, q * q) || !gradus_i_cholesky(q, packed))
    return false;
  for (size_t j = 0; j < q; j++)
    for (size_t i = 0; i <= j; i++)
      r[i + j * m] = packed[i + j * q];
  return true;
}

gradus_status gradus_i_least_squares_of_gram(gradus_i_least_squares **solution,
                                             const gradus_source *source,
                                             const gradus_i_least_squares_options *options,
                                             const double *gram, gradus_error *err) {
  *solution = NULL;
  gradus_i_least_squares *s = gradus_i_least_squares_new(source, options);
  if (!s)
    return gradus_i_out_of_memory(err);
  size_t q = s->layout.q, m = q + s->layout.k;
  double *r = gradus_i_allocate(m * m + q * q, sizeof *r);
  gradus_status status = r ? GRADUS_OK : gradus_i_out_of_memory(err);
  bool good = status <= 0 && scale(s, gram, r) && factorise(q, m, r, r + m * m);
  if (good)
    status = gradus_i_solve_triangle(s, r, err);
  gradus_i_release(r);
  if (status <= 0 && good && s->rank == q && s->numerical_condition <= easy_condition) {
    *solution = s;
    return GRADUS_OK;
  }
  gradus_i_least_squares_free(s);
  return status;
}
