// SPDX-License-Identifier: GPL-3.0-or-later
/* Distribution tails against 60-digit arithmetic (tests/reference/make_tails.py); predictions and
   robust covariances beyond what the oracles cover. */
#include "../lib/inference/internal.h"
#include "support/cells.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void tails_have_11_digits_down_to_1e_300(void) {
  char line[256], kind[16];
  double x, a, b, p;
  size_t checked = 0;
  FILE *file = fopen(test_data("tails.csv"), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "%15[^,],%lf,%lf,%lf,%lf", kind, &x, &a, &b, &p) != 5)
      continue;
    double value = strcmp(kind, "t") == 0        ? gradus_i_t_two_sided(x, a)
                   : strcmp(kind, "f") == 0      ? gradus_i_f_upper(x, a, b)
                   : strcmp(kind, "normal") == 0 ? gradus_i_normal_two_sided(x)
                                                 : gradus_i_chi_squared_upper(x, a);
    CHECK_CLOSE(value, p, 1e-11);
    checked++;
  }
  fclose(file);
  CU_ASSERT(checked > 190);
  CU_ASSERT_TRUE(isnan(gradus_i_t_two_sided(NAN, 5)) && isnan(gradus_i_t_two_sided(1, 0)));
  CU_ASSERT_EQUAL(gradus_i_t_two_sided(INFINITY, 5), 0);
}

static void quantiles_invert_the_tails(void) {
  static const double levels[] = {0.5, 0.9, 0.95, 0.99, 0.999999}, dfs[] = {1, 2, 10, 1e3, 1e9};
  for (size_t i = 0; i < 5; i++)
    for (size_t j = 0; j < 5; j++)
      CHECK_CLOSE(gradus_i_t_two_sided(gradus_i_t_quantile(levels[i], dfs[j]), dfs[j]),
                  1 - levels[i], 1e-11);
}

static gradus_fit *fitted(const char *formula, const gradus_frame *frame) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_linear_fit(&fit, formula, frame, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

static void predictions_stay_in_line_with_their_rows(void) {
  gradus_frame *cars = test_read_frame("@mtcars"), *fresh = NULL;
  gradus_fit *fit = fitted("mpg ~ wt + factor(cyl)", cars);
  double wt[] = {3, NAN, 2}, cyl[] = {6, 4, 8};
  gradus_prediction *p = NULL;
  gradus_frame_new(&fresh, 3, NULL);
  gradus_frame_add_numeric(fresh, "wt", wt, 1, NULL);
  gradus_frame_add_numeric(fresh, "cyl", cyl, 1, NULL);
  gradus_predict_options options = {.interval = GRADUS_INTERVAL_CONFIDENCE, .level = 0.9};
  CHECK_STATUS(gradus_predict(&p, fit, fresh, &options, NULL), GRADUS_OK, NULL);
  CU_ASSERT(p->rows == 3 && !isnan(p->fitted[0]) && isnan(p->fitted[1]) && !isnan(p->fitted[2]));
  CU_ASSERT(isnan(p->low[1]) && p->low[0] < p->fitted[0] && p->fitted[0] < p->high[0]);
  CHECK_CLOSE(p->fitted[0],
              gradus_fit_coefficient(fit, 0, 0) + 3 * gradus_fit_coefficient(fit, 0, 1) +
                  gradus_fit_coefficient(fit, 0, 2),
              1e-15);
  gradus_prediction_free(p);
  gradus_frame_free(fresh);
  gradus_frame_new(&fresh, 1, NULL);
  gradus_frame_add_numeric(fresh, "wt", wt + 1, 1, NULL);
  gradus_frame_add_numeric(fresh, "cyl", cyl, 1, NULL);
  CHECK_STATUS(gradus_predict(&p, fit, fresh, &options, NULL), GRADUS_OK, NULL);
  CU_ASSERT(p->rows == 1 && isnan(p->fitted[0]) && isnan(p->high[0]));
  gradus_prediction_free(p);
  gradus_frame_free(fresh);
  gradus_frame_free(cars);
  gradus_fit_free(fit);
}

static void an_unknown_level_is_named_with_its_row_and_the_known_ones(void) {
  gradus_frame *iris = test_read_frame("@iris"), *fresh = NULL;
  gradus_fit *fit = fitted("Sepal.Length ~ Species", iris);
  const char *species[] = {"setosa", "sibirica"};
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  gradus_frame_new(&fresh, 2, NULL);
  gradus_frame_add_text(fresh, "Species", species, NULL);
  CHECK_STATUS(gradus_predict(&p, fit, fresh, NULL, &err), GRADUS_ERROR_UNKNOWN_LEVEL, &err);
  CHECK_CONTAINS(err.message, "sibirica");
  CHECK_CONTAINS(err.message, "2");
  CHECK_CONTAINS(err.message, "versicolor");
  CU_ASSERT_PTR_NULL(p);
  gradus_frame_free(fresh);
  gradus_frame_free(iris);
  gradus_fit_free(fit);
}

static void a_polynomial_predicts_with_the_constants_of_its_fit(void) {
  gradus_frame *cars = test_read_frame("@mtcars"), *fresh = NULL;
  gradus_fit *orthogonal = fitted("mpg ~ poly(hp, 3) + scale(wt)", cars);
  gradus_fit *raw = fitted("mpg ~ poly(hp, 3, raw) + wt", cars);
  double hp[] = {100, 250}, wt[] = {2.5, 3.5};
  gradus_prediction *a = NULL, *b = NULL;
  gradus_frame_new(&fresh, 2, NULL);
  gradus_frame_add_numeric(fresh, "hp", hp, 1, NULL);
  gradus_frame_add_numeric(fresh, "wt", wt, 1, NULL);
  gradus_predict_options options = {.std_error = true};
  CHECK_STATUS(gradus_predict(&a, orthogonal, fresh, &options, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_predict(&b, raw, fresh, &options, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < 2; i++) {
    CHECK_CLOSE(a->fitted[i], b->fitted[i], 1e-12);
    CHECK_CLOSE(a->std_error[i], b->std_error[i], 1e-11);
  }
  gradus_prediction_free(a);
  gradus_prediction_free(b);
  gradus_frame_free(fresh);
  gradus_frame_free(cars);
  gradus_fit_free(orthogonal);
  gradus_fit_free(raw);
}

static void what_a_fit_has_not_is_refused(void) {
  gradus_frame *cars = test_read_frame("@mtcars");
  gradus_fit *penalised = NULL, *fit = fitted("mpg ~ wt", cars);
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  CHECK_STATUS(
      gradus_linear_fit(&penalised, "mpg ~ wt", cars, &(gradus_fit_options){.l2 = 1}, NULL),
      GRADUS_OK, NULL);
  gradus_predict_options options = {.std_error = true};
  CHECK_STATUS(gradus_predict(&p, penalised, cars, &options, &err), GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_STATUS(gradus_predict(&p, penalised, cars, NULL, NULL), GRADUS_OK, NULL);
  gradus_prediction_free(p);
  gradus_term term;
  CHECK_STATUS(gradus_fit_term(fit, 0, 2, 0, &term, NULL), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_fit_term(fit, 0, 0, 1.5, &term, NULL), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  double x[2] = {1, 2};
  gsl_matrix_view wide = gsl_matrix_view_array(x, 1, 2);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_predict_matrix(&p, fit, &wide.matrix, NULL, &err), GRADUS_ERROR_SHAPE, &err);
  CHECK_CONTAINS(err.message, "1×2");
  gradus_fit_free(penalised);
  gradus_fit_free(fit);
  gradus_frame_free(cars);
}

/* Rows repeated, and rows with frequencies: the same diagnostics and robust errors. */
static void robust_errors_know_frequencies(void) {
  enum { N = 12 };
  double x[N], y[N], w[N], xs[3 * N], ys[3 * N];
  size_t total = 0;
  for (size_t i = 0; i < N; i++) {
    x[i] = (double)(i * i % 7);
    y[i] = 1 + x[i] + (double)(i * 5 % 11) / 3;
    w[i] = (double)(1 + i % 3);
    for (size_t copy = 0; copy < (size_t)w[i]; copy++, total++) {
      xs[total] = x[i];
      ys[total] = y[i];
    }
  }
  gsl_matrix_view xv = gsl_matrix_view_array(x, N, 1), yv = gsl_matrix_view_array(y, N, 1);
  gsl_matrix_view xr = gsl_matrix_view_array(xs, total, 1),
                  yr = gsl_matrix_view_array(ys, total, 1);
  gsl_vector_view wv = gsl_vector_view_array(w, N);
  gradus_source *with = NULL, *repeated = NULL;
  gradus_fit *a = NULL, *b = NULL;
  gradus_source_from_matrix(&with, &xv.matrix, &yv.matrix, &wv.vector, GRADUS_WEIGHT_FREQUENCY,
                            NULL, NULL);
  gradus_source_from_matrix(&repeated, &xr.matrix, &yr.matrix, NULL, GRADUS_WEIGHT_NONE, NULL,
                            NULL);
  CHECK_STATUS(gradus_linear_fit_source(&a, with, NULL, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_linear_fit_source(&b, repeated, NULL, NULL), GRADUS_OK, NULL);
  for (int type = GRADUS_ROBUST_HC0; type <= GRADUS_ROBUST_HC3; type++) {
    CHECK_STATUS(gradus_fit_set_robust(a, with, (gradus_robust)type, NULL), GRADUS_OK, NULL);
    CHECK_STATUS(gradus_fit_set_robust(b, repeated, (gradus_robust)type, NULL), GRADUS_OK, NULL);
    for (size_t j = 0; j < 2; j++) {
      gradus_term s, t;
      gradus_fit_term(a, 0, j, 0, &s, NULL);
      gradus_fit_term(b, 0, j, 0, &t, NULL);
      CHECK_CLOSE(s.std_error, t.std_error, 1e-13);
    }
  }
  gradus_fit_free(a);
  gradus_fit_free(b);
  gradus_source_free(with);
  gradus_source_free(repeated);
}

static void failed_allocations_leak_nothing(void) {
  gradus_frame *cars = test_read_frame("@mtcars");
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_prediction *p = NULL;
    gradus_diagnostics *d = NULL;
    gradus_source *source = NULL;
    gradus_predict_options options = {.interval = GRADUS_INTERVAL_PREDICTION, .std_error = true};
    gradus_fit_options serial = {.threads = 1};
    run.status = gradus_linear_fit(&fit, "mpg ~ poly(wt, 2) * factor(cyl)", cars, &serial, NULL);
    if (run.status == GRADUS_OK)
      run.status = gradus_predict(&p, fit, cars, &options, NULL);
    if (run.status == GRADUS_OK)
      run.status = gradus_source_from_frame(&source, gradus_fit_design(fit), cars, NULL, NULL);
    if (run.status == GRADUS_OK)
      run.status = gradus_fit_diagnostics(fit, source, &d, NULL);
    if (run.status == GRADUS_OK)
      run.status = gradus_fit_set_robust(fit, source, GRADUS_ROBUST_HC3, NULL);
    gradus_diagnostics_free(d);
    gradus_prediction_free(p);
    gradus_source_free(source);
    gradus_fit_free(fit);
  }
  gradus_frame_free(cars);
}

int main(void) {
  static const test_case cases[] = {
      {"tails have 11 digits down to 1e-300", tails_have_11_digits_down_to_1e_300},
      {"quantiles invert the tails", quantiles_invert_the_tails},
      {"predictions stay in line with their rows", predictions_stay_in_line_with_their_rows},
      {"an unknown level is named with its row and the known ones",
       an_unknown_level_is_named_with_its_row_and_the_known_ones},
      {"a polynomial predicts with the constants of its fit",
       a_polynomial_predicts_with_the_constants_of_its_fit},
      {"what a fit has not is refused", what_a_fit_has_not_is_refused},
      {"robust errors know frequencies", robust_errors_know_frequencies},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("inference", cases, sizeof cases / sizeof *cases);
}
