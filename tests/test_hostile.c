// SPDX-License-Identifier: GPL-3.0-or-later
/* Hostile data for linear models: the outcome of each case in tests/data/hostile/expected_fits.csv,
   by the returned code and the message, and the exact results given there. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Text of a column of expected_fits.csv in the row of one case; NULL if it is missing. */
static const char *expected_cell(const gradus_frame *table, const char *id, const char *column) {
  size_t ids, wanted;
  CU_ASSERT_TRUE_FATAL(gradus_frame_find(table, "id", &ids));
  CU_ASSERT_TRUE_FATAL(gradus_frame_find(table, column, &wanted));
  for (size_t i = 0; i < gradus_frame_rows(table); i++) {
    int code = gradus_frame_codes(table, ids)[i], cell = gradus_frame_codes(table, wanted)[i];
    if (strcmp(gradus_frame_level(table, ids, (size_t)code), id) == 0)
      return cell < 0 ? NULL : gradus_frame_level(table, wanted, (size_t)cell);
  }
  CU_FAIL("case not found in expected_fits.csv");
  return NULL;
}

static double value_of(const char *values, const char *name) {
  char key[26];
  snprintf(key, sizeof key, "%s=", name);
  for (const char *at = values; at && *at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL)
    if (strncmp(at, key, strlen(key)) == 0)
      return strtod(at + strlen(key), NULL);
  return NAN;
}

static const struct {
  const char *id, *formula, *weights;
  gradus_status status;
  const char *parts[3]; /* what the message must name */
  double tolerance;     /* of the values */
} cases[] = {
    {"collinear_exact", "y ~ x1 + x2 + x3", NULL, GRADUS_WARNING_RANK_DEFICIENT, {"x2 = 2*x1"}, 0},
    {"collinear_near_1e-10",
     "y ~ x1 + x2",
     NULL,
     GRADUS_WARNING_ILL_CONDITIONED,
     {"condition number 8.8e+09"},
     1e-12},
    {"more_cols_than_rows",
     "y ~ x1 + x2 + x3 + x4 + x5 + x6",
     NULL,
     GRADUS_ERROR_UNDERDETERMINED,
     {"4 rows", "7 parameters"},
     0},
    {"const_col_with_intercept",
     "y ~ x1 + x2",
     NULL,
     GRADUS_WARNING_RANK_DEFICIENT,
     {"x2 = 5*(Intercept)"},
     0},
    {"n1", "y ~ x", NULL, GRADUS_ERROR_UNDERDETERMINED, {"1 row for 2 parameters"}, 0},
    {"all_na_column", "y ~ x1 + x2", NULL, GRADUS_ERROR_NO_COMPLETE_ROWS, {"x2"}, 0},
    {"inf_in_x", "y ~ x", NULL, GRADUS_ERROR_NON_FINITE, {"row 5", "x"}, 0},
    {"scale_1e300", "y ~ x1 + x2", NULL, GRADUS_OK, {0}, 1e-14},
    {"scale_y_1e200", "y ~ x1 + x2", NULL, GRADUS_WARNING_OVERFLOW, {"sum of squares"}, 1e-14},
    {"y_constant", "y ~ x", NULL, GRADUS_WARNING_CONSTANT_RESPONSE, {"y is constant"}, 1e-15},
    {"weights_some_zero", "y ~ x", "w", GRADUS_OK, {0}, 1e-14},
    {"weights_nan", "y ~ x", "w", GRADUS_ERROR_BAD_WEIGHT, {"weight"}, 0},
    {"large_offset_1e12", "y ~ x", NULL, GRADUS_OK, {0}, 1e-14},
};

static gradus_frame *read_case(const char *id) {
  char name[64];
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  snprintf(name, sizeof name, "hostile/%s.csv", id);
  CHECK_STATUS(gradus_frame_read_csv(&frame, test_data(name), NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  return frame;
}

static void check_values(const gradus_fit *fit, const char *values, double tolerance) {
  gradus_summary summary;
  CHECK_STATUS(gradus_fit_summary(fit, 0, &summary, NULL), GRADUS_OK, NULL);
  for (size_t j = 0; j < gradus_fit_coefficients(fit); j++) {
    char name[24];
    snprintf(name, sizeof name, "b%zu", j);
    CHECK_CLOSE(gradus_fit_coefficient(fit, 0, j), value_of(values, name), tolerance);
  }
  if (!isnan(value_of(values, "rss")))
    CHECK_CLOSE(summary.deviance, value_of(values, "rss"), tolerance);
  if (!isnan(value_of(values, "df")))
    CHECK_CLOSE(summary.df_residual, value_of(values, "df"), 0);
}

static void every_case_has_its_outcome(void) {
  gradus_frame *table = NULL;
  CHECK_STATUS(gradus_frame_read_csv(&table, test_data("hostile/expected_fits.csv"), NULL, NULL),
               GRADUS_OK, NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_frame *frame = read_case(cases[i].id);
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    gradus_fit_options options = {.weights = cases[i].weights,
                                  .weight_kind = cases[i].weights ? GRADUS_WEIGHT_ANALYTIC
                                                                  : GRADUS_WEIGHT_NONE};
    gradus_status status = gradus_linear_fit(&fit, cases[i].formula, frame, &options, &err);
    CHECK_STATUS(status, cases[i].status, &err);
    CU_ASSERT_EQUAL(fit == NULL, status > 0);
    for (size_t part = 0; part < 3 && cases[i].parts[part]; part++)
      CHECK_CONTAINS(err.message, cases[i].parts[part]);
    const char *outcome = expected_cell(table, cases[i].id, "outcome");
    CU_ASSERT_EQUAL(strcmp(outcome, "error") == 0, status > 0);
    CU_ASSERT_EQUAL(strcmp(outcome, "ok") == 0, status == 0);
    CU_ASSERT_EQUAL(strcmp(outcome, "ok_warn") == 0, status < 0);
    const char *values = expected_cell(table, cases[i].id, "values");
    if (fit && values)
      check_values(fit, values, cases[i].tolerance);
    gradus_fit_free(fit);
    gradus_frame_free(frame);
  }
  gradus_frame_free(table);
}

static const struct {
  const char *id, *formula, *family, *link;
  gradus_status status;
  const char *parts[3];
} glm_cases[] = {
    {"sep_complete",
     "y ~ x",
     "binomial",
     NULL,
     GRADUS_ERROR_SEPARATION,
     {"complete separation", "x ("}},
    {"sep_factor_level",
     "y ~ f + x",
     "binomial",
     NULL,
     GRADUS_ERROR_SEPARATION,
     {"quasi-complete separation", "fc (+Inf)"}},
    {"logit_y_is_2", "y ~ x", "binomial", NULL, GRADUS_ERROR_BAD_RESPONSE, {"row", "is 2"}},
    {"logit_one_class_zero",
     "y ~ 1",
     "binomial",
     NULL,
     GRADUS_ERROR_SEPARATION,
     {"every response is 0", "-Inf"}},
    {"poisson_fractional",
     "y ~ x",
     "poisson",
     NULL,
     GRADUS_ERROR_BAD_RESPONSE,
     {"1.5", "quasipoisson"}},
    {"gamma_zero", "y ~ x", "gamma", "log", GRADUS_ERROR_BAD_RESPONSE, {"row 4", "is 0"}},
};

static void every_case_of_generalised_models_has_its_outcome(void) {
  for (size_t i = 0; i < sizeof glm_cases / sizeof *glm_cases; i++) {
    gradus_frame *frame = read_case(glm_cases[i].id);
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    gradus_fit_options options = {.family = glm_cases[i].family, .link = glm_cases[i].link};
    CHECK_STATUS(gradus_glm_fit(&fit, glm_cases[i].formula, frame, &options, &err),
                 glm_cases[i].status, &err);
    CU_ASSERT_PTR_NULL(fit);
    for (size_t part = 0; part < 3 && glm_cases[i].parts[part]; part++)
      CHECK_CONTAINS(err.message, glm_cases[i].parts[part]);
    gradus_frame_free(frame);
  }
}

static void dropped_columns_leave_the_others_as_without_them(void) {
  gradus_frame *frame = read_case("collinear_exact");
  gradus_fit *fit = NULL, *without = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_linear_fit(&fit, "y ~ x1 + x2 + x3", frame, NULL, NULL),
               GRADUS_WARNING_RANK_DEFICIENT, NULL);
  CHECK_STATUS(gradus_linear_fit(&without, "y ~ x1 + x3", frame, NULL, NULL), GRADUS_OK, NULL);
  gradus_term term;
  gradus_fit_term(fit, 0, 2, 0, &term, NULL);
  CU_ASSERT_TRUE(term.dropped && isnan(term.estimate) && isnan(term.std_error));
  CU_ASSERT_STRING_EQUAL(gradus_fit_alias(fit, 2), "x2 = 2*x1");
  for (size_t j = 0; j < 3; j++) {
    gradus_term kept;
    gradus_fit_term(fit, 0, j < 2 ? j : 3, 0, &term, NULL);
    gradus_fit_term(without, 0, j, 0, &kept, NULL);
    CHECK_CLOSE(term.estimate, kept.estimate, 1e-14);
    CHECK_CLOSE(term.std_error, kept.std_error, 1e-14);
  }
  gradus_fit_free(fit);
  fit = NULL;
  gradus_fit_options strict = {.collinear = GRADUS_COLLINEAR_ERROR};
  CHECK_STATUS(gradus_linear_fit(&fit, "y ~ x1 + x2 + x3", frame, &strict, &err),
               GRADUS_ERROR_COLLINEAR, &err);
  CHECK_CONTAINS(err.message, "x2 = 2*x1");
  CU_ASSERT_PTR_NULL(fit);
  gradus_fit_free(without);
  gradus_frame_free(frame);
}

static void a_constant_response_has_no_r_squared(void) {
  gradus_frame *frame = read_case("y_constant");
  gradus_fit *fit = NULL;
  gradus_summary summary;
  gradus_linear_fit(&fit, "y ~ x", frame, NULL, NULL);
  gradus_fit_summary(fit, 0, &summary, NULL);
  CU_ASSERT_TRUE(isnan(summary.r_squared) && isnan(summary.statistic));
  CU_ASSERT_EQUAL(gradus_fit_coefficient(fit, 0, 0), 3);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void statistics_are_right_where_sums_of_squares_overflow(void) {
  gradus_frame *frame = read_case("scale_y_1e200"), *small = NULL;
  gradus_fit *fit = NULL, *same = NULL;
  gradus_summary of_large, of_small;
  size_t rows = gradus_frame_rows(frame), column;
  CHECK_STATUS(gradus_frame_new(&small, rows, NULL), GRADUS_OK, NULL);
  for (size_t j = 0; j < gradus_frame_columns(frame); j++)
    gradus_frame_add_numeric(small, gradus_frame_column_name(frame, j),
                             gradus_frame_numeric(frame, j), 1, NULL);
  CU_ASSERT_TRUE_FATAL(gradus_frame_find(frame, "y", &column));
  double *scaled = malloc(rows * sizeof *scaled);
  for (size_t i = 0; i < rows; i++)
    scaled[i] = ldexp(gradus_frame_numeric(frame, column)[i], -600);
  gradus_frame_add_numeric(small, "z", scaled, 1, NULL);
  gradus_linear_fit(&fit, "y ~ x1 + x2", frame, NULL, NULL);
  gradus_linear_fit(&same, "z ~ x1 + x2", small, NULL, NULL);
  gradus_fit_summary(fit, 0, &of_large, NULL);
  gradus_fit_summary(same, 0, &of_small, NULL);
  CHECK_CLOSE(of_large.r_squared, of_small.r_squared, 1e-14);
  CHECK_CLOSE(of_large.statistic, of_small.statistic, 1e-14);
  CHECK_CLOSE(of_large.sigma, ldexp(of_small.sigma, 600), 1e-14);
  gradus_term large_term, small_term;
  for (size_t j = 0; j < 3; j++) {
    gradus_fit_term(fit, 0, j, 0, &large_term, NULL);
    gradus_fit_term(same, 0, j, 0, &small_term, NULL);
    CHECK_CLOSE(large_term.std_error, ldexp(small_term.std_error, 600), 1e-14);
  }
  free(scaled);
  gradus_fit_free(fit);
  gradus_fit_free(same);
  gradus_frame_free(frame);
  gradus_frame_free(small);
}

/* y = 1, 3, 4, 8 at x = 0..3, each 250,000 times. */
static void a_million_repeated_rows_keep_12_digits(void) {
  enum { N = 1000000 };
  static const double y4[] = {1, 3, 4, 8};
  double *x = malloc(N * sizeof *x), *y = malloc(N * sizeof *y);
  for (size_t i = 0; i < N; i++) {
    x[i] = (double)(i % 4);
    y[i] = y4[i % 4];
  }
  gsl_matrix_view xv = gsl_matrix_view_array(x, N, 1);
  gsl_vector_view yv = gsl_vector_view_array(y, N);
  gradus_fit *fit = NULL;
  gradus_summary summary;
  CHECK_STATUS(gradus_linear_fit_vector(&fit, &xv.matrix, &yv.vector, NULL, NULL, NULL), GRADUS_OK,
               NULL);
  gradus_fit_summary(fit, 0, &summary, NULL);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 0), 0.7, 1e-13);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 1), 2.2, 1e-13);
  CHECK_CLOSE(summary.deviance, 450000, 1e-13);
  gradus_fit_free(fit);
  free(x);
  free(y);
}

/* Level c has one row: its leverage is 1. HC3 and its studentised residual do not exist, everything
 * else is right. */
static void a_row_of_leverage_one_is_told(void) {
  gradus_frame *frame = read_case("factor_single_row_level");
  gradus_fit *fit = NULL;
  gradus_source *source = NULL;
  gradus_diagnostics *d = NULL;
  gradus_error err = {0};
  gradus_term term;
  CHECK_STATUS(gradus_linear_fit(&fit, "y ~ f + x", frame, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_source_from_frame(&source, gradus_fit_design(fit), frame, NULL, &err),
               GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_diagnostics(fit, source, &d, &err), GRADUS_WARNING_LEVERAGE_ONE, &err);
  size_t undefined = 0;
  for (size_t i = 0; i < d->rows; i++) {
    bool one = d->hat[i] == 1;
    undefined += one;
    CU_ASSERT_EQUAL(isnan(d->student_resid[i]), one);
    CU_ASSERT_EQUAL(isnan(d->cooksd[i]), one);
    CU_ASSERT_TRUE(isfinite(d->fitted[i]) && isfinite(d->resid[i]));
  }
  CU_ASSERT_EQUAL(undefined, 1);
  CHECK_STATUS(gradus_fit_set_robust(fit, source, GRADUS_ROBUST_HC0, NULL), GRADUS_OK, NULL);
  gradus_fit_term(fit, 0, 1, 0, &term, NULL);
  CU_ASSERT_TRUE(isfinite(term.std_error));
  CHECK_STATUS(gradus_fit_set_robust(fit, source, GRADUS_ROBUST_HC3, NULL),
               GRADUS_WARNING_LEVERAGE_ONE, NULL);
  gradus_fit_term(fit, 0, 1, 0, &term, NULL);
  CU_ASSERT_TRUE(isnan(term.std_error));
  gradus_diagnostics_free(d);
  gradus_source_free(source);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

/* Rows part = train are fitted, part = new predicted: these hold level b alone. */
static void codes_of_new_data_come_from_the_levels_of_the_fit(void) {
  gradus_frame *all = read_case("missing_level_at_predict"), *train = NULL, *fresh = NULL;
  size_t part, fc, xc, yc, rows = gradus_frame_rows(all), trained = 0;
  gradus_frame_find(all, "part", &part);
  gradus_frame_find(all, "f", &fc);
  gradus_frame_find(all, "x", &xc);
  gradus_frame_find(all, "y", &yc);
  const char *f[32];
  for (size_t i = 0; i < rows && i < 32; i++) {
    f[i] = gradus_frame_level(all, fc, (size_t)gradus_frame_codes(all, fc)[i]);
    trained += strcmp(gradus_frame_level(all, part, (size_t)gradus_frame_codes(all, part)[i]),
                      "train") == 0;
  }
  const double *x = gradus_frame_numeric(all, xc), *y = gradus_frame_numeric(all, yc);
  gradus_frame_new(&train, trained, NULL);
  gradus_frame_add_numeric(train, "y", y, 1, NULL);
  gradus_frame_add_text(train, "f", f, NULL);
  gradus_frame_add_numeric(train, "x", x, 1, NULL);
  gradus_frame_new(&fresh, rows - trained, NULL);
  gradus_frame_add_text(fresh, "f", f + trained, NULL);
  gradus_frame_add_numeric(fresh, "x", x + trained, 1, NULL);
  gradus_fit *fit = NULL;
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_linear_fit(&fit, "y ~ f + x", train, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_predict(&p, fit, fresh, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL_FATAL(p->rows, 2);
  for (size_t i = 0; i < 2; i++)
    CHECK_CLOSE(p->fitted[i],
                gradus_fit_coefficient(fit, 0, 0) + gradus_fit_coefficient(fit, 0, 1) +
                    gradus_fit_coefficient(fit, 0, 3) * x[trained + i],
                1e-15);
  CU_ASSERT_STRING_EQUAL(gradus_fit_coefficient_name(fit, 1), "fb");
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  gradus_frame_free(all);
  gradus_frame_free(train);
  gradus_frame_free(fresh);
}

int main(void) {
  static const test_case tests[] = {
      {"every case has its outcome, message and values", every_case_has_its_outcome},
      {"every case of generalised models has its outcome",
       every_case_of_generalised_models_has_its_outcome},
      {"dropped columns leave the others as without them",
       dropped_columns_leave_the_others_as_without_them},
      {"a constant response has no R²", a_constant_response_has_no_r_squared},
      {"statistics are right where sums of squares overflow",
       statistics_are_right_where_sums_of_squares_overflow},
      {"a million repeated rows keep 12 digits", a_million_repeated_rows_keep_12_digits},
      {"a row of leverage one is told", a_row_of_leverage_one_is_told},
      {"codes of new data come from the levels of the fit",
       codes_of_new_data_come_from_the_levels_of_the_fit},
  };
  return test_main("hostile", tests, sizeof tests / sizeof *tests);
}
