// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernel of residual.c, included once per instruction set. Four rows at a time, so that the
   gradient is loaded and stored once for all of them. */

TARGET static void KERNEL(four_rows)(size_t n, const double *x, size_t stride, const double *b,
                                     double *residual, const double *weight, double *gradient) {
  const double *x0 = x, *x1 = x0 + stride, *x2 = x1 + stride, *x3 = x2 + stride;
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
  for (size_t j = 0; j < n; j++) {
    s0 += x0[j] * b[j];
    s1 += x1[j] * b[j];
    s2 += x2[j] * b[j];
    s3 += x3[j] * b[j];
  }
  residual[0] -= s0;
  residual[1] -= s1;
  residual[2] -= s2;
  residual[3] -= s3;
  double r0 = residual[0], r1 = residual[1], r2 = residual[2], r3 = residual[3];
  if (weight) {
    r0 *= weight[0];
    r1 *= weight[1];
    r2 *= weight[2];
    r3 *= weight[3];
  }
#pragma omp simd
  for (size_t j = 0; j < n; j++)
    gradient[j] += (r0 * x0[j] + r1 * x1[j]) + (r2 * x2[j] + r3 * x3[j]);
}

TARGET static void KERNEL(residuals)(size_t rows, size_t n, const double *x, size_t stride,
                                     const double *b, double *residual, const double *weight,
                                     double *gradient) {
  size_t i = 0;
  for (; i + 4 <= rows; i += 4)
    KERNEL(four_rows)
  (n, x + i * stride, stride, b, residual + i, weight ? weight + i : NULL, gradient);
  for (; i < rows; i++) {
    const double *row = x + i * stride;
    double sum = 0;
    for (size_t j = 0; j < n; j++)
      sum += row[j] * b[j];
    residual[i] -= sum;
    double r = weight ? residual[i] * weight[i] : residual[i];
    for (size_t j = 0; j < n; j++)
      gradient[j] += r * row[j];
  }
}
