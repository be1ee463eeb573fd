// SPDX-License-Identifier: GPL-3.0-or-later
/* Rules of gradient descent: what is done to θ is in descent_kernels.h, compiled for every
   instruction set and chosen at run time. */
#include "descent_rules.h"
#include "../linalg/elementwise.h"

#include <float.h>
#include <math.h>

#define GRADUS_I_TEMPLATE "../solver/descent_target.h"
#include "../linalg/each_instructions.h"

#if defined(__x86_64__)
#define TABLES(suffix)                                                                             \
  { &kernels_##suffix##_plain, &kernels_##suffix##_avx2, &kernels_##suffix##_avx512 }
#else
#define TABLES(suffix)                                                                             \
  { &kernels_##suffix##_plain }
#endif

const gradus_i_descent_kernels_d *gradus_i_descent_kernels_find_d(void) {
  static const gradus_i_descent_kernels_d *const tables[GRADUS_I_INSTRUCTIONS] = TABLES(d);
  return tables[gradus_i_instructions_best()];
}

const gradus_i_descent_kernels_f *gradus_i_descent_kernels_find_f(void) {
  static const gradus_i_descent_kernels_f *const tables[GRADUS_I_INSTRUCTIONS] = TABLES(f);
  return tables[gradus_i_instructions_best()];
}

const gradus_i_descent_rule *gradus_i_descent_rule_find(gradus_rule rule) {
  static const gradus_i_descent_rule rules[] = {
      [GRADUS_RULE_PLAIN] = {.name = "plain", .rate = 0.01},
      [GRADUS_RULE_MOMENTUM] = {.name = "momentum", .state = 1, .rate = 0.01},
      [GRADUS_RULE_NESTEROV] = {.name = "nesterov", .state = 1, .rate = 0.01},
      [GRADUS_RULE_ADAGRAD] = {"adagrad", 1, 0.01, 0, 1e-10},
      [GRADUS_RULE_RMSPROP] = {"rmsprop", 1, 0.01, 0.99, 1e-8},
      [GRADUS_RULE_ADAM] = {"adam", 2, 0.001, 0.999, 1e-8},
      [GRADUS_RULE_ADAMW] = {"adamw", 2, 0.001, 0.999, 1e-8},
  };
  size_t number = (size_t)rule;
  return number < sizeof rules / sizeof *rules && rules[number].name ? &rules[number] : NULL;
}

void gradus_i_rule_step_count(gradus_i_rule_step *step, gradus_rule rule) {
  step->count++;
  if (rule != GRADUS_RULE_ADAM && rule != GRADUS_RULE_ADAMW)
    return;
  step->bias = 1 - pow(step->momentum, step->count);
  step->root_bias = sqrt(1 - pow(step->decay_square, step->count));
}

#define REAL double
#define CLIP gradus_i_clip
#include "clip_template.h"
#undef REAL
#undef CLIP
#define REAL float
#define CLIP gradus_i_clip_f
#include "clip_template.h"
