// SPDX-License-Identifier: GPL-3.0-or-later
/* NIST's eleven linear sets by default settings, against the exact solutions
   (tests/data/nist/exact.csv: rational arithmetic on NIST's decimal data; public domain). */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name, *formula;
} sets[] = {{"Norris", "y ~ x"},
            {"Pontius", "y ~ x + I(x^2)"},
            {"NoInt1", "y ~ x - 1"},
            {"NoInt2", "y ~ 0 + x"},
            {"Filip", "y ~ poly(x, 10, raw)"},
            {"Longley", "y ~ ."},
            {"Wampler1", "y ~ poly(x, 5, raw = TRUE)"},
            {"Wampler2", "y ~ x + I(x^2) + I(x^3) + I(x^4) + I(x^5)"},
            {"Wampler3", "y ~ poly(x, 5, raw)"},
            {"Wampler4", "y ~ poly(x, 5, raw)"},
            {"Wampler5", "y ~ x + I(x^2) + I(x^3) + I(x*x^3) + I(x^5)"}};
enum { SETS = sizeof sets / sizeof *sets };

static double exact(const char *set, const char *quantity) {
  char line[512], key[128];
  double value = NAN;
  FILE *file = fopen(test_data("nist/exact.csv"), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  int length = snprintf(key, sizeof key, "%s,%s,", set, quantity);
  while (fgets(line, sizeof line, file))
    if (strncmp(line, key, (size_t)length) == 0)
      value = strtod(strchr(line + length, ',') + 1, NULL);
  fclose(file);
  return value;
}

static void check_digits(const char *set, const char *quantity, double value, double least) {
  char text[256];
  double digits = test_log_relative_error(value, exact(set, quantity));
  snprintf(text, sizeof text, "%s %s: %.17g has %.2f digits, must have %.1f", set, quantity, value,
           digits, least);
  CU_assertImplementation(digits >= least, __LINE__, text, __FILE__, "", CU_FALSE);
}

static gradus_fit *fit_set(size_t i, const char *solver) {
  char path[32];
  gradus_frame *frame = NULL;
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  snprintf(path, sizeof path, "@%s", sets[i].name);
  CHECK_STATUS(gradus_frame_read_csv(&frame, path, NULL, &err), GRADUS_OK, &err);
  gradus_status status = gradus_linear_fit(&fit, sets[i].formula, frame,
                                           &(gradus_fit_options){.solver = solver}, &err);
  /* Wampler1 and 2 are exact polynomials, and Filip is as badly conditioned as its name is known
   * for. */
  gradus_status expected =
      strcmp(sets[i].name, "Filip") == 0 ? GRADUS_WARNING_ILL_CONDITIONED
      : strcmp(sets[i].name, "Wampler1") == 0 || strcmp(sets[i].name, "Wampler2") == 0
          ? GRADUS_WARNING_PERFECT_FIT
          : GRADUS_OK;
  CHECK_STATUS(status, expected, &err);
  gradus_frame_free(frame);
  return fit;
}

static void coefficients_have_13_digits_and_errors_13_5(void) {
  for (size_t i = 0; i < SETS; i++) {
    gradus_fit *fit = fit_set(i, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
    bool intercept = strncmp(sets[i].name, "NoInt", 5) != 0;
    for (size_t j = 0; j < gradus_fit_coefficients(fit); j++) {
      gradus_term term;
      char quantity[16];
      CHECK_STATUS(gradus_fit_term(fit, 0, j, 0, &term, NULL), GRADUS_OK, NULL);
      snprintf(quantity, sizeof quantity, "B%zu", intercept ? j : j + 1);
      check_digits(sets[i].name, quantity, term.estimate,
                   strcmp(sets[i].name, "Filip") == 0 ? 13.5 : 13.0);
      snprintf(quantity, sizeof quantity, "SE_B%zu", intercept ? j : j + 1);
      check_digits(sets[i].name, quantity, term.std_error, 13.5);
    }
    gradus_fit_free(fit);
  }
}

static void model_row_has_13_5_digits(void) {
  for (size_t i = 0; i < SETS; i++) {
    gradus_fit *fit = fit_set(i, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
    gradus_summary summary;
    CHECK_STATUS(gradus_fit_summary(fit, 0, &summary, NULL), GRADUS_OK, NULL);
    check_digits(sets[i].name, "residual_sd", summary.sigma, 13.5);
    check_digits(sets[i].name, "r_squared", summary.r_squared, 13.5);
    check_digits(sets[i].name, "df_res", summary.df_residual, 15);
    check_digits(sets[i].name, "df_reg", summary.df, 15);
    if (summary.sigma > 1e-10)
      check_digits(sets[i].name, "F", summary.statistic, 13.5);
    else
      CU_ASSERT(summary.statistic > 1e20); /* certified: infinite */
    gradus_fit_free(fit);
  }
}

static void qr_by_name_gives_the_same_digits(void) {
  for (size_t i = 0; i < SETS; i++) {
    gradus_fit *fit = fit_set(i, "qr"), *same = fit_set(i, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
    CU_ASSERT_PTR_NOT_NULL_FATAL(same);
    for (size_t j = 0; j < gradus_fit_coefficients(fit); j++)
      CU_ASSERT_EQUAL(gradus_fit_coefficient(fit, 0, j), gradus_fit_coefficient(same, 0, j));
    gradus_fit_free(fit);
    gradus_fit_free(same);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"coefficients have 13 digits (Filip 13.5), standard errors 13.5",
       coefficients_have_13_digits_and_errors_13_5},
      {"residual SD, R² and F have 13.5 digits", model_row_has_13_5_digits},
      {"QR by name gives the same digits", qr_by_name_gives_the_same_digits},
  };
  return test_main("nist", cases, sizeof cases / sizeof *cases);
}
