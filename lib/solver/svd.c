// SPDX-License-Identifier: GPL-3.0-or-later
/* The minimum-norm solution from the triangle of [Z y]: singular values of the part that the
   intercept leaves, in the units of the data, so that it is the shortest vector of weights. */
#include "internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Part of the triangle below and right of the intercept, its columns in the units of the data. */
static bool unscale(const gradus_i_least_squares *s, const double *r, size_t first, double *a) {
  size_t m = s->layout.q + s->layout.k, p = s->layout.p;
  for (size_t j = 0; j < p; j++)
    for (size_t i = 0; i < p; i++)
      a[i + j * p] = i <= j ? r[first + i + (first + j) * m] / s->layout.scale[first + j] : 0;
  return gradus_i_all_finite(a, p * p);
}

/* root: columns V_l/σ_l for the singular values above the threshold, and the intercept's row and
 * column. */
static void set_root(gradus_i_least_squares *s, const double *r, size_t first, const double *values,
                     const double *vt) {
  size_t q = s->layout.q, m = q + s->layout.k, p = s->layout.p;
  memset(s->root, 0, q * q * sizeof *s->root);
  if (first)
    s->root[0] = 1 / r[0];
  for (size_t l = 0; l + first < s->rank; l++) {
    double *column = s->root + (l + first) * q, head = 0;
    for (size_t j = 0; j < p; j++) {
      column[first + j] = vt[l + j * p] / values[l] / s->layout.scale[first + j];
      head += first ? r[(first + j) * m] * column[first + j] : 0;
    }
    if (first)
      column[0] = -head / r[0];
  }
}

gradus_status gradus_i_solve_svd(gradus_i_least_squares *s, double *r, gradus_error *err) {
  size_t q = s->layout.q, k = s->layout.k, m = q + k, p = s->layout.p;
  size_t first = s->layout.intercept ? 1 : 0;
  double *work = gradus_i_allocate(3 * p * p + p, sizeof *work);
  if (!work)
    return gradus_i_out_of_memory(err);
  double *a = work, *u = a + p * p, *vt = u + p * p, *values = vt + p * p;
  gradus_status status = GRADUS_OK;
  if (!unscale(s, r, first, a))
    status = gradus_i_fail(err, GRADUS_ERROR_NUMERICAL,
                           "the columns differ too much in size for the singular value "
                           "decomposition; rescale them or use the solver qr");
  if (status == GRADUS_OK && p > 0)
    status = gradus_i_svd(p, a, u, values, vt, err);
  if (status == GRADUS_OK) {
    double limit = p > 0 ? values[0] * DBL_EPSILON * (double)(s->rows > q ? s->rows : q) : 0;
    s->rank = first;
    for (size_t l = 0; l < p && values[l] > limit; l++)
      s->rank++;
    set_root(s, r, first, values, vt);
    s->condition = s->rank > first ? values[0] / values[s->rank - first - 1] : 1;
    s->numerical_condition = s->condition;
    for (size_t response = 0; response < k; response++) {
      const double *z = r + (q + response) * m;
      gradus_i_extended *c = s->coefficients + response * q;
      for (size_t l = 0; l < s->rank; l++) {
        double share = l < first ? z[0] : 0;
        for (size_t i = 0; l >= first && i < p; i++)
          share += u[i + (l - first) * p] * z[first + i];
        for (size_t j = 0; j < q; j++)
          c[j] = gradus_i_extended_add(c[j], gradus_i_two_product(s->root[j + l * q], share));
      }
    }
  }
  gradus_i_release(work);
  return status;
}
