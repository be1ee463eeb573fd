// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions by every instruction set, and trained by any number of threads. */
#include "../lib/linalg/convolution.h"
#include "../lib/objective/network_objective.h"
#include "../lib/solver/solver.h"
#include "support/layer_references.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double wave(size_t i) {
  return sin(1.3 * (double)i + 0.4);
}

/* ---- the kernels ---- */

enum { ROWS = 5, COLUMNS = 7, TAPS = 11, SIDE = 64, VALUES = 8000 };

typedef struct kernel_run {
  float out[VALUES], sums[VALUES], image[VALUES];
} kernel_run;

/* Places two apart, taps in runs; `filters` of a step. */
static kernel_run *run_kernels(const gradus_i_convolution_kernels_f *kernels, size_t filters,
                               size_t step) {
  static const size_t tap[TAPS + 1] = {0, 1, 2, 64, 65, 66, 192, 193, 194, 260, 261, 262};
  static float x[VALUES], weight[VALUES], back[VALUES], slope[VALUES];
  gradus_i_convolution c = {.rows = ROWS,
                            .columns = COLUMNS,
                            .row_step = 2 * SIDE,
                            .column_step = 2,
                            .taps = TAPS + 1,
                            .tap = tap,
                            .run = 3,
                            .filters = filters,
                            .step = step};
  kernel_run *run = calloc(1, sizeof *run);
  size_t padded = gradus_i_convolution_padded(filters);
  for (size_t i = 0; i < VALUES; i++) {
    x[i] = (float)wave(i);
    slope[i] = (float)wave(i + 1);
    bool there = i % padded < filters;
    weight[i] = there ? (float)wave(i + 2) : 0;
    back[i] = i % GRADUS_I_CONVOLUTION_UNIT < 3 ? (float)wave(i + 3) : 0;
  }
  kernels->forward(&c, x, weight, weight, run->out);
  kernels->weights(&c, x, slope, run->sums);
  kernels->inputs(&c, slope, back, run->image);
  return run;
}

/* The largest difference of outputs and of sums, and of the derivatives by the inputs. */
static float differs(const kernel_run *run, const kernel_run *must, size_t filters, size_t step,
                     float *image) {
  size_t padded = gradus_i_convolution_padded(filters);
  float largest = 0;
  for (size_t place = 0; place < ROWS * COLUMNS; place++)
    for (size_t f = 0; f < filters; f++)
      largest = fmaxf(largest, fabsf(run->out[place * step + f] - must->out[place * step + f]));
  for (size_t k = 0; k < TAPS + 2; k++)
    for (size_t f = 0; f < filters; f++)
      largest = fmaxf(largest, fabsf(run->sums[k * padded + f] - must->sums[k * padded + f]));
  *image = 0;
  for (size_t i = 0; i < VALUES; i++)
    *image = fmaxf(*image, fabsf(run->image[i] - must->image[i]));
  return largest;
}

/* And with fused multiplications to the bit, but for the inputs' derivatives, whose order is that
   of the vectors. */
static void instruction_sets_agree(void) {
  static const size_t filters[] = {1, 6, 8, 16, 19, 40};
  for (size_t f = 0; f < 6; f++)
    for (size_t more = 0; more < 2; more++) {
      size_t step = filters[f] + 2 * more;
      kernel_run *plain =
          run_kernels(gradus_i_convolution_table_f(GRADUS_I_PLAIN), filters[f], step);
      kernel_run *fused = NULL;
      for (int set = GRADUS_I_AVX2; set < GRADUS_I_INSTRUCTIONS; set++) {
        const gradus_i_convolution_kernels_f *kernels =
            gradus_i_convolution_table_f((gradus_i_instructions)set);
        kernel_run *run = kernels ? run_kernels(kernels, filters[f], step) : NULL;
        float image = 0;
        CU_ASSERT_TRUE(!run || differs(run, plain, filters[f], step, &image) <= 1e-4f);
        CU_ASSERT_TRUE(image <= 1e-4f);
        CU_ASSERT_TRUE(!run || !fused || differs(run, fused, filters[f], step, &image) == 0);
        CU_ASSERT_TRUE(image <= 1e-4f);
        free(fused);
        fused = run;
      }
      free(fused);
      free(plain);
    }
}

/* Between the filters of a group there are others'. */
static void a_group_writes_to_its_own_filters_alone(void) {
  for (int set = 0; set < GRADUS_I_INSTRUCTIONS; set++) {
    const gradus_i_convolution_kernels_f *kernels =
        gradus_i_convolution_table_f((gradus_i_instructions)set);
    kernel_run *run = kernels ? run_kernels(kernels, 5, 9) : NULL;
    for (size_t i = 0; run && i < VALUES; i++)
      CU_ASSERT_TRUE(run->out[i] == 0 || (i % 9 < 5 && i < 9 * ROWS * COLUMNS));
    free(run);
  }
}

/* Of windows of 2×3 with any number of channels: each largest value is where it is said to be, and
   gets its slope back. */
static void largest_values_are_where_they_are(void) {
  static const size_t channels[] = {1, 5, 8, 16, 21};
  enum { WIDTH = 3 * 4, HEIGHT = 2 * 3, MOST = WIDTH * HEIGHT * 21 + 16 };
  static float x[MOST], out[MOST], where[MOST], image[MOST];
  for (size_t i = 0; i < MOST; i++)
    x[i] = (float)((i * i * 31 + 7 * i) % 101); /* some are equal */
  for (size_t k = 0; k < 5 * GRADUS_I_INSTRUCTIONS; k++) {
    size_t n = channels[k / GRADUS_I_INSTRUCTIONS];
    const gradus_i_convolution_kernels_f *kernels =
        gradus_i_convolution_table_f((gradus_i_instructions)(k % GRADUS_I_INSTRUCTIONS));
    gradus_i_windows w = {.rows = HEIGHT / 2,
                          .columns = WIDTH / 3,
                          .row_step = 2 * WIDTH,
                          .column_step = 3,
                          .kernel = {2, 3},
                          .width = WIDTH,
                          .channels = n};
    if (!kernels)
      continue;
    kernels->largest(&w, x, out, where);
    kernels->spread(&w, out, where, image);
    for (size_t i = 0; i < WIDTH * HEIGHT * n; i++) {
      size_t row = i / n / WIDTH, column = i / n % WIDTH, c = i % n, start, at;
      size_t window = (row / 2 * (WIDTH / 3) + column / 3) * n + c;
      start = (row / 2 * 2 * WIDTH + column / 3 * 3) * n + c;
      at = start + (size_t)where[window] * n;
      CU_ASSERT_EQUAL(out[window], x[at]);
      CU_ASSERT_TRUE(i < at ? x[i] < x[at] : x[i] <= x[at]);
      CU_ASSERT_EQUAL(image[i], i == at ? x[i] : 0);
    }
  }
}

/* ---- training ---- */

enum { BATCHED = 70, PIXELS = 12 * 11 * 2, CLASSES = 3 };
#define TRAINED                                                                                    \
  "{\"input\": [12, 11, 2], \"layers\": ["                                                         \
  "{\"type\": \"conv2d\", \"filters\": 5, \"kernel\": 3, \"padding\": 1},"                         \
  "{\"type\": \"activation\", \"activation\": \"relu\"}, {\"type\": \"max_pool\", \"kernel\": 2}," \
  "{\"type\": \"conv2d\", \"filters\": 20, \"kernel\": [3, 2], \"groups\": 5},"                    \
  "{\"type\": \"activation\", \"activation\": \"relu\"},"                                          \
  "{\"type\": \"average_pool\", \"kernel\": 3, \"stride\": 1, \"padding\": 1},"                    \
  "{\"type\": \"conv2d\", \"filters\": 8, \"kernel\": 1, \"bias\": false},"                        \
  "{\"type\": \"global_max_pool\"}, {\"type\": \"dense\", \"name\": \"output\"}]}"

static void train(const gradus_i_network *network, gradus_i_precision precision, int threads,
                  double *theta) {
  gsl_matrix *x = gsl_matrix_alloc(BATCHED, PIXELS), *y = gsl_matrix_alloc(BATCHED, 1);
  for (size_t i = 0; i < BATCHED * PIXELS; i++)
    x->data[i] = wave(i * i % 1009);
  for (size_t i = 0; i < BATCHED; i++)
    y->data[i] = (double)(i % CLASSES);
  gradus_source *source = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_source_from_matrix(&source, x, y, NULL, GRADUS_WEIGHT_NONE, NULL, &err),
               GRADUS_OK, &err);
  gradus_i_network_state state = {.seed = 1};
  gradus_i_network_model model = {
      .network = network, .loss = &gradus_i_loss_softmax, .precision = precision, .state = &state};
  size_t dim = gradus_params_size(network->params);
  gradus_i_objective objective = {.type = &gradus_i_network_type,
                                  .model = &model,
                                  .source = source,
                                  .dim = dim,
                                  .row_size = PIXELS + 1,
                                  .threads = threads};
  for (size_t j = 0; j < dim; j++)
    theta[j] = (double)(float)(0.3 * wave(j));
  gradus_descent_options descent = {
      .rule = GRADUS_RULE_PLAIN, .learning_rate = 0.05, .batch_size = 32};
  gradus_i_solver_options options = {.max_iterations = 2, .descent = &descent, .seed = 5};
  gradus_i_outcome outcome;
  CHECK_STATUS(
      gradus_i_minimise(&gradus_i_gradient_descent, &objective, &options, theta, &outcome, &err),
      GRADUS_OK, &err);
  gradus_source_free(source);
  gsl_matrix_free(x);
  gsl_matrix_free(y);
}

static void any_number_of_threads_leaves_the_same_bits(void) {
  gradus_i_network *network = reference_network(TRAINED, PIXELS, CLASSES - 1);
  size_t dim = gradus_params_size(network->params), size = dim * sizeof(double), cut = 0;
  double *one = malloc(size), *many = malloc(size);
  for (size_t i = 1; i < network->count; i++)
    cut +=
        network->nodes[i].type->parts && network->nodes[i].type->parts(&network->nodes[i], 32) > 1;
  CU_ASSERT_TRUE(cut >= 6);
  for (int precision = GRADUS_I_DOUBLE; precision <= GRADUS_I_FLOAT; precision++) {
    train(network, (gradus_i_precision)precision, 1, one);
    CU_ASSERT_TRUE(isfinite(one[0]) && one[0] != (double)(float)(0.3 * wave(0)));
    for (int threads = 2; threads <= 8; threads *= 2) {
      train(network, (gradus_i_precision)precision, threads, many);
      CU_ASSERT_EQUAL(memcmp(one, many, size), 0);
    }
  }
  free(many);
  free(one);
  gradus_i_network_free(network);
}

int main(void) {
  static const test_case cases[] = {
      {"instruction sets agree", instruction_sets_agree},
      {"a group writes to its own filters alone", a_group_writes_to_its_own_filters_alone},
      {"largest values are where they are", largest_values_are_where_they_are},
      {"any number of threads leaves the same bits", any_number_of_threads_leaves_the_same_bits},
  };
  return test_main("convolution_kernels", cases, sizeof cases / sizeof *cases);
}
