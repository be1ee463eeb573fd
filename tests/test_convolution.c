// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions, poolings and what changes their shapes: against PyTorch and against differences;
 * sums by hand at the borders; texts; what is refused.
 */
#include "../lib/layer/check_gradient.h"
#include "support/layer_references.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double wave(size_t i) {
  return sin(1.3 * (double)i + 0.4);
}

/* ---- against PyTorch and differences ---- */

static reference_case case_at(const gradus_frame *cases, const gradus_frame *table, size_t i) {
  size_t ins, outs;
  reference_case c = {.name = table_text(cases, "case", i),
                      .architecture = table_text(cases, "architecture", i),
                      .rows = (size_t)table_number(cases, "rows", i)};
  reference_find(table, c.name, "x", &ins);
  reference_find(table, c.name, "factor", &outs);
  c.inputs = ins / c.rows;
  c.outputs = outs / c.rows;
  return c;
}

typedef void each_case(const gradus_frame *table, const reference_case *c);

static void for_each_case(each_case *check) {
  gradus_frame *cases = table_open("layers/convolution_cases.csv");
  gradus_frame *table = table_open("layers/convolution.csv");
  CU_ASSERT_TRUE(gradus_frame_rows(cases) > 30);
  for (size_t i = 0; i < gradus_frame_rows(cases); i++) {
    reference_case c = case_at(cases, table, i);
    check(table, &c);
  }
  gradus_frame_free(table);
  gradus_frame_free(cases);
}

static void in_double(const gradus_frame *table, const reference_case *c) {
  reference_check(table, c, GRADUS_I_DOUBLE);
}

static void in_float(const gradus_frame *table, const reference_case *c) {
  reference_check(table, c, GRADUS_I_FLOAT);
}

static void check_differences(const gradus_frame *table, const reference_case *c) {
  (void)table;
  for (size_t rows = 1; rows <= 4; rows += 3) {
    gradus_gradient_check found = {.error = NAN};
    gradus_error err = {0};
    gradus_gradient_subject subject = {.architecture = c->architecture,
                                       .rows = rows,
                                       .inputs = c->inputs,
                                       .outputs = 3,
                                       .seed = rows};
    CHECK_STATUS(gradus_check_gradient(&found, &subject, &err), GRADUS_OK, &err);
    CU_ASSERT_TRUE(found.compared > c->inputs);
    if (!(found.error <= 1e-7)) {
      printf("  %s: %s: %.17g, differences say %.17g\n", c->name, found.where, found.derivative,
             found.difference);
      CU_FAIL("a derivative is wrong");
    }
  }
}

static void add_rows_up(const gradus_frame *table, const reference_case *c) {
  (void)table;
  reference_check_rows(c);
}

static void layers_are_those_of_pytorch(void) {
  for_each_case(in_double);
}

static void in_float_they_are_near(void) {
  for_each_case(in_float);
}

static void derivatives_are_those_of_differences(void) {
  for_each_case(check_differences);
}

static void derivatives_of_rows_add_up_to_those_of_the_batch(void) {
  for_each_case(add_rows_up);
}

/* ---- by hand ---- */

/* The outputs of one row; *count: how many. To be freed. */
static double *outputs_of(const gradus_i_network *network, const double *theta, const double *x,
                          size_t last) {
  double *memory = calloc(gradus_i_tape_size(network, GRADUS_I_DOUBLE, 1), sizeof *memory);
  size_t count = network->nodes[last].out.size;
  double *out = malloc(count * sizeof *out);
  gradus_i_tape tape;
  gradus_i_tape_open(&tape, network, GRADUS_I_DOUBLE, 1, false, memory);
  tape.rows = 1;
  tape.theta = theta;
  tape.x = x;
  gradus_i_tape_forward(&tape);
  memcpy(out, tape.nodes[last].out, count * sizeof *out);
  free(memory);
  return out;
}

/* Whole numbers, whose sums are exact. */
static double whole_number(size_t i) {
  return (double)(i * i * 7 % 23) - 11;
}

/* 5×4 with a kernel of height×width, padded so that before it is (extent - 1)/2 and the rest after
   the end: every place is a sum over those of its neighbours that are there. */
static void check_same(size_t height, size_t width) {
  enum { H = 5, W = 4, C = 2 };
  char text[300];
  snprintf(text, sizeof text,
           "{\"input\": [5, 4, 2], \"layers\": [{\"type\": \"conv2d\", \"filters\": 1, \"kernel\": "
           "[%zu, %zu], \"padding\": \"same\"}, {\"type\": \"dense\", \"name\": \"output\"}]}",
           height, width);
  gradus_i_network *network = reference_network(text, H * W * C, 1);
  double theta[100] = {0}, x[H * W * C], *out;
  size_t weights = C * height * width;
  for (size_t i = 0; i < weights; i++)
    theta[i] = whole_number(i + 3);
  theta[weights] = 100; /* the bias */
  for (size_t i = 0; i < H * W * C; i++)
    x[i] = whole_number(i);
  out = outputs_of(network, theta, x, 1);
  for (size_t h = 0; h < H; h++)
    for (size_t w = 0; w < W; w++) {
      double sum = 100;
      for (size_t c = 0; c < C; c++)
        for (size_t i = 0; i < height; i++)
          for (size_t j = 0; j < width; j++) {
            size_t row = h + i, column = w + j, top = (height - 1) / 2, left = (width - 1) / 2;
            if (row >= top && row - top < H && column >= left && column - left < W)
              sum += theta[(c * height + i) * width + j] *
                     x[((row - top) * W + column - left) * C + c];
          }
      CU_ASSERT_EQUAL(out[h * W + w], sum);
    }
  free(out);
  gradus_i_network_free(network);
}

static void same_is_a_sum_by_hand_at_all_borders(void) {
  check_same(3, 3);
  check_same(2, 2);
  check_same(4, 3);
  check_same(5, 7);
}

/* Of whole numbers to the bit, of others to what the order of summation decides. */
static void one_place_is_a_dense_layer(void) {
  enum { INPUTS = 37, UNITS = 21 };
  gradus_i_network *conv = reference_network(
      "{\"input\": [1, 1, 37], \"layers\": [{\"type\": \"conv2d\", \"filters\": 21, \"kernel\": 1},"
      "{\"type\": \"dense\", \"name\": \"output\"}]}",
      INPUTS, 2);
  gradus_i_network *dense = reference_network("{\"layers\": [{\"type\": \"dense\", \"units\": 21},"
                                              "{\"type\": \"dense\", \"name\": \"output\"}]}",
                                              INPUTS, 2);
  size_t dim = gradus_params_size(conv->params);
  CU_ASSERT_EQUAL_FATAL(dim, gradus_params_size(dense->params));
  double *theta = malloc(dim * sizeof *theta), x[INPUTS];
  for (int exact = 0; exact < 2; exact++) {
    for (size_t j = 0; j < dim; j++)
      theta[j] = exact ? whole_number(j) : wave(j);
    for (size_t j = 0; j < INPUTS; j++)
      x[j] = exact ? whole_number(j + 5) : wave(3 * j);
    double *a = outputs_of(conv, theta, x, 1), *b = outputs_of(dense, theta, x, 1);
    for (size_t r = 0; r < UNITS; r++)
      CU_ASSERT_TRUE(exact ? a[r] == b[r] : fabs(a[r] - b[r]) <= 1e-15 * (INPUTS + 1));
    free(a);
    free(b);
  }
  free(theta);
  gradus_i_network_free(dense);
  gradus_i_network_free(conv);
}

static void what_is_no_number_is_the_largest(void) {
  gradus_i_network *network = reference_network(
      "{\"input\": [4, 1], \"layers\": [{\"type\": \"max_pool\", \"kernel\": 2}, {\"type\": "
      "\"global_max_pool\"}, {\"type\": \"dense\", \"name\": \"output\"}]}",
      4, 1);
  for (size_t i = 0; i < 4; i++) {
    double x[4] = {1, 2, 3, 4}, theta[2] = {0}, *pooled, *all;
    x[i] = NAN;
    pooled = outputs_of(network, theta, x, 1);
    all = outputs_of(network, theta, x, 2);
    CU_ASSERT_TRUE(isnan(pooled[i / 2]));
    CU_ASSERT_EQUAL(pooled[1 - i / 2], i < 2 ? 4 : 2);
    CU_ASSERT_TRUE(isnan(all[0]));
    free(pooled);
    free(all);
  }
  gradus_i_network_free(network);
}

/* ---- text and errors ---- */

static void architectures_are_written_as_they_are_read(void) {
  static const char text[] =
      "{\"input\": [12, 9, 4], \"layers\": [{\"type\": \"conv2d\", \"name\": \"conv1\", "
      "\"filters\": 6, \"kernel\": [3, 2], \"stride\": [2, 1], \"dilation\": 1, \"padding\": [1, "
      "0], \"groups\": 2}, {\"type\": \"max_pool\", \"name\": \"max_pool1\", \"kernel\": 2, "
      "\"stride\": 1, \"padding\": \"same\"}, {\"type\": \"conv2d\", \"name\": \"conv2\", "
      "\"filters\": 2, \"kernel\": 1, \"stride\": 1, \"dilation\": 1, \"groups\": 1, \"bias\": "
      "false}, {\"type\": \"flatten\", \"name\": \"flatten1\"}, {\"type\": \"dense\", \"name\": "
      "\"output\"}]}";
  gradus_i_network *network = reference_network(text, 12 * 9 * 4, 3);
  gradus_i_text out = {0};
  CHECK_STATUS(gradus_i_network_to_json(network, &out, NULL), GRADUS_OK, NULL);
  CU_ASSERT_STRING_EQUAL(out.data, text);
  gradus_i_text_clear(&out);
  gradus_i_network_free(network);
}

static void blocks_are_those_of_pytorch(void) {
  gradus_i_network *network = reference_network(
      "{\"input\": [9, 8, 4], \"layers\": [{\"type\": \"conv2d\", \"filters\": 6, \"kernel\": [3, "
      "2], \"groups\": 2}, {\"type\": \"conv2d\", \"filters\": 5, \"kernel\": 1, \"bias\": false}, "
      "{\"type\": \"dense\", \"name\": \"output\"}]}",
      9 * 8 * 4, 1);
  const gradus_block *weight = gradus_params_find(network->params, "conv1.weight");
  const gradus_block *bias = gradus_params_find(network->params, "conv1.bias");
  CU_ASSERT_TRUE_FATAL(weight && bias && gradus_params_find(network->params, "conv2.weight"));
  CU_ASSERT_PTR_NULL(gradus_params_find(network->params, "conv2.bias"));
  CU_ASSERT_TRUE(weight->rank == 4 && weight->shape[0] == 6 && weight->shape[1] == 2 &&
                 weight->shape[2] == 3 && weight->shape[3] == 2);
  CU_ASSERT_TRUE(weight->role == GRADUS_ROLE_WEIGHT && bias->role == GRADUS_ROLE_BIAS);
  CU_ASSERT_TRUE(weight->fan_in == 12 && weight->fan_out == 36); /* torch.nn.init's */
  CU_ASSERT_TRUE(bias->rank == 1 && bias->size == 6);
  gradus_i_network_free(network);
  network = reference_network("{\"input\": [9, 4], \"layers\": [{\"type\": \"conv1d\", "
                              "\"filters\": 6, \"kernel\": 3}, {\"type\": \"dense\", \"name\": "
                              "\"output\"}]}",
                              36, 1);
  weight = gradus_params_find(network->params, "conv1.weight");
  CU_ASSERT_TRUE_FATAL(weight && weight->rank == 3);
  CU_ASSERT_TRUE(weight->shape[0] == 6 && weight->shape[1] == 4 && weight->shape[2] == 3);
  gradus_i_network_free(network);
}

static void what_does_not_fit_is_refused_with_its_numbers(void) {
  static const struct {
    const char *input, *layer;
    gradus_status status;
    const char *says[3];
  } wrong[] = {
      {"[4, 9, 2]",
       "\"type\": \"conv2d\", \"filters\": 3, \"kernel\": 5",
       GRADUS_ERROR_SHAPE,
       {"covers 5 rows", "has 4", "(4 with its padding)"}},
      {"[9, 4, 2]",
       "\"type\": \"conv2d\", \"filters\": 3, \"kernel\": 3, \"dilation\": 4, "
       "\"padding\": 2",
       GRADUS_ERROR_SHAPE,
       {"covers 9 columns", "has 4", "(8 with its padding)"}},
      {"[4, 2]",
       "\"type\": \"conv1d\", \"filters\": 3, \"kernel\": 5",
       GRADUS_ERROR_SHAPE,
       {"covers 5 steps", "has 4", "conv1"}},
      {"[9, 9, 6]",
       "\"type\": \"conv2d\", \"filters\": 8, \"kernel\": 3, \"groups\": 4",
       GRADUS_ERROR_SHAPE,
       {"4 groups", "6 channels", "8 filters"}},
      {"[9, 9, 8]",
       "\"type\": \"conv2d\", \"filters\": 6, \"kernel\": 3, \"groups\": 4",
       GRADUS_ERROR_SHAPE,
       {"4 groups", "8 channels", "6 filters"}},
      {"[9, 9]",
       "\"type\": \"conv2d\", \"filters\": 6, \"kernel\": 3",
       GRADUS_ERROR_SHAPE,
       {"height x width x channels", "9x9", "conv1"}},
      {"[9, 9, 2]",
       "\"type\": \"conv1d\", \"filters\": 6, \"kernel\": 3",
       GRADUS_ERROR_SHAPE,
       {"steps x channels", "9x9x2", "conv1"}},
      {"[9]",
       "\"type\": \"max_pool\", \"kernel\": 3",
       GRADUS_ERROR_SHAPE,
       {"steps x channels or height", "shape 9", "max_pool1"}},
      {"[9]",
       "\"type\": \"global_average_pool\"",
       GRADUS_ERROR_SHAPE,
       {"steps x channels or height", "shape 9", "global_average_pool1"}},
      {"[9]",
       "\"type\": \"channels_last\"",
       GRADUS_ERROR_SHAPE,
       {"channels x height x width", "shape 9", "channels_last1"}},
      {"[9, 9, 2]",
       "\"type\": \"conv2d\", \"filters\": 6, \"kernel\": 3, \"stride\": [1, 2], "
       "\"padding\": \"same\"",
       GRADUS_ERROR_INVALID_ARGUMENT,
       {"same", "1 by 2", "conv1"}},
      {"[9, 9, 2]",
       "\"type\": \"conv2d\", \"filters\": 6",
       GRADUS_ERROR_INVALID_ARGUMENT,
       {"kernel", "missing", "conv1"}},
      {"[9, 9, 2]",
       "\"type\": \"conv2d\", \"kernel\": 3",
       GRADUS_ERROR_INVALID_ARGUMENT,
       {"no filters", "conv1", ""}},
      {"[9, 9, 2]",
       "\"type\": \"conv2d\", \"filters\": 2, \"kernel\": 40000",
       GRADUS_ERROR_INVALID_ARGUMENT,
       {"kernel", "32767", "conv1"}},
      {"[9, 2]",
       "\"type\": \"conv1d\", \"filters\": 2, \"kernel\": [3, 2]",
       GRADUS_ERROR_INVALID_ARGUMENT,
       {"kernel", "one number", "conv1"}},
      {"[9, 9, 2]",
       "\"type\": \"max_pool\", \"kernel\": 3, \"padding\": 2",
       GRADUS_ERROR_INVALID_ARGUMENT,
       {"padding of 2", "kernel of 3", "max_pool1"}},
      {"[9, 9, 2]",
       "\"type\": \"conv2d\", \"filters\": 3, \"kernel\": 3, \"padding\": \"full\"",
       GRADUS_ERROR_INVALID_ARGUMENT,
       {"padding", "valid", "same"}},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char text[400];
    gradus_i_network *network = NULL;
    gradus_error err = {0};
    size_t a = 1, b = 1, c = 1;
    sscanf(wrong[i].input, "[%zu, %zu, %zu", &a, &b, &c);
    snprintf(text, sizeof text,
             "{\"input\": %s, \"layers\": [{%s}, {\"type\": \"dense\", \"name\": \"output\"}]}",
             wrong[i].input, wrong[i].layer);
    gradus_i_build_options options = {.architecture = text};
    CHECK_STATUS(gradus_i_network_from_json(&network, a * b * c, 1, &options, &err),
                 wrong[i].status, NULL);
    CU_ASSERT_PTR_NULL(network);
    for (size_t k = 0; k < 3; k++)
      CHECK_CONTAINS(err.message, wrong[i].says[k]);
  }
}

static void lengths_count_the_steps_of_the_input(void) {
  gradus_i_network *network = NULL;
  gradus_error err = {0};
  gradus_i_build_options options = {
      .architecture = "{\"input\": [8, 2], \"lengths\": true, \"layers\": [{\"type\": \"conv1d\", "
                      "\"filters\": 3, \"kernel\": 3}, {\"type\": \"global_max_pool\"}, {\"type\": "
                      "\"dense\", \"name\": \"output\"}]}"};
  CHECK_STATUS(gradus_i_network_from_json(&network, 17, 1, &options, &err), GRADUS_ERROR_SHAPE,
               NULL);
  CU_ASSERT_PTR_NULL(network);
  CHECK_CONTAINS(err.message, "6 steps");
  CHECK_CONTAINS(err.message, "count 8");
  network = reference_network("{\"input\": [8, 2], \"lengths\": true, \"layers\": [{\"type\": "
                              "\"global_max_pool\"}, {\"type\": \"dense\", \"name\": \"output\"}]}",
                              17, 1);
  gradus_i_input input;
  gradus_i_network_input(network, 16, &input);
  CU_ASSERT_TRUE(input.whole && input.least == 1 && input.most == 8);
  gradus_i_network_input(network, 15, &input);
  CU_ASSERT_FALSE(input.whole);
  gradus_i_network_free(network);
}

/* A stride has as many phases as it has places: far strides must not be laid out by phases. */
static void far_strides_take_little_memory(void) {
  gradus_i_network *network = reference_network(
      "{\"input\": [8, 8, 1], \"layers\": [{\"type\": \"conv2d\", \"filters\": 2, \"kernel\": 1, "
      "\"stride\": 30000}, {\"type\": \"dense\", \"name\": \"output\"}]}",
      64, 1);
  CU_ASSERT_TRUE(gradus_i_tape_size(network, GRADUS_I_DOUBLE, 100) < 100000);
  gradus_i_network_free(network);
}

static void failed_allocations_leak_nothing(void) {
  failing_run run = {0};
  while (NEXT_FAILING(&run)) {
    gradus_i_network *network;
    gradus_i_build_options options = {
        .architecture =
            "{\"input\": [6, 6, 2], \"layers\": [{\"type\": \"conv2d\", \"filters\": 3, "
            "\"kernel\": 3}, {\"type\": \"max_pool\", \"kernel\": 2}, {\"type\": "
            "\"flatten\"}, {\"type\": \"dense\", \"name\": \"output\"}]}"};
    run.status = gradus_i_network_from_json(&network, 72, 2, &options, NULL);
    gradus_i_network_free(network);
  }
  CU_ASSERT_TRUE(run.at > 10);
}

int main(void) {
  static const test_case cases[] = {
      {"layers are those of PyTorch, forward and backward", layers_are_those_of_pytorch},
      {"in float they are near", in_float_they_are_near},
      {"derivatives are those of differences", derivatives_are_those_of_differences},
      {"derivatives of rows add up to those of the batch",
       derivatives_of_rows_add_up_to_those_of_the_batch},
      {"padding same is a sum by hand at all borders", same_is_a_sum_by_hand_at_all_borders},
      {"a kernel of one over one place is a dense layer", one_place_is_a_dense_layer},
      {"what is no number is the largest", what_is_no_number_is_the_largest},
      {"architectures are written as they are read", architectures_are_written_as_they_are_read},
      {"blocks are those of PyTorch", blocks_are_those_of_pytorch},
      {"what does not fit is refused with its numbers",
       what_does_not_fit_is_refused_with_its_numbers},
      {"lengths count the steps of the input", lengths_count_the_steps_of_the_input},
      {"far strides take little memory", far_strides_take_little_memory},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("convolution", cases, sizeof cases / sizeof *cases);
}
