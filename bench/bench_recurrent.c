// SPDX-License-Identifier: GPL-3.0-or-later
/* Recurrent networks trained by mini-batches in float32: seconds of an epoch of 10,000 sequences of
   50 steps and 16 features, 64 units, the last state, batch 32, SGD; bench/peers/recurrent.py has
   the same by PyTorch. Usage: bench_recurrent [CELL [THREADS]]. */
#include "support.h"

#include "../lib/layer/initialise.h"
#include "../lib/objective/network_objective.h"
#include "../lib/solver/solver.h"
#include <string.h>

enum { EPOCHS = 5, SEQUENCES = 10000, STEPS = 50, FEATURES = 16, UNITS = 64, BATCH = 32 };

static void check(gradus_status status, const gradus_error *err) {
  if (status <= 0)
    return;
  fprintf(stderr, "%s\n", err->message);
  exit(1);
}

static gradus_i_network *make_network(const char *cell) {
  gradus_i_network *network;
  gradus_error err = {0};
  char layer[] = "layer", output[] = "output";
  gradus_i_shape shape = {
      .rank = 2, .extent = {STEPS, FEATURES, 1}, .size = (size_t)STEPS * FEATURES};
  gradus_i_node recurrent = {.type = gradus_i_layer_type_find(cell), .name = layer, .units = UNITS};
  gradus_i_node dense = {.type = &gradus_i_layer_dense, .name = output, .units = 1};
  gradus_i_initialisation start = {.seed = 3};
  check(gradus_i_network_new(&network, &shape, &err), &err);
  check(gradus_i_network_add(network, &recurrent, NULL, &err), &err);
  check(gradus_i_network_add(network, &dense, NULL, &err), &err);
  check(gradus_i_network_initialise(network, &start, &err), &err);
  return network;
}

typedef struct epochs {
  double last, seconds[EPOCHS];
} epochs;

static bool clock_epoch(void *context, const gradus_progress *progress, const double *gradient) {
  (void)gradient;
  epochs *e = context;
  double now = bench_now();
  if (progress->iteration > 1)
    e->seconds[progress->iteration - 2] = now - e->last;
  e->last = now;
  return true;
}

static void run(const char *cell, int threads) {
  uint64_t seed = 1;
  size_t columns = (size_t)STEPS * FEATURES;
  gsl_matrix *x = gsl_matrix_alloc(SEQUENCES, columns), *y = gsl_matrix_alloc(SEQUENCES, 1);
  for (size_t i = 0; i < SEQUENCES * columns; i++)
    x->data[i] = (double)(float)bench_random(&seed);
  for (size_t i = 0; i < SEQUENCES; i++)
    y->data[i] = bench_random(&seed);
  gradus_source *source;
  gradus_error err = {0};
  check(gradus_source_from_matrix(&source, x, y, NULL, GRADUS_WEIGHT_NONE, NULL, &err), &err);
  gradus_i_network *network = make_network(cell);
  gradus_i_network_state state = {.seed = 1};
  gradus_i_network_model model = {.network = network,
                                  .loss = &gradus_i_loss_gaussian,
                                  .precision = GRADUS_I_FLOAT,
                                  .state = &state};
  gradus_i_objective objective = {.type = &gradus_i_network_type,
                                  .model = &model,
                                  .source = source,
                                  .dim = gradus_params_size(network->params),
                                  .row_size = columns + 1,
                                  .threads = threads};
  epochs e = {0};
  gradus_descent_options descent = {
      .rule = GRADUS_RULE_PLAIN, .learning_rate = 1e-3, .batch_size = BATCH};
  gradus_i_solver_options options = {.max_iterations = EPOCHS + 1,
                                     .descent = &descent,
                                     .progress = clock_epoch,
                                     .progress_context = &e};
  gradus_i_outcome outcome;
  double *theta = gradus_params_values(network->params);
  check(gradus_i_minimise(&gradus_i_gradient_descent, &objective, &options, theta, &outcome, &err),
        &err);
  double seconds = bench_median(e.seconds, EPOCHS);
  printf("%-4s 16 -> 64, T = 50, batch 32: %d thread%s %7.4f s (%.4f .. %.4f)\n", cell, threads,
         threads > 1 ? "s" : " ", seconds, e.seconds[0], e.seconds[EPOCHS - 1]);
  fflush(stdout);
  gradus_i_network_free(network);
  gradus_source_free(source);
  gsl_matrix_free(x);
  gsl_matrix_free(y);
}

int main(int argc, char **argv) {
  static const char *const cells[] = {"lstm", "gru", "rnn"};
  for (size_t c = 0; c < sizeof cells / sizeof *cells; c++)
    for (int threads = 1; threads <= 2; threads++)
      if ((argc < 2 || strcmp(argv[1], cells[c]) == 0) && (argc < 3 || atoi(argv[2]) == threads))
        run(cells[c], threads);
  return 0;
}
