// SPDX-License-Identifier: GPL-3.0-or-later
/* Factors of a formula that are embedded: blocks, model files, sequences, and going on. */
#include "../lib/model/internal.h"
#include "../lib/model/network.h"
#include "support/network_fits.h"
#include "support/table.h"

#include <gradus/network_inference.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t four[] = {4};

/* ---- in a formula ---- */

static const char breaks_formula[] = "breaks ~ wool + tension + index";

/* warpbreaks with a number, some of whose cells are missing. */
static gradus_frame *warpbreaks(void) {
  gradus_frame *frame = table_open("@warpbreaks");
  double *index = calloc(gradus_frame_rows(frame), sizeof *index);
  for (size_t i = 0; i < gradus_frame_rows(frame); i++)
    index[i] = i % 20 == 3 ? NAN : 100 + 5 * sin((double)i);
  gradus_frame_add_numeric(frame, "index", index, 1, NULL);
  free(index);
  return frame;
}

static const gradus_embedding pair[] = {{.name = "tension", .units = 2}, {.name = "wool"}};

static gradus_network_options pair_options(void) {
  return (gradus_network_options){.hidden = four,
                                  .hidden_count = 1,
                                  .fit = {.seed = 3, .max_iterations = 12},
                                  .embeddings = pair,
                                  .embedding_count = 2};
}

static void its_blocks_have_the_factors_names_and_the_codes_are_not_standardised(void) {
  gradus_frame *frame = warpbreaks();
  gradus_network_options options = pair_options();
  gradus_fit *fit = network_fit(breaks_formula, frame, &options);
  const gradus_params *params = gradus_fit_params(fit);
  static const char *const blocks[] = {"wool.weight", "tension.weight", "hidden1.weight"};
  static const size_t shapes[][2] = {{2, 1}, {3, 2}, {4, 4}};
  for (size_t b = 0; b < 3; b++) {
    CU_ASSERT_STRING_EQUAL(gradus_params_block(params, b)->name, blocks[b]);
    CU_ASSERT_EQUAL(gradus_params_block(params, b)->shape[0], shapes[b][0]);
    CU_ASSERT_EQUAL(gradus_params_block(params, b)->shape[1], shapes[b][1]);
  }
  gradus_layer layer;
  CHECK_STATUS(gradus_fit_layer(fit, 1, &layer, NULL), GRADUS_OK, NULL);
  CU_ASSERT_STRING_EQUAL(layer.name, "tension");
  CU_ASSERT_STRING_EQUAL(layer.type, "embedding");
  CU_ASSERT_EQUAL(layer.outputs, 4);
  const gradus_i_units *units = &fit->network->units;
  CU_ASSERT(units->centre[0] == 0 && units->factor[0] == 1);
  CU_ASSERT(units->centre[1] == 0 && units->factor[1] == 1);
  CU_ASSERT(fabs(units->centre[2] - 100) < 1 && units->factor[2] > 0.2 && units->factor[2] < 0.4);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void widths_layers_and_architecture_train_to_the_same_bits(void) {
  gradus_frame *frame = warpbreaks();
  gradus_network_options options = pair_options();
  gradus_fit *widths = network_fit(breaks_formula, frame, &options);
  options.hidden_count = 0;
  options.layers = "dense 4, relu";
  gradus_fit *layers = network_fit(breaks_formula, frame, &options);
  check_same_networks(widths, layers, frame, 0);
  options.layers = NULL;
  options.architecture =
      "{\"input\": [4], \"layers\": [{\"type\": \"dense\", \"units\": 4}, {\"type\": "
      "\"activation\", \"activation\": \"relu\"}, {\"type\": \"dense\", \"name\": \"output\"}]}";
  gradus_fit *architecture = network_fit(breaks_formula, frame, &options);
  check_same_networks(widths, architecture, frame, 0);
  gradus_fit_free(widths);
  gradus_fit_free(layers);
  gradus_fit_free(architecture);
  gradus_frame_free(frame);
}

static void any_number_of_threads_gives_the_same_bits(void) {
  gradus_frame *frame = warpbreaks();
  gradus_network_options options = pair_options();
  options.fit.threads = 1;
  gradus_fit *one = network_fit(breaks_formula, frame, &options);
  for (int threads = 2; threads <= 8; threads *= 2) {
    options.fit.threads = threads;
    gradus_fit *many = network_fit(breaks_formula, frame, &options);
    check_same_networks(one, many, frame, 0);
    gradus_fit_free(many);
  }
  gradus_fit_free(one);
  gradus_frame_free(frame);
}

static void a_model_file_keeps_it_and_rows_are_matched_by_level(void) {
  char path[] = "test_embedded_formulas.XXXXXX";
  int file = mkstemp(path);
  gradus_frame *frame = warpbreaks(), *rows = NULL;
  gradus_network_options options = pair_options();
  gradus_fit *fit = network_fit(breaks_formula, frame, &options), *again = NULL;
  gradus_error err = {0};
  CU_ASSERT_FATAL(file >= 0);
  close(file);
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&again, path, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(again);
  check_same_networks(fit, again, frame, 0);
  CU_ASSERT_EQUAL(gradus_design_column_levels(gradus_fit_design(again), 1), 3);
  CU_ASSERT_STRING_EQUAL(gradus_design_column_level(gradus_fit_design(again), 1, 0), "H");
  /* Levels in another order, one of them missing in this frame, and a missing cell. */
  gradus_frame_new(&rows, 3, &err);
  gradus_frame_add_text(rows, "wool", (const char *const[]){"B", "B", NULL}, &err);
  gradus_frame_add_factor(rows, "tension", (const int[]){0, 1, 0}, (const char *const[]){"M", "H"},
                          2, &err);
  gradus_frame_add_numeric(rows, "index", (const double[]){99, 101, 100}, 1, &err);
  gradus_prediction *p = NULL;
  CHECK_STATUS(gradus_predict(&p, again, rows, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  gsl_matrix *x = gsl_matrix_alloc(2, 3);
  const double codes[] = {1, 2, 99, 1, 0, 101}; /* of B; of M and H among H, L, M */
  memcpy(x->data, codes, sizeof codes);
  gradus_prediction *by_codes = NULL;
  CHECK_STATUS(gradus_predict_matrix(&by_codes, again, x, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_FATAL(p->rows == 3 && by_codes && by_codes->rows == 2);
  CU_ASSERT(p->fitted[0] == by_codes->fitted[0] && p->fitted[1] == by_codes->fitted[1]);
  CU_ASSERT(isnan(p->fitted[2]));
  gsl_matrix_set(x, 1, 1, 3);
  gradus_prediction *none = NULL;
  CHECK_STATUS(gradus_predict_matrix(&none, again, x, NULL, &err), GRADUS_ERROR_BAD_INPUT, &err);
  CHECK_CONTAINS(err.message, "must be a whole number from 0 to 2");
  gradus_prediction_free(p);
  gradus_prediction_free(by_codes);
  gsl_matrix_free(x);
  gradus_frame_free(rows);
  gradus_fit_free(fit);
  gradus_fit_free(again);
  gradus_frame_free(frame);
  remove(path);
}

static void a_level_that_was_not_there_is_an_error_that_names_it(void) {
  gradus_frame *frame = warpbreaks(), *rows = NULL;
  gradus_network_options options = pair_options();
  gradus_fit *fit = network_fit(breaks_formula, frame, &options);
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  gradus_frame_new(&rows, 2, &err);
  gradus_frame_add_text(rows, "wool", (const char *const[]){"B", "A"}, &err);
  gradus_frame_add_text(rows, "tension", (const char *const[]){"M", "XL"}, &err);
  gradus_frame_add_numeric(rows, "index", (const double[]){99, 101}, 1, &err);
  gradus_frame_add_numeric(rows, "breaks", (const double[]){20, 21}, 1, &err);
  CHECK_STATUS(gradus_predict(&p, fit, rows, NULL, &err), GRADUS_ERROR_UNKNOWN_LEVEL, &err);
  CHECK_CONTAINS(err.message, "row 2: \"XL\" is no level of tension that the model knows; it "
                              "knows \"H\", \"L\", \"M\"");
  CU_ASSERT_PTR_NULL(p);
  gradus_fit_free(fit);
  options.validation_frame = rows;
  err = (gradus_error){0};
  CHECK_STATUS(gradus_network_fit(&fit, breaks_formula, frame, &options, &err),
               GRADUS_ERROR_UNKNOWN_LEVEL, &err);
  gradus_frame_free(rows);
  gradus_frame_free(frame);
}

static void a_training_that_was_stopped_goes_on_to_the_same_bits(void) {
  char path[] = "test_embedded_formulas.XXXXXX";
  int file = mkstemp(path);
  gradus_frame *frame = warpbreaks();
  gradus_network_options options = pair_options();
  CU_ASSERT_FATAL(file >= 0);
  close(file);
  gradus_fit *whole = network_fit(breaks_formula, frame, &options);
  options.checkpoint = path;
  options.fit.max_iterations = 7;
  gradus_fit_free(network_fit(breaks_formula, frame, &options));
  options.fit.max_iterations = 12;
  options.resume = true;
  gradus_fit *resumed = network_fit(breaks_formula, frame, &options);
  CU_ASSERT_EQUAL(gradus_fit_epochs(resumed), 12);
  check_same_networks(whole, resumed, frame, 0);
  gradus_fit_free(whole);
  gradus_fit_free(resumed);
  gradus_frame_free(frame);
  remove(path);
}

/* ---- sequences in the long format: a factor at every step, beside a number ---- */

enum { SEQUENCES = 12, STEPS = 4, LONG = SEQUENCES * STEPS - SEQUENCES / 2 };

/* The same steps as rows of a frame, and padded with their lengths as rows of matrices. */
typedef struct steps {
  gradus_frame *frame;
  gsl_matrix *wide, *response;
} steps;

static steps make_steps(void) {
  static const char *const days[] = {"mon", "tue", "wed"};
  const char *day[LONG];
  double id[LONG], x[LONG], y[LONG];
  steps made = {.wide = gsl_matrix_calloc(SEQUENCES, 2 * STEPS + 1),
                .response = gsl_matrix_calloc(SEQUENCES, 1)};
  for (size_t s = 0, row = 0; s < SEQUENCES; s++) {
    size_t length = STEPS - s % 2;
    for (size_t t = 0; t < length; t++, row++) {
      size_t code = (s * s + t) % 3;
      id[row] = (double)s;
      day[row] = days[code];
      x[row] = sin((double)(s + 3 * t));
      y[row] = cos((double)s);
      gsl_matrix_set(made.wide, s, 2 * t, x[row]);
      gsl_matrix_set(made.wide, s, 2 * t + 1, (double)code);
    }
    gsl_matrix_set(made.wide, s, 2 * STEPS, (double)length);
    gsl_matrix_set(made.response, s, 0, cos((double)s));
  }
  gradus_frame_new(&made.frame, LONG, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(made.frame);
  gradus_frame_add_numeric(made.frame, "id", id, 1, NULL);
  gradus_frame_add_text(made.frame, "day", day, NULL);
  gradus_frame_add_numeric(made.frame, "x", x, 1, NULL);
  gradus_frame_add_numeric(made.frame, "y", y, 1, NULL);
  return made;
}

static void clear_steps(steps *made) {
  gradus_frame_free(made->frame);
  gsl_matrix_free(made->wide);
  gsl_matrix_free(made->response);
}

static gradus_fit *fit_steps(const steps *made) {
  static const gradus_embedding embedding = {.name = "day", .units = 2};
  gradus_network_options options = {.layers = "gru 3",
                                    .fit.max_iterations = 3,
                                    .sequence_id = "id",
                                    .embeddings = &embedding,
                                    .embedding_count = 1};
  return network_fit("y ~ x + day", made->frame, &options);
}

static void in_the_long_format_a_factor_is_embedded_at_every_step(void) {
  static const size_t shape[] = {STEPS, 2};
  static const gradus_embedding embedding = {.name = "day", .units = 2, .column = 1, .levels = 3};
  gradus_network_options options = {.layers = "gru 3",
                                    .fit.max_iterations = 3,
                                    .input_shape = shape,
                                    .input_rank = 2,
                                    .lengths = true,
                                    .embeddings = &embedding,
                                    .embedding_count = 1};
  steps made = make_steps();
  gradus_fit *fit = fit_steps(&made), *rows = NULL;
  gradus_prediction *of_rows = NULL, *of_steps = NULL;
  gradus_error err = {0};
  CU_ASSERT_EQUAL(gradus_params_find(gradus_fit_params(fit), "gru1.weight_ih")->shape[1], 3);
  gradus_network_fit_matrix(&rows, made.wide, made.response, NULL, &options, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(rows);
  gradus_predict_matrix(&of_rows, rows, made.wide, NULL, &err);
  gradus_predict(&of_steps, fit, made.frame, NULL, &err);
  CU_ASSERT_FATAL(of_rows && of_steps);
  size_t found = 0;
  for (size_t row = 0; row < LONG; row++)
    if (!isnan(of_steps->fitted[row])) /* the last of its sequence */
      CHECK_CLOSE(of_rows->fitted[found++], of_steps->fitted[row], 1e-13);
  CU_ASSERT_EQUAL(found, SEQUENCES);
  gradus_prediction_free(of_rows);
  gradus_prediction_free(of_steps);
  gradus_fit_free(rows);
  gradus_fit_free(fit);
  clear_steps(&made);
}

static void its_model_file_keeps_the_long_format(void) {
  char path[] = "test_embedded_formulas.XXXXXX";
  int file = mkstemp(path);
  steps made = make_steps();
  gradus_fit *fit = fit_steps(&made), *again = NULL;
  gradus_error err = {0};
  CU_ASSERT_FATAL(file >= 0);
  close(file);
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&again, path, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(again);
  check_same_networks(fit, again, made.frame, 0);
  gradus_fit_free(fit);
  gradus_fit_free(again);
  clear_steps(&made);
  remove(path);
}

/* ---- going on ---- */

/* New rows that have a level alone move its row of the table alone. */
static void learning_goes_on_with_new_rows_matched_by_level(void) {
  gradus_frame *frame = warpbreaks(), *rows = NULL;
  gradus_network_options options = pair_options();
  options.fit.descent.rule = GRADUS_RULE_PLAIN;
  options.fit.descent.learning_rate = 0.1;
  gradus_fit *fit = network_fit(breaks_formula, frame, &options);
  gradus_error err = {0};
  double before[6];
  memcpy(before, network_block(fit, "tension.weight"), sizeof before);
  gradus_frame_new(&rows, 2, &err);
  gradus_frame_add_text(rows, "wool", (const char *const[]){"B", "A"}, &err);
  gradus_frame_add_text(rows, "tension", (const char *const[]){"L", "L"}, &err);
  gradus_frame_add_numeric(rows, "index", (const double[]){99, 101}, 1, &err);
  gradus_frame_add_numeric(rows, "breaks", (const double[]){20, 70}, 1, &err);
  CHECK_STATUS(gradus_fit_partial(fit, rows, NULL, &err), GRADUS_OK, &err);
  const double *after = network_block(fit, "tension.weight"); /* H, L, M */
  for (size_t i = 0; i < 6; i++)
    CU_ASSERT_EQUAL(after[i] != before[i], i / 2 == 1);
  gradus_fit_free(fit);
  gradus_frame_free(rows);
  gradus_frame_free(frame);
}

static void a_regression_of_dummy_variables_is_no_start(void) {
  gradus_frame *frame = warpbreaks();
  gradus_fit *regression = NULL, *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_linear_fit(&regression, "breaks ~ wool + index", frame, NULL, &err),
               GRADUS_OK, &err);
  gradus_network_options options = pair_options();
  options.start = regression;
  options.embeddings = pair + 1;
  options.embedding_count = 1;
  CHECK_STATUS(gradus_network_fit(&fit, "breaks ~ wool + index", frame, &options, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "cannot start from a regression");
  gradus_fit_free(regression);
  gradus_frame_free(frame);
}

static void every_failing_allocation_is_told_and_nothing_leaks(void) {
  gradus_frame *frame = warpbreaks();
  gradus_network_options options = pair_options();
  options.fit.max_iterations = 1;
  options.fit.threads = 1;
  failing_run run = {0};
  while (NEXT_FAILING(&run)) {
    gradus_fit *fit = NULL;
    run.status = gradus_network_fit(&fit, breaks_formula, frame, &options, NULL);
    CU_ASSERT((run.status > 0) == (fit == NULL));
    gradus_fit_free(fit);
  }
  CU_ASSERT(run.at > 100);
  gradus_frame_free(frame);
}

int main(void) {
  static const test_case cases[] = {
      {"its blocks have the factors' names, and the codes are not standardised",
       its_blocks_have_the_factors_names_and_the_codes_are_not_standardised},
      {"widths, layers and architecture train to the same bits",
       widths_layers_and_architecture_train_to_the_same_bits},
      {"any number of threads gives the same bits", any_number_of_threads_gives_the_same_bits},
      {"a model file keeps it, and rows are matched by level",
       a_model_file_keeps_it_and_rows_are_matched_by_level},
      {"a level that was not there is an error that names it",
       a_level_that_was_not_there_is_an_error_that_names_it},
      {"a training that was stopped goes on to the same bits",
       a_training_that_was_stopped_goes_on_to_the_same_bits},
      {"in the long format a factor is embedded at every step",
       in_the_long_format_a_factor_is_embedded_at_every_step},
      {"its model file keeps the long format", its_model_file_keeps_the_long_format},
      {"learning goes on with new rows, matched by level",
       learning_goes_on_with_new_rows_matched_by_level},
      {"a regression of dummy variables is no start", a_regression_of_dummy_variables_is_no_start},
      {"every failing allocation is told, and nothing leaks",
       every_failing_allocation_is_told_and_nothing_leaks},
  };
  return test_main("embedded formulas", cases, sizeof cases / sizeof *cases);
}
