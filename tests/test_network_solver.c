// SPDX-License-Identifier: GPL-3.0-or-later
/* How networks are trained: which solvers suit which layers, training that is stopped at a batch,
   and the defaults for small data. */
#include "support/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t widths[] = {6, 4};

static gradus_fit *fit_of(const char *formula, const gradus_frame *frame,
                          const gradus_network_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_status status = gradus_network_fit(&fit, formula, frame, options, &err);
  CU_ASSERT(status <= 0);
  if (status > 0)
    CHECK_STATUS(status, GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

/* ---- batch norm ---- */

static void batch_norm_is_refused_where_its_moments_would_not_move(void) {
  static const char *const whole[] = {"lbfgs", "newton", "levenberg-marquardt", "gradient-descent"};
  gradus_frame *frame = table_open("@mtcars");
  gradus_network_options options = {
      .fit = {.max_iterations = 2}, .hidden = widths, .hidden_count = 2, .normalisation = "batch"};
  for (size_t s = 0; s < 4; s++) {
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    options.fit.solver = whole[s];
    options.fit.descent.rule = s == 3 ? GRADUS_RULE_ADAM : GRADUS_RULE_AUTO;
    CHECK_STATUS(gradus_network_fit(&fit, "mpg ~ wt + hp", frame, &options, &err),
                 GRADUS_ERROR_UNSUPPORTED, &err);
    CU_ASSERT_PTR_NULL(fit);
    CHECK_CONTAINS(err.message, "\"normalisation1\" (batch_norm)");
    CHECK_CONTAINS(err.message, whole[s]);
    CHECK_CONTAINS(err.message, "gradient-descent with a batch size");
  }
  options.fit.descent.batch_size = 8;
  gradus_fit_free(fit_of("mpg ~ wt + hp", frame, &options));
  options.fit.solver = NULL;
  options.fit.descent = (gradus_descent_options){0};
  gradus_fit_free(fit_of("mpg ~ wt + hp", frame, &options));
  options.fit.solver = "lbfgs";
  options.normalisation = "layer";
  gradus_fit_free(fit_of("mpg ~ wt + hp", frame, &options));
  gradus_frame_free(frame);
}

/* ---- stopped at a batch ---- */

enum { EPOCHS = 12, WHOLE = 5, BATCH = 15, BATCHES = 10 /* of iris' 150 rows */ };
static const char checkpoint[] = "test_network_solver.checkpoint";

/* Says stop when it is asked for the last time. */
static bool count_down(void *context) {
  size_t *left = context;
  return *left > 0 ? --*left == 0 : true;
}

static gradus_network_options training_of_iris(bool single) {
  return (gradus_network_options){
      .fit = {.max_iterations = EPOCHS,
              .seed = 4,
              .descent = {.rule = GRADUS_RULE_ADAM, .learning_rate = 0.01, .batch_size = BATCH}},
      .hidden = widths,
      .hidden_count = 2,
      .dropout = 0.1,
      .normalisation = "batch",
      .l1 = 1e-4,
      .precision = single ? GRADUS_PRECISION_FLOAT32 : GRADUS_PRECISION_FLOAT64};
}

static bool same_parameters(const gradus_fit *a, const gradus_fit *b) {
  size_t size = gradus_params_size(gradus_fit_params(a));
  return memcmp(gradus_params_const_values(gradus_fit_params(a)),
                gradus_params_const_values(gradus_fit_params(b)), size * sizeof(double)) == 0;
}

/* The last batch that it is asked for is not done: three are, after the whole epochs and the ends
   of these, where it is asked as well. */
static void it_is_stopped_within_an_epoch_and_resumed_from_the_last_whole_one(void) {
  gradus_frame *iris = table_open("@iris");
  for (int single = 0; single < 2; single++) {
    gradus_network_options options = training_of_iris(single);
    gradus_fit *whole = fit_of("Species ~ .", iris, &options);
    options.fit.max_iterations = WHOLE;
    gradus_fit *first = fit_of("Species ~ .", iris, &options);
    options.fit.max_iterations = EPOCHS;
    size_t left = WHOLE * (BATCHES + 1) + 3 + 1;
    options.stop = count_down;
    options.stop_context = &left;
    options.checkpoint = checkpoint;
    gradus_fit *stopped = fit_of("Species ~ .", iris, &options);
    CU_ASSERT_EQUAL(gradus_fit_epochs(stopped), WHOLE);
    CU_ASSERT_EQUAL(gradus_fit_solver(stopped)->iterations, WHOLE);
    CU_ASSERT_FALSE(gradus_fit_solver(stopped)->converged);
    CU_ASSERT_STRING_EQUAL(gradus_fit_solver(stopped)->stop, "it was asked to stop");
    CU_ASSERT_FALSE(same_parameters(stopped, first));
    options.stop = NULL;
    options.resume = true;
    gradus_fit *resumed = fit_of("Species ~ .", iris, &options);
    CU_ASSERT_EQUAL(gradus_fit_epochs(resumed), EPOCHS);
    CU_ASSERT(same_parameters(resumed, whole));
    remove(checkpoint);
    gradus_fit_free(whole);
    gradus_fit_free(first);
    gradus_fit_free(stopped);
    gradus_fit_free(resumed);
  }
  gradus_frame_free(iris);
}

/* Three batches in order, by hand: a training on just their rows. */
static void the_parameters_are_those_after_the_last_batch(void) {
  double x[40], y[40];
  for (size_t i = 0; i < 40; i++) {
    x[i] = cos((double)i);
    y[i] = x[i] * x[i];
  }
  gradus_fit *fit[2] = {NULL};
  for (size_t part = 0; part < 2; part++) {
    size_t rows = part ? 24 : 40, left = 4;
    gsl_matrix_view inputs = gsl_matrix_view_array(x, rows, 1);
    gsl_matrix_view response = gsl_matrix_view_array(y, rows, 1);
    gradus_network_options options = {
        .fit = {.max_iterations = part ? 1 : 100,
                .start = NULL,
                .no_intercept = true,
                .descent = {.rule = GRADUS_RULE_ADAM, .batch_size = 8, .keep_order = true}},
        .hidden = widths,
        .hidden_count = 1,
        .raw_inputs = true,
        .raw_response = true,
        .stop = part ? NULL : count_down,
        .stop_context = &left};
    CU_ASSERT(gradus_network_fit_matrix(&fit[part], &inputs.matrix, &response.matrix, NULL,
                                        &options, NULL) <= 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fit[part]);
  }
  CU_ASSERT_EQUAL(gradus_fit_epochs(fit[0]), 0);
  CU_ASSERT(same_parameters(fit[0], fit[1]));
  gradus_fit_free(fit[0]);
  gradus_fit_free(fit[1]);
}

static void the_best_epoch_is_kept_where_there_is_one(void) {
  gradus_frame *iris = table_open("@iris");
  gradus_network_options options = training_of_iris(false);
  options.validation = 0.2; /* 120 rows are left: eight batches */
  options.fit.max_iterations = WHOLE;
  gradus_fit *whole = fit_of("Species ~ .", iris, &options);
  size_t left = WHOLE * (8 + 1) + 3;
  options.fit.max_iterations = EPOCHS;
  options.stop = count_down;
  options.stop_context = &left;
  gradus_fit *stopped = fit_of("Species ~ .", iris, &options);
  CU_ASSERT_EQUAL(gradus_fit_epochs(stopped), WHOLE);
  CU_ASSERT_EQUAL(gradus_fit_best_epoch(stopped), gradus_fit_best_epoch(whole));
  CU_ASSERT(same_parameters(stopped, whole));
  CU_ASSERT(isnan(gradus_fit_solver(stopped)->certificate));
  gradus_fit_free(whole);
  gradus_fit_free(stopped);
  gradus_frame_free(iris);
}

static void solvers_of_all_rows_are_stopped_between_iterations(void) {
  static const char *const solvers[] = {"lbfgs", "levenberg-marquardt", "gradient-descent"};
  gradus_frame *frame = table_open("@mtcars");
  for (size_t s = 0; s < 3; s++) {
    size_t left = 4;
    gradus_network_options options = {.fit = {.solver = solvers[s]},
                                      .hidden = widths,
                                      .hidden_count = 1,
                                      .stop = count_down,
                                      .stop_context = &left};
    gradus_fit *fit = fit_of("mpg ~ wt + hp", frame, &options);
    CU_ASSERT_EQUAL(gradus_fit_solver(fit)->iterations, 3);
    CU_ASSERT_STRING_EQUAL(gradus_fit_solver(fit)->stop, "it was asked to stop");
    gradus_fit_free(fit);
  }
  gradus_frame_free(frame);
}

static void a_stream_goes_on_from_a_batch(void) {
  gradus_frame *iris = table_open("@iris");
  gradus_network_options options = training_of_iris(false);
  size_t left = 3;
  gradus_fit *fit = fit_of("Species ~ .", iris, &options);
  gradus_partial_options partial = {.epochs = 4, .stop = count_down, .stop_context = &left};
  CHECK_STATUS(gradus_fit_partial(fit, iris, &partial, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL(gradus_fit_epochs(fit), EPOCHS);
  CHECK_STATUS(gradus_fit_partial(fit, iris, &(gradus_partial_options){.epochs = 4}, NULL),
               GRADUS_OK, NULL);
  CU_ASSERT_EQUAL(gradus_fit_epochs(fit), EPOCHS + 4);
  gradus_fit_free(fit);
  gradus_frame_free(iris);
}

/* ---- defaults ---- */

static const size_t few[] = {16, 8};

/* What `gradus network --hidden 16,8 FORMULA DATA` does; seeds are asked for so that none is lucky.
 */
static gradus_fit *by_default(const char *formula, const char *data, const char *family,
                              double validation, unsigned long seed) {
  gradus_frame *frame = table_open(data);
  gradus_network_options options = {.fit = {.family = family, .seed = seed},
                                    .hidden = few,
                                    .hidden_count = 2,
                                    .validation = validation};
  gradus_fit *fit = fit_of(formula, frame, &options);
  gradus_frame_free(frame);
  return fit;
}

static gradus_network_metrics metrics_of(const gradus_fit *fit, gradus_set set) {
  gradus_network_metrics metrics;
  CHECK_STATUS(gradus_fit_network_metrics(fit, set, &metrics, NULL), GRADUS_OK, NULL);
  return metrics;
}

static void epochs_on_few_rows_make_three_thousand_steps(void) {
  static const struct {
    const char *formula, *data;
    double validation;
    size_t epochs;
  } cases[] = {{"mpg ~ .", "@mtcars", 0, 750},      /* 4 batches of 8 */
               {"Species ~ .", "@iris", 0, 177},    /* 17 of 9 */
               {"Species ~ .", "@iris", 0.2, 215}}; /* 14 of 9 */
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_fit *fit = by_default(cases[i].formula, cases[i].data, NULL, cases[i].validation, 1);
    CU_ASSERT_EQUAL(gradus_fit_epochs(fit), cases[i].epochs);
    gradus_fit_free(fit);
  }
}

/* A linear regression explains 87 % of mpg (R's lm). */
static void small_data_are_learnt_by_default(void) {
  double accuracy = 0, explained = 0, held = 0;
  for (unsigned long seed = 1; seed <= 5; seed++) {
    gradus_fit *iris = by_default("Species ~ .", "@iris", NULL, 0.3, seed);
    gradus_fit *cars = by_default("mpg ~ .", "@mtcars", NULL, 0, seed);
    accuracy += metrics_of(iris, GRADUS_SET_TRAIN).accuracy / 5;
    held += metrics_of(iris, GRADUS_SET_VALIDATION).accuracy / 5;
    explained += metrics_of(cars, GRADUS_SET_TRAIN).r_squared / 5;
    gradus_fit_free(iris);
    gradus_fit_free(cars);
  }
  CU_ASSERT(accuracy > 0.97);
  CU_ASSERT(held > 0.94);
  CU_ASSERT(explained > 0.95);
}

static bool first_bias(void *context, const gradus_progress *progress) {
  if (progress->iteration == 0)
    *(double *)context = progress->theta[progress->size - 1];
  return true;
}

/* Claims per holder: the bias starts where R's model of the offset alone has it, log(Σy/Σ holders),
   and a network of it does about as well as glm, whose residual deviance is 51.42. */
static void an_offset_is_counted_where_the_bias_starts(void) {
  gradus_frame *frame = table_open("@Insurance");
  const double *claims = table_column(frame, "Claims"), *holders = table_column(frame, "Holders");
  double all = 0, of = 0;
  for (size_t i = 0; i < gradus_frame_rows(frame); i++) {
    all += claims[i];
    of += holders[i];
  }
  double bias = NAN;
  gradus_network_options options = {
      .fit = {.family = "poisson", .progress = first_bias, .progress_context = &bias},
      .hidden = few,
      .hidden_count = 2};
  gradus_fit *fit =
      fit_of("Claims ~ District + Group + Age + offset(log(Holders))", frame, &options);
  const gradus_block *block = gradus_params_find(gradus_fit_params(fit), "output.bias");
  CU_ASSERT_PTR_NOT_NULL_FATAL(block);
  CHECK_CLOSE(bias, log(all / of), 1e-13);
  CU_ASSERT(metrics_of(fit, GRADUS_SET_TRAIN).loss * 2 * 64 < 51.42);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

int main(void) {
  static const test_case cases[] = {
      {"batch norm is refused where its moments would not move",
       batch_norm_is_refused_where_its_moments_would_not_move},
      {"it is stopped within an epoch and resumed from the last whole one",
       it_is_stopped_within_an_epoch_and_resumed_from_the_last_whole_one},
      {"the parameters are those after the last batch",
       the_parameters_are_those_after_the_last_batch},
      {"the best epoch is kept where there is one", the_best_epoch_is_kept_where_there_is_one},
      {"solvers of all rows are stopped between iterations",
       solvers_of_all_rows_are_stopped_between_iterations},
      {"a stream goes on from a batch", a_stream_goes_on_from_a_batch},
      {"epochs on few rows make three thousand steps",
       epochs_on_few_rows_make_three_thousand_steps},
      {"small data are learnt by default", small_data_are_learnt_by_default},
      {"an offset is counted where the bias starts", an_offset_is_counted_where_the_bias_starts},
  };
  return test_main("network_solver", cases, sizeof cases / sizeof *cases);
}
