// SPDX-License-Identifier: GPL-3.0-or-later
/* Functions of rows, once per type: KERNEL(name) makes an exported name, REAL is the type. */

/* What is subtracted from a row before exp: its largest element, 0 where that is infinite. */
static REAL KERNEL(shift)(size_t k, const REAL *x) {
  REAL largest = -(REAL)INFINITY;
  for (size_t j = 0; j < k; j++)
    largest = x[j] > largest ? x[j] : largest;
  return isinf(largest) ? 0 : largest;
}

/* Σ exp(x − shift), the row in pieces that fit `part`. */
static REAL KERNEL(sum_of_exp)(size_t k, const REAL *x, REAL shift, REAL *part, size_t room) {
  REAL sum = 0;
  for (size_t first = 0; first < k; first += room) {
    size_t count = k - first < room ? k - first : room;
    for (size_t j = 0; j < count; j++)
      part[j] = x[first + j] - shift;
    KERNEL(gradus_i_vector_exp)(count, part, part);
    for (size_t j = 0; j < count; j++)
      sum += part[j];
  }
  return sum;
}

void KERNEL(gradus_i_rows_log_sum_exp)(size_t rows, size_t k, const REAL *x, REAL *out) {
  enum { ROOM = 256 };
  REAL part[ROOM];
  for (size_t i = 0; i < rows; i++) {
    REAL shift = KERNEL(shift)(k, x + i * k);
    out[i] = shift + LOG(KERNEL(sum_of_exp)(k, x + i * k, shift, part, ROOM));
  }
}

void KERNEL(gradus_i_rows_softmax)(size_t rows, size_t k, REAL *x, REAL *log_sum) {
  for (size_t i = 0; i < rows; i++) {
    REAL shift = KERNEL(shift)(k, x + i * k);
    for (size_t j = 0; j < k; j++)
      x[i * k + j] -= shift;
    if (log_sum)
      log_sum[i] = shift;
  }
  KERNEL(gradus_i_vector_exp)(rows * k, x, x); /* all rows in one call: short ones have no tails */
  for (size_t i = 0; i < rows; i++) {
    REAL sum = 0;
    for (size_t j = 0; j < k; j++)
      sum += x[i * k + j];
    for (size_t j = 0; j < k; j++)
      x[i * k + j] /= sum;
    if (log_sum)
      log_sum[i] += LOG(sum);
  }
}
