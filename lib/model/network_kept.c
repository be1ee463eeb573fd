// SPDX-License-Identifier: GPL-3.0-or-later
/* What a network keeps of its training, as numbers. */
#include "network.h"

#include <math.h>

static double low(uint64_t word) {
  return (double)(word & 0xFFFFFFFFu);
}

static double high(uint64_t word) {
  return (double)(word >> 32);
}

void gradus_i_network_kept_save(const gradus_i_network_kept *kept, double *numbers) {
  const gradus_descent_options *d = &kept->descent;
  const double values[GRADUS_I_NETWORK_KEPT] = {(double)d->rule,
                                                d->learning_rate,
                                                (double)d->schedule,
                                                d->decay,
                                                (double)d->period,
                                                (double)d->warm_up,
                                                d->momentum,
                                                d->decay_square,
                                                d->epsilon,
                                                d->weight_decay,
                                                d->clip_norm,
                                                d->clip_value,
                                                (double)d->batch_size,
                                                d->keep_order,
                                                kept->l1,
                                                kept->l2_bias,
                                                (double)kept->precision,
                                                low(kept->seed),
                                                high(kept->seed),
                                                low(kept->evaluation),
                                                high(kept->evaluation),
                                                (double)kept->memory.iteration};
  for (size_t i = 0; i < GRADUS_I_NETWORK_KEPT; i++)
    numbers[i] = values[i];
}

bool gradus_i_network_kept_restore(gradus_i_network_kept *kept, const double *n) {
  for (size_t i = 0; i < GRADUS_I_NETWORK_KEPT; i++)
    if (!(n[i] >= 0 && n[i] < 4503599627370496.0))
      return false;
  if (n[0] > GRADUS_RULE_ADAMW || n[2] > GRADUS_SCHEDULE_INVERSE_TIME ||
      n[16] > GRADUS_PRECISION_FLOAT32 || n[17] > UINT32_MAX || n[18] > UINT32_MAX ||
      n[19] > UINT32_MAX || n[20] > UINT32_MAX)
    return false;
  kept->descent = (gradus_descent_options){.rule = (gradus_rule)n[0],
                                           .learning_rate = n[1],
                                           .schedule = (gradus_schedule)n[2],
                                           .decay = n[3],
                                           .period = (size_t)n[4],
                                           .warm_up = (size_t)n[5],
                                           .momentum = n[6],
                                           .decay_square = n[7],
                                           .epsilon = n[8],
                                           .weight_decay = n[9],
                                           .clip_norm = n[10],
                                           .clip_value = n[11],
                                           .batch_size = (size_t)n[12],
                                           .keep_order = n[13] != 0};
  kept->l1 = n[14];
  kept->l2_bias = n[15] != 0;
  kept->precision = (gradus_precision)n[16];
  kept->seed = (unsigned long)((uint64_t)n[18] << 32 | (uint64_t)n[17]);
  kept->evaluation = (uint64_t)n[20] << 32 | (uint64_t)n[19];
  kept->memory.iteration = (size_t)n[21];
  return true;
}
