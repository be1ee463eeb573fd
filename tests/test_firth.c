// SPDX-License-Identifier: GPL-3.0-or-later
/* Firth's logistic regression against R's brglm2 and the definition of its penalised-likelihood
   tests and intervals (tests/r/firth.R), and the published example. */
#include "support/cells.h"

#include <math.h>
#include <string.h>

/* With penalised-likelihood-ratio tests and profile intervals. */
static gradus_fit *fit_firth(const gradus_frame *frame, const char *formula, double level) {
  gradus_fit *fit = NULL;
  gradus_source *source = NULL;
  gradus_error err = {0};
  gradus_fit_options options = {.firth = true};
  CHECK_STATUS(gradus_logistic_fit(&fit, formula, frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_TRUE(gradus_fit_is_firth(fit) && gradus_fit_solver(fit)->converged);
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->certificate < 1e-13);
  CHECK_STATUS(gradus_source_from_frame(&source, gradus_fit_design(fit), frame, NULL, &err),
               GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_set_intervals(fit, source, GRADUS_INTERVALS_LR, level, &err), GRADUS_OK,
               &err);
  gradus_source_free(source);
  return fit;
}

static void check_row(const gradus_frame *table, size_t row, const gradus_fit *fit, size_t j) {
  gradus_term term;
  CHECK_STATUS(gradus_fit_term(fit, 0, j, 0, &term, NULL), GRADUS_OK, NULL);
  CU_ASSERT_STRING_EQUAL(term.term, test_cell_text(table, "term", row));
  double length = term.conf_high - term.conf_low;
  CHECK_CLOSE(term.estimate, test_cell_number(table, "estimate", row), 1e-11);
  CHECK_CLOSE(term.std_error, test_cell_number(table, "std_error", row), 1e-11);
  CHECK_CLOSE(term.statistic, test_cell_number(table, "statistic", row), 1e-10);
  CHECK_CLOSE(term.p_value, erfc(sqrt(test_cell_number(table, "statistic", row) / 2)), 1e-9);
  CU_ASSERT_DOUBLE_EQUAL(term.conf_low, test_cell_number(table, "low", row), 1e-10 * length);
  CU_ASSERT_DOUBLE_EQUAL(term.conf_high, test_cell_number(table, "high", row), 1e-10 * length);
}

static void numbers_are_those_of_brglm2_and_the_definition(void) {
  gradus_frame *table = test_read_frame("firth.csv");
  size_t fits = 0;
  for (size_t row = 0; row < gradus_frame_rows(table); fits++) {
    gradus_frame *frame = test_read_frame(test_cell_text(table, "data", row));
    gradus_fit *fit = fit_firth(frame, test_cell_text(table, "formula", row),
                                test_cell_number(table, "level", row));
    gradus_summary s;
    gradus_fit_summary(fit, 0, &s, NULL);
    double log_lik = test_cell_number(table, "log_lik", row);
    CHECK_CLOSE(s.log_lik, log_lik, 1e-12);
    CHECK_CLOSE(gradus_fit_penalised_log_lik(fit),
                log_lik + test_cell_number(table, "half_log_determinant", row), 1e-12);
    for (size_t j = 0; j < gradus_fit_coefficients(fit); j++)
      check_row(table, row++, fit, j);
    gradus_fit_free(fit);
    gradus_frame_free(frame);
  }
  CU_ASSERT_EQUAL(fits, 5);
  gradus_frame_free(table);
}

/* Heinze and Schemper (2002, Statistics in Medicine 21:2409-2419), the endometrial cancer study:
   the maximum likelihood estimate of NV is infinite. */
static void the_published_example_comes_out(void) {
  static const double published[3][3] = {
      {2.93, 0.61, 7.85}, {-0.03, -0.12, 0.04}, {-2.60, -4.37, -1.23}};
  gradus_frame *frame = test_read_frame("firth/endometrial.csv");
  gradus_fit *fit = fit_firth(frame, "HG ~ NV + PI + EH", 0), *plain = NULL;
  for (size_t j = 0; j < 3; j++) {
    gradus_term term;
    gradus_fit_term(fit, 0, j + 1, 0, &term, NULL);
    CU_ASSERT_DOUBLE_EQUAL(term.estimate, published[j][0], 0.00501);
    CU_ASSERT_DOUBLE_EQUAL(term.conf_low, published[j][1], 0.00501);
    CU_ASSERT_DOUBLE_EQUAL(term.conf_high, published[j][2], 0.00501);
  }
  gradus_error err = {0};
  CHECK_STATUS(gradus_logistic_fit(&plain, "HG ~ NV + PI + EH", frame, NULL, &err),
               GRADUS_ERROR_SEPARATION, &err);
  CHECK_CONTAINS(err.message, "NV (+Inf)");
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

/* Groups, frequencies and single rows have one likelihood and one prior. */
static void grouped_trials_are_their_single_ones(void) {
  double x[] = {1, 2, 3, 1, 2, 3}, y[] = {0, 0, 0, 1, 1, 1}, count[] = {3, 2, 2, 0, 1, 3};
  double single_x[11], single_y[11];
  size_t n = 0;
  for (size_t i = 0; i < 6; i++)
    for (size_t copy = 0; copy < (size_t)count[i]; copy++, n++) {
      single_x[n] = x[i];
      single_y[n] = y[i];
    }
  gsl_matrix_view xs = gsl_matrix_view_array(single_x, n, 1), xg = gsl_matrix_view_array(x, 3, 1);
  gsl_matrix_view xf = gsl_matrix_view_array(x, 6, 1);
  double proportion[] = {0, 1.0 / 3, 3.0 / 5}, trials[] = {3, 3, 5};
  gsl_vector_view ys = gsl_vector_view_array(single_y, n),
                  yg = gsl_vector_view_array(proportion, 3);
  gsl_vector_view tg = gsl_vector_view_array(trials, 3), yf = gsl_vector_view_array(y, 6);
  gsl_vector_view tf = gsl_vector_view_array(count, 6);
  gradus_fit_options options = {.family = "binomial", .firth = true};
  gradus_fit *fits[3] = {NULL};
  CHECK_STATUS(gradus_glm_fit_matrix(&fits[0], &xs.matrix, &ys.vector, NULL, NULL, &options, NULL),
               GRADUS_OK, NULL);
  options.weight_kind = GRADUS_WEIGHT_PRIOR;
  CHECK_STATUS(
      gradus_glm_fit_matrix(&fits[1], &xg.matrix, &yg.vector, &tg.vector, NULL, &options, NULL),
      GRADUS_OK, NULL);
  options.weight_kind = GRADUS_WEIGHT_FREQUENCY;
  CHECK_STATUS(
      gradus_glm_fit_matrix(&fits[2], &xf.matrix, &yf.vector, &tf.vector, NULL, &options, NULL),
      GRADUS_OK, NULL);
  for (size_t k = 1; k < 3; k++)
    for (size_t j = 0; j < 2; j++) {
      gradus_term a, b;
      gradus_fit_term(fits[0], 0, j, 0, &a, NULL);
      gradus_fit_term(fits[k], 0, j, 0, &b, NULL);
      CHECK_CLOSE(b.estimate, a.estimate, 1e-12);
      CHECK_CLOSE(b.std_error, a.std_error, 1e-12);
    }
  for (size_t k = 0; k < 3; k++)
    gradus_fit_free(fits[k]);
}

/* Of y = 0 in a rows and 1 in b rows the estimate is log((b + ½)/(a + ½)) (Firth 1993). */
static void the_intercept_alone_adds_half_a_success_and_half_a_failure(void) {
  double y[9];
  for (size_t ones = 0; ones <= 9; ones += 3) {
    gradus_frame *frame = NULL;
    gradus_fit *fit = NULL;
    gradus_fit_options options = {.firth = true};
    for (size_t i = 0; i < 9; i++)
      y[i] = i < ones;
    gradus_frame_new(&frame, 9, NULL);
    gradus_frame_add_numeric(frame, "y", y, 1, NULL);
    CHECK_STATUS(gradus_logistic_fit(&fit, "y ~ 1", frame, &options, NULL), GRADUS_OK, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
    CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 0),
                log(((double)ones + 0.5) / (9 - (double)ones + 0.5)), 1e-14);
    gradus_fit_free(fit);
    gradus_frame_free(frame);
  }
}

static void other_families_and_links_are_refused(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  static const gradus_fit_options options[] = {
      {.firth = true, .family = "poisson"},
      {.firth = true, .family = "quasibinomial"},
      {.firth = true, .family = "binomial", .link = "probit"}};
  for (size_t i = 0; i < 3; i++) {
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    CHECK_STATUS(gradus_glm_fit(&fit, "low ~ age", births, &options[i], &err),
                 GRADUS_ERROR_UNSUPPORTED, &err);
    CHECK_CONTAINS(err.message, "binomial with the link logit");
    CU_ASSERT_PTR_NULL(fit);
  }
  gradus_frame_free(births);
}

static void an_unconverged_fit_says_so(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *fit = NULL;
  gradus_term term;
  gradus_fit_options options = {.firth = true, .max_iterations = 2};
  CHECK_STATUS(gradus_logistic_fit(&fit, "low ~ age + lwt", births, &options, NULL), GRADUS_OK,
               NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_FALSE(gradus_fit_solver(fit)->converged);
  CU_ASSERT_EQUAL(gradus_fit_solver(fit)->iterations, 2);
  gradus_fit_term(fit, 0, 1, 0, &term, NULL);
  CU_ASSERT_TRUE(isnan(term.std_error));
  gradus_fit_free(fit);
  gradus_frame_free(births);
}

static void a_dropped_column_changes_nothing(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *with = NULL, *without = NULL;
  gradus_fit_options options = {.firth = true};
  CHECK_STATUS(gradus_logistic_fit(&with, "low ~ age + I(2*age) + lwt", births, &options, NULL),
               GRADUS_WARNING_RANK_DEFICIENT, NULL);
  CHECK_STATUS(gradus_logistic_fit(&without, "low ~ age + lwt", births, &options, NULL), GRADUS_OK,
               NULL);
  CHECK_CLOSE(gradus_fit_coefficient(with, 0, 3), gradus_fit_coefficient(without, 0, 2), 1e-12);
  CU_ASSERT_TRUE(isnan(gradus_fit_coefficient(with, 0, 2)));
  CHECK_CLOSE(gradus_fit_penalised_log_lik(with), gradus_fit_penalised_log_lik(without), 1e-13);
  gradus_fit_free(with);
  gradus_fit_free(without);
  gradus_frame_free(births);
}

static void failed_allocations_leak_nothing(void) {
  double x[] = {1, 2, 3, 4, 2, 3}, y[] = {0, 0, 1, 1, 1, 0};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 6, 1), ym = gsl_matrix_view_array(y, 6, 1);
  gsl_vector_view yv = gsl_vector_view_array(y, 6);
  gradus_source *source = NULL;
  gradus_source_from_matrix(&source, &xv.matrix, &ym.matrix, NULL, GRADUS_WEIGHT_NONE, NULL, NULL);
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_fit_options options = {.family = "binomial", .firth = true, .threads = 1};
    run.status = gradus_glm_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, NULL, &options, NULL);
    if (run.status <= 0)
      run.status = gradus_fit_set_intervals(fit, source, GRADUS_INTERVALS_LR, 0, NULL);
    gradus_fit_free(fit);
    run.at += run.at < 500 ? 0 : 22;
  }
  gradus_source_free(source);
}

int main(void) {
  static const test_case cases[] = {
      {"numbers are those of brglm2 and the definition",
       numbers_are_those_of_brglm2_and_the_definition},
      {"the published example comes out", the_published_example_comes_out},
      {"grouped trials are their single ones", grouped_trials_are_their_single_ones},
      {"the intercept alone adds half a success and half a failure",
       the_intercept_alone_adds_half_a_success_and_half_a_failure},
      {"other families and links are refused", other_families_and_links_are_refused},
      {"an unconverged fit says so", an_unconverged_fit_says_so},
      {"a dropped column changes nothing", a_dropped_column_changes_nothing},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("firth", cases, sizeof cases / sizeof *cases);
}
