// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks by losses, layers and activations of a user's own: trained, saved, loaded, gone on with,
   and refused where they cannot be. Reference numbers: tests/r/custom_loss.R. */
#include "support/table.h"

#include <gradus/network_inference.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tables ---- */

static double logcosh(size_t k, const double *output, size_t m, const double *response,
                      double *slope, void *data) {
  (void)data, (void)m;
  double sum = 0;
  for (size_t r = 0; r < k; r++) {
    double size = fabs(output[r] - response[r]);
    sum += size + log1p(exp(-2 * size)) - log(2);
    if (slope)
      slope[r] = tanh(output[r] - response[r]);
  }
  return sum;
}

/* A normal distribution whose mean and log standard deviation are outputs. */
static double normal(size_t k, const double *output, size_t m, const double *response,
                     double *slope, void *data) {
  (void)data, (void)m, (void)k;
  double residual = output[0] - response[0], precision = exp(-2 * output[1]);
  if (slope) {
    slope[0] = residual * precision;
    slope[1] = 1 - residual * residual * precision;
  }
  return output[1] + 0.5 * residual * residual * precision;
}

static double squares(size_t k, const double *output, size_t m, const double *response,
                      double *slope, void *data) {
  (void)data, (void)m;
  double sum = 0;
  for (size_t r = 0; r < k; r++) {
    sum += 0.5 * (output[r] - response[r]) * (output[r] - response[r]);
    if (slope)
      slope[r] = output[r] - response[r];
  }
  return sum;
}

/* Cross-entropy of a class, whose first has the predictor 0. */
static double entropy(size_t k, const double *output, size_t m, const double *response,
                      double *slope, void *data) {
  (void)data, (void)m;
  size_t class = (size_t)response[0];
  double total = 1;
  for (size_t r = 0; r < k; r++)
    total += exp(output[r]);
  for (size_t r = 0; slope && r < k; r++)
    slope[r] = exp(output[r]) / total - (class == r + 1);
  return log(total) - (class > 0 ? output[class - 1] : 0);
}

static double nothing(size_t k, const double *output, size_t m, const double *response,
                      double *slope, void *data) {
  (void)data, (void)m, (void)response;
  for (size_t r = 0; slope && r < k; r++)
    slope[r] = 1e3;
  return output[0] < -20 ? NAN : output[0];
}

static void sine(size_t n, const double *x, double *y, void *data) {
  (void)data;
  for (size_t i = 0; i < n; i++)
    y[i] = sin(x[i]);
}
static void sine_slope(size_t n, const double *x, const double *y, double *slope, void *data) {
  (void)data, (void)y;
  for (size_t i = 0; i < n; i++)
    slope[i] = cos(x[i]);
}

static size_t same(size_t inputs, void *data) {
  (void)data;
  return inputs;
}
static void scale(const gradus_layer_call *c) {
  for (size_t i = 0; i < c->rows * c->inputs; i++)
    c->out[i] = (1 + c->theta[i % c->inputs]) * c->in[i];
}
static void scale_back(const gradus_layer_call *c) {
  for (size_t i = 0; i < c->rows * c->inputs; i++) {
    if (c->in_gradient)
      c->in_gradient[i] += (1 + c->theta[i % c->inputs]) * c->out_gradient[i];
    if (c->gradient)
      c->gradient[i % c->inputs] += c->in[i] * c->out_gradient[i];
  }
}

enum { LOGCOSH, NORMAL, SQUARES, ENTROPY, NOTHING };
static const gradus_loss losses[] = {{"logcosh", logcosh, NULL},
                                     {"normal", normal, NULL},
                                     {"squares", squares, NULL},
                                     {"entropy", entropy, NULL},
                                     {"nothing", nothing, NULL}};
static const gradus_activation activation = {"sine", sine, sine_slope, NULL};
static const gradus_layer_type layer = {
    .name = "scale", .outputs = same, .parameters = same, .forward = scale, .backward = scale_back};
static const gradus_custom all = {.activations = &activation,
                                  .activation_count = 1,
                                  .layers = &layer,
                                  .layer_count = 1,
                                  .losses = losses,
                                  .loss_count = 5};
static const char architecture[] =
    "{\"layers\": [{\"type\": \"dense\", \"units\": 4}, "
    "{\"type\": \"activation\", \"activation\": \"sine\"}, {\"type\": \"scale\"}, "
    "{\"type\": \"dense\", \"name\": \"output\"}]}";

/* ---- minima ---- */

static gradus_fit *fit_of(const char *formula, const gradus_frame *frame,
                          const gradus_network_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit(&fit, formula, frame, options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

/* Rows of a quantity stand together, in order. */
static double reference(const gradus_frame *table, const char *quantity, size_t index) {
  for (size_t i = 0; i < gradus_frame_rows(table); i++)
    if (strcmp(table_text(table, "quantity", i), quantity) == 0)
      return table_number(table, "value", i + index);
  return NAN;
}

static void a_loss_of_ones_own_reaches_the_minimum_that_r_finds(void) {
  static const char *const solvers[] = {NULL, "lbfgs", "gradient-descent"};
  gradus_frame *data = table_open("@mtcars"), *table = table_open("custom_loss.csv");
  for (size_t s = 0; s < 3; s++) {
    gradus_fit *fit =
        fit_of("mpg ~ wt + hp", data,
               &(gradus_network_options){.fit = {.solver = solvers[s]}, .loss = &losses[LOGCOSH]});
    gradus_network_metrics metrics;
    for (size_t j = 0; j < 3; j++)
      CHECK_CLOSE(gradus_fit_coefficient(fit, 0, j), reference(table, "logcosh", j), 1e-9);
    CHECK_STATUS(gradus_fit_network_metrics(fit, GRADUS_SET_TRAIN, &metrics, NULL), GRADUS_OK,
                 NULL);
    CHECK_CLOSE(metrics.loss, reference(table, "logcosh_loss", 0), 1e-12);
    CU_ASSERT(isnan(metrics.rmse) && isnan(metrics.r_squared) && isnan(metrics.accuracy));
    CU_ASSERT_STRING_EQUAL(gradus_fit_loss(fit), "logcosh");
    CU_ASSERT_STRING_EQUAL(gradus_fit_family(fit), "custom");
    CU_ASSERT_STRING_EQUAL(gradus_fit_response_name(fit, 0), "mpg");
    gradus_fit_free(fit);
  }
  gradus_frame_free(table);
  gradus_frame_free(data);
}

static void a_loss_may_take_more_outputs_than_responses(void) {
  gradus_frame *data = table_open("@mtcars"), *table = table_open("custom_loss.csv");
  gradus_network_options options = {
      .fit = {.solver = "lbfgs"}, .loss = &losses[NORMAL], .outputs = 2};
  gradus_fit *fit = fit_of("mpg ~ wt + hp", data, &options);
  gradus_prediction *prediction = NULL;
  CU_ASSERT_EQUAL_FATAL(gradus_fit_responses(fit), 2);
  CU_ASSERT_STRING_EQUAL(gradus_fit_response_name(fit, 1), "output2");
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 0; j < 3; j++)
      CHECK_CLOSE(gradus_fit_coefficient(fit, r, j), reference(table, "spread", 3 * r + j), 1e-7);
  CHECK_STATUS(gradus_predict(&prediction, fit, data, NULL, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL_FATAL(prediction->columns, 2);
  double wt = table_number(data, "wt", 3), hp = table_number(data, "hp", 3);
  for (size_t r = 0; r < 2; r++)
    CHECK_CLOSE(prediction->fitted[3 * 2 + r],
                gradus_fit_coefficient(fit, r, 0) + gradus_fit_coefficient(fit, r, 1) * wt +
                    gradus_fit_coefficient(fit, r, 2) * hp,
                1e-13);
  gradus_prediction_free(prediction);
  gradus_fit_free(fit);
  gradus_frame_free(table);
  gradus_frame_free(data);
}

static void a_factor_comes_as_the_numbers_of_its_levels(void) {
  gradus_frame *data = table_open("@birthwt");
  gradus_network_options options = {
      .fit = {.solver = "lbfgs"}, .loss = &losses[ENTROPY], .outputs = 2};
  gradus_fit *fit = fit_of("factor(race) ~ age + lwt + smoke", data, &options), *other = NULL;
  CHECK_STATUS(gradus_multinomial_fit(&other, "factor(race) ~ age + lwt + smoke", data, NULL, NULL),
               GRADUS_OK, NULL);
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 0; j < 4; j++)
      CHECK_CLOSE(gradus_fit_coefficient(fit, r, j), gradus_fit_coefficient(other, r, j), 1e-8);
  CU_ASSERT_EQUAL(gradus_fit_classes(fit), 0);
  gradus_fit_free(other);
  gradus_fit_free(fit);
  gradus_frame_free(data);
}

/* Responses 1 and -1 alternately, so that both losses start at the bias 0. */
static void by_mini_batches_own_squares_are_the_same_bits_as_ours(void) {
  enum { ROWS = 60, INPUTS = 3 };
  double x[ROWS * INPUTS], y[ROWS];
  static const size_t hidden[] = {7};
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < INPUTS; j++)
      x[i * INPUTS + j] = sin((double)(i * i + 17 * j));
    y[i] = i % 2 ? 1 : -1;
  }
  gsl_matrix_view inputs = gsl_matrix_view_array(x, ROWS, INPUTS);
  gsl_matrix_view responses = gsl_matrix_view_array(y, ROWS, 1);
  for (int precision = 0; precision < 2; precision++) {
    gradus_fit *fit[2] = {NULL};
    for (size_t own = 0; own < 2; own++) {
      gradus_network_options options = {.fit = {.max_iterations = 20, .seed = 3},
                                        .hidden = hidden,
                                        .hidden_count = 1,
                                        .raw_response = true,
                                        .precision = (gradus_precision)precision,
                                        .loss = own ? &losses[SQUARES] : NULL};
      CHECK_STATUS(gradus_network_fit_matrix(&fit[own], &inputs.matrix, &responses.matrix, NULL,
                                             &options, NULL),
                   GRADUS_OK, NULL);
      CU_ASSERT_PTR_NOT_NULL_FATAL(fit[own]);
    }
    size_t size = gradus_params_size(gradus_fit_params(fit[0]));
    CU_ASSERT(memcmp(gradus_params_const_values(gradus_fit_params(fit[0])),
                     gradus_params_const_values(gradus_fit_params(fit[1])),
                     size * sizeof(double)) == 0);
    gradus_fit_free(fit[0]);
    gradus_fit_free(fit[1]);
  }
}

/* Half the squared distance of one output to the mean of two responses. */
static double middle(size_t k, const double *output, size_t m, const double *response,
                     double *slope, void *data) {
  (void)data, (void)k, (void)m;
  double residual = output[0] - 0.5 * (response[0] + response[1]);
  if (slope)
    slope[0] = residual;
  return 0.5 * residual * residual;
}

/* Two responses, and one output, at each of three steps, of which not all count. */
static void a_loss_at_each_step_sees_the_responses_of_the_step(void) {
  enum { ROWS = 40, STEPS = 3 };
  static const gradus_loss own = {"middle", middle, NULL};
  static const size_t shape[] = {STEPS, 1};
  double x[ROWS * (STEPS + 1)], y[ROWS * STEPS * 2], sum = 0, count = 0;
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t t = 0; t < STEPS; t++) {
      x[i * (STEPS + 1) + t] = sin((double)(i + 3 * t));
      y[(i * STEPS + t) * 2] = cos((double)(i * t));
      y[(i * STEPS + t) * 2 + 1] = x[i * (STEPS + 1) + t];
    }
    x[i * (STEPS + 1) + STEPS] = 1 + (double)(i % STEPS);
  }
  gsl_matrix_view inputs = gsl_matrix_view_array(x, ROWS, STEPS + 1);
  gsl_matrix_view responses = gsl_matrix_view_array(y, ROWS, STEPS * 2);
  gradus_network_options options = {
      .fit = {.max_iterations = 3},
      .architecture = "{\"layers\": [{\"type\": \"dense\", \"units\": 3, \"each\": true}, "
                      "{\"type\": \"activation\", \"activation\": \"tanh\"}, "
                      "{\"type\": \"dense\", \"name\": \"output\", \"each\": true}]}",
      .input_shape = shape,
      .input_rank = 2,
      .lengths = true,
      .each_step = true,
      .loss = &own,
      .outputs = 1};
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_prediction *predicted = NULL;
  gradus_network_metrics metrics;
  CHECK_STATUS(
      gradus_network_fit_matrix(&fit, &inputs.matrix, &responses.matrix, NULL, &options, &err),
      GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CHECK_STATUS(gradus_predict_matrix(&predicted, fit, &inputs.matrix, NULL, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t t = 0; t <= i % STEPS; t++) {
      sum += middle(1, &predicted->fitted[i * STEPS + t], 2, &y[(i * STEPS + t) * 2], NULL, NULL);
      count++;
    }
  CHECK_STATUS(gradus_fit_network_metrics(fit, GRADUS_SET_TRAIN, &metrics, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(metrics.loss, sum / count, 1e-12);
  gradus_prediction_free(predicted);
  gradus_fit_free(fit);
}

/* ---- files ---- */

static const char path[] = "test_custom.safetensors";

static gradus_fit *fit_all_own(const gradus_frame *frame) {
  gradus_network_options options = {.fit = {.max_iterations = 5},
                                    .architecture = architecture,
                                    .custom = &all,
                                    .loss = &losses[LOGCOSH]};
  return fit_of("cbind(mpg, qsec) ~ wt + hp", frame, &options);
}

static void a_saved_network_of_ones_own_predicts_the_same_bits(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = fit_all_own(frame), *loaded = NULL;
  gradus_prediction *before = NULL, *after = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_fit_save(fit, path, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_load_custom(&loaded, path, &all, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
  CHECK_STATUS(gradus_predict(&before, fit, frame, NULL, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_predict(&after, loaded, frame, NULL, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL_FATAL(before->columns, 2);
  CU_ASSERT(memcmp(before->fitted, after->fitted, 64 * sizeof(double)) == 0);
  CU_ASSERT_STRING_EQUAL(gradus_fit_loss(loaded), "logcosh");
  CU_ASSERT_STRING_EQUAL(gradus_fit_family(loaded), "custom");
  /* And both go on to the same bits. */
  CHECK_STATUS(gradus_fit_partial(fit, frame, NULL, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_partial(loaded, frame, NULL, NULL), GRADUS_OK, NULL);
  size_t size = gradus_params_size(gradus_fit_params(fit));
  CU_ASSERT(memcmp(gradus_params_const_values(gradus_fit_params(fit)),
                   gradus_params_const_values(gradus_fit_params(loaded)),
                   size * sizeof(double)) == 0);
  gradus_prediction_free(before);
  gradus_prediction_free(after);
  gradus_fit_free(fit);
  gradus_fit_free(loaded);
  gradus_frame_free(frame);
  remove(path);
}

static void a_file_without_its_tables_names_what_is_missing(void) {
  gradus_custom none = all, no_layer = all, no_activation = all;
  none.loss_count = no_layer.layer_count = no_activation.activation_count = 0;
  const struct {
    const gradus_custom *tables;
    const char *what;
  } cases[] = {{NULL, "\"sine\""},
               {&none, "the loss \"logcosh\""},
               {&no_layer, "\"scale\""},
               {&no_activation, "\"sine\""}};
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = fit_all_own(frame);
  CHECK_STATUS(gradus_fit_save(fit, path, NULL), GRADUS_OK, NULL);
  gradus_fit_free(fit);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_error err = {0};
    gradus_status status = cases[i].tables
                               ? gradus_fit_load_custom(&fit, path, cases[i].tables, &err)
                               : gradus_fit_load(&fit, path, &err);
    CHECK_STATUS(status, GRADUS_ERROR_UNSUPPORTED, &err);
    CU_ASSERT_PTR_NULL(fit);
    CHECK_CONTAINS(err.message, path);
    CHECK_CONTAINS(err.message, cases[i].what);
    CHECK_CONTAINS(err.message, "gradus_fit_load_custom");
  }
  gradus_frame_free(frame);
  remove(path);
}

/* Puts one text of a file in the place of another of the same length. */
static void change(const char *from, const char *to) {
  static char bytes[100000];
  FILE *file = fopen(path, "r+b");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  size_t length = fread(bytes, 1, sizeof bytes, file), size = strlen(from), found = 0;
  for (size_t i = 0; i + size <= length; i++)
    if (memcmp(bytes + i, from, size) == 0) {
      memcpy(bytes + i, to, size);
      found++;
    }
  CU_ASSERT_EQUAL(found, 1);
  CU_ASSERT_EQUAL(strlen(to), size);
  rewind(file);
  fwrite(bytes, 1, length, file);
  fclose(file);
}

static void a_file_that_contradicts_itself_is_refused(void) {
  static const char *const changes[][2] = {
      {"\\\"model\\\":\\\"network\\\"", "\\\"model\\\":\\\"glm\\\"    "},
      {"\\\"loss_responses\\\":1", "\\\"loss_responses\\\":0"},
      {"\\\"modelled_level\\\":null", "\\\"levels\\\":[\\\"a\\\",\\\"\\\"]"}};
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = fit_of("mpg ~ wt", frame, &(gradus_network_options){.loss = &losses[LOGCOSH]});
  for (size_t i = 0; i < 3; i++) {
    gradus_fit *loaded = NULL;
    gradus_error err = {0};
    CHECK_STATUS(gradus_fit_save(fit, path, NULL), GRADUS_OK, NULL);
    CHECK_STATUS(gradus_fit_load_custom(&loaded, path, &all, NULL), GRADUS_OK, NULL);
    gradus_fit_free(loaded);
    change(changes[i][0], changes[i][1]);
    CHECK_STATUS(gradus_fit_load_custom(&loaded, path, &all, &err), GRADUS_ERROR_MODEL_FILE, &err);
    CU_ASSERT_PTR_NULL(loaded);
  }
  gradus_fit_free(fit);
  gradus_frame_free(frame);
  remove(path);
}

static void the_report_names_the_loss(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = fit_all_own(frame);
  char *text = NULL;
  CHECK_STATUS(gradus_fit_report(&text, fit, NULL, NULL), GRADUS_OK, NULL);
  CHECK_CONTAINS(text, "Loss: logcosh, of the caller's own");
  CHECK_CONTAINS(text, "Loss (logcosh), epochs 1 to 5");
  gradus_free(text);
  CHECK_STATUS(
      gradus_fit_report(&text, fit, &(gradus_report_options){.format = GRADUS_FORMAT_JSON}, NULL),
      GRADUS_OK, NULL);
  CHECK_CONTAINS(text, "\"loss\": \"logcosh\"");
  CHECK_CONTAINS(text, "\"family\": \"custom\"");
  gradus_free(text);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

/* ---- refused ---- */

static void what_a_loss_of_ones_own_cannot_be_is_refused(void) {
  static const gradus_loss unnamed = {NULL, logcosh, NULL};
  const struct {
    gradus_network_options options;
    gradus_status status;
    const char *what;
  } cases[] = {
      {{.fit = {.solver = "newton"}, .loss = losses}, GRADUS_ERROR_UNSUPPORTED, "solver newton"},
      {{.fit = {.solver = "levenberg-marquardt"}, .loss = losses},
       GRADUS_ERROR_UNSUPPORTED,
       "\"logcosh\""},
      {{.fit = {.family = "poisson"}, .loss = losses}, GRADUS_ERROR_INVALID_ARGUMENT, "no family"},
      {{.loss = &unnamed}, GRADUS_ERROR_INVALID_ARGUMENT, "needs a name"},
      {{.loss = losses, .outputs = 2000}, GRADUS_ERROR_INVALID_ARGUMENT, "at most 1024"},
      {{.loss = losses, .solve_output = true}, GRADUS_ERROR_INVALID_ARGUMENT, "closed form"},
      {{.loss = losses, .class_weights = true}, GRADUS_ERROR_INVALID_ARGUMENT, "class weights"},
      {{.outputs = 2}, GRADUS_ERROR_INVALID_ARGUMENT, "loss of your own alone"}};
  gradus_frame *frame = table_open("@mtcars");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    CHECK_STATUS(gradus_network_fit(&fit, "mpg ~ wt", frame, &cases[i].options, &err),
                 cases[i].status, &err);
    CU_ASSERT_PTR_NULL(fit);
    CHECK_CONTAINS(err.message, cases[i].what);
  }
  gradus_frame_free(frame);
}

static void a_loss_that_leaves_the_numbers_says_where(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_network_options options = {
      .fit = {.descent = {.rule = GRADUS_RULE_PLAIN, .batch_size = 8}}, .loss = &losses[NOTHING]};
  CHECK_STATUS(gradus_network_fit(&fit, "mpg ~ wt", frame, &options, &err), GRADUS_WARNING_DIVERGED,
               &err);
  CHECK_CONTAINS(err.message, "epoch 1, batch ");
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void there_are_no_standard_errors(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = fit_all_own(frame);
  gradus_source *rows = table_rows(fit, frame);
  gradus_network_inference *inference = NULL;
  gradus_diagnosis *diagnosis = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_inference_new(&inference, fit, rows, 1, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "\"logcosh\"");
  err = (gradus_error){0};
  gradus_status status = gradus_diagnose(&diagnosis, fit, rows, 1, &err);
  CU_ASSERT(status <= GRADUS_OK);
  gradus_diagnosis_free(diagnosis);
  gradus_source_free(rows);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void failing_allocations_leak_nothing(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = fit_all_own(frame);
  CHECK_STATUS(gradus_fit_save(fit, path, NULL), GRADUS_OK, NULL);
  gradus_fit_free(fit);
  gradus_network_options options = {
      .fit = {.max_iterations = 1, .threads = 1}, .loss = &losses[NORMAL], .outputs = 2};
  for (int load = 0; load < 2; load++) {
    for (failing_run run = {0}; NEXT_FAILING(&run);) {
      run.status = load ? gradus_fit_load_custom(&fit, path, &all, NULL)
                        : gradus_network_fit(&fit, "mpg ~ wt", frame, &options, NULL);
      CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
      gradus_fit_free(fit);
    }
  }
  gradus_frame_free(frame);
  remove(path);
}

int main(void) {
  static const test_case cases[] = {
      {"a loss of one's own reaches the minimum that R finds",
       a_loss_of_ones_own_reaches_the_minimum_that_r_finds},
      {"a loss may take more outputs than responses", a_loss_may_take_more_outputs_than_responses},
      {"a factor comes as the numbers of its levels", a_factor_comes_as_the_numbers_of_its_levels},
      {"by mini-batches own squares are the same bits as ours",
       by_mini_batches_own_squares_are_the_same_bits_as_ours},
      {"a loss at each step sees the responses of the step",
       a_loss_at_each_step_sees_the_responses_of_the_step},
      {"a saved network of one's own predicts the same bits",
       a_saved_network_of_ones_own_predicts_the_same_bits},
      {"a file without its tables names what is missing",
       a_file_without_its_tables_names_what_is_missing},
      {"a file that contradicts itself is refused", a_file_that_contradicts_itself_is_refused},
      {"the report names the loss", the_report_names_the_loss},
      {"what a loss of one's own cannot be is refused",
       what_a_loss_of_ones_own_cannot_be_is_refused},
      {"a loss that leaves the numbers says where", a_loss_that_leaves_the_numbers_says_where},
      {"there are no standard errors", there_are_no_standard_errors},
      {"failing allocations leak nothing", failing_allocations_leak_nothing},
  };
  return test_main("custom", cases, sizeof cases / sizeof *cases);
}
