// SPDX-License-Identifier: GPL-3.0-or-later
/* The double-double vector kernels, included once per instruction set: KERNEL(name) makes the
   function's name, TARGET its attributes. Lanes are fixed (LANES), so that the bits do not depend
   on the width of the machine's vectors. */

/* y += t * x; x_low may be NULL. */
TARGET static void KERNEL(axpy)(size_t n, gradus_i_extended t, const double *x, const double *x_low,
                                double *restrict y, double *restrict y_low) {
  double th = t.hi, tl = t.lo;
  if (x_low) {
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
      double p = th * x[i];
      double e = __builtin_fma(th, x[i], -p) + (th * x_low[i] + tl * x[i]);
      double s = y[i] + p, b = s - y[i];
      double low = ((y[i] - (s - b)) + (p - b)) + (y_low[i] + e);
      double sum = s + low;
      y_low[i] = low - (sum - s);
      y[i] = sum;
    }
  } else {
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
      double p = th * x[i];
      double e = __builtin_fma(th, x[i], -p) + tl * x[i];
      double s = y[i] + p, b = s - y[i];
      double low = ((y[i] - (s - b)) + (p - b)) + (y_low[i] + e);
      double sum = s + low;
      y_low[i] = low - (sum - s);
      y[i] = sum;
    }
  }
}

/* o = w * x elementwise; x_low may be NULL. */
TARGET static void KERNEL(multiply)(size_t n, const double *w, const double *x, const double *x_low,
                                    double *restrict o, double *restrict o_low) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    double p = w[i] * x[i];
    double e = __builtin_fma(w[i], x[i], -p) + (x_low ? w[i] * x_low[i] : 0);
    double sum = p + e;
    o_low[i] = e - (sum - p);
    o[i] = sum;
  }
}

/* Sum of a * b over rows; a_low and b_low may be NULL. */
TARGET static gradus_i_extended KERNEL(dot)(size_t n, const double *a, const double *a_low,
                                            const double *b, const double *b_low) {
  double high[LANES] = {0}, low[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
#pragma omp simd
    for (size_t l = 0; l < LANES; l++) {
      double p = a[i + l] * b[i + l];
      double e = __builtin_fma(a[i + l], b[i + l], -p);
      if (a_low)
        e += a_low[i + l] * b[i + l];
      if (b_low)
        e += a[i + l] * b_low[i + l];
      double s = high[l] + p, t = s - high[l];
      double rest = ((high[l] - (s - t)) + (p - t)) + (low[l] + e);
      double sum = s + rest;
      low[l] = rest - (sum - s);
      high[l] = sum;
    }
  }
  gradus_i_extended total = {0, 0};
  for (size_t l = 0; l < LANES; l++)
    total = gradus_i_extended_add(total, (gradus_i_extended){high[l], low[l]});
  for (; i < n; i++) {
    gradus_i_extended x = {a[i], a_low ? a_low[i] : 0}, y = {b[i], b_low ? b_low[i] : 0};
    total = gradus_i_extended_add(total, gradus_i_extended_multiply(x, y));
  }
  return total;
}

TARGET static gradus_i_extended KERNEL(sum)(size_t n, const double *a, const double *a_low) {
  double high[LANES] = {0}, low[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
#pragma omp simd
    for (size_t l = 0; l < LANES; l++) {
      double p = a[i + l];
      double s = high[l] + p, t = s - high[l];
      double rest = ((high[l] - (s - t)) + (p - t)) + (low[l] + (a_low ? a_low[i + l] : 0));
      double sum = s + rest;
      low[l] = rest - (sum - s);
      high[l] = sum;
    }
  }
  gradus_i_extended total = {0, 0};
  for (size_t l = 0; l < LANES; l++)
    total = gradus_i_extended_add(total, (gradus_i_extended){high[l], low[l]});
  for (; i < n; i++)
    total = gradus_i_extended_add(total, (gradus_i_extended){a[i], a_low ? a_low[i] : 0});
  return total;
}
