// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutional networks trained by mini-batches in float32: seconds of an epoch. LeNet; one of
   depthwise separable convolutions (3x3 by channel, then 1x1); one of 32 and 64 filters. Random
   data of MNIST's size; for PyTorch on the same see peers/convolution.py. Usage: bench_convolution
   [ROWS [EPOCHS [THREADS]]]: 60,000 rows and 3 epochs by default, by 1 to 2 threads. */
#include "support.h"

#include "../lib/objective/network_objective.h"
#include "../lib/solver/solver.h"
#include <string.h>

enum { PIXELS = 28 * 28, CLASSES = 10, EPOCHS_MAX = 50 };

static void check(gradus_status status, const gradus_error *err) {
  if (status <= 0)
    return;
  fprintf(stderr, "%s\n", err->message);
  exit(1);
}

static void add(gradus_i_network *network, char *name, gradus_i_node node) {
  gradus_error err = {0};
  node.name = name;
  check(gradus_i_network_add(network, &node, NULL, &err), &err);
}

static gradus_i_node conv(size_t filters) {
  return (gradus_i_node){.type = &gradus_i_layer_conv2d, .units = filters, .window.kernel = {5, 5}};
}

static gradus_i_node conv3(size_t filters) {
  return (gradus_i_node){.type = &gradus_i_layer_conv2d, .units = filters, .window.kernel = {3, 3}};
}

static gradus_i_node dense(size_t units) {
  return (gradus_i_node){.type = &gradus_i_layer_dense, .units = units};
}

static gradus_i_network *make_empty(void) {
  gradus_i_network *network;
  gradus_error err = {0};
  gradus_i_shape shape = {.rank = 3, .extent = {28, 28, 1}, .size = PIXELS};
  check(gradus_i_network_new(&network, &shape, &err), &err);
  return network;
}

static gradus_i_network *make_lenet(void) {
  gradus_i_network *network = make_empty();
  gradus_i_node pool = {.type = &gradus_i_layer_max_pool, .window.kernel = {2, 2}};
  gradus_i_node relu = {.type = &gradus_i_layer_activation,
                        .activation = gradus_i_activation_find("relu")};
  add(network, (char[]){"conv1"}, conv(6));
  add(network, (char[]){"relu1"}, relu);
  add(network, (char[]){"pool1"}, pool);
  add(network, (char[]){"conv2"}, conv(16));
  add(network, (char[]){"relu2"}, relu);
  add(network, (char[]){"pool2"}, pool);
  add(network, (char[]){"hidden1"}, dense(120));
  add(network, (char[]){"relu3"}, relu);
  add(network, (char[]){"hidden2"}, dense(84));
  add(network, (char[]){"relu4"}, relu);
  add(network, (char[]){"output"}, dense(CLASSES));
  return network;
}

static gradus_i_network *make_separable(void) {
  gradus_i_network *network = make_empty();
  gradus_i_node first = {
      .type = &gradus_i_layer_conv2d, .units = 16, .window = {.kernel = {3, 3}, .stride = {2, 2}}};
  gradus_i_node depth = {
      .type = &gradus_i_layer_conv2d, .units = 16, .groups = 16, .window.kernel = {3, 3}};
  gradus_i_node point = {.type = &gradus_i_layer_conv2d, .units = 32, .window.kernel = {1, 1}};
  gradus_i_node relu = {.type = &gradus_i_layer_activation,
                        .activation = gradus_i_activation_find("relu")};
  add(network, (char[]){"conv1"}, first);
  add(network, (char[]){"relu1"}, relu);
  add(network, (char[]){"depth1"}, depth);
  add(network, (char[]){"point1"}, point);
  add(network, (char[]){"relu2"}, relu);
  depth.units = depth.groups = 32;
  add(network, (char[]){"depth2"}, depth);
  add(network, (char[]){"point2"}, point);
  add(network, (char[]){"relu3"}, relu);
  add(network, (char[]){"pool"}, (gradus_i_node){.type = &gradus_i_layer_global_average_pool});
  add(network, (char[]){"output"}, dense(CLASSES));
  return network;
}

static gradus_i_network *make_wide(void) {
  gradus_i_network *network = make_empty();
  gradus_i_node pool = {.type = &gradus_i_layer_max_pool, .window.kernel = {2, 2}};
  gradus_i_node relu = {.type = &gradus_i_layer_activation,
                        .activation = gradus_i_activation_find("relu")};
  add(network, (char[]){"conv1"}, conv3(32));
  add(network, (char[]){"relu1"}, relu);
  add(network, (char[]){"conv2"}, conv3(32));
  add(network, (char[]){"relu2"}, relu);
  add(network, (char[]){"pool1"}, pool);
  add(network, (char[]){"conv3"}, conv3(64));
  add(network, (char[]){"relu3"}, relu);
  add(network, (char[]){"pool2"}, pool);
  add(network, (char[]){"hidden1"}, dense(128));
  add(network, (char[]){"relu4"}, relu);
  add(network, (char[]){"output"}, dense(CLASSES));
  return network;
}

typedef struct bench_case {
  const char *name;
  gradus_i_network *(*make)(void);
} bench_case;
static const bench_case cases[] = {
    {"LeNet", make_lenet}, {"separable", make_separable}, {"wide", make_wide}};

typedef struct epochs {
  double last, seconds[EPOCHS_MAX];
} epochs;

static bool note(void *context, const gradus_progress *progress, const double *gradient) {
  (void)gradient;
  epochs *e = context;
  double now = bench_now();
  if (progress->iteration > 1)
    e->seconds[progress->iteration - 2] = now - e->last;
  e->last = bench_now();
  return true;
}

static void run(const bench_case *c, gradus_source *source, size_t rows, size_t count,
                int threads) {
  static gradus_i_network_state state;
  gradus_i_network *network = c->make();
  size_t dim = gradus_params_size(network->params);
  double *theta = malloc(dim * sizeof *theta);
  uint64_t random = 7;
  epochs e = {0};
  gradus_error err = {0};
  gradus_i_outcome outcome;
  for (size_t j = 0; j < dim; j++)
    theta[j] = 0.1 * bench_random(&random);
  state = (gradus_i_network_state){.seed = 1};
  gradus_i_network_model model = {.network = network,
                                  .loss = &gradus_i_loss_softmax,
                                  .precision = GRADUS_I_FLOAT,
                                  .state = &state};
  gradus_i_objective objective = {.type = &gradus_i_network_type,
                                  .model = &model,
                                  .source = source,
                                  .dim = dim,
                                  .row_size = PIXELS + 1,
                                  .threads = threads};
  gradus_descent_options descent = {
      .rule = GRADUS_RULE_PLAIN, .learning_rate = 1e-3, .batch_size = 64};
  gradus_i_solver_options options = {
      .max_iterations = count + 1, .descent = &descent, .progress = note, .progress_context = &e};
  check(gradus_i_minimise(&gradus_i_gradient_descent, &objective, &options, theta, &outcome, &err),
        &err);
  double median = bench_median(e.seconds, count);
  printf("%s, %zu rows, batch 64, sgd, %d thread%s: %.3f s (%.3f .. %.3f)\n", c->name, rows,
         threads, threads > 1 ? "s" : "", median, e.seconds[0], e.seconds[count - 1]);
  fflush(stdout);
  free(theta);
  gradus_i_network_free(network);
}

int main(int argc, char **argv) {
  size_t rows = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 60000;
  size_t count = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 3;
  uint64_t random = 1;
  gradus_error err = {0};
  gradus_source *source;
  gsl_matrix *x = gsl_matrix_alloc(rows, PIXELS), *y = gsl_matrix_alloc(rows, 1);
  for (size_t i = 0; i < rows * PIXELS; i++)
    x->data[i] = bench_random(&random);
  for (size_t i = 0; i < rows; i++)
    y->data[i] = floor((0.5 + 0.49 * bench_random(&random)) * CLASSES);
  check(gradus_source_from_matrix(&source, x, y, NULL, GRADUS_WEIGHT_NONE, NULL, &err), &err);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int threads = 1; threads <= (argc > 3 ? atoi(argv[3]) : 2); threads++)
      run(&cases[i], source, rows, count < EPOCHS_MAX ? count : EPOCHS_MAX, threads);
  gradus_source_free(source);
  gsl_matrix_free(x);
  gsl_matrix_free(y);
  return 0;
}
