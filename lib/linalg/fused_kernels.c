// SPDX-License-Identifier: GPL-3.0-or-later
/* The fused kernels, compiled for every instruction set and chosen at run time. */
#include "fused.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* __builtin_shufflevector: clang, and gcc from 12 on. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define HAVE_SHUFFLES 1
#endif
#endif
#ifndef HAVE_SHUFFLES
#define HAVE_SHUFFLES 0
#endif

#define GRADUS_I_TEMPLATE "fused_target.h"
#include "each_instructions.h"

GRADUS_I_DEFINE_TABLE(gradus_i_fused_kernels, gradus_i_fused_table, fused_table)

static const gradus_i_fused_kernels *best(void) {
  return gradus_i_fused_table(gradus_i_instructions_best());
}

void gradus_i_row_loss_logistic(size_t rows, const double *eta, const double *y,
                                const double *weight, const void *family, double *loss,
                                double *slope, double *curvature) {
  best()->logistic(rows, eta, y, weight, family, loss, slope, curvature);
}

void gradus_i_row_loss_poisson(size_t rows, const double *eta, const double *y,
                               const double *weight, const void *family, double *loss,
                               double *slope, double *curvature) {
  best()->poisson(rows, eta, y, weight, family, loss, slope, curvature);
}

void gradus_i_row_loss_gaussian(size_t rows, const double *eta, const double *y,
                                const double *weight, const void *family, double *loss,
                                double *slope, double *curvature) {
  best()->gaussian(rows, eta, y, weight, family, loss, slope, curvature);
}

void gradus_i_rows_softmax_loss(size_t rows, size_t k, size_t step, double *eta, const double *y,
                                const double *weight, double *loss, double *slope) {
  best()->softmax(rows, k, step, eta, y, weight, loss, slope);
}

double gradus_i_ordered_sum(size_t n, const double *x) {
  double lane[8] = {0};
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t l = 0; l < 8; l++)
      lane[l] += x[i + l];
  for (size_t l = 0; i + l < n; l++)
    lane[l] += x[i + l];
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}
