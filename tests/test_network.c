// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks: without hidden layers they are the regressions; with them they learn, stop in time,
   predict, and refuse what they must. */
#include "support/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static gradus_fit *network_of(const char *formula, const gradus_frame *frame,
                              const gradus_network_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit(&fit, formula, frame, options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_STRING_EQUAL(gradus_fit_model(fit), "network");
  return fit;
}

/* ---- without hidden layers ---- */

typedef gradus_status fit_function(gradus_fit **fit, const char *formula, const gradus_frame *frame,
                                   const gradus_fit_options *options, gradus_error *err);

typedef struct regression {
  fit_function *fit;
  const char *formula, *data, *family, *link;
  double l2;
} regression;

static const regression regressions[] = {
    {gradus_linear_fit, "mpg ~ wt + hp + qsec", "@mtcars", NULL, NULL, 0},
    {gradus_linear_fit, "mpg ~ wt + hp + qsec", "@mtcars", NULL, NULL, 0.3},
    {gradus_linear_fit, "cbind(mpg, disp) ~ wt + hp - 1", "@mtcars", NULL, NULL, 0},
    {gradus_logistic_fit, "low ~ age + lwt + smoke", "@birthwt", "binomial", NULL, 0},
    {gradus_logistic_fit, "low ~ age + lwt + smoke", "@birthwt", "binomial", "probit", 0},
    {gradus_glm_fit, "ftv ~ age + lwt + smoke", "@birthwt", "poisson", NULL, 0},
    {gradus_multinomial_fit, "race ~ age + lwt + smoke", "@birthwt", NULL, NULL, 0},
};

static void check_same(const gradus_fit *network, const gradus_fit *other) {
  CU_ASSERT_EQUAL_FATAL(gradus_fit_coefficients(network), gradus_fit_coefficients(other));
  CU_ASSERT_EQUAL_FATAL(gradus_fit_responses(network), gradus_fit_responses(other));
  for (size_t r = 0; r < gradus_fit_responses(other); r++)
    for (size_t j = 0; j < gradus_fit_coefficients(other); j++) {
      CU_ASSERT_STRING_EQUAL(gradus_fit_coefficient_name(network, j),
                             gradus_fit_coefficient_name(other, j));
      CHECK_CLOSE(gradus_fit_coefficient(network, r, j), gradus_fit_coefficient(other, r, j), 1e-8);
    }
}

static void without_hidden_layers_it_is_the_regression(void) {
  static const char *const solvers[] = {NULL, "newton", "lbfgs", "gradient-descent"};
  for (size_t i = 0; i < sizeof regressions / sizeof *regressions; i++) {
    const regression *g = &regressions[i];
    gradus_frame *frame = table_open(g->data);
    gradus_fit *reference = NULL;
    gradus_error err = {0};
    gradus_fit_options options = {.family = g->family, .link = g->link, .l2 = g->l2};
    CHECK_STATUS(g->fit(&reference, g->formula, frame, &options, &err), GRADUS_OK, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(reference);
    for (size_t s = 0; s < sizeof solvers / sizeof *solvers; s++) {
      gradus_network_options own = {.fit = options};
      own.fit.solver = solvers[s];
      gradus_fit *network = network_of(g->formula, frame, &own);
      check_same(network, reference);
      gradus_fit_free(network);
    }
    gradus_fit_free(reference);
    gradus_frame_free(frame);
  }
}

/* ---- learning ---- */

static const double xor_x[] = {0, 0, 0, 1, 1, 0, 1, 1}, xor_y[] = {0, 1, 1, 0};

static gradus_fit *fit_xor(const char *solver, unsigned long seed) {
  gsl_matrix_const_view x = gsl_matrix_const_view_array(xor_x, 4, 2);
  gsl_matrix_const_view y = gsl_matrix_const_view_array(xor_y, 4, 1);
  static const size_t hidden[] = {2};
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_network_options options = {
      .fit = {.solver = solver, .family = "binomial", .seed = seed, .max_iterations = 500},
      .hidden = hidden,
      .hidden_count = 1,
      .activation = "tanh"};
  CHECK_STATUS(gradus_network_fit_matrix(&fit, &x.matrix, &y.matrix, NULL, &options, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

static void two_hidden_units_learn_xor(void) {
  gsl_matrix_const_view x = gsl_matrix_const_view_array(xor_x, 4, 2);
  gradus_fit *fit = fit_xor("lbfgs", 2);
  gradus_prediction *prediction = NULL;
  gradus_predict_options classes = {.type = GRADUS_PREDICT_CLASS};
  gradus_network_metrics metrics;
  gradus_layer layer;
  CHECK_STATUS(gradus_predict_matrix(&prediction, fit, &x.matrix, &classes, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < 4; i++) {
    CU_ASSERT_EQUAL(prediction->class_index[i], (int)xor_y[i]);
    CU_ASSERT(fabs(prediction->fitted[i] - xor_y[i]) < 1e-3);
  }
  CHECK_STATUS(gradus_fit_network_metrics(fit, GRADUS_SET_TRAIN, &metrics, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL(metrics.rows, 4);
  CU_ASSERT_EQUAL(metrics.accuracy, 1);
  CU_ASSERT(metrics.loss < 1e-3);
  CU_ASSERT_EQUAL_FATAL(gradus_fit_layers(fit), 3);
  CHECK_STATUS(gradus_fit_layer(fit, 0, &layer, NULL), GRADUS_OK, NULL);
  CU_ASSERT_STRING_EQUAL(layer.name, "hidden1");
  CU_ASSERT_EQUAL(layer.parameters, 6);
  gradus_prediction_free(prediction);
  gradus_fit_free(fit);
}

int main(void) {
  static const test_case cases[] = {
      {"without hidden layers it is the regression", without_hidden_layers_it_is_the_regression},
      {"two hidden units learn xor", two_hidden_units_learn_xor},
  };
  return test_main("network", cases, sizeof cases / sizeof *cases);
}
