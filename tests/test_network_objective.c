// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks as objectives: without hidden layers the affine model's numbers; with them, derivatives
 * against differences. */
#include "../lib/objective/network_objective.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 37, INPUTS = 5, CLASSES = 3, DIM_MAX = 200 };

typedef struct problem {
  gsl_matrix *x, *y;
  gradus_source *source;
} problem;

static problem make_problem(void) {
  uint64_t state = 3;
  problem p = {.x = gsl_matrix_alloc(ROWS, INPUTS), .y = gsl_matrix_alloc(ROWS, 1)};
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < INPUTS; j++)
      gsl_matrix_set(p.x, i, j, 2 * test_draw(&state));
    gsl_matrix_set(p.y, i, 0, (double)(i % CLASSES));
  }
  CHECK_STATUS(gradus_source_from_matrix(&p.source, p.x, p.y, NULL, GRADUS_WEIGHT_NONE, NULL, NULL),
               GRADUS_OK, NULL);
  return p;
}

static void free_problem(problem *p) {
  gradus_source_free(p->source);
  gsl_matrix_free(p->x);
  gsl_matrix_free(p->y);
}

static size_t add_dense(gradus_i_network *network, char *name, size_t from, size_t units) {
  size_t index;
  gradus_i_node node = {.type = &gradus_i_layer_dense,
                        .name = name,
                        .inputs = {from},
                        .input_count = 1,
                        .units = units};
  CHECK_STATUS(gradus_i_network_add(network, &node, &index, NULL), GRADUS_OK, NULL);
  return index;
}

static size_t add_activation(gradus_i_network *network, char *name, const char *activation) {
  size_t index;
  gradus_i_node node = {.type = &gradus_i_layer_activation,
                        .name = name,
                        .activation = gradus_i_activation_find(activation)};
  CHECK_STATUS(gradus_i_network_add(network, &node, &index, NULL), GRADUS_OK, NULL);
  return index;
}

static gradus_i_network *make_network(const char *activation) {
  gradus_i_network *network;
  gradus_i_shape shape = gradus_i_shape_of(INPUTS);
  CHECK_STATUS(gradus_i_network_new(&network, &shape, NULL), GRADUS_OK, NULL);
  if (activation) {
    add_dense(network, (char[]){"hidden1"}, 0, 4);
    size_t from = add_activation(network, (char[]){"activation1"}, activation);
    size_t output = add_dense(network, (char[]){"output"}, from, CLASSES - 1);
    size_t skip = add_dense(network, (char[]){"skip"}, 0, CLASSES - 1);
    gradus_i_node sum = {.type = &gradus_i_layer_add,
                         .name = (char[]){"sum"},
                         .inputs = {output, skip},
                         .input_count = 2};
    CHECK_STATUS(gradus_i_network_add(network, &sum, NULL, NULL), GRADUS_OK, NULL);
  } else {
    add_dense(network, (char[]){"output"}, 0, CLASSES - 1);
  }
  return network;
}

static gradus_i_objective objective_of(const problem *p, const gradus_i_network_model *model) {
  return (gradus_i_objective){.type = &gradus_i_network_type,
                              .model = model,
                              .source = p->source,
                              .dim = gradus_params_size(model->network->params),
                              .row_size = INPUTS + 1,
                              .threads = 1};
}

static void fill(double *theta, size_t dim) {
  uint64_t state = 11;
  for (size_t j = 0; j < dim; j++)
    theta[j] = test_draw(&state);
}

static void without_hidden_layers_it_is_the_affine_model(void) {
  problem p = make_problem();
  gradus_i_network *network = make_network(NULL);
  gradus_i_network_model model = {.network = network, .loss = &gradus_i_loss_softmax};
  gradus_i_affine affine = {
      .p = INPUTS, .k = CLASSES - 1, .bias = true, .loss = &gradus_i_loss_softmax};
  gradus_i_objective a = objective_of(&p, &model), b = a;
  b.type = &gradus_i_affine_type;
  b.model = &affine;
  double theta[DIM_MAX], of_a[DIM_MAX], of_b[DIM_MAX];
  double *m = calloc(2 * a.dim * a.dim, sizeof *m);
  gradus_i_value first = {.gradient = of_a, .matrix = m};
  gradus_i_value second = {.gradient = of_b, .matrix = m + a.dim * a.dim};
  fill(theta, a.dim);
  CHECK_STATUS(gradus_i_objective_evaluate(&a, theta, GRADUS_I_MATRIX, &first, NULL), GRADUS_OK,
               NULL);
  CHECK_STATUS(gradus_i_objective_evaluate(&b, theta, GRADUS_I_MATRIX, &second, NULL), GRADUS_OK,
               NULL);
  CHECK_CLOSE(first.loss, second.loss, 1e-14);
  for (size_t j = 0; j < a.dim; j++) {
    CHECK_CLOSE(of_a[j], of_b[j], 1e-12);
    for (size_t i = 0; i <= j; i++)
      CHECK_CLOSE(first.matrix[i + j * a.dim], second.matrix[i + j * a.dim], 1e-11);
  }
  free(m);
  gradus_i_network_free(network);
  free_problem(&p);
}

static double loss_at(const gradus_i_objective *o, double *theta, size_t j, double step) {
  gradus_i_value value = {0};
  double old = theta[j];
  theta[j] += step;
  CHECK_STATUS(gradus_i_objective_evaluate(o, theta, GRADUS_I_LOSS, &value, NULL), GRADUS_OK, NULL);
  theta[j] = old;
  return value.loss;
}

static void gradients_are_those_of_differences_for_every_activation(void) {
  problem p = make_problem();
  for (size_t a = 0; gradus_i_activation_name(a); a++) {
    gradus_i_network *network = make_network(gradus_i_activation_name(a));
    gradus_i_network_model model = {.network = network, .loss = &gradus_i_loss_softmax};
    gradus_i_objective o = objective_of(&p, &model);
    double theta[DIM_MAX], gradient[DIM_MAX], h = 1e-3;
    gradus_i_value value = {.gradient = gradient};
    fill(theta, o.dim);
    CHECK_STATUS(gradus_i_objective_evaluate(&o, theta, GRADUS_I_GRADIENT, &value, NULL), GRADUS_OK,
                 NULL);
    for (size_t j = 0; j < o.dim; j++) { /* of sixth order */
      double d = (45 * (loss_at(&o, theta, j, h) - loss_at(&o, theta, j, -h)) -
                  9 * (loss_at(&o, theta, j, 2 * h) - loss_at(&o, theta, j, -2 * h)) +
                  (loss_at(&o, theta, j, 3 * h) - loss_at(&o, theta, j, -3 * h))) /
                 (60 * h);
      bool kinked = strstr(gradus_i_activation_name(a), "relu") || a == 5;
      CU_ASSERT_TRUE(fabs(gradient[j] - d) <= (kinked ? 1e-4 : 1e-10));
    }
    gradus_i_network_free(network);
  }
  free_problem(&p);
}

static void float32_is_near_float64(void) {
  problem p = make_problem();
  gradus_i_network *network = make_network("tanh");
  gradus_i_network_model model = {.network = network, .loss = &gradus_i_loss_softmax};
  gradus_i_objective o = objective_of(&p, &model);
  double theta[DIM_MAX], wide[DIM_MAX], narrow[DIM_MAX];
  gradus_i_value of_wide = {.gradient = wide}, of_narrow = {.gradient = narrow};
  fill(theta, o.dim);
  gradus_i_objective_evaluate(&o, theta, GRADUS_I_GRADIENT, &of_wide, NULL);
  model.precision = GRADUS_I_FLOAT;
  gradus_i_objective_evaluate(&o, theta, GRADUS_I_GRADIENT, &of_narrow, NULL);
  CU_ASSERT_NOT_EQUAL(of_wide.loss, of_narrow.loss);
  CHECK_CLOSE(of_narrow.loss, of_wide.loss, 1e-6);
  for (size_t j = 0; j < o.dim; j++)
    CU_ASSERT_TRUE(fabs(wide[j] - narrow[j]) < 1e-6);
  gradus_i_network_free(network);
  free_problem(&p);
}

/* ---- losses of a user's own ---- */

static double squares(size_t k, const double *output, size_t m, const double *response,
                      double *slope, void *data) {
  (void)data;
  double sum = 0;
  for (size_t r = 0; r < k; r++) {
    sum += 0.5 * (output[r] - response[r % m]) * (output[r] - response[r % m]);
    if (slope)
      slope[r] = output[r] - response[r % m];
  }
  return sum;
}

/* Weighted rows through ours of one response and the user's squares are the same. */
static void a_users_loss_is_weighted_like_ours(void) {
  static const gradus_loss own = {"squares", squares, NULL};
  gradus_i_custom_loss data = {.loss = &own, .responses = 1};
  double y[] = {1, -2, 0.5}, weight[] = {2, 0, 0.3}, of_own[] = {0.1, 7, -3}, of_ours[3];
  gradus_batch batch = {.rows = 3, .y = y, .y_stride = 1, .weight = weight};
  double sum = 1, ours = 1, without[3];
  memcpy(of_ours, of_own, sizeof of_own);
  memcpy(without, of_own, sizeof of_own);
  gradus_i_loss_custom.rows(&data, GRADUS_I_GRADIENT, &batch, 1, of_own, NULL, &sum);
  gradus_i_loss_gaussian.rows(NULL, GRADUS_I_GRADIENT, &batch, 1, of_ours, NULL, &ours);
  CHECK_CLOSE(sum, ours, 1e-15);
  for (size_t i = 0; i < 3; i++)
    CHECK_CLOSE(of_own[i], of_ours[i], 1e-15);
  sum = 1;
  gradus_i_loss_custom.rows(&data, GRADUS_I_LOSS, &batch, 1, without, NULL, &sum);
  CHECK_CLOSE(sum, ours, 1e-15);
  CU_ASSERT_EQUAL(without[0], 0.1); /* untouched, as no gradient was asked for */
}

/* ---- training ---- */

enum { BATCH = 300 }; /* more than a block of rows */

/* A batch norm between the layers sees the whole mini-batch, which moves the running moments once;
   passes over all rows neither move them nor take the batch's. */
static void a_mini_batch_goes_through_batch_norm_whole(void) {
  gradus_i_network *network;
  gradus_i_shape shape = gradus_i_shape_of(1);
  gradus_i_node norm = {.type = &gradus_i_layer_batch_norm, .name = (char[]){"norm"}};
  CHECK_STATUS(gradus_i_network_new(&network, &shape, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_i_network_add(network, &norm, NULL, NULL), GRADUS_OK, NULL);
  double x[BATCH], y[BATCH] = {0}, theta[4], gradient[4];
  double mean = 0, square = 0;
  for (size_t i = 0; i < BATCH; i++)
    x[i] = (double)i, mean += x[i] / BATCH;
  for (size_t i = 0; i < BATCH; i++)
    square += (x[i] - mean) * (x[i] - mean);
  memcpy(theta, gradus_params_const_values(network->params), sizeof theta);
  gradus_i_network_state state = {.running = theta};
  gradus_i_network_model model = {
      .network = network, .loss = &gradus_i_loss_gaussian, .state = &state};
  gradus_i_objective o = {
      .type = &gradus_i_network_type, .model = &model, .dim = 4, .row_size = 2, .threads = 1};
  gradus_batch batch = {.rows = BATCH, .x = x, .x_stride = 1, .y = y, .y_stride = 1};
  double *sums = calloc(gradus_i_objective_sums_size(&o, GRADUS_I_GRADIENT), sizeof *sums);
  double *scratch = calloc(o.type->scratch_size(&model, BATCH, GRADUS_I_GRADIENT), sizeof *scratch);
  gradus_i_value value = {.gradient = gradient};
  CHECK_STATUS(
      gradus_i_objective_batch(&o, theta, GRADUS_I_GRADIENT, &batch, sums, scratch, &value, NULL),
      GRADUS_OK, NULL);
  CHECK_CLOSE(value.loss, 0.5, 1e-6); /* half the mean square of standardised values */
  CHECK_CLOSE(theta[2], 0.1 * mean, 1e-14);
  CHECK_CLOSE(theta[3], 0.9 + 0.1 * square / (BATCH - 1), 1e-14);
  double moved = theta[2];
  gsl_matrix_view rows = gsl_matrix_view_array(x, BATCH, 1),
                  zeros = gsl_matrix_view_array(y, BATCH, 1);
  gradus_source *source;
  CHECK_STATUS(gradus_source_from_matrix(&source, &rows.matrix, &zeros.matrix, NULL,
                                         GRADUS_WEIGHT_NONE, NULL, NULL),
               GRADUS_OK, NULL);
  o.source = source;
  CHECK_STATUS(gradus_i_objective_evaluate(&o, theta, GRADUS_I_GRADIENT, &value, NULL), GRADUS_OK,
               NULL);
  CHECK_CLOSE(value.loss,
              0.5 * (square / BATCH + (mean - moved) * (mean - moved)) / (theta[3] + 1e-5), 1e-12);
  CU_ASSERT_EQUAL(theta[2], moved);
  gradus_source_free(source);
  free(sums);
  free(scratch);
  gradus_i_network_free(network);
}

int main(void) {
  static const test_case cases[] = {
      {"without hidden layers it is the affine model",
       without_hidden_layers_it_is_the_affine_model},
      {"gradients are those of differences, for every activation",
       gradients_are_those_of_differences_for_every_activation},
      {"float32 is near float64", float32_is_near_float64},
      {"a user's loss is weighted like ours", a_users_loss_is_weighted_like_ours},
      {"a mini-batch goes through batch norm whole", a_mini_batch_goes_through_batch_norm_whole},
  };
  return test_main("network_objective", cases, sizeof cases / sizeof *cases);
}
