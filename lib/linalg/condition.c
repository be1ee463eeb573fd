// SPDX-License-Identifier: GPL-3.0-or-later
/* The condition number of a triangle: exact norms where it is small, power iteration where that
 * would cost too much. */
#include "internal.h"

#include <math.h>

/* y = op(A)x for an upper triangle A from `first` on. */
static void multiply(size_t n, size_t first, const double *a, bool transposed, const double *x,
                     double *y) {
  for (size_t i = first; i < n; i++)
    y[i] = 0;
  for (size_t j = first; j < n; j++) {
    const double *column = a + j * n;
    double sum = 0;
    if (transposed) {
#pragma omp simd reduction(+ : sum)
      for (size_t i = first; i <= j; i++)
        sum += column[i] * x[i];
      y[j] = sum;
    } else {
#pragma omp simd
      for (size_t i = first; i <= j; i++)
        y[i] += column[i] * x[j];
    }
  }
}

static double normalise(size_t n, size_t first, double *x) {
  double square = 0;
  for (size_t i = first; i < n; i++)
    square += x[i] * x[i];
  double length = sqrt(square);
  for (size_t i = first; length > 0 && i < n; i++)
    x[i] /= length;
  return length;
}

/* Largest singular value of A·D⁻¹ (invert false) or D·A (invert true): some steps of the power
 * method on its square. */
static double largest_value(size_t n, size_t first, const double *a, bool invert,
                            const double *length, double *work) {
  enum { STEPS = 3 };
  double *x = work, *y = work + n, value = 0;
  for (size_t i = first; i < n; i++)
    x[i] = 1 + 0.5 * cos((double)(i * i + 1)); /* in no special direction */
  normalise(n, first, x);
  for (int step = 0; step < STEPS; step++) {
    for (size_t i = first; !invert && i < n; i++)
      x[i] /= length[i];
    multiply(n, first, a, false, x, y);
    for (size_t i = first; invert && i < n; i++)
      y[i] *= length[i] * length[i];
    multiply(n, first, a, true, y, x);
    for (size_t i = first; !invert && i < n; i++)
      x[i] /= length[i];
    value = normalise(n, first, x);
  }
  return sqrt(value);
}

static double frobenius(size_t n, size_t first, const double *a, bool invert,
                        const double *length) {
  double square = 0;
  for (size_t j = first; j < n; j++)
    for (size_t i = first; i <= j; i++) {
      double value = invert ? a[i + j * n] * length[i] : a[i + j * n] / length[j];
      square += value * value;
    }
  return sqrt(square);
}

double gradus_i_triangle_condition(size_t n, size_t first, const double *r, const double *inverse,
                                   const double *length, double *work) {
  enum { SMALL = 8 };
  if (first + 1 >= n)
    return 1;
  if (n - first <= SMALL) /* too large by a factor of n at most */
    return frobenius(n, first, r, false, length) * frobenius(n, first, inverse, true, length) /
           (double)(n - first);
  return largest_value(n, first, r, false, length, work) *
         largest_value(n, first, inverse, true, length, work);
}
