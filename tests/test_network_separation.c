// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks without hidden layers whose columns separate the classes: they say what the regressions
   say, whose answers R and linear programs have confirmed (test_separated). */
#include "support/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char complete[] = "am ~ mpg + wt + qsec", classes[] = "factor(cyl) ~ mpg + wt",
                  partly[] = "vs ~ factor(cyl) + am";

static gradus_network_options options_of(const char *formula, gradus_separation separation) {
  return (gradus_network_options){
      .fit = {.family = formula == classes ? "multinomial" : "binomial", .separation = separation}};
}

static gradus_status fit_regression(gradus_fit **fit, const char *formula,
                                    const gradus_frame *frame, gradus_separation separation,
                                    gradus_error *err) {
  gradus_fit_options options = {.separation = separation};
  return formula == classes ? gradus_multinomial_fit(fit, formula, frame, &options, err)
                            : gradus_logistic_fit(fit, formula, frame, &options, err);
}

static void check_same_sentence(const char *formula) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_network_options options = options_of(formula, GRADUS_SEPARATION_ERROR);
  gradus_error expected = {0}, err = {0};
  gradus_fit *fit = NULL;
  CU_ASSERT_EQUAL(fit_regression(&fit, formula, frame, GRADUS_SEPARATION_ERROR, &expected),
                  GRADUS_ERROR_SEPARATION);
  CU_ASSERT_EQUAL(gradus_network_fit(&fit, formula, frame, &options, &err),
                  GRADUS_ERROR_SEPARATION);
  CU_ASSERT_PTR_NULL(fit);
  CHECK_CONTAINS(err.message, "Inf");
  CU_ASSERT_STRING_EQUAL(err.message, expected.message);
  gradus_frame_free(frame);
}

static void the_columns_are_named_as_the_regressions_name_them(void) {
  check_same_sentence(complete);
  check_same_sentence(partly);
  check_same_sentence(classes);
}

static void check_same_predictions(const gradus_fit *a, const gradus_fit *b,
                                   const gradus_frame *frame) {
  gradus_prediction *p = NULL, *q = NULL;
  gradus_status status = gradus_predict(&p, a, frame, NULL, NULL);
  CU_ASSERT_EQUAL(gradus_predict(&q, b, frame, NULL, NULL), status);
  CU_ASSERT_TRUE_FATAL(p && q && p->rows == q->rows && p->columns == q->columns);
  for (size_t i = 0; i < p->rows * p->columns; i++)
    CU_ASSERT_TRUE(p->fitted[i] == q->fitted[i] || (isnan(p->fitted[i]) && isnan(q->fitted[i])));
  gradus_prediction_free(p);
  gradus_prediction_free(q);
}

static void check_same_limit(const gradus_fit *network, const gradus_fit *regression) {
  size_t infinite = 0;
  for (size_t r = 0; r < gradus_fit_responses(regression); r++)
    for (size_t j = 0; j < gradus_fit_coefficients(regression); j++) {
      gradus_term a, b;
      CU_ASSERT_EQUAL(gradus_fit_infinite(network, r, j), gradus_fit_infinite(regression, r, j));
      infinite += gradus_fit_infinite(network, r, j);
      CHECK_STATUS(gradus_fit_term(network, r, j, 0, &a, NULL), GRADUS_OK, NULL);
      CHECK_STATUS(gradus_fit_term(regression, r, j, 0, &b, NULL), GRADUS_OK, NULL);
      CU_ASSERT_TRUE(a.estimate == b.estimate || (isnan(a.estimate) && isnan(b.estimate)));
      CU_ASSERT_TRUE(a.std_error == b.std_error || (isnan(a.std_error) && isnan(b.std_error)));
    }
  CU_ASSERT_TRUE(infinite > 0);
}

static void check_limit(const char *formula, const char *path) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_network_options options = options_of(formula, GRADUS_SEPARATION_LIMIT);
  gradus_fit *network = NULL, *regression = NULL, *loaded = NULL;
  gradus_error err = {0};
  CU_ASSERT_EQUAL(fit_regression(&regression, formula, frame, GRADUS_SEPARATION_LIMIT, &err),
                  GRADUS_WARNING_SEPARATION);
  err = (gradus_error){0};
  CU_ASSERT_EQUAL(gradus_network_fit(&network, formula, frame, &options, &err),
                  GRADUS_WARNING_SEPARATION);
  CU_ASSERT_TRUE_FATAL(network && regression);
  check_same_limit(network, regression);
  check_same_predictions(network, regression, frame);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_save(network, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
  check_same_limit(loaded, regression);
  check_same_predictions(loaded, regression, frame);
  CU_ASSERT_EQUAL(gradus_fit_partial(network, frame, NULL, &err), GRADUS_ERROR_UNSUPPORTED);
  remove(path);
  gradus_fit_free(loaded);
  gradus_fit_free(network);
  gradus_fit_free(regression);
  gradus_frame_free(frame);
}

static void the_limit_is_the_regressions_and_comes_back_from_a_file(void) {
  char path[64];
  snprintf(path, sizeof path, "test_network_separation.%ld.tmp", (long)getpid());
  check_limit(complete, path);
  check_limit(partly, path);
  check_limit(classes, path);
}

static void check_finite(const char *formula, gradus_network_options options) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CU_ASSERT_EQUAL(gradus_network_fit(&fit, formula, frame, &options, &err), GRADUS_OK);
  CU_ASSERT_STRING_EQUAL(err.message, "");
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  for (size_t j = 0; j < gradus_fit_coefficients(fit); j++) {
    CU_ASSERT_TRUE(isfinite(gradus_fit_coefficient(fit, 0, j)));
    CU_ASSERT_FALSE(gradus_fit_infinite(fit, 0, j));
  }
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void with_a_penalty_hidden_layers_or_overlap_nothing_changes(void) {
  static const size_t two[] = {2};
  gradus_network_options options = options_of(complete, GRADUS_SEPARATION_ERROR);
  check_finite("am ~ wt", options);
  options.fit.l2 = 0.01;
  check_finite(complete, options);
  options.fit.l2 = 0;
  options.hidden = two;
  options.hidden_count = 1;
  options.fit.max_iterations = 5;
  check_finite(complete, options);
}

/* GLPK makes thousands of small ones: of those every 29th. */
static void allocations_may_fail(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_network_options options = options_of(partly, GRADUS_SEPARATION_LIMIT);
  options.fit.threads = 1;
  options.fit.max_iterations = 2; /* it is looked for where a search did not end, too */
  for (size_t k = 0;; k += k < 100 ? 1 : 29) {
    gradus_fit *fit = NULL;
    test_allocations_begin(k);
    gradus_status status = gradus_network_fit(&fit, partly, frame, &options, NULL);
    gradus_fit_free(fit);
    CU_ASSERT_EQUAL(test_allocations_live(), 0);
    bool all = test_allocations_end() <= k;
    CU_ASSERT_EQUAL(status, all ? GRADUS_WARNING_SEPARATION : GRADUS_ERROR_OUT_OF_MEMORY);
    if (all)
      break;
  }
  gradus_frame_free(frame);
}

int main(void) {
  static const test_case cases[] = {
      {"the columns are named as the regressions name them",
       the_columns_are_named_as_the_regressions_name_them},
      {"the limit is the regression's, and comes back from a file",
       the_limit_is_the_regressions_and_comes_back_from_a_file},
      {"with a penalty, hidden layers or overlap nothing changes",
       with_a_penalty_hidden_layers_or_overlap_nothing_changes},
      {"allocations may fail", allocations_may_fail},
  };
  return test_main("network_separation", cases, sizeof cases / sizeof *cases);
}
