// SPDX-License-Identifier: GPL-3.0-or-later
/* How the learning rate changes from iteration to iteration, or from epoch to epoch. */
#include "descent_rules.h"

#include <math.h>

typedef double schedule_function(double decay, const gradus_descent_options *options, double done,
                                 double total);

static double constant(double decay, const gradus_descent_options *options, double done,
                       double total) {
  (void)decay, (void)options, (void)done, (void)total;
  return 1;
}

static double step(double decay, const gradus_descent_options *options, double done, double total) {
  (void)total;
  return pow(decay, floor(done / (options->period ? (double)options->period : 10)));
}

static double exponential(double decay, const gradus_descent_options *options, double done,
                          double total) {
  (void)options, (void)total;
  return pow(decay, done);
}

static double cosine(double decay, const gradus_descent_options *options, double done,
                     double total) {
  (void)decay, (void)options;
  const double pi = 3.14159265358979323846;
  return done < total ? 0.5 * (1 + cos(pi * done / total)) : 0;
}

static double inverse_time(double decay, const gradus_descent_options *options, double done,
                           double total) {
  (void)options, (void)total;
  return 1 / (1 + decay * done);
}

double gradus_i_schedule_rate(const gradus_descent_options *options, double rate, size_t done,
                              size_t total) {
  static const struct {
    schedule_function *factor;
    double decay; /* default */
  } schedules[] = {
      [GRADUS_SCHEDULE_CONSTANT] = {constant, 0},           [GRADUS_SCHEDULE_STEP] = {step, 0.1},
      [GRADUS_SCHEDULE_EXPONENTIAL] = {exponential, 0.99},  [GRADUS_SCHEDULE_COSINE] = {cosine, 0},
      [GRADUS_SCHEDULE_INVERSE_TIME] = {inverse_time, 0.1},
  };
  size_t number = (size_t)options->schedule;
  if (number >= sizeof schedules / sizeof *schedules)
    number = GRADUS_SCHEDULE_CONSTANT;
  double decay = options->decay > 0 ? options->decay : schedules[number].decay;
  double factor = schedules[number].factor(decay, options, (double)done, (double)total);
  if (done < options->warm_up)
    factor *= (double)(done + 1) / (double)options->warm_up;
  return rate * factor;
}
