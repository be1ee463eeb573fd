// SPDX-License-Identifier: GPL-3.0-or-later
/* Reports. The expected texts are what R 4.2.2 prints for the same models. */
#include "../lib/report/internal.h"
#include "support/made_fits.h"
#include "support/support.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <locale.h>
#include <math.h>
#include <string.h>

static char *report(gradus_fit *fit, const gradus_report_options *options) {
  gradus_error err = {0};
  char *text = NULL;
  CHECK_STATUS(gradus_fit_report(&text, fit, options, &err), GRADUS_OK, &err);
  gradus_fit_free(fit);
  return text;
}

static void mtcars_reads_as_in_r(void) {
  char *text = report(made_mtcars(), &(gradus_report_options){.call = "lm(...)"});
  CHECK_CONTAINS(text, "\nCall:\nlm(...)\n\n"
                       "Residuals:\n"
                       "    Min      1Q  Median      3Q     Max \n"
                       "-4.5890 -1.2357 -0.5159  1.3845  5.7915 \n\n"
                       "Coefficients:\n"
                       "             Estimate Std. Error t value Pr(>|t|)    \n"
                       "(Intercept)   33.9908     1.8878  18.006  < 2e-16 ***\n"
                       "wt            -3.2056     0.7539  -4.252 0.000213 ***\n"
                       "factor(cyl)6  -4.2556     1.3861  -3.070 0.004718 ** \n"
                       "factor(cyl)8  -6.0709     1.6523  -3.674 0.000999 ***\n"
                       "---\n"
                       "Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1\n\n"
                       "Residual standard error: 2.557 on 28 degrees of freedom\n"
                       "Multiple R-squared:  0.8374,\tAdjusted R-squared:   0.82 \n"
                       "F-statistic: 48.08 on 3 and 28 DF,  p-value: 3.594e-11\n"
                       "Log-likelihood: -73.31116 (df=5),  AIC: 156.6223,  BIC: 163.951\n");
  CHECK_CONTAINS(text, "certificate 1.5e-17, condition number 12");
  gradus_free(text);
}

static void longley_reads_as_in_r(void) {
  char *text = report(made_longley(), NULL);
  CHECK_CONTAINS(text, "     Min       1Q   Median       3Q      Max \n"
                       "-0.41011 -0.15767 -0.02816  0.10155  0.45539 \n");
  CHECK_CONTAINS(text, "               Estimate Std. Error t value Pr(>|t|)    \n"
                       "(Intercept)  -3.482e+03  8.904e+02  -3.911 0.003560 ** \n"
                       "GNP.deflator  1.506e-02  8.492e-02   0.177 0.863141    \n"
                       "GNP          -3.582e-02  3.349e-02  -1.070 0.312681    \n"
                       "Unemployed   -2.020e-02  4.884e-03  -4.136 0.002535 ** \n"
                       "Armed.Forces -1.033e-02  2.143e-03  -4.822 0.000944 ***\n"
                       "Population   -5.110e-02  2.261e-01  -0.226 0.826212    \n"
                       "Year          1.829e+00  4.555e-01   4.016 0.003037 ** \n");
  CHECK_CONTAINS(text, "Residual standard error: 0.3049 on 9 degrees of freedom\n"
                       "Multiple R-squared:  0.9955,\tAdjusted R-squared:  0.9925 \n"
                       "F-statistic: 330.3 on 6 and 9 DF,  p-value: 4.984e-10\n");
  gradus_free(text);
}

static void a_dropped_column_is_named_and_weights_are_said(void) {
  char *text = report(made_dropped(), NULL);
  CHECK_CONTAINS(text, "Weighted Residuals:\n"
                       "   Min     1Q Median     3Q    Max \n"
                       "-83.57 -11.72  11.50  28.92 104.29 \n\n"
                       "Coefficients: (1 not defined because of singularities)\n"
                       "    Estimate Std. Error t value Pr(>|t|)   \n"
                       "wt   7.13374    1.96191   3.636  0.00103 **\n"
                       "wt2       NA         NA      NA       NA   \n"
                       "hp  -0.03952    0.04194  -0.942  0.35359   \n---\n");
  CHECK_CONTAINS(text, "\nwt2 = 2*wt; dropped\n");
  CHECK_CONTAINS(text, "Residual standard error: 48.34 on 30 degrees of freedom\n"
                       "  (1 observation deleted due to missingness)\n"
                       "Multiple R-squared:  0.7268,\tAdjusted R-squared:  0.7086 \n"
                       "F-statistic:  39.9 on 2 and 30 DF,  p-value: 3.531e-09\n");
  CHECK_CONTAINS(text, "uncentred");
  CHECK_CONTAINS(text, "Weights: analytic");
  CHECK_CONTAINS(text, "Log-likelihood: -122.4463 (df=3)");
  CHECK_CONTAINS(text, "Warning: column dropped: wt2 = 2*wt\n");
  gradus_free(text);
}

static void every_response_has_its_block(void) {
  char *text = report(made_two(), &(gradus_report_options){.intervals = true});
  CHECK_CONTAINS(text, "\nResponse mpg:\n");
  CHECK_CONTAINS(text, "            Estimate Std. Error t value Pr(>|t|)    \n"
                       "(Intercept)  37.2851     1.8776  19.858  < 2e-16 ***\n"
                       "wt           -5.3445     0.5591  -9.559 1.29e-10 ***\n");
  CHECK_CONTAINS(text, "\nResponse disp:\n\nResiduals:\n"
                       "   Min     1Q Median     3Q    Max \n"
                       "-88.18 -33.62 -10.05  35.15 125.59 \n");
  CHECK_CONTAINS(text, "(Intercept)  -131.15      35.72  -3.672 0.000933 ***\n"
                       "wt            112.48      10.64  10.576 1.22e-11 ***\n");
  CHECK_CONTAINS(text, "Residual standard error: 57.94 on 30 degrees of freedom\n");
  CHECK_CONTAINS(text, "Confidence intervals:\n");
  gradus_free(text);
}

/* ---- generalised linear models: summary(glm(...)) in R, with epsilon = 1e-15 ---- */

static gradus_fit *glm(const char *formula, const char *data, const gradus_fit_options *options) {
  gradus_error err = {0};
  gradus_frame *frame = NULL;
  gradus_fit *fit = NULL;
  CHECK_STATUS(gradus_frame_read_csv(&frame, data, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_TRUE_FATAL(gradus_glm_fit(&fit, formula, frame, options, &err) <= 0);
  gradus_frame_free(frame);
  return fit;
}

static void a_logistic_regression_reads_as_in_r(void) {
  char *text = report(glm("low ~ age + lwt + race + smoke", "@birthwt",
                          &(gradus_fit_options){.family = "binomial"}),
                      &(gradus_report_options){.call = "glm(...)"});
  CHECK_CONTAINS(text, "\nCall:\nglm(...)\n\n"
                       "modelling P(low = 1)\n\n"
                       "Deviance Residuals: \n"
                       "    Min       1Q   Median       3Q      Max  \n"
                       "-1.5173  -0.9065  -0.5865   1.3035   2.0401  \n\n"
                       "Coefficients:\n"
                       "             Estimate Std. Error z value Pr(>|z|)   \n"
                       "(Intercept)  1.564123   1.167005   1.340  0.18015   \n"
                       "age         -0.022478   0.034170  -0.658  0.51065   \n"
                       "lwt         -0.012526   0.006386  -1.961  0.04982 * \n"
                       "raceother   -0.288409   0.526757  -0.548  0.58402   \n"
                       "racewhite   -1.231671   0.517152  -2.382  0.01724 * \n"
                       "smoke        1.054439   0.380000   2.775  0.00552 **\n"
                       "---\n"
                       "Signif. codes:  0 ‘***’ 0.001 ‘**’ 0.01 ‘*’ 0.05 ‘.’ 0.1 ‘ ’ 1\n\n"
                       "(Dispersion parameter for binomial family taken to be 1)\n\n"
                       "    Null deviance: 234.67  on 188  degrees of freedom\n"
                       "Residual deviance: 214.58  on 183  degrees of freedom\n"
                       "AIC: 226.58\n\n"
                       "Number of Fisher Scoring iterations: ");
  CHECK_CONTAINS(text,
                 "\nLog-likelihood: -107.2886 (df=6),  BIC: 246.0277\n"
                 "Pseudo R-squared: McFadden 0.08563,  Cox-Snell 0.1009,  Nagelkerke 0.1418\n");
  CU_ASSERT_PTR_NULL(strstr(text, "Link: "));
  gradus_free(text);
}

static void a_quasi_family_has_t_tests_and_no_likelihood(void) {
  char *text = report(
      glm("breaks ~ wool*tension", "@warpbreaks", &(gradus_fit_options){.family = "quasipoisson"}),
      NULL);
  CHECK_CONTAINS(text, "glm(breaks ~ wool * tension)\n\nDeviance Residuals: \n"
                       "    Min       1Q   Median       3Q      Max  \n"
                       "-3.3383  -1.4844  -0.1291   1.1725   3.5153  \n");
  CHECK_CONTAINS(text, "               Estimate Std. Error t value Pr(>|t|)    \n"
                       "(Intercept)     3.20094    0.13050  24.528  < 2e-16 ***\n"
                       "woolB          -0.26826    0.19825  -1.353 0.182341    \n"
                       "tensionL        0.59580    0.16253   3.666 0.000616 ***\n"
                       "tensionM       -0.02288    0.18562  -0.123 0.902398    \n"
                       "woolB:tensionL -0.18836    0.25201  -0.747 0.458436    \n"
                       "woolB:tensionM  0.44981    0.26695   1.685 0.098474 .  \n");
  CHECK_CONTAINS(text, "(Dispersion parameter for quasipoisson family taken to be 3.763881)\n\n"
                       "    Null deviance: 297.37  on 53  degrees of freedom\n"
                       "Residual deviance: 182.31  on 48  degrees of freedom\n"
                       "AIC: NA\n");
  CU_ASSERT_PTR_NULL(strstr(text, "Log-likelihood"));
  gradus_free(text);
}

static void gamma_and_inverse_gaussian_read_as_in_r(void) {
  char *text = report(glm("Volume ~ log(Girth) + log(Height)", "@trees",
                          &(gradus_fit_options){.family = "gamma", .link = "log"}),
                      NULL);
  CHECK_CONTAINS(text, "      Min         1Q     Median         3Q        Max  \n"
                       "-0.166763  -0.051165   0.000749   0.060879   0.127973  \n");
  CHECK_CONTAINS(text, "(Intercept) -6.69111    0.78784  -8.493 3.11e-09 ***\n"
                       "log(Girth)   1.98041    0.07389  26.802  < 2e-16 ***\n"
                       "log(Height)  1.13288    0.20138   5.625 5.04e-06 ***\n");
  CHECK_CONTAINS(text, "(Dispersion parameter for Gamma family taken to be 0.006427286)\n\n"
                       "    Null deviance: 8.31720  on 30  degrees of freedom\n"
                       "Residual deviance: 0.18352  on 28  degrees of freedom\n"
                       "AIC: 139.9\n");
  CHECK_CONTAINS(text, "Log-likelihood: -65.95068 (df=4),  BIC: 145.6373\nLink: log\n");
  gradus_free(text);
  text = report(
      glm("Volume ~ Girth", "@trees", &(gradus_fit_options){.family = "inverse_gaussian"}), NULL);
  CHECK_CONTAINS(text, "(Intercept)  4.587e-03  4.922e-04   9.319 3.19e-10 ***\n"
                       "Girth       -2.207e-04  2.464e-05  -8.958 7.54e-10 ***\n");
  CHECK_CONTAINS(text, "(Dispersion parameter for inverse.gaussian family taken to be "
                       "0.003222515)\n\n"
                       "    Null deviance: 0.31122  on 30  degrees of freedom\n"
                       "Residual deviance: 0.11396  on 29  degrees of freedom\n"
                       "AIC: 224.55\n");
  gradus_free(text);
}

static void counts_of_successes_are_said_and_missing_rows_counted(void) {
  char *text = report(glm("cbind(ncases, ncontrols) ~ agegp + alcgp + tobgp", "@esoph",
                          &(gradus_fit_options){.family = "binomial"}),
                      &(gradus_report_options){.intervals = true});
  CHECK_CONTAINS(text, "modelling the proportion ncases / (ncases + ncontrols)\n");
  CHECK_CONTAINS(text, "    Null deviance: 367.953  on 87  degrees of freedom\n"
                       "Residual deviance:  82.337  on 76  degrees of freedom\n"
                       "AIC: 221.39\n");
  CHECK_CONTAINS(text, "Weights: prior (number of trials)\n");
  CHECK_CONTAINS(text, "\nConfidence intervals (Wald):\n");
  gradus_free(text);
  text = report(glm("Ozone ~ Wind", "@airquality", &(gradus_fit_options){.family = "gamma"}), NULL);
  CHECK_CONTAINS(text, " degrees of freedom\n"
                       "  (37 observations deleted due to missingness)\nAIC: 1033.7\n");
  gradus_free(text);
}

static void the_modelled_level_of_a_factor_is_named(void) {
  char *text = report(glm("wool ~ breaks", "@warpbreaks",
                          &(gradus_fit_options){.family = "quasibinomial", .link = "cloglog"}),
                      NULL);
  CHECK_CONTAINS(text, "\nmodelling P(wool = \"B\")\n");
  CHECK_CONTAINS(text, "\nLink: cloglog\n");
  gradus_free(text);
}

static void a_fit_that_did_not_converge_says_so_and_has_no_errors(void) {
  gradus_fit_options options = {.family = "poisson", .max_iterations = 2};
  char *text = report(glm("breaks ~ wool*tension", "@warpbreaks", &options),
                      &(gradus_report_options){.intervals = true});
  CHECK_CONTAINS(text, "\n*** NOT CONVERGED after 2 iterations: ");
  CHECK_CONTAINS(text, "No standard errors: the fit did not converge\n");
  CHECK_CONTAINS(text, "Number of Fisher Scoring iterations: 2 (NOT CONVERGED)\n");
  CU_ASSERT_PTR_NULL(strstr(text, "Std. Error"));
  CU_ASSERT_PTR_NULL(strstr(text, "Confidence intervals"));
  gradus_free(text);
}

/* R: exp(cbind(coef(fit), confint.default(fit))). */
static void ratios_are_exponentiated_and_labelled(void) {
  gradus_fit *fit =
      glm("low ~ age + lwt + smoke", "@birthwt", &(gradus_fit_options){.family = "binomial"});
  CU_ASSERT_STRING_EQUAL(gradus_fit_ratio(fit), "odds ratio");
  char *text = report(fit, &(gradus_report_options){.exponentiate = true});
  CHECK_CONTAINS(text, "\nOdds ratio, exp(Estimate), with confidence intervals (Wald):\n"
                       "            odds ratio  2.5 %  97.5 %\n"
                       "(Intercept)     3.9284 0.5381 28.6783\n"
                       "age             0.9618 0.9020  1.0255\n"
                       "lwt             0.9879 0.9761  0.9999\n"
                       "smoke           1.9557 1.0326  3.7042\n");
  CHECK_CONTAINS(text, "age         -0.038995   0.032726  -1.192   0.2334");
  gradus_free(text);
  text = report(glm("low ~ lwt + smoke", "@birthwt",
                    &(gradus_fit_options){.family = "binomial", .link = "cloglog"}),
                &(gradus_report_options){.exponentiate = true});
  CHECK_CONTAINS(text, "hazard ratio");
  CHECK_CONTAINS(text, "smoke              1.697 1.0122  2.846\n");
  gradus_free(text);
  text = report(glm("breaks ~ wool", "@warpbreaks",
                    &(gradus_fit_options){.family = "poisson", .max_iterations = 1}),
                &(gradus_report_options){.exponentiate = true});
  CHECK_CONTAINS(text, "Rate ratio, exp(Estimate):\n");
  gradus_free(text);
}

static void what_exp_of_an_estimate_is_follows_from_the_link(void) {
  static const struct {
    const char *formula, *data, *family, *link, *ratio;
  } cases[] = {{"low ~ lwt", "@birthwt", "quasibinomial", "logit", "odds ratio"},
               {"low ~ lwt", "@birthwt", "binomial", "probit", NULL},
               {"low ~ lwt", "@birthwt", "binomial", "log", "risk ratio"},
               {"breaks ~ wool", "@warpbreaks", "quasipoisson", "log", "rate ratio"},
               {"breaks ~ wool", "@warpbreaks", "poisson", "sqrt", NULL},
               {"Volume ~ Girth", "@trees", "gamma", "log", "ratio of means"},
               {"Volume ~ Girth", "@trees", "gamma", "inverse", NULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_fit *fit = glm(cases[i].formula, cases[i].data,
                          &(gradus_fit_options){.family = cases[i].family, .link = cases[i].link});
    const char *ratio = gradus_fit_ratio(fit);
    CU_ASSERT(ratio && cases[i].ratio ? strcmp(ratio, cases[i].ratio) == 0
                                      : ratio == cases[i].ratio);
    gradus_error err = {0};
    char *text = NULL;
    gradus_status status =
        gradus_fit_report(&text, fit, &(gradus_report_options){.exponentiate = true}, &err);
    CHECK_STATUS(status, ratio ? GRADUS_OK : GRADUS_ERROR_INVALID_ARGUMENT, &err);
    if (!ratio)
      CHECK_CONTAINS(err.message, cases[i].link);
    gradus_free(text);
    gradus_fit_free(fit);
  }
  gradus_fit *linear = made_mtcars();
  CU_ASSERT_PTR_NULL(gradus_fit_ratio(linear));
  gradus_fit_free(linear);
}

static void intervals_read_as_in_confint(void) {
  char *text = report(made_mtcars(), &(gradus_report_options){.intervals = true});
  CHECK_CONTAINS(text, "                 2.5 %    97.5 %\n"
                       "(Intercept)  30.123824 37.857764\n"
                       "wt           -4.749898 -1.661328\n"
                       "factor(cyl)6 -7.094824 -1.416341\n"
                       "factor(cyl)8 -9.455418 -2.686301\n");
  gradus_free(text);
}

static void a_penalised_fit_says_why_it_has_no_errors(void) {
  char *text = report(made_penalised(), NULL);
  CHECK_CONTAINS(text, "Coefficients:\n            Estimate\n(Intercept)     1.50\n"
                       "x               0.25\n");
  CHECK_CONTAINS(text, "No standard errors: the estimates are penalised (l2 = 0.1)");
  CHECK_CONTAINS(text, "Effective degrees of freedom: 1.75\n");
  CU_ASSERT_PTR_NULL(strstr(text, "F-statistic"));
  gradus_free(text);
}

static void csv_has_every_digit_and_quotes_names(void) {
  gradus_fit *fit = made_dropped();
  gradus_i_release(fit->names[2]);
  fit->names[2] = gradus_i_string_copy("a,\"b\"");
  char *text = report(fit, &(gradus_report_options){.format = GRADUS_FORMAT_CSV});
  CHECK_CONTAINS(text, "term,estimate,std_error,statistic,p_value,conf_low,conf_high\n"
                       "wt,7.1337437658514968,");
  CHECK_CONTAINS(text, "\nwt2,,,,,,\n\"a,\"\"b\"\"\",-0.039521343331298656,");
  gradus_free(text);
  text = report(made_two(), &(gradus_report_options){.format = GRADUS_FORMAT_CSV});
  CHECK_CONTAINS(text, "response,term,");
  CHECK_CONTAINS(text, "\ndisp,wt,112.47813839721273,");
  gradus_free(text);
}

#ifdef HAVE_JANSSON
static void json_has_the_names_and_the_digits(void) {
  char *text = report(made_dropped(), &(gradus_report_options){.format = GRADUS_FORMAT_JSON});
  CHECK_CONTAINS(text, "\"nobs\": 32,");
  CHECK_CONTAINS(text, "\"weights\": \"analytic\"");
  CHECK_CONTAINS(text, "\"estimate\": 7.1337437658514968,");
  CHECK_CONTAINS(text, "\"term\": \"wt2\",\n      \"estimate\": null,");
  CHECK_CONTAINS(text, "\"code\": \"WARNING_RANK_DEFICIENT\"");
  CHECK_CONTAINS(text, "\"converged\": true");
  CU_ASSERT_PTR_NULL(strstr(text, "\"response\""));
  gradus_free(text);
  text = report(made_two(), &(gradus_report_options){.format = GRADUS_FORMAT_JSON});
  CHECK_CONTAINS(text, "\"response\": \"disp\"");
  gradus_free(text);
}

static void json_of_a_glm_has_its_members(void) {
  gradus_report_options options = {.format = GRADUS_FORMAT_JSON};
  char *text = report(
      glm("wool ~ breaks", "@warpbreaks", &(gradus_fit_options){.family = "binomial"}), &options);
  CHECK_CONTAINS(text, "\"type\": \"glm\",\n    \"family\": \"binomial\",\n"
                       "    \"link\": \"logit\"");
  CHECK_CONTAINS(text, "\"modelled_level\": \"B\"");
  CHECK_CONTAINS(text, "\"df_null\": 53,");
  CHECK_CONTAINS(text, "\"r_squared\": null,");
  gradus_free(text);
  text = report(made_mtcars(), &options);
  CHECK_CONTAINS(text, "\"family\": null,");
  CHECK_CONTAINS(text, "\"modelled_level\": null,");
  CHECK_CONTAINS(text, "\"df_null\": null,");
  gradus_free(text);
}

static void json_takes_bytes_that_are_no_utf8_as_latin1(void) {
  gradus_fit *fit = made_penalised();
  gradus_i_release(fit->names[1]);
  fit->names[1] = gradus_i_string_copy("caf\xe9");
  char *text = report(fit, &(gradus_report_options){.format = GRADUS_FORMAT_JSON});
  CHECK_CONTAINS(text, "\"term\": \"café\"");
  gradus_free(text);
}
#endif

static void numbers_have_r_digits(void) {
  static const struct {
    double values[3];
    size_t count;
    int digits;
    const char *text[3];
  } cases[] = {
      /* format(c(...), digits = d) in R */
      {{1, 10, 100}, 3, 4, {"  1", " 10", "100"}},
      {{0.00001, 123456, 0}, 2, 4, {"1.000e-05", "1.235e+05"}},
      {{99.99996, 1, 0}, 2, 4, {"100", "  1"}},
      {{9.99996, 0.5, 0}, 2, 3, {"10.0", " 0.5"}},
      {{-1.5, 22.25, 0}, 2, 7, {"-1.50", "22.25"}},
      {{1e300, 1, 0}, 2, 4, {"1e+300", " 1e+00"}},
      {{123456, 0, 0}, 1, 4, {"123456"}},
      {{1e5, 0, 0}, 1, 7, {"1e+05"}},
      {{NAN, -INFINITY, 1}, 3, 4, {" NaN", "-Inf", "   1"}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_i_number_format format =
        gradus_i_number_format_for(cases[i].values, cases[i].count, cases[i].digits);
    for (size_t j = 0; j < cases[i].count; j++) {
      char text[GRADUS_I_NUMBER_SIZE];
      gradus_i_number_write(text, cases[i].values[j], format);
      CU_ASSERT_STRING_EQUAL(text, cases[i].text[j]);
    }
  }
}

static void p_values_have_r_digits(void) {
  /* format.pval(c(0.04567, 1e-5, 0), digits = 3); (c(0.5, 0), 3); (0, 3); (0, 4) */
  const double several[] = {0.04567, 1e-5, 0}, two[] = {0.5, 0}, none = 0;
  char text[3][GRADUS_I_NUMBER_SIZE];
  gradus_i_number_p_values(text, several, 3, 3);
  CU_ASSERT_STRING_EQUAL(text[0], "0.0457");
  CU_ASSERT_STRING_EQUAL(text[1], "1e-05");
  CU_ASSERT_STRING_EQUAL(text[2], "<2e-16");
  gradus_i_number_p_values(text, two, 2, 3);
  CU_ASSERT_STRING_EQUAL(text[0], "0.5");
  CU_ASSERT_STRING_EQUAL(text[1], "<2e-16");
  gradus_i_number_p_values(text, &none, 1, 3);
  CU_ASSERT_STRING_EQUAL(text[0], "<2e-16");
  gradus_i_number_p_values(text, &none, 1, 4);
  CU_ASSERT_STRING_EQUAL(text[0], "< 2.2e-16");
}

static void wrong_options_are_refused(void) {
  gradus_fit *fit = made_mtcars();
  gradus_error err = {0};
  char *text = (char *)fit;
  CHECK_STATUS(gradus_fit_report(&text, fit, &(gradus_report_options){.level = 1.5}, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CU_ASSERT_PTR_NULL(text);
  err = (gradus_error){0};
  FILE *full = fopen("/dev/full", "w");
  if (full) {
    CHECK_STATUS(gradus_fit_print(fit, full, NULL, &err), GRADUS_ERROR_IO, &err);
    fclose(full);
  }
  gradus_fit_free(fit);
}

static void failed_allocations_are_reported_and_nothing_leaks(void) {
  gradus_fit *fits[] = {
      made_dropped(), made_two(), made_penalised(),
      glm("wool ~ breaks", "@warpbreaks", &(gradus_fit_options){.family = "binomial"})};
  for (size_t f = 0; f < 4; f++)
    for (int format = GRADUS_FORMAT_TEXT; format <= GRADUS_FORMAT_CSV; format++)
      for (failing_run run = {0}; NEXT_FAILING(&run);) {
        gradus_report_options options = {
            .format = (gradus_format)format, .intervals = true, .exponentiate = f == 3};
        char *text = NULL;
        run.status = gradus_fit_report(&text, fits[f], &options, NULL);
        gradus_free(text);
      }
  for (size_t f = 0; f < 4; f++)
    gradus_fit_free(fits[f]);
}

int main(void) {
  static const test_case cases[] = {
      {"numbers have R's digits", numbers_have_r_digits},
      {"p-values have R's digits", p_values_have_r_digits},
      {"mtcars reads as in R", mtcars_reads_as_in_r},
      {"longley reads as in R", longley_reads_as_in_r},
      {"a dropped column is named, and weights are said",
       a_dropped_column_is_named_and_weights_are_said},
      {"every response has its block", every_response_has_its_block},
      {"a logistic regression reads as in R", a_logistic_regression_reads_as_in_r},
      {"a quasi family has t tests and no likelihood",
       a_quasi_family_has_t_tests_and_no_likelihood},
      {"gamma and inverse gaussian read as in R", gamma_and_inverse_gaussian_read_as_in_r},
      {"counts of successes are said, and missing rows counted",
       counts_of_successes_are_said_and_missing_rows_counted},
      {"the modelled level of a factor is named", the_modelled_level_of_a_factor_is_named},
      {"a fit that did not converge says so and has no errors",
       a_fit_that_did_not_converge_says_so_and_has_no_errors},
      {"ratios are exponentiated and labelled", ratios_are_exponentiated_and_labelled},
      {"what exp of an estimate is follows from the link",
       what_exp_of_an_estimate_is_follows_from_the_link},
      {"intervals read as in confint", intervals_read_as_in_confint},
      {"a penalised fit says why it has no errors", a_penalised_fit_says_why_it_has_no_errors},
      {"CSV has every digit and quotes names", csv_has_every_digit_and_quotes_names},
#ifdef HAVE_JANSSON
      {"JSON has the names and the digits", json_has_the_names_and_the_digits},
      {"JSON of a glm has its members", json_of_a_glm_has_its_members},
      {"JSON takes bytes that are no UTF-8 as Latin-1",
       json_takes_bytes_that_are_no_utf8_as_latin1},
#endif
      {"wrong options are refused", wrong_options_are_refused},
      {"failed allocations are reported and nothing leaks",
       failed_allocations_are_reported_and_nothing_leaks},
  };
  return test_main("report", cases, sizeof cases / sizeof *cases);
}
