// SPDX-License-Identifier: GPL-3.0-or-later
/* The double-double vector kernels, included once per instruction set. KERNEL(name) makes a
   function's name, TARGET its attributes, PRODUCT_ERROR(a, b, p) is a*b - p, exact, lane by lane.
   Sums run in LANES lanes, whatever the machine's vectors hold, so that their bits do not depend on
   it. */

#define INLINE TARGET static inline __attribute__((always_inline))

/* (high, low) += (part, error). By address: vectors as arguments have no ABI where the machine
 * lacks them. */
INLINE void KERNEL(accumulate)(four *high, four *low, const four *part, const four *error) {
  four p = *part, e = *error, s = *high + p, b = s - *high;
  four rest = ((*high - (s - b)) + (p - b)) + (*low + e);
  four sum = s + rest;
  *low = rest - (sum - s);
  *high = sum;
}

INLINE gradus_i_extended KERNEL(total)(const four *high, const four *low) {
  gradus_i_extended total = {0, 0};
  for (int v = 0; v < VECTORS; v++)
    for (int l = 0; l < 4; l++)
      total = gradus_i_extended_add(total, (gradus_i_extended){high[v][l], low[v][l]});
  return total;
}

INLINE gradus_i_extended KERNEL(dot_parts)(size_t n, const double *a, const double *a_low,
                                           const double *b, const double *b_low, bool has_a_low,
                                           bool has_b_low) {
  four high[VECTORS] = {{0}}, low[VECTORS] = {{0}};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int v = 0; v < VECTORS; v++) {
      four x = LOAD(a + i + 4 * v), y = LOAD(b + i + 4 * v), p = x * y;
      four e = PRODUCT_ERROR(x, y, p);
      if (has_a_low)
        e += LOAD(a_low + i + 4 * v) * y;
      if (has_b_low)
        e += x * LOAD(b_low + i + 4 * v);
      KERNEL(accumulate)(&high[v], &low[v], &p, &e);
    }
  gradus_i_extended total = KERNEL(total)(high, low);
  for (; i < n; i++) {
    gradus_i_extended x = {a[i], has_a_low ? a_low[i] : 0}, y = {b[i], has_b_low ? b_low[i] : 0};
    total = gradus_i_extended_add(total, gradus_i_extended_multiply(x, y));
  }
  return total;
}

/* Sum of a * b over rows; a_low and b_low may be NULL. */
TARGET static gradus_i_extended KERNEL(dot)(size_t n, const double *a, const double *a_low,
                                            const double *b, const double *b_low) {
  if (a_low)
    return b_low ? KERNEL(dot_parts)(n, a, a_low, b, b_low, true, true)
                 : KERNEL(dot_parts)(n, a, a_low, b, NULL, true, false);
  return b_low ? KERNEL(dot_parts)(n, a, NULL, b, b_low, false, true)
               : KERNEL(dot_parts)(n, a, NULL, b, NULL, false, false);
}

INLINE gradus_i_extended KERNEL(sum_parts)(size_t n, const double *a, const double *a_low,
                                           bool has_low) {
  four high[VECTORS] = {{0}}, low[VECTORS] = {{0}};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int v = 0; v < VECTORS; v++) {
      four e = {0};
      if (has_low)
        e = LOAD(a_low + i + 4 * v);
      four p = LOAD(a + i + 4 * v);
      KERNEL(accumulate)(&high[v], &low[v], &p, &e);
    }
  gradus_i_extended total = KERNEL(total)(high, low);
  for (; i < n; i++)
    total = gradus_i_extended_add(total, (gradus_i_extended){a[i], has_low ? a_low[i] : 0});
  return total;
}

TARGET static gradus_i_extended KERNEL(sum)(size_t n, const double *a, const double *a_low) {
  return a_low ? KERNEL(sum_parts)(n, a, a_low, true) : KERNEL(sum_parts)(n, a, NULL, false);
}

INLINE void KERNEL(axpy_parts)(size_t n, gradus_i_extended t, const double *x, const double *x_low,
                               double *restrict y, double *restrict y_low, bool has_low) {
  four th = {t.hi, t.hi, t.hi, t.hi}, tl = {t.lo, t.lo, t.lo, t.lo};
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    four a = LOAD(x + i), p = th * a, e = PRODUCT_ERROR(th, a, p) + tl * a;
    if (has_low)
      e += th * LOAD(x_low + i);
    four high = LOAD(y + i), low = LOAD(y_low + i);
    KERNEL(accumulate)(&high, &low, &p, &e);
    STORE(y + i, high);
    STORE(y_low + i, low);
  }
  for (; i < n; i++) {
    double p = t.hi * x[i], e = __builtin_fma(t.hi, x[i], -p) + t.lo * x[i];
    if (has_low)
      e += t.hi * x_low[i];
    double s = y[i] + p, b = s - y[i];
    double rest = ((y[i] - (s - b)) + (p - b)) + (y_low[i] + e);
    y[i] = s + rest;
    y_low[i] = rest - (y[i] - s);
  }
}

/* y += t * x; x_low may be NULL. */
TARGET static void KERNEL(axpy)(size_t n, gradus_i_extended t, const double *x, const double *x_low,
                                double *restrict y, double *restrict y_low) {
  if (x_low)
    KERNEL(axpy_parts)(n, t, x, x_low, y, y_low, true);
  else
    KERNEL(axpy_parts)(n, t, x, NULL, y, y_low, false);
}

/* o = w * x elementwise; x_low may be NULL. */
TARGET static void KERNEL(multiply)(size_t n, const double *w, const double *x, const double *x_low,
                                    double *restrict o, double *restrict o_low) {
  for (size_t i = 0; i < n; i++) {
    double p = w[i] * x[i];
    double e = __builtin_fma(w[i], x[i], -p) + (x_low ? w[i] * x_low[i] : 0);
    o[i] = p + e;
    o_low[i] = e - (o[i] - p);
  }
}

#undef INLINE
