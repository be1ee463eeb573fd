// SPDX-License-Identifier: GPL-3.0-or-later
/* Fits of responses that the columns separate, at the limit of their likelihood: against R's glm()
   of the rows that no direction moves (tests/r/separated.R), and what infinite estimates predict.
 */
#include "support/cells.h"

#include <math.h>
#include <string.h>

static gradus_frame *read_data(const char *name) {
  char path[64];
  snprintf(path, sizeof path, "separated/%s.csv", name);
  return test_read_frame(name[0] == '@' ? name : path);
}

static gradus_fit *fit_limit(const gradus_frame *frame, const char *formula, const char *link) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_fit_options options = {.link = link, .separation = GRADUS_SEPARATION_LIMIT};
  CHECK_STATUS(gradus_logistic_fit(&fit, formula, frame, &options, &err), GRADUS_WARNING_SEPARATION,
               &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
  return fit;
}

static gradus_term term_called(const gradus_fit *fit, const char *name) {
  gradus_term term = {.estimate = NAN};
  for (size_t j = 0; j < gradus_fit_coefficients(fit); j++) {
    CHECK_STATUS(gradus_fit_term(fit, 0, j, 0, &term, NULL), GRADUS_OK, NULL);
    if (strcmp(term.term, name) == 0)
      return term;
  }
  CU_FAIL("no such term");
  return term;
}

static void check_term(const gradus_frame *expected, size_t row, const gradus_fit *fit) {
  gradus_term term = term_called(fit, test_cell_text(expected, "term", row));
  double direction = test_cell_number(expected, "infinite", row);
  CU_ASSERT_EQUAL(term.infinite, direction != 0);
  if (direction != 0) {
    CU_ASSERT_TRUE(isinf(term.estimate) && term.estimate * direction > 0);
    CU_ASSERT_TRUE(isnan(term.std_error) && isnan(term.statistic) && isnan(term.p_value));
    CU_ASSERT_TRUE(isnan(term.conf_low) && isnan(term.conf_high));
    return;
  }
  double value = test_cell_number(expected, "estimate", row),
         error = test_cell_number(expected, "std_error", row);
  CHECK_CLOSE(term.estimate, value, 1e-11);
  CHECK_CLOSE(term.std_error, error, 1e-11);
  CHECK_CLOSE(term.statistic, value / error, 1e-11);
}

static void limits_are_fits_of_the_rows_that_are_left(void) {
  gradus_frame *expected = read_data("expected");
  size_t rows = gradus_frame_rows(expected), fits = 0;
  for (size_t i = 0; i < rows;) {
    const char *name = test_cell_text(expected, "case", i),
               *link = test_cell_text(expected, "link", i);
    gradus_frame *frame = read_data(name);
    gradus_fit *fit = fit_limit(frame, test_cell_text(expected, "formula", i), link);
    gradus_summary s;
    CHECK_STATUS(gradus_fit_summary(fit, 0, &s, NULL), GRADUS_OK, NULL);
    CHECK_CLOSE(s.deviance, test_cell_number(expected, "deviance", i), 1e-11);
    CHECK_CLOSE(s.log_lik, test_cell_number(expected, "log_lik", i), 1e-11);
    CU_ASSERT_EQUAL(s.nobs, (double)gradus_frame_rows(frame));
    for (; i < rows && strcmp(test_cell_text(expected, "case", i), name) == 0 &&
           strcmp(test_cell_text(expected, "link", i), link) == 0;
         i++)
      check_term(expected, i, fit);
    gradus_fit_free(fit);
    gradus_frame_free(frame);
    fits++;
  }
  CU_ASSERT_EQUAL(fits, 8);
  gradus_frame_free(expected);
}

/* The limit is where R's iteration creeps to: its deviance, degrees of freedom and AIC after 100
   steps with epsilon = 1e-14 (tests/data/hostile/sep_factor_level.csv). */
static void the_model_row_is_the_limit_of_r_s(void) {
  gradus_frame *frame = NULL;
  gradus_summary s;
  CHECK_STATUS(gradus_frame_read_csv(&frame, test_data("hostile/sep_factor_level.csv"), NULL, NULL),
               GRADUS_OK, NULL);
  gradus_fit *fit = fit_limit(frame, "y ~ f + x", "logit");
  gradus_fit_summary(fit, 0, &s, NULL);
  CHECK_CLOSE(s.deviance, 14.0290978703047, 1e-13);
  CHECK_CLOSE(s.log_lik, -7.01454893515236, 1e-13);
  CHECK_CLOSE(s.aic, 2 * 7.01454893515236 + 8, 1e-13);
  CHECK_CLOSE(s.df_residual, 19, 0);
  CHECK_CLOSE(s.residual_quantile[0], -2.14194, 1e-5);
  CHECK_CLOSE(s.residual_quantile[2], -0.01161, 1e-3);
  CHECK_CLOSE(term_called(fit, "x").std_error, 2.1660979, 1e-7);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void one_outcome_only_moves_the_intercept(void) {
  double x[] = {1, 5, 2, 6, 3, 8}, y[6];
  gsl_matrix_view xv = gsl_matrix_view_array(x, 3, 2), new = gsl_matrix_view_array(x, 2, 2);
  gsl_vector_view yv = gsl_vector_view_array(y, 3);
  for (int outcome = 0; outcome < 2; outcome++) {
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    gradus_summary s;
    gradus_prediction *p = NULL;
    y[0] = y[1] = y[2] = outcome;
    gradus_fit_options options = {.family = "binomial", .separation = GRADUS_SEPARATION_LIMIT};
    CHECK_STATUS(gradus_glm_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, NULL, &options, &err),
                 GRADUS_WARNING_SEPARATION, &err);
    CHECK_CONTAINS(err.message, outcome ? "every response is 1" : "every response is 0");
    CHECK_CONTAINS(err.message, "x1 (undetermined)");
    CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
    gradus_term intercept = term_called(fit, "(Intercept)"), slope = term_called(fit, "x1");
    CU_ASSERT_TRUE(isinf(intercept.estimate) && (intercept.estimate > 0) == (outcome == 1));
    CU_ASSERT_TRUE(slope.infinite && isnan(slope.estimate) && isnan(slope.std_error));
    CU_ASSERT_TRUE(gradus_fit_infinite(fit, 0, 0) && gradus_fit_infinite(fit, 0, 1));
    gradus_fit_summary(fit, 0, &s, NULL);
    CU_ASSERT_TRUE(s.deviance == 0 && s.null_deviance == 0 && s.log_lik == 0);
    CHECK_STATUS(gradus_predict_matrix(&p, fit, &new.matrix, NULL, &err), GRADUS_OK, &err);
    CU_ASSERT_TRUE(p && p->fitted[0] == outcome && p->fitted[1] == outcome);
    gradus_prediction_free(p);
    gradus_fit_free(fit);
  }
}

static gradus_prediction *predict(const gradus_fit *fit, const gradus_frame *frame,
                                  gradus_predict_type type, gradus_status expected) {
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  gradus_predict_options options = {
      .type = type, .std_error = true, .interval = GRADUS_INTERVAL_CONFIDENCE};
  CHECK_STATUS(gradus_predict(&p, fit, frame, &options, &err), expected, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  return p;
}

/* Rows at x = 3 are left: their probabilities are those of z alone, and sum to the successes there.
 */
static void separated_rows_have_probability_0_or_1(void) {
  static const char *const links[] = {"logit", "probit", "cloglog", "cauchit"};
  gradus_frame *frame = read_data("tie");
  for (size_t l = 0; l < 4; l++) {
    gradus_fit *fit = fit_limit(frame, "y ~ x + z", links[l]);
    gradus_prediction *mean = predict(fit, frame, GRADUS_PREDICT_RESPONSE, GRADUS_OK);
    gradus_prediction *link = predict(fit, frame, GRADUS_PREDICT_LINK, GRADUS_OK);
    double excess = 0;
    for (size_t i = 0; i < mean->rows; i++) {
      double y = test_cell_number(frame, "y", i);
      if (test_cell_number(frame, "x", i) == 3) {
        CU_ASSERT_TRUE(mean->std_error[i] > 0 && isfinite(link->fitted[i]));
        CU_ASSERT_TRUE(mean->low[i] < mean->fitted[i] && mean->fitted[i] < mean->high[i]);
        excess += mean->fitted[i] - y;
        continue;
      }
      CU_ASSERT_EQUAL(mean->fitted[i], y);
      CU_ASSERT_TRUE(isinf(link->fitted[i]) && (link->fitted[i] > 0) == (y == 1));
      CU_ASSERT_TRUE(isnan(mean->std_error[i]) && isnan(mean->low[i]) && isnan(mean->high[i]));
    }
    if (l == 0)
      CU_ASSERT_DOUBLE_EQUAL(excess, 0, 1e-13);
    gradus_prediction_free(mean);
    gradus_prediction_free(link);
    gradus_fit_free(fit);
  }
  gradus_frame_free(frame);
}

static void rows_where_infinities_cancel_are_not_a_number(void) {
  double x[] = {1, 2, 3, 4}, y[] = {0, 0, 1, 1}, new[] = {-5, 2.5, 9, 2.5};
  gradus_frame *frame = NULL, *other = NULL;
  gradus_frame_new(&frame, 4, NULL);
  gradus_frame_add_numeric(frame, "x", x, 1, NULL);
  gradus_frame_add_numeric(frame, "y", y, 1, NULL);
  gradus_frame_new(&other, 4, NULL);
  gradus_frame_add_numeric(other, "x", new, 1, NULL);
  gradus_fit *fit = fit_limit(frame, "y ~ x", NULL);
  gradus_prediction *p = predict(fit, other, GRADUS_PREDICT_RESPONSE, GRADUS_WARNING_SEPARATION);
  CU_ASSERT_TRUE(p->fitted[0] == 0 && p->fitted[2] == 1);
  CU_ASSERT_TRUE(isnan(p->fitted[1]) && isnan(p->fitted[3]) && isnan(p->std_error[1]));
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
  gradus_frame_free(other);
}

static void infinite_estimates_have_no_covariance(void) {
  gradus_frame *frame = read_data("tie");
  gradus_fit *fit = fit_limit(frame, "y ~ x + z", NULL);
  gradus_source *source = NULL;
  gradus_error err = {0};
  double cells[9];
  gsl_matrix_view covariance = gsl_matrix_view_array(cells, 3, 3);
  CHECK_STATUS(gradus_fit_covariance(fit, 0, &covariance.matrix, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < 9; i++)
    CU_ASSERT_EQUAL(isnan(cells[i]), i < 8);
  CHECK_CLOSE(sqrt(cells[8]), term_called(fit, "z").std_error, 1e-14);
  gradus_source_from_frame(&source, gradus_fit_design(fit), frame, NULL, NULL);
  CHECK_STATUS(gradus_fit_set_robust(fit, source, GRADUS_ROBUST_HC0, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  gradus_source_free(source);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void without_leave_it_is_an_error(void) {
  gradus_frame *frame = read_data("tie");
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_logistic_fit(&fit, "y ~ x + z", frame, NULL, &err), GRADUS_ERROR_SEPARATION,
               &err);
  CU_ASSERT_PTR_NULL(fit);
  CHECK_CONTAINS(err.message, "(Intercept) (-Inf), x (+Inf)");
  gradus_frame_free(frame);
}

static void failed_allocations_leak_nothing(void) {
  double x[] = {1, 3, 2, 1, 3, 2, 3, 7, 3, 4, 4, 2}, y[] = {0, 0, 1, 0, 1, 1};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 6, 2);
  gsl_vector_view yv = gsl_vector_view_array(y, 6);
  gradus_status status = GRADUS_ERROR_OUT_OF_MEMORY;
  for (size_t k = 0; status > 0 && k < 20000; k++) {
    gradus_fit *fit = NULL;
    gradus_fit_options options = {
        .family = "binomial", .threads = 1, .separation = GRADUS_SEPARATION_LIMIT};
    test_allocations_begin(k);
    status = gradus_glm_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, NULL, &options, NULL);
    CU_ASSERT_EQUAL(fit == NULL, status > 0);
    gradus_fit_free(fit);
    test_allocations_end();
    CU_ASSERT_EQUAL(test_allocations_live(), 0);
    CU_ASSERT(status < 0 || status == GRADUS_ERROR_OUT_OF_MEMORY);
  }
  CHECK_STATUS(status, GRADUS_WARNING_SEPARATION, NULL);
}

int main(void) {
  static const test_case cases[] = {
      {"limits are fits of the rows that are left", limits_are_fits_of_the_rows_that_are_left},
      {"the model row is the limit of R's", the_model_row_is_the_limit_of_r_s},
      {"one outcome only moves the intercept", one_outcome_only_moves_the_intercept},
      {"separated rows have probability 0 or 1", separated_rows_have_probability_0_or_1},
      {"rows where infinities cancel are not a number",
       rows_where_infinities_cancel_are_not_a_number},
      {"infinite estimates have no covariance", infinite_estimates_have_no_covariance},
      {"without leave it is an error", without_leave_it_is_an_error},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("separated", cases, sizeof cases / sizeof *cases);
}
