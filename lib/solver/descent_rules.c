// SPDX-License-Identifier: GPL-3.0-or-later
/* Rules of gradient descent, each one loop over θ. They are PyTorch's step for step: its defaults,
   its places for ε, and buffers of momentum that start at the first gradient. */
#include "descent_rules.h"

#include <math.h>

static void plain(const gradus_i_rule_step *s, size_t dim, const double *gradient, double *state,
                  double *theta) {
  (void)state;
  for (size_t j = 0; j < dim; j++)
    theta[j] -= s->rate * gradient[j];
}

static void momentum(const gradus_i_rule_step *s, size_t dim, const double *gradient,
                     double *velocity, double *theta) {
  for (size_t j = 0; j < dim; j++) {
    velocity[j] = s->momentum * velocity[j] + gradient[j];
    theta[j] -= s->rate * velocity[j];
  }
}

static void nesterov(const gradus_i_rule_step *s, size_t dim, const double *gradient,
                     double *velocity, double *theta) {
  for (size_t j = 0; j < dim; j++) {
    velocity[j] = s->momentum * velocity[j] + gradient[j];
    theta[j] -= s->rate * (gradient[j] + s->momentum * velocity[j]);
  }
}

static void adagrad(const gradus_i_rule_step *s, size_t dim, const double *gradient, double *square,
                    double *theta) {
  for (size_t j = 0; j < dim; j++) {
    square[j] += gradient[j] * gradient[j];
    theta[j] -= s->rate * gradient[j] / (sqrt(square[j]) + s->epsilon);
  }
}

static void rmsprop(const gradus_i_rule_step *s, size_t dim, const double *gradient, double *square,
                    double *theta) {
  double keep = s->decay_square;
  for (size_t j = 0; j < dim; j++) {
    square[j] = keep * square[j] + (1 - keep) * gradient[j] * gradient[j];
    theta[j] -= s->rate * gradient[j] / (sqrt(square[j]) + s->epsilon);
  }
}

static void adam(const gradus_i_rule_step *s, size_t dim, const double *gradient, double *state,
                 double *theta) {
  double *mean = state, *square = state + dim;
  double rate = s->rate / (1 - pow(s->momentum, s->count));
  double root = sqrt(1 - pow(s->decay_square, s->count));
  double keep = s->momentum, keep_square = s->decay_square;
  for (size_t j = 0; j < dim; j++) {
    mean[j] = keep * mean[j] + (1 - keep) * gradient[j];
    square[j] = keep_square * square[j] + (1 - keep_square) * gradient[j] * gradient[j];
    theta[j] -= rate * mean[j] / (sqrt(square[j]) / root + s->epsilon);
  }
}

static void adamw(const gradus_i_rule_step *s, size_t dim, const double *gradient, double *state,
                  double *theta) {
  for (size_t j = 0; j < dim; j++)
    theta[j] *= 1 - s->rate * s->decay[j];
  adam(s, dim, gradient, state, theta);
}

const gradus_i_descent_rule *gradus_i_descent_rule_find(gradus_rule rule) {
  static const gradus_i_descent_rule rules[] = {
      [GRADUS_RULE_PLAIN] = {.name = "plain", .rate = 0.01, .step = plain},
      [GRADUS_RULE_MOMENTUM] = {.name = "momentum", .state = 1, .rate = 0.01, .step = momentum},
      [GRADUS_RULE_NESTEROV] = {.name = "nesterov", .state = 1, .rate = 0.01, .step = nesterov},
      [GRADUS_RULE_ADAGRAD] = {"adagrad", 1, 0.01, 0, 1e-10, adagrad},
      [GRADUS_RULE_RMSPROP] = {"rmsprop", 1, 0.01, 0.99, 1e-8, rmsprop},
      [GRADUS_RULE_ADAM] = {"adam", 2, 0.001, 0.999, 1e-8, adam},
      [GRADUS_RULE_ADAMW] = {"adamw", 2, 0.001, 0.999, 1e-8, adamw},
  };
  size_t number = (size_t)rule;
  return number < sizeof rules / sizeof *rules && rules[number].step ? &rules[number] : NULL;
}

void gradus_i_clip(const gradus_descent_options *options, size_t dim, double *gradient) {
  double limit = options->clip_value, largest = 0, sum = 0;
  for (size_t j = 0; limit > 0 && j < dim; j++)
    gradient[j] = fmax(-limit, fmin(limit, gradient[j]));
  if (!(options->clip_norm > 0))
    return;
  for (size_t j = 0; j < dim; j++)
    largest = fmax(largest, fabs(gradient[j]));
  for (size_t j = 0; largest > 0 && j < dim; j++)
    sum += gradient[j] / largest * (gradient[j] / largest);
  double norm = largest * sqrt(sum);
  for (size_t j = 0; norm > options->clip_norm && j < dim; j++)
    gradient[j] *= options->clip_norm / norm;
}
