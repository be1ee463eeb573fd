// SPDX-License-Identifier: GPL-3.0-or-later
/* A response at each step, where the layers are not said, or said as widths: the same map stands at
   every step. */
#include "support/support.h"

#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SEQUENCES = 24, STEPS = 3, FEATURES = 2, ROWS = SEQUENCES * STEPS };

/* Steps one below the other, n×p; side by side they are the same memory. */
typedef struct made {
  double x[ROWS * FEATURES], y[ROWS];
} made;

static void make(made *m) {
  for (size_t i = 0; i < ROWS; i++) {
    double a = (double)(i * 37 % 101), b = (double)(i * i % 89);
    m->x[i * FEATURES] = a;
    m->x[i * FEATURES + 1] = b;
    m->y[i] = 3 + 0.5 * a - 0.25 * b + (double)(i * 53 % 17);
  }
}

static gradus_fit *fit_steps(made *m, size_t steps, gradus_network_options *options) {
  const size_t shape[] = {steps, FEATURES};
  gsl_matrix_view x = gsl_matrix_view_array(m->x, ROWS / steps, steps * FEATURES);
  gsl_matrix_view y = gsl_matrix_view_array(m->y, ROWS / steps, steps);
  gradus_error err = {0};
  gradus_fit *fit = NULL;
  options->input_shape = shape;
  options->input_rank = 2;
  options->each_step = true;
  CHECK_STATUS(gradus_network_fit_matrix(&fit, &x.matrix, &y.matrix, NULL, options, &err),
               GRADUS_OK, &err);
  CU_ASSERT_FATAL(fit != NULL);
  return fit;
}

static gradus_prediction *predict(const gradus_fit *fit, made *m, size_t steps) {
  gsl_matrix_view x = gsl_matrix_view_array(m->x, ROWS / steps, steps * FEATURES);
  gradus_error err = {0};
  gradus_prediction *prediction = NULL;
  CHECK_STATUS(gradus_predict_matrix(&prediction, fit, &x.matrix, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_FATAL(prediction && prediction->rows == ROWS);
  return prediction;
}

/* One row below the other it is a linear regression, which has another algorithm. */
static void check_no_layers(size_t steps) {
  made m;
  make(&m);
  gsl_matrix_view x = gsl_matrix_view_array(m.x, ROWS, FEATURES);
  gsl_vector_view y = gsl_vector_view_array(m.y, ROWS);
  gradus_error err = {0};
  gradus_fit *regression = NULL;
  gradus_prediction *at_rows = NULL;
  CHECK_STATUS(gradus_linear_fit_vector(&regression, &x.matrix, &y.vector, NULL, NULL, &err),
               GRADUS_OK, &err);
  CHECK_STATUS(gradus_predict_matrix(&at_rows, regression, &x.matrix, NULL, &err), GRADUS_OK, &err);
  gradus_fit *network = fit_steps(&m, steps, &(gradus_network_options){0});
  gradus_prediction *at_steps = predict(network, &m, steps);
  CU_ASSERT_FATAL(at_rows != NULL);
  for (size_t i = 0; i < ROWS; i++)
    CHECK_CLOSE(at_steps->fitted[i], at_rows->fitted[i], 1e-9);
  gradus_prediction_free(at_rows);
  gradus_prediction_free(at_steps);
  gradus_fit_free(regression);
  gradus_fit_free(network);
}

static void without_layers_it_is_the_regression_of_the_steps(void) {
  check_no_layers(STEPS);
  check_no_layers(1);
}

static void widths_stand_at_every_step(void) {
  static const char written_out[] =
      "{\"layers\": [{\"type\": \"dense\", \"units\": 4, \"each\": true, \"name\": \"hidden1\"}, "
      "{\"type\": \"activation\", \"activation\": \"tanh\"}, "
      "{\"type\": \"dense\", \"name\": \"output\", \"each\": true}]}";
  static const size_t width = 4;
  made m;
  make(&m);
  gradus_fit_options training = {.seed = 3, .max_iterations = 4};
  gradus_fit *by_text =
      fit_steps(&m, STEPS, &(gradus_network_options){.fit = training, .architecture = written_out});
  gradus_fit *by_widths =
      fit_steps(&m, STEPS,
                &(gradus_network_options){
                    .fit = training, .hidden = &width, .hidden_count = 1, .activation = "tanh"});
  gradus_prediction *expected = predict(by_text, &m, STEPS);
  gradus_prediction *found = predict(by_widths, &m, STEPS);
  for (size_t i = 0; i < ROWS; i++)
    CU_ASSERT_EQUAL(found->fitted[i], expected->fitted[i]);
  gradus_prediction_free(expected);
  gradus_prediction_free(found);
  gradus_fit_free(by_text);
  gradus_fit_free(by_widths);
}

int main(void) {
  static const test_case cases[] = {
      {"without layers it is the regression of the steps",
       without_layers_it_is_the_regression_of_the_steps},
      {"widths stand at every step", widths_stand_at_every_step},
  };
  return test_main("each_step", cases, sizeof cases / sizeof *cases);
}
