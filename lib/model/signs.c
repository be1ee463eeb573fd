// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether a converged fit with probabilities next to 0 or 1 may be one of separated data. Only then
   is the linear program worth its time: large fits with strong effects have such probabilities,
   too.

   Along a direction that separates, all that is left of the Fisher information are the weights
   μ(1 - μ) of rows at the far end; and if the search for it has ended, they are below 1e-8. So some
   standard error, beside that of a column as wide on rows at μ = 1/2, is 1e4 times as large. The
   bound leaves room for collinear columns and many of them. */
#include "internal.h"

#include <math.h>
#include <string.h>

const double gradus_i_separated_variance = 1e5, gradus_i_separated_tolerance = 1e-7;

gradus_status gradus_i_largest_inverse(double *largest, size_t dim, const double *matrix,
                                       const bool *left_out, gradus_error *err) {
  size_t m = 0, *place = gradus_i_allocate(dim, sizeof *place);
  double *inverse = gradus_i_allocate(dim * dim, sizeof *inverse);
  gradus_status status = place && inverse ? GRADUS_OK : gradus_i_out_of_memory(err);
  for (size_t j = 0; status <= 0 && j < dim; j++)
    if (!left_out || !left_out[j])
      place[m++] = j;
  for (size_t j = 0; status <= 0 && j < m; j++)
    for (size_t i = 0; i <= j; i++)
      inverse[i + j * m] = matrix[place[i] + place[j] * dim];
  *largest = HUGE_VAL;
  if (status <= 0 && gradus_i_all_finite(inverse, m * m) && gradus_i_cholesky(m, inverse) &&
      gradus_i_triangle_inverse(m, inverse)) {
    *largest = 0;
    for (size_t i = 0; i < m; i++) {
      double sum = 0;
      for (size_t j = i; j < m; j++)
        sum += inverse[i + j * m] * inverse[i + j * m];
      *largest = fmax(*largest, sum);
    }
  }
  gradus_i_release(place);
  gradus_i_release(inverse);
  return status;
}

gradus_status gradus_i_largest_variance(double *largest, const gradus_i_least_squares *s,
                                        const gradus_source *source, double weight, int threads,
                                        gradus_error *err) {
  size_t p = s->layout.p, q = s->layout.q, first = q - p;
  double *mean = gradus_i_allocate(2 * p, sizeof *mean), *deviation = mean + p;
  if (!mean)
    return gradus_i_out_of_memory(err);
  gradus_status status = gradus_i_column_moments(source, threads, mean, deviation, err);
  *largest = 0;
  for (size_t j = first; status <= 0 && j < q; j++) {
    double spread = first ? deviation[j - first] : hypot(mean[j - first], deviation[j - first]);
    double sum = 0;
    for (size_t l = 0; l < s->rank; l++)
      sum += s->root[j + l * q] * s->root[j + l * q];
    double error = sqrt(sum) * s->layout.scale[j] * spread;
    if (!s->dropped[j])
      *largest = fmax(*largest, error * error * weight);
  }
  gradus_i_release(mean);
  return status;
}
