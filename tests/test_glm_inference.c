// SPDX-License-Identifier: GPL-3.0-or-later
/* Diagnostics and robust covariances of generalised linear models against R 4.2.2 (influence.glm
   and its kin, sandwich) and, where it has the value, 50-digit arithmetic (mp.csv). */
#include "support/oracle.h"
#include "support/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double of_r = 1e-10;

/* A unit deviance is a small difference: of one near 0 R, too, has only its first digits. */
static double of_deviance(double residual) {
  return of_r + 1e-12 / fabs(residual);
}

static void check_diagnostics(const oracle *o, const gradus_fit *fit, const gradus_source *source) {
  gradus_diagnostics *d = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_fit_diagnostics(fit, source, &d, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL_FATAL(d->rows, (size_t)oracle_number(o, "n", 0));
  for (size_t i = 0; i < d->rows; i++) {
    CHECK_CLOSE((double)d->row[i] + 1, oracle_number(o, "rows_used", i), 0);
    CHECK_CLOSE(d->fitted[i], oracle_number(o, "fitted", i), of_r);
    CHECK_CLOSE(d->hat[i], oracle_number(o, "hat", i), of_r);
    CHECK_CLOSE(d->resid[i], oracle_number(o, "residuals_deviance", i), of_deviance(d->resid[i]));
    CHECK_CLOSE(d->pearson_resid[i], oracle_number(o, "residuals_pearson", i), of_r);
    CHECK_CLOSE(d->working_resid[i], oracle_number(o, "residuals_working", i), of_r);
    CHECK_CLOSE(d->cooksd[i], oracle_number(o, "cooks_distance", i), of_r);
    CHECK_CLOSE(d->std_resid[i], oracle_number(o, "rstandard", i), of_deviance(d->resid[i]));
    CHECK_CLOSE(d->student_resid[i], oracle_number(o, "rstudent", i), of_deviance(d->resid[i]));
  }
  gradus_diagnostics_free(d);
}

static void every_model_has_r_s_numbers(void) {
  for (const char *const *id = oracle_glm_ids; *id; id++) {
    oracle o = oracle_open(*id);
    gradus_fit *fit = oracle_fit_glm(&o);
    gradus_source *source = table_rows(fit, o.frame);
    oracle_check_robust(&o, fit, source, of_r);
    check_diagnostics(&o, fit, source);
    gradus_source_free(source);
    gradus_fit_free(fit);
    oracle_close(&o);
  }
}

static gradus_fit *fitted(const char *formula, const gradus_frame *frame,
                          const gradus_fit_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_glm_fit(&fit, formula, frame, options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

static void dffits_are_r_s(void) {
  static const struct {
    const char *name, *data, *formula, *family;
  } models[] = {{"logit", "@birthwt", "low ~ age + lwt + smoke", "binomial"},
                {"gamma", "@trees", "Volume ~ Girth + Height", "gamma"},
                {"quasipoisson", "@warpbreaks", "breaks ~ wool * tension", "quasipoisson"}};
  gradus_frame *expected = table_open("inference/dffits.csv");
  size_t at = 0;
  for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
    gradus_frame *frame = table_open(models[m].data);
    gradus_fit *fit =
        fitted(models[m].formula, frame, &(gradus_fit_options){.family = models[m].family});
    gradus_source *source = table_rows(fit, frame);
    gradus_diagnostics *d = NULL;
    CHECK_STATUS(gradus_fit_diagnostics(fit, source, &d, NULL), GRADUS_OK, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    for (size_t i = 0; i < d->rows; i++, at++) {
      CU_ASSERT_STRING_EQUAL(table_text(expected, "model", at), models[m].name);
      CHECK_CLOSE(d->dffits[i], table_number(expected, "dffits", at), of_r);
    }
    gradus_diagnostics_free(d);
    gradus_source_free(source);
    gradus_fit_free(fit);
    gradus_frame_free(frame);
  }
  CU_ASSERT_EQUAL(at, gradus_frame_rows(expected));
  gradus_frame_free(expected);
}

/* Gamma with prior weights: t tests; covariance and predictions follow the errors. */
static void robust_errors_know_prior_weights(void) {
  gradus_frame *trees = table_open("@trees"), *expected = table_open("inference/robust.csv");
  table_add_weights(trees, "w");
  gradus_fit_options options = {
      .family = "gamma", .link = "log", .weights = "w", .weight_kind = GRADUS_WEIGHT_PRIOR};
  gradus_fit *fit = fitted("Volume ~ log(Girth)", trees, &options);
  gradus_source *source = table_rows(fit, trees);
  gsl_matrix *covariance = gsl_matrix_alloc(2, 2);
  for (size_t i = 0; i < gradus_frame_rows(expected); i++) {
    gradus_term term;
    gradus_robust type = (gradus_robust)(GRADUS_ROBUST_HC0 + i / 2);
    CHECK_STATUS(gradus_fit_set_robust(fit, source, type, NULL), GRADUS_OK, NULL);
    gradus_fit_term(fit, 0, i % 2, 0, &term, NULL);
    CHECK_CLOSE(term.std_error, table_number(expected, "se", i), of_r);
    CHECK_CLOSE(term.p_value, table_number(expected, "p_value", i), 1e-9);
    gradus_fit_covariance(fit, 0, covariance, NULL);
    CHECK_CLOSE(sqrt(gsl_matrix_get(covariance, i % 2, i % 2)), table_number(expected, "se", i),
                of_r);
  }
  gsl_matrix_free(covariance);
  gradus_source_free(source);
  gradus_fit_free(fit);
  gradus_frame_free(trees);
  gradus_frame_free(expected);
}

static void check_pseudo(const gradus_frame *expected, size_t row, const char *name,
                         gradus_fit *fit) {
  gradus_summary s;
  CU_ASSERT_STRING_EQUAL_FATAL(table_text(expected, "model", row), name);
  CHECK_STATUS(gradus_fit_summary(fit, 0, &s, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(s.r_squared_cox_snell, table_number(expected, "cox_snell", row), of_r);
  const char *family = gradus_fit_family(fit);
  if (strcmp(family, "binomial") == 0 || strcmp(family, "poisson") == 0) {
    CHECK_CLOSE(s.r_squared_mcfadden, table_number(expected, "mcfadden", row), of_r);
    CHECK_CLOSE(s.r_squared_nagelkerke, table_number(expected, "nagelkerke", row), of_r);
  } else { /* of a density: they would change with the unit of the response */
    CU_ASSERT_TRUE(isnan(s.r_squared_mcfadden) && isnan(s.r_squared_nagelkerke));
  }
  gradus_fit_free(fit);
}

/* R: logLik() of the model and of the one with the intercept and the offset alone. */
static void pseudo_r_squared_are_r_s(void) {
  static const struct {
    const char *name, *data, *formula, *family, *link;
    gradus_weight_kind weights;
  } models[] = {
      {"logit", "@birthwt", "low ~ age + lwt + smoke", "binomial", NULL, 0},
      {"logit_offset", "@birthwt", "low ~ lwt + offset(age / 50)", "binomial", NULL, 0},
      {"probit", "@birthwt", "low ~ age + lwt + smoke", "binomial", "probit", 0},
      {"grouped", "@esoph", "cbind(ncases, ncontrols) ~ alcgp", "binomial", NULL, 0},
      {"poisson", "@warpbreaks", "breaks ~ wool * tension", "poisson", NULL, 0},
      {"poisson_weights", "@warpbreaks", "breaks ~ wool * tension", "poisson", NULL,
       GRADUS_WEIGHT_PRIOR},
      {"poisson_offset", "@warpbreaks", "breaks ~ wool + offset(log(w))", "poisson", NULL, 0},
      {"poisson_no_intercept", "@warpbreaks", "breaks ~ wool - 1", "poisson", NULL, 0},
      {"gamma", "@trees", "Volume ~ log(Girth)", "gamma", "log", 0},
      {"gamma_weights", "@trees", "Volume ~ log(Girth)", "gamma", "log", GRADUS_WEIGHT_PRIOR},
      {"inverse_gaussian", "@trees", "Volume ~ log(Girth)", "inverse_gaussian", "log", 0},
      {"inverse_gaussian_weights", "@trees", "Volume ~ log(Girth)", "inverse_gaussian", "log",
       GRADUS_WEIGHT_PRIOR},
      {"gaussian", "@mtcars", "mpg ~ wt", "gaussian", NULL, 0},
      {"gaussian_weights", "@mtcars", "mpg ~ wt", "gaussian", NULL, GRADUS_WEIGHT_ANALYTIC}};
  gradus_frame *expected = table_open("inference/pseudo.csv");
  CU_ASSERT_EQUAL(gradus_frame_rows(expected), sizeof models / sizeof *models);
  for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
    gradus_frame *frame = table_open(models[i].data);
    if (strcmp(models[i].data, "@mtcars") == 0)
      gradus_frame_add_numeric(frame, "w", table_column(frame, "carb"), 1, NULL);
    else
      table_add_weights(frame, "w");
    gradus_fit_options options = {.family = models[i].family,
                                  .link = models[i].link,
                                  .weights = models[i].weights ? "w" : NULL,
                                  .weight_kind = models[i].weights};
    check_pseudo(expected, i, models[i].name, fitted(models[i].formula, frame, &options));
    gradus_frame_free(frame);
  }
  gradus_frame_free(expected);
}

static void what_has_no_likelihood_has_no_pseudo_r_squared(void) {
  gradus_frame *warp = table_open("@warpbreaks");
  gradus_fit_options options[] = {{.family = "quasipoisson"},
                                  {.family = "poisson", .max_iterations = 1}};
  gradus_fit *fits[] = {fitted("breaks ~ wool", warp, &options[0]),
                        fitted("breaks ~ wool", warp, &options[1]), NULL};
  gradus_linear_fit(&fits[2], "breaks ~ wool", warp, NULL, NULL);
  for (size_t i = 0; i < 3; i++) {
    gradus_summary s;
    gradus_fit_summary(fits[i], 0, &s, NULL);
    CU_ASSERT_TRUE(isnan(s.r_squared_mcfadden) && isnan(s.r_squared_cox_snell) &&
                   isnan(s.r_squared_nagelkerke) && isnan(s.null_log_lik));
    gradus_fit_free(fits[i]);
  }
  gradus_frame_free(warp);
}

/* Row i of `many` is row of[i] of `frame`. */
static gradus_frame *repeated(const gradus_frame *frame, const double *times, size_t *of) {
  gradus_frame *many = NULL;
  const double *y = table_column(frame, "y"), *x = table_column(frame, "x");
  double ys[64], xs[64];
  size_t n = 0;
  for (size_t i = 0; i < gradus_frame_rows(frame); i++)
    for (size_t copy = 0; copy < (size_t)times[i]; copy++, n++) {
      ys[n] = y[i];
      xs[n] = x[i];
      of[n] = i;
    }
  gradus_frame_new(&many, n, NULL);
  gradus_frame_add_numeric(many, "y", ys, 1, NULL);
  gradus_frame_add_numeric(many, "x", xs, 1, NULL);
  return many;
}

static void frequencies_are_repeated_rows(void) {
  static const double x[] = {1, 2, 3, 4, 5, 6, 7}, y[] = {2, 3, 1, 6, 4, 9, 8},
                      w[] = {1, 2, 3, 0, 2, 1, 2};
  enum { N = 7 };
  gradus_frame *frame = NULL;
  size_t of[64];
  gradus_frame_new(&frame, N, NULL);
  gradus_frame_add_numeric(frame, "x", x, 1, NULL);
  gradus_frame_add_numeric(frame, "y", y, 1, NULL);
  gradus_frame_add_numeric(frame, "w", w, 1, NULL);
  gradus_frame *many = repeated(frame, w, of);
  gradus_fit_options plain = {.family = "quasipoisson"}, options = plain;
  options.weights = "w";
  options.weight_kind = GRADUS_WEIGHT_FREQUENCY;
  gradus_fit *a = fitted("y ~ x", frame, &options), *b = fitted("y ~ x", many, &plain);
  gradus_source *with = table_rows(a, frame), *rows = table_rows(b, many);
  for (int type = GRADUS_ROBUST_HC0; type <= GRADUS_ROBUST_HC3; type++) {
    CHECK_STATUS(gradus_fit_set_robust(a, with, (gradus_robust)type, NULL), GRADUS_OK, NULL);
    CHECK_STATUS(gradus_fit_set_robust(b, rows, (gradus_robust)type, NULL), GRADUS_OK, NULL);
    for (size_t j = 0; j < 2; j++) {
      gradus_term s, t;
      gradus_fit_term(a, 0, j, 0, &s, NULL);
      gradus_fit_term(b, 0, j, 0, &t, NULL);
      CHECK_CLOSE(s.std_error, t.std_error, 1e-12);
    }
  }
  gradus_diagnostics *d = NULL, *e = NULL;
  CHECK_STATUS(gradus_fit_diagnostics(a, with, &d, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_diagnostics(b, rows, &e, NULL), GRADUS_OK, NULL);
  CU_ASSERT_TRUE_FATAL(d && e);
  for (size_t i = 0; i < e->rows; i++) {
    CHECK_CLOSE(d->hat[of[i]], e->hat[i], 1e-12);
    CHECK_CLOSE(d->resid[of[i]], e->resid[i], 1e-11);
    CHECK_CLOSE(d->cooksd[of[i]], e->cooksd[i], 1e-11);
    CHECK_CLOSE(d->student_resid[of[i]], e->student_resid[i], 1e-11);
  }
  /* The row that is not there (weight 0). */
  CU_ASSERT(isfinite(d->fitted[3]) && isnan(d->resid[3]) && isnan(d->cooksd[3]));
  gradus_diagnostics_free(d);
  gradus_diagnostics_free(e);
  gradus_source_free(with);
  gradus_source_free(rows);
  gradus_fit_free(a);
  gradus_fit_free(b);
  gradus_frame_free(frame);
  gradus_frame_free(many);
}

/* The gaussian family with the identity link: numbers of the linear model. */
static void the_gaussian_family_is_the_linear_model(void) {
  gradus_frame *cars = table_open("@mtcars");
  gradus_fit *glm = fitted("mpg ~ wt + hp", cars, NULL), *linear = NULL;
  CHECK_STATUS(gradus_linear_fit(&linear, "mpg ~ wt + hp", cars, NULL, NULL), GRADUS_OK, NULL);
  gradus_source *rows = table_rows(glm, cars);
  gradus_diagnostics *d = NULL, *e = NULL;
  CHECK_STATUS(gradus_fit_diagnostics(glm, rows, &d, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_diagnostics(linear, rows, &e, NULL), GRADUS_OK, NULL);
  CU_ASSERT_TRUE_FATAL(d && e);
  CU_ASSERT(d->pearson_resid && !e->pearson_resid && !e->working_resid);
  for (size_t i = 0; i < d->rows; i++) {
    CHECK_CLOSE(d->resid[i], e->resid[i], 1e-11);
    CHECK_CLOSE(d->working_resid[i], e->resid[i], 1e-11);
    CHECK_CLOSE(d->std_resid[i], e->std_resid[i], 1e-11);
    CHECK_CLOSE(d->student_resid[i], e->student_resid[i], 1e-11);
    CHECK_CLOSE(d->dffits[i], e->dffits[i], 1e-11);
    CHECK_CLOSE(d->cooksd[i], e->cooksd[i], 1e-10);
  }
  gradus_diagnostics_free(d);
  gradus_diagnostics_free(e);
  gradus_source_free(rows);
  gradus_fit_free(glm);
  gradus_fit_free(linear);
  gradus_frame_free(cars);
}

static void a_row_that_alone_determines_its_mean_is_named(void) {
  static const double x[] = {0, 0, 0, 0, 1}, y[] = {3, 5, 2, 4, 7};
  gradus_frame *frame = NULL;
  gradus_frame_new(&frame, 5, NULL);
  gradus_frame_add_numeric(frame, "x", x, 1, NULL);
  gradus_frame_add_numeric(frame, "y", y, 1, NULL);
  gradus_fit *fit = fitted("y ~ x", frame, &(gradus_fit_options){.family = "poisson"});
  gradus_source *rows = table_rows(fit, frame);
  gradus_error err = {0};
  gradus_diagnostics *d = NULL;
  CHECK_STATUS(gradus_fit_diagnostics(fit, rows, &d, &err), GRADUS_WARNING_LEVERAGE_ONE, &err);
  CHECK_CONTAINS(err.message, "row 5");
  CU_ASSERT_PTR_NOT_NULL_FATAL(d);
  CU_ASSERT(d->hat[4] == 1 && isnan(d->cooksd[4]) && isnan(d->std_resid[4]));
  CU_ASSERT(isfinite(d->cooksd[0]) && isfinite(d->resid[4]));
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_set_robust(fit, rows, GRADUS_ROBUST_HC3, &err),
               GRADUS_WARNING_LEVERAGE_ONE, &err);
  gradus_term term;
  gradus_fit_term(fit, 0, 1, 0, &term, NULL);
  CU_ASSERT_TRUE(isnan(term.std_error));
  gradus_diagnostics_free(d);
  gradus_source_free(rows);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void other_rows_than_those_fitted_are_refused(void) {
  gradus_frame *warp = table_open("@warpbreaks");
  gradus_fit *fit = fitted("breaks ~ wool", warp, &(gradus_fit_options){.family = "poisson"});
  gradus_fit *open = fitted("breaks ~ wool", warp,
                            &(gradus_fit_options){.family = "poisson", .max_iterations = 1});
  double x[] = {0, 1, 0, 1}, y[] = {3, 4.5};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 2, 1), yv = gsl_matrix_view_array(y, 2, 1),
                  two = gsl_matrix_view_array(x, 2, 2);
  gradus_source *rows = table_rows(fit, warp), *odd = NULL, *pair = NULL;
  gradus_diagnostics *d = NULL;
  gradus_error err = {0};
  gradus_source_from_matrix(&odd, &xv.matrix, &yv.matrix, NULL, GRADUS_WEIGHT_NONE, NULL, NULL);
  gradus_source_from_matrix(&pair, &xv.matrix, &two.matrix, NULL, GRADUS_WEIGHT_NONE, NULL, NULL);
  CHECK_STATUS(gradus_fit_diagnostics(fit, odd, &d, &err), GRADUS_ERROR_BAD_RESPONSE, &err);
  CHECK_CONTAINS(err.message, "row 2");
  CU_ASSERT_PTR_NULL(d);
  CHECK_STATUS(gradus_fit_set_robust(fit, odd, GRADUS_ROBUST_HC0, NULL), GRADUS_ERROR_BAD_RESPONSE,
               NULL);
  CHECK_STATUS(gradus_fit_diagnostics(fit, pair, &d, NULL), GRADUS_ERROR_SHAPE, NULL);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_fit_diagnostics(open, rows, &d, &err), GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "not converged");
  gradus_source_free(rows);
  gradus_source_free(odd);
  gradus_source_free(pair);
  gradus_fit_free(fit);
  gradus_fit_free(open);
  gradus_frame_free(warp);
}

static void failed_allocations_leak_nothing(void) {
  gradus_frame *esoph = table_open("@esoph");
  gradus_fit *fit = fitted("cbind(ncases, ncontrols) ~ agegp", esoph,
                           &(gradus_fit_options){.family = "binomial"});
  gradus_source *source = table_rows(fit, esoph);
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_diagnostics *d = NULL;
    run.status = gradus_fit_diagnostics(fit, source, &d, NULL);
    CU_ASSERT_EQUAL(d == NULL, run.status > 0);
    gradus_diagnostics_free(d);
    if (run.status == GRADUS_OK)
      run.status = gradus_fit_set_robust(fit, source, GRADUS_ROBUST_HC3, NULL);
    if (run.status == GRADUS_OK)
      gradus_fit_set_robust(fit, source, GRADUS_ROBUST_NONE, NULL);
  }
  gradus_source_free(source);
  gradus_fit_free(fit);
  gradus_frame_free(esoph);
}

int main(void) {
  static const test_case cases[] = {
      {"every model has R's numbers", every_model_has_r_s_numbers},
      {"dffits are R's", dffits_are_r_s},
      {"robust errors know prior weights", robust_errors_know_prior_weights},
      {"pseudo-R² are R's", pseudo_r_squared_are_r_s},
      {"what has no likelihood has no pseudo-R²", what_has_no_likelihood_has_no_pseudo_r_squared},
      {"frequencies are repeated rows", frequencies_are_repeated_rows},
      {"the gaussian family is the linear model", the_gaussian_family_is_the_linear_model},
      {"a row that alone determines its mean is named",
       a_row_that_alone_determines_its_mean_is_named},
      {"other rows than those fitted are refused", other_rows_than_those_fitted_are_refused},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("glm inference", cases, sizeof cases / sizeof *cases);
}
