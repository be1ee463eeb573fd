// SPDX-License-Identifier: GPL-3.0-or-later
/* Products of rows with weights over REAL, compiled for each type by products.c. */

/* A BLAS call costs more than so few multiplications. */
static bool NAME(is_small)(size_t rows, size_t p, size_t k) {
  return rows * p * k <= 1024;
}

void NAME(gradus_i_part_forward)(size_t rows, size_t p, size_t k, const REAL *x, size_t stride,
                                 const REAL *weight, REAL *out, size_t out_stride) {
  if (NAME(is_small)(rows, p, k)) {
    for (size_t i = 0; i < rows; i++)
      for (size_t r = 0; r < k; r++) {
        REAL sum = out[i * out_stride + r];
        for (size_t j = 0; j < p; j++)
          sum += x[i * stride + j] * weight[r * p + j];
        out[i * out_stride + r] = sum;
      }
  } else if (k == 1) {
    GEMV(CblasRowMajor, CblasNoTrans, (int)rows, (int)p, 1, x, (int)stride, weight, 1, 1, out,
         (int)out_stride);
  } else {
    GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)k, (int)p, 1, x, (int)stride,
         weight, (int)p, 1, out, (int)out_stride);
  }
}

void NAME(gradus_i_part_backward)(size_t rows, size_t p, size_t k, const REAL *x, size_t stride,
                                  const REAL *score, size_t score_stride, REAL *gradient) {
  if (NAME(is_small)(rows, p, k)) {
    for (size_t i = 0; i < rows; i++)
      for (size_t r = 0; r < k; r++)
        for (size_t j = 0; j < p; j++)
          gradient[r * p + j] += score[i * score_stride + r] * x[i * stride + j];
  } else if (k == 1) {
    GEMV(CblasRowMajor, CblasTrans, (int)rows, (int)p, 1, x, (int)stride, score, (int)score_stride,
         1, gradient, 1);
  } else {
    GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, (int)k, (int)p, (int)rows, 1, score,
         (int)score_stride, x, (int)stride, 1, gradient, (int)p);
  }
}

void NAME(gradus_i_part_through)(size_t rows, size_t p, size_t k, const REAL *score,
                                 const REAL *weight, size_t stride, REAL *out) {
  if (NAME(is_small)(rows, p, k)) {
    for (size_t i = 0; i < rows; i++)
      for (size_t r = 0; r < k; r++)
        for (size_t j = 0; j < p; j++)
          out[i * stride + j] += score[i * k + r] * weight[r * stride + j];
  } else {
    GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)p, (int)k, 1, score, (int)k,
         weight, (int)stride, 1, out, (int)stride);
  }
}

void NAME(gradus_i_rows_forward)(size_t rows, size_t p, size_t k, const REAL *x, size_t stride,
                                 const REAL *weight, REAL *out) {
  NAME(gradus_i_part_forward)(rows, p, k, x, stride, weight, out, k);
}

void NAME(gradus_i_rows_backward)(size_t rows, size_t p, size_t k, const REAL *x, size_t stride,
                                  const REAL *score, REAL *gradient) {
  NAME(gradus_i_part_backward)(rows, p, k, x, stride, score, k, gradient);
}
