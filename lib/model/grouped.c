// SPDX-License-Identifier: GPL-3.0-or-later
/* Grouped binomial responses: cbind(successes, failures) as proportions of so many trials. */
#include "internal.h"

#include <math.h>

static gradus_status grouped_open(const void *data, size_t max_rows, void **state,
                                  gradus_error *err) {
  return gradus_i_derived_open(data, max_rows, state, err);
}

static gradus_status group(gradus_i_derived_cursor *c, gradus_batch *batch, gradus_error *err) {
  for (size_t i = 0; i < batch->rows; i++) {
    const double *counts = batch->y + i * batch->y_stride;
    double trials = counts[0] + counts[1];
    if (!(counts[0] >= 0 && counts[1] >= 0 && isfinite(trials)))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "row %zu: %g successes and %g failures; both must be at least 0",
                           gradus_i_batch_row(batch, i), counts[0], counts[1]);
    c->weight[i] = trials * (batch->weight ? batch->weight[i] : 1);
    c->y[i] = trials > 0 ? counts[0] / trials : 0;
  }
  gradus_i_derived_batch(c, batch);
  return GRADUS_OK;
}

static gradus_status grouped_read(const void *data, void *state, size_t first, size_t max_rows,
                                  gradus_batch *batch, gradus_error *err) {
  (void)data;
  gradus_i_derived_cursor *c = state;
  gradus_status status = gradus_cursor_read(c->inner, first, max_rows, batch, err);
  return status > 0 ? status : group(c, batch, err);
}

static gradus_status grouped_gather(const void *data, void *state, const size_t *positions,
                                    size_t count, size_t ahead, gradus_batch *batch,
                                    gradus_error *err) {
  (void)data;
  gradus_i_derived_cursor *c = state;
  gradus_status status = gradus_cursor_gather(c->inner, positions, count, ahead, batch, err);
  return status > 0 ? status : group(c, batch, err);
}

gradus_status gradus_i_group_trials(gradus_source **grouped, const gradus_source *source,
                                    gradus_error *err) {
  static const gradus_source_type type = {.name = "grouped binomial",
                                          .random_access = true,
                                          .open = grouped_open,
                                          .read = grouped_read,
                                          .close = gradus_i_derived_close,
                                          .gather = grouped_gather};
  gradus_source_shape shape = *gradus_source_get_shape(source);
  if (shape.weight_kind == GRADUS_WEIGHT_FREQUENCY)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_WEIGHT,
                         "cbind(successes, failures) counts already: frequency weights beside it "
                         "are not supported; multiply the counts, or declare prior weights");
  shape.responses = 1;
  shape.weight_kind = GRADUS_WEIGHT_PRIOR;
  return gradus_i_source_derive(grouped, source, &type, (void *)source, &shape, err);
}
