// SPDX-License-Identifier: GPL-3.0-or-later
/* The covariance of the coefficients of all responses together, from their Fisher matrix. */
#include "internal.h"

#include <math.h>
#include <string.h>

gradus_status gradus_i_fit_add_joint_root(gradus_fit *fit, gradus_error *err) {
  size_t width, cells;
  if (!gradus_i_multiply(fit->k, fit->q, &width) || !gradus_i_multiply(width, width, &cells))
    return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                         "%zu coefficients of %zu responses are too many for their covariance",
                         fit->q, fit->k);
  fit->joint = fit->k;
  fit->root = gradus_i_allocate(cells, sizeof *fit->root);
  return fit->root ? GRADUS_OK : gradus_i_out_of_memory(err);
}

/* A coefficient that is not left out: where it stands in θ and in the rows of root. */
typedef struct place {
  size_t theta, row;
} place;

static size_t list_places(const gradus_fit *fit, const bool *left_out, place *places) {
  size_t count = 0, first = fit->has_intercept ? 1 : 0;
  for (size_t r = 0; r < fit->k; r++)
    for (size_t j = 0; j < fit->q; j++) {
      size_t theta = j < first ? fit->k * fit->p + r : r * fit->p + j - first;
      if (!left_out[theta])
        places[count++] = (place){.theta = theta, .row = r * fit->q + j};
    }
  return count;
}

/* inverse = R⁻¹ for the upper Cholesky factor R of the matrix with its diagonal scaled to 1 by
   length. */
static bool invert(const double *information, const double *penalty, size_t dim, const place *at,
                   size_t m, double *length, double *inverse) {
  for (size_t j = 0; j < m; j++) {
    double diagonal = information[at[j].theta * (dim + 1)] + (penalty ? penalty[at[j].theta] : 0);
    length[j] = diagonal > 0 ? 1 / sqrt(diagonal) : 1;
  }
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i <= j; i++) {
      size_t a = at[i].theta, b = at[j].theta;
      double value = information[a < b ? a + b * dim : b + a * dim];
      if (i == j && penalty)
        value += penalty[a];
      inverse[i + j * m] = value * length[i] * length[j];
    }
  return gradus_i_all_finite(inverse, m * m) && gradus_i_cholesky(m, inverse) &&
         gradus_i_triangle_inverse(m, inverse);
}

/* Rows of root in the units of the data: a weight is its factor times the standardised one, and a
   bias its standardised one less the weights times their centres. */
static void set_root(gradus_fit *fit, const gradus_i_standard *standard, const place *at, size_t m,
                     const double *length, const double *inverse) {
  size_t width = fit->joint * fit->q, first = fit->has_intercept ? 1 : 0;
  for (size_t i = 0; i < m; i++) {
    size_t j = at[i].row % fit->q;
    double factor = length[i] * (j < first ? 1 : standard->factor[j - first]);
    double *row = fit->root + at[i].row * width, *bias = fit->root + (at[i].row - j) * width;
    double shift = first && j > 0 && !fit->dropped[0] ? standard->centre[j - first] : 0;
    for (size_t l = i; l < m; l++) {
      double entry = inverse[i + l * m] * factor;
      row[l] += entry / fit->column_scale[j];
      bias[l] -= shift * entry / fit->column_scale[0];
    }
  }
}

/* What the penalty leaves of the number of parameters. */
static double effective_df(const double *penalty, const place *at, size_t m, const double *length,
                           const double *inverse) {
  double sum = (double)m;
  for (size_t i = 0; i < m; i++)
    for (size_t l = i; l < m; l++) {
      double entry = inverse[i + l * m] * length[i];
      sum -= penalty[at[i].theta] * entry * entry;
    }
  return sum;
}

gradus_status gradus_i_fit_take_information(gradus_fit *fit, const double *information,
                                            const double *penalty, const bool *left_out,
                                            const gradus_i_standard *standard, bool *definite,
                                            gradus_error *err) {
  size_t dim = fit->k * fit->q, square;
  *definite = false;
  if (!gradus_i_multiply(dim, dim, &square))
    return gradus_i_out_of_memory(err);
  place *at = gradus_i_allocate(dim, sizeof *at);
  double *length = gradus_i_allocate(dim, sizeof *length);
  double *inverse = gradus_i_allocate(square, sizeof *inverse);
  gradus_status status = at && length && inverse ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0) {
    size_t m = list_places(fit, left_out, at);
    *definite = invert(information, penalty, dim, at, m, length, inverse);
    if (*definite && penalty)
      fit->effective_df = effective_df(penalty, at, m, length, inverse);
    else if (*definite)
      status = gradus_i_fit_add_joint_root(fit, err);
    if (status <= 0 && *definite && !penalty)
      set_root(fit, standard, at, m, length, inverse);
  }
  gradus_i_release(at);
  gradus_i_release(length);
  gradus_i_release(inverse);
  return status;
}
