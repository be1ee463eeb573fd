// SPDX-License-Identifier: GPL-3.0-or-later
/* Recurrent layers and embeddings in networks: how they start, architectures that go round and
 * those that are refused, the same bits for any number of threads, and that they learn. */
#include "../lib/layer/build.h"
#include "../lib/layer/initialise.h"
#include "support/network_problem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT "{\"type\": \"dense\", \"name\": \"output\"}"

static gradus_i_network *network_of(const char *architecture, size_t inputs, size_t outputs) {
  gradus_i_network *network = NULL;
  gradus_error err = {0};
  gradus_i_build_options options = {.architecture = architecture};
  CHECK_STATUS(gradus_i_network_from_json(&network, inputs, outputs, &options, &err), GRADUS_OK,
               &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(network);
  return network;
}

/* ---- blocks and how they start ---- */

#define TWO_WAYS(type)                                                                             \
  "{\"input\": [4, 2], \"layers\": [{\"type\": \"" type                                            \
  "\", \"units\": 3, \"bidirectional\": true}, " OUTPUT "]}"

static void check_blocks(const char *architecture, const char *must) {
  gradus_i_network *network = network_of(architecture, 8, 1);
  gradus_i_text is = {0};
  for (size_t b = 0; b + 2 < gradus_params_blocks(network->params); b++) {
    const gradus_block *block = gradus_params_block(network->params, b);
    gradus_i_text_format(&is, "%s%s[%zu,%zu]<%zu>%zu", b ? " " : "", block->name, block->shape[0],
                         block->shape[1], block->fan_in, block->fan_out);
  }
  CU_ASSERT_STRING_EQUAL(is.data, must);
  gradus_i_text_clear(&is);
  gradus_i_network_free(network);
}

static void blocks_are_named_and_shaped_as_those_of_pytorch(void) {
  check_blocks(TWO_WAYS("lstm"),
               "lstm1.weight_ih[12,2]<2>3 lstm1.weight_hh[12,3]<3>3 lstm1.bias[12,1]<2>3 "
               "lstm1.weight_ih_reverse[12,2]<2>3 lstm1.weight_hh_reverse[12,3]<3>3 "
               "lstm1.bias_reverse[12,1]<2>3");
  check_blocks(TWO_WAYS("gru"),
               "gru1.weight_ih[9,2]<2>3 gru1.weight_hh[9,3]<3>3 gru1.bias[9,1]<2>3 "
               "gru1.bias_hn[3,1]<3>3 gru1.weight_ih_reverse[9,2]<2>3 "
               "gru1.weight_hh_reverse[9,3]<3>3 gru1.bias_reverse[9,1]<2>3 "
               "gru1.bias_hn_reverse[3,1]<3>3");
  check_blocks("{\"input\": [4, 2], \"layers\": [{\"type\": \"rnn\", \"units\": 3}, " OUTPUT "]}",
               "rnn1.weight_ih[3,2]<2>3 rnn1.weight_hh[3,3]<3>3 rnn1.bias[3,1]<2>3");
}

/* Each gate's matrix times its transpose is the identity. */
static void check_orthogonal(const double *gate, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      double product = 0;
      for (size_t k = 0; k < n; k++)
        product += gate[i * n + k] * gate[j * n + k];
      CU_ASSERT_TRUE(fabs(product - (i == j)) < 1e-14);
    }
}

static void states_weights_start_orthogonal_and_memories_hold(void) {
  gradus_i_network *network = network_of(TWO_WAYS("lstm"), 8, 1);
  const double *theta = gradus_params_const_values(network->params);
  gradus_i_initialisation start = {.seed = 6, .bias = 0.25};
  CHECK_STATUS(gradus_i_network_initialise(network, &start, NULL), GRADUS_OK, NULL);
  static const char *const states[] = {"lstm1.weight_hh", "lstm1.weight_hh_reverse"};
  static const char *const biases[] = {"lstm1.bias", "lstm1.bias_reverse"};
  for (size_t d = 0; d < 2; d++) {
    const double *weight = theta + gradus_params_find(network->params, states[d])->offset;
    const double *bias = theta + gradus_params_find(network->params, biases[d])->offset;
    for (size_t gate = 0; gate < 4; gate++)
      check_orthogonal(weight + gate * 9, 3);
    CU_ASSERT_TRUE(weight[0] != weight[9]);
    for (size_t j = 0; j < 12; j++)
      CU_ASSERT_EQUAL(bias[j], j >= 3 && j < 6 ? 1 : 0.25);
  }
  const gradus_block *inputs = gradus_params_find(network->params, "lstm1.weight_ih");
  double largest = 0;
  for (size_t j = 0; j < inputs->size; j++)
    largest = fmax(largest, fabs(theta[inputs->offset + j]));
  CU_ASSERT_TRUE(largest <= sqrt(6.0 / 5) && largest > 0.7 * sqrt(6.0 / 5));
  gradus_i_network_free(network);
}

/* ---- architectures ---- */

static void text_and_network_go_round(void) {
  static const char *const texts[] = {
      "{\"input\": [4, 2], \"lengths\": true, \"layers\": [{\"type\": \"rnn\", \"name\": \"a\", "
      "\"activation\": \"relu\", \"units\": 3, \"sequences\": true, \"truncate\": 2}, {\"type\": "
      "\"lstm\", \"name\": \"b\", \"units\": 2, \"bidirectional\": true}, {\"type\": \"dense\", "
      "\"name\": \"output\"}]}",
      "{\"layers\": [{\"type\": \"embedding\", \"name\": \"e\", \"levels\": 7, \"units\": 3}, "
      "{\"type\": \"gru\", \"name\": \"g\", \"units\": 2}, {\"type\": \"reshape\", \"name\": "
      "\"r\", \"shape\": [2, 1]}, {\"type\": \"concat\", \"name\": \"c\", \"inputs\": [\"r\", "
      "\"r\"]}, {\"type\": \"dense\", \"name\": \"output\"}]}"};
  for (size_t i = 0; i < 2; i++) {
    gradus_i_network *network = network_of(texts[i], 9, 2);
    gradus_i_text text = {0};
    CHECK_STATUS(gradus_i_network_to_json(network, &text, NULL), GRADUS_OK, NULL);
    CU_ASSERT_STRING_EQUAL(text.data, texts[i]);
    gradus_i_text_clear(&text);
    gradus_i_network_free(network);
  }
}

#define REFUSED(layer) "{\"input\": [4, 2], \"layers\": [" layer ", " OUTPUT "]}"

static void what_cannot_be_is_refused(void) {
  static const struct {
    const char *architecture, *says;
    gradus_status status;
  } refused[] = {
      {"{\"layers\": [{\"type\": \"lstm\", \"units\": 3}, " OUTPUT "]}",
       "takes sequences of the shape steps x features: its input has the shape 8; "
       "a recurrent layer before",
       GRADUS_ERROR_SHAPE},
      {REFUSED("{\"type\": \"gru\"}"), "\"gru1\" has no units", GRADUS_ERROR_INVALID_ARGUMENT},
      {REFUSED("{\"type\": \"gru\", \"units\": 4611686018427387904}"),
       "has 4611686018427387904 units: 16777216 are the most", GRADUS_ERROR_TOO_LARGE},
      {REFUSED("{\"type\": \"rnn\", \"units\": 2, \"activation\": \"gelu\"}"),
       "has the activation gelu: it must be tanh or relu", GRADUS_ERROR_INVALID_ARGUMENT},
      {REFUSED("{\"type\": \"lstm\", \"units\": 2, \"activation\": \"tanh\"}"),
       "has no option \"activation\"", GRADUS_ERROR_INVALID_ARGUMENT},
      {REFUSED("{\"type\": \"lstm\", \"units\": 2, \"truncate\": 0}"),
       "\"truncate\" must be a whole number of 1 or more", GRADUS_ERROR_INVALID_ARGUMENT},
      {REFUSED("{\"type\": \"lstm\", \"units\": 2}, {\"type\": \"gru\", \"units\": 2}"),
       "its input has the shape 2; a recurrent layer before hands on all of its states with "
       "\"sequences\": true",
       GRADUS_ERROR_SHAPE},
      {REFUSED("{\"type\": \"gru\", \"units\": 2}, "
               "{\"type\": \"embedding\", \"units\": 2, \"levels\": 3}"),
       "computed by the layer \"gru1\" of type gru", GRADUS_ERROR_SHAPE},
      {"{\"layers\": [{\"type\": \"embedding\", \"units\": 2}, " OUTPUT "]}", "has no levels",
       GRADUS_ERROR_INVALID_ARGUMENT},
      {REFUSED("{\"type\": \"reshape\", \"shape\": [3, 3]}"),
       "cannot make the shape 3x3, 9 values, of the shape 4x2, 8 values", GRADUS_ERROR_SHAPE},
      {REFUSED("{\"type\": \"reshape\", \"shape\": [2, 4], \"name\": \"a\"}, {\"type\": "
               "\"concat\", \"inputs\": [\"a\", \"input\"]}"),
       "cannot put shapes 2x4 and 4x2 side by side", GRADUS_ERROR_SHAPE},
      {REFUSED("{\"type\": \"concat\"}"), "puts two to four inputs side by side",
       GRADUS_ERROR_INVALID_ARGUMENT},
  };
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    gradus_i_network *network = NULL;
    gradus_error err = {0};
    gradus_i_build_options options = {.architecture = refused[i].architecture};
    CHECK_STATUS(gradus_i_network_from_json(&network, 8, 1, &options, &err), refused[i].status,
                 &err);
    CHECK_CONTAINS(err.message, refused[i].says);
    CU_ASSERT_PTR_NULL(network);
  }
}

static void lengths_and_tokens_are_whole_numbers(void) {
  gradus_i_input input;
  gradus_i_network *network = network_of("{\"input\": [4, 2], \"lengths\": true, \"layers\": [{"
                                         "\"type\": \"lstm\", \"units\": 2}, " OUTPUT "]}",
                                         9, 1);
  gradus_i_network_input(network, 7, &input);
  CU_ASSERT_FALSE(input.whole);
  gradus_i_network_input(network, 8, &input);
  CU_ASSERT_TRUE(input.whole && input.least == 1 && input.most == 4);
  gradus_i_network_free(network);
  network = network_of(
      "{\"layers\": [{\"type\": \"embedding\", \"units\": 2, \"levels\": 6}, " OUTPUT "]}", 3, 1);
  gradus_i_network_input(network, 2, &input);
  CU_ASSERT_TRUE(input.whole && input.least == 0 && input.most == 5);
  gradus_i_network_free(network);
}

/* ---- training ---- */

enum { ROWS = 150, STEPS = 6, LEVELS = 20, EMBEDDED = 64 };

/* Tokens and lengths; the response is whether the last token that counts is in the upper half. */
static void make_problem(network_problem *p, const char *architecture,
                         gradus_i_precision precision) {
  uint64_t state = 3;
  *p = (network_problem){.x = gsl_matrix_alloc(ROWS, STEPS + 1), .y = gsl_matrix_alloc(ROWS, 1)};
  for (size_t i = 0; i < ROWS; i++) {
    size_t length = 1 + i % STEPS;
    for (size_t j = 0; j < STEPS; j++)
      gsl_matrix_set(p->x, i, j, floor(LEVELS * test_uniform(&state)));
    gsl_matrix_set(p->x, i, STEPS, (double)length);
    gsl_matrix_set(p->y, i, 0, gsl_matrix_get(p->x, i, length - 1) >= LEVELS / 2);
  }
  p->network = network_of(architecture, STEPS + 1, 1);
  network_problem_finish(p, &gradus_i_loss_softmax, GRADUS_WEIGHT_NONE);
  p->model.precision = precision;
  p->model.state = &p->state;
}

/* θ after some epochs; *loss: the last one's mean. */
static double *train(const network_problem *p, size_t batch, size_t epochs, double *loss) {
  gradus_i_initialisation start = {.seed = 8};
  gradus_i_outcome outcome;
  gradus_error err = {0};
  double *theta = malloc(p->objective.dim * sizeof *theta);
  CHECK_STATUS(gradus_i_network_initialise(p->network, &start, NULL), GRADUS_OK, NULL);
  memcpy(theta, gradus_params_const_values(p->network->params), p->objective.dim * sizeof *theta);
  gradus_descent_options descent = {
      .rule = GRADUS_RULE_ADAM, .batch_size = batch, .learning_rate = 0.01};
  gradus_i_solver_options options = {.max_iterations = epochs, .descent = &descent, .seed = 5};
  CHECK_STATUS(
      gradus_i_minimise(&gradus_i_gradient_descent, &p->objective, &options, theta, &outcome, &err),
      GRADUS_OK, &err);
  *loss = outcome.loss;
  return theta;
}

#define TOKENS(cell)                                                                               \
  "{\"input\": [6], \"lengths\": true, \"layers\": [{\"type\": \"embedding\", \"levels\": 20, "    \
  "\"units\": 64}, {\"type\": \"" cell                                                             \
  "\", \"units\": 9, \"bidirectional\": true, \"sequences\": true}, {\"type\": \"" cell            \
  "\", \"units\": 5}, " OUTPUT "]}"

static void any_number_of_threads_leaves_the_same_bits(void) {
  static const char *const architectures[] = {TOKENS("rnn"), TOKENS("gru"), TOKENS("lstm")};
  static const int threads[] = {2, 8};
  for (size_t a = 0; a < 6; a++) {
    network_problem p;
    double loss;
    make_problem(&p, architectures[a / 2], a % 2 ? GRADUS_I_FLOAT : GRADUS_I_DOUBLE);
    double *one = train(&p, 64, 2, &loss);
    for (size_t t = 0; t < 2; t++) {
      p.objective.threads = threads[t];
      double *many = train(&p, 64, 2, &loss);
      CU_ASSERT(memcmp(one, many, p.objective.dim * sizeof *one) == 0);
      free(many);
    }
    free(one);
    network_problem_close(&p);
  }
}

static void they_learn_what_stands_at_the_end(void) {
  static const char *const architectures[] = {TOKENS("rnn"), TOKENS("gru"), TOKENS("lstm")};
  for (size_t a = 0; a < 3; a++) {
    network_problem p;
    double first, last;
    make_problem(&p, architectures[a], GRADUS_I_FLOAT);
    free(train(&p, 16, 1, &first));
    free(train(&p, 16, 30, &last));
    CU_ASSERT_TRUE(first > 0.2 && last < 0.05);
    network_problem_close(&p);
  }
}

static void failed_allocations_leak_nothing(void) {
  gradus_i_build_options options = {.architecture = TOKENS("gru")};
  failing_run run = {0};
  while (NEXT_FAILING(&run)) {
    gradus_i_network *network = NULL;
    gradus_i_initialisation start = {.seed = 8};
    run.status = gradus_i_network_from_json(&network, STEPS + 1, 1, &options, NULL);
    if (run.status <= 0)
      run.status = gradus_i_network_initialise(network, &start, NULL);
    gradus_i_network_free(network);
  }
  CU_ASSERT_TRUE(run.at > 10);
}

int main(void) {
  static const test_case cases[] = {
      {"blocks are named and shaped as those of PyTorch",
       blocks_are_named_and_shaped_as_those_of_pytorch},
      {"states' weights start orthogonal, and memories hold",
       states_weights_start_orthogonal_and_memories_hold},
      {"text and network go round", text_and_network_go_round},
      {"what cannot be is refused", what_cannot_be_is_refused},
      {"lengths and tokens are whole numbers", lengths_and_tokens_are_whole_numbers},
      {"any number of threads leaves the same bits", any_number_of_threads_leaves_the_same_bits},
      {"they learn what stands at the end", they_learn_what_stands_at_the_end},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("recurrent_training", cases, sizeof cases / sizeof *cases);
}
