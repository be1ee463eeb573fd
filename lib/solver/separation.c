// SPDX-License-Identifier: GPL-3.0-or-later
/* Which rows are separated, and which coefficients that leaves without a finite estimate.

   Konis (2007, thesis, University of Oxford) maximises Σ z_iᵀd over the cone R within the box |d_j|
   <= 1, with z_i = s_i·x_i: the optimum is 0 exactly if the data overlap. Otherwise its d separates
   some rows, but maybe not all that can be. Those that it separates are removed and the rest is
   asked again, until nothing can be separated. Removing them is exact: if e keeps all remaining
   rows, then Md + e with M large keeps the removed ones too. And as d is 0 on all remaining rows
   but not on the removed ones, each round lowers the rank of what remains: q + 1 rounds but for
   rounding, and always fewer than rows. Each asks along orthonormal directions of what remains, so
   that a tolerance means the same for any columns.

   In the rows E that remain all of R is 0, so R lies in the null space N of E. Let d* be the sum
   Md_1 + ... of the rounds, which is above 0 in every removed row. For any v of N, d* + εv is in R
   for small ε on either side. So R spans N, and a coefficient is untouched by every direction of R
   exactly if N is 0 there; these are the coefficients that E alone determines, at any limit of the
   likelihood (Geyer 2009, Electronic Journal of Statistics 3:259-289). A single direction, however
   maximal, can be 0 by chance in a coefficient that N moves: hence `finite` beside `sign`. */
#include "separation.h"
#include "separation_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Rows and columns have size 1: what is closer to 0 than this counts as 0. */
static const double tolerance_row = 1e-7;
/* For singular values of E, and for entries of the orthonormal vectors that span N. */
static const double tolerance_rank = 1e-8, tolerance_null = GRADUS_I_TOLERANCE_NULL;
/* Columns are scaled anew in each round, so that rows close together in the shadow of far ones are
   seen too, but not by more than this: rounding errors of the data must stay small. */
static const double smallest_rescaling = 1e-6;
enum { MOST_CELLS = 50000000 }; /* 400 megabytes, twice */

static void search_clear(gradus_i_search *s) {
  gradus_i_separated_rows_free(s->rows);
  gradus_i_release(s->active);
  gradus_i_release(s->tied);
  gradus_i_release(s->z);
  gradus_i_release(s->activity);
  gradus_i_release(s->shift);
  gradus_i_release(s->null);
}

static gradus_status search_allocate(gradus_i_search *s, gradus_error *err) {
  size_t n = s->points->count, m = s->m, cells;
  if (!gradus_i_multiply(n, m, &cells))
    return gradus_i_out_of_memory(err);
  s->active = gradus_i_allocate(n, sizeof *s->active);
  s->removed = s->rows->removed = gradus_i_allocate(n, sizeof *s->removed);
  s->tied = gradus_i_allocate(n, sizeof *s->tied);
  s->z = gradus_i_allocate_raw(cells, sizeof *s->z);
  s->activity = gradus_i_allocate(n, sizeof *s->activity);
  s->shift = gradus_i_allocate(4 * m, sizeof *s->shift);
  s->null = gradus_i_allocate(2 * m * m, sizeof *s->null);
  if (!s->active || !s->removed || !s->tied || !s->z || !s->activity || !s->shift || !s->null)
    return gradus_i_out_of_memory(err);
  s->scale = s->shift + m;
  s->first_scale = s->shift + 2 * m;
  s->d = s->shift + 3 * m;
  s->basis = s->null + m * m;
  s->active_count = n;
  for (size_t i = 0; i < n; i++)
    s->active[i] = i;
  return GRADUS_OK;
}

/* The power of two at or above a positive size; 1 for 0. */
static double power_of_two(double size) {
  int exponent;
  if (size == 0)
    return 1;
  double fraction = frexp(size, &exponent);
  return ldexp(1, fraction == 0.5 ? exponent - 1 : exponent > 1023 ? 1023 : exponent);
}

/* Shift and scale of input j from the active points. */
static void set_scale(gradus_i_search *s, size_t j, bool first) {
  const double *x = s->points->x + j;
  size_t width = s->points->width, column = j + s->intercept;
  double mean = 0, size = 0;
  for (size_t i = 0; s->intercept && i < s->active_count; i++)
    mean += (x[s->active[i] * width] - mean) / (double)(i + 1);
  for (size_t i = 0; i < s->active_count; i++)
    size = fmax(size, fabs(x[s->active[i] * width] - mean));
  if (!isfinite(mean) || !isfinite(size)) { /* differences overflow: values beyond 2^1022 */
    mean = 0;
    size = DBL_MAX;
  }
  s->shift[column] = mean;
  s->scale[column] = power_of_two(size);
  if (first)
    s->first_scale[column] = s->scale[column];
  double least = s->first_scale[column] * smallest_rescaling;
  if (s->scale[column] < least)
    s->scale[column] = power_of_two(least);
}

static void set_row(const gradus_i_search *s, size_t point, double *z) {
  const double *x = s->points->x + point * s->points->width;
  double size = 0, sign = s->points->seen[point] == GRADUS_I_FAILURE ? -1 : 1;
  if (s->intercept)
    z[0] = size = 1;
  for (size_t j = s->intercept; j < s->m; j++) {
    z[j] = (x[j - s->intercept] - s->shift[j]) / s->scale[j];
    size = fmax(size, fabs(z[j]));
  }
  double factor = sign / power_of_two(size);
  for (size_t j = 0; j < s->m; j++)
    z[j] *= factor;
}

/* The active points as rows of z. */
static gradus_i_cone set_cone(gradus_i_search *s, bool first) {
  if (s->intercept) {
    s->shift[0] = 0;
    s->scale[0] = s->first_scale[0] = 1;
  }
  for (size_t j = 0; j < s->points->width; j++)
    set_scale(s, j, first);
  for (size_t i = 0; i < s->active_count; i++) {
    set_row(s, s->active[i], s->z + i * s->m);
    s->tied[i] = s->points->seen[s->active[i]] == GRADUS_I_BOTH;
  }
  return (gradus_i_cone){.rows = s->active_count, .columns = s->m, .z = s->z, .tied = s->tied};
}

/* Takes the rows that d separates out of the active ones; returns their number. */
static size_t remove_separated(gradus_i_search *s) {
  size_t kept = 0, count = s->active_count;
  for (size_t i = 0; i < count; i++) {
    if (!s->tied[i] && s->activity[i] > tolerance_row)
      s->removed[s->active[i]] = true;
    else
      s->active[kept++] = s->active[i];
  }
  s->active_count = kept;
  return count - kept;
}

/* The triangle of the active rows' QR, upper. */
static gradus_status find_triangle(gradus_i_search *s, double *r, gradus_error *err) {
  enum { BLOCK = 512 };
  size_t m = s->m;
  double *buffer = gradus_i_allocate_raw(m * (m + BLOCK), sizeof *buffer);
  gradus_status status = buffer ? GRADUS_OK : gradus_i_out_of_memory(err);
  for (size_t i = 0; status <= 0 && i < s->active_count; i += BLOCK) {
    size_t left = s->active_count - i;
    status = gradus_i_qr_append_rows(left < BLOCK ? left : BLOCK, m, s->z + i * m, r, buffer, err);
  }
  gradus_i_release(buffer);
  return status;
}

/* The singular directions of the active rows: those of N, and the others at the length at which
   the rows have mean square 1 along them. */
static gradus_status find_bases(gradus_i_search *s, gradus_error *err) {
  size_t m = s->m, cells = m * m;
  double *r = gradus_i_allocate(3 * cells + m, sizeof *r);
  if (!r)
    return gradus_i_out_of_memory(err);
  double *u = r + cells, *vt = u + cells, *singular = vt + cells;
  gradus_status status = find_triangle(s, r, err);
  if (status <= 0)
    status = gradus_i_svd(m, r, u, singular, vt, err);
  s->rank = s->null_count = 0;
  for (size_t k = 0; status <= 0 && k < m; k++) {
    bool null = singular[k] <= tolerance_rank * singular[0];
    double length = null ? 1 : sqrt((double)s->active_count) / singular[k];
    double *target = null ? s->null + s->null_count++ * m : s->basis + s->rank++ * m;
    for (size_t j = 0; j < m; j++)
      target[j] = vt[k + j * m] * length;
  }
  gradus_i_release(r);
  return status;
}

/* Rows of z along the basis, in place: nearly collinear columns are no longer so. */
static void project(gradus_i_search *s) {
  double *row = s->d;
  for (size_t i = 0; i < s->active_count; i++) {
    double size = 0, *target = s->z + i * s->rank;
    memcpy(row, s->z + i * s->m, s->m * sizeof *row);
    for (size_t k = 0; k < s->rank; k++) {
      double sum = 0;
      for (size_t j = 0; j < s->m; j++)
        sum += row[j] * s->basis[j + k * s->m];
      target[k] = sum;
      size = fmax(size, fabs(sum));
    }
    double factor = 1 / power_of_two(size);
    for (size_t k = 0; size > 1 && k < s->rank; k++)
      target[k] *= factor;
  }
}

/* Rounds until nothing more is separated. N is left as that of what remains. */
static gradus_status find_rows(gradus_i_search *s, gradus_error *err) {
  gradus_status status = GRADUS_OK;
  for (size_t round = 0;; round++) {
    gradus_i_cone cone = set_cone(s, round == 0);
    status = find_bases(s, err);
    if (status > 0 || s->rank == 0)
      return status;
    project(s);
    cone.columns = s->rank;
    status = gradus_i_cone_widest(&cone, tolerance_row, s->d, s->activity, err);
    if (status > 0 || remove_separated(s) == 0)
      return status;
  }
}

/* Sets columns of z that N leaves alone to exactly 0 there. */
static void clear_rounding(gradus_i_search *s) {
  for (size_t j = 0; j < s->m; j++) {
    double square = 0;
    for (size_t k = 0; k < s->null_count; k++)
      square += s->null[j + k * s->m] * s->null[j + k * s->m];
    for (size_t k = 0; square <= tolerance_null * tolerance_null && k < s->null_count; k++)
      s->null[j + k * s->m] = 0;
  }
}

/* Whether each column of z has a finite coefficient, from N in place. False if all have: then no
   direction is 0 in the rows that remain, and those removed were separated only because the others
   overlap by less than the tolerance beside them. */
static bool set_finite(gradus_i_search *s, bool *finite) {
  for (size_t k = 0; k < s->null_count; k++)
    gradus_i_search_unshift(s, s->null + k * s->m);
  bool some = false;
  for (size_t j = 0; j < s->m; j++) {
    finite[j] = true;
    for (size_t k = 0; k < s->null_count; k++)
      finite[j] = finite[j] && s->null[j + k * s->m] == 0;
    some = some || !finite[j];
  }
  return some;
}

/* The shortest direction that separates all that can be. Where margins are so small that GLPK finds
   none, the widest direction of the first round. */
static gradus_status solve_direction(gradus_i_search *s, gradus_error *err) {
  gradus_error own = {0};
  s->active_count = s->points->count;
  for (size_t i = 0; i < s->points->count; i++)
    s->active[i] = i;
  gradus_i_cone cone = set_cone(s, true);
  for (size_t i = 0; i < s->points->count; i++)
    s->tied[i] = !s->removed[i];
  gradus_status status = gradus_i_cone_shortest(&cone, s->d, s->activity, &own);
  if (status == GRADUS_ERROR_NUMERICAL) {
    cone = set_cone(s, true);
    return gradus_i_cone_widest(&cone, tolerance_row, s->d, s->activity, err);
  }
  return status > 0 ? gradus_i_fail(err, status, "%s", own.message) : status;
}

/* The direction d, left for columns of z: see unshift. */
static gradus_status find_direction(gradus_i_search *s, const bool *finite, gradus_error *err) {
  gradus_status status = solve_direction(s, err);
  double largest = 0;
  for (size_t j = 0; j < s->m; j++)
    largest = fmax(largest, fabs(s->d[j]));
  for (size_t j = 0; j < s->m; j++)
    if (fabs(s->d[j]) <= 1e-9 * largest || (finite[j] && j >= s->intercept))
      s->d[j] = 0;
  return status;
}

static gradus_status search_run(gradus_i_search *s, const bool *dropped, size_t q,
                                gradus_i_separation *result, gradus_error *err) {
  gradus_status status = search_allocate(s, err);
  if (status <= 0)
    status = find_rows(s, err);
  if (status > 0 || s->active_count == s->points->count)
    return status;
  bool *finite = gradus_i_allocate(s->m, sizeof *finite), separated = false;
  clear_rounding(s);
  status = finite ? gradus_i_search_report_space(s, dropped, q, result, err)
                  : gradus_i_out_of_memory(err);
  if (status <= 0)
    separated = set_finite(s, finite);
  if (separated)
    status = find_direction(s, finite, err);
  if (separated && status <= 0) {
    gradus_i_search_report(s, dropped, finite, q, result);
    result->rows = s->rows;
    s->rows = NULL;
  }
  gradus_i_release(finite);
  return status;
}

static gradus_status read_points(gradus_i_search *s, const gradus_source *source, bool intercept,
                                 const bool *dropped, gradus_error *err) {
  size_t p = gradus_source_get_shape(source)->columns;
  s->rows = gradus_i_allocate(1, sizeof *s->rows);
  bool *keep = s->rows ? s->rows->keep = gradus_i_allocate(p, sizeof *keep) : NULL;
  if (!keep)
    return gradus_i_out_of_memory(err);
  s->points = &s->rows->points;
  for (size_t j = 0; j < p; j++)
    keep[j] = !(dropped && dropped[j + intercept]);
  s->intercept = intercept && !(dropped && dropped[0]);
  gradus_status status = gradus_i_points_read(s->points, source, keep, MOST_CELLS, err);
  s->m = s->points->width + s->intercept;
  return status;
}

gradus_status gradus_i_separation_find(gradus_i_separation *result, const gradus_source *source,
                                       bool intercept, const bool *dropped, gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  size_t q = shape->columns + intercept;
  gradus_i_search s = {0};
  *result = (gradus_i_separation){0};
  if (shape->responses != 1)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "looking for separation: there are %zu responses, and it takes one",
                         shape->responses);
  result->sign = gradus_i_allocate(q, sizeof *result->sign);
  result->finite = gradus_i_allocate(q, sizeof *result->finite);
  gradus_status status = result->sign && result->finite ? GRADUS_OK : gradus_i_out_of_memory(err);
  for (size_t j = 0; status <= 0 && j < q; j++)
    result->finite[j] = true;
  if (status <= 0)
    status = read_points(&s, source, intercept, dropped, err);
  /* Blocks are too small for BLAS's threads: they would only wait for each other. */
  gradus_i_thread_scope scope = gradus_i_threads_begin(1);
  if (status <= 0 && s.points->count > 0 && s.m > 0)
    status = search_run(&s, dropped, q, result, err);
  gradus_i_threads_end(scope);
  search_clear(&s);
  if (status > 0)
    gradus_i_separation_clear(result);
  return status;
}

void gradus_i_separation_clear(gradus_i_separation *result) {
  gradus_i_release(result->finite);
  gradus_i_release(result->sign);
  gradus_i_release(result->centre);
  gradus_i_release(result->direction);
  gradus_i_release(result->space);
  gradus_i_separated_rows_free(result->rows);
  *result = (gradus_i_separation){0};
}
