// SPDX-License-Identifier: GPL-3.0-or-later
/* Deviances of predicted means against the families of R 4.2.2 (tests/r/glm_inference.R). */
#include "support/table.h"

#include <math.h>
#include <string.h>

enum { N = 12 };

static void sums_are_r_s(void) {
  gradus_frame *rows = table_open("inference/deviance_rows.csv");
  gradus_frame *sums = table_open("inference/deviance.csv");
  for (size_t s = 0; s < gradus_frame_rows(sums); s++) {
    const char *family = table_text(sums, "family", s);
    CU_ASSERT_STRING_EQUAL(table_text(rows, "family", s * N), family);
    gradus_deviance d;
    gradus_error err = {0};
    CHECK_STATUS(gradus_family_deviance(&d, family, 0, table_column(rows, "y") + s * N,
                                        table_column(rows, "mean") + s * N,
                                        table_column(rows, "weight") + s * N, N, &err),
                 GRADUS_OK, &err);
    CHECK_CLOSE(d.nobs, table_number(sums, "nobs", s), 1e-15);
    CHECK_CLOSE(d.deviance, table_number(sums, "deviance", s), 1e-13);
    CHECK_CLOSE(d.mean_deviance, table_number(sums, "mean_deviance", s), 1e-13);
    CHECK_CLOSE(d.null_deviance, table_number(sums, "null_deviance", s), 1e-13);
    CHECK_CLOSE(d.d_squared, table_number(sums, "d_squared", s), 1e-12);
  }
  gradus_frame_free(rows);
  gradus_frame_free(sums);
}

static void a_fit_s_own_rows_have_its_deviance(void) {
  gradus_frame *warp = table_open("@warpbreaks");
  gradus_fit *fit = NULL;
  gradus_prediction *p = NULL;
  gradus_summary s;
  gradus_deviance d;
  gradus_fit_options options = {.family = "poisson"};
  CHECK_STATUS(gradus_glm_fit(&fit, "breaks ~ wool * tension", warp, &options, NULL), GRADUS_OK,
               NULL);
  CHECK_STATUS(gradus_predict(&p, fit, warp, NULL, NULL), GRADUS_OK, NULL);
  gradus_fit_summary(fit, 0, &s, NULL);
  CHECK_STATUS(gradus_family_deviance(&d, "poisson", 0, table_column(warp, "breaks"), p->fitted,
                                      NULL, p->rows, NULL),
               GRADUS_OK, NULL);
  CHECK_CLOSE(d.deviance, s.deviance, 1e-12);
  CHECK_CLOSE(d.null_deviance, s.null_deviance, 1e-12);
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  gradus_frame_free(warp);
}

static void rows_of_weight_0_do_not_count(void) {
  static const double y[] = {1, -5, 2}, mean[] = {1.5, 0, 1}, weight[] = {1, 0, 2};
  static const double y2[] = {1, 2}, mean2[] = {1.5, 1}, weight2[] = {1, 2};
  gradus_deviance a, b;
  CHECK_STATUS(gradus_family_deviance(&a, "gamma", 0, y, mean, weight, 3, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_family_deviance(&b, "gamma", 0, y2, mean2, weight2, 2, NULL), GRADUS_OK,
               NULL);
  CHECK_CLOSE(a.deviance, b.deviance, 0);
  CHECK_CLOSE(a.d_squared, b.d_squared, 0);
}

static void what_is_undefined_or_infinite_is_said(void) {
  static const double same[] = {2, 2, 2}, mean[] = {1, 2, 3}, none[] = {0, 0, 1}, y[] = {0, 3, 1};
  gradus_deviance d;
  gradus_error err = {0};
  CHECK_STATUS(gradus_family_deviance(&d, "poisson", 0, same, mean, NULL, 3, &err),
               GRADUS_WARNING_UNDEFINED, &err);
  CHECK_CONTAINS(err.message, "D²");
  CU_ASSERT(isnan(d.d_squared) && d.deviance > 0);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_family_deviance(&d, "poisson", 0, y, none, NULL, 3, &err),
               GRADUS_WARNING_OVERFLOW, &err);
  CHECK_CONTAINS(err.message, "row 2");
  CU_ASSERT(isinf(d.deviance) && d.d_squared < 0 && isfinite(d.null_deviance));
  /* A count of 0 where none was expected costs nothing. */
  CHECK_STATUS(gradus_family_deviance(&d, "poisson", 0, none, none, NULL, 3, NULL), GRADUS_OK,
               NULL);
  CU_ASSERT(d.deviance == 0 && d.d_squared == 1);
}

static void what_is_wrong_is_named_with_its_row(void) {
  static const struct {
    const char *family;
    double y[2], mean[2], weight[2];
    gradus_status status;
    const char *text;
  } cases[] = {{"gamma", {1, 0}, {1, 1}, {1, 1}, GRADUS_ERROR_BAD_RESPONSE, "row 2"},
               {"poisson", {1.5, 1}, {1, 1}, {1, 1}, GRADUS_ERROR_BAD_RESPONSE, "row 1"},
               {"gamma", {1, 1}, {1, 0}, {1, 1}, GRADUS_ERROR_INVALID_ARGUMENT, "row 2"},
               {"poisson", {1, 1}, {1, -1}, {1, 1}, GRADUS_ERROR_INVALID_ARGUMENT, "row 2"},
               {"gaussian", {1, 1}, {1, NAN}, {1, 1}, GRADUS_ERROR_INVALID_ARGUMENT, "row 2"},
               {"gaussian", {1, 1}, {1, 1}, {1, -1}, GRADUS_ERROR_BAD_WEIGHT, "row 2"},
               {"beta", {1, 1}, {1, 1}, {1, 1}, GRADUS_ERROR_INVALID_ARGUMENT, "beta"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_deviance d = {.deviance = -7};
    gradus_error err = {0};
    CHECK_STATUS(gradus_family_deviance(&d, cases[i].family, 0, cases[i].y, cases[i].mean,
                                        cases[i].weight, 2, &err),
                 cases[i].status, &err);
    CHECK_CONTAINS(err.message, cases[i].text);
    CU_ASSERT_EQUAL(d.deviance, -7);
  }
  gradus_deviance d;
  CHECK_STATUS(gradus_family_deviance(&d, NULL, 0, cases[0].y, cases[0].mean, NULL, 2, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
}

int main(void) {
  static const test_case cases[] = {
      {"sums are R's", sums_are_r_s},
      {"a fit's own rows have its deviance", a_fit_s_own_rows_have_its_deviance},
      {"rows of weight 0 do not count", rows_of_weight_0_do_not_count},
      {"what is undefined or infinite is said", what_is_undefined_or_infinite_is_said},
      {"what is wrong is named with its row", what_is_wrong_is_named_with_its_row},
  };
  return test_main("deviance", cases, sizeof cases / sizeof *cases);
}
