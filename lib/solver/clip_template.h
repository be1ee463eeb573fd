// SPDX-License-Identifier: GPL-3.0-or-later
/* Clipping of gradients over REAL, compiled for each type by descent_rules.c. */

void CLIP(const gradus_descent_options *options, size_t dim, REAL *gradient) {
  double limit = options->clip_value, largest = 0, sum = 0;
  for (size_t j = 0; limit > 0 && j < dim; j++)
    gradient[j] = (REAL)fmax(-limit, fmin(limit, (double)gradient[j]));
  if (!(options->clip_norm > 0))
    return;
  for (size_t j = 0; j < dim; j++)
    largest = fmax(largest, fabs((double)gradient[j]));
  for (size_t j = 0; largest > 0 && j < dim; j++)
    sum += (double)gradient[j] / largest * ((double)gradient[j] / largest);
  double norm = largest * sqrt(sum);
  for (size_t j = 0; norm > options->clip_norm && j < dim; j++)
    gradient[j] *= (REAL)(options->clip_norm / norm);
}
