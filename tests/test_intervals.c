// SPDX-License-Identifier: GPL-3.0-or-later
/* Intervals by profile likelihood and likelihood-ratio tests, against their definition by R's glm()
   with an offset, and loosely against confint() (tests/r/profile.R). */
#include "support/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static gradus_frame *read_data(const char *name) {
  char path[64];
  snprintf(path, sizeof path, "separated/%s.csv", name);
  return test_read_frame(name[0] == '@' ? name : path);
}

/* A fit and the rows that it is of. */
typedef struct fitted {
  gradus_frame *frame;
  gradus_fit *fit;
  gradus_source *source;
} fitted;

static fitted fit_formula(const char *data, const char *formula,
                          const gradus_fit_options *options) {
  fitted f = {.frame = read_data(data)};
  gradus_error err = {0};
  gradus_status status = gradus_glm_fit(&f.fit, formula, f.frame, options, &err);
  CU_ASSERT_TRUE(status == GRADUS_OK || status == GRADUS_WARNING_SEPARATION);
  CU_ASSERT_PTR_NOT_NULL_FATAL(f.fit);
  CHECK_STATUS(gradus_source_from_frame(&f.source, gradus_fit_design(f.fit), f.frame, NULL, &err),
               GRADUS_OK, &err);
  return f;
}

static void fitted_clear(fitted *f) {
  gradus_source_free(f->source);
  gradus_fit_free(f->fit);
  gradus_frame_free(f->frame);
}

/* Beside the length of the interval, or the limit where the other one is infinite. */
static void check_limit(double actual, double expected, double length, double tolerance) {
  if (isnan(expected)) {
    CU_ASSERT_TRUE(isinf(actual));
    return;
  }
  double scale = isfinite(length) ? length : fabs(expected);
  CHECK_CLOSE((actual - expected) / scale + 1, 1, tolerance);
}

static void check_row(const gradus_frame *table, size_t row, const gradus_fit *fit, size_t j) {
  gradus_term term;
  CHECK_STATUS(gradus_fit_term(fit, 0, j, 0, &term, NULL), GRADUS_OK, NULL);
  CU_ASSERT_STRING_EQUAL(term.term, test_cell_text(table, "term", row));
  double length = term.conf_high - term.conf_low;
  /* Where others creep to infinity R's deviance is right to about 1e-10. */
  bool separated = test_cell_number(table, "separated", row) != 0;
  double tolerance = separated ? 1e-8 : 1e-10;
  check_limit(term.conf_low, test_cell_number(table, "low", row), length, tolerance);
  check_limit(term.conf_high, test_cell_number(table, "high", row), length, tolerance);
  double rise = test_cell_number(table, "rise", row);
  CHECK_CLOSE(term.statistic, rise, 1e-9);
  if (separated)
    return;
  check_limit(term.conf_low, test_cell_number(table, "mass_low", row), length, 2e-3);
  check_limit(term.conf_high, test_cell_number(table, "mass_high", row), length, 2e-3);
}

static void limits_and_tests_are_those_of_their_definition(void) {
  gradus_frame *table = NULL;
  gradus_error err = {0};
  size_t fits = 0;
  CHECK_STATUS(gradus_frame_read_csv(&table, test_data("profile.csv"), NULL, &err), GRADUS_OK,
               &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(table);
  for (size_t row = 0; row < gradus_frame_rows(table); fits++) {
    gradus_fit_options options = {.family = test_cell_text(table, "family", row),
                                  .link = test_cell_text(table, "link", row),
                                  .separation = GRADUS_SEPARATION_LIMIT};
    double level = test_cell_number(table, "level", row);
    fitted f = fit_formula(test_cell_text(table, "data", row),
                           test_cell_text(table, "formula", row), &options);
    CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_LR, level, &err),
                 GRADUS_OK, &err);
    for (size_t j = 0; j < gradus_fit_coefficients(f.fit); j++)
      check_row(table, row++, f.fit, j);
    fitted_clear(&f);
  }
  CU_ASSERT_EQUAL(fits, 10);
  gradus_frame_free(table);
}

/* p-values: chi-square with 1 df is a squared normal, F with 1 and df a squared t. */
static void p_values_are_those_of_the_statistics(void) {
  gradus_fit_options known = {.family = "binomial"}, estimated = {.family = "gamma", .link = "log"};
  gradus_error err = {0};
  gradus_term term;
  fitted f = fit_formula("@birthwt", "low ~ age + lwt + smoke", &known);
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_LR, 0, &err), GRADUS_OK,
               &err);
  CU_ASSERT_EQUAL(gradus_fit_intervals(f.fit), GRADUS_INTERVALS_LR);
  gradus_fit_term(f.fit, 0, 3, 0, &term, NULL);
  CHECK_CLOSE(term.p_value, erfc(sqrt(term.statistic / 2)), 1e-13);
  /* The tests of PROFILE are Wald's, the limits the same. */
  double low = term.conf_low;
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_PROFILE, 0, &err),
               GRADUS_OK, &err);
  gradus_fit_term(f.fit, 0, 3, 0, &term, NULL);
  CHECK_CLOSE(term.statistic, term.estimate / term.std_error, 1e-15);
  CHECK_CLOSE(term.conf_low, low, 0);
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_WALD, 0, &err), GRADUS_OK,
               &err);
  gradus_fit_term(f.fit, 0, 3, 0.9, &term, NULL);
  CHECK_CLOSE(term.conf_low, term.estimate - 1.644853626951472 * term.std_error, 1e-13);
  fitted_clear(&f);
  /* pf(31.2107..., 1, 28, lower = FALSE) and so on: R prints 5.6e-06 for it. */
  f = fit_formula("@trees", "Volume ~ log(Girth) + log(Height)", &estimated);
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_LR, 0, &err), GRADUS_OK,
               &err);
  gradus_fit_term(f.fit, 0, 2, 0, &term, NULL);
  CU_ASSERT_TRUE(term.p_value > 5.5e-6 && term.p_value < 5.7e-6);
  fitted_clear(&f);
}

static void a_dropped_column_has_no_interval(void) {
  gradus_fit_options options = {.family = "binomial"};
  fitted f = {.frame = read_data("@birthwt")};
  gradus_error err = {0};
  gradus_term term, plain;
  CHECK_STATUS(gradus_glm_fit(&f.fit, "low ~ age + I(2*age) + lwt", f.frame, &options, &err),
               GRADUS_WARNING_RANK_DEFICIENT, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(f.fit);
  gradus_source_from_frame(&f.source, gradus_fit_design(f.fit), f.frame, NULL, NULL);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_LR, 0, &err), GRADUS_OK,
               &err);
  fitted g = fit_formula("@birthwt", "low ~ age + lwt", &options);
  CHECK_STATUS(gradus_fit_set_intervals(g.fit, g.source, GRADUS_INTERVALS_LR, 0, &err), GRADUS_OK,
               &err);
  gradus_fit_term(f.fit, 0, 2, 0, &term, NULL);
  CU_ASSERT_TRUE(isnan(term.conf_low) && isnan(term.conf_high) && isnan(term.p_value));
  gradus_fit_term(f.fit, 0, 3, 0, &term, NULL);
  gradus_fit_term(g.fit, 0, 2, 0, &plain, NULL);
  CHECK_CLOSE(term.conf_low, plain.conf_low, 1e-10);
  CHECK_CLOSE(term.statistic, plain.statistic, 1e-10);
  fitted_clear(&f);
  fitted_clear(&g);
}

static void what_has_no_profile_is_refused(void) {
  gradus_fit_options options = {.family = "poisson"}, early = {.family = "poisson"};
  gradus_error err = {0};
  gradus_term term;
  fitted f = fit_formula("@warpbreaks", "breaks ~ wool", &options);
  fitted other = fit_formula("@warpbreaks", "breaks ~ wool*tension", &options);
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, other.source, GRADUS_INTERVALS_LR, 0, &err),
               GRADUS_ERROR_SHAPE, &err);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_LR, 1.5, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, (gradus_intervals)7, 0, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_PROFILE, 0.9, NULL),
               GRADUS_OK, NULL);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_term(f.fit, 0, 0, 0.95, &term, &err), GRADUS_ERROR_INVALID_ARGUMENT,
               &err);
  CHECK_CONTAINS(err.message, "level 0.9");
  CHECK_STATUS(gradus_fit_term(f.fit, 0, 0, 0.9, &term, &err), GRADUS_OK, &err);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_set_robust(f.fit, f.source, GRADUS_ROBUST_HC1, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "take Wald's");
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_WALD, 0, NULL), GRADUS_OK,
               NULL);
  CHECK_STATUS(gradus_fit_set_robust(f.fit, f.source, GRADUS_ROBUST_HC1, NULL), GRADUS_OK, NULL);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_LR, 0, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "this one has robust standard errors");
  fitted_clear(&other);
  fitted_clear(&f);
  early.max_iterations = 1;
  f = fit_formula("@warpbreaks", "breaks ~ wool", &early);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_LR, 0, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  fitted_clear(&f);
}

static void failed_allocations_leak_nothing(void) {
  gradus_fit_options options = {.family = "poisson", .threads = 1};
  fitted f = fit_formula("@warpbreaks", "breaks ~ wool - 1", &options);
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    run.status = gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_LR, 0, NULL);
    gradus_status again = gradus_fit_set_intervals(f.fit, f.source, GRADUS_INTERVALS_WALD, 0, NULL);
    CU_ASSERT_EQUAL(again, GRADUS_OK);
    run.at += run.at < 60 ? 0 : 6;
  }
  fitted_clear(&f);
}

int main(void) {
  static const test_case cases[] = {
      {"limits and tests are those of their definition",
       limits_and_tests_are_those_of_their_definition},
      {"p-values are those of the statistics", p_values_are_those_of_the_statistics},
      {"a dropped column has no interval", a_dropped_column_has_no_interval},
      {"what has no profile is refused", what_has_no_profile_is_refused},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("intervals", cases, sizeof cases / sizeof *cases);
}
