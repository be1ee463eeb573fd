// SPDX-License-Identifier: GPL-3.0-or-later
/* Firth's estimates of multinomial models: against brglm2 (tests/r/firth_classes.R) and those of
   binary ones. */
#include "support/cells.h"

#include <math.h>
#include <string.h>

static gradus_fit *fit_firth(const gradus_frame *frame, const char *formula,
                             gradus_fit_options options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  options.firth = true;
  gradus_status status = gradus_multinomial_fit(&fit, formula, frame, &options, &err);
  CHECK_STATUS(status == GRADUS_WARNING_RANK_DEFICIENT ? GRADUS_OK : status, GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged && gradus_fit_is_firth(fit));
  return fit;
}

static void set_housing_levels(gradus_frame *frame) {
  static const char *const sat[] = {"Low", "Medium", "High"}, *const cont[] = {"Low", "High"};
  static const char *const type[] = {"Tower", "Apartment", "Atrium", "Terrace"};
  gradus_frame_set_levels(frame, "Sat", sat, 3, NULL);
  gradus_frame_set_levels(frame, "Infl", sat, 3, NULL);
  gradus_frame_set_levels(frame, "Type", type, 4, NULL);
  gradus_frame_set_levels(frame, "Cont", cont, 2, NULL);
}

static void check_term(const gradus_frame *expected, size_t row, const gradus_fit *fit) {
  gradus_term term = {.estimate = NAN};
  const char *response = test_cell_text(expected, "response", row),
             *name = test_cell_text(expected, "term", row);
  for (size_t r = 0; r < gradus_fit_responses(fit); r++)
    for (size_t j = 0; j < gradus_fit_coefficients(fit); j++) {
      gradus_fit_term(fit, r, j, 0, &term, NULL);
      if (strcmp(term.response, response) != 0 || strcmp(term.term, name) != 0)
        continue;
      CHECK_CLOSE(term.estimate, test_cell_number(expected, "estimate", row), 1e-10);
      CHECK_CLOSE(term.std_error, test_cell_number(expected, "std_error", row), 1e-11);
      return;
    }
  CU_FAIL("no such term");
}

static void estimates_are_those_of_brglm2(void) {
  gradus_frame *expected = test_read_frame("firth_classes.csv");
  size_t rows = gradus_frame_rows(expected), fits = 0;
  for (size_t i = 0; i < rows; fits++) {
    const char *name = test_cell_text(expected, "data", i);
    gradus_frame *frame = test_read_frame(name);
    gradus_fit_options options = {0};
    if (strcmp(name, "@housing") == 0) {
      set_housing_levels(frame);
      options = (gradus_fit_options){.weights = "Freq", .weight_kind = GRADUS_WEIGHT_FREQUENCY};
    }
    gradus_fit *fit = fit_firth(frame, test_cell_text(expected, "formula", i), options);
    gradus_summary s;
    gradus_fit_summary(fit, 0, &s, NULL);
    CHECK_CLOSE(s.log_lik, test_cell_number(expected, "log_lik", i), 1e-11);
    CHECK_CLOSE(gradus_fit_penalised_log_lik(fit), test_cell_number(expected, "penalised", i),
                1e-11);
    for (; i < rows && strcmp(test_cell_text(expected, "data", i), name) == 0; i++)
      check_term(expected, i, fit);
    gradus_fit_free(fit);
    gradus_frame_free(frame);
  }
  CU_ASSERT_EQUAL(fits, 6);
  gradus_frame_free(expected);
}

static void two_classes_are_firth_s_logistic_regression(void) {
  static const char *const cases[][3] = {{"firth/endometrial.csv", "HG", "~ NV + PI + EH"},
                                         {"separated/none.csv", "y", "~ a + b + c - 1"},
                                         {"separated/level.csv", "y", "~ f + x"},
                                         {"@birthwt", "low", "~ bwt"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char formula[64];
    gradus_frame *frame = test_read_frame(cases[i][0]);
    gradus_fit *binary = NULL;
    gradus_summary a, b;
    snprintf(formula, sizeof formula, "%s %s", cases[i][1], cases[i][2]);
    gradus_logistic_fit(&binary, formula, frame, &(gradus_fit_options){.firth = true}, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(binary);
    snprintf(formula, sizeof formula, "factor(%s) %s", cases[i][1], cases[i][2]);
    gradus_fit *classes = fit_firth(frame, formula, (gradus_fit_options){0});
    for (size_t j = 0; j < gradus_fit_coefficients(binary); j++) {
      gradus_term one, two;
      gradus_fit_term(classes, 0, j, 0, &one, NULL);
      gradus_fit_term(binary, 0, j, 0, &two, NULL);
      CU_ASSERT_EQUAL(one.dropped, two.dropped);
      if (two.dropped)
        continue;
      CHECK_CLOSE(one.estimate, two.estimate, 1e-10);
      CHECK_CLOSE(one.std_error, two.std_error, 1e-10);
      CHECK_CLOSE(one.conf_high, one.estimate + 1.959963984540054 * one.std_error, 1e-13);
    }
    gradus_fit_summary(classes, 0, &a, NULL);
    gradus_fit_summary(binary, 0, &b, NULL);
    CHECK_CLOSE(a.deviance, b.deviance, 1e-10);
    CHECK_CLOSE(gradus_fit_penalised_log_lik(classes), gradus_fit_penalised_log_lik(binary), 1e-11);
    gradus_fit_free(classes);
    gradus_fit_free(binary);
    gradus_frame_free(frame);
  }
}

/* The prior of another unit is a constant factor: the estimates are the same, in it. */
static void columns_may_have_any_centre_and_unit(void) {
  gradus_frame *frame = test_read_frame("separated_classes/chain.csv");
  gradus_fit *plain = fit_firth(frame, "y ~ x", (gradus_fit_options){0});
  gradus_fit *moved = fit_firth(frame, "y ~ I(1e6 + 1000 * x)", (gradus_fit_options){0});
  for (size_t r = 0; r < 2; r++)
    CHECK_CLOSE(gradus_fit_coefficient(moved, r, 1) * 1000, gradus_fit_coefficient(plain, r, 1),
                1e-9);
  CHECK_CLOSE(gradus_fit_penalised_log_lik(moved) - gradus_fit_penalised_log_lik(plain),
              2 * log(1000), 1e-9);
  gradus_fit_free(plain);
  gradus_fit_free(moved);
  gradus_frame_free(frame);
}

/* ---- the iteration ---- */

typedef struct seen {
  size_t calls;
  double theta[16], last_loss;
  bool falls;
} seen;

static bool watch(void *context, const gradus_progress *progress) {
  seen *s = context;
  s->calls++;
  s->falls = s->falls && progress->loss <= s->last_loss + 1e-12;
  s->last_loss = progress->loss;
  CU_ASSERT_EQUAL(progress->iteration, s->calls);
  CU_ASSERT_TRUE(progress->size <= 16 && isnan(progress->gradient_norm));
  memcpy(s->theta, progress->theta, progress->size * sizeof(double));
  return true;
}

static void starts_and_progress_are_in_the_units_of_the_data(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  seen s = {.last_loss = HUGE_VAL, .falls = true};
  gradus_fit *fit = fit_firth(births, "race ~ age + lwt",
                              (gradus_fit_options){.progress = watch, .progress_context = &s});
  CU_ASSERT_TRUE(s.calls > 3 && s.calls == gradus_fit_solver(fit)->iterations && s.falls);
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 0; j < 3; j++)
      CHECK_CLOSE(s.theta[j == 0 ? 4 + r : 2 * r + j - 1], gradus_fit_coefficient(fit, r, j),
                  1e-13);
  gradus_fit *again =
      fit_firth(births, "race ~ age + lwt", (gradus_fit_options){.start = gradus_fit_params(fit)});
  CU_ASSERT_TRUE(gradus_fit_solver(again)->iterations <= 2);
  CHECK_CLOSE(gradus_fit_coefficient(again, 1, 2), gradus_fit_coefficient(fit, 1, 2), 1e-12);
  gradus_fit_free(again);
  gradus_fit_options wrong = {.firth = true, .start = gradus_fit_params(fit)};
  CHECK_STATUS(gradus_multinomial_fit(&again, "race ~ age", births, &wrong, NULL),
               GRADUS_ERROR_SHAPE, NULL);
  CU_ASSERT_PTR_NULL(again);
  gradus_fit_free(fit);
  gradus_frame_free(births);
}

static void not_converging_is_told(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *fit = NULL;
  gradus_term term;
  gradus_fit_options options = {.firth = true, .max_iterations = 2};
  CHECK_STATUS(gradus_multinomial_fit(&fit, "race ~ age + lwt", births, &options, NULL), GRADUS_OK,
               NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_FALSE(gradus_fit_solver(fit)->converged);
  gradus_fit_term(fit, 0, 1, 0, &term, NULL);
  CU_ASSERT_TRUE(isfinite(term.estimate) && isnan(term.std_error));
  gradus_fit_free(fit);
  gradus_frame_free(births);
}

static void what_does_not_go_together_is_refused(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  static const struct {
    gradus_fit_options options;
    const char *part;
  } cases[] = {{{.firth = true, .solver = "lbfgs"}, "a solver of its own"},
               {{.firth = true, .l2 = 0.1}, "a penalty already"}};
  for (size_t i = 0; i < 2; i++) {
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    CHECK_STATUS(gradus_multinomial_fit(&fit, "race ~ age", births, &cases[i].options, &err),
                 GRADUS_ERROR_UNSUPPORTED, &err);
    CHECK_CONTAINS(err.message, cases[i].part);
    CU_ASSERT_PTR_NULL(fit);
  }
  gradus_frame_free(births);
}

static void threads_do_not_change_a_bit(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *one = fit_firth(births, "race ~ age + lwt", (gradus_fit_options){.threads = 1});
  gradus_fit *eight = fit_firth(births, "race ~ age + lwt", (gradus_fit_options){.threads = 8});
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 0; j < 3; j++)
      CU_ASSERT_EQUAL(gradus_fit_coefficient(one, r, j), gradus_fit_coefficient(eight, r, j));
  gradus_fit_free(one);
  gradus_fit_free(eight);
  gradus_frame_free(births);
}

static void failed_allocations_leak_nothing(void) {
  double x[] = {1, 3, 2, 1, 3, 2, 3, 7, 3, 4, 4, 2}, y[] = {0, 0, 1, 0, 1, 2};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 6, 2);
  gsl_vector_view yv = gsl_vector_view_array(y, 6);
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_fit_options options = {.threads = 1, .max_iterations = 3, .firth = true};
    run.status = gradus_multinomial_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, &options, NULL);
    CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
    gradus_fit_free(fit);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"estimates are those of brglm2", estimates_are_those_of_brglm2},
      {"two classes are Firth's logistic regression", two_classes_are_firth_s_logistic_regression},
      {"columns may have any centre and unit", columns_may_have_any_centre_and_unit},
      {"starts and progress are in the units of the data",
       starts_and_progress_are_in_the_units_of_the_data},
      {"not converging is told", not_converging_is_told},
      {"what does not go together is refused", what_does_not_go_together_is_refused},
      {"threads do not change a bit", threads_do_not_change_a_bit},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("Firth's method for classes", cases, sizeof cases / sizeof *cases);
}
