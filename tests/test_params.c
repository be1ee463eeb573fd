// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/support.h"

#include <string.h>

static gradus_block block(const char *name, gradus_role role, size_t rank, size_t a, size_t b) {
  return (gradus_block){.name = name, .role = role, .rank = rank, .shape = {a, b}, .penalty = -1};
}

static gradus_params *two_blocks(void) {
  gradus_params *params = NULL;
  gradus_block weight = block("output.weight", GRADUS_ROLE_WEIGHT, 2, 2, 3);
  gradus_block bias = block("output.bias", GRADUS_ROLE_BIAS, 1, 2, 0);
  CHECK_STATUS(gradus_params_new(&params, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_params_add(params, &weight, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_params_add(params, &bias, NULL), GRADUS_OK, NULL);
  return params;
}

static void blocks_lie_one_after_the_other_over_one_vector(void) {
  gradus_params *params = two_blocks();
  gsl_matrix_view weight;
  gsl_vector_view bias, all = gradus_params_vector(params);
  CU_ASSERT_EQUAL(gradus_params_size(params), 8);
  CHECK_STATUS(gradus_params_weight(params, "output.weight", &weight, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_params_bias(params, "output.bias", &bias, NULL), GRADUS_OK, NULL);
  gsl_matrix_set(&weight.matrix, 1, 2, 5);
  gsl_vector_set(&bias.vector, 1, 7);
  CU_ASSERT_EQUAL(gsl_vector_get(&all.vector, 5), 5);
  CU_ASSERT_EQUAL(gsl_vector_get(&all.vector, 7), 7);
  const gradus_block *found = gradus_params_find(params, "output.bias");
  CU_ASSERT_TRUE_FATAL(found != NULL);
  CU_ASSERT(found->offset == 6 && found->size == 2 && found->shape[1] == 1 && !found->frozen);
  CU_ASSERT_PTR_EQUAL(found, gradus_params_block(params, 1));
  CU_ASSERT_PTR_NULL(gradus_params_block(params, 2));
  gradus_params_free(params);
}

static void weights_are_penalised_and_biases_not_unless_asked(void) {
  gradus_params *params = two_blocks();
  CU_ASSERT_EQUAL(gradus_params_block(params, 0)->penalty, 1);
  CU_ASSERT_EQUAL(gradus_params_block(params, 1)->penalty, 0);
  CHECK_STATUS(gradus_params_set_penalty(params, "output.bias", 0.5, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_params_set_frozen(params, "output.weight", true, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL(gradus_params_block(params, 1)->penalty, 0.5);
  CU_ASSERT_TRUE(gradus_params_block(params, 0)->frozen);
  CHECK_STATUS(gradus_params_set_penalty(params, "output.bias", -1, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  gradus_params_free(params);
}

static void a_copy_has_its_own_values(void) {
  gradus_params *params = two_blocks(), *copy = NULL;
  gradus_params_values(params)[3] = 4;
  CHECK_STATUS(gradus_params_copy(&copy, params, NULL), GRADUS_OK, NULL);
  gradus_params_values(params)[3] = 0;
  CU_ASSERT_EQUAL(gradus_params_const_values(copy)[3], 4);
  CU_ASSERT_EQUAL(gradus_params_blocks(copy), 2);
  gradus_params_free(params);
  gradus_params_free(copy);
}

static void wrong_blocks_are_refused_by_name(void) {
  gradus_params *params = two_blocks();
  gsl_matrix_view view;
  gradus_error err = {0};
  gradus_block twice = block("output.bias", GRADUS_ROLE_BIAS, 1, 2, 0);
  CHECK_STATUS(gradus_params_add(params, &twice, &err), GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "output.bias");
  gradus_block flat = block("flat", GRADUS_ROLE_WEIGHT, 0, 1, 1);
  CHECK_STATUS(gradus_params_add(params, &flat, NULL), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  gradus_block huge = block("huge", GRADUS_ROLE_WEIGHT, 2, (size_t)-1, 3);
  CHECK_STATUS(gradus_params_add(params, &huge, NULL), GRADUS_ERROR_TOO_LARGE, NULL);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_params_weight(params, "hidden1.weight", &view, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "output.weight, output.bias");
  CU_ASSERT_EQUAL(gradus_params_blocks(params), 2);
  gradus_params_free(params);
}

static void failed_allocations_leave_the_params_as_they_were(void) {
  for (size_t k = 0; k < 12; k++) {
    gradus_params *params = NULL;
    gradus_block weight = block("w", GRADUS_ROLE_WEIGHT, 2, 2, 2);
    test_allocations_begin(k);
    if (gradus_params_new(&params, NULL) == GRADUS_OK) {
      gradus_status status = gradus_params_add(params, &weight, NULL);
      CU_ASSERT_EQUAL(gradus_params_blocks(params), status == GRADUS_OK ? 1 : 0);
      gradus_params *copy = NULL;
      if (gradus_params_copy(&copy, params, NULL) != GRADUS_OK)
        CU_ASSERT_PTR_NULL(copy);
      gradus_params_free(copy);
    }
    gradus_params_free(params);
    test_allocations_end();
    CU_ASSERT_EQUAL(test_allocations_live(), 0);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"blocks lie one after the other over one vector",
       blocks_lie_one_after_the_other_over_one_vector},
      {"weights are penalised, and biases not unless asked",
       weights_are_penalised_and_biases_not_unless_asked},
      {"a copy has its own values", a_copy_has_its_own_values},
      {"wrong blocks are refused by name", wrong_blocks_are_refused_by_name},
      {"failed allocations leave the params as they were",
       failed_allocations_leave_the_params_as_they_were},
  };
  return test_main("params", cases, sizeof cases / sizeof *cases);
}
