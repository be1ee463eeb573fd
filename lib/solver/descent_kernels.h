// SPDX-License-Identifier: GPL-3.0-or-later
/* What gradient descent does to every entry of θ, for one instruction set and type (REAL). Rules
   are PyTorch's step for step: its defaults, its places for ε, and buffers of momentum that start
   at the first gradient. Means that fade away where gradients have become 0, as those of dead units
   do, end at 0 and not among the subnormal numbers, which processors are slow with. Entries first
   .. end - 1; a rule's second vector of state is `dim` behind its first. Constants are rounded to
   REAL once. */

#define FADE(value) ((value) < FADED && (value) > -FADED ? 0 : (value))

TARGET static void KERNEL(plain)(const gradus_i_rule_step *s, size_t dim, size_t first, size_t end,
                                 const REAL *gradient, REAL *state, REAL *theta) {
  (void)dim, (void)state;
  REAL rate = (REAL)s->rate;
#pragma omp simd
  for (size_t j = first; j < end; j++)
    theta[j] -= rate * gradient[j];
}

TARGET static void KERNEL(momentum)(const gradus_i_rule_step *s, size_t dim, size_t first,
                                    size_t end, const REAL *gradient, REAL *velocity, REAL *theta) {
  (void)dim;
  REAL rate = (REAL)s->rate, keep = (REAL)s->momentum;
#pragma omp simd
  for (size_t j = first; j < end; j++) {
    REAL moved = keep * velocity[j] + gradient[j];
    velocity[j] = FADE(moved);
    theta[j] -= rate * velocity[j];
  }
}

TARGET static void KERNEL(nesterov)(const gradus_i_rule_step *s, size_t dim, size_t first,
                                    size_t end, const REAL *gradient, REAL *velocity, REAL *theta) {
  (void)dim;
  REAL rate = (REAL)s->rate, keep = (REAL)s->momentum;
#pragma omp simd
  for (size_t j = first; j < end; j++) {
    REAL moved = keep * velocity[j] + gradient[j];
    velocity[j] = FADE(moved);
    theta[j] -= rate * (gradient[j] + keep * velocity[j]);
  }
}

TARGET static void KERNEL(adagrad)(const gradus_i_rule_step *s, size_t dim, size_t first,
                                   size_t end, const REAL *gradient, REAL *square, REAL *theta) {
  (void)dim;
  REAL rate = (REAL)s->rate, epsilon = (REAL)s->epsilon;
#pragma omp simd
  for (size_t j = first; j < end; j++) {
    square[j] += gradient[j] * gradient[j];
    theta[j] -= rate * gradient[j] / (ROOT(square[j]) + epsilon);
  }
}

TARGET static void KERNEL(rmsprop)(const gradus_i_rule_step *s, size_t dim, size_t first,
                                   size_t end, const REAL *gradient, REAL *square, REAL *theta) {
  (void)dim;
  REAL rate = (REAL)s->rate, epsilon = (REAL)s->epsilon;
  REAL keep = (REAL)s->decay_square, rest = (REAL)(1 - s->decay_square);
#pragma omp simd
  for (size_t j = first; j < end; j++) {
    square[j] = keep * square[j] + rest * gradient[j] * gradient[j];
    theta[j] -= rate * gradient[j] / (ROOT(square[j]) + epsilon);
  }
}

TARGET static void KERNEL(adam)(const gradus_i_rule_step *s, size_t dim, size_t first, size_t end,
                                const REAL *gradient, REAL *state, REAL *theta) {
  REAL *mean = state, *square = state + dim;
  REAL rate = (REAL)(s->rate / s->bias), root = (REAL)(1 / s->root_bias);
  REAL epsilon = (REAL)s->epsilon, keep = (REAL)s->momentum, rest = (REAL)(1 - s->momentum);
  REAL keep_square = (REAL)s->decay_square, rest_square = (REAL)(1 - s->decay_square);
#pragma omp simd
  for (size_t j = first; j < end; j++) {
    REAL moved = keep * mean[j] + rest * gradient[j];
    mean[j] = FADE(moved);
    square[j] = keep_square * square[j] + rest_square * gradient[j] * gradient[j];
    theta[j] -= rate * mean[j] / (ROOT(square[j]) * root + epsilon);
  }
}

TARGET static void KERNEL(adamw)(const gradus_i_rule_step *s, size_t dim, size_t first, size_t end,
                                 const REAL *gradient, REAL *state, REAL *theta) {
#pragma omp simd
  for (size_t j = first; j < end; j++)
    theta[j] *= (REAL)(1 - s->rate * s->decay[j]);
  KERNEL(adam)(s, dim, first, end, gradient, state, theta);
}

/* From sums to the gradient of F: times `scale`, with the penalty, 0 where frozen. Adds Σ λθ²/2 to
 *penalty_sum, and Σ l1|θ|; false if an entry is not finite. */
TARGET static bool KERNEL(finish)(const gradus_i_descent_gradient *g, size_t first, size_t end,
                                  const REAL *theta, REAL *gradient, double *penalty_sum) {
  REAL scale = (REAL)g->scale;
  WORD off = 0; /* of REAL's width, so that its lanes are those of the gradient */
#pragma omp simd reduction(| : off)
  for (size_t j = first; j < end; j++) {
    gradient[j] *= scale;
    off |= gradient[j] - gradient[j] == 0 ? 0 : 1; /* inf - inf is NaN */
  }
  if (!g->penalty && !g->frozen)
    return off == 0;
  off = 0;
  for (size_t j = first; g->penalty && j < end; j++) {
    *penalty_sum += 0.5 * g->penalty[j] * (double)theta[j] * (double)theta[j];
    gradient[j] += (REAL)g->penalty[j] * theta[j];
  }
  if (g->l1) {
    const double *l1 = g->l1;
    double sum = 0;
    for (size_t j = first; j < end; j++)
      sum += l1[j] * fabs((double)theta[j]);
    *penalty_sum += sum;
#pragma omp simd
    for (size_t j = first; j < end; j++)
      gradient[j] += (REAL)l1[j] * (theta[j] > 0 ? (REAL)1 : theta[j] < 0 ? (REAL)-1 : (REAL)0);
  }
  for (size_t j = first; g->frozen && j < end; j++)
    if (g->frozen[j])
      gradient[j] = 0;
#pragma omp simd reduction(| : off)
  for (size_t j = first; j < end; j++)
    off |= gradient[j] - gradient[j] == 0 ? 0 : 1;
  return off == 0;
}

static const KERNELS_TYPE KERNEL(kernels) = {.finish = KERNEL(finish),
                                             .step = {[GRADUS_RULE_PLAIN] = KERNEL(plain),
                                                      [GRADUS_RULE_MOMENTUM] = KERNEL(momentum),
                                                      [GRADUS_RULE_NESTEROV] = KERNEL(nesterov),
                                                      [GRADUS_RULE_ADAGRAD] = KERNEL(adagrad),
                                                      [GRADUS_RULE_RMSPROP] = KERNEL(rmsprop),
                                                      [GRADUS_RULE_ADAM] = KERNEL(adam),
                                                      [GRADUS_RULE_ADAMW] = KERNEL(adamw)}};
#undef FADE
