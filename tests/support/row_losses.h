// SPDX-License-Identifier: GPL-3.0-or-later
/* What the tests of losses and of fused passes share: losses of rows by definition, in long double.
 */
#ifndef GRADUS_TESTS_ROW_LOSSES_H
#define GRADUS_TESTS_ROW_LOSSES_H

#include "../../lib/linalg/fused.h"
#include "support.h"

#include <math.h>

/* Uniform in (-1, 1). */
static inline double next_signed(void) {
  static uint64_t state = 1;
  return test_signed(&state);
}

/* The gradus_i_instructions that this machine has, one after the other. */
#define FOR_EACH_TABLE(table)                                                                      \
  for (int set = 0; set < GRADUS_I_INSTRUCTIONS; set++)                                            \
    for (const gradus_i_fused_kernels *table = gradus_i_fused_table((gradus_i_instructions)set);   \
         table; table = NULL)

typedef struct exact_loss {
  long double loss, slope, curvature;
} exact_loss;

static inline exact_loss exact_logistic(long double eta, long double y, long double w) {
  long double mean = 1 / (1 + expl(-eta)), rest = 1 / (1 + expl(eta));
  return (exact_loss){w * ((1 - y) * (eta > 0 ? eta + log1pl(expl(-eta)) : log1pl(expl(eta))) +
                           y * (eta < 0 ? -eta + log1pl(expl(eta)) : log1pl(expl(-eta)))),
                      w * ((1 - y) * mean - y * rest), w * mean * rest};
}

static inline exact_loss exact_poisson(long double eta, long double y, long double w) {
  long double mean = expl(eta);
  return (exact_loss){w * (mean - y * eta), w * (mean - y), w * mean};
}

static inline exact_loss exact_gaussian(long double eta, long double y, long double w) {
  return (exact_loss){w * (eta - y) * (eta - y) / 2, w * (eta - y), w};
}

#endif
