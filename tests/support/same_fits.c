// SPDX-License-Identifier: GPL-3.0-or-later
#include "same_fits.h"

gradus_fit *model_rows_fit_glm(const model_rows *d, const gradus_fit_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_fit_options own = *options;
  own.weight_kind = GRADUS_WEIGHT_PRIOR;
  gsl_vector_view y = gsl_matrix_column(d->y, 0);
  CHECK_STATUS(gradus_glm_fit_matrix(&fit, d->x, &y.vector, d->weight, d->offset, &own, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

void check_same_fits(const gradus_fit *a, const gradus_fit *b, double tolerance) {
  gradus_summary of_a, of_b;
  for (size_t r = 0; r < gradus_fit_responses(a); r++) {
    for (size_t j = 0; j < gradus_fit_coefficients(a); j++) {
      gradus_term x, y;
      gradus_fit_term(a, r, j, 0, &x, NULL);
      gradus_fit_term(b, r, j, 0, &y, NULL);
      CHECK_CLOSE(x.estimate, y.estimate, tolerance);
      CHECK_CLOSE(x.std_error, y.std_error, tolerance);
    }
    gradus_fit_summary(a, r, &of_a, NULL);
    gradus_fit_summary(b, r, &of_b, NULL);
    CHECK_CLOSE(of_a.deviance, of_b.deviance, tolerance);
    CHECK_CLOSE(of_a.log_lik, of_b.log_lik, tolerance);
    CHECK_CLOSE(of_a.aic, of_b.aic, tolerance);
    CHECK_CLOSE(of_a.dispersion, of_b.dispersion, tolerance);
  }
}

void check_same_predictions(const gradus_prediction *a, const gradus_prediction *b,
                            double tolerance) {
  CU_ASSERT_TRUE_FATAL(a && b);
  CU_ASSERT_EQUAL_FATAL(a->columns, b->columns);
  CU_ASSERT_EQUAL_FATAL(a->rows, b->rows);
  for (size_t i = 0; i < a->rows * a->columns; i++) {
    CHECK_CLOSE(a->fitted[i], b->fitted[i], tolerance);
    CHECK_CLOSE(a->std_error[i], b->std_error[i], tolerance);
    CHECK_CLOSE(a->low[i], b->low[i], tolerance);
    CHECK_CLOSE(a->high[i], b->high[i], tolerance);
  }
}
