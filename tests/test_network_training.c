// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks trained by mini-batches: the same bits for any number of threads, nothing allocated for
 * a batch, and the path of batches evaluated one by one. */
#include "../lib/layer/custom.h"
#include "support/network_problem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 700, INPUTS = 70, HIDDEN = 300, OUTPUTS = 3 };

static void add(gradus_i_network *network, char *name, size_t units) {
  gradus_i_node node = {.type = units ? &gradus_i_layer_dense : &gradus_i_layer_activation,
                        .name = name,
                        .units = units,
                        .activation = units ? NULL : gradus_i_activation_find("tanh")};
  CHECK_STATUS(gradus_i_network_add(network, &node, NULL, NULL), GRADUS_OK, NULL);
}

static void make_problem(network_problem *p, gradus_i_precision precision) {
  uint64_t state = 3;
  gradus_i_shape shape = gradus_i_shape_of(INPUTS);
  *p = (network_problem){.x = gsl_matrix_alloc(ROWS, INPUTS), .y = gsl_matrix_alloc(ROWS, 1)};
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < INPUTS; j++)
      gsl_matrix_set(p->x, i, j, 2 * test_draw(&state));
    gsl_matrix_set(p->y, i, 0, (double)(i % (OUTPUTS + 1)));
  }
  CHECK_STATUS(gradus_i_network_new(&p->network, &shape, NULL), GRADUS_OK, NULL);
  add(p->network, (char[]){"hidden1"}, HIDDEN);
  add(p->network, (char[]){"activation1"}, 0);
  add(p->network, (char[]){"hidden2"}, HIDDEN);
  add(p->network, (char[]){"activation2"}, 0);
  add(p->network, (char[]){"output"}, OUTPUTS);
  network_problem_finish(p, &gradus_i_loss_softmax, GRADUS_WEIGHT_NONE);
  p->model.precision = precision;
  p->model.state = &p->state;
}

static double *start(const network_problem *p) {
  uint64_t state = 11;
  double *theta = malloc(p->objective.dim * sizeof *theta);
  for (size_t j = 0; j < p->objective.dim; j++)
    theta[j] = (double)(float)(0.2 * test_draw(&state));
  return theta;
}

static void train(const network_problem *p, const gradus_descent_options *descent, size_t epochs,
                  double *theta) {
  gradus_i_outcome outcome;
  gradus_error err = {0};
  gradus_i_solver_options options = {.max_iterations = epochs, .descent = descent, .seed = 5};
  CHECK_STATUS(
      gradus_i_minimise(&gradus_i_gradient_descent, &p->objective, &options, theta, &outcome, &err),
      GRADUS_OK, &err);
  CU_ASSERT_EQUAL(outcome.iterations, epochs);
}

static void any_number_of_threads_leaves_the_same_bits(void) {
  static const gradus_descent_options ways[] = {
      {.rule = GRADUS_RULE_ADAM, .batch_size = 64},
      {.rule = GRADUS_RULE_PLAIN, .batch_size = 600, .clip_norm = 0.01},
  };
  static const gradus_i_precision precisions[] = {GRADUS_I_DOUBLE, GRADUS_I_FLOAT};
  static const int threads[] = {2, 8};
  for (size_t a = 0; a < 4; a++) {
    network_problem p;
    make_problem(&p, precisions[a % 2]);
    double *one = start(&p), *untrained = start(&p);
    train(&p, &ways[a / 2], 2, one);
    CU_ASSERT(memcmp(one, untrained, p.objective.dim * sizeof *one) != 0);
    for (size_t t = 0; t < 2; t++) {
      double *many = start(&p);
      p.objective.threads = threads[t];
      train(&p, &ways[a / 2], 2, many);
      CU_ASSERT(memcmp(one, many, p.objective.dim * sizeof *one) == 0);
      free(many);
    }
    free(one);
    free(untrained);
    network_problem_close(&p);
  }
}

/* Every allocation belongs to the start or to the passes over all rows at both ends. */
static void an_epoch_allocates_nothing(void) {
  for (int precision = GRADUS_I_DOUBLE; precision <= GRADUS_I_FLOAT; precision++) {
    size_t count[2];
    for (size_t epochs = 1; epochs <= 2; epochs++) {
      network_problem p;
      make_problem(&p, (gradus_i_precision)precision);
      double *theta = start(&p);
      gradus_descent_options descent = {.rule = GRADUS_RULE_ADAM, .batch_size = 1 + 63 / epochs};
      test_allocations_begin(SIZE_MAX);
      train(&p, &descent, 4 * epochs, theta);
      count[epochs - 1] = test_allocations_end();
      free(theta);
      network_problem_close(&p);
    }
    CU_ASSERT(count[0] > 0);
    CU_ASSERT_EQUAL(count[0], count[1]);
  }
}

static void failing_allocations_leak_nothing(void) {
  network_problem p;
  make_problem(&p, GRADUS_I_FLOAT);
  gradus_descent_options descent = {.rule = GRADUS_RULE_ADAM, .batch_size = 64};
  gradus_i_solver_options options = {.max_iterations = 1, .descent = &descent};
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_i_outcome outcome;
    double *theta = start(&p);
    run.status = gradus_i_minimise(&gradus_i_gradient_descent, &p.objective, &options, theta,
                                   &outcome, NULL);
    free(theta);
  }
  network_problem_close(&p);
}

static bool keep_loss(void *context, const gradus_progress *progress, const double *gradient) {
  (void)gradient;
  *(double *)context = progress->loss;
  return true;
}

/* Plain steps in order are θ - η∇F of each batch, as gradus_i_objective_batch evaluates it. */
static void check_steps(double l1) {
  enum { BATCH = 100 };
  network_problem p;
  make_problem(&p, GRADUS_I_DOUBLE);
  double *theta = start(&p), *by_hand = start(&p), rate = 0.1;
  size_t dim = p.objective.dim;
  double *penalty = malloc(dim * sizeof *penalty), *gradient = malloc(dim * sizeof *gradient);
  bool *frozen = calloc(2 * dim, sizeof *frozen), *decays = frozen + dim;
  for (size_t j = 0; j < dim; j++) {
    penalty[j] = j % 2 ? 0.1 : 0;
    frozen[j] = j % 7 == 3;
    decays[j] = j % 5 != 1;
  }
  theta[2] = by_hand[2] = 0; /* where the subgradient is 0 */
  p.objective.l1 = l1;
  p.objective.decays = decays;
  p.objective.penalty = penalty;
  p.objective.frozen = frozen;
  double *sums = malloc((dim + 2) * sizeof *sums), mean = 0, of_epoch = 0;
  double *scratch =
      malloc(sizeof *scratch * p.objective.type->scratch_size(&p.model, BATCH, GRADUS_I_GRADIENT));
  for (size_t first = 0; first < ROWS; first += BATCH) {
    gradus_i_value value = {.gradient = gradient};
    gradus_batch batch = {.rows = BATCH,
                          .x = gsl_matrix_ptr(p.x, first, 0),
                          .x_stride = INPUTS,
                          .y = gsl_matrix_ptr(p.y, first, 0),
                          .y_stride = 1};
    CHECK_STATUS(gradus_i_objective_batch(&p.objective, by_hand, GRADUS_I_GRADIENT, &batch, sums,
                                          scratch, &value, NULL),
                 GRADUS_OK, NULL);
    mean += value.loss * BATCH / ROWS;
    for (size_t j = 0; j < dim; j++)
      by_hand[j] -= rate * gradient[j];
  }
  gradus_descent_options descent = {
      .rule = GRADUS_RULE_PLAIN, .learning_rate = rate, .batch_size = BATCH, .keep_order = true};
  gradus_i_outcome outcome;
  gradus_i_solver_options options = {.max_iterations = 1,
                                     .descent = &descent,
                                     .progress = keep_loss,
                                     .progress_context = &of_epoch};
  CHECK_STATUS(
      gradus_i_minimise(&gradus_i_gradient_descent, &p.objective, &options, theta, &outcome, NULL),
      GRADUS_OK, NULL);
  CHECK_CLOSE(of_epoch, mean, 1e-13);
  size_t wrong = 0;
  for (size_t j = 0; j < dim; j++)
    wrong += !(fabs(theta[j] - by_hand[j]) <= 1e-13);
  CU_ASSERT_EQUAL(wrong, 0);
  free(theta);
  free(by_hand);
  free(penalty);
  free(gradient);
  free(frozen);
  free(sums);
  free(scratch);
  network_problem_close(&p);
}

static void steps_are_those_of_batches_one_by_one(void) {
  check_steps(0);
}

static void l1_is_that_of_batches_one_by_one(void) {
  check_steps(0.003);
}

/* tanh as a user's table, which no affine map takes along. */
static void own_value(size_t n, const double *x, double *y, void *data) {
  (void)data;
  for (size_t i = 0; i < n; i++)
    y[i] = tanh(x[i]);
}
static void own_slope(size_t n, const double *x, const double *y, double *slope, void *data) {
  (void)x, (void)data;
  for (size_t i = 0; i < n; i++)
    slope[i] = 1 - y[i] * y[i];
}

/* Two hidden layers, whose second may be added to the first: then the first leads to two. */
static gradus_i_network *make_pair_network(const gradus_activation *own, bool residual) {
  gradus_i_network *network;
  gradus_i_shape shape = gradus_i_shape_of(INPUTS);
  gradus_i_node tanh_node = {.type = own ? &gradus_i_layer_custom_activation
                                         : &gradus_i_layer_activation,
                             .name = (char[]){"first"},
                             .activation = own ? NULL : gradus_i_activation_find("tanh"),
                             .custom = own};
  size_t first, second;
  CHECK_STATUS(gradus_i_network_new(&network, &shape, NULL), GRADUS_OK, NULL);
  add(network, (char[]){"hidden1"}, HIDDEN);
  CHECK_STATUS(gradus_i_network_add(network, &tanh_node, &first, NULL), GRADUS_OK, NULL);
  add(network, (char[]){"hidden2"}, HIDDEN);
  tanh_node.name = (char[]){"second"};
  CHECK_STATUS(gradus_i_network_add(network, &tanh_node, &second, NULL), GRADUS_OK, NULL);
  gradus_i_node sum = {.type = &gradus_i_layer_add,
                       .name = (char[]){"sum"},
                       .inputs = {first, second},
                       .input_count = 2};
  if (residual)
    CHECK_STATUS(gradus_i_network_add(network, &sum, NULL, NULL), GRADUS_OK, NULL);
  add(network, (char[]){"output"}, OUTPUTS);
  return network;
}

static void what_goes_together_is_what_goes_apart(void) {
  enum { BATCH = 33 };
  static const gradus_activation own = {.name = "own", .value = own_value, .slope = own_slope};
  for (int residual = 0; residual < 2; residual++) {
    network_problem p;
    double *gradients[2], *theta = NULL;
    for (size_t a = 0; a < 2; a++) {
      make_problem(&p, GRADUS_I_DOUBLE);
      gradus_i_network_free(p.network);
      p.network = make_pair_network(a ? &own : NULL, residual);
      p.model.network = p.network;
      p.objective.dim = gradus_params_size(p.network->params);
      theta = start(&p);
      size_t sums = p.objective.dim + 2;
      size_t size = p.objective.type->scratch_size(&p.model, BATCH, GRADUS_I_GRADIENT);
      double *scratch = malloc(sizeof *scratch * size);
      for (size_t i = 0; i < size; i++)
        scratch[i] = NAN; /* what is not cleared must be set */
      gradus_batch batch = {
          .rows = BATCH, .x = p.x->data, .x_stride = INPUTS, .y = p.y->data, .y_stride = 1};
      gradients[a] = calloc(sums, sizeof *gradients[a]);
      CHECK_STATUS(p.objective.type->add(&p.model, theta, GRADUS_I_GRADIENT, &batch, gradients[a],
                                         scratch, NULL),
                   GRADUS_OK, NULL);
      free(scratch);
      free(theta);
      if (a == 0)
        network_problem_close(&p);
    }
    size_t wrong = 0, zero = 0;
    for (size_t j = 0; j < p.objective.dim + 2; j++) {
      wrong += !(fabs(gradients[0][j] - gradients[1][j]) <= 1e-12);
      zero += gradients[0][j] == 0;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(zero, 0);
    free(gradients[0]);
    free(gradients[1]);
    network_problem_close(&p);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"any number of threads leaves the same bits", any_number_of_threads_leaves_the_same_bits},
      {"what goes together is what goes apart", what_goes_together_is_what_goes_apart},
      {"an epoch allocates nothing", an_epoch_allocates_nothing},
      {"failing allocations leak nothing", failing_allocations_leak_nothing},
      {"steps are those of batches one by one", steps_are_those_of_batches_one_by_one},
      {"l1 is that of batches one by one", l1_is_that_of_batches_one_by_one},
  };
  return test_main("network_training", cases, sizeof cases / sizeof *cases);
}
