// SPDX-License-Identifier: GPL-3.0-or-later
/* Generalised linear models by formula against R 4.2.2 (glm) and, where it has the value, 50-digit
   arithmetic (mp.csv); what the families refuse, and extreme data. */
#include "support/cells.h"
#include "support/oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double of_r = 1e-10, of_mp = 1e-11;

static void check_terms(const oracle *o, const gradus_fit *fit) {
  const json_t *names = json_object_get(o->json, "names");
  CU_ASSERT_EQUAL_FATAL(gradus_fit_coefficients(fit), json_array_size(names));
  for (size_t j = 0; j < json_array_size(names); j++) {
    gradus_term term;
    const char *name = json_string_value(json_array_get(names, j));
    CHECK_STATUS(gradus_fit_term(fit, 0, j, 0, &term, NULL), GRADUS_OK, NULL);
    CU_ASSERT_STRING_EQUAL(term.term, name);
    CHECK_CLOSE(term.estimate, test_high_precision(o->id, "coef", name), of_mp);
    CHECK_CLOSE(term.std_error, test_high_precision(o->id, "se", name), of_r);
    CHECK_CLOSE(term.statistic, oracle_number(o, "z", j), of_r);
    CHECK_CLOSE(term.p_value, oracle_number(o, "p", j), of_r);
    CHECK_CLOSE(term.conf_low, oracle_number(o, "wald_ci95_lower", j), of_r);
    CHECK_CLOSE(term.conf_high, oracle_number(o, "wald_ci95_upper", j), of_r);
  }
}

static void check_model(const oracle *o, const gradus_fit *fit) {
  gradus_summary s;
  CHECK_STATUS(gradus_fit_summary(fit, 0, &s, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(s.nobs, oracle_number(o, "n", 0), 0);
  CHECK_CLOSE(s.df_residual, oracle_number(o, "df_residual", 0), 0);
  CHECK_CLOSE(s.deviance, test_high_precision(o->id, "deviance", NULL), of_r);
  CHECK_CLOSE(s.null_deviance, oracle_number(o, "null_deviance", 0), of_r);
  CHECK_CLOSE(s.dispersion, test_high_precision(o->id, "dispersion", NULL), of_r);
  CHECK_CLOSE(s.log_lik, oracle_number(o, "logLik", 0), of_r);
  CHECK_CLOSE(s.aic, oracle_number(o, "AIC", 0), of_r);
  CHECK_CLOSE(s.bic, oracle_number(o, "BIC", 0), of_r);
}

static void check_predictions(const oracle *o, const gradus_fit *fit) {
  if (!json_object_get(o->json, "pred_link"))
    return;
  gradus_frame *frame = oracle_new_data(o);
  gradus_prediction *link = NULL, *mean = NULL;
  gradus_error err = {0};
  gradus_predict_options options = {.type = GRADUS_PREDICT_LINK, .std_error = true};
  CHECK_STATUS(gradus_predict(&link, fit, frame, &options, &err), GRADUS_OK, &err);
  options = (gradus_predict_options){.interval = GRADUS_INTERVAL_CONFIDENCE};
  CHECK_STATUS(gradus_predict(&mean, fit, frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_TRUE_FATAL(link && mean);
  for (size_t i = 0; i < link->rows; i++) {
    CHECK_CLOSE(link->fitted[i], oracle_number(o, "pred_link", i), of_r);
    CHECK_CLOSE(link->std_error[i], oracle_number(o, "pred_link_se", i), of_r);
    CHECK_CLOSE(mean->fitted[i], oracle_number(o, "pred_response", i), of_r);
    /* R gives the ends in the order of the linear predictor. */
    double a = oracle_number(o, "pred_ci95_lower", i), b = oracle_number(o, "pred_ci95_upper", i);
    CHECK_CLOSE(mean->low[i], a < b ? a : b, of_r);
    CHECK_CLOSE(mean->high[i], a < b ? b : a, of_r);
  }
  gradus_prediction_free(link);
  gradus_prediction_free(mean);
  gradus_frame_free(frame);
}

static void every_model_has_r_s_numbers(void) {
  for (const char *const *id = oracle_glm_ids; *id; id++) {
    oracle o = oracle_open(*id);
    gradus_fit *fit = oracle_fit_glm(&o);
    check_terms(&o, fit);
    check_model(&o, fit);
    check_predictions(&o, fit);
    gradus_fit_free(fit);
    oracle_close(&o);
  }
}

static void the_gaussian_family_is_the_linear_model(void) {
  gradus_frame *cars = test_read_frame("@mtcars");
  gradus_fit *glm = NULL, *linear = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_glm_fit(&glm, "mpg ~ wt * factor(cyl)", cars, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_linear_fit(&linear, "mpg ~ wt * factor(cyl)", cars, NULL, &err), GRADUS_OK,
               &err);
  gradus_summary s, t;
  gradus_fit_summary(glm, 0, &s, NULL);
  gradus_fit_summary(linear, 0, &t, NULL);
  CHECK_CLOSE(s.deviance, t.deviance, 1e-13);
  CHECK_CLOSE(s.null_deviance, t.null_deviance, 1e-13);
  CHECK_CLOSE(s.dispersion, t.dispersion, 1e-13);
  CHECK_CLOSE(s.log_lik, t.log_lik, 1e-13);
  CHECK_CLOSE(s.aic, t.aic, 1e-13);
  for (size_t j = 0; j < gradus_fit_coefficients(glm); j++) {
    gradus_term a, b;
    gradus_fit_term(glm, 0, j, 0, &a, NULL);
    gradus_fit_term(linear, 0, j, 0, &b, NULL);
    CHECK_CLOSE(a.estimate, b.estimate, 1e-12);
    CHECK_CLOSE(a.std_error, b.std_error, 1e-12);
    CHECK_CLOSE(a.p_value, b.p_value, 1e-11);
  }
  gradus_fit_free(glm);
  gradus_fit_free(linear);
  gradus_frame_free(cars);
}

/* Bernoulli rows, the same as groups, and as frequencies: one likelihood but for its constant. */
static void grouped_trials_are_their_single_ones(void) {
  enum { CELLS = 4 };
  static const double x[CELLS] = {0, 1, 2, 3}, success[CELLS] = {2, 5, 7, 9},
                      failure[CELLS] = {8, 6, 5, 1};
  double xs[64], ys[64], xw[2 * CELLS], yw[2 * CELLS], w[2 * CELLS];
  size_t n = 0;
  for (size_t i = 0; i < CELLS; i++)
    for (size_t outcome = 0; outcome < 2; outcome++) {
      double count = outcome ? success[i] : failure[i];
      xw[2 * i + outcome] = x[i];
      yw[2 * i + outcome] = (double)outcome;
      w[2 * i + outcome] = count;
      for (size_t copy = 0; copy < (size_t)count; copy++, n++) {
        xs[n] = x[i];
        ys[n] = (double)outcome;
      }
    }
  gradus_frame *groups = NULL, *rows = NULL, *counts = NULL;
  gradus_fit *a = NULL, *b = NULL, *c = NULL;
  gradus_frame_new(&groups, CELLS, NULL);
  gradus_frame_add_numeric(groups, "x", x, 1, NULL);
  gradus_frame_add_numeric(groups, "s", success, 1, NULL);
  gradus_frame_add_numeric(groups, "f", failure, 1, NULL);
  gradus_frame_new(&rows, n, NULL);
  gradus_frame_add_numeric(rows, "x", xs, 1, NULL);
  gradus_frame_add_numeric(rows, "y", ys, 1, NULL);
  gradus_frame_new(&counts, 2 * CELLS, NULL);
  gradus_frame_add_numeric(counts, "x", xw, 1, NULL);
  gradus_frame_add_numeric(counts, "y", yw, 1, NULL);
  gradus_frame_add_numeric(counts, "w", w, 1, NULL);
  gradus_fit_options frequency = {.weights = "w", .weight_kind = GRADUS_WEIGHT_FREQUENCY};
  CHECK_STATUS(gradus_logistic_fit(&a, "cbind(s, f) ~ x", groups, NULL, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_logistic_fit(&b, "y ~ x", rows, NULL, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_logistic_fit(&c, "y ~ x", counts, &frequency, NULL), GRADUS_OK, NULL);
  gradus_summary s, t;
  gradus_fit_summary(b, 0, &s, NULL);
  gradus_fit_summary(c, 0, &t, NULL);
  CHECK_CLOSE(s.deviance, t.deviance, 1e-13);
  CHECK_CLOSE(s.log_lik, t.log_lik, 1e-13);
  CHECK_CLOSE(s.nobs, t.nobs, 0);
  CHECK_CLOSE(s.bic, t.bic, 1e-13);
  for (size_t j = 0; j < 2; j++) {
    gradus_term of_groups, of_rows, of_counts;
    gradus_fit_term(a, 0, j, 0, &of_groups, NULL);
    gradus_fit_term(b, 0, j, 0, &of_rows, NULL);
    gradus_fit_term(c, 0, j, 0, &of_counts, NULL);
    CHECK_CLOSE(of_groups.estimate, of_rows.estimate, 1e-12);
    CHECK_CLOSE(of_groups.std_error, of_rows.std_error, 1e-12);
    CHECK_CLOSE(of_counts.estimate, of_rows.estimate, 1e-12);
    CHECK_CLOSE(of_counts.std_error, of_rows.std_error, 1e-12);
  }
  gradus_fit_free(a);
  gradus_fit_free(b);
  gradus_fit_free(c);
  gradus_frame_free(groups);
  gradus_frame_free(rows);
  gradus_frame_free(counts);
}

static void a_perfect_gaussian_fit_has_infinite_likelihood(void) {
  double x[] = {1, 2, 3, 4}, y[] = {2, 4, 6, 8};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 4, 1);
  gsl_vector_view yv = gsl_vector_view_array(y, 4);
  gradus_fit *fit = NULL;
  gradus_summary s;
  CU_ASSERT(gradus_glm_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, NULL, NULL, NULL) <= 0);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  gradus_fit_summary(fit, 0, &s, NULL);
  CU_ASSERT(s.deviance == 0 ? isinf(s.log_lik) && s.aic < 0 : s.log_lik > 100);
  gradus_fit_free(fit);
}

static void responses_outside_the_family_are_named(void) {
  static const struct {
    const char *family;
    double bad;
  } cases[] = {{"binomial", 2}, {"binomial", -0.5}, {"poisson", -1},         {"poisson", 1.5},
               {"gamma", 0},    {"gamma", -2},      {"inverse_gaussian", 0}, {"quasipoisson", -1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double x[] = {1, 2, 3, 4, 5, 6}, y[] = {1, 1, 1, 0, 1, 1};
    if (strcmp(cases[i].family, "binomial") != 0)
      y[3] = 1;
    y[4] = cases[i].bad;
    gsl_matrix_view xv = gsl_matrix_view_array(x, 6, 1);
    gsl_vector_view yv = gsl_vector_view_array(y, 6);
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    gradus_fit_options options = {.family = cases[i].family};
    CHECK_STATUS(gradus_glm_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, NULL, &options, &err),
                 GRADUS_ERROR_BAD_RESPONSE, &err);
    CHECK_CONTAINS(err.message, "row 5");
    CHECK_CONTAINS(err.message, cases[i].family);
    CU_ASSERT_PTR_NULL(fit);
  }
}

static void bad_options_are_named(void) {
  gradus_frame *births = test_read_frame("@birthwt"), *iris = test_read_frame("@iris");
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(
      gradus_glm_fit(&fit, "low ~ age", births, &(gradus_fit_options){.family = "weibull"}, &err),
      GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "weibull");
  CHECK_CONTAINS(err.message, "poisson");
  err = (gradus_error){0};
  CHECK_STATUS(gradus_logistic_fit(&fit, "low ~ age", births,
                                   &(gradus_fit_options){.link = "inverse"}, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "cloglog");
  err = (gradus_error){0};
  CHECK_STATUS(gradus_logistic_fit(&fit, "Species ~ Sepal.Length", iris, NULL, &err),
               GRADUS_ERROR_BAD_RESPONSE, &err);
  CHECK_CONTAINS(err.message, "3 levels");
  err = (gradus_error){0};
  CHECK_STATUS(
      gradus_logistic_fit(&fit, "low ~ age", births, &(gradus_fit_options){.l2 = -1}, &err),
      GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CU_ASSERT_PTR_NULL(fit);
  gradus_frame_free(births);
  gradus_frame_free(iris);
}

static void an_unconverged_fit_has_no_standard_errors(void) {
  gradus_frame *births = test_read_frame("@birthwt");
  gradus_fit *fit = NULL;
  gradus_term term;
  gradus_fit_options options = {.max_iterations = 2};
  CHECK_STATUS(gradus_logistic_fit(&fit, "low ~ age + lwt + smoke", births, &options, NULL),
               GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_FALSE(gradus_fit_solver(fit)->converged);
  CHECK_CONTAINS(gradus_fit_solver(fit)->stop, "maximum number of iterations");
  gradus_fit_term(fit, 0, 1, 0, &term, NULL);
  CU_ASSERT_TRUE(isfinite(term.estimate) && isnan(term.std_error) && isnan(term.p_value));
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  gradus_predict_options options_of_errors = {.std_error = true};
  CHECK_STATUS(gradus_predict(&p, fit, births, &options_of_errors, &err), GRADUS_ERROR_UNSUPPORTED,
               &err);
  CHECK_CONTAINS(err.message, "not converged");
  gradus_fit_free(fit);
  gradus_frame_free(births);
}

static void the_modelled_level_is_the_second(void) {
  gradus_frame *frame = NULL;
  const char *answer[] = {"no", "yes", "no", "yes", "yes", "no"};
  double x[] = {1, 2, 3, 1, 3, 2};
  gradus_fit *fit = NULL;
  gradus_frame_new(&frame, 6, NULL);
  gradus_frame_add_text(frame, "answer", answer, NULL);
  gradus_frame_add_numeric(frame, "x", x, 1, NULL);
  CHECK_STATUS(gradus_logistic_fit(&fit, "answer ~ x", frame, NULL, NULL), GRADUS_OK, NULL);
  CU_ASSERT_STRING_EQUAL(gradus_fit_modelled_level(fit), "yes");
  CU_ASSERT_STRING_EQUAL(gradus_fit_family(fit), "binomial");
  CU_ASSERT_STRING_EQUAL(gradus_fit_link(fit), "logit");
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

/* Probabilities near 1e-300, counts of 1e9, weights across 12 orders. */
static void extreme_but_legal_data_converge(void) {
  double x[] = {0, 1, 2, 3, 4, 5}, rare[] = {0, 1, 0, 0, 0, 0};
  double trials[] = {1e12, 3, 1e6, 40, 5, 1}, counts[] = {1e9, 2e9, 1.5e9, 3e9, 2.5e9, 4e9};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 6, 1);
  gsl_vector_view rv = gsl_vector_view_array(rare, 6), tv = gsl_vector_view_array(trials, 6);
  gsl_vector_view cv = gsl_vector_view_array(counts, 6);
  double offset[] = {-690, -690, -690, -690, -690, -690}, one[] = {1, 0, 2, 1, 3, 2};
  gsl_vector_view ov = gsl_vector_view_array(offset, 6), nv = gsl_vector_view_array(one, 6);
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_term term;
  gradus_fit_options poisson = {.family = "poisson"};
  CHECK_STATUS(gradus_glm_fit_matrix(&fit, &xv.matrix, &cv.vector, NULL, NULL, &poisson, &err),
               GRADUS_OK, &err);
  CU_ASSERT_TRUE(fit && gradus_fit_solver(fit)->converged);
  gradus_fit_free(fit);
  /* An offset of -690 (e^-690 = 1e-300) only moves the intercept. */
  gradus_fit *shifted = NULL;
  CHECK_STATUS(gradus_glm_fit_matrix(&fit, &xv.matrix, &nv.vector, NULL, NULL, &poisson, &err),
               GRADUS_OK, &err);
  CHECK_STATUS(
      gradus_glm_fit_matrix(&shifted, &xv.matrix, &nv.vector, NULL, &ov.vector, &poisson, &err),
      GRADUS_OK, &err);
  CU_ASSERT_TRUE_FATAL(fit && shifted);
  CHECK_CLOSE(gradus_fit_coefficient(shifted, 0, 0), gradus_fit_coefficient(fit, 0, 0) + 690,
              1e-12);
  CHECK_CLOSE(gradus_fit_coefficient(shifted, 0, 1), gradus_fit_coefficient(fit, 0, 1), 1e-9);
  gradus_fit_free(shifted);
  gradus_fit_free(fit);
  gradus_fit_options binomial = {.family = "binomial", .weight_kind = GRADUS_WEIGHT_PRIOR};
  rare[0] = 1e-9;
  CHECK_STATUS(
      gradus_glm_fit_matrix(&fit, &xv.matrix, &rv.vector, &tv.vector, NULL, &binomial, &err),
      GRADUS_OK, &err);
  CU_ASSERT_TRUE_FATAL(fit != NULL);
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
  gradus_fit_term(fit, 0, 1, 0, &term, NULL);
  CU_ASSERT_TRUE(isfinite(term.estimate) && term.std_error > 0);
  gradus_fit_free(fit);
}

static void failed_allocations_leak_nothing(void) {
  gradus_frame *esoph = test_read_frame("@esoph");
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_fit_options serial = {.threads = 1};
    run.status = gradus_logistic_fit(&fit, "cbind(ncases, ncontrols) ~ agegp + offset(ncases * 0)",
                                     esoph, &serial, NULL);
    CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
    gradus_fit_free(fit);
  }
  gradus_frame_free(esoph);
}

int main(void) {
  static const test_case cases[] = {
      {"every model has R's numbers", every_model_has_r_s_numbers},
      {"the gaussian family is the linear model", the_gaussian_family_is_the_linear_model},
      {"grouped trials are their single ones", grouped_trials_are_their_single_ones},
      {"a perfect gaussian fit has an infinite likelihood",
       a_perfect_gaussian_fit_has_infinite_likelihood},
      {"responses outside the family are named", responses_outside_the_family_are_named},
      {"bad options are named", bad_options_are_named},
      {"an unconverged fit has no standard errors", an_unconverged_fit_has_no_standard_errors},
      {"the modelled level is the second", the_modelled_level_is_the_second},
      {"extreme but legal data converge", extreme_but_legal_data_converge},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("glm", cases, sizeof cases / sizeof *cases);
}
