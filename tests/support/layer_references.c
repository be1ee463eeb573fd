// SPDX-License-Identifier: GPL-3.0-or-later
#include "layer_references.h"

#include "../../lib/layer/initialise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

gradus_i_network *reference_network(const char *architecture, size_t inputs, size_t outputs) {
  gradus_i_network *network = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_i_network_from_json(&network, inputs, outputs,
                                          &(gradus_i_build_options){.architecture = architecture},
                                          &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(network);
  return network;
}

void *reference_reals(gradus_i_precision precision, const double *values, size_t count) {
  double *wide = calloc(count + 1, sizeof *wide);
  float *narrow = (float *)(void *)wide;
  for (size_t i = 0; values && i < count; i++) {
    if (precision == GRADUS_I_FLOAT)
      narrow[i] = (float)values[i];
    else
      wide[i] = values[i];
  }
  return wide;
}

double reference_real_at(gradus_i_precision precision, const void *values, size_t i) {
  return precision == GRADUS_I_FLOAT ? (double)((const float *)values)[i]
                                     : ((const double *)values)[i];
}

const double *reference_find(const gradus_frame *table, const char *name, const char *quantity,
                             size_t *count) {
  const double *values = table_column(table, "value"), *first = NULL;
  *count = 0;
  for (size_t i = 0; i < gradus_frame_rows(table); i++)
    if (strcmp(table_text(table, "case", i), name) == 0 &&
        strcmp(table_text(table, "quantity", i), quantity) == 0) {
      first = first ? first : values + i;
      ++*count;
    }
  CU_ASSERT_PTR_NOT_NULL_FATAL(first);
  return first;
}

static void compare(const gradus_frame *table, const reference_case *c, const char *quantity,
                    gradus_i_precision precision, const void *values, size_t count) {
  size_t there;
  double largest = 0, tolerance = precision == GRADUS_I_FLOAT ? 1e-5 : 1e-13;
  const double *must = reference_find(table, c->name, quantity, &there);
  CU_ASSERT_EQUAL_FATAL(there, count);
  for (size_t i = 0; i < count; i++)
    largest = fmax(largest, fabs(must[i]));
  for (size_t i = 0; i < count; i++)
    if (!(fabs(reference_real_at(precision, values, i) - must[i]) <=
          tolerance * fmax(largest, 1))) {
      printf("  %s, %s[%zu]: %.17g, PyTorch has %.17g\n", c->name, quantity, i,
             reference_real_at(precision, values, i), must[i]);
      CU_FAIL("differs from PyTorch");
      return;
    }
  CU_PASS("as PyTorch");
}

/* Rows that a lean tape is opened for, so that it has enough to do without. */
enum { LEAN_ROWS = 1024 };

/* Convolutions by planes where they go by places, and the other way about. */
static void turn_ways(gradus_i_network *network) {
  for (size_t i = 1; i < network->count; i++) {
    gradus_i_node *node = &network->nodes[i];
    if (node->type == &gradus_i_layer_conv1d || node->type == &gradus_i_layer_conv2d)
      node->has_planes = !node->has_planes;
  }
}

static void check_pass(const gradus_frame *table, const reference_case *c,
                       gradus_i_precision precision, bool lean, bool turned) {
  size_t dim, ins, outs;
  const double *start = reference_find(table, c->name, "theta", &dim);
  const double *inputs = reference_find(table, c->name, "x", &ins);
  const double *factor = reference_find(table, c->name, "factor", &outs);
  gradus_i_network *network = reference_network(c->architecture, c->inputs, c->outputs);
  if (turned)
    turn_ways(network);
  double *theta = reference_reals(GRADUS_I_DOUBLE, start, dim);
  void *theta_real = reference_reals(precision, start, dim);
  void *gradient = reference_reals(precision, NULL, dim);
  void *x = reference_reals(precision, inputs, ins);
  CU_ASSERT_EQUAL_FATAL(dim, gradus_params_size(network->params));
  CU_ASSERT_TRUE_FATAL(ins == c->rows * c->inputs && outs == c->rows * c->outputs);
  size_t most = lean ? LEAN_ROWS : c->rows;
  double *memory = calloc(gradus_i_tape_size(network, precision, most), sizeof *memory);
  gradus_i_tape tape;
  gradus_i_tape_open(&tape, network, precision, most, lean, memory);
  tape.rows = c->rows;
  tape.theta = theta_real;
  tape.x = x;
  tape.training = c->training;
  tape.nodes[0].gradient = reference_reals(precision, NULL, ins);
  compare(table, c, "out", precision, gradus_i_tape_forward(&tape), outs);
  void *slope = reference_reals(precision, factor, outs);
  size_t real = precision == GRADUS_I_FLOAT ? sizeof(float) : sizeof(double);
  memcpy(tape.nodes[network->count - 1].gradient, slope, outs * real);
  gradus_i_tape_backward(&tape, gradient);
  compare(table, c, "dx", precision, tape.nodes[0].gradient, ins);
  compare(table, c, "dtheta", precision, gradient, dim);
  if (c->training)
    gradus_i_tape_collect(&tape, theta);
  if (c->training && precision == GRADUS_I_DOUBLE)
    compare(table, c, "after", GRADUS_I_DOUBLE, theta, dim);
  free(tape.nodes[0].gradient);
  free(slope);
  free(memory);
  free(x);
  free(gradient);
  free(theta_real);
  free(theta);
  gradus_i_network_free(network);
}

void reference_check(const gradus_frame *table, const reference_case *c,
                     gradus_i_precision precision) {
  check_pass(table, c, precision, false, false);
  check_pass(table, c, precision, true, false);
  check_pass(table, c, precision, true, true);
}

static double wave(size_t i) {
  return sin(1.3 * (double)i + 0.4);
}

static void check_rows(const reference_case *c, bool turned) {
  gradus_i_network *network = reference_network(c->architecture, c->inputs, c->outputs);
  size_t dim = gradus_params_size(network->params), rows = c->rows, k = c->outputs;
  if (turned)
    turn_ways(network);
  CU_ASSERT_TRUE(gradus_i_network_has_rows_gradient(network));
  gradus_i_initialisation start = {.seed = 4, .bias = 0.1};
  CHECK_STATUS(gradus_i_network_initialise(network, &start, NULL), GRADUS_OK, NULL);
  double *memory = calloc(gradus_i_tape_size(network, GRADUS_I_DOUBLE, rows), sizeof *memory);
  double *x = calloc(rows * c->inputs, sizeof *x), *sum = calloc(dim, sizeof *sum);
  double *each = calloc(rows * (dim + 2), sizeof *each);
  for (size_t i = 0; i < rows * c->inputs; i++)
    x[i] = wave(i);
  gradus_i_tape tape;
  gradus_i_tape_open(&tape, network, GRADUS_I_DOUBLE, rows, false, memory);
  tape.rows = rows;
  tape.theta = gradus_params_const_values(network->params);
  tape.x = x;
  gradus_i_tape_forward(&tape);
  double *slope = tape.nodes[network->count - 1].gradient;
  for (size_t i = 0; i < rows * k; i++)
    slope[i] = wave(i + 5);
  gradus_i_tape_rows_gradient(&tape, each, dim + 2);
  gradus_i_tape_backward(&tape, sum);
  for (size_t j = 0; j < dim; j++) {
    double total = 0;
    for (size_t i = 0; i < rows; i++)
      total += each[i * (dim + 2) + j];
    CU_ASSERT_TRUE(fabs(total - sum[j]) < 1e-12);
  }
  free(each);
  free(sum);
  free(x);
  free(memory);
  gradus_i_network_free(network);
}

void reference_check_rows(const reference_case *c) {
  check_rows(c, false);
  check_rows(c, true);
}
