// SPDX-License-Identifier: GPL-3.0-or-later
/* What multinomial models refuse, and classes that the columns separate. */
#include "support/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_refusal(const gradus_frame *frame, const char *formula,
                          const gradus_fit_options *options, gradus_status code, const char *part) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_multinomial_fit(&fit, formula, frame, options, &err), code, &err);
  CHECK_CONTAINS(err.message, part);
  CU_ASSERT_PTR_NULL(fit);
}

static void what_makes_no_sense_is_refused(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  double w[189] = {0};
  size_t column = 0;
  gradus_frame_find(births, "race", &column);
  for (size_t i = 0; i < 189; i++)
    w[i] = gradus_frame_codes(births, column)[i] != 1;
  gradus_frame_add_numeric(births, "without_other", w, 1, NULL);
  check_refusal(births, "low ~ age", NULL, GRADUS_ERROR_BAD_RESPONSE, "factor(low)");
  check_refusal(births, "cbind(low, smoke) ~ age", NULL, GRADUS_ERROR_BAD_RESPONSE, "one response");
  check_refusal(births, "race ~ age + offset(lwt)", NULL, GRADUS_ERROR_UNSUPPORTED, "offset");
  check_refusal(births, "race ~ age",
                &(gradus_fit_options){.weights = "lwt", .weight_kind = GRADUS_WEIGHT_ANALYTIC},
                GRADUS_ERROR_BAD_WEIGHT, "analytic");
  check_refusal(
      births, "race ~ age",
      &(gradus_fit_options){.weights = "without_other", .weight_kind = GRADUS_WEIGHT_FREQUENCY},
      GRADUS_ERROR_BAD_RESPONSE, "\"other\"");
  check_refusal(births, "race ~ age", &(gradus_fit_options){.solver = "magic"},
                GRADUS_ERROR_INVALID_ARGUMENT, "magic");
  check_refusal(births, "race ~ age", &(gradus_fit_options){.l2 = -1},
                GRADUS_ERROR_INVALID_ARGUMENT, "-1");
  gradus_frame_free(births);
}

static void what_a_multinomial_fit_has_not_is_refused(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *fit = NULL;
  CHECK_STATUS(gradus_multinomial_fit(&fit, "race ~ age + lwt", births, NULL, NULL), GRADUS_OK,
               NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  gradus_source *source = NULL;
  gradus_diagnostics *diagnostics = NULL;
  gradus_source_from_frame(&source, gradus_fit_design(fit), births, NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(source);
  CHECK_STATUS(gradus_fit_set_robust(fit, source, GRADUS_ROBUST_HC3, NULL),
               GRADUS_ERROR_UNSUPPORTED, NULL);
  CHECK_STATUS(gradus_fit_set_intervals(fit, source, GRADUS_INTERVALS_PROFILE, 0, NULL),
               GRADUS_ERROR_UNSUPPORTED, NULL);
  CHECK_STATUS(gradus_fit_diagnostics(fit, source, &diagnostics, NULL), GRADUS_ERROR_UNSUPPORTED,
               NULL);
  gradus_source_free(source);
  gradus_fit_free(fit);
  gradus_frame_free(births);
}

static void bad_class_numbers_are_named(void) {
  double x[] = {1, 2, 3, 4, 2, 1};
  static const struct {
    double y[6];
    const char *part;
  } cases[] = {{{0, 1, 2, 1.5, 0, 1}, "row 4"},   {{0, 1, 2, 1, -1, 1}, "row 5"},
               {{0, 1, 3, 1, 0, 3}, "\"2\""},     {{0, 0, 0, 0, 0, 0}, "nothing to tell apart"},
               {{0, 1, 2, 1, 0, 1e300}, "row 6"}, {{0, 1, 2, NAN, 0, 1}, "row 4"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double y[6];
    memcpy(y, cases[i].y, sizeof y);
    gsl_matrix_view xv = gsl_matrix_view_array(x, 6, 1);
    gsl_vector_view yv = gsl_vector_view_array(y, 6);
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    CHECK_STATUS(gradus_multinomial_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, NULL, &err),
                 GRADUS_ERROR_BAD_RESPONSE, &err);
    CHECK_CONTAINS(err.message, cases[i].part);
    CU_ASSERT_PTR_NULL(fit);
  }
}

static void an_unconverged_fit_has_no_standard_errors(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *fit = NULL;
  gradus_term term;
  CHECK_STATUS(gradus_multinomial_fit(&fit, "race ~ age + lwt", births,
                                      &(gradus_fit_options){.max_iterations = 2}, NULL),
               GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_FALSE(gradus_fit_solver(fit)->converged);
  gradus_fit_term(fit, 1, 1, 0, &term, NULL);
  CU_ASSERT_TRUE(isfinite(term.estimate) && isnan(term.std_error) && isnan(term.p_value));
  gradus_fit_free(fit);
  gradus_frame_free(births);
}

/* Whether some direction D != 0 has (d_y - d_j)·(1, x) >= 0 in all rows, for three classes: entries
   of D up to 6 are enough for x of 0, 1, 2. */
static bool has_recession(const double *x, const double *y, size_t n) {
  enum { MOST = 6 };
  double d[3][2] = {{0}};
  for (int code = 1; code < 13 * 13 * 13 * 13; code++) {
    int digits = code;
    bool zero = true, keeps = true;
    for (size_t i = 0; i < 4; i++, digits /= 13) {
      d[1 + i / 2][i % 2] = digits % 13 - MOST;
      zero = zero && digits % 13 == MOST;
    }
    for (size_t i = 0; keeps && i < n; i++)
      for (size_t j = 0; j < 3; j++) {
        size_t own = (size_t)y[i];
        keeps = keeps && d[own][0] - d[j][0] + (d[own][1] - d[j][1]) * x[i] >= 0;
      }
    if (keeps && !zero)
      return true;
  }
  return false;
}

static void separation_is_found_exactly(void) {
  enum { N = 9, SETS = 300 };
  unsigned long state = 7;
  size_t separated = 0;
  for (size_t set = 0; set < SETS; set++) {
    double x[N], y[N];
    for (size_t i = 0; i < N; i++) {
      state = state * 16807 % 2147483647;
      x[i] = i < 3 ? (double)i : (double)(state / 64 % 3);
      y[i] = i < 3 ? (double)((i + set) % 3) : (double)(state / 1024 % 3);
    }
    gsl_matrix_view xv = gsl_matrix_view_array(x, N, 1);
    gsl_vector_view yv = gsl_vector_view_array(y, N);
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    bool expected_separation = has_recession(x, y, N);
    separated += expected_separation;
    CHECK_STATUS(gradus_multinomial_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, NULL, &err),
                 expected_separation ? GRADUS_ERROR_SEPARATION : GRADUS_OK, &err);
    CU_ASSERT(expected_separation || gradus_fit_solver(fit)->converged);
    gradus_fit_free(fit);
    /* With a penalty there is an estimate all the same. */
    CHECK_STATUS(gradus_multinomial_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL,
                                               &(gradus_fit_options){.l2 = 0.01}, NULL),
                 GRADUS_OK, NULL);
    CU_ASSERT_TRUE(fit && gradus_fit_solver(fit)->converged);
    gradus_fit_free(fit);
  }
  CU_ASSERT_TRUE(separated > SETS / 10 && separated < SETS - SETS / 10);
}

static void separated_columns_and_levels_are_named(void) {
  gradus_frame *iris = test_read_frame("@iris");
  /* Setosa has the shorter petals; the other two overlap. */
  check_refusal(iris, "Species ~ Petal.Length", NULL, GRADUS_ERROR_SEPARATION,
                "quasi-complete separation");
  check_refusal(iris, "Species ~ Petal.Length", NULL, GRADUS_ERROR_SEPARATION,
                "(Intercept) (versicolor -Inf, virginica -Inf), Petal.Length (versicolor +Inf, "
                "virginica +Inf)");
  /* The same for a reference in the middle, and with a column that is dropped. */
  gradus_frame_set_reference(iris, "Species", "versicolor", NULL);
  check_refusal(iris, "Species ~ I(0 * Petal.Width) + Petal.Length", NULL, GRADUS_ERROR_SEPARATION,
                "(Intercept) (setosa +Inf), Petal.Length (setosa -Inf)");
  gradus_frame_free(iris);
  /* Every class apart: the middle one is reached by no line of one sign, so 1 goes up and 2 more.
   */
  double x[] = {1, 2, 11, 12, 21, 22}, y[] = {0, 0, 1, 1, 2, 2};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 6, 1);
  gsl_vector_view yv = gsl_vector_view_array(y, 6);
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_multinomial_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, NULL, &err),
               GRADUS_ERROR_SEPARATION, &err);
  CHECK_CONTAINS(err.message, "complete separation: the columns tell all of the classes");
  CHECK_CONTAINS(err.message, "x1 (1 +Inf, 2 +Inf)");
}

static void failed_allocations_leak_nothing_where_classes_are_separated(void) {
  gradus_frame *iris = test_read_frame("@iris");
  for (failing_run run = {.done = GRADUS_ERROR_SEPARATION, .dispensable = true};
       NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_fit_options serial = {.threads = 1, .max_iterations = 3};
    run.status = gradus_multinomial_fit(&fit, "Species ~ Petal.Length", iris, &serial, NULL);
    CU_ASSERT_PTR_NULL(fit);
  }
  gradus_frame_free(iris);
}

int main(void) {
  static const test_case cases[] = {
      {"what makes no sense is refused", what_makes_no_sense_is_refused},
      {"what a multinomial fit has not is refused", what_a_multinomial_fit_has_not_is_refused},
      {"bad class numbers are named", bad_class_numbers_are_named},
      {"an unconverged fit has no standard errors", an_unconverged_fit_has_no_standard_errors},
      {"separation is found exactly", separation_is_found_exactly},
      {"separated columns and levels are named", separated_columns_and_levels_are_named},
      {"failed allocations leak nothing where classes are separated",
       failed_allocations_leak_nothing_where_classes_are_separated},
  };
  return test_main("multinomial_errors", cases, sizeof cases / sizeof *cases);
}
