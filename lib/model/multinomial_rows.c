// SPDX-License-Identifier: GPL-3.0-or-later
/* Passes over the rows of a multinomial model: its classes, and probabilities near 0. */
#include "multinomial.h"

#include <math.h>

static double weight_of(const gradus_batch *batch, size_t i) {
  return batch->weight ? batch->weight[i] : 1;
}

/* Cells: Σw of each class, then the number of rows. */
static gradus_status count_batch(void *context, const gradus_batch *batch, double *cells,
                                 double *scratch, gradus_error *err) {
  (void)scratch;
  size_t classes = *(const size_t *)context;
  for (size_t i = 0; i < batch->rows; i++) {
    double y = batch->y[i * batch->y_stride], w = weight_of(batch, i);
    if (!(w > 0))
      continue;
    if (!(y >= 0 && y < (double)classes && y == floor(y)))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "row %zu: the response is %g; classes are the whole numbers from 0 to "
                           "%zu",
                           gradus_i_batch_row(batch, i), y, classes - 1);
    cells[(size_t)y] += w;
    cells[classes] += 1;
  }
  return GRADUS_OK;
}

gradus_status gradus_i_class_sums_of(gradus_i_class_sums *sums, const gradus_source *source,
                                     size_t classes, int threads, gradus_error *err) {
  double *cells = gradus_i_allocate(classes + 1, sizeof *cells);
  if (!cells)
    return gradus_i_out_of_memory(err);
  size_t columns = gradus_source_get_shape(source)->columns;
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(columns + 1),
                        .accumulator_size = classes + 1,
                        .process = count_batch};
  gradus_status status = gradus_i_pass_run(&pass, &classes, source, threads, cells, err);
  sums->total = 0;
  for (size_t c = 0; c < classes; c++) {
    sums->weight[c] = cells[c];
    sums->total += cells[c];
  }
  sums->rows = cells[classes];
  gradus_i_release(cells);
  return status;
}

typedef struct extremes_context {
  const gradus_i_affine *model;
  const double *theta;
} extremes_context;

/* Whether one of the other classes is as good as impossible: its predictor is that far below the
   largest. */
static bool is_extreme(const double *eta, size_t k, size_t class) {
  static const double certain = 18.420680743952367; /* -log 1e-8 */
  double largest = 0, smallest = class == 0 ? HUGE_VAL : 0;
  for (size_t r = 0; r < k; r++) {
    largest = fmax(largest, eta[r]);
    if (r + 1 != class)
      smallest = fmin(smallest, eta[r]);
  }
  return !(largest - smallest < certain);
}

static gradus_status extremes_batch(void *context, const gradus_batch *batch, double *count,
                                    double *eta, gradus_error *err) {
  (void)err;
  const extremes_context *c = context;
  gradus_i_affine_predict(c->model, c->theta, batch, eta);
  for (size_t i = 0; i < batch->rows; i++) {
    if (!(weight_of(batch, i) > 0))
      continue;
    size_t class = (size_t)batch->y[i * batch->y_stride];
    *count += is_extreme(eta + i * c->model->k, c->model->k, class);
  }
  return GRADUS_OK;
}

gradus_status gradus_i_class_extremes(double *count, const gradus_source *source,
                                      const gradus_i_affine *model, const double *theta,
                                      int threads, gradus_error *err) {
  extremes_context context = {.model = model, .theta = theta};
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(model->p + 2 * model->k),
                        .accumulator_size = 1,
                        .process = extremes_batch};
  pass.scratch_size = pass.chunk_rows * model->k;
  return gradus_i_pass_run(&pass, &context, source, threads, count, err);
}
