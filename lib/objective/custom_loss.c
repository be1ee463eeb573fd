// SPDX-License-Identifier: GPL-3.0-or-later
/* A user's loss (gradus/layer.h) as one of ours. */
#include "loss.h"

#include <math.h>

static void custom_rows(const void *data, gradus_i_order order, const gradus_batch *batch, size_t k,
                        double *eta, double *curvature, double *sum) {
  (void)curvature;
  const gradus_i_custom_loss *own = data;
  bool derive = order >= GRADUS_I_GRADIENT;
  for (size_t i = 0; i < batch->rows; i++) {
    double w = batch->weight ? batch->weight[i] : 1, *row = eta + i * k;
    double slope[GRADUS_LOSS_OUTPUTS]; /* eta is read while it is written */
    double value = own->loss->value(k, row, own->responses, batch->y + i * batch->y_stride,
                                    derive ? slope : NULL, own->loss->data);
    if (w > 0)
      *sum += isfinite(value) ? w * value : HUGE_VAL;
    for (size_t r = 0; derive && r < k; r++)
      row[r] = w > 0 ? w * slope[r] : 0;
  }
}

const gradus_i_loss gradus_i_loss_custom = {
    .name = "a loss of the caller's", .order = GRADUS_I_GRADIENT, .rows = custom_rows};
