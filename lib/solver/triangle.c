// SPDX-License-Identifier: GPL-3.0-or-later
/* From the triangle of a QR factorisation to rank, relations among columns, condition and
 * coefficients. */
#include "internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Below this share of a column's length, what earlier columns leave of it is looked at closely. */
static const double suspicious = 1e-6;

static double norm_of(size_t n, const double *x) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += x[i] * x[i];
  return sqrt(sum);
}

/* Reflects w so that what stands below its first element becomes zero; the vector overwrites it.
 * Returns tau. */
static double make_reflector(size_t n, double *w, double *diagonal) {
  double length = norm_of(n, w);
  *diagonal = w[0] > 0 ? -length : length;
  if (length == 0)
    return 0;
  double head = w[0] - *diagonal;
  for (size_t i = 1; i < n; i++)
    w[i] /= head;
  w[0] = 1;
  return -head / *diagonal;
}

static void reflect(size_t n, const double *v, double tau, double *x) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += v[i] * x[i];
  for (size_t i = 0; i < n; i++)
    x[i] -= tau * sum * v[i];
}

/* Whether the rows of `column` below `rank` are no more than what rounding the columns to double
   can leave, and if so how the kept ones make it. A column is explained by c if the rest is small
   beside all the columns that it combines. */
static bool is_determined(const gradus_i_least_squares *s, const double *triangle, size_t m,
                          const size_t *kept, size_t column, double *relation) {
  const double *w = triangle + column * m;
  size_t q = s->layout.q;
  double rest = norm_of(m - s->rank, w + s->rank), size = s->norm[column];
  if (size == 0)
    return true;
  if (rest > suspicious * size)
    return false;
  for (size_t i = s->rank; i-- > 0;) {
    double value = w[i];
    for (size_t l = i + 1; l < s->rank; l++)
      value -= triangle[i + kept[l] * m] * relation[kept[l]];
    relation[kept[i]] = value / triangle[i + kept[i] * m];
    size += fabs(relation[kept[i]]) * s->norm[kept[i]];
  }
  double tolerance = 32 * DBL_EPSILON * sqrt((double)q + 1);
  bool determined = rest <= tolerance * size;
  if (!determined)
    memset(relation, 0, q * sizeof *relation);
  return determined;
}

/* R's limited pivoting on the triangle: columns that earlier ones determine are passed over, the
   others keep their order. r becomes the triangle of the kept columns (in their places) and Qᵀy. */
static gradus_status drop_columns(gradus_i_least_squares *s, double *r, gradus_error *err) {
  size_t q = s->layout.q, m = q + s->layout.k;
  size_t *kept = gradus_i_allocate(q, sizeof *kept);
  s->relation = gradus_i_allocate(q * q, sizeof *s->relation);
  if (!kept || !s->relation) {
    gradus_i_release(kept);
    return gradus_i_out_of_memory(err);
  }
  s->rank = 0;
  for (size_t j = 0; j < q; j++) {
    double *w = r + j * m + s->rank, diagonal;
    s->dropped[j] = is_determined(s, r, m, kept, j, s->relation + j * q);
    if (s->dropped[j])
      continue;
    size_t length = m - s->rank;
    double tau = make_reflector(length, w, &diagonal);
    for (size_t l = j + 1; l < m; l++)
      reflect(length, w, tau, r + l * m + s->rank);
    memset(w, 0, length * sizeof *w);
    w[0] = diagonal;
    kept[s->rank++] = j;
  }
  gradus_i_release(kept);
  return GRADUS_OK;
}

void gradus_i_set_norms(gradus_i_least_squares *s, const double *r) {
  size_t m = s->layout.q + s->layout.k;
  for (size_t j = 0; j < m; j++)
    s->norm[j] = norm_of(m, r + j * m);
}

static bool has_suspicious_column(const gradus_i_least_squares *s, const double *r) {
  size_t m = s->layout.q + s->layout.k;
  for (size_t j = 0; j < s->layout.q; j++)
    if (!(fabs(r[j + j * m]) > suspicious * s->norm[j]))
      return true;
  return false;
}

/* The condition number of the triangle's part from `first` on, its columns brought to one length.
 */
static double part_condition(size_t rank, size_t first, const double *triangle,
                             const double *inverse, double *length) {
  for (size_t j = first; j < rank; j++)
    length[j] = norm_of(j + 1 - first, triangle + first + j * rank);
  return gradus_i_triangle_condition(rank, first, triangle, inverse, length, length + rank);
}

static void spread_root(gradus_i_least_squares *s, const double *inverse) {
  size_t q = s->layout.q, rank = s->rank;
  memset(s->root, 0, q * q * sizeof *s->root);
  for (size_t i = 0, row = 0; i < q; i++) {
    if (s->dropped[i])
      continue;
    for (size_t j = row; j < rank; j++)
      s->root[i + j * q] = inverse[row + j * rank];
    row++;
  }
}

static void set_coefficients(gradus_i_least_squares *s, const double *r) {
  size_t q = s->layout.q, m = q + s->layout.k;
  for (size_t response = 0; response < s->layout.k; response++) {
    const double *z = r + (q + response) * m;
    for (size_t i = 0; i < q; i++) {
      double sum = 0;
      for (size_t j = 0; j < s->rank; j++)
        sum += s->root[i + j * q] * z[j];
      s->coefficients[response * q + i] = gradus_i_extended_of(sum);
    }
  }
}

gradus_status gradus_i_solve_triangle(gradus_i_least_squares *s, double *r, gradus_error *err) {
  size_t q = s->layout.q, m = q + s->layout.k;
  s->rank = q;
  if (has_suspicious_column(s, r)) {
    gradus_status status = drop_columns(s, r, err);
    if (status > 0)
      return status;
  }
  size_t rank = s->rank, cells = rank * rank;
  double *work = gradus_i_allocate(2 * cells + 3 * rank, sizeof *work);
  if (!work)
    return gradus_i_out_of_memory(err);
  double *triangle = work, *inverse = work + cells;
  for (size_t j = 0, column = 0; j < q; j++)
    if (!s->dropped[j])
      memcpy(triangle + column++ * rank, r + j * m, rank * sizeof *work);
  memcpy(inverse, triangle, cells * sizeof *work);
  gradus_status status = GRADUS_OK;
  if (rank > 0 && !gradus_i_triangle_inverse(rank, inverse))
    status = gradus_i_fail(err, GRADUS_ERROR_NUMERICAL,
                           "the triangle of the QR factorisation has a zero on its diagonal");
  if (status == GRADUS_OK) {
    size_t first = s->layout.intercept && rank > 0 && !s->dropped[0] ? 1 : 0;
    s->numerical_condition = part_condition(rank, 0, triangle, inverse, work + 2 * cells);
    s->condition = part_condition(rank, first, triangle, inverse, work + 2 * cells);
    spread_root(s, inverse);
    set_coefficients(s, r);
  }
  gradus_i_release(work);
  return status;
}
