// SPDX-License-Identifier: GPL-3.0-or-later
/* The triangle of [Z y]: of all rows in one panel, or of a source by Householder QR of chunks of
   rows, whose triangles are stacked in order (TSQR; Demmel, Grigori, Hoemmen and Langou 2012). */
#include "internal.h"

#include <math.h>
#include <string.h>

/* ---- the first pass: rows, sums, scales ---- */

/* Accumulator: largest size of each column (q + k), then rows, Σw, Σlog w, and per response the
 * smallest and the largest value. */
static size_t scan_cells(const gradus_i_layout *l) {
  return l->q + l->k + 3 + 2 * l->k;
}

static gradus_status fail_not_finite(const gradus_batch *batch, const gradus_i_layout *l,
                                     gradus_error *err) {
  for (size_t i = 0; i < batch->rows; i++) {
    for (size_t j = 0; j < l->p; j++)
      if (!isfinite(batch->x[i * batch->x_stride + j]))
        return gradus_i_fail(err, GRADUS_ERROR_NON_FINITE,
                             "row %zu, input column %zu: the value is %g; remove or mend the row",
                             gradus_i_batch_row(batch, i), j + 1,
                             batch->x[i * batch->x_stride + j]);
    for (size_t r = 0; r < l->k; r++)
      if (!isfinite(batch->y[i * batch->y_stride + r]))
        return gradus_i_fail(
            err, GRADUS_ERROR_NON_FINITE,
            "row %zu, response column %zu: the value is %g; remove or mend the row",
            gradus_i_batch_row(batch, i), r + 1, batch->y[i * batch->y_stride + r]);
  }
  return gradus_i_fail(err, GRADUS_ERROR_NON_FINITE, "rows %zu to %zu: an offset is not finite",
                       gradus_i_batch_row(batch, 0), gradus_i_batch_row(batch, batch->rows - 1));
}

static gradus_status scan_process(void *context, const gradus_batch *batch, double *accumulator,
                                  double *scratch, gradus_error *err) {
  (void)scratch;
  const gradus_i_layout *l = &((gradus_i_least_squares *)context)->layout;
  size_t first = l->intercept ? 1 : 0;
  double *most = accumulator, *sums = most + l->q + l->k, *range = sums + 3, check = 0;
  gradus_status status = gradus_i_check_weights(batch, err);
  if (status > 0)
    return status;
  for (size_t r = 0; sums[0] == 0 && r < l->k; r++) {
    range[2 * r] = HUGE_VAL;
    range[2 * r + 1] = -HUGE_VAL;
  }
  for (size_t i = 0; i < batch->rows; i++) {
    double w = batch->weight ? batch->weight[i] : 1, offset = batch->offset ? batch->offset[i] : 0;
    if (w == 0)
      continue;
    const double *x = batch->x + i * batch->x_stride, *y = batch->y + i * batch->y_stride;
    for (size_t j = 0; j < l->p; j++) {
      most[first + j] = fmax(most[first + j], fabs(x[j]));
      check += x[j] * 0;
    }
    for (size_t r = 0; r < l->k; r++) {
      double value = y[r] - offset;
      most[l->q + r] = fmax(most[l->q + r], fmax(fabs(y[r]), fabs(offset)));
      range[2 * r] = fmin(range[2 * r], value);
      range[2 * r + 1] = fmax(range[2 * r + 1], value);
      check += y[r] * 0 + offset * 0;
    }
    sums[0] += 1;
    sums[1] += w;
    sums[2] += w != 1 ? log(w) : 0;
  }
  return check == 0 ? GRADUS_OK : fail_not_finite(batch, l, err);
}

static gradus_status scan_merge(void *context, double *total, const double *accumulator,
                                gradus_error *err) {
  (void)err;
  const gradus_i_layout *l = &((gradus_i_least_squares *)context)->layout;
  size_t m = l->q + l->k;
  bool first = total[m] == 0;
  for (size_t j = 0; j < m; j++)
    total[j] = fmax(total[j], accumulator[j]);
  for (size_t j = m; j < m + 3; j++)
    total[j] += accumulator[j];
  for (size_t j = m + 3; j < scan_cells(l); j += 2) {
    total[j] = first ? accumulator[j] : fmin(total[j], accumulator[j]);
    total[j + 1] = first ? accumulator[j + 1] : fmax(total[j + 1], accumulator[j + 1]);
  }
  return GRADUS_OK;
}

static double power_of_two_below(double size) {
  return size > 0 && isfinite(size) ? ldexp(1, -ilogb(size)) : 1;
}

static void take_scan(gradus_i_least_squares *s, const double *total) {
  const gradus_i_layout *l = &s->layout;
  size_t m = l->q + l->k;
  for (size_t j = 0; j < m; j++)
    l->scale[j] = power_of_two_below(total[j]);
  s->rows = (size_t)total[m];
  s->sum_weight = total[m + 1];
  s->sum_log_weight = total[m + 2];
  for (size_t r = 0; r < l->k; r++)
    s->constant[r] = l->intercept && total[m + 3 + 2 * r] == total[m + 4 + 2 * r];
}

gradus_status gradus_i_scan_source(gradus_i_least_squares *s, gradus_error *err) {
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(s->layout.p + s->layout.k),
                        .accumulator_size = scan_cells(&s->layout),
                        .process = scan_process,
                        .merge = scan_merge};
  double *total = gradus_i_allocate(pass.accumulator_size, sizeof *total);
  if (!total)
    return gradus_i_out_of_memory(err);
  gradus_status status = gradus_i_pass_run(&pass, s, s->source, s->options.threads, total, err);
  if (status <= 0)
    take_scan(s, total);
  gradus_i_release(total);
  return status;
}

/* ---- the triangle ---- */

/* Rows [z y]√w of a batch, row-major. */
static size_t scaled_rows(const gradus_i_layout *l, const gradus_batch *batch, double *rows) {
  size_t m = l->q + l->k, first = l->intercept ? 1 : 0, count = 0;
  for (size_t i = 0; i < batch->rows; i++) {
    double w = batch->weight ? batch->weight[i] : 1, *row = rows + count * m;
    if (w == 0)
      continue;
    double root = w == 1 ? 1 : sqrt(w), offset = batch->offset ? batch->offset[i] : 0;
    const double *x = batch->x + i * batch->x_stride, *y = batch->y + i * batch->y_stride;
    if (first)
      row[0] = l->scale[0] * root;
    for (size_t j = 0; j < l->p; j++)
      row[first + j] = x[j] * l->scale[first + j] * root;
    for (size_t r = 0; r < l->k; r++)
      row[l->q + r] = (y[r] * l->scale[l->q + r] - offset * l->scale[l->q + r]) * root;
    count++;
  }
  return count;
}

typedef struct stack_context {
  const gradus_i_layout *layout;
  size_t chunk_rows;
  double *rows, *buffer; /* for stacking: m² and 2m² */
} stack_context;

static gradus_status stack_process(void *context, const gradus_batch *batch, double *accumulator,
                                   double *scratch, gradus_error *err) {
  const stack_context *c = context;
  size_t m = c->layout->q + c->layout->k;
  size_t count = scaled_rows(c->layout, batch, scratch);
  return gradus_i_qr_append_rows(count, m, scratch, accumulator, scratch + c->chunk_rows * m, err);
}

static gradus_status stack_merge(void *context, double *total, const double *accumulator,
                                 gradus_error *err) {
  const stack_context *c = context;
  size_t m = c->layout->q + c->layout->k;
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i < m; i++)
      c->rows[j + i * m] = i <= j ? accumulator[i + j * m] : 0;
  return gradus_i_qr_append_rows(m, m, c->rows, total, c->buffer, err);
}

/* One row √ridge_j·e_j per penalised column. */
static gradus_status append_ridge(const gradus_i_least_squares *s, stack_context *c, double *r,
                                  gradus_error *err) {
  size_t q = s->layout.q, m = q + s->layout.k;
  if (s->options.l2 == 0 || q == 0)
    return GRADUS_OK;
  memset(c->rows, 0, m * m * sizeof *c->rows);
  for (size_t j = 0; j < q; j++)
    c->rows[j * (m + 1)] = sqrt(s->ridge[j]);
  return gradus_i_qr_append_rows(q, m, c->rows, r, c->buffer, err);
}

gradus_status gradus_i_rows_triangle(gradus_i_least_squares *s, double *r, gradus_error *err) {
  size_t m = s->layout.q + s->layout.k, chunk = gradus_i_chunk_rows(m);
  /* Stacking a chunk's triangle costs about as much as 2m rows. */
  chunk = chunk < 8 * m ? 8 * m : chunk;
  gradus_status status = gradus_i_check_dimensions(m + chunk, m, err);
  if (status > 0)
    return status;
  double *work = gradus_i_allocate_raw(3 * m * m, sizeof *work);
  if (!work)
    return gradus_i_out_of_memory(err);
  stack_context c = {
      .layout = &s->layout, .chunk_rows = chunk, .rows = work, .buffer = work + m * m};
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = m * m,
                        .scratch_size = chunk * m + m * (m + chunk),
                        .process = stack_process,
                        .merge = stack_merge};
  status = gradus_i_pass_run(&pass, &c, s->source, s->options.threads, r, err);
  if (status <= 0)
    status = append_ridge(s, &c, r, err);
  gradus_i_release(work);
  return status;
}
