// SPDX-License-Identifier: GPL-3.0-or-later
/* Dense networks trained by mini-batches in float32: an epoch of gradus beside the floor, which is
   sgemm and fused loops by hand, the batch cut in shards over own threads. Data of MNIST's size.
   Usage: bench_network [FIRST [LAST [THREADS]]]: cases of the table to run, and with how many
   threads alone. */
#include "bench_network_floor.h"
#include "support.h"

#include "../lib/objective/network_objective.h"
#include "../lib/solver/solver.h"
#include <string.h>

enum { EPOCHS = 5, EPOCHS_TINY = 501, LAYERS_MAX = 4 };

static const struct {
  const char *name;
  size_t rows, layers, widths[LAYERS_MAX];
  size_t batch;
  gradus_rule rule;
  const char *activation;
  bool regression;
} cases[] = {
    {"784-128-10 relu, batch 64, sgd", 60000, 3, {784, 128, 10}, 64, GRADUS_RULE_PLAIN, "relu", 0},
    {"784-128-10 relu, batch 64, adam", 60000, 3, {784, 128, 10}, 64, GRADUS_RULE_ADAM, "relu", 0},
    {"784-128-10 relu, batch 128, sgd",
     60000,
     3,
     {784, 128, 10},
     128,
     GRADUS_RULE_PLAIN,
     "relu",
     0},
    {"784-512-512-10 relu, batch 64, sgd",
     60000,
     4,
     {784, 512, 512, 10},
     64,
     GRADUS_RULE_PLAIN,
     "relu",
     0},
    {"784-512-512-10 relu, batch 64, adam",
     60000,
     4,
     {784, 512, 512, 10},
     64,
     GRADUS_RULE_ADAM,
     "relu",
     0},
    {"2-8-1 tanh, 1,000 rows, batch 1, sgd", 1000, 3, {2, 8, 1}, 1, GRADUS_RULE_PLAIN, "tanh", 1},
};

typedef struct data {
  gsl_matrix *x, *y;
  gradus_source *source;
  gradus_i_network *network;
  double *theta;
  floor_network floor;
} data;

static void check(gradus_status status, const gradus_error *err) {
  if (status <= 0)
    return;
  fprintf(stderr, "%s\n", err->message);
  exit(1);
}

static gradus_i_network *make_network(size_t c) {
  gradus_i_network *network;
  gradus_error err = {0};
  gradus_i_shape shape = gradus_i_shape_of(cases[c].widths[0]);
  check(gradus_i_network_new(&network, &shape, &err), &err);
  for (size_t l = 1; l < cases[c].layers; l++) {
    char dense[32], activation[32];
    snprintf(dense, sizeof dense, "dense%zu", l);
    snprintf(activation, sizeof activation, "activation%zu", l);
    gradus_i_node d = {.type = &gradus_i_layer_dense, .name = dense, .units = cases[c].widths[l]};
    gradus_i_node a = {.type = &gradus_i_layer_activation,
                       .name = activation,
                       .activation = gradus_i_activation_find(cases[c].activation)};
    check(gradus_i_network_add(network, &d, NULL, &err), &err);
    if (l + 1 < cases[c].layers)
      check(gradus_i_network_add(network, &a, NULL, &err), &err);
  }
  return network;
}

/* Inputs in (-1, 1); classes, or a response, at random. */
static void make_data(data *d, size_t c) {
  uint64_t state = 1;
  size_t n = cases[c].rows, p = cases[c].widths[0], k = cases[c].widths[cases[c].layers - 1];
  gradus_error err = {0};
  d->x = gsl_matrix_alloc(n, p);
  d->y = gsl_matrix_alloc(n, 1);
  for (size_t i = 0; i < n * p; i++)
    d->x->data[i] = (double)(float)bench_random(&state);
  for (size_t i = 0; i < n; i++)
    d->y->data[i] = cases[c].regression ? bench_random(&state)
                                        : floor((0.5 + 0.49 * bench_random(&state)) * (double)k);
  check(gradus_source_from_matrix(&d->source, d->x, d->y, NULL, GRADUS_WEIGHT_NONE, NULL, &err),
        &err);
  d->network = make_network(c);
  size_t dim = gradus_params_size(d->network->params);
  d->theta = calloc(dim, sizeof *d->theta);
  for (size_t j = 0; j < dim; j++)
    d->theta[j] = 0.05 * bench_random(&state);
  floor_make(&d->floor, cases[c].layers, cases[c].widths, cases[c].batch,
             cases[c].rule == GRADUS_RULE_ADAM, cases[c].regression, n, d->x->data, d->y->data,
             d->theta);
}

typedef struct epochs {
  data *d;
  double last, own[EPOCHS_TINY], floor[EPOCHS_TINY];
  int threads;
} epochs;

/* Between epochs of gradus comes one of the floor, so that both see the same machine. */
static bool interleave(void *context, const gradus_progress *progress, const double *gradient) {
  (void)gradient;
  epochs *e = context;
  double now = bench_now();
  if (progress->iteration > 1) {
    size_t at = progress->iteration - 2;
    e->own[at] = now - e->last;
  }
  double start = bench_now();
  floor_epoch(&e->d->floor, e->threads);
  if (progress->iteration > 1)
    e->floor[progress->iteration - 2] = bench_now() - start;
  e->last = bench_now();
  return true;
}

static void run(size_t c, int threads) {
  data d = {0};
  make_data(&d, c);
  static gradus_i_network_state state;
  state = (gradus_i_network_state){.seed = 1};
  gradus_i_network_model model = {.network = d.network,
                                  .loss = cases[c].regression ? &gradus_i_loss_gaussian
                                                              : &gradus_i_loss_softmax,
                                  .precision = GRADUS_I_FLOAT,
                                  .state = &state};
  gradus_i_objective objective = {.type = &gradus_i_network_type,
                                  .model = &model,
                                  .source = d.source,
                                  .dim = gradus_params_size(d.network->params),
                                  .row_size = cases[c].widths[0] + 1,
                                  .threads = threads};
  static epochs e;
  e = (epochs){.d = &d, .threads = threads};
  size_t count = cases[c].batch > 1 ? EPOCHS : EPOCHS_TINY;
  gradus_descent_options descent = {
      .rule = cases[c].rule, .learning_rate = 1e-3, .batch_size = cases[c].batch};
  double *theta = malloc(objective.dim * sizeof *theta);
  memcpy(theta, d.theta, objective.dim * sizeof *theta);
  gradus_i_solver_options options = {.max_iterations = count + 1,
                                     .descent = &descent,
                                     .progress = interleave,
                                     .progress_context = &e};
  gradus_i_outcome outcome;
  gradus_error err = {0};
  check(gradus_i_minimise(&gradus_i_gradient_descent, &objective, &options, theta, &outcome, &err),
        &err);
  double least = bench_median(e.floor, count), own = bench_median(e.own, count);
  printf("%-38s %d thread%s floor %9.6f s (%.6f .. %.6f)  gradus %9.6f s (%.6f .. %.6f)  ratio "
         "%.2f\n",
         cases[c].name, threads, threads > 1 ? "s" : " ", least, e.floor[0], e.floor[count - 1],
         own, e.own[0], e.own[count - 1], own / least);
  fflush(stdout);
  free(theta);
  free(d.theta);
  floor_free(&d.floor);
  gradus_i_network_free(d.network);
  gradus_source_free(d.source);
  gsl_matrix_free(d.x);
  gsl_matrix_free(d.y);
}

int main(int argc, char **argv) {
  size_t count = sizeof cases / sizeof *cases;
  size_t first = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
  size_t last = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : argc > 1 ? first : count - 1;
  int only = argc > 3 ? atoi(argv[3]) : 0;
  for (size_t c = first; c <= last && c < count; c++)
    for (int threads = 1; threads <= (cases[c].batch > 1 ? 2 : 1); threads++)
      if (only == 0 || threads == only)
        run(c, threads);
  return 0;
}
