// SPDX-License-Identifier: GPL-3.0-or-later
/* Extreme but legal data: no overflow, no NaN where a number exists, no false convergence. Numbers
   by 80 and more digits (tests/reference/make_extreme.py). */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_converged(const gradus_fit *fit) {
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
  CU_ASSERT(gradus_fit_solver(fit)->certificate < 1e-10);
}

/* ---- against many digits ---- */

static gradus_frame *read_frame(const char *path) {
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_csv(&frame, test_data(path), NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  return frame;
}

static gradus_weight_kind kind_of(const char *word) {
  return strcmp(word, "frequency") == 0  ? GRADUS_WEIGHT_FREQUENCY
         : strcmp(word, "analytic") == 0 ? GRADUS_WEIGHT_ANALYTIC
         : strcmp(word, "prior") == 0    ? GRADUS_WEIGHT_PRIOR
                                         : GRADUS_WEIGHT_NONE;
}

/* The eight numbers that follow the words of a line. */
static void check_case(const char *id, const gradus_fit_options *options, const double *expected) {
  char path[64];
  snprintf(path, sizeof path, "extreme/%s.csv", id);
  gradus_frame *frame = read_frame(path);
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_summary s;
  CHECK_STATUS(gradus_glm_fit(&fit, "y ~ x + z + offset(o)", frame, options, &err), GRADUS_OK,
               &err);
  check_converged(fit);
  for (size_t j = 0; j < 3; j++) {
    gradus_term term;
    gradus_fit_term(fit, 0, j, 0, &term, NULL);
    CHECK_CLOSE(term.estimate, expected[j], 1e-11);
    CHECK_CLOSE(term.std_error, expected[3 + j], 1e-10);
  }
  gradus_fit_summary(fit, 0, &s, NULL);
  CHECK_CLOSE(s.deviance, expected[6], 1e-10);
  CHECK_CLOSE(s.log_lik, expected[7], 1e-10);
  CU_ASSERT_TRUE(isfinite(s.null_deviance) && s.null_deviance >= s.deviance);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

/* Fitted probabilities of 1e-300, counts of 1e9, weights of every kind across 12 orders, responses
 * across 120. */
static void extreme_data_have_their_digits(void) {
  char line[512];
  size_t cases = 0;
  FILE *file = fopen(test_data("extreme/expected.csv"), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_PTR_NOT_NULL(fgets(line, sizeof line, file));
  for (; fgets(line, sizeof line, file); cases++) {
    char id[32], family[32], link[32], weights[32], *rest = line;
    double expected[8];
    CU_ASSERT_EQUAL_FATAL(
        sscanf(line, "%31[^,],%31[^,],%31[^,],%31[^,],", id, family, link, weights), 4);
    for (int comma = 0; comma < 4; rest++)
      comma += *rest == ',';
    for (size_t i = 0; i < 8; i++, rest++)
      expected[i] = strtod(rest, &rest);
    gradus_fit_options options = {.family = family, .link = link, .weight_kind = kind_of(weights)};
    options.weights = options.weight_kind == GRADUS_WEIGHT_NONE ? NULL : "w";
    check_case(id, &options, expected);
  }
  fclose(file);
  CU_ASSERT(cases == 9);
}

/* ---- against the same problem without the extreme ---- */

enum { ROWS = 8 };
static const double inputs[ROWS] = {-1.5, -1, -0.6, 0, 0.3, 0.9, 1.4, 2};
static const double others[ROWS] = {0.2, 1, -0.4, 0.7, -1, 0.1, -0.8, 0.5};

/* x scaled by `scale`, z by its inverse; the caller frees. */
static gradus_fit *fit_rows(const double *response, const double *weights, double scale,
                            gradus_fit_options options) {
  double x[2 * ROWS], y[ROWS], w[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    x[2 * i] = inputs[i] * scale;
    x[2 * i + 1] = others[i] / scale;
    y[i] = response[i];
    w[i] = weights ? weights[i] : 1;
  }
  gsl_matrix_view xv = gsl_matrix_view_array(x, ROWS, 2);
  gsl_vector_view yv = gsl_vector_view_array(y, ROWS), wv = gsl_vector_view_array(w, ROWS);
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_glm_fit_matrix(&fit, &xv.matrix, &yv.vector, weights ? &wv.vector : NULL,
                                     NULL, &options, &err),
               GRADUS_OK, &err);
  check_converged(fit);
  return fit;
}

static void scales_of_columns_only_scale_the_estimates(void) {
  static const struct {
    const char *family, *link;
    double y[ROWS];
  } cases[] = {{"binomial", "logit", {0, 1, 0, 0, 1, 1, 0, 1}},
               {"binomial", "probit", {0, 1, 0, 0, 1, 1, 0, 1}},
               {"poisson", "log", {1, 0, 3, 2, 6, 4, 9, 12}},
               {"negative_binomial", "log", {0, 7, 3, 0, 16, 2, 39, 12}},
               {"gamma", "log", {0.3, 0.2, 1, 1.2, 0.8, 3, 2, 7}},
               {"gaussian", "identity", {0.3, 0.2, 1, 1.2, 0.8, 3, 2, 7}}};
  static const double scales[] = {1e150, 1e-150};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
    for (size_t s = 0; s < 2; s++) {
      gradus_fit_options options = {.family = cases[c].family, .link = cases[c].link};
      gradus_fit *one = fit_rows(cases[c].y, NULL, 1, options);
      gradus_fit *two = fit_rows(cases[c].y, NULL, scales[s], options);
      const double factor[] = {1, scales[s], 1 / scales[s]};
      for (size_t j = 0; j < 3; j++) {
        gradus_term a, b;
        gradus_fit_term(one, 0, j, 0, &a, NULL);
        gradus_fit_term(two, 0, j, 0, &b, NULL);
        CHECK_CLOSE(b.estimate * factor[j], a.estimate, 1e-11);
        CHECK_CLOSE(b.std_error * factor[j], a.std_error, 1e-11);
        CHECK_CLOSE(b.p_value, a.p_value, 1e-10);
      }
      gradus_summary a, b;
      gradus_fit_summary(one, 0, &a, NULL);
      gradus_fit_summary(two, 0, &b, NULL);
      CHECK_CLOSE(b.deviance, a.deviance, 1e-12);
      CHECK_CLOSE(b.log_lik, a.log_lik, 1e-12);
      gradus_fit_free(one);
      gradus_fit_free(two);
    }
}

/* A few successes in 1e300 trials are Poisson. */
static void a_few_successes_in_countless_trials_are_poisson(void) {
  static const double counts[ROWS] = {1, 0, 3, 2, 6, 4, 9, 12};
  static const char *const links[] = {"logit", "cloglog", "log"};
  double share[ROWS], trials[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    trials[i] = 1e300;
    share[i] = counts[i] / 1e300;
  }
  gradus_fit *poisson = fit_rows(counts, NULL, 1, (gradus_fit_options){.family = "poisson"});
  gradus_summary of_poisson, s;
  gradus_fit_summary(poisson, 0, &of_poisson, NULL);
  for (size_t l = 0; l < 3; l++) {
    gradus_fit_options options = {
        .family = "binomial", .link = links[l], .weight_kind = GRADUS_WEIGHT_PRIOR};
    gradus_fit *fit = fit_rows(share, trials, 1, options);
    gradus_fit_summary(fit, 0, &s, NULL);
    CHECK_CLOSE(s.deviance, of_poisson.deviance, 1e-10);
    CHECK_CLOSE(s.log_lik, of_poisson.log_lik, 1e-10);
    for (size_t j = 0; j < 3; j++) {
      gradus_term a, b;
      gradus_fit_term(poisson, 0, j, 0, &a, NULL);
      gradus_fit_term(fit, 0, j, 0, &b, NULL);
      CHECK_CLOSE(b.estimate + (j == 0 ? log(1e300) : 0), a.estimate, 1e-10);
      CHECK_CLOSE(b.std_error, a.std_error, 1e-10);
    }
    gradus_fit_free(fit);
  }
  gradus_fit_free(poisson);
}

/* ---- as few rows as can be ---- */

static gradus_status fit_few(gradus_fit **fit, size_t n, size_t p, const double *x,
                             const double *response, const gradus_fit_options *options) {
  double columns[16], y[8];
  memcpy(columns, x, n * p * sizeof *x);
  memcpy(y, response, n * sizeof *y);
  gsl_matrix_view xv = gsl_matrix_view_array(columns, n, p);
  gsl_vector_view yv = gsl_vector_view_array(y, n);
  return gradus_glm_fit_matrix(fit, &xv.matrix, &yv.vector, NULL, NULL, options, NULL);
}

static void as_many_parameters_as_rows_fit_every_row(void) {
  static const double x[] = {1, 2, 2, 7, 4, 3}, y[] = {2, 5, 3};
  static const char *const families[] = {"poisson", "gamma", "inverse_gaussian", "quasipoisson"};
  for (size_t f = 0; f < 4; f++) {
    gradus_fit *fit = NULL;
    gradus_summary s;
    gradus_fit_options options = {.family = families[f], .link = "log"};
    CU_ASSERT(fit_few(&fit, 3, 2, x, y, &options) <= 0);
    check_converged(fit);
    for (size_t i = 0; fit && i < 3; i++) {
      double eta = gradus_fit_coefficient(fit, 0, 0);
      for (size_t j = 0; j < 2; j++)
        eta += gradus_fit_coefficient(fit, 0, j + 1) * x[2 * i + j];
      CHECK_CLOSE(exp(eta), y[i], 1e-13);
    }
    gradus_term term;
    gradus_fit_term(fit, 0, 1, 0, &term, NULL);
    gradus_fit_summary(fit, 0, &s, NULL);
    CHECK_CLOSE(s.df_residual, 0, 0);
    CU_ASSERT(s.deviance >= 0 && s.deviance < 1e-25);
    /* A dispersion that has nothing left to be estimated from is not a number. */
    CU_ASSERT_EQUAL(isnan(term.std_error), f > 0);
    CU_ASSERT_EQUAL(isnan(s.dispersion), f > 0);
    gradus_fit_free(fit);
  }
}

static void one_row_per_class_has_no_slope_and_an_intercept_of_zero(void) {
  static const double x[] = {1, 2}, y[] = {0, 1};
  static const char *const links[] = {"logit", "probit", "cauchit"};
  for (size_t l = 0; l < 3; l++) {
    gradus_fit_options options = {.family = "binomial", .link = links[l]};
    gradus_fit *fit = NULL;
    CHECK_STATUS(fit_few(&fit, 2, 0, x, y, &options), GRADUS_OK, NULL);
    check_converged(fit);
    CU_ASSERT(fabs(gradus_fit_coefficient(fit, 0, 0)) < 1e-15);
    gradus_fit_free(fit);
    /* Two rows that a line tells apart: never an estimate that looks like one. */
    gradus_status status = fit_few(&fit, 2, 1, x, y, &options);
    CU_ASSERT(status == GRADUS_ERROR_SEPARATION ||
              (fit && !isfinite(gradus_fit_coefficient(fit, 0, 1))));
    gradus_fit_free(fit);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"extreme data have their digits", extreme_data_have_their_digits},
      {"scales of columns only scale the estimates", scales_of_columns_only_scale_the_estimates},
      {"a few successes in countless trials are Poisson",
       a_few_successes_in_countless_trials_are_poisson},
      {"as many parameters as rows fit every row", as_many_parameters_as_rows_fit_every_row},
      {"one row per class has no slope, and an intercept of zero",
       one_row_per_class_has_no_slope_and_an_intercept_of_zero},
  };
  return test_main("extreme", cases, sizeof cases / sizeof *cases);
}
