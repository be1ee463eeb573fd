// SPDX-License-Identifier: GPL-3.0-or-later
/* Negative binomial regression against the joint maximum in 60-digit arithmetic
   (tests/reference/make_negative_binomial.py), which MASS's glm.nb finds to the digits that it
   iterates for. */
#include "../lib/objective/internal.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static gradus_frame *read_frame(const char *name) {
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_csv(&frame, name, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  return frame;
}

static const double *column(const gradus_frame *frame, const char *name) {
  size_t index;
  CU_ASSERT_FATAL(gradus_frame_find(frame, name, &index));
  return gradus_frame_numeric(frame, index);
}

/* ---- the functions of one observation ---- */

static void the_forms_keep_their_digits_for_any_theta_and_count(void) {
  const gradus_i_family *family = gradus_i_family_find("negative_binomial");
  gradus_frame *forms = read_frame(test_data("negative_binomial/forms.csv"));
  const double *y = column(forms, "y"), *mean = column(forms, "mean");
  const double *theta = column(forms, "theta"), *deviance = column(forms, "deviance");
  const double *density = column(forms, "log_density"), *score = column(forms, "score");
  const double *information = column(forms, "information");
  for (size_t i = 0; i < gradus_frame_rows(forms); i++) {
    double d = family->deviance(y[i], mean[i], theta[i]), s, o;
    CHECK_CLOSE(d, deviance[i], 1e-13);
    CHECK_CLOSE(family->log_saturated(y[i], theta[i], 1, 1) - 0.5 * d, density[i], 2e-14);
    family->shape_information(y[i], mean[i], theta[i], &s, &o);
    /* Both are differences of two terms, of which each is right to the last digits. */
    double ratio = (y[i] + theta[i]) / (mean[i] + theta[i]),
           x = (y[i] - mean[i]) / (mean[i] + theta[i]);
    double of_score = fabs(x) < 1e-4 ? x * x / 2 : x - log(ratio),
           of_information = x * x / (y[i] + theta[i]);
    CU_ASSERT(fabs(s - score[i]) <= 1e-13 * (fabs(score[i]) + of_score));
    CU_ASSERT(fabs(o - information[i]) <= 1e-12 * (fabs(information[i]) + of_information));
  }
  gradus_frame_free(forms);
}

static void an_infinite_theta_is_the_poisson_family(void) {
  const gradus_i_family *family = gradus_i_family_find("negative_binomial");
  const gradus_i_family *poisson = gradus_i_family_find("poisson");
  const double counts[] = {0, 1, 7, 1e9}, means[] = {1e-300, 0.3, 8, 1.1e9};
  for (size_t i = 0; i < 4; i++)
    for (size_t j = 0; j < 4; j++) {
      double y = counts[i], mean = means[j], score, fisher, score_of_poisson, fisher_of_poisson;
      family->information(y, mean, mean, HUGE_VAL, &score, &fisher);
      poisson->information(y, mean, mean, 0, &score_of_poisson, &fisher_of_poisson);
      CHECK_CLOSE(score, score_of_poisson, 0);
      CHECK_CLOSE(fisher, fisher_of_poisson, 0);
      CHECK_CLOSE(family->deviance(y, mean, HUGE_VAL), poisson->deviance(y, mean, 0), 0);
      CHECK_CLOSE(family->log_saturated(y, HUGE_VAL, 1, 1), poisson->log_saturated(y, 0, 1, 1), 0);
      CHECK_CLOSE(family->deviance(y, mean, 1e40), poisson->deviance(y, mean, 0), 1e-14);
    }
}

/* ---- fits ---- */

static const struct {
  const char *id, *data, *formula;
  gradus_fit_options options;
} models[] = {
    {"quine_log", "@quine", "Days ~ Eth + Sex + Age + Lrn", {0}},
    {"quine_sqrt", "@quine", "Days ~ Eth + Age", {.link = "sqrt"}},
    {"quine_identity", "@quine", "Days ~ Eth + Sex", {.link = "identity"}},
    {"quine_fixed", "@quine", "Days ~ Eth + Sex + Age + Lrn", {.theta = 2}},
    {"exposure", "exposure", "y ~ x + group + offset(log(time))", {0}},
    {"weighted", "weighted", "y ~ x1 + x2", {.weights = "w", .weight_kind = GRADUS_WEIGHT_PRIOR}},
    {"huge", "huge", "y ~ x", {0}}, /* counts up to 1e9 */
    {"nearly_poisson", "nearly_poisson", "y ~ x", {0}},
};
enum { MODELS = sizeof models / sizeof *models };

static gradus_fit *fit_model(size_t m, int threads) {
  char path[64];
  snprintf(path, sizeof path, "negative_binomial/%s.csv", models[m].data);
  gradus_frame *frame = read_frame(models[m].data[0] == '@' ? models[m].data : test_data(path));
  gradus_fit_options options = models[m].options;
  gradus_error err = {0};
  gradus_fit *fit = NULL;
  options.family = "negative_binomial";
  options.threads = threads;
  CHECK_STATUS(gradus_glm_fit(&fit, models[m].formula, frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_FATAL(fit && gradus_fit_solver(fit)->converged);
  gradus_frame_free(frame);
  return fit;
}

/* NaN if it is not there. */
static double expected(const char *id, const char *quantity, const char *name) {
  char key[128];
  snprintf(key, sizeof key, "%s,%s%s%s,", id, quantity, name ? ":" : "", name ? name : "");
  return test_number_after("negative_binomial/expected.csv", key);
}

static void check_model(size_t m) {
  const char *id = models[m].id;
  gradus_fit *fit = fit_model(m, 0);
  gradus_summary s;
  CHECK_CLOSE(gradus_fit_theta(fit), expected(id, "theta", NULL), 1e-11);
  /* Of a theta that the data hardly tell from infinity 1e-9 is what double numbers hold. */
  CHECK_CLOSE(gradus_fit_theta_std_error(fit), expected(id, "theta_se", NULL),
              strcmp(id, "nearly_poisson") == 0 ? 1e-9 : 1e-10);
  for (size_t j = 0; j < gradus_fit_coefficients(fit); j++) {
    gradus_term term;
    const char *name = gradus_fit_coefficient_name(fit, j);
    CHECK_STATUS(gradus_fit_term(fit, 0, j, 0, &term, NULL), GRADUS_OK, NULL);
    CU_ASSERT(isfinite(expected(id, "coef", name)));
    CHECK_CLOSE(term.estimate, expected(id, "coef", name), 1e-11);
    CHECK_CLOSE(term.std_error, expected(id, "se", name), 1e-10);
    CHECK_CLOSE(term.p_value, erfc(fabs(term.estimate / term.std_error) / sqrt(2)), 1e-10);
  }
  CHECK_STATUS(gradus_fit_summary(fit, 0, &s, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(s.log_lik, expected(id, "logLik", NULL), 1e-12);
  CHECK_CLOSE(s.aic, expected(id, "AIC", NULL), 1e-12);
  CHECK_CLOSE(s.deviance, expected(id, "deviance", NULL), 1e-11);
  CHECK_CLOSE(s.null_deviance, expected(id, "null_deviance", NULL), 1e-11);
  CHECK_CLOSE(s.dispersion, 1, 0);
  gradus_fit_free(fit);
}

static void every_model_is_at_the_joint_maximum(void) {
  for (size_t m = 0; m < MODELS; m++)
    check_model(m);
}

/* glm.nb(Days ~ Eth + Sex + Age + Lrn, quine), MASS 7.3-58.2, epsilon = 1e-14. */
static void quine_has_the_numbers_of_glm_nb(void) {
  gradus_fit *fit = fit_model(0, 0);
  gradus_summary s;
  gradus_fit_summary(fit, 0, &s, NULL);
  CHECK_CLOSE(gradus_fit_theta(fit), 1.274892645053622, 1e-10);
  CHECK_CLOSE(gradus_fit_theta_std_error(fit), 0.16103517877347454, 1e-5); /* not at its end */
  CHECK_CLOSE(s.log_lik, -546.57550914499188, 1e-13);
  CHECK_CLOSE(s.bic, 1133.0198712636504, 1e-13);
  CHECK_CLOSE(s.null_deviance, 195.28663645284897, 1e-10);
  CHECK_CLOSE(gradus_fit_coefficient(fit, 0, 1), -0.56937169735798410, 1e-12);
  gradus_fit_free(fit);
}

static void threads_change_no_bit(void) {
  for (size_t m = 0; m < MODELS; m += 4) {
    gradus_fit *one = fit_model(m, 1), *three = fit_model(m, 3);
    CU_ASSERT_EQUAL(gradus_fit_theta(one), gradus_fit_theta(three));
    for (size_t j = 0; j < gradus_fit_coefficients(one); j++)
      CU_ASSERT_EQUAL(gradus_fit_coefficient(one, 0, j), gradus_fit_coefficient(three, 0, j));
    gradus_fit_free(one);
    gradus_fit_free(three);
  }
}

/* ---- a theta that is not there ---- */

static gradus_status fit_counts(gradus_fit **fit, const double *counts, size_t n,
                                const gradus_fit_options *options, gradus_error *err) {
  double x[16], y[16];
  for (size_t i = 0; i < n; i++) {
    x[i] = (double)i;
    y[i] = counts[i];
  }
  gsl_matrix_view xv = gsl_matrix_view_array(x, n, 1);
  gsl_vector_view yv = gsl_vector_view_array(y, n);
  return gradus_glm_fit_matrix(fit, &xv.matrix, &yv.vector, NULL, NULL, options, err);
}

static void counts_without_overdispersion_are_told_and_are_poisson(void) {
  static const double counts[] = {1, 2, 2, 3, 3, 4, 5, 6, 7, 9};
  gradus_fit *fit = NULL, *poisson = NULL;
  gradus_error err = {0};
  gradus_fit_options options = {.family = "negative_binomial"};
  CHECK_STATUS(fit_counts(&fit, counts, 10, &options, &err), GRADUS_WARNING_NOT_OVERDISPERSED,
               &err);
  CHECK_CONTAINS(err.message, "poisson");
  options.family = "poisson";
  CHECK_STATUS(fit_counts(&poisson, counts, 10, &options, NULL), GRADUS_OK, NULL);
  CU_ASSERT_FATAL(fit && poisson);
  CU_ASSERT_TRUE(isinf(gradus_fit_theta(fit)) && isnan(gradus_fit_theta_std_error(fit)));
  CU_ASSERT_TRUE(isnan(gradus_fit_theta(poisson)));
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
  gradus_summary a, b;
  gradus_fit_summary(fit, 0, &a, NULL);
  gradus_fit_summary(poisson, 0, &b, NULL);
  CHECK_CLOSE(a.deviance, b.deviance, 1e-14);
  CHECK_CLOSE(a.null_deviance, b.null_deviance, 1e-14);
  CHECK_CLOSE(a.log_lik, b.log_lik, 1e-14);
  CHECK_CLOSE(a.aic, b.aic + 2, 1e-14);
  for (size_t j = 0; j < 2; j++) {
    gradus_term one, two;
    gradus_fit_term(fit, 0, j, 0, &one, NULL);
    gradus_fit_term(poisson, 0, j, 0, &two, NULL);
    CHECK_CLOSE(one.estimate, two.estimate, 1e-14);
    CHECK_CLOSE(one.std_error, two.std_error, 1e-14);
  }
  gradus_fit_free(fit);
  gradus_fit_free(poisson);
}

static void an_unconverged_fit_has_no_theta(void) {
  static const double counts[] = {1, 0, 12, 0, 30, 2, 0, 41, 3, 60};
  gradus_fit *fit = NULL;
  gradus_fit_options options = {.family = "negative_binomial", .max_iterations = 2};
  CHECK_STATUS(fit_counts(&fit, counts, 10, &options, NULL), GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_FALSE(gradus_fit_solver(fit)->converged);
  CU_ASSERT_TRUE(isnan(gradus_fit_theta(fit)) && isnan(gradus_fit_theta_std_error(fit)));
  char *text = NULL;
  CHECK_STATUS(gradus_fit_report(&text, fit, NULL, NULL), GRADUS_OK, NULL);
  CHECK_CONTAINS(text, "for Negative Binomial family");
  gradus_free(text);
  gradus_fit_free(fit);
}

static void counts_of_zero_only_end_honestly(void) {
  static const double counts[] = {0, 0, 0, 0, 0, 0};
  gradus_fit *fit = NULL;
  gradus_fit_options options = {.family = "negative_binomial"};
  gradus_status status = fit_counts(&fit, counts, 6, &options, NULL);
  CU_ASSERT(status > 0 || !gradus_fit_solver(fit)->converged ||
            isnan(gradus_fit_theta_std_error(fit)));
  gradus_fit_free(fit);
}

static void bad_thetas_and_responses_are_named(void) {
  static const double counts[] = {1, 2, 0, 5, 3, 8}, halves[] = {1, 2.5, 0, 5, 3, 8};
  gradus_fit *fit = NULL;
  const double bad[] = {-1, NAN, -INFINITY};
  for (size_t i = 0; i < 3; i++) {
    gradus_error err = {0};
    gradus_fit_options options = {.family = "negative_binomial", .theta = bad[i]};
    CHECK_STATUS(fit_counts(&fit, counts, 6, &options, &err), GRADUS_ERROR_INVALID_ARGUMENT, &err);
    CHECK_CONTAINS(err.message, "theta");
  }
  gradus_error err = {0};
  CHECK_STATUS(
      fit_counts(&fit, counts, 6, &(gradus_fit_options){.family = "poisson", .theta = 1}, &err),
      GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "poisson");
  err = (gradus_error){0};
  CHECK_STATUS(
      fit_counts(&fit, halves, 6, &(gradus_fit_options){.family = "negative_binomial"}, &err),
      GRADUS_ERROR_BAD_RESPONSE, &err);
  CHECK_CONTAINS(err.message, "row 2");
  err = (gradus_error){0};
  CHECK_STATUS(fit_counts(&fit, counts, 6,
                          &(gradus_fit_options){.family = "negative_binomial", .link = "inverse"},
                          &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "log, sqrt, identity");
  CU_ASSERT_PTR_NULL(fit);
}

/* ---- the rest of the way ---- */

static void frequencies_stand_for_equal_rows(void) {
  static const double counts[] = {0, 1, 4, 0, 9, 2}, times[] = {1, 3, 2, 4, 1, 2};
  double x[6], y[6], w[6], xs[16], ys[16];
  size_t n = 0;
  for (size_t i = 0; i < 6; i++) {
    x[i] = (double)i;
    y[i] = counts[i];
    w[i] = times[i];
    for (double copy = 0; copy < times[i]; copy++, n++) {
      xs[n] = (double)i;
      ys[n] = counts[i];
    }
  }
  gsl_matrix_view xv = gsl_matrix_view_array(x, 6, 1), xsv = gsl_matrix_view_array(xs, n, 1);
  gsl_vector_view yv = gsl_vector_view_array(y, 6), wv = gsl_vector_view_array(w, 6);
  gsl_vector_view ysv = gsl_vector_view_array(ys, n);
  gradus_fit *one = NULL, *two = NULL;
  gradus_fit_options options = {.family = "negative_binomial"};
  CHECK_STATUS(gradus_glm_fit_matrix(&one, &xsv.matrix, &ysv.vector, NULL, NULL, &options, NULL),
               GRADUS_OK, NULL);
  options.weight_kind = GRADUS_WEIGHT_FREQUENCY;
  CHECK_STATUS(
      gradus_glm_fit_matrix(&two, &xv.matrix, &yv.vector, &wv.vector, NULL, &options, NULL),
      GRADUS_OK, NULL);
  CU_ASSERT_FATAL(one && two);
  CHECK_CLOSE(gradus_fit_theta(two), gradus_fit_theta(one), 1e-12);
  CHECK_CLOSE(gradus_fit_theta_std_error(two), gradus_fit_theta_std_error(one), 1e-12);
  gradus_summary a, b;
  gradus_fit_summary(one, 0, &a, NULL);
  gradus_fit_summary(two, 0, &b, NULL);
  CHECK_CLOSE(b.bic, a.bic, 1e-13);
  CHECK_CLOSE(gradus_fit_coefficient(two, 0, 1), gradus_fit_coefficient(one, 0, 1), 1e-12);
  gradus_fit_free(one);
  gradus_fit_free(two);
}

static void the_report_has_the_lines_of_summary_negbin(void) {
  gradus_fit *fit = fit_model(0, 0), *fixed = fit_model(3, 0);
  char *text = NULL;
  CHECK_STATUS(gradus_fit_report(&text, fit, NULL, NULL), GRADUS_OK, NULL);
  CHECK_CONTAINS(text, "(Dispersion parameter for Negative Binomial(1.2749) family taken to be 1)");
  CHECK_CONTAINS(text, "\n              Theta:  1.275\n          Std. Err.:  0.161\n");
  CHECK_CONTAINS(text, "\n 2 x log-likelihood:  -1093.151\n");
  CHECK_CONTAINS(text, "AIC: 1109.2\n");
  gradus_free(text);
  CHECK_STATUS(gradus_fit_report(&text, fixed, NULL, NULL), GRADUS_OK, NULL);
  CHECK_CONTAINS(text, "Theta:  2 (given)\n");
  gradus_free(text);
  gradus_fit_free(fit);
  gradus_fit_free(fixed);
}

static void failed_allocations_leak_nothing(void) {
  static const double counts[] = {1, 0, 12, 0, 30, 2, 0, 41, 3, 60};
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_fit_options serial = {.threads = 1, .family = "negative_binomial"};
    run.status = fit_counts(&fit, counts, 10, &serial, NULL);
    CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
    gradus_fit_free(fit);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"the forms keep their digits for any theta and count",
       the_forms_keep_their_digits_for_any_theta_and_count},
      {"an infinite theta is the poisson family", an_infinite_theta_is_the_poisson_family},
      {"every model is at the joint maximum", every_model_is_at_the_joint_maximum},
      {"quine has the numbers of glm.nb", quine_has_the_numbers_of_glm_nb},
      {"threads change no bit", threads_change_no_bit},
      {"counts without overdispersion are told and are Poisson",
       counts_without_overdispersion_are_told_and_are_poisson},
      {"an unconverged fit has no theta", an_unconverged_fit_has_no_theta},
      {"counts of zero only end honestly", counts_of_zero_only_end_honestly},
      {"bad thetas and responses are named", bad_thetas_and_responses_are_named},
      {"frequencies stand for equal rows", frequencies_stand_for_equal_rows},
      {"the report has the lines of summary.negbin", the_report_has_the_lines_of_summary_negbin},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("negative_binomial", cases, sizeof cases / sizeof *cases);
}
