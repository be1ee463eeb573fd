// SPDX-License-Identifier: GPL-3.0-or-later
/* The adding problem (Hochreiter and Schmidhuber 1997; Le, Jaitly and Hinton 2015): which recurrent
 * layers learn to add two numbers that lie up to a hundred steps back. Errors, not seconds: test
 * MSE beside 0.167, the variance of the sum, for several seeds of data and network and two learning
 * rates. Usage: bench_adding [STEPS [SEEDS [EPOCHS [TYPE]]]] */
#include "support.h"

#include <gradus/gradus.h>
#include <string.h>

enum { UNITS = 32, TRAIN = 5000, TEST = 1000, FEATURES = 2, BATCH = 50, MOST_SEEDS = 50 };

typedef struct rows {
  gsl_matrix *x, *y;
} rows;

static double uniform(uint64_t *state) {
  return 0.5 + 0.5 * bench_random(state);
}

/* Of every sequence one step in each half is marked. */
static rows make(uint64_t *state, size_t n, size_t steps) {
  rows r = {.x = gsl_matrix_calloc(n, FEATURES * steps), .y = gsl_matrix_calloc(n, 1)};
  for (size_t i = 0; i < n; i++) {
    double *row = gsl_matrix_ptr(r.x, i, 0);
    for (size_t t = 0; t < steps; t++)
      row[FEATURES * t] = uniform(state);
    for (size_t half = 0; half < 2; half++) {
      size_t length = half ? steps - steps / 2 : steps / 2;
      size_t t = half * (steps / 2) + (size_t)(uniform(state) * (double)length) % length;
      row[FEATURES * t + 1] = 1;
      *gsl_matrix_ptr(r.y, i, 0) += row[FEATURES * t];
    }
  }
  return r;
}

static void clear(rows *r) {
  gsl_matrix_free(r->x);
  gsl_matrix_free(r->y);
}

typedef struct setting {
  const char *type, *start;
  gradus_initialiser initialiser;
  double rate;
  size_t steps, epochs;
} setting;

/* Test MSE of one training; NaN where it failed. */
static double train(const setting *s, unsigned long seed) {
  char architecture[160];
  const size_t shape[] = {s->steps, FEATURES};
  snprintf(architecture, sizeof architecture,
           "{\"layers\": [{\"type\": \"%s\", \"units\": %d}, {\"type\": \"dense\", \"name\": "
           "\"output\"}]}",
           s->type, UNITS);
  gradus_network_options options = {
      .fit = {.seed = seed,
              .max_iterations = s->epochs,
              .descent = {.rule = GRADUS_RULE_ADAM,
                          .learning_rate = s->rate,
                          .batch_size = BATCH,
                          .clip_norm = 1}},
      .architecture = architecture,
      .input_shape = shape,
      .input_rank = 2,
      .initialiser = s->initialiser,
      .initial_scale = s->initialiser == GRADUS_INITIALISE_UNIFORM ? 1 / sqrt(UNITS) : 0,
      .raw_response = true,
      .precision = GRADUS_PRECISION_FLOAT32};
  uint64_t state = seed;
  rows learnt = make(&state, TRAIN, s->steps), test = make(&state, TEST, s->steps);
  gradus_fit *fit = NULL;
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  double mse = NAN;
  if (gradus_network_fit_matrix(&fit, learnt.x, learnt.y, NULL, &options, &err) <= 0 &&
      gradus_predict_matrix(&p, fit, test.x, NULL, &err) <= 0) {
    mse = 0;
    for (size_t i = 0; i < TEST; i++)
      mse += (p->fitted[i] - gsl_matrix_get(test.y, i, 0)) *
             (p->fitted[i] - gsl_matrix_get(test.y, i, 0)) / TEST;
  } else
    fprintf(stderr, "%s\n", err.message);
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  clear(&learnt);
  clear(&test);
  return mse;
}

static void measure(const setting *s, size_t seeds) {
  double mse[MOST_SEEDS], begin = bench_now();
  size_t solved = 0;
  for (size_t i = 0; i < seeds; i++) {
    mse[i] = train(s, i + 1);
    solved += mse[i] < 0.01;
  }
  double seconds = (bench_now() - begin) / (double)seeds, median = bench_median(mse, seeds);
  printf("%-5s %-10s %6.3f %7zu %10.5f %10.5f %10.5f %6zu of %zu %7.1f s\n", s->type, s->start,
         s->rate, s->epochs, mse[0], median, mse[seeds - 1], solved, seeds, seconds);
  fflush(stdout);
}

int main(int count, char **arguments) {
  static const char *const types[] = {"rnn", "gru", "lstm"};
  static const double rates[] = {0.005, 0.001};
  size_t steps = count > 1 ? strtoul(arguments[1], NULL, 10) : 100;
  size_t seeds = count > 2 ? strtoul(arguments[2], NULL, 10) : 5;
  size_t epochs = count > 3 ? strtoul(arguments[3], NULL, 10) : 10;
  if (steps < 2 || seeds < 1 || seeds > MOST_SEEDS || epochs < 1)
    return fprintf(stderr, "bench_adding [STEPS [SEEDS, at most %d [EPOCHS [TYPE]]]]\n",
                   MOST_SEEDS),
           1;
  printf("%-5s %-10s %6s %7s %10s %10s %10s %s\n", "", "start", "rate", "epochs", "least MSE",
         "median", "largest", "below 0.01, a training");
  for (size_t i = 0; i < 3; i++)
    for (size_t j = 0; j < 2 && (count < 5 || strcmp(arguments[4], types[i]) == 0); j++)
      for (size_t k = 0; k < 2; k++)
        measure(&(setting){types[i], k ? "uniform" : "orthogonal",
                           k ? GRADUS_INITIALISE_UNIFORM : GRADUS_INITIALISE_AUTO, rates[j], steps,
                           epochs},
                seeds);
  return 0;
}
