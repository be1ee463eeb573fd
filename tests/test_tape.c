// SPDX-License-Identifier: GPL-3.0-or-later
/* Passes through networks, cut into parts and strips: whatever the number of threads, and whether
   or not the tape keeps what is in between, the outputs and the derivatives are the same bits. */
#include "../lib/layer/initialise.h"
#include "support/layer_references.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 12, INPUTS = SIDE * SIDE, OUTPUTS = 3, ROWS = 600 };

#define IMAGE(layers)                                                                              \
  "{\"input\": [12, 12, 1], \"layers\": [" layers ", {\"type\": \"dense\", \"name\": "             \
  "\"output\"}]}"
#define CONV "{\"type\": \"conv2d\", \"filters\": 5, \"kernel\": 3}, "
#define POOL "{\"type\": \"max_pool\", \"kernel\": 2}, "
#define DO(activation) "{\"type\": \"activation\", \"activation\": \"" activation "\"}, "

static const char *const architectures[] = {
    IMAGE(CONV DO("relu") POOL CONV DO("relu") POOL "{\"type\": \"flatten\"}"),
    IMAGE(CONV DO("tanh") POOL CONV DO("gelu") "{\"type\": \"average_pool\", \"kernel\": 3}"),
    IMAGE(DO("relu")
              POOL DO("relu") "{\"type\": \"max_pool\", \"kernel\": 3, \"stride\": 1}, " CONV DO(
                  "softmax") "{\"type\": \"global_average_pool\"}"),
    IMAGE(CONV DO("identity") POOL DO("relu") POOL "{\"type\": \"dropout\", \"rate\": 0.3}"),
    IMAGE(CONV "{\"type\": \"dropout\", \"rate\": 0.3}, " DO("relu") "{\"type\": \"max_pool\", "
                                                                     "\"kernel\": 3, \"padding\": "
                                                                     "1}"),
    /* an output that two layers take */
    IMAGE("{\"type\": \"conv2d\", \"filters\": 4, \"kernel\": 3, \"padding\": \"same\"}, "
          "{\"type\": \"activation\", \"activation\": \"relu\", \"name\": \"shared\"}, "
          "{\"type\": \"conv2d\", \"filters\": 4, \"kernel\": 3, \"padding\": \"same\"}, "
          "{\"type\": \"add\", \"name\": \"sum\", \"inputs\": [\"conv2\", \"shared\"]}, " DO("relu")
              POOL "{\"type\": \"batch_norm\"}"),
    "{\"input\": [144, 1], \"layers\": [{\"type\": \"conv1d\", \"filters\": 3, \"kernel\": 5, "
    "\"stride\": 2}, " DO("relu") "{\"type\": \"max_pool\", \"kernel\": 3}, {\"type\": \"lstm\", "
                                  "\"units\": 4}, {\"type\": \"dense\", \"name\": \"output\"}]}",
};

typedef struct pass {
  gradus_i_tape tape;
  void *gradient, *slope, *by_inputs;
  size_t dim, real;
} pass;

/* As training has it: the output's derivative is what the output is, so that it must be there. */
static void run(void *context, gradus_i_team team) {
  pass *p = context;
  const void *out = gradus_i_tape_forward_in(&p->tape, team);
  if (team.thread == 0) {
    gradus_i_tape_clear(&p->tape);
    memcpy(p->slope, out, ROWS * OUTPUTS * p->real);
    memcpy(p->tape.nodes[p->tape.network->count - 1].gradient, out, ROWS * OUTPUTS * p->real);
  }
  gradus_i_tape_backward_in(&p->tape, team, p->gradient);
}

static double wave(size_t i) {
  return sin(1.3 * (double)i + 0.4) + cos(0.017 * (double)i);
}

static pass pass_of(gradus_i_network *network, gradus_i_precision precision, const double *x,
                    bool lean, int threads, bool inputs) {
  pass p = {.dim = gradus_params_size(network->params),
            .real = precision == GRADUS_I_FLOAT ? sizeof(float) : sizeof(double)};
  double *memory = calloc(gradus_i_tape_size(network, precision, ROWS), sizeof *memory);
  void *theta = reference_reals(precision, gradus_params_const_values(network->params), p.dim);
  void *real_x = reference_reals(precision, x, ROWS * INPUTS);
  p.gradient = reference_reals(precision, NULL, p.dim);
  p.slope = reference_reals(precision, NULL, ROWS * OUTPUTS);
  p.by_inputs = inputs ? reference_reals(precision, NULL, ROWS * INPUTS) : NULL;
  gradus_i_tape_open(&p.tape, network, precision, ROWS, lean, memory);
  p.tape.rows = ROWS;
  p.tape.theta = theta;
  p.tape.x = real_x;
  p.tape.training = true;
  p.tape.seed = 5;
  p.tape.fresh = true;
  p.tape.nodes[0].gradient = p.by_inputs;
  gradus_i_team_run(threads, run, &p);
  free(real_x);
  free(theta);
  free(memory);
  return p;
}

static void free_pass(pass *p) {
  free(p->gradient);
  free(p->slope);
  free(p->by_inputs);
}

static void compare(const char *architecture, const pass *a, const pass *b) {
  bool same = memcmp(a->gradient, b->gradient, a->dim * a->real) == 0 &&
              memcmp(a->slope, b->slope, ROWS * OUTPUTS * a->real) == 0 &&
              (!a->by_inputs || memcmp(a->by_inputs, b->by_inputs, ROWS * INPUTS * a->real) == 0);
  if (!same)
    printf("  %s\n", architecture);
  CU_ASSERT_TRUE(same);
}

static void check(const char *architecture, gradus_i_precision precision, const double *x) {
  gradus_i_network *network = reference_network(architecture, INPUTS, OUTPUTS);
  gradus_i_initialisation start = {.seed = 4, .bias = 0.1};
  CHECK_STATUS(gradus_i_network_initialise(network, &start, NULL), GRADUS_OK, NULL);
  for (int inputs = 0; inputs < 2; inputs++) {
    pass first = pass_of(network, precision, x, false, 1, inputs);
    double sum = 0;
    for (size_t j = 0; j < first.dim; j++)
      sum += fabs(reference_real_at(precision, first.gradient, j));
    CU_ASSERT_TRUE(sum > 0 && isfinite(sum));
    for (int i = 1; i < 6; i++) {
      pass other = pass_of(network, precision, x, i % 2 != 0, 1 + i / 2, inputs);
      compare(architecture, &first, &other);
      free_pass(&other);
    }
    free_pass(&first);
  }
  gradus_i_network_free(network);
}

static void lean_tapes_and_teams_give_the_same_bits(void) {
  double *x = malloc(ROWS * INPUTS * sizeof *x);
  for (size_t i = 0; i < ROWS * INPUTS; i++)
    x[i] = wave(i);
  x[2 * INPUTS + 7] = x[2 * INPUTS + 8]; /* equal ones among the largest */
  for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++) {
    check(architectures[i], GRADUS_I_DOUBLE, x);
    check(architectures[i], GRADUS_I_FLOAT, x);
  }
  free(x);
}

/* What is no number comes through as such, wherever it stands. */
static void what_is_no_number_comes_through(void) {
  double *x = calloc(ROWS * INPUTS, sizeof *x);
  x[5 * INPUTS + 3 * SIDE + 3] = NAN;
  gradus_i_network *network = reference_network(architectures[0], INPUTS, OUTPUTS);
  gradus_i_initialisation start = {.seed = 4, .bias = 0.1};
  CHECK_STATUS(gradus_i_network_initialise(network, &start, NULL), GRADUS_OK, NULL);
  for (int lean = 0; lean < 2; lean++) {
    pass p = pass_of(network, GRADUS_I_FLOAT, x, lean, 1, false);
    for (size_t i = 0; i < ROWS; i++)
      CU_ASSERT_EQUAL(isnan(reference_real_at(GRADUS_I_FLOAT, p.slope, i * OUTPUTS)) != 0, i == 5);
    free_pass(&p);
  }
  gradus_i_network_free(network);
  free(x);
}

/* A lean tape does without most of what a full one keeps: what it does with is in what a full one
   has room for, and nothing is written beyond. */
static void lean_tapes_keep_to_their_memory(void) {
  gradus_i_network *network = reference_network(architectures[0], INPUTS, OUTPUTS);
  for (size_t rows = 1; rows <= ROWS; rows += rows < 20 ? 1 : 97) {
    size_t size = gradus_i_tape_size(network, GRADUS_I_FLOAT, rows);
    float *x = calloc(rows * INPUTS, sizeof *x), *gradient = calloc(5000, sizeof *gradient);
    float *theta = calloc(5000, sizeof *theta);
    double *memory = calloc(size, sizeof *memory); /* its end is watched by the sanitizers */
    gradus_i_tape tape;
    gradus_i_tape_open(&tape, network, GRADUS_I_FLOAT, rows, true, memory);
    tape.rows = rows;
    tape.x = x;
    tape.theta = theta;
    gradus_i_tape_forward(&tape);
    gradus_i_tape_backward(&tape, gradient);
    CU_ASSERT_TRUE((char *)tape.nodes[network->count - 1].gradient <= (char *)(memory + size));
    free(memory);
    free(theta);
    free(gradient);
    free(x);
  }
  gradus_i_network_free(network);
}

int main(void) {
  static const test_case cases[] = {
      {"lean tapes and teams give the same bits", lean_tapes_and_teams_give_the_same_bits},
      {"what is no number comes through", what_is_no_number_comes_through},
      {"lean tapes keep to their memory", lean_tapes_keep_to_their_memory},
  };
  return test_main("tape", cases, sizeof cases / sizeof *cases);
}
