// SPDX-License-Identifier: GPL-3.0-or-later
/* Losses of rows by their linear predictors, for one instruction set; after elementwise_points.h
   for double. */

TARGET static void KERNEL(logistic)(size_t rows, const double *eta, const double *y,
                                    const double *weight, const void *family, double *loss,
                                    double *slope, double *curvature) {
  (void)family;
#pragma omp simd
  for (size_t i = 0; i < rows; i++) {
    double x = eta[i], magnitude = x > 0 ? -x : x;
    magnitude = magnitude < -DBL_MAX ? -DBL_MAX : magnitude;
    double t = KERNEL(exp_negative)(magnitude);
    /* One division for 1/(1 + t) and for t/(2 + t). */
    double common = 1 / ((1 + t) * (2 + t));
    double larger = (2 + t) * common, smaller = t * larger, s = t * (1 + t) * common;
    double log1p = KERNEL(log_of_ratio)(t, s, LOG1P_POLYNOMIAL(s * s));
    double mean = x > 0 ? larger : smaller, rest = x > 0 ? smaller : larger;
    mean = x == x ? mean : x;
    double wrong = x > 0 ? 1 - y[i] : y[i]; /* how much of the row is on the other side */
    loss[i] = weight[i] * (log1p - wrong * magnitude);
    slope[i] = weight[i] * ((1 - y[i]) * mean - y[i] * rest);
    curvature[i] = weight[i] * (smaller * larger);
  }
}

TARGET static void KERNEL(poisson)(size_t rows, const double *eta, const double *y,
                                   const double *weight, const void *family, double *loss,
                                   double *slope, double *curvature) {
  (void)family;
#pragma omp simd
  for (size_t i = 0; i < rows; i++) {
    double mean = KERNEL(exp_point)(eta[i]);
    loss[i] = weight[i] * (mean - y[i] * eta[i]);
    slope[i] = weight[i] * (mean - y[i]);
    curvature[i] = weight[i] * mean;
  }
}

TARGET static void KERNEL(gaussian)(size_t rows, const double *eta, const double *y,
                                    const double *weight, const void *family, double *loss,
                                    double *slope, double *curvature) {
  (void)family;
#pragma omp simd
  for (size_t i = 0; i < rows; i++) {
    double residual = eta[i] - y[i];
    slope[i] = weight[i] * residual;
    loss[i] = 0.5 * residual * slope[i];
    curvature[i] = weight[i];
  }
}

/* log(1 + u), u >= 0. */
INLINE double KERNEL(log1p_positive)(double u) {
  double v = 1 + u;
  return KERNEL(log_point)(v) + (u - (v - 1)) / v;
}

/* The largest element. One that is not a number is passed over here and shows later. */
INLINE double KERNEL(largest)(size_t width, const double *row) {
  double largest = -(double)INFINITY;
#pragma omp simd reduction(max : largest)
  for (size_t j = 0; j < width; j++)
    largest = row[j] > largest ? row[j] : largest;
  return largest;
}

/* The sum of all but one, in lanes of eight, then by halves. The one is left out by a selection:
   memory that was just written in part is slow to read as a whole. */
INLINE double KERNEL(sum_of_others)(size_t width, const double *row, size_t but) {
  double lane[8] = {0};
  size_t j = 0;
  for (; j + 8 <= width; j += 8)
#pragma omp simd
    for (size_t l = 0; l < 8; l++)
      lane[l] += j + l == but ? 0 : row[j + l];
  for (size_t l = 0; j + l < width; l++)
    lane[l] += j + l == but ? 0 : row[j + l];
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/* The part of one row, whose elements are exp(η − largest), that needs no logarithm: probabilities
   and slopes, and u, shift with loss = log(1 + u) − shift. The sum over the other classes comes
   first, so that a probability near 1 keeps the digits of its distance from 1. */
INLINE void KERNEL(softmax_row)(size_t width, double *row, size_t class, double weight,
                                double *slope, double *u, double shift) {
  double own = row[class];
  double others = KERNEL(sum_of_others)(width, row, class), inverse = 1 / (others + own);
#pragma omp simd
  for (size_t j = 0; j < width; j++)
    row[j] *= inverse;
  if (slope) {
#pragma omp simd
    for (size_t j = 0; j < width; j++)
      slope[j] = weight * row[j];
    slope[class] = -weight * (others * inverse);
  }
  *u = shift == 0 ? others : others - 1 + own;
}

/* Rows that are `width` long with their padding. */
INLINE void KERNEL(softmax_of)(size_t rows, const size_t width, size_t step, double *eta,
                               const double *y, const double *weight, double *loss, double *slope) {
  enum { GROUP = 64 };
  double u[GROUP], shift[GROUP];
  for (size_t first = 0; first < rows; first += GROUP) {
    size_t count = rows - first < GROUP ? rows - first : GROUP;
    for (size_t i = 0; i < count; i++) {
      double *row = eta + (first + i) * step;
      double largest = KERNEL(largest)(width, row);
      shift[i] = row[(size_t)y[first + i]] - largest;
#pragma omp simd
      for (size_t j = 0; j < width; j++)
        row[j] = KERNEL(exp_negative)(row[j] - largest);
    }
    for (size_t i = 0; i < count; i++) {
      size_t at = first + i;
      KERNEL(softmax_row)
      (width, eta + at * step, (size_t)y[at], weight[at], slope ? slope + at * step : NULL, u + i,
       shift[i]);
    }
#pragma omp simd
    for (size_t i = 0; i < count; i++)
      loss[first + i] = weight[first + i] * (KERNEL(log1p_positive)(u[i]) - shift[i]);
  }
}

TARGET static void KERNEL(softmax)(size_t rows, size_t k, size_t step, double *eta, const double *y,
                                   const double *weight, double *loss, double *slope) {
  size_t rounded = (k + 7) / 8 * 8, width = rounded <= step ? rounded : k;
  if (width == 8) /* constants, so that loops over a row are a few instructions */
    KERNEL(softmax_of)(rows, 8, step, eta, y, weight, loss, slope);
  else if (width == 16)
    KERNEL(softmax_of)(rows, 16, step, eta, y, weight, loss, slope);
  else
    KERNEL(softmax_of)(rows, width, step, eta, y, weight, loss, slope);
}
