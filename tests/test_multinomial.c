// SPDX-License-Identifier: GPL-3.0-or-later
/* Multinomial models against R's nnet (continued to full precision, tests/r/multinomial.R) and
   50-digit arithmetic (mp.csv). */
#include "support/cells.h"
#include "support/oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static gradus_fit *fit_of(const char *formula, const gradus_frame *frame,
                          const gradus_fit_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_status status = gradus_multinomial_fit(&fit, formula, frame, options, &err);
  CHECK_STATUS(status == GRADUS_WARNING_RANK_DEFICIENT ? GRADUS_OK : status, GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
  return fit;
}

static void check_term(const gradus_fit *fit, const oracle *o, size_t r, size_t j) {
  char name[64];
  gradus_term term;
  const char *level = json_string_value(json_array_get(json_object_get(o->json, "equations"), r));
  CHECK_STATUS(gradus_fit_term(fit, r, j, 0, &term, NULL), GRADUS_OK, NULL);
  CU_ASSERT_STRING_EQUAL(term.term,
                         json_string_value(json_array_get(json_object_get(o->json, "names"), j)));
  CU_ASSERT_STRING_EQUAL(term.response, level);
  snprintf(name, sizeof name, "%s:%s", level, term.term);
  CHECK_CLOSE(term.estimate, test_high_precision(o->id, "coef", name), 1e-11);
  CHECK_CLOSE(term.std_error, test_high_precision(o->id, "se", name), 1e-10);
  CHECK_CLOSE(term.statistic, term.estimate / term.std_error, 1e-15);
  CHECK_CLOSE(term.p_value, erfc(fabs(term.statistic) / sqrt(2)), 1e-12);
  CHECK_CLOSE(term.conf_high, term.estimate + 1.959963984540054 * term.std_error, 1e-13);
}

static void the_oracle_comes_out(void) {
  oracle o = oracle_open("housing_multinomial");
  const char *levels[] = {"Low", "Medium", "High"};
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_set_levels(o.frame, "Sat", levels, 3, &err), GRADUS_OK, &err);
  gradus_fit_options options = {.weights = "Freq", .weight_kind = GRADUS_WEIGHT_FREQUENCY};
  gradus_fit *fit = fit_of(oracle_text(&o, "formula"), o.frame, &options);
  CU_ASSERT_EQUAL_FATAL(gradus_fit_responses(fit), 2);
  CU_ASSERT_EQUAL_FATAL(gradus_fit_coefficients(fit), 7);
  CU_ASSERT_EQUAL(gradus_fit_classes(fit), 3);
  CU_ASSERT_STRING_EQUAL(gradus_fit_class_name(fit, 0), oracle_text(&o, "baseline"));
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 0; j < 7; j++)
      check_term(fit, &o, r, j);
  gradus_summary s;
  CHECK_STATUS(gradus_fit_summary(fit, 0, &s, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(s.deviance, test_high_precision(o.id, "deviance", NULL), 1e-12);
  CHECK_CLOSE(s.log_lik, test_high_precision(o.id, "logLik", NULL), 1e-12);
  CHECK_CLOSE(s.aic, oracle_number(&o, "AIC", 0), 1e-12);
  CHECK_CLOSE(s.nobs, oracle_number(&o, "sum_weights", 0), 0);
  CHECK_CLOSE(s.bic, s.deviance + 14 * log(1681), 1e-14); /* logLik.multinom: nobs = Σw */
  CHECK_CLOSE(s.df_residual, 2 * 1681 - 14, 0);
  CHECK_CLOSE(s.df, 12, 0);
  gsl_matrix *covariance = gsl_matrix_alloc(14, 14);
  CHECK_STATUS(gradus_fit_covariance_joint(fit, covariance, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < 14; i++)
    for (size_t j = 0; j < 14; j++)
      CHECK_CLOSE(
          gsl_matrix_get(covariance, i, j),
          oracle_value(json_array_get(json_array_get(json_object_get(o.json, "vcov"), i), j)),
          1e-10);
  gsl_matrix_free(covariance);
  gradus_fit_free(fit);
  oracle_close(&o);
}

/* A value of tests/data/multinomial/NAME.csv: quantity,response,term,value. */
static double expected(const char *file, const char *quantity, const char *response,
                       const char *term) {
  char path[64], line[256], key[128];
  double value = NAN;
  snprintf(path, sizeof path, "multinomial/%s.csv", file);
  int length = snprintf(key, sizeof key, "%s,%s,%s,", quantity, response, term);
  FILE *stream = fopen(test_data(path), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
  while (fgets(line, sizeof line, stream))
    if (strncmp(line, key, (size_t)length) == 0)
      value = strtod(line + length, NULL);
  fclose(stream);
  CU_ASSERT_FALSE(isnan(value));
  return value;
}

static void check_terms(const char *file, const gradus_fit *fit, bool errors) {
  for (size_t r = 0; r < gradus_fit_responses(fit); r++)
    for (size_t j = 0; j < gradus_fit_coefficients(fit); j++) {
      gradus_term t;
      CHECK_STATUS(gradus_fit_term(fit, r, j, 0, &t, NULL), GRADUS_OK, NULL);
      CHECK_CLOSE(t.estimate, expected(file, "coef", t.response, t.term), 1e-11);
      if (errors)
        CHECK_CLOSE(t.std_error, expected(file, "se", t.response, t.term), 1e-10);
      else
        CU_ASSERT_TRUE(isnan(t.std_error));
    }
}

static void check_probabilities(const char *file, const gradus_fit *fit, const gradus_frame *frame,
                                bool errors) {
  static const char *const rows[] = {"1", "50", "100"};
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  gradus_predict_options options = {.std_error = errors};
  CHECK_STATUS(gradus_predict(&p, fit, frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL_FATAL(p ? p->columns : 0, gradus_fit_classes(fit));
  for (size_t i = 0; i < 3; i++)
    for (size_t c = 0; c < p->columns; c++) {
      size_t at = (size_t)(atoi(rows[i]) - 1) * p->columns + c;
      const char *level = gradus_fit_class_name(fit, c);
      CHECK_CLOSE(p->fitted[at], expected(file, "probability", rows[i], level), 1e-11);
      if (errors)
        CHECK_CLOSE(p->std_error[at], expected(file, "probability_se", rows[i], level), 1e-10);
    }
  gradus_prediction_free(p);
}

static void check_births(const char *file, const gradus_fit_options *options,
                         gradus_frame *births) {
  gradus_fit *fit = fit_of("race ~ age + lwt + smoke", births, options);
  gradus_summary s;
  check_terms(file, fit, true);
  CHECK_STATUS(gradus_fit_summary(fit, 1, &s, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(s.deviance, expected(file, "deviance", "", ""), 1e-12);
  CHECK_CLOSE(s.null_deviance, expected(file, "null_deviance", "", ""), 1e-12);
  CHECK_CLOSE(s.aic, s.deviance + 16, 1e-15);
  CHECK_CLOSE(s.r_squared_mcfadden, 1 - s.deviance / s.null_deviance, 1e-14);
  CHECK_CLOSE(s.nobs, 189, 0);
  CHECK_CLOSE(s.df_residual, 2 * 189 - 8, 0);
  gsl_matrix *covariance = gsl_matrix_alloc(8, 8);
  CHECK_STATUS(gradus_fit_covariance_joint(fit, covariance, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < 8; i++)
    for (size_t j = 0; j <= i; j++) {
      char row[8], column[8];
      snprintf(row, sizeof row, "%zu", i);
      snprintf(column, sizeof column, "%zu", j);
      CHECK_CLOSE(gsl_matrix_get(covariance, i, j), expected(file, "vcov", row, column), 1e-9);
    }
  gsl_matrix_free(covariance);
  check_probabilities(file, fit, births, true);
  gradus_fit_free(fit);
}

static void births_have_r_s_numbers(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  size_t column = 0;
  double weights[189];
  CU_ASSERT_TRUE_FATAL(gradus_frame_find(births, "ftv", &column));
  for (size_t i = 0; i < 189; i++)
    weights[i] = gradus_frame_numeric(births, column)[i] + 0.5;
  CHECK_STATUS(gradus_frame_add_numeric(births, "w", weights, 1, NULL), GRADUS_OK, NULL);
  check_births("births", NULL, births);
  check_births("births_weighted",
               &(gradus_fit_options){.weights = "w", .weight_kind = GRADUS_WEIGHT_PRIOR}, births);
  gradus_frame_free(births);
}

static void a_penalty_has_r_s_numbers(void) {
  gradus_frame *iris = test_read_frame("@iris");
  gradus_fit *fit = fit_of("Species ~ .", iris, &(gradus_fit_options){.l2 = 0.1});
  gradus_summary s;
  check_terms("iris_penalised", fit, false);
  check_probabilities("iris_penalised", fit, iris, false);
  gradus_fit_summary(fit, 0, &s, NULL);
  CHECK_CLOSE(s.deviance, expected("iris_penalised", "deviance", "", ""), 1e-11);
  CU_ASSERT_TRUE(s.effective_df > 2 && s.effective_df < 10);
  gsl_matrix *covariance = gsl_matrix_alloc(10, 10);
  CHECK_STATUS(gradus_fit_covariance_joint(fit, covariance, NULL), GRADUS_ERROR_UNSUPPORTED, NULL);
  gsl_matrix_free(covariance);
  gradus_fit_free(fit);
  gradus_frame_free(iris);
}

/* Every solver of objectives ends at the same estimates and standard errors. */
static void every_solver_gives_the_same(void) {
  static const char *const solvers[] = {"lbfgs", "gradient-descent"};
  gradus_frame *births = test_read_frame("@birthwt");
  for (size_t penalised = 0; penalised < 2; penalised++)
    for (size_t i = 0; i < sizeof solvers / sizeof *solvers; i++) {
      gradus_fit_options options = {.l2 = penalised ? 0.01 : 0};
      gradus_fit *newton = fit_of("race ~ age + lwt + I(2 * age)", births, &options);
      options.solver = solvers[i];
      gradus_fit *fit = fit_of("race ~ age + lwt + I(2 * age)", births, &options);
      CU_ASSERT_STRING_EQUAL(gradus_fit_solver(fit)->name, solvers[i]);
      for (size_t r = 0; r < 2; r++)
        for (size_t j = 0; j < 4; j++) {
          gradus_term a, b;
          gradus_fit_term(newton, r, j, 0, &a, NULL);
          gradus_fit_term(fit, r, j, 0, &b, NULL);
          /* Two ridged columns of one direction: an ill-conditioned optimum. */
          CHECK_CLOSE(b.estimate, a.estimate, penalised ? 1e-7 : 1e-9);
          CHECK_CLOSE(b.std_error, a.std_error, 1e-9);
        }
      gradus_fit_free(newton);
      gradus_fit_free(fit);
    }
  gradus_frame_free(births);
}

static void two_classes_are_logistic_regression(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *multinomial = fit_of("factor(low) ~ age + lwt + race * smoke", births, NULL);
  gradus_fit *logistic = NULL;
  gradus_prediction *a = NULL, *b = NULL;
  gradus_summary s, t;
  CHECK_STATUS(
      gradus_logistic_fit(&logistic, "factor(low) ~ age + lwt + race * smoke", births, NULL, NULL),
      GRADUS_OK, NULL);
  CU_ASSERT_EQUAL_FATAL(gradus_fit_responses(multinomial), 1);
  for (size_t j = 0; j < gradus_fit_coefficients(logistic); j++) {
    gradus_term x, y;
    gradus_fit_term(multinomial, 0, j, 0, &x, NULL);
    gradus_fit_term(logistic, 0, j, 0, &y, NULL);
    CHECK_CLOSE(x.estimate, y.estimate, 1e-12);
    CHECK_CLOSE(x.std_error, y.std_error, 1e-12);
    CHECK_CLOSE(x.p_value, y.p_value, 1e-11);
    CU_ASSERT_STRING_EQUAL(x.response, "1");
  }
  gradus_fit_summary(multinomial, 0, &s, NULL);
  gradus_fit_summary(logistic, 0, &t, NULL);
  CHECK_CLOSE(s.deviance, t.deviance, 1e-13);
  CHECK_CLOSE(s.null_deviance, t.null_deviance, 1e-13);
  CHECK_CLOSE(s.aic, t.aic, 1e-13);
  CHECK_CLOSE(s.bic, t.bic, 1e-13);
  CHECK_CLOSE(s.df_residual, t.df_residual, 0);
  gradus_predict_options options = {.std_error = true, .interval = GRADUS_INTERVAL_CONFIDENCE};
  gradus_predict(&a, multinomial, births, &options, NULL);
  gradus_predict(&b, logistic, births, &options, NULL);
  CU_ASSERT_TRUE_FATAL(a && b && a->columns == 2);
  for (size_t i = 0; i < b->rows; i++) {
    CHECK_CLOSE(a->fitted[2 * i + 1], b->fitted[i], 1e-12);
    CHECK_CLOSE(a->std_error[2 * i + 1], b->std_error[i], 1e-12);
    CHECK_CLOSE(a->low[2 * i + 1], b->low[i], 1e-12);
    CHECK_CLOSE(a->high[2 * i + 1], b->high[i], 1e-12);
    CHECK_CLOSE(a->low[2 * i], 1 - b->high[i], 1e-12);
  }
  gradus_prediction_free(a);
  gradus_prediction_free(b);
  gradus_fit_free(multinomial);
  gradus_fit_free(logistic);
  gradus_frame_free(births);
}

static void predictions_are_of_three_types(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *fit = fit_of("race ~ age + lwt + smoke", births, NULL);
  gradus_prediction *link = NULL, *p = NULL, *class = NULL;
  gradus_error err = {0};
  gradus_predict(&link, fit, births,
                 &(gradus_predict_options){.type = GRADUS_PREDICT_LINK, .std_error = true}, NULL);
  gradus_predict(&p, fit, births, NULL, NULL);
  gradus_predict(&class, fit, births, &(gradus_predict_options){.type = GRADUS_PREDICT_CLASS},
                 NULL);
  CU_ASSERT_TRUE_FATAL(link && p && class);
  CU_ASSERT_EQUAL(link->columns, 2);
  CU_ASSERT_EQUAL(class->columns, 3);
  for (size_t i = 0; i < p->rows; i++) {
    const double *row = p->fitted + 3 * i;
    CHECK_CLOSE(log(row[1] / row[0]), link->fitted[2 * i], 1e-12);
    CHECK_CLOSE(row[0] + row[1] + row[2], 1, 1e-15);
    size_t best = row[1] > row[0] ? 1 : 0;
    best = row[2] > row[best] ? 2 : best;
    CU_ASSERT_EQUAL(class->class_index[i], (int)best);
  }
  gradus_prediction_free(class);
  CHECK_STATUS(
      gradus_predict(&class, fit, births,
                     &(gradus_predict_options){.type = GRADUS_PREDICT_CLASS, .std_error = true},
                     &err),
      GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CU_ASSERT_PTR_NULL(class);
  /* The standard error of a linear predictor, from the joint covariance: row 1 is 19, 182, 0. */
  double x[] = {1, 19, 182, 0}, sum = 0;
  gsl_matrix *covariance = gsl_matrix_alloc(4, 4);
  CHECK_STATUS(gradus_fit_covariance(fit, 1, covariance, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < 4; i++)
    for (size_t j = 0; j < 4; j++)
      sum += x[i] * x[j] * gsl_matrix_get(covariance, i, j);
  CHECK_CLOSE(link->std_error[1], sqrt(sum), 1e-10);
  gsl_matrix_free(covariance);
  gradus_prediction_free(link);
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  gradus_frame_free(births);
}

static void frequencies_are_repeated_rows(void) {
  enum { N = 12, REPEATED = 33 };
  static const double x[N] = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3},
                      w[N] = {3, 4, 1, 2, 5, 3, 2, 0, 1, 2, 4, 6};
  double xs[REPEATED], ys[REPEATED], xw[N], yw[N], ww[N];
  size_t n = 0;
  for (size_t i = 0; i < N; i++) {
    xw[i] = x[i];
    yw[i] = (double)(i / 4);
    ww[i] = w[i];
    for (size_t copy = 0; copy < (size_t)w[i]; copy++, n++) {
      xs[n] = x[i];
      ys[n] = yw[i];
    }
  }
  CU_ASSERT_EQUAL_FATAL(n, REPEATED);
  gsl_matrix_view xm = gsl_matrix_view_array(xs, n, 1), xv = gsl_matrix_view_array(xw, N, 1);
  gsl_vector_view ym = gsl_vector_view_array(ys, n), yv = gsl_vector_view_array(yw, N);
  gsl_vector_view wv = gsl_vector_view_array(ww, N);
  gradus_fit *rows = NULL, *counts = NULL;
  gradus_fit_options options = {.weight_kind = GRADUS_WEIGHT_FREQUENCY};
  gradus_error err = {0};
  CHECK_STATUS(gradus_multinomial_fit_matrix(&rows, &xm.matrix, &ym.vector, NULL, NULL, &err),
               GRADUS_OK, &err);
  CHECK_STATUS(
      gradus_multinomial_fit_matrix(&counts, &xv.matrix, &yv.vector, &wv.vector, &options, &err),
      GRADUS_OK, &err);
  CU_ASSERT_TRUE_FATAL(rows && counts);
  gradus_summary s, t;
  gradus_fit_summary(rows, 0, &s, NULL);
  gradus_fit_summary(counts, 0, &t, NULL);
  CHECK_CLOSE(t.nobs, s.nobs, 0);
  CHECK_CLOSE(t.deviance, s.deviance, 1e-13);
  CHECK_CLOSE(t.bic, s.bic, 1e-13);
  CHECK_CLOSE(t.df_residual, s.df_residual, 0);
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 0; j < 2; j++) {
      gradus_term a, b;
      gradus_fit_term(rows, r, j, 0, &a, NULL);
      gradus_fit_term(counts, r, j, 0, &b, NULL);
      CHECK_CLOSE(b.estimate, a.estimate, 1e-12);
      CHECK_CLOSE(b.std_error, a.std_error, 1e-12);
      CU_ASSERT_STRING_EQUAL(b.response, r == 0 ? "1" : "2");
    }
  gradus_fit_free(rows);
  gradus_fit_free(counts);
}

static void dependent_columns_are_dropped_and_named(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *full = fit_of("race ~ age + lwt", births, NULL), *fit = NULL;
  gradus_error err = {0};
  gradus_summary s, t;
  CHECK_STATUS(
      gradus_multinomial_fit(&fit, "race ~ age + I(2 * age + 1) + lwt", births, NULL, &err),
      GRADUS_WARNING_RANK_DEFICIENT, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CHECK_CONTAINS(err.message, "2*age");
  CHECK_CONTAINS(gradus_fit_alias(fit, 2), "I(2 * age + 1) = (Intercept) + 2*age");
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 0; j < 3; j++) {
      gradus_term a, b;
      gradus_fit_term(full, r, j, 0, &a, NULL);
      gradus_fit_term(fit, r, j < 2 ? j : 3, 0, &b, NULL);
      CHECK_CLOSE(b.estimate, a.estimate, 1e-11);
      CHECK_CLOSE(b.std_error, a.std_error, 1e-11);
      gradus_fit_term(fit, r, 2, 0, &b, NULL);
      CU_ASSERT_TRUE(b.dropped && isnan(b.estimate) && isnan(b.std_error));
    }
  gradus_fit_summary(full, 0, &s, NULL);
  gradus_fit_summary(fit, 0, &t, NULL);
  CHECK_CLOSE(t.aic, s.aic, 1e-13);
  CHECK_CLOSE(t.df_residual, s.df_residual, 0);
  gradus_fit_free(fit);
  CHECK_STATUS(gradus_multinomial_fit(&fit, "race ~ age + I(2 * age + 1)", births,
                                      &(gradus_fit_options){.collinear = GRADUS_COLLINEAR_ERROR},
                                      NULL),
               GRADUS_ERROR_COLLINEAR, NULL);
  CU_ASSERT_PTR_NULL(fit);
  gradus_fit_free(full);
  gradus_frame_free(births);
}

/* Far from 0 and in odd units: the same model. */
static void columns_may_have_any_centre_and_unit(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *plain = fit_of("race ~ age + lwt", births, NULL);
  gradus_fit *moved = fit_of("race ~ I(1e-6 * age + 1e-2) + I(1e5 * lwt + 1e8)", births, NULL);
  static const double unit[] = {1, 1e-6, 1e5};
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 1; j < 3; j++) {
      gradus_term a, b;
      gradus_fit_term(plain, r, j, 0, &a, NULL);
      gradus_fit_term(moved, r, j, 0, &b, NULL);
      CHECK_CLOSE(b.estimate * unit[j], a.estimate, 1e-9);
      CHECK_CLOSE(b.std_error * unit[j], a.std_error, 1e-9);
    }
  gradus_fit_free(plain);
  gradus_fit_free(moved);
  gradus_frame_free(births);
}

static void the_intercept_alone_is_the_shares(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *fit = fit_of("race ~ 1", births, NULL),
             *nothing = fit_of("race ~ age - 1", births, NULL);
  gradus_summary s;
  gradus_term t;
  gradus_fit_summary(fit, 0, &s, NULL);
  CHECK_CLOSE(s.deviance, s.null_deviance, 1e-14);
  CHECK_CLOSE(s.df, 0, 0);
  gradus_fit_term(fit, 0, 0, 0, &t, NULL); /* 26 black, 67 other, 96 white */
  CHECK_CLOSE(t.estimate, log(67.0 / 26), 1e-14);
  CHECK_CLOSE(t.std_error, sqrt(1.0 / 26 + 1.0 / 67), 1e-13);
  gradus_fit_summary(nothing, 0, &s, NULL);
  CHECK_CLOSE(s.null_deviance, 2 * 189 * log(3), 1e-14);
  gradus_fit_free(fit);
  gradus_fit_free(nothing);
  gradus_frame_free(births);
}

static void the_reference_can_be_chosen(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *first = fit_of("race ~ age + lwt", births, NULL);
  CHECK_STATUS(gradus_frame_set_reference(births, "race", "white", NULL), GRADUS_OK, NULL);
  gradus_fit *second = fit_of("race ~ age + lwt", births, NULL);
  gradus_summary s, t;
  CU_ASSERT_STRING_EQUAL(gradus_fit_class_name(second, 0), "white");
  CU_ASSERT_STRING_EQUAL(gradus_fit_response_name(second, 0), "black");
  for (size_t j = 0; j < 3; j++)
    CHECK_CLOSE(gradus_fit_coefficient(second, 0, j), -gradus_fit_coefficient(first, 1, j), 1e-12);
  gradus_fit_summary(first, 0, &s, NULL);
  gradus_fit_summary(second, 0, &t, NULL);
  CHECK_CLOSE(s.deviance, t.deviance, 1e-13);
  gradus_fit_free(first);
  gradus_fit_free(second);
  gradus_frame_free(births);
}

static void threads_do_not_change_a_bit(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *one = fit_of("race ~ age + lwt", births, &(gradus_fit_options){.threads = 1});
  gradus_fit *eight = fit_of("race ~ age + lwt", births, &(gradus_fit_options){.threads = 8});
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 0; j < 3; j++)
      CU_ASSERT_EQUAL(gradus_fit_coefficient(one, r, j), gradus_fit_coefficient(eight, r, j));
  gradus_fit_free(one);
  gradus_fit_free(eight);
  gradus_frame_free(births);
}

static void failed_allocations_leak_nothing(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_prediction *prediction = NULL;
    gradus_fit_options serial = {.threads = 1, .max_iterations = 30};
    gradus_predict_options errors = {.std_error = true, .threads = 1};
    run.status = gradus_multinomial_fit(&fit, "race ~ smoke + I(2 * smoke)", births, &serial, NULL);
    CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
    if (fit)
      run.status = gradus_predict(&prediction, fit, births, &errors, NULL);
    gradus_prediction_free(prediction);
    gradus_fit_free(fit);
  }
  gradus_frame_free(births);
}

int main(void) {
  static const test_case cases[] = {
      {"the oracle comes out", the_oracle_comes_out},
      {"births have R's numbers", births_have_r_s_numbers},
      {"a penalty has R's numbers", a_penalty_has_r_s_numbers},
      {"every solver gives the same", every_solver_gives_the_same},
      {"two classes are logistic regression", two_classes_are_logistic_regression},
      {"predictions are of three types", predictions_are_of_three_types},
      {"frequencies are repeated rows", frequencies_are_repeated_rows},
      {"dependent columns are dropped and named", dependent_columns_are_dropped_and_named},
      {"columns may have any centre and unit", columns_may_have_any_centre_and_unit},
      {"the intercept alone is the shares", the_intercept_alone_is_the_shares},
      {"the reference can be chosen", the_reference_can_be_chosen},
      {"threads do not change a bit", threads_do_not_change_a_bit},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("multinomial", cases, sizeof cases / sizeof *cases);
}
