// SPDX-License-Identifier: GPL-3.0-or-later
/* Long generalised linear models: Newton's method on the rows as they are has IRLS's numbers, and
 * declines where it would lose digits. */
#include "support/same_fits.h"

#include <math.h>

/* Rows enough for the way that long models go: n·q² is 4e6. */
enum { ROWS = 28000 };

static model_rows make_long(void) {
  uint64_t state = 7;
  model_rows d;
  model_rows_open(&d, ROWS, 12, 1);
  for (size_t i = 0; i < ROWS; i++) {
    double eta = -1;
    for (size_t j = 0; j < 12; j++) {
      double x = test_draw(&state) * (1 + (double)j) + 2;
      gsl_matrix_set(d.x, i, j, x);
      eta += x * ((double)(j % 3) - 1) / (1 + (double)j);
    }
    gsl_matrix_set(d.y, i, 0, test_draw(&state) + 0.5 < 1 / (1 + exp(-eta)) ? 1 : 0);
    gsl_vector_set(d.weight, i, 1 + (double)(i % 3));
    gsl_vector_set(d.offset, i, test_draw(&state));
  }
  return d;
}

static void long_models_by_newton_s_method_have_irls_numbers(void) {
  static const char *const families[] = {"binomial", "poisson", "quasibinomial"};
  static const char *const links[] = {"logit", "log", "probit"};
  model_rows d = make_long();
  for (size_t m = 0; m < 3; m++)
    for (int without = 0; without < (m == 0 ? 2 : 1); without++) {
      gradus_fit_options options = {
          .family = families[m], .link = links[m], .no_intercept = without};
      gradus_fit *newton = model_rows_fit_glm(&d, &options);
      CU_ASSERT_STRING_EQUAL(gradus_fit_solver(newton)->name, "newton");
      options.solver = "irls";
      gradus_fit *irls = model_rows_fit_glm(&d, &options);
      check_same_fits(newton, irls, 2e-11);
      gradus_fit_free(newton);
      gradus_fit_free(irls);
    }
  model_rows_close(&d);
}

static void long_models_that_newton_s_method_must_decline_are_irls_s(void) {
  model_rows d = make_long();
  gradus_fit_options options = {.family = "binomial"};
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gsl_vector_view y = gsl_matrix_column(d.y, 0);
  for (size_t i = 0; i < ROWS; i++) /* a column of which little is left beside another */
    gsl_matrix_set(d.x, i, 1, gsl_matrix_get(d.x, i, 0) + 1e-6 * gsl_matrix_get(d.x, i, 1));
  fit = model_rows_fit_glm(&d, &options);
  CU_ASSERT_STRING_EQUAL(gradus_fit_solver(fit)->name, "irls");
  gradus_fit_free(fit);
  for (size_t i = 0; i < ROWS; i++) /* one that another determines */
    gsl_matrix_set(d.x, i, 1, 2 * gsl_matrix_get(d.x, i, 0));
  CHECK_STATUS(gradus_glm_fit_matrix(&fit, d.x, &y.vector, NULL, NULL, &options, &err),
               GRADUS_WARNING_RANK_DEFICIENT, &err);
  CU_ASSERT_TRUE(isnan(gradus_fit_coefficient(fit, 0, 2)));
  gradus_fit_free(fit);
  for (size_t i = 0; i < ROWS; i++) /* one that separates */
    gsl_matrix_set(d.x, i, 1, gsl_matrix_get(d.y, i, 0) - 0.5);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_glm_fit_matrix(&fit, d.x, &y.vector, NULL, NULL, &options, &err),
               GRADUS_ERROR_SEPARATION, &err);
  gsl_matrix_set(d.x, 20000, 3, NAN);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_glm_fit_matrix(&fit, d.x, &y.vector, NULL, NULL, &options, &err),
               GRADUS_ERROR_NON_FINITE, &err);
  CHECK_CONTAINS(err.message, "row 20001");
  model_rows_close(&d);
}

int main(void) {
  static const test_case cases[] = {
      {"long models by Newton's method have IRLS's numbers",
       long_models_by_newton_s_method_have_irls_numbers},
      {"long models that Newton's method must decline are IRLS's",
       long_models_that_newton_s_method_must_decline_are_irls_s},
  };
  return test_main("long", cases, sizeof cases / sizeof *cases);
}
