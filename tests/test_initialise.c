// SPDX-License-Identifier: GPL-3.0-or-later
/* How weights start: moments, ranges, orthonormality, streams of the blocks. */
#include "../lib/layer/build.h"
#include "../lib/layer/initialise.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS = 200, INPUTS = 300, SIZE = UNITS * INPUTS };

static double weights[SIZE];

static void fill(size_t units, size_t inputs, gradus_i_initialisation how) {
  gradus_block block = {.name = "hidden1.weight",
                        .role = GRADUS_ROLE_WEIGHT,
                        .rank = 2,
                        .shape = {units, inputs, 1, 1},
                        .size = units * inputs,
                        .fan_in = inputs,
                        .fan_out = units};
  CHECK_STATUS(gradus_i_block_initialise(&block, &how, weights, NULL), GRADUS_OK, NULL);
}

static double moment(int power) {
  double sum = 0;
  for (size_t i = 0; i < SIZE; i++)
    sum += pow(weights[i], power);
  return sum / SIZE;
}

static double largest(void) {
  double most = 0;
  for (size_t i = 0; i < SIZE; i++)
    most = fmax(most, fabs(weights[i]));
  return most;
}

/* Mean 0, the variance, and the kurtosis of the kind: 3 of normal numbers, 9/5 of uniform ones;
   each within 4 of its standard errors or so. */
static void check_moments(gradus_i_initialisation how, double variance, double kurtosis) {
  how.seed = 9;
  fill(UNITS, INPUTS, how);
  CU_ASSERT_TRUE(fabs(moment(1)) < 4 * sqrt(variance / SIZE));
  CU_ASSERT_TRUE(fabs(moment(2) / variance - 1) < 4 * sqrt((kurtosis - 1) / SIZE));
  CU_ASSERT_TRUE(fabs(moment(4) / (variance * variance) - kurtosis) < 0.03 * kurtosis);
  if (kurtosis < 2) {
    CU_ASSERT_TRUE(largest() < sqrt(3 * variance));
    CU_ASSERT_TRUE(largest() > 0.999 * sqrt(3 * variance));
  }
}

static void moments_are_those_of_the_papers(void) {
  check_moments((gradus_i_initialisation){GRADUS_INITIALISE_LECUN, 0, 0, 0}, 1.0 / INPUTS, 3);
  check_moments((gradus_i_initialisation){GRADUS_INITIALISE_HE, 0, 0, 0}, 2.0 / INPUTS, 3);
  check_moments((gradus_i_initialisation){GRADUS_INITIALISE_GLOROT, 0, 0, 0},
                2.0 / (INPUTS + UNITS), 1.8);
  check_moments((gradus_i_initialisation){GRADUS_INITIALISE_NORMAL, 0.3, 0, 0}, 0.09, 3);
  check_moments((gradus_i_initialisation){GRADUS_INITIALISE_NORMAL, 0, 0, 0}, 0.0025, 3);
  check_moments((gradus_i_initialisation){GRADUS_INITIALISE_UNIFORM, 0.6, 0, 0}, 0.12, 1.8);
  check_moments((gradus_i_initialisation){GRADUS_INITIALISE_UNIFORM, 0, 0, 0}, 0.0025 / 3, 1.8);
}

static void constants_are_constant(void) {
  fill(UNITS, INPUTS, (gradus_i_initialisation){GRADUS_INITIALISE_CONSTANT, -0.25, 0, 1});
  for (size_t i = 0; i < SIZE; i++)
    CU_ASSERT_EQUAL(weights[i], -0.25);
  fill(UNITS, INPUTS, (gradus_i_initialisation){GRADUS_INITIALISE_ZERO, 3, 0, 1});
  CU_ASSERT_EQUAL(largest(), 0);
}

/* Products of the rows of W units×inputs (or of its columns) are those of orthonormal vectors. */
static void check_orthonormal(size_t units, size_t inputs, double scale) {
  bool wide = units <= inputs;
  size_t count = wide ? units : inputs, length = wide ? inputs : units;
  size_t next = wide ? inputs : 1, step = wide ? 1 : inputs;
  fill(units, inputs,
       (gradus_i_initialisation){GRADUS_INITIALISE_ORTHOGONAL, scale, 0, units + inputs});
  double worst = 0, square = scale == 0 ? 1 : scale * scale;
  for (size_t a = 0; a < count; a++)
    for (size_t b = 0; b <= a; b++) {
      double product = 0;
      for (size_t l = 0; l < length; l++)
        product += weights[a * next + l * step] * weights[b * next + l * step];
      worst = fmax(worst, fabs(product - (a == b ? square : 0)));
    }
  CU_ASSERT_TRUE(worst < 1e-13);
}

static void orthogonal_is_orthonormal_either_way(void) {
  check_orthonormal(40, 40, 0);
  check_orthonormal(17, 60, 0);
  check_orthonormal(60, 17, 0);
  check_orthonormal(5, 5, 1.5);
  check_orthonormal(1, 7, 0);
  check_orthonormal(7, 1, 0);
  check_orthonormal(1, 1, 0);
}

/* Signs of the diagonal are as often negative as not: Q is spread evenly, not LAPACK's choice. */
static void orthogonal_prefers_no_sign(void) {
  int negative = 0;
  for (uint64_t seed = 0; seed < 200; seed++) {
    fill(2, 2, (gradus_i_initialisation){GRADUS_INITIALISE_ORTHOGONAL, 0, 0, seed});
    negative += weights[0] < 0;
  }
  CU_ASSERT_TRUE(negative > 70 && negative < 130);
}

/* ---- networks ---- */

static gradus_i_network *build(const char *activation, const char *normalisation, size_t layers,
                               gradus_i_initialisation how) {
  gradus_i_network *network = NULL;
  gradus_i_build_options options = {.hidden = (size_t[]){64, 64, 64},
                                    .hidden_count = layers,
                                    .activation = activation,
                                    .normalisation = normalisation,
                                    .dropout = 0.1};
  CHECK_STATUS(gradus_i_network_build(&network, 50, 3, &options, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_i_network_initialise(network, &how, NULL), GRADUS_OK, NULL);
  return network;
}

static const double *block_of(const gradus_i_network *network, const char *name, size_t *size) {
  const gradus_block *block = gradus_params_find(network->params, name);
  CU_ASSERT_PTR_NOT_NULL_FATAL(block);
  *size = block->size;
  return gradus_params_const_values(network->params) + block->offset;
}

static double variance_of(const gradus_i_network *network, const char *name) {
  size_t size;
  const double *values = block_of(network, name, &size);
  double sum = 0;
  for (size_t i = 0; i < size; i++)
    sum += values[i] * values[i];
  return sum / (double)size;
}

static void automatic_is_he_before_rectifiers_and_glorot_elsewhere(void) {
  static const struct {
    const char *activation;
    double variance; /* of 64×64 weights */
  } cases[] = {{"relu", 2.0 / 64},    {"leaky_relu", 2.0 / 64}, {"elu", 2.0 / 64},
               {"gelu", 2.0 / 64},    {"swish", 2.0 / 64},      {"tanh", 1.0 / 64},
               {"sigmoid", 1.0 / 64}, {"softplus", 1.0 / 64}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_i_network *network =
        build(cases[i].activation, i % 2 ? "layer" : "batch", 2, (gradus_i_initialisation){0});
    CU_ASSERT_TRUE(fabs(variance_of(network, "hidden2.weight") / cases[i].variance - 1) < 0.1);
    CU_ASSERT_TRUE(fabs(variance_of(network, "output.weight") * 100 * 67 / 2 - 1) < 0.25);
    gradus_i_network_free(network);
  }
}

static gradus_i_network *with_skip(gradus_initialiser initialiser) {
  gradus_i_network *network = NULL;
  gradus_i_build_options options = {
      .hidden = (size_t[]){9, 9}, .hidden_count = 2, .activation = "tanh", .skip = true};
  CHECK_STATUS(gradus_i_network_build(&network, 5, 3, &options, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(
      gradus_i_network_initialise(
          network, &(gradus_i_initialisation){.initialiser = initialiser, .seed = 4}, NULL),
      GRADUS_OK, NULL);
  return network;
}

static void what_makes_the_answer_starts_at_a_tenth(void) {
  static const struct {
    const char *name;
    double share;
  } blocks[] = {
      {"hidden1.weight", 1}, {"hidden2.weight", 1}, {"output.weight", 0.1}, {"skip.weight", 0.1}};
  gradus_i_network *automatic = with_skip(GRADUS_INITIALISE_AUTO);
  gradus_i_network *glorot = with_skip(GRADUS_INITIALISE_GLOROT);
  for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
    size_t size, other;
    const double *values = block_of(automatic, blocks[b].name, &size);
    const double *whole = block_of(glorot, blocks[b].name, &other);
    CU_ASSERT_EQUAL_FATAL(size, other);
    for (size_t i = 0; i < size; i++)
      CU_ASSERT_EQUAL(values[i], blocks[b].share * whole[i]);
  }
  gradus_i_network_free(automatic);
  gradus_i_network_free(glorot);
}

static void biases_and_norms_start_where_they_should(void) {
  gradus_i_network *network =
      build("tanh", "batch", 1, (gradus_i_initialisation){.bias = 0.125, .seed = 1});
  static const struct {
    const char *name;
    double value;
  } blocks[] = {{"hidden1.bias", 0.125},
                {"output.bias", 0.125},
                {"normalisation1.weight", 1},
                {"normalisation1.bias", 0},
                {"normalisation1.running_mean", 0},
                {"normalisation1.running_var", 1}};
  for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
    size_t size;
    const double *values = block_of(network, blocks[b].name, &size);
    for (size_t i = 0; i < size; i++)
      CU_ASSERT_EQUAL(values[i], blocks[b].value);
  }
  gradus_i_network_free(network);
}

static bool same(const gradus_i_network *a, const gradus_i_network *b, const char *name) {
  size_t size, other;
  const double *of_a = block_of(a, name, &size), *of_b = block_of(b, name, &other);
  return size == other && memcmp(of_a, of_b, size * sizeof *of_a) == 0;
}

static void a_further_layer_leaves_the_others_values(void) {
  gradus_i_initialisation how = {.seed = 21}, other = {.seed = 22};
  gradus_i_network *two = build("relu", NULL, 2, how), *three = build("relu", NULL, 3, how);
  gradus_i_network *again = build("relu", NULL, 2, other);
  CU_ASSERT_TRUE(same(two, three, "hidden1.weight"));
  CU_ASSERT_TRUE(same(two, three, "hidden2.weight"));
  CU_ASSERT_TRUE(same(two, three, "output.weight"));
  CU_ASSERT_FALSE(same(two, again, "hidden1.weight"));
  size_t size;
  const double *second = block_of(three, "hidden2.weight", &size);
  CU_ASSERT_NOT_EQUAL(memcmp(second, block_of(three, "hidden3.weight", &size), sizeof *second), 0);
  gradus_i_network_free(two);
  gradus_i_network_free(three);
  gradus_i_network_free(again);
}

static void what_is_no_start_is_refused(void) {
  gradus_i_network *network = build("relu", NULL, 1, (gradus_i_initialisation){0});
  gradus_error err = {0};
  gradus_i_initialisation unknown = {.initialiser = (gradus_initialiser)99};
  gradus_i_initialisation infinite = {.bias = INFINITY};
  CHECK_STATUS(gradus_i_network_initialise(network, &unknown, &err), GRADUS_ERROR_INVALID_ARGUMENT,
               NULL);
  CHECK_CONTAINS(err.message, "99");
  err = (gradus_error){0};
  CHECK_STATUS(gradus_i_network_initialise(network, &infinite, &err), GRADUS_ERROR_INVALID_ARGUMENT,
               NULL);
  CHECK_CONTAINS(err.message, "finite");
  gradus_i_network_free(network);
}

static void failed_allocations_leak_nothing(void) {
  gradus_i_initialisation how = {.initialiser = GRADUS_INITIALISE_ORTHOGONAL, .seed = 3};
  gradus_i_network *network = build("tanh", "layer", 2, how);
  failing_run run = {0};
  while (NEXT_FAILING(&run))
    run.status = gradus_i_network_initialise(network, &how, NULL);
  CU_ASSERT_TRUE(run.at > 5);
  gradus_i_network_free(network);
}

int main(void) {
  static const test_case cases[] = {
      {"moments are those of the papers", moments_are_those_of_the_papers},
      {"constants are constant", constants_are_constant},
      {"orthogonal is orthonormal, either way", orthogonal_is_orthonormal_either_way},
      {"orthogonal prefers no sign", orthogonal_prefers_no_sign},
      {"automatic is He before rectifiers and Glorot elsewhere",
       automatic_is_he_before_rectifiers_and_glorot_elsewhere},
      {"what makes the answer starts at a tenth", what_makes_the_answer_starts_at_a_tenth},
      {"biases and norms start where they should", biases_and_norms_start_where_they_should},
      {"a further layer leaves the others' values", a_further_layer_leaves_the_others_values},
      {"what is no start is refused", what_is_no_start_is_refused},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("initialise", cases, sizeof cases / sizeof *cases);
}
