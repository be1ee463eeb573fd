// SPDX-License-Identifier: GPL-3.0-or-later
/* Linear models against R 4.2.2 (lm, sandwich) and, where it has the value, against 50-digit
   arithmetic (mp.csv), which is right where the two differ. */
#include "support/support.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double of_r = 1e-10, of_mp = 1e-11;

typedef struct oracle {
  const char *id;
  json_t *json;
  gradus_frame *frame;
  gradus_fit *fit;
  gradus_source *source;
} oracle;

static double high_precision(const char *id, const char *quantity, const char *name) {
  char line[256], key[128];
  double value = NAN;
  FILE *file = fopen(test_data("oracles/mp.csv"), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  int length = name ? snprintf(key, sizeof key, "%s,%s:%s,", id, quantity, name)
                    : snprintf(key, sizeof key, "%s,%s,", id, quantity);
  while (fgets(line, sizeof line, file))
    if (strncmp(line, key, (size_t)length) == 0)
      value = strtod(line + length, NULL);
  fclose(file);
  return value;
}

static double number(const json_t *value) {
  if (json_is_string(value))
    return strtod(json_string_value(value), NULL);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static double member(const oracle *o, const char *key, size_t i) {
  const json_t *value = json_object_get(o->json, key);
  CU_ASSERT_PTR_NOT_NULL(value);
  return number(json_is_array(value) ? json_array_get(value, i) : value);
}

static void set_levels(const oracle *o, gradus_frame *frame) {
  const char *column;
  json_t *levels;
  json_object_foreach(json_object_get(o->json, "levels"), column, levels) {
    const char *texts[16];
    size_t count = json_array_size(levels);
    for (size_t i = 0; i < count && i < 16; i++)
      texts[i] = json_string_value(json_array_get(levels, i));
    gradus_error err = {0};
    CHECK_STATUS(gradus_frame_set_levels(frame, column, texts, count, &err), GRADUS_OK, &err);
  }
}

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

static oracle open_oracle(const char *id) {
  oracle o = {.id = id};
  char path[64], data[64];
  gradus_error err = {0};
  snprintf(path, sizeof path, "oracles/%s.json", id);
  o.json = json_load_file(test_data(path), 0, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(o.json);
  snprintf(data, sizeof data, "@%s", json_string_value(json_object_get(o.json, "data")));
  *strrchr(data, '.') = '\0';
  CHECK_STATUS(gradus_frame_read_csv(&o.frame, data, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(o.frame);
  set_levels(&o, o.frame);
  gradus_fit_options options = {0};
  if (strstr(id, "wls")) {
    add_weights(&o);
    options.weights = "w";
    options.weight_kind = GRADUS_WEIGHT_ANALYTIC;
  }
  const char *formula = json_string_value(json_object_get(o.json, "formula"));
  CHECK_STATUS(gradus_linear_fit(&o.fit, formula, o.frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(o.fit);
  CHECK_STATUS(gradus_source_from_frame(&o.source, gradus_fit_design(o.fit), o.frame, NULL, &err),
               GRADUS_OK, &err);
  return o;
}

static void close_oracle(oracle *o) {
  gradus_source_free(o->source);
  gradus_fit_free(o->fit);
  gradus_frame_free(o->frame);
  json_decref(o->json);
}

static void check_terms(const oracle *o) {
  const json_t *names = json_object_get(o->json, "names");
  CU_ASSERT_EQUAL_FATAL(gradus_fit_coefficients(o->fit), json_array_size(names));
  for (size_t j = 0; j < json_array_size(names); j++) {
    gradus_term term;
    const char *name = json_string_value(json_array_get(names, j));
    CHECK_STATUS(gradus_fit_term(o->fit, 0, j, 0, &term, NULL), GRADUS_OK, NULL);
    CU_ASSERT_STRING_EQUAL(term.term, name);
    CHECK_CLOSE(term.estimate, high_precision(o->id, "coef", name), of_mp);
    CHECK_CLOSE(term.std_error, high_precision(o->id, "se", name), of_mp);
    CHECK_CLOSE(term.statistic, member(o, "t", j), of_r);
    CHECK_CLOSE(term.p_value, member(o, "p", j), of_r);
    CHECK_CLOSE(term.conf_low, member(o, "ci95_lower", j), of_r);
    CHECK_CLOSE(term.conf_high, member(o, "ci95_upper", j), of_r);
  }
}

static void check_model(const oracle *o) {
  gradus_summary s;
  CHECK_STATUS(gradus_fit_summary(o->fit, 0, &s, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(s.nobs, member(o, "n", 0), 0);
  CHECK_CLOSE(s.df_residual, member(o, "df_residual", 0), 0);
  CHECK_CLOSE(s.deviance, high_precision(o->id, "rss", NULL), of_mp);
  CHECK_CLOSE(s.sigma, high_precision(o->id, "sigma", NULL), of_mp);
  CHECK_CLOSE(s.log_lik, member(o, "logLik", 0), of_r);
  CHECK_CLOSE(s.aic, member(o, "AIC", 0), of_r);
  CHECK_CLOSE(s.bic, member(o, "BIC", 0), of_r);
  CHECK_CLOSE(s.r_squared, member(o, "r_squared", 0), of_r);
  CHECK_CLOSE(s.adj_r_squared, member(o, "adj_r_squared", 0), of_r);
  CHECK_CLOSE(s.statistic, member(o, "F", 0), of_r);
  CHECK_CLOSE(s.p_value, member(o, "F_p", 0), of_r);
}

static void check_covariance(const oracle *o) {
  size_t q = gradus_fit_coefficients(o->fit);
  gsl_matrix *covariance = gsl_matrix_alloc(q, q);
  CHECK_STATUS(gradus_fit_covariance(o->fit, 0, covariance, NULL), GRADUS_OK, NULL);
  const json_t *rows = json_object_get(o->json, "vcov");
  for (size_t i = 0; i < q; i++)
    for (size_t j = 0; j < q; j++)
      CHECK_CLOSE(gsl_matrix_get(covariance, i, j),
                  number(json_array_get(json_array_get(rows, i), j)), of_r);
  gsl_matrix_free(covariance);
}

/* sandwich has 7.8 digits on Longley: there HC0 and HC3 are those of mp.csv, HC1 follows from HC0.
 */
static void check_robust(const oracle *o) {
  static const struct {
    const char *name;
    gradus_robust type;
  } types[] = {{"HC0", GRADUS_ROBUST_HC0},
               {"HC1", GRADUS_ROBUST_HC1},
               {"HC2", GRADUS_ROBUST_HC2},
               {"HC3", GRADUS_ROBUST_HC3}};
  bool longley = strcmp(o->id, "longley_lm") == 0;
  double n = member(o, "n", 0), df = member(o, "df_residual", 0);
  for (size_t i = 0; i < 4; i++) {
    CHECK_STATUS(gradus_fit_set_robust(o->fit, o->source, types[i].type, NULL), GRADUS_OK, NULL);
    const json_t *of_type = json_object_get(json_object_get(o->json, "se_robust"), types[i].name);
    for (size_t j = 0; j < gradus_fit_coefficients(o->fit); j++) {
      gradus_term term;
      CHECK_STATUS(gradus_fit_term(o->fit, 0, j, 0, &term, NULL), GRADUS_OK, NULL);
      double mp = high_precision(o->id, types[i].type == GRADUS_ROBUST_HC1 ? "HC0" : types[i].name,
                                 term.term);
      if (types[i].type == GRADUS_ROBUST_HC1)
        mp *= sqrt(n / df);
      if (types[i].type != GRADUS_ROBUST_HC2)
        CHECK_CLOSE(term.std_error, mp, of_r);
      CHECK_CLOSE(term.std_error, number(json_array_get(of_type, j)), longley ? 1e-7 : of_r);
    }
  }
  CHECK_STATUS(gradus_fit_set_robust(o->fit, o->source, GRADUS_ROBUST_NONE, NULL), GRADUS_OK, NULL);
}

static void check_diagnostics(const oracle *o) {
  gradus_diagnostics *d = NULL;
  CHECK_STATUS(gradus_fit_diagnostics(o->fit, o->source, &d, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL_FATAL(d->rows, (size_t)member(o, "n", 0));
  for (size_t i = 0; i < d->rows; i++) {
    CHECK_CLOSE((double)d->row[i] + 1, member(o, "rows_used", i), 0);
    CHECK_CLOSE(d->hat[i], member(o, "hat", i), of_r);
    /* A residual is small beside what it is the difference of. */
    CHECK_CLOSE(d->fitted[i] + d->resid[i], d->fitted[i] + member(o, "residuals", i), 1e-13);
    CHECK_CLOSE(d->std_resid[i], member(o, "rstandard", i), 1e-8);
    CHECK_CLOSE(d->student_resid[i], member(o, "rstudent", i), 1e-8);
    CHECK_CLOSE(d->cooksd[i], member(o, "cooks_distance", i), 1e-8);
    CHECK_CLOSE(d->dffits[i], member(o, "dffits", i), 1e-8);
  }
  gradus_diagnostics_free(d);
}

static gradus_frame *new_data(const oracle *o) {
  const char *name;
  json_t *values;
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  json_t *columns = json_object_get(o->json, "new_data");
  size_t rows = json_array_size(json_object_iter_value(json_object_iter(columns)));
  CHECK_STATUS(gradus_frame_new(&frame, rows, &err), GRADUS_OK, &err);
  json_object_foreach(columns, name, values) {
    double numbers[8];
    const char *texts[8];
    bool text = json_is_string(json_array_get(values, 0));
    for (size_t i = 0; i < rows && i < 8; i++) {
      numbers[i] = number(json_array_get(values, i));
      texts[i] = json_string_value(json_array_get(values, i));
    }
    CHECK_STATUS(text ? gradus_frame_add_text(frame, name, texts, &err)
                      : gradus_frame_add_numeric(frame, name, numbers, 1, &err),
                 GRADUS_OK, &err);
  }
  return frame;
}

static void check_predictions(const oracle *o) {
  gradus_frame *frame = new_data(o);
  gradus_prediction *mean = NULL, *one = NULL;
  gradus_error err = {0};
  gradus_predict_options options = {.interval = GRADUS_INTERVAL_CONFIDENCE, .std_error = true};
  CHECK_STATUS(gradus_predict(&mean, o->fit, frame, &options, &err), GRADUS_OK, &err);
  options.interval = GRADUS_INTERVAL_PREDICTION;
  CHECK_STATUS(gradus_predict(&one, o->fit, frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_TRUE_FATAL(mean && one);
  for (size_t i = 0; i < mean->rows; i++) {
    CHECK_CLOSE(mean->fitted[i], member(o, "pred_fit", i), of_r);
    CHECK_CLOSE(mean->std_error[i], member(o, "pred_se", i), of_r);
    CHECK_CLOSE(mean->low[i], member(o, "pred_ci95_lower", i), of_r);
    CHECK_CLOSE(mean->high[i], member(o, "pred_ci95_upper", i), of_r);
    CHECK_CLOSE(one->low[i], member(o, "pred_pi95_lower", i), of_r);
    CHECK_CLOSE(one->high[i], member(o, "pred_pi95_upper", i), of_r);
  }
  gradus_prediction_free(mean);
  gradus_prediction_free(one);
  gradus_frame_free(frame);
}

static void check_oracle(const char *id) {
  oracle o = open_oracle(id);
  check_terms(&o);
  check_model(&o);
  check_covariance(&o);
  check_robust(&o);
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
  oracle o = {0};
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
      const char *formula = json_string_value(json_object_get(o.json, "formula"));
      CHECK_STATUS(
          gradus_linear_fit(&fit, formula, o.frame, &(gradus_fit_options){.l2 = lambda}, NULL),
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
