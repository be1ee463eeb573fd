// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks: without hidden layers they are the regressions; with them they learn, stop in time,
   and refuse what they must. */
#include "support/network_fits.h"
#include "support/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
  static const char *const solvers[] = {NULL, "newton", "lbfgs", "gradient-descent",
                                        "levenberg-marquardt"};
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
      gradus_fit *network = network_fit(g->formula, frame, &own);
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

/* ---- rows held out, and bits ---- */

static void same_seed_same_bits_for_any_number_of_threads(void) {
  static const char *const solvers[] = {NULL, "lbfgs"};
  gradus_frame *iris = table_open("@iris");
  for (size_t s = 0; s < 2; s++) {
    gradus_network_options options = small_network();
    options.dropout = s == 0 ? 0.2 : 0;
    options.fit.solver = solvers[s];
    options.fit.threads = 1;
    gradus_fit *first = network_fit("Species ~ .", iris, &options);
    for (int threads = 2; threads <= 8; threads += 6) {
      options.fit.threads = threads;
      gradus_fit *again = network_fit("Species ~ .", iris, &options);
      CU_ASSERT_EQUAL(worst_difference(first, again), 0);
      gradus_fit_free(again);
    }
    options.fit.seed = 4;
    gradus_fit *other = network_fit("Species ~ .", iris, &options);
    CU_ASSERT(worst_difference(first, other) > 1e-3);
    gradus_fit_free(other);
    gradus_fit_free(first);
  }
  gradus_frame_free(iris);
}

/* The validation set is stratified: a quarter of each species. */
static void held_out_rows_are_a_share_of_each_class(void) {
  gradus_frame *iris = table_open("@iris");
  gradus_network_options options = small_network();
  gradus_fit *fit = network_fit("Species ~ .", iris, &options);
  gradus_network_metrics train, held;
  CHECK_STATUS(gradus_fit_network_metrics(fit, GRADUS_SET_TRAIN, &train, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_network_metrics(fit, GRADUS_SET_VALIDATION, &held, NULL), GRADUS_OK,
               NULL);
  CU_ASSERT_EQUAL(held.rows, 39); /* 3·round(12.5) */
  CU_ASSERT_EQUAL(train.rows, 111);
  CU_ASSERT_EQUAL(gradus_fit_epochs(fit), 30);
  gradus_fit_free(fit);
  gradus_frame_free(iris);
}

/* Twelve rows of noise and many units: the validation loss turns up soon. */
static void early_stopping_goes_back_to_the_best_epoch(void) {
  static const size_t wide[] = {64};
  gradus_frame *cars = table_open("@mtcars");
  gradus_network_options options = {
      .fit = {.max_iterations = 2000, .seed = 1, .descent = {.learning_rate = 0.02}},
      .hidden = wide,
      .hidden_count = 1,
      .validation = 0.4,
      .patience = 15};
  gradus_fit *fit = network_fit("qsec ~ mpg + drat + wt + gear + carb", cars, &options);
  size_t epochs = gradus_fit_epochs(fit), best = gradus_fit_best_epoch(fit);
  CU_ASSERT_STRING_EQUAL(gradus_fit_solver(fit)->stop, "the validation loss no longer falls");
  CU_ASSERT_EQUAL_FATAL(epochs, best + 15);
  gradus_epoch epoch;
  gradus_network_metrics held;
  CHECK_STATUS(gradus_fit_epoch(fit, best - 1, &epoch, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_network_metrics(fit, GRADUS_SET_VALIDATION, &held, NULL), GRADUS_OK,
               NULL);
  CHECK_CLOSE(held.loss, epoch.validation_loss, 1e-13);
  for (size_t i = 0; i < epochs; i++) {
    gradus_epoch other;
    CHECK_STATUS(gradus_fit_epoch(fit, i, &other, NULL), GRADUS_OK, NULL);
    CU_ASSERT_EQUAL(other.epoch, i + 1);
    CU_ASSERT(other.validation_loss >= epoch.validation_loss);
  }
  gradus_fit_free(fit);
  gradus_frame_free(cars);
}

static bool keep_first_loss(void *context, const gradus_progress *progress) {
  if (progress->iteration == 0)
    *(double *)context = progress->loss;
  return progress->iteration < 2;
}

static void a_network_grown_from_a_regression_starts_at_its_loss(void) {
  gradus_frame *births = table_open("@birthwt");
  gradus_fit *logistic = NULL;
  gradus_summary summary;
  double first = NAN;
  CHECK_STATUS(gradus_logistic_fit(&logistic, "low ~ age + lwt + smoke", births, NULL, NULL),
               GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_summary(logistic, 0, &summary, NULL), GRADUS_OK, NULL);
  gradus_network_options options = small_network();
  options.validation = 0;
  options.start = logistic;
  options.fit.family = "binomial";
  options.fit.progress = keep_first_loss;
  options.fit.progress_context = &first;
  gradus_fit *fit = network_fit("low ~ age + lwt + smoke", births, &options);
  CHECK_CLOSE(first, summary.deviance / 2 / summary.nobs, 1e-14);
  CU_ASSERT_EQUAL(gradus_fit_epochs(fit), 2);
  gradus_fit_free(fit);
  gradus_fit_free(logistic);
  gradus_frame_free(births);
}

/* ---- what goes wrong ---- */

static void a_training_that_leaves_the_numbers_says_where(void) {
  gradus_frame *births = table_open("@birthwt");
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_network_options options = small_network();
  options.fit.family = "poisson";
  options.activation = "identity";
  options.fit.descent =
      (gradus_descent_options){.rule = GRADUS_RULE_PLAIN, .learning_rate = 1e6, .batch_size = 16};
  CHECK_STATUS(gradus_network_fit(&fit, "ftv ~ age + lwt", births, &options, &err),
               GRADUS_WARNING_DIVERGED, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CHECK_CONTAINS(err.message, "epoch 1, batch ");
  CU_ASSERT_STRING_EQUAL(gradus_fit_solver(fit)->stop,
                         "the loss or its gradient is no longer finite");
  const double *theta = gradus_params_const_values(gradus_fit_params(fit));
  for (size_t i = 0; i < gradus_params_size(gradus_fit_params(fit)); i++)
    CU_ASSERT(isfinite(theta[i]));
  gradus_fit_free(fit);
  gradus_frame_free(births);
}

static void check_refused(const char *formula, const char *data,
                          const gradus_network_options *options, gradus_status expected,
                          const char *says) {
  gradus_frame *frame = table_open(data);
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit(&fit, formula, frame, options, &err), expected, &err);
  CHECK_CONTAINS(err.message, says);
  CU_ASSERT_PTR_NULL(fit);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void what_cannot_be_is_refused_in_words(void) {
  static const size_t none[] = {4, 0};
  gradus_network_options options = {.hidden = none, .hidden_count = 1, .activation = "rely"};
  check_refused("mpg ~ wt", "@mtcars", &options, GRADUS_ERROR_INVALID_ARGUMENT,
                "no activation \"rely\"");
  options = (gradus_network_options){.hidden = none, .hidden_count = 2};
  check_refused("mpg ~ wt", "@mtcars", &options, GRADUS_ERROR_INVALID_ARGUMENT, "hidden2");
  options = (gradus_network_options){.fit = {.family = "gamma"}};
  check_refused("ftv ~ age", "@birthwt", &options, GRADUS_ERROR_BAD_RESPONSE, "a number above 0");
  options = (gradus_network_options){.fit = {.family = "poisson"}};
  check_refused("Species ~ .", "@iris", &options, GRADUS_ERROR_BAD_RESPONSE, "factor of 3 levels");
  options = (gradus_network_options){.fit = {.family = "multinomial"}};
  check_refused("mpg ~ wt", "@mtcars", &options, GRADUS_ERROR_BAD_RESPONSE, "must be a factor");
  options = (gradus_network_options){.fit = {.family = "poison"}};
  check_refused("mpg ~ wt", "@mtcars", &options, GRADUS_ERROR_INVALID_ARGUMENT, "poisson");
  options = (gradus_network_options){.fit = {.solver = "irls"}};
  check_refused("mpg ~ wt", "@mtcars", &options, GRADUS_ERROR_INVALID_ARGUMENT, "lbfgs");
  options = (gradus_network_options){.validation = 1};
  check_refused("mpg ~ wt", "@mtcars", &options, GRADUS_ERROR_INVALID_ARGUMENT, "validation");
  options = (gradus_network_options){.validation = 0.001};
  check_refused("mpg ~ wt", "@mtcars", &options, GRADUS_ERROR_INVALID_ARGUMENT, "at least one");
  options = (gradus_network_options){.patience = 3};
  check_refused("mpg ~ wt", "@mtcars", &options, GRADUS_ERROR_INVALID_ARGUMENT, "patience");
  options = (gradus_network_options){.class_weights = true};
  check_refused("mpg ~ wt", "@mtcars", &options, GRADUS_ERROR_INVALID_ARGUMENT, "classes");
  options = (gradus_network_options){.checkpoint = "x", .fit = {.solver = "lbfgs"}};
  check_refused("mpg ~ wt", "@mtcars", &options, GRADUS_ERROR_UNSUPPORTED, "lbfgs");
}

static void data_that_are_no_numbers_are_refused(void) {
  double cells[] = {1, 2, 3, NAN, 5, 6}, values[] = {1, 2, 3}, classes[] = {0, 1, 1.5};
  gsl_matrix_view x = gsl_matrix_view_array(cells, 3, 2);
  gsl_matrix_view y = gsl_matrix_view_array(values, 3, 1);
  gsl_matrix_view c = gsl_matrix_view_array(classes, 3, 1);
  static const size_t width = 8;
  gradus_network_options options = {.hidden = &width, .hidden_count = 1};
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit_matrix(&fit, &x.matrix, &y.matrix, NULL, &options, &err),
               GRADUS_ERROR_NON_FINITE, &err);
  CHECK_CONTAINS(err.message, "row 2: input 2");
  cells[3] = 4;
  values[2] = INFINITY;
  err = (gradus_error){0};
  CHECK_STATUS(gradus_network_fit_matrix(&fit, &x.matrix, &y.matrix, NULL, &options, &err),
               GRADUS_ERROR_BAD_RESPONSE, &err);
  CHECK_CONTAINS(err.message, "row 3");
  options.fit.family = "multinomial";
  err = (gradus_error){0};
  CHECK_STATUS(gradus_network_fit_matrix(&fit, &x.matrix, &c.matrix, NULL, &options, &err),
               GRADUS_ERROR_BAD_RESPONSE, &err);
  CHECK_CONTAINS(err.message, "1.5");
}

/* A layer's factor of the penalties: 0 is the regression without one, 2 at half of λ that at λ. */
static void a_layer_s_penalty_is_a_factor_of_both(void) {
  static const char *const layers[] = {
      "{\"layers\": [{\"type\": \"dense\", \"name\": \"output\"}]}",
      "{\"layers\": [{\"type\": \"dense\", \"name\": \"output\", \"penalty\": 2}]}",
      "{\"layers\": [{\"type\": \"dense\", \"name\": \"output\", \"penalty\": 0}]}"};
  static const double l2[] = {0.2, 0.1, 7}, l1[] = {0.02, 0.01, 0.5};
  gradus_frame *frame = table_open("@mtcars");
  for (int absolute = 0; absolute < 2; absolute++) {
    double estimate[3];
    for (size_t i = 0; i < 3; i++) {
      gradus_fit *fit = NULL;
      gradus_term term;
      gradus_error err = {0};
      gradus_network_options options = {.architecture = layers[i], .l1 = absolute ? l1[i] : 0};
      options.fit = (gradus_fit_options){.solver = "lbfgs", .tolerance = 1e-13, .l2 = l2[i]};
      if (absolute)
        options.fit = (gradus_fit_options){.solver = "gradient-descent",
                                           .max_iterations = 400,
                                           .descent = {.rule = GRADUS_RULE_PLAIN,
                                                       .learning_rate = 0.2,
                                                       .batch_size = 32,
                                                       .keep_order = true}};
      CU_ASSERT_TRUE(gradus_network_fit(&fit, "mpg ~ wt", frame, &options, &err) <= 0);
      CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
      gradus_fit_term(fit, 0, 1, 0, &term, NULL);
      estimate[i] = term.estimate;
      gradus_fit_free(fit);
    }
    CHECK_CLOSE(estimate[1], estimate[0], 1e-12);
    CHECK_CLOSE(estimate[2], -5.344471572722678, absolute ? 1e-6 : 1e-10); /* R's lm */
    CU_ASSERT_TRUE(fabs(estimate[0]) < 5.3);
  }
  gradus_frame_free(frame);
}

static void failed_allocations_leak_nothing(void) {
  gradus_frame *iris = table_open("@iris");
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_prediction *prediction = NULL;
    gradus_network_options options = small_network();
    gradus_predict_options serial = {.threads = 1};
    options.fit.threads = 1;
    options.fit.max_iterations = 2;
    options.class_weights = true;
    options.checkpoint = "test_network.allocations";
    run.status = gradus_network_fit(&fit, "Species ~ Sepal.Width", iris, &options, NULL);
    CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
    if (fit)
      run.status = gradus_predict(&prediction, fit, iris, &serial, NULL);
    gradus_prediction_free(prediction);
    gradus_fit_free(fit);
  }
  remove("test_network.allocations");
  gradus_frame_free(iris);
}

int main(void) {
  static const test_case cases[] = {
      {"without hidden layers it is the regression", without_hidden_layers_it_is_the_regression},
      {"two hidden units learn xor", two_hidden_units_learn_xor},
      {"the same seed gives the same bits for any number of threads",
       same_seed_same_bits_for_any_number_of_threads},
      {"held-out rows are a share of each class", held_out_rows_are_a_share_of_each_class},
      {"early stopping goes back to the best epoch", early_stopping_goes_back_to_the_best_epoch},
      {"a network grown from a regression starts at its loss",
       a_network_grown_from_a_regression_starts_at_its_loss},
      {"a training that leaves the numbers says where",
       a_training_that_leaves_the_numbers_says_where},
      {"what cannot be is refused in words", what_cannot_be_is_refused_in_words},
      {"data that are no numbers are refused", data_that_are_no_numbers_are_refused},
      {"a layer's penalty is a factor of both", a_layer_s_penalty_is_a_factor_of_both},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("network", cases, sizeof cases / sizeof *cases);
}
