// SPDX-License-Identifier: GPL-3.0-or-later
/* Recurrent layers and embeddings against PyTorch, in both precisions, and against differences;
 * rows' own derivatives; what padding and a single step must be. */
#include "../lib/layer/build.h"
#include "../lib/layer/check_gradient.h"
#include "../lib/linalg/recurrent.h"
#include "support/support.h"
#include "support/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A case of tests/reference/make_recurrent.py with its network, θ and factors, in a precision. */
typedef struct reference {
  const gradus_frame *table;
  size_t row, rows, inputs, outs, dim;
  gradus_i_network *network;
  gradus_i_precision precision;
  gradus_i_tape tape;
  void *theta, *x, *factor, *gradient, *memory;
} reference;

static void *reals(gradus_i_precision precision, size_t count) {
  return calloc(count + 1, precision == GRADUS_I_FLOAT ? sizeof(float) : sizeof(double));
}
static void put(gradus_i_precision precision, void *values, size_t i, double value) {
  if (precision == GRADUS_I_FLOAT)
    ((float *)values)[i] = (float)value;
  else
    ((double *)values)[i] = value;
}
static double get(gradus_i_precision precision, const void *values, size_t i) {
  return precision == GRADUS_I_FLOAT ? (double)((const float *)values)[i]
                                     : ((const double *)values)[i];
}

static gradus_i_network *network_of(const char *architecture, size_t inputs, size_t outputs,
                                    size_t steps) {
  gradus_i_network *network = NULL;
  gradus_error err = {0};
  gradus_i_build_options options = {.architecture = architecture, .steps = steps};
  CHECK_STATUS(gradus_i_network_from_json(&network, inputs, outputs, &options, &err), GRADUS_OK,
               &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(network);
  return network;
}

static void open_reference(reference *r, const gradus_frame *table, size_t row,
                           gradus_i_precision precision) {
  *r = (reference){.table = table,
                   .row = row,
                   .precision = precision,
                   .rows = (size_t)table_number(table, "rows", row),
                   .inputs = (size_t)table_number(table, "inputs", row)};
  r->network = network_of(table_text(table, "architecture", row), r->inputs,
                          (size_t)table_number(table, "outputs", row),
                          (size_t)table_number(table, "steps", row));
  r->dim = gradus_params_size(r->network->params);
  r->outs = r->rows * gradus_i_network_output(r->network)->size;
  r->theta = reals(precision, r->dim);
  r->gradient = reals(precision, r->dim);
  r->x = reals(precision, r->rows * r->inputs);
  r->factor = reals(precision, r->outs);
  for (size_t j = 0; j < r->dim; j++)
    put(precision, r->theta, j, 0.8 * sin(1.3 * (double)j + 0.4));
  for (size_t j = 0; j < r->outs; j++)
    put(precision, r->factor, j, cos(0.9 * (double)j + 0.1));
  const char *text = table_text(table, "x", row);
  for (size_t j = 0; j < r->rows * r->inputs; j++)
    put(precision, r->x, j, strtod(text, (char **)(uintptr_t)&text));
  r->memory = calloc(gradus_i_tape_size(r->network, precision, r->rows), sizeof(double));
  gradus_i_tape_open(&r->tape, r->network, precision, r->rows, false, r->memory);
  r->tape.rows = r->rows;
  r->tape.theta = r->theta;
  r->tape.x = r->x;
  r->tape.nodes[0].gradient = reals(precision, r->rows * r->inputs);
}

static void close_reference(reference *r) {
  free(r->tape.nodes[0].gradient);
  free(r->memory);
  free(r->theta);
  free(r->gradient);
  free(r->x);
  free(r->factor);
  gradus_i_network_free(r->network);
}

/* Forward, and backward from the factors. */
static const void *go(reference *r) {
  size_t size = r->precision == GRADUS_I_FLOAT ? sizeof(float) : sizeof(double);
  const void *out = gradus_i_tape_forward(&r->tape);
  memcpy(r->tape.nodes[r->network->count - 1].gradient, r->factor, r->outs * size);
  gradus_i_tape_backward(&r->tape, r->gradient);
  return out;
}

static void compare(const reference *r, const char *quantity, const void *values, size_t count) {
  const char *name = table_text(r->table, "case", r->row);
  const char *text = table_text(r->table, quantity, r->row), *next = text;
  double largest = 1, tolerance = r->precision == GRADUS_I_FLOAT ? 2e-5 : 1e-13;
  for (size_t i = 0; i < count; i++)
    largest = fmax(largest, fabs(strtod(next, (char **)(uintptr_t)&next)));
  CU_ASSERT_EQUAL_FATAL(*next, '\0');
  for (size_t i = 0; i < count; i++) {
    double must = strtod(text, (char **)(uintptr_t)&text), is = get(r->precision, values, i);
    if (fabs(is - must) <= tolerance * largest)
      continue;
    printf("  %s, %s[%zu]: %.17g, PyTorch has %.17g\n", name, quantity, i, is, must);
    CU_FAIL("differs from PyTorch");
    return;
  }
  CU_PASS("as PyTorch");
}

static void check_references(gradus_i_precision precision) {
  gradus_frame *table = table_open("recurrent/reference.csv");
  CU_ASSERT_TRUE(gradus_frame_rows(table) >= 50);
  for (size_t i = 0; i < gradus_frame_rows(table); i++) {
    reference r;
    open_reference(&r, table, i, precision);
    compare(&r, "out", go(&r), r.outs);
    compare(&r, "dx", r.tape.nodes[0].gradient, r.rows * r.inputs);
    compare(&r, "dtheta", r.gradient, r.dim);
    close_reference(&r);
  }
  gradus_frame_free(table);
}

static void they_are_those_of_pytorch(void) {
  check_references(GRADUS_I_DOUBLE);
}

static void in_float_they_are_near(void) {
  check_references(GRADUS_I_FLOAT);
}

/* Of every case: derivatives of rows, made twice after one forward. */
static void derivatives_of_rows_add_up_to_those_of_the_batch(void) {
  gradus_frame *table = table_open("recurrent/reference.csv");
  for (size_t c = 0; c < gradus_frame_rows(table); c++) {
    reference r;
    open_reference(&r, table, c, GRADUS_I_DOUBLE);
    size_t stride = r.dim + 2, last = r.network->count - 1;
    CU_ASSERT_TRUE(gradus_i_network_has_rows_gradient(r.network));
    double *each = calloc(r.rows * stride, sizeof *each), *sum = r.gradient;
    gradus_i_tape_forward(&r.tape);
    for (int twice = 0; twice < 2; twice++) {
      memcpy(r.tape.nodes[last].gradient, r.factor, r.outs * sizeof(double));
      gradus_i_tape_rows_gradient(&r.tape, each, stride);
    }
    memcpy(r.tape.nodes[last].gradient, r.factor, r.outs * sizeof(double));
    gradus_i_tape_backward(&r.tape, sum);
    for (size_t j = 0; j < r.dim; j++) {
      double total = 0;
      for (size_t i = 0; i < r.rows; i++)
        total += each[i * stride + j];
      CU_ASSERT_TRUE(fabs(total - sum[j]) <= 1e-11 * fmax(1, fabs(sum[j])));
    }
    free(each);
    close_reference(&r);
  }
  gradus_frame_free(table);
}

/* ---- differences ---- */

/* All cases but the truncated ones, whose derivatives are not those of the values. */
static void derivatives_are_those_of_the_values(void) {
  gradus_frame *table = table_open("recurrent/reference.csv");
  for (size_t i = 0; i < gradus_frame_rows(table); i++) {
    const char *architecture = table_text(table, "architecture", i);
    if (strstr(architecture, "truncate") || strstr(architecture, "relu"))
      continue;
    gradus_i_network *network = network_of(architecture, (size_t)table_number(table, "inputs", i),
                                           (size_t)table_number(table, "outputs", i),
                                           (size_t)table_number(table, "steps", i));
    gradus_i_network_check how = {.rows = 3, .training = true, .seed = i + 1};
    gradus_gradient_check found = {.error = NAN};
    CHECK_STATUS(gradus_i_check_network(&found, network, &how, NULL), GRADUS_OK, NULL);
    CU_ASSERT_TRUE(found.compared > 0);
    if (!(found.error <= 1e-7)) {
      printf("  %s: %s: %.17g, differences say %.17g\n", table_text(table, "case", i), found.where,
             found.derivative, found.difference);
      CU_FAIL("a derivative is wrong");
    }
    gradus_i_network_free(network);
  }
  gradus_frame_free(table);
}

/* ---- padding ---- */

static void nothing_comes_from_padding_whatever_stands_there(void) {
  gradus_frame *table = table_open("recurrent/reference.csv");
  for (size_t c = 0; c < gradus_frame_rows(table); c++) {
    reference r;
    if (!strstr(table_text(table, "architecture", c), "lengths"))
      continue;
    open_reference(&r, table, c, GRADUS_I_DOUBLE);
    const gradus_i_shape *shape = &r.network->nodes[r.network->entry].out;
    for (size_t i = 0; i < r.rows; i++) {
      double *row = (double *)r.x + i * r.inputs;
      for (size_t j = (size_t)row[r.inputs - 1] * shape->extent[1]; j + 1 < r.inputs; j++)
        row[j] = j % 2 ? NAN : INFINITY;
    }
    compare(&r, "out", go(&r), r.outs);
    compare(&r, "dx", r.tape.nodes[0].gradient, r.rows * r.inputs);
    compare(&r, "dtheta", r.gradient, r.dim);
    close_reference(&r);
  }
  gradus_frame_free(table);
}

/* ---- a single step ---- */

enum { STEP_ROWS = 5, STEP_INPUTS = 6, STEP_UNITS = 21 };
#define TAIL "{\"type\": \"dense\", \"name\": \"output\"}]}"
#define ONE_STEP(activation)                                                                       \
  "{\"input\": [1, 6], \"layers\": [{\"type\": \"rnn\", \"units\": 21, \"activation\": "           \
  "\"" activation "\"}, " TAIL
#define ONE_DENSE(activation)                                                                      \
  "{\"layers\": [{\"type\": \"dense\", \"units\": 21}, {\"type\": \"activation\", "                \
  "\"activation\": \"" activation "\"}, " TAIL

/* The values after the node of a network, whose θ is sines, but for the block at `skip`. */
static void states_of(const char *architecture, size_t node, size_t skip, size_t skipped,
                      double *states) {
  gradus_i_network *network = network_of(architecture, STEP_INPUTS, 1, 0);
  double *theta = gradus_params_values(network->params), x[STEP_ROWS * STEP_INPUTS];
  double *memory = calloc(gradus_i_tape_size(network, GRADUS_I_DOUBLE, STEP_ROWS), sizeof *memory);
  for (size_t j = 0, k = 0; j < gradus_params_size(network->params); j++)
    theta[j] = j >= skip && j < skip + skipped ? 3 : sin(1.7 * (double)k++);
  for (size_t j = 0; j < STEP_ROWS * STEP_INPUTS; j++)
    x[j] = cos(2.3 * (double)j);
  gradus_i_tape tape;
  gradus_i_tape_open(&tape, network, GRADUS_I_DOUBLE, STEP_ROWS, false, memory);
  tape.rows = STEP_ROWS;
  tape.theta = theta;
  tape.x = x;
  gradus_i_tape_forward(&tape);
  memcpy(states, tape.nodes[node].out, STEP_ROWS * STEP_UNITS * sizeof *states);
  free(memory);
  gradus_i_network_free(network);
}

/* To the bits that the order of a sum and a fused addition leave: the state before is 0, whatever
   weight_hh is. */
static void one_step_is_the_dense_layer(void) {
  static const char *const pairs[][2] = {{ONE_STEP("tanh"), ONE_DENSE("tanh")},
                                         {ONE_STEP("relu"), ONE_DENSE("relu")}};
  double one[STEP_ROWS * STEP_UNITS], other[STEP_ROWS * STEP_UNITS];
  for (size_t p = 0; p < 2; p++) {
    states_of(pairs[p][0], 1, STEP_UNITS * STEP_INPUTS, STEP_UNITS * STEP_UNITS, one);
    states_of(pairs[p][1], 2, 0, 0, other);
    for (size_t i = 0; i < STEP_ROWS * STEP_UNITS; i++)
      CU_ASSERT_TRUE(fabs(one[i] - other[i]) <= 4e-16 * (p == 0 ? 1 : STEP_INPUTS));
  }
}

/* ---- kernels ---- */

/* A product by every instruction set against loops: odd numbers of rows, columns, strides. */
#define CHECK_PRODUCTS(real, suffix, tolerance)                                                    \
  static void check_products_##suffix(size_t rows, size_t k, size_t n) {                           \
    enum { MOST = 64 * 80 };                                                                       \
    static real a[MOST], b[MOST], c[MOST];                                                         \
    for (int set = 0; set < GRADUS_I_INSTRUCTIONS; set++) {                                        \
      const gradus_i_recurrent_##suffix *table =                                                   \
          gradus_i_recurrent_table_##suffix((gradus_i_instructions)set);                           \
      if (!table)                                                                                  \
        continue;                                                                                  \
      for (size_t j = 0; j < MOST; j++) {                                                          \
        a[j] = (real)sin(0.7 * (double)j);                                                         \
        b[j] = (real)cos(1.1 * (double)j);                                                         \
        c[j] = (real)j;                                                                            \
      }                                                                                            \
      table->multiply(rows, k, n, a, k + 1, b, n + 2, c, n + 3);                                   \
      for (size_t i = 0; i < rows; i++)                                                            \
        for (size_t j = 0; j < n + 3; j++) {                                                       \
          double must = (double)(i * (n + 3) + j);                                                 \
          for (size_t l = 0; j < n && l < k; l++)                                                  \
            must += (double)(a[i * (k + 1) + l] * b[l * (n + 2) + j]);                             \
          CU_ASSERT_TRUE(fabs((double)c[i * (n + 3) + j] - must) <= (tolerance)*fmax(1, must));    \
        }                                                                                          \
    }                                                                                              \
  }
CHECK_PRODUCTS(double, d, 1e-14)
CHECK_PRODUCTS(float, f, 1e-5)

static void products_are_right_for_all_sizes(void) {
  static const size_t columns[] = {1, 3, 8, 15, 16, 17, 33, 64, 71};
  for (size_t rows = 1; rows <= 17; rows += rows < 8 ? 1 : 3)
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
      for (size_t k = 1; k <= 9; k += 4) {
        check_products_d(rows, k, columns[i]);
        check_products_f(rows, k, columns[i]);
      }
}

/* The cells of every instruction set as their definitions have them, by the C library's functions;
   a number of units that no vector divides. */
enum { GATE_ROWS = 3, GATE_UNITS = 37, GATE_VALUES = GATE_ROWS * GATE_UNITS };

static double sigmoid(double x) {
  return 1 / (1 + exp(-x));
}

/* State (and memory) of a unit whose sums are a[gate]. */
static double define(gradus_i_cell cell, const double a[4], double before, double *memory) {
  double z, n;
  switch (cell) {
  case GRADUS_I_CELL_TANH:
    return tanh(a[0]);
  case GRADUS_I_CELL_RELU:
    return fmax(a[0], 0);
  case GRADUS_I_CELL_GRU:
    z = sigmoid(a[1]);
    n = tanh(a[3] + sigmoid(a[0]) * a[2]);
    return (1 - z) * n + z * before;
  default:
    *memory = sigmoid(a[1]) * *memory + sigmoid(a[0]) * tanh(a[2]);
    return sigmoid(a[3]) * tanh(*memory);
  }
}

#define CHECK_CELLS(real, suffix, tolerance)                                                       \
  static void check_cells_##suffix(gradus_i_instructions set) {                                    \
    const gradus_i_recurrent_##suffix *table = gradus_i_recurrent_table_##suffix(set);             \
    real gates[4 * GATE_VALUES], before[GATE_VALUES], state[GATE_VALUES];                          \
    real memory_before[GATE_VALUES], memory[GATE_VALUES], squashed[GATE_VALUES];                   \
    for (int cell = 0; table && cell < GRADUS_I_CELLS; cell++) {                                   \
      size_t sums = cell < GRADUS_I_CELL_GRU ? 1 : 4;                                              \
      double a[4] = {0};                                                                           \
      for (size_t j = 0; j < 4 * GATE_VALUES; j++)                                                 \
        gates[j] = (real)(3 * sin(1.9 * (double)j));                                               \
      for (size_t j = 0; j < GATE_VALUES; j++)                                                     \
        memory_before[j] = before[j] = (real)cos(0.7 * (double)j);                                 \
      gradus_i_step_##suffix step = {.rows = GATE_ROWS,                                            \
                                     .units = GATE_UNITS,                                          \
                                     .gates = gates,                                               \
                                     .before = before,                                             \
                                     .state = state,                                               \
                                     .memory_before = memory_before,                               \
                                     .memory = memory,                                             \
                                     .squashed = squashed};                                        \
      table->forward[cell](&step);                                                                 \
      for (size_t j = 0; j < GATE_VALUES; j++) {                                                   \
        double kept = (double)before[j];                                                           \
        for (size_t g = 0; g < sums; g++)                                                          \
          a[g] = (double)(real)(3 * sin(1.9 * (double)((j / GATE_UNITS * sums + g) * GATE_UNITS +  \
                                                       j % GATE_UNITS)));                          \
        double must = define((gradus_i_cell)cell, a, (double)before[j], &kept);                    \
        CU_ASSERT_TRUE(fabs((double)state[j] - must) <= (tolerance));                              \
        CU_ASSERT_TRUE(cell < GRADUS_I_CELL_LSTM ||                                                \
                       fabs((double)memory[j] - kept) <= (tolerance));                             \
      }                                                                                            \
    }                                                                                              \
  }
CHECK_CELLS(double, d, 1e-15)
CHECK_CELLS(float, f, 1e-6)

static void cells_are_what_they_are_defined_to_be(void) {
  for (int set = 0; set < GRADUS_I_INSTRUCTIONS; set++) {
    check_cells_d((gradus_i_instructions)set);
    check_cells_f((gradus_i_instructions)set);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"they are those of PyTorch, forward and backward", they_are_those_of_pytorch},
      {"in float they are near", in_float_they_are_near},
      {"derivatives of rows add up to those of the batch",
       derivatives_of_rows_add_up_to_those_of_the_batch},
      {"derivatives are those of the values", derivatives_are_those_of_the_values},
      {"nothing comes from padding, whatever stands there",
       nothing_comes_from_padding_whatever_stands_there},
      {"one step is the dense layer", one_step_is_the_dense_layer},
      {"products are right for all sizes", products_are_right_for_all_sizes},
      {"cells are what they are defined to be", cells_are_what_they_are_defined_to_be},
  };
  return test_main("recurrent", cases, sizeof cases / sizeof *cases);
}
