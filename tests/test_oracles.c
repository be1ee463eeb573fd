// SPDX-License-Identifier: GPL-3.0-or-later
/* Linear models against R 4.2.2 (lm, sandwich) and, where it has the value, against 50-digit
   arithmetic (mp.csv), which is right where the two differ. */
#include "support/oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double of_r = 1e-10, of_mp = 1e-11;

typedef struct fitted_oracle {
  oracle of;
  gradus_fit *fit;
  gradus_source *source;
} fitted_oracle;

static void add_weights(const oracle *o) {
  gradus_frame *design = NULL;
  char path[64];
  size_t column = 0;
  snprintf(path, sizeof path, "oracles/%s.design.csv", o->id);
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_csv(&design, test_data(path), NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_TRUE_FATAL(design && gradus_frame_find(design, "weight", &column));
  CHECK_STATUS(
      gradus_frame_add_numeric(o->frame, "w", gradus_frame_numeric(design, column), 1, &err),
      GRADUS_OK, &err);
  gradus_frame_free(design);
}

static fitted_oracle open_oracle(const char *id) {
  fitted_oracle o = {.of = oracle_open(id)};
  gradus_error err = {0};
  gradus_fit_options options = {0};
  if (strstr(id, "wls")) {
    add_weights(&o.of);
    options.weights = "w";
    options.weight_kind = GRADUS_WEIGHT_ANALYTIC;
  }
  CHECK_STATUS(gradus_linear_fit(&o.fit, oracle_text(&o.of, "formula"), o.of.frame, &options, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(o.fit);
  CHECK_STATUS(
      gradus_source_from_frame(&o.source, gradus_fit_design(o.fit), o.of.frame, NULL, &err),
      GRADUS_OK, &err);
  return o;
}

static void close_oracle(fitted_oracle *o) {
  gradus_source_free(o->source);
  gradus_fit_free(o->fit);
  oracle_close(&o->of);
}

static void check_terms(const fitted_oracle *o) {
  const json_t *names = json_object_get(o->of.json, "names");
  CU_ASSERT_EQUAL_FATAL(gradus_fit_coefficients(o->fit), json_array_size(names));
  for (size_t j = 0; j < json_array_size(names); j++) {
    gradus_term term;
    const char *name = json_string_value(json_array_get(names, j));
    CHECK_STATUS(gradus_fit_term(o->fit, 0, j, 0, &term, NULL), GRADUS_OK, NULL);
    CU_ASSERT_STRING_EQUAL(term.term, name);
    CHECK_CLOSE(term.estimate, test_high_precision(o->of.id, "coef", name), of_mp);
    CHECK_CLOSE(term.std_error, test_high_precision(o->of.id, "se", name), of_mp);
    CHECK_CLOSE(term.statistic, oracle_number(&o->of, "t", j), of_r);
    CHECK_CLOSE(term.p_value, oracle_number(&o->of, "p", j), of_r);
    CHECK_CLOSE(term.conf_low, oracle_number(&o->of, "ci95_lower", j), of_r);
    CHECK_CLOSE(term.conf_high, oracle_number(&o->of, "ci95_upper", j), of_r);
  }
}

static void check_model(const fitted_oracle *o) {
  gradus_summary s;
  CHECK_STATUS(gradus_fit_summary(o->fit, 0, &s, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(s.nobs, oracle_number(&o->of, "n", 0), 0);
  CHECK_CLOSE(s.df_residual, oracle_number(&o->of, "df_residual", 0), 0);
  CHECK_CLOSE(s.deviance, test_high_precision(o->of.id, "rss", NULL), of_mp);
  CHECK_CLOSE(s.sigma, test_high_precision(o->of.id, "sigma", NULL), of_mp);
  CHECK_CLOSE(s.log_lik, oracle_number(&o->of, "logLik", 0), of_r);
  CHECK_CLOSE(s.aic, oracle_number(&o->of, "AIC", 0), of_r);
  CHECK_CLOSE(s.bic, oracle_number(&o->of, "BIC", 0), of_r);
  CHECK_CLOSE(s.r_squared, oracle_number(&o->of, "r_squared", 0), of_r);
  CHECK_CLOSE(s.adj_r_squared, oracle_number(&o->of, "adj_r_squared", 0), of_r);
  CHECK_CLOSE(s.statistic, oracle_number(&o->of, "F", 0), of_r);
  CHECK_CLOSE(s.p_value, oracle_number(&o->of, "F_p", 0), of_r);
}

static void check_covariance(const fitted_oracle *o) {
  size_t q = gradus_fit_coefficients(o->fit);
  gsl_matrix *covariance = gsl_matrix_alloc(q, q);
  CHECK_STATUS(gradus_fit_covariance(o->fit, 0, covariance, NULL), GRADUS_OK, NULL);
  const json_t *rows = json_object_get(o->of.json, "vcov");
  for (size_t i = 0; i < q; i++)
    for (size_t j = 0; j < q; j++)
      CHECK_CLOSE(gsl_matrix_get(covariance, i, j),
                  oracle_value(json_array_get(json_array_get(rows, i), j)), of_r);
  gsl_matrix_free(covariance);
}

static void check_diagnostics(const fitted_oracle *o) {
  gradus_diagnostics *d = NULL;
  CHECK_STATUS(gradus_fit_diagnostics(o->fit, o->source, &d, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL_FATAL(d->rows, (size_t)oracle_number(&o->of, "n", 0));
  for (size_t i = 0; i < d->rows; i++) {
    CHECK_CLOSE((double)d->row[i] + 1, oracle_number(&o->of, "rows_used", i), 0);
    CHECK_CLOSE(d->hat[i], oracle_number(&o->of, "hat", i), of_r);
    /* A residual is small beside what it is the difference of. */
    CHECK_CLOSE(d->fitted[i] + d->resid[i], d->fitted[i] + oracle_number(&o->of, "residuals", i),
                1e-13);
    CHECK_CLOSE(d->std_resid[i], oracle_number(&o->of, "rstandard", i), 1e-8);
    CHECK_CLOSE(d->student_resid[i], oracle_number(&o->of, "rstudent", i), 1e-8);
    CHECK_CLOSE(d->cooksd[i], oracle_number(&o->of, "cooks_distance", i), 1e-8);
    CHECK_CLOSE(d->dffits[i], oracle_number(&o->of, "dffits", i), 1e-8);
  }
  gradus_diagnostics_free(d);
}

static void check_predictions(const fitted_oracle *o) {
  gradus_frame *frame = oracle_new_data(&o->of);
  gradus_prediction *mean = NULL, *one = NULL;
  gradus_error err = {0};
  gradus_predict_options options = {.interval = GRADUS_INTERVAL_CONFIDENCE, .std_error = true};
  CHECK_STATUS(gradus_predict(&mean, o->fit, frame, &options, &err), GRADUS_OK, &err);
  options.interval = GRADUS_INTERVAL_PREDICTION;
  CHECK_STATUS(gradus_predict(&one, o->fit, frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_TRUE_FATAL(mean && one);
  for (size_t i = 0; i < mean->rows; i++) {
    CHECK_CLOSE(mean->fitted[i], oracle_number(&o->of, "pred_fit", i), of_r);
    CHECK_CLOSE(mean->std_error[i], oracle_number(&o->of, "pred_se", i), of_r);
    CHECK_CLOSE(mean->low[i], oracle_number(&o->of, "pred_ci95_lower", i), of_r);
    CHECK_CLOSE(mean->high[i], oracle_number(&o->of, "pred_ci95_upper", i), of_r);
    CHECK_CLOSE(one->low[i], oracle_number(&o->of, "pred_pi95_lower", i), of_r);
    CHECK_CLOSE(one->high[i], oracle_number(&o->of, "pred_pi95_upper", i), of_r);
  }
  gradus_prediction_free(mean);
  gradus_prediction_free(one);
  gradus_frame_free(frame);
}

static void check_oracle(const char *id) {
  fitted_oracle o = open_oracle(id);
  check_terms(&o);
  check_model(&o);
  check_covariance(&o);
  /* sandwich has 7.8 digits on Longley. */
  oracle_check_robust(&o.of, o.fit, o.source, strcmp(id, "longley_lm") == 0 ? 1e-7 : of_r);
  check_diagnostics(&o);
  check_predictions(&o);
  close_oracle(&o);
}

static void airquality(void) {
  check_oracle("airquality_lm");
}
static void birthwt(void) {
  check_oracle("birthwt_lm");
}
static void longley(void) {
  check_oracle("longley_lm");
}
static void mtcars(void) {
  check_oracle("mtcars_lm");
}
static void mtcars_weighted(void) {
  check_oracle("mtcars_wls");
}

/* Exact minimisers of Σ(y - b - Wx)²/2n + λ/2·‖W‖², 22 digits. */
static void ridge(void) {
  char line[256], id[32] = "", term[64];
  double lambda, last = -1, expected;
  fitted_oracle o = {0};
  gradus_fit *fit = NULL;
  size_t checked = 0;
  FILE *file = fopen(test_data("oracles/ridge.csv"), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  while (fgets(line, sizeof line, file)) {
    char design[32];
    if (sscanf(line, "%31[^,],gaussian,0.0,%lf,0,%63[^,],%lf", design, &lambda, term, &expected) !=
        4)
      continue;
    if (strcmp(design, id) != 0 || lambda != last) {
      gradus_fit_free(fit);
      if (o.fit)
        close_oracle(&o);
      strcpy(id, design);
      last = lambda;
      o = open_oracle(id);
      const char *formula = oracle_text(&o.of, "formula");
      CHECK_STATUS(
          gradus_linear_fit(&fit, formula, o.of.frame, &(gradus_fit_options){.l2 = lambda}, NULL),
          GRADUS_OK, NULL);
    }
    for (size_t j = 0; j < gradus_fit_coefficients(fit); j++)
      if (strcmp(gradus_fit_coefficient_name(fit, j), term) == 0) {
        CHECK_CLOSE(gradus_fit_coefficient(fit, 0, j), expected, 1e-13);
        checked++;
      }
  }
  CU_ASSERT_EQUAL(checked, 36);
  gradus_fit_free(fit);
  close_oracle(&o);
  fclose(file);
}

int main(void) {
  static const test_case cases[] = {
      {"airquality: lm's numbers, missing rows dropped", airquality},
      {"birthwt: lm's numbers", birthwt},
      {"longley: lm's numbers", longley},
      {"mtcars: lm's numbers, a factor by levels", mtcars},
      {"mtcars: weighted lm's numbers", mtcars_weighted},
      {"ridge: the exact minimisers", ridge},
  };
  return test_main("oracles", cases, sizeof cases / sizeof *cases);
}
