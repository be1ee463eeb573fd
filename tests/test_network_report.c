// SPDX-License-Identifier: GPL-3.0-or-later
/* Reports of networks: layers, curves, metrics, in text, JSON and CSV. The losses that the curves
   are drawn from are put into the history by hand. */
#include "../lib/model/network.h"
#include "support/table.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <string.h>

enum { EPOCHS = 8 };

/* A network 4-3-2 of iris with a history of eight epochs. */
static gradus_fit *made(double validation) {
  static const size_t hidden[] = {3};
  gradus_frame *iris = table_open("@iris");
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_network_options options = {.fit = {.max_iterations = EPOCHS, .seed = 1},
                                    .hidden = hidden,
                                    .hidden_count = 1,
                                    .activation = "tanh",
                                    .validation = validation};
  CHECK_STATUS(gradus_network_fit(&fit, "Species ~ .", iris, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_EQUAL_FATAL(gradus_fit_epochs(fit), EPOCHS);
  gradus_frame_free(iris);
  return fit;
}

static gradus_fit *made_regression(void) {
  gradus_frame *cars = table_open("@mtcars");
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit(&fit, "mpg ~ wt + hp", cars, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  gradus_frame_free(cars);
  return fit;
}

static void set_history(gradus_fit *fit, const double *loss, const double *validation) {
  for (size_t i = 0; i < EPOCHS; i++) {
    fit->network->history[i].loss = loss[i];
    fit->network->history[i].validation_loss = validation ? validation[i] : (double)NAN;
  }
}

static char *report(const gradus_fit *fit, gradus_format format) {
  char *text = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_fit_report(&text, fit, &(gradus_report_options){.format = format}, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(text);
  return text;
}

static void layers_have_shapes_and_counts_of_parameters(void) {
  gradus_fit *fit = made(0.2);
  char *text = report(fit, GRADUS_FORMAT_TEXT);
  CHECK_CONTAINS(text, "\nLayers:             inputs   outputs   parameters\n"
                       "hidden1     dense        4         3           15\n" /* 4*3 + 3 */
                       "activation1  tanh        3         3            0\n"
                       "output      dense        3         2            8\n" /* 3*2 + 2 */
                       "in all                                         23\n");
  CHECK_CONTAINS(text, "modelling P(Species = level); reference level: setosa\n");
  CHECK_CONTAINS(text, "\nTrain         120 ");
  CHECK_CONTAINS(text, "\nValidation     30 ");
  CU_ASSERT_PTR_NULL(strstr(text, "Coefficients"));
  CU_ASSERT_PTR_NULL(strstr(text, "NOT CONVERGED"));
  gradus_free(text);
  gradus_fit_free(fit);
}

/* Eight equal steps down are the eight blocks. */
static void a_curve_goes_down_by_blocks(void) {
  static const double loss[EPOCHS] = {8, 7, 6, 5, 4, 3, 2, 1};
  static const double validation[EPOCHS] = {8, 8, 4, 4, 3, 3, 1, 2};
  gradus_fit *fit = made(0.2);
  set_history(fit, loss, validation);
  fit->network->best_epoch = 7;
  char *text = report(fit, GRADUS_FORMAT_TEXT);
  CHECK_CONTAINS(text, "epochs 1 to 8:\n  train      █▇▆▅▄▃▂▁  8 to 1\n"
                       "  validation ██▄▄▃▃▁▂  8 to 2\n"
                       "Best epoch: 7, validation loss 1; its parameters are kept\n");
  gradus_free(text);
  gradus_fit_free(fit);
}

static void a_curve_that_falls_far_is_drawn_by_logarithms(void) {
  static const double loss[EPOCHS] = {1e4, 1e3, 1e2, 1e1, 1, 1e-1, 1e-2, 1e-3};
  gradus_fit *fit = made(0);
  set_history(fit, loss, NULL);
  char *text = report(fit, GRADUS_FORMAT_TEXT);
  CHECK_CONTAINS(text, "logarithmic scale:\n  train      █▇▆▅▄▃▂▁  10000 to 0.001\n");
  CU_ASSERT_PTR_NULL(strstr(text, "alidation"));
  CU_ASSERT_PTR_NULL(strstr(text, "Best epoch"));
  gradus_free(text);
  gradus_fit_free(fit);
}

static void an_epoch_without_a_finite_loss_is_a_gap(void) {
  static const double loss[EPOCHS] = {8, INFINITY, 6, 5, NAN, 3, 2, 1};
  static const double equal[EPOCHS] = {2, 2, 2, 2, 2, 2, 2, 2};
  gradus_fit *fit = made(0);
  set_history(fit, loss, NULL);
  char *text = report(fit, GRADUS_FORMAT_TEXT);
  CHECK_CONTAINS(text, "  train      █ ▆▅ ▃▂▁  8 to 1\n");
  gradus_free(text);
  set_history(fit, equal, NULL);
  text = report(fit, GRADUS_FORMAT_TEXT);
  CHECK_CONTAINS(text, "  train      ▁▁▁▁▁▁▁▁  2 to 2\n");
  gradus_free(text);
  gradus_fit_free(fit);
}

static void csv_is_the_history_where_there_are_no_terms(void) {
  static const double loss[EPOCHS] = {8, 7, 6, 5, 4, 3, 2, 1};
  gradus_fit *fit = made(0), *regression = made_regression();
  set_history(fit, loss, NULL);
  char *text = report(fit, GRADUS_FORMAT_CSV);
  CHECK_CONTAINS(text, "epoch,loss,validation_loss,learning_rate\n1,8,,0.001\n2,7,,0.001\n");
  gradus_free(text);
  text = report(regression, GRADUS_FORMAT_CSV);
  CHECK_CONTAINS(text, "term,estimate,");
  gradus_free(text);
  gradus_fit_free(fit);
  gradus_fit_free(regression);
}

static void without_hidden_layers_there_is_the_table_of_coefficients(void) {
  gradus_fit *fit = made_regression();
  char *text = report(fit, GRADUS_FORMAT_TEXT);
  CHECK_CONTAINS(text, "\nCoefficients:\n");
  CHECK_CONTAINS(text, "\n(Intercept) 37.22727"); /* R: coef(lm(mpg ~ wt + hp, mtcars)) */
  CHECK_CONTAINS(text, "\nwt          -3.87783");
  CHECK_CONTAINS(text, "\nFamily: gaussian, link identity\n");
  CHECK_CONTAINS(text, "of the standardised response)");
  gradus_free(text);
  gradus_fit_free(fit);
}

#ifdef HAVE_JANSSON
static void json_has_layers_history_and_metrics(void) {
  gradus_fit *fit = made(0.2), *regression = made_regression();
  char *text = report(fit, GRADUS_FORMAT_JSON);
  static const char *const parts[] = {"\"type\": \"network\"",
                                      "\"family\": \"multinomial\"",
                                      "\"parameters\": 23",
                                      "\"epochs\": 8",
                                      "\"activation\": \"tanh\"",
                                      "\"name\": \"hidden1\"",
                                      "\"inputs\": 4",
                                      "\"epoch\": 8",
                                      "\"learning_rate\": 0.001",
                                      "\"metrics\": {",
                                      "\"train\": {",
                                      "\"validation\": {",
                                      "\"nobs\": 30",
                                      "\"rmse\": null",
                                      "\"warnings\": [",
                                      "\"reference_level\": \"setosa\""};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    CHECK_CONTAINS(text, parts[i]);
  CU_ASSERT_PTR_NULL(strstr(text, "\"terms\""));
  gradus_free(text);
  text = report(regression, GRADUS_FORMAT_JSON);
  CHECK_CONTAINS(text, "\"term\": \"wt\"");
  CHECK_CONTAINS(text, "\"validation\": null");
  gradus_free(text);
  gradus_fit_free(fit);
  gradus_fit_free(regression);
}
#endif

static void failed_allocations_are_reported_and_nothing_leaks(void) {
  gradus_fit *fits[] = {made(0.2), made_regression()};
  for (size_t f = 0; f < 2; f++)
    for (int format = GRADUS_FORMAT_TEXT; format <= GRADUS_FORMAT_CSV; format++)
      for (failing_run run = {0}; NEXT_FAILING(&run);) {
        char *text = NULL;
        gradus_report_options options = {.format = (gradus_format)format};
        run.status = gradus_fit_report(&text, fits[f], &options, NULL);
        gradus_free(text);
      }
  for (size_t f = 0; f < 2; f++)
    gradus_fit_free(fits[f]);
}

int main(void) {
  static const test_case cases[] = {
      {"layers have shapes and counts of parameters", layers_have_shapes_and_counts_of_parameters},
      {"a curve goes down by blocks", a_curve_goes_down_by_blocks},
      {"a curve that falls far is drawn by logarithms",
       a_curve_that_falls_far_is_drawn_by_logarithms},
      {"an epoch without a finite loss is a gap", an_epoch_without_a_finite_loss_is_a_gap},
      {"CSV is the history where there are no terms", csv_is_the_history_where_there_are_no_terms},
      {"without hidden layers there is the table of coefficients",
       without_hidden_layers_there_is_the_table_of_coefficients},
#ifdef HAVE_JANSSON
      {"JSON has layers, history and metrics", json_has_layers_history_and_metrics},
#endif
      {"failed allocations are reported and nothing leaks",
       failed_allocations_are_reported_and_nothing_leaks},
  };
  return test_main("network_report", cases, sizeof cases / sizeof *cases);
}
