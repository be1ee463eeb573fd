// SPDX-License-Identifier: GPL-3.0-or-later
/* The loss at a network's outputs, once a row or at every step of a sequence. */
#include "network_objective.h"

#include <string.h>

gradus_batch gradus_i_steps_batch(const gradus_batch *batch, size_t steps, size_t m,
                                  const double *lengths, double *memory) {
  size_t count = batch->rows * steps;
  double *weight = memory, *y = memory + count;
  for (size_t i = 0; i < batch->rows; i++) {
    for (size_t t = 0; t < steps; t++)
      weight[i * steps + t] = lengths && (double)t >= lengths[i] ? 0
                              : batch->weight                    ? batch->weight[i]
                                                                 : 1;
    if (batch->y)
      memcpy(y + i * steps * m, batch->y + i * batch->y_stride, steps * m * sizeof *y);
  }
  return (gradus_batch){.rows = count, .y = batch->y ? y : NULL, .y_stride = m, .weight = weight};
}

/* Softmax has one response for its k predictors, the class. */
static size_t responses_of(const gradus_i_network_model *m, size_t k) {
  return m->loss == &gradus_i_loss_softmax ? 1 : k;
}

size_t gradus_i_network_loss_scratch(const gradus_i_network_model *m, size_t rows) {
  size_t outputs = gradus_i_network_output(m->network)->size;
  return m->steps > 0 ? rows * (1 + m->steps + outputs) : 0;
}

static const double *lengths_of(const gradus_i_tape *tape, double *lengths) {
  size_t node = tape->network->lengths;
  const void *out = node ? tape->nodes[node].out : NULL;
  for (size_t i = 0; node && i < tape->rows; i++)
    lengths[i] = tape->precision == GRADUS_I_FLOAT ? (double)((const float *)out)[i]
                                                   : ((const double *)out)[i];
  return node ? lengths : NULL;
}

void gradus_i_network_loss(const gradus_i_network_model *m, gradus_i_order order,
                           const gradus_batch *part, const gradus_i_tape *tape, double *eta,
                           double *curvature, double *sums, double *scratch) {
  size_t outputs = gradus_i_network_output(m->network)->size, k = outputs;
  gradus_batch steps = *part;
  if (m->steps > 0) {
    k = outputs / m->steps;
    steps = gradus_i_steps_batch(part, m->steps, responses_of(m, k), lengths_of(tape, scratch),
                                 scratch + part->rows);
  }
  m->loss->rows(m->loss_data, order, &steps, k, eta, curvature, &sums[GRADUS_I_SUM_LOSS]);
  for (size_t i = 0; i < steps.rows; i++)
    sums[GRADUS_I_SUM_WEIGHT] += steps.weight ? steps.weight[i] : 1;
}
