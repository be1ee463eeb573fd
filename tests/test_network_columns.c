// SPDX-License-Identifier: GPL-3.0-or-later
/* Columns that say nothing new: dropped by networks without hidden layers as by the regressions,
   and harmless to those with hidden layers. */
#include "support/table.h"

#include <gradus/network_inference.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef gradus_status fit_function(gradus_fit **fit, const char *formula, const gradus_frame *frame,
                                   const gradus_fit_options *options, gradus_error *err);

typedef struct regression {
  fit_function *fit;
  const char *formula, *data, *family;
} regression;

static const regression regressions[] = {
    {gradus_linear_fit, "mpg ~ wt + I(2*wt) + hp + I(wt-hp)", "@mtcars", NULL},
    {gradus_linear_fit, "cbind(mpg, disp) ~ wt + I(-wt) + hp - 1", "@mtcars", NULL},
    {gradus_linear_fit, "mpg ~ wt + I(0*wt+5) + hp", "@mtcars", NULL},
    {gradus_logistic_fit, "low ~ age + lwt + I(age+lwt) + smoke", "@birthwt", "binomial"},
    {gradus_glm_fit, "ftv ~ age + I(age/3) + lwt + smoke", "@birthwt", "poisson"},
    {gradus_multinomial_fit, "factor(race) ~ age + lwt + I(lwt-age) + smoke", "@birthwt", NULL},
};
enum { REGRESSIONS = sizeof regressions / sizeof *regressions };

static gradus_fit *network_of(const char *formula, const gradus_frame *frame,
                              const gradus_network_options *options, gradus_status expected) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit(&fit, formula, frame, options, &err), expected, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

static gradus_fit *regression_of(const regression *g, const gradus_frame *frame) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(g->fit(&fit, g->formula, frame, &(gradus_fit_options){.family = g->family}, &err),
               GRADUS_WARNING_RANK_DEFICIENT, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

static void check_same(const gradus_fit *network, const gradus_fit *other) {
  CU_ASSERT_EQUAL_FATAL(gradus_fit_coefficients(network), gradus_fit_coefficients(other));
  for (size_t j = 0; j < gradus_fit_coefficients(other); j++) {
    const char *alias = gradus_fit_alias(other, j), *own = gradus_fit_alias(network, j);
    CU_ASSERT_EQUAL(own == NULL, alias == NULL);
    if (alias && own)
      CU_ASSERT_STRING_EQUAL(own, alias);
    for (size_t r = 0; r < gradus_fit_responses(other); r++) {
      CHECK_CLOSE(gradus_fit_coefficient(network, r, j), gradus_fit_coefficient(other, r, j), 1e-8);
      CU_ASSERT_EQUAL(isnan(gradus_fit_coefficient(network, r, j)), alias != NULL);
    }
  }
  CU_ASSERT_EQUAL_FATAL(gradus_fit_warnings(network) > 0, true);
  CU_ASSERT_STRING_EQUAL(gradus_fit_warning(network, 0)->message,
                         gradus_fit_warning(other, 0)->message);
}

static void collinear_columns_are_dropped_as_by_the_regressions(void) {
  static const char *const solvers[] = {NULL, "newton", "lbfgs", "gradient-descent",
                                        "levenberg-marquardt"};
  for (size_t i = 0; i < REGRESSIONS; i++) {
    gradus_frame *frame = table_open(regressions[i].data);
    gradus_fit *reference = regression_of(&regressions[i], frame);
    for (size_t s = 0; s < sizeof solvers / sizeof *solvers; s++) {
      gradus_network_options options = {
          .fit = {.family = regressions[i].family, .solver = solvers[s]}};
      gradus_fit *network =
          network_of(regressions[i].formula, frame, &options, GRADUS_WARNING_RANK_DEFICIENT);
      check_same(network, reference);
      gradus_fit_free(network);
    }
    gradus_fit_free(reference);
    gradus_frame_free(frame);
  }
}

/* R 4.2: coef(lm(mpg ~ wt + I(2*wt) + hp + I(wt-hp), mtcars)) */
static void the_estimates_are_those_of_r(void) {
  static const double of_r[] = {37.2272701164472, -3.87783074240468, NAN, -0.031772946982161, NAN};
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = network_of(regressions[0].formula, frame, NULL, GRADUS_WARNING_RANK_DEFICIENT);
  for (size_t j = 0; j < 5; j++)
    CHECK_CLOSE(gradus_fit_coefficient(fit, 0, j), of_r[j], 1e-11);
  CU_ASSERT_STRING_EQUAL(gradus_fit_alias(fit, 2), "I(2 * wt) = 2*wt");
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

/* In the network's θ a dropped weight is a NaN; nothing that is computed with it may be. */
static void what_follows_is_the_regressions_too(void) {
  static const char path[] = "test_network_columns.safetensors";
  for (size_t i = 0; i < REGRESSIONS; i++) {
    gradus_frame *frame = table_open(regressions[i].data);
    gradus_fit *reference = regression_of(&regressions[i], frame), *loaded = NULL;
    gradus_network_options options = {.fit = {.family = regressions[i].family}};
    gradus_fit *network =
        network_of(regressions[i].formula, frame, &options, GRADUS_WARNING_RANK_DEFICIENT);
    gradus_prediction *expected = NULL, *predicted = NULL, *again = NULL;
    CHECK_STATUS(gradus_predict(&expected, reference, frame, NULL, NULL), GRADUS_OK, NULL);
    CHECK_STATUS(gradus_predict(&predicted, network, frame, NULL, NULL), GRADUS_OK, NULL);
    CHECK_STATUS(gradus_fit_save(network, path, NULL), GRADUS_OK, NULL);
    CHECK_STATUS(gradus_fit_load(&loaded, path, NULL), GRADUS_OK, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
    CHECK_STATUS(gradus_predict(&again, loaded, frame, NULL, NULL), GRADUS_OK, NULL);
    for (size_t c = 0; c < predicted->rows * predicted->columns; c++) {
      CHECK_CLOSE(predicted->fitted[c], expected->fitted[c], 1e-8);
      CU_ASSERT_EQUAL(predicted->fitted[c], again->fitted[c]);
    }
    check_same(loaded, reference);
    gradus_prediction_free(expected);
    gradus_prediction_free(predicted);
    gradus_prediction_free(again);
    gradus_fit_free(loaded);
    gradus_fit_free(network);
    gradus_fit_free(reference);
    gradus_frame_free(frame);
    remove(path);
  }
}

static void standard_errors_are_those_of_the_columns_that_stay(void) {
  const regression *g = &regressions[3];
  gradus_frame *frame = table_open(g->data);
  gradus_fit *reference = regression_of(g, frame);
  gradus_fit *network =
      network_of(g->formula, frame, &(gradus_network_options){.fit = {.family = "binomial"}},
                 GRADUS_WARNING_RANK_DEFICIENT);
  gradus_source *rows = table_rows(network, frame);
  gradus_network_inference *inference = NULL;
  CHECK_STATUS(gradus_network_inference_new(&inference, network, rows, 1, NULL), GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(inference);
  for (size_t j = 1; j < gradus_fit_coefficients(reference); j++) {
    gradus_term term;
    CHECK_STATUS(gradus_fit_term(reference, 0, j, 0.95, &term, NULL), GRADUS_OK, NULL);
    CHECK_CLOSE(gradus_network_std_error(inference, j - 1), term.std_error, 1e-8);
  }
  gradus_network_inference_free(inference);
  gradus_source_free(rows);
  gradus_fit_free(network);
  gradus_fit_free(reference);
  gradus_frame_free(frame);
}

static void a_network_with_dropped_columns_goes_on_learning(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit[2];
  const char *const formulas[] = {"mpg ~ wt + hp", "mpg ~ wt + I(2*wt) + hp"};
  for (size_t i = 0; i < 2; i++) {
    gradus_network_options options = {
        .fit = {.solver = "gradient-descent",
                .max_iterations = 20,
                .descent = {.rule = GRADUS_RULE_ADAM, .learning_rate = 0.1, .batch_size = 8}}};
    fit[i] =
        network_of(formulas[i], frame, &options, i ? GRADUS_WARNING_RANK_DEFICIENT : GRADUS_OK);
    CHECK_STATUS(gradus_fit_partial(fit[i], frame, &(gradus_partial_options){.epochs = 10}, NULL),
                 GRADUS_OK, NULL);
  }
  CHECK_CLOSE(gradus_fit_coefficient(fit[1], 0, 0), gradus_fit_coefficient(fit[0], 0, 0), 1e-12);
  CHECK_CLOSE(gradus_fit_coefficient(fit[1], 0, 1), gradus_fit_coefficient(fit[0], 0, 1), 1e-12);
  CU_ASSERT(isnan(gradus_fit_coefficient(fit[1], 0, 2)));
  CHECK_CLOSE(gradus_fit_coefficient(fit[1], 0, 3), gradus_fit_coefficient(fit[0], 0, 2), 1e-12);
  gradus_prediction *predicted = NULL;
  CHECK_STATUS(gradus_predict(&predicted, fit[1], frame, NULL, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(predicted->fitted[0],
              gradus_fit_coefficient(fit[1], 0, 0) +
                  gradus_fit_coefficient(fit[1], 0, 1) * table_number(frame, "wt", 0) +
                  gradus_fit_coefficient(fit[1], 0, 3) * table_number(frame, "hp", 0),
              1e-13);
  gradus_prediction_free(predicted);
  gradus_fit_free(fit[0]);
  gradus_fit_free(fit[1]);
  gradus_frame_free(frame);
}

static void a_penalty_keeps_them_and_an_error_can_be_had(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *ridge = NULL, *none = NULL;
  gradus_error err = {0};
  gradus_fit_options penalised = {.l2 = 0.1};
  CHECK_STATUS(gradus_linear_fit(&ridge, "mpg ~ wt + I(2*wt) + hp", frame, &penalised, NULL),
               GRADUS_OK, NULL);
  gradus_fit *network = network_of("mpg ~ wt + I(2*wt) + hp", frame,
                                   &(gradus_network_options){.fit = penalised}, GRADUS_OK);
  for (size_t j = 0; j < 4; j++)
    CHECK_CLOSE(gradus_fit_coefficient(network, 0, j), gradus_fit_coefficient(ridge, 0, j), 1e-8);
  CHECK_STATUS(gradus_network_fit(
                   &none, "mpg ~ wt + I(2*wt)", frame,
                   &(gradus_network_options){.fit = {.collinear = GRADUS_COLLINEAR_ERROR}}, &err),
               GRADUS_ERROR_COLLINEAR, &err);
  CU_ASSERT_PTR_NULL(none);
  CHECK_CONTAINS(err.message, "I(2 * wt) = 2*wt");
  gradus_fit_free(network);
  gradus_fit_free(ridge);
  gradus_frame_free(frame);
}

/* A pixel that is always 0, and one that is always 5: the factor is 1, and not 1/0. */
static void constant_columns_do_no_harm_to_hidden_layers(void) {
  enum { ROWS = 48, INPUTS = 4 };
  double x[ROWS * INPUTS], y[ROWS];
  static const size_t hidden[] = {5};
  static const char *const solvers[] = {NULL, "lbfgs", "levenberg-marquardt"};
  for (size_t i = 0; i < ROWS; i++) {
    x[i * INPUTS] = sin((double)i);
    x[i * INPUTS + 1] = 0;
    x[i * INPUTS + 2] = 5;
    x[i * INPUTS + 3] = cos((double)(3 * i));
    y[i] = x[i * INPUTS] * x[i * INPUTS + 3];
  }
  gsl_matrix_view inputs = gsl_matrix_view_array(x, ROWS, INPUTS);
  gsl_matrix_view response = gsl_matrix_view_array(y, ROWS, 1);
  for (size_t s = 0; s < 6; s++) {
    gradus_network_options options = {
        .fit = {.solver = solvers[s / 2], .max_iterations = 20, .l2 = 1e-3},
        .hidden = hidden,
        .hidden_count = 1,
        .precision = s == 1 ? GRADUS_PRECISION_FLOAT32 : GRADUS_PRECISION_FLOAT64,
        .normalisation = s == 5 ? "layer" : NULL};
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    gradus_prediction *predicted = NULL;
    gradus_status status =
        gradus_network_fit_matrix(&fit, &inputs.matrix, &response.matrix, NULL, &options, &err);
    CHECK_STATUS(status, GRADUS_OK, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
    size_t wrong = 0, size = gradus_params_size(gradus_fit_params(fit));
    for (size_t j = 0; j < size; j++)
      wrong += isfinite(gradus_params_const_values(gradus_fit_params(fit))[j]) ? 0 : 1;
    CHECK_STATUS(gradus_predict_matrix(&predicted, fit, &inputs.matrix, NULL, NULL), GRADUS_OK,
                 NULL);
    for (size_t i = 0; i < ROWS; i++)
      wrong += isfinite(predicted->fitted[i]) ? 0 : 1;
    CU_ASSERT_EQUAL(wrong, 0);
    gradus_prediction_free(predicted);
    gradus_fit_free(fit);
  }
}

static void failing_allocations_leak_nothing(void) {
  gradus_frame *frame = table_open("@mtcars");
  for (failing_run run = {.done = GRADUS_WARNING_RANK_DEFICIENT}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_network_options options = {.fit = {.threads = 1}};
    run.status = gradus_network_fit(&fit, "mpg ~ wt + I(2*wt)", frame, &options, NULL);
    CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
    gradus_fit_free(fit);
  }
  gradus_frame_free(frame);
}

int main(void) {
  static const test_case cases[] = {
      {"collinear columns are dropped as by the regressions",
       collinear_columns_are_dropped_as_by_the_regressions},
      {"the estimates are those of R", the_estimates_are_those_of_r},
      {"what follows is the regressions' too", what_follows_is_the_regressions_too},
      {"standard errors are those of the columns that stay",
       standard_errors_are_those_of_the_columns_that_stay},
      {"a network with dropped columns goes on learning",
       a_network_with_dropped_columns_goes_on_learning},
      {"a penalty keeps them, and an error can be had",
       a_penalty_keeps_them_and_an_error_can_be_had},
      {"constant columns do no harm to hidden layers",
       constant_columns_do_no_harm_to_hidden_layers},
      {"failing allocations leak nothing", failing_allocations_leak_nothing},
  };
  return test_main("network_columns", cases, sizeof cases / sizeof *cases);
}
