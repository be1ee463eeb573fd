// SPDX-License-Identifier: GPL-3.0-or-later
/* Activations over REAL for one instruction set and type, included by activation_target.h. Slopes
   add to dx. */

TARGET static void NAME(identity)(size_t rows, size_t n, const REAL *x, REAL *y) {
  memcpy(y, x, rows * n * sizeof *y);
}
TARGET static void NAME(identity_slope)(size_t rows, size_t n, const REAL *x, const REAL *y,
                                        const REAL *dy, REAL *dx) {
  (void)x, (void)y;
#pragma omp simd
  for (size_t i = 0; i < rows * n; i++)
    dx[i] += dy[i];
}

TARGET static void NAME(sigmoid)(size_t rows, size_t n, const REAL *x, REAL *y) {
  LINALG(gradus_i_vector_sigmoid)(rows * n, x, y);
}
TARGET static void NAME(sigmoid_slope)(size_t rows, size_t n, const REAL *x, const REAL *y,
                                       const REAL *dy, REAL *dx) {
  (void)x;
#pragma omp simd
  for (size_t i = 0; i < rows * n; i++)
    dx[i] += dy[i] * y[i] * (1 - y[i]);
}

TARGET static void NAME(tanh)(size_t rows, size_t n, const REAL *x, REAL *y) {
  LINALG(gradus_i_vector_tanh)(rows * n, x, y);
}
TARGET static void NAME(tanh_slope)(size_t rows, size_t n, const REAL *x, const REAL *y,
                                    const REAL *dy, REAL *dx) {
  (void)x;
#pragma omp simd
  for (size_t i = 0; i < rows * n; i++)
    dx[i] += dy[i] * (1 - y[i] * y[i]);
}

TARGET static void NAME(relu)(size_t rows, size_t n, const REAL *x, REAL *y) {
#pragma omp simd
  for (size_t i = 0; i < rows * n; i++)
    y[i] = x[i] < 0 ? 0 : x[i]; /* NaN goes through */
}
TARGET static void NAME(relu_slope)(size_t rows, size_t n, const REAL *x, const REAL *y,
                                    const REAL *dy, REAL *dx) {
  (void)x;
#pragma omp simd
  for (size_t i = 0; i < rows * n; i++)
    dx[i] += y[i] > 0 ? dy[i] : 0;
}

static const REAL NAME(leak) = (REAL)0.01;

TARGET static void NAME(leaky_relu)(size_t rows, size_t n, const REAL *x, REAL *y) {
#pragma omp simd
  for (size_t i = 0; i < rows * n; i++)
    y[i] = x[i] > 0 ? x[i] : NAME(leak) * x[i];
}
TARGET static void NAME(leaky_relu_slope)(size_t rows, size_t n, const REAL *x, const REAL *y,
                                          const REAL *dy, REAL *dx) {
  (void)y;
#pragma omp simd
  for (size_t i = 0; i < rows * n; i++)
    dx[i] += x[i] > 0 ? dy[i] : NAME(leak) * dy[i];
}

TARGET static void NAME(elu)(size_t rows, size_t n, const REAL *x, REAL *y) {
  LINALG(gradus_i_vector_expm1)(rows * n, x, y);
#pragma omp simd
  for (size_t i = 0; i < rows * n; i++)
    y[i] = x[i] > 0 ? x[i] : y[i];
}
TARGET static void NAME(elu_slope)(size_t rows, size_t n, const REAL *x, const REAL *y,
                                   const REAL *dy, REAL *dx) {
#pragma omp simd
  for (size_t i = 0; i < rows * n; i++)
    dx[i] += x[i] > 0 ? dy[i] : dy[i] * (y[i] + 1);
}

TARGET static void NAME(softplus)(size_t rows, size_t n, const REAL *x, REAL *y) {
  LINALG(gradus_i_vector_softplus)(rows * n, x, y);
}
/* σ(x) = 1 - exp(-softplus(x)). */
TARGET static void NAME(softplus_slope)(size_t rows, size_t n, const REAL *x, const REAL *y,
                                        const REAL *dy, REAL *dx) {
  (void)y;
  for (size_t start = 0; start < rows * n; start += PIECE) {
    REAL s[PIECE];
    size_t count = rows * n - start < PIECE ? rows * n - start : PIECE;
    LINALG(gradus_i_vector_sigmoid)(count, x + start, s);
#pragma omp simd
    for (size_t i = 0; i < count; i++)
      dx[start + i] += dy[start + i] * s[i];
  }
}

/* x·σ(x). */
TARGET static void NAME(swish)(size_t rows, size_t n, const REAL *x, REAL *y) {
  LINALG(gradus_i_vector_sigmoid)(rows * n, x, y);
#pragma omp simd
  for (size_t i = 0; i < rows * n; i++)
    y[i] *= x[i];
}
TARGET static void NAME(swish_slope)(size_t rows, size_t n, const REAL *x, const REAL *y,
                                     const REAL *dy, REAL *dx) {
  for (size_t start = 0; start < rows * n; start += PIECE) {
    REAL s[PIECE];
    size_t count = rows * n - start < PIECE ? rows * n - start : PIECE;
    LINALG(gradus_i_vector_sigmoid)(count, x + start, s);
#pragma omp simd
    for (size_t i = 0; i < count; i++)
      dx[start + i] += dy[start + i] * (s[i] + y[start + i] * (1 - s[i]));
  }
}

/* x·Φ(x), exactly (by erfc, as PyTorch's default). */
TARGET static void NAME(gelu)(size_t rows, size_t n, const REAL *x, REAL *y) {
  for (size_t i = 0; i < rows * n; i++)
    y[i] = (REAL)(0.5 * (double)x[i] * erfc(-(double)x[i] * root_half));
}
TARGET static void NAME(gelu_slope)(size_t rows, size_t n, const REAL *x, const REAL *y,
                                    const REAL *dy, REAL *dx) {
  (void)y;
  for (size_t i = 0; i < rows * n; i++) {
    double z = (double)x[i];
    double slope = 0.5 * erfc(-z * root_half) + z * exp(-0.5 * z * z) * root_two_pi;
    dx[i] += (REAL)((double)dy[i] * slope);
  }
}

/* Over each row. */
TARGET static void NAME(softmax)(size_t rows, size_t n, const REAL *x, REAL *y) {
  memcpy(y, x, rows * n * sizeof *y);
  LINALG(gradus_i_rows_softmax)(rows, n, y, NULL);
}
TARGET static void NAME(softmax_slope)(size_t rows, size_t n, const REAL *x, const REAL *y,
                                       const REAL *dy, REAL *dx) {
  (void)x;
  for (size_t i = 0; i < rows; i++) {
    const REAL *row = y + i * n, *slope = dy + i * n;
    REAL sum = 0;
    for (size_t j = 0; j < n; j++)
      sum += row[j] * slope[j];
    for (size_t j = 0; j < n; j++)
      dx[i * n + j] += row[j] * (slope[j] - sum);
  }
}
