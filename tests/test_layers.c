// SPDX-License-Identifier: GPL-3.0-or-later
/* Layers forward and backward against PyTorch, in both precisions, and what PyTorch's numbers do
 * not show: dropout's masks, rows' own derivatives. */
#include "../lib/objective/loss.h"
#include "support/layer_references.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HIDDEN(between)                                                                            \
  "{\"layers\": [{\"type\": \"dense\", \"units\": 6, \"name\": \"hidden1\"}, " between             \
  ", {\"type\": \"dense\", \"name\": \"output\"}]}"
#define ACTIVATION(name)                                                                           \
  { name, HIDDEN("{\"type\": \"activation\", \"activation\": \"" name "\"}"), 7, 5, 3, false }
#define TANH "{\"type\": \"activation\", \"activation\": \"tanh\"}"
#define BATCH_NORM "{\"type\": \"batch_norm\", \"name\": \"norm\""

/* The cases of tests/reference/make_layers.py. */
static const reference_case references[] = {
    {"dense", "{\"layers\": [{\"type\": \"dense\", \"name\": \"output\"}]}", 7, 5, 3, false},
    ACTIVATION("identity"),
    ACTIVATION("sigmoid"),
    ACTIVATION("tanh"),
    ACTIVATION("relu"),
    ACTIVATION("leaky_relu"),
    ACTIVATION("elu"),
    ACTIVATION("gelu"),
    ACTIVATION("softplus"),
    ACTIVATION("swish"),
    ACTIVATION("softmax"),
    {"layer_norm", HIDDEN("{\"type\": \"layer_norm\", \"name\": \"norm\"}, " TANH), 7, 5, 3, false},
    {"layer_norm_one", HIDDEN("{\"type\": \"layer_norm\", \"name\": \"norm\"}, " TANH), 1, 5, 1,
     true},
    {"batch_norm", HIDDEN(BATCH_NORM "}, " TANH), 7, 5, 3, true},
    {"batch_norm_options", HIDDEN(BATCH_NORM ", \"epsilon\": 0.01, \"momentum\": 0.3}, " TANH), 3,
     1, 2, true},
    {"batch_norm_predicting", HIDDEN(BATCH_NORM "}, " TANH), 7, 5, 3, false},
    {"residual",
     "{\"layers\": [{\"type\": \"dense\", \"units\": 4, \"name\": \"hidden1\"},"
     "{\"type\": \"activation\", \"activation\": \"tanh\", \"name\": \"a1\"},"
     "{\"type\": \"dense\", \"units\": 4, \"name\": \"hidden2\"},"
     "{\"type\": \"activation\", \"activation\": \"tanh\", \"name\": \"a2\"},"
     "{\"type\": \"add\", \"name\": \"residual\", \"inputs\": [\"a2\", \"a1\"]},"
     "{\"type\": \"dense\", \"name\": \"output\"},"
     "{\"type\": \"dense\", \"name\": \"skip\", \"inputs\": [\"input\"], \"bias\": false},"
     "{\"type\": \"add\", \"name\": \"sum\", \"inputs\": [\"output\", \"skip\"]}]}",
     5, 3, 2, false},
};
enum { REFERENCES = sizeof references / sizeof *references };

/* ---- against PyTorch ---- */

static void layers_are_those_of_pytorch(void) {
  gradus_frame *table = table_open("layers/reference.csv");
  for (size_t i = 0; i < REFERENCES; i++)
    reference_check(table, &references[i], GRADUS_I_DOUBLE);
  gradus_frame_free(table);
}

static void in_float_they_are_near(void) {
  gradus_frame *table = table_open("layers/reference.csv");
  for (size_t i = 0; i < REFERENCES; i++)
    reference_check(table, &references[i], GRADUS_I_FLOAT);
  gradus_frame_free(table);
}

/* ---- losses ---- */

static void check_loss(const gradus_frame *table, const char *name, const gradus_i_loss *loss,
                       const gradus_i_glm_loss *glm) {
  size_t count, rows, responses, ones;
  const double *eta = reference_find(table, name, "eta", &count), *must, *y, *weight;
  weight = reference_find(table, name, "weight", &rows);
  y = reference_find(table, name, "y", &responses);
  gradus_batch batch = {.rows = rows, .y = y, .y_stride = responses / rows, .weight = weight};
  double sum = 0, *score = reference_reals(GRADUS_I_DOUBLE, eta, count);
  loss->rows(glm, GRADUS_I_GRADIENT, &batch, count / rows, score, NULL, &sum);
  CHECK_CLOSE(sum, *reference_find(table, name, "loss", &ones), 1e-13);
  must = reference_find(table, name, "deta", &ones);
  CU_ASSERT_EQUAL_FATAL(ones, count);
  for (size_t i = 0; i < count; i++)
    CU_ASSERT_TRUE(fabs(score[i] - must[i]) <= 1e-13 * fmax(1, fabs(must[i])));
  free(score);
}

static void losses_are_those_of_pytorch(void) {
  static const struct {
    const char *name, *family, *link;
  } glms[] = {{"gaussian", "gaussian", "identity"},
              {"binomial", "binomial", "logit"},
              {"poisson", "poisson", "log"}};
  gradus_frame *table = table_open("layers/losses.csv");
  for (size_t i = 0; i < 3; i++) {
    gradus_i_glm_loss glm = {.family = gradus_i_family_find(glms[i].family),
                             .link = gradus_i_link_find(glms[i].link)};
    check_loss(table, glms[i].name, &gradus_i_loss_glm, &glm);
  }
  check_loss(table, "gaussian", &gradus_i_loss_gaussian, NULL);
  check_loss(table, "gaussian3", &gradus_i_loss_gaussian, NULL);
  check_loss(table, "softmax1", &gradus_i_loss_softmax, NULL);
  check_loss(table, "softmax4", &gradus_i_loss_softmax, NULL);
  gradus_frame_free(table);
}

/* ---- dropout ---- */

enum { UNITS = 100, ROWS = 400 };
#define DROPOUT                                                                                    \
  "{\"layers\": [{\"type\": \"dense\", \"name\": \"output\"}, "                                    \
  "{\"type\": \"dropout\", \"rate\": 0.3}]}"

/* The outputs (rows×UNITS) of rows first .. of a batch through dropout, all 1 before it. */
static void drop(const gradus_i_network *network, gradus_i_precision precision, uint64_t seed,
                 size_t first, size_t rows, double *out) {
  double *memory = calloc(gradus_i_tape_size(network, precision, rows), sizeof *memory);
  void *x = reference_reals(precision, NULL, rows);
  void *theta = reference_reals(precision, gradus_params_const_values(network->params), 2 * UNITS);
  gradus_i_tape tape;
  gradus_i_tape_open(&tape, network, precision, rows, false, memory);
  tape.rows = rows;
  tape.theta = theta;
  tape.x = x;
  tape.training = seed > 0;
  tape.seed = seed;
  tape.first = first;
  const void *values = gradus_i_tape_forward(&tape);
  for (size_t i = 0; i < rows * UNITS; i++)
    out[i] = reference_real_at(precision, values, i);
  free(theta);
  free(x);
  free(memory);
}

static gradus_i_network *make_dropout(void) {
  gradus_i_network *network = reference_network(DROPOUT, 1, UNITS);
  for (size_t j = 0; j < UNITS; j++)
    gradus_params_values(network->params)[UNITS + j] = 1;
  return network;
}

static void dropout_drops_its_share_and_keeps_the_mean(void) {
  static double out[ROWS * UNITS], share_of_unit[UNITS];
  gradus_i_network *network = make_dropout();
  double dropped = 0, neighbours = 0, below = 0;
  drop(network, GRADUS_I_DOUBLE, 5, 0, ROWS, out);
  for (size_t i = 0; i < ROWS * UNITS; i++) {
    CU_ASSERT_TRUE(out[i] == 0 || fabs(out[i] - 1 / 0.7) < 1e-15);
    bool zero = out[i] == 0;
    dropped += zero;
    share_of_unit[i % UNITS] += zero / (double)ROWS;
    neighbours += zero && i % UNITS > 0 && out[i - 1] == 0;
    below += zero && i >= UNITS && out[i - UNITS] == 0;
  }
  double n = ROWS * UNITS; /* within 4 standard deviations */
  CU_ASSERT_TRUE(fabs(dropped / n - 0.3) < 4 * sqrt(0.21 / n));
  CU_ASSERT_TRUE(fabs(neighbours / n - 0.09) < 0.006);
  CU_ASSERT_TRUE(fabs(below / n - 0.09) < 0.006);
  for (size_t j = 0; j < UNITS; j++)
    CU_ASSERT_TRUE(fabs(share_of_unit[j] - 0.3) < 4 * sqrt(0.21 / ROWS));
  gradus_i_network_free(network);
}

static void masks_depend_on_seed_row_and_unit_alone(void) {
  static double whole[ROWS * UNITS], part[ROWS * UNITS];
  gradus_i_network *network = make_dropout();
  drop(network, GRADUS_I_DOUBLE, 5, 0, ROWS, whole);
  for (size_t first = 0; first < ROWS; first += 37)
    drop(network, GRADUS_I_DOUBLE, 5, first, ROWS - first < 37 ? ROWS - first : 37,
         part + first * UNITS);
  CU_ASSERT_EQUAL(memcmp(whole, part, sizeof whole), 0);
  drop(network, GRADUS_I_DOUBLE, 6, 0, ROWS, part);
  CU_ASSERT_NOT_EQUAL(memcmp(whole, part, sizeof whole), 0);
  drop(network, GRADUS_I_FLOAT, 5, 0, ROWS, part);
  for (size_t i = 0; i < ROWS * UNITS; i++)
    CU_ASSERT_EQUAL(whole[i] == 0, part[i] == 0);
  gradus_i_network_free(network);
}

static void predicting_nothing_is_dropped(void) {
  static double out[ROWS * UNITS];
  gradus_i_network *network = make_dropout();
  drop(network, GRADUS_I_DOUBLE, 0, 0, ROWS, out);
  for (size_t i = 0; i < ROWS * UNITS; i++)
    CU_ASSERT_EQUAL(out[i], 1);
  gradus_i_network_free(network);
}

/* ---- rows' own derivatives, and batch norm's state ---- */

static void derivatives_of_rows_add_up_to_those_of_the_batch(void) {
  for (size_t c = 0; c < REFERENCES; c++)
    reference_check_rows(&references[c]);
}

static void batch_norm_freezes_its_running_moments(void) {
  gradus_i_network *network = reference_network(HIDDEN(BATCH_NORM "}"), 5, 3);
  static const char *const frozen[] = {"norm.running_mean", "norm.running_var"};
  CU_ASSERT_TRUE(gradus_i_network_mixes_rows(network));
  for (size_t i = 0; i < 2; i++) {
    const gradus_block *block = gradus_params_find(network->params, frozen[i]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    CU_ASSERT_TRUE(block->frozen && block->penalty == 0 && block->size == 6);
    CU_ASSERT_EQUAL(gradus_params_const_values(network->params)[block->offset], (double)i);
  }
  CU_ASSERT_FALSE(gradus_params_find(network->params, "norm.weight")->frozen);
  gradus_i_network_free(network);
}

static void a_batch_of_one_row_leaves_the_running_moments_alone(void) {
  gradus_i_network *network = reference_network(HIDDEN(BATCH_NORM "}"), 5, 3);
  size_t dim = gradus_params_size(network->params);
  double *theta = gradus_params_values(network->params), x[5] = {1, 2, 3, 4, 5};
  double *before = reference_reals(GRADUS_I_DOUBLE, theta, dim);
  double *memory = calloc(gradus_i_tape_size(network, GRADUS_I_DOUBLE, 1), sizeof *memory);
  gradus_i_tape tape;
  gradus_i_tape_open(&tape, network, GRADUS_I_DOUBLE, 1, false, memory);
  tape.rows = 1;
  tape.theta = theta;
  tape.x = x;
  tape.training = true;
  gradus_i_tape_forward(&tape);
  gradus_i_tape_collect(&tape, theta);
  CU_ASSERT_EQUAL(memcmp(before, theta, dim * sizeof *theta), 0);
  free(memory);
  free(before);
  gradus_i_network_free(network);
}

int main(void) {
  static const test_case cases[] = {
      {"layers are those of PyTorch, forward and backward", layers_are_those_of_pytorch},
      {"in float they are near", in_float_they_are_near},
      {"losses are those of PyTorch", losses_are_those_of_pytorch},
      {"dropout drops its share and keeps the mean", dropout_drops_its_share_and_keeps_the_mean},
      {"masks depend on seed, row and unit alone", masks_depend_on_seed_row_and_unit_alone},
      {"predicting, nothing is dropped", predicting_nothing_is_dropped},
      {"derivatives of rows add up to those of the batch",
       derivatives_of_rows_add_up_to_those_of_the_batch},
      {"batch norm freezes its running moments", batch_norm_freezes_its_running_moments},
      {"a batch of one row leaves the running moments alone",
       a_batch_of_one_row_leaves_the_running_moments_alone},
  };
  return test_main("layers", cases, sizeof cases / sizeof *cases);
}
