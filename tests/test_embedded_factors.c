// SPDX-License-Identifier: GPL-3.0-or-later
/* Factors of a formula that are embedded: what the network is, and that it is the one of their
   dummy variables, said in another way. */
#include "../lib/model/internal.h"
#include "../lib/model/network.h"
#include "support/table.h"

#include <gradus/network_inference.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t four[] = {4};

static gradus_fit *fit_of(const char *formula, const gradus_frame *frame,
                          const gradus_network_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_status status = gradus_network_fit(&fit, formula, frame, options, &err);
  if (status > 0)
    CHECK_STATUS(status, GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

static double *block_of(const gradus_fit *fit, const char *name) {
  gradus_params *params = (gradus_params *)(uintptr_t)gradus_fit_params(fit);
  const gradus_block *block = gradus_params_find(params, name);
  CU_ASSERT_PTR_NOT_NULL_FATAL(block);
  return gradus_params_values(params) + block->offset;
}

static void check_same(const gradus_prediction *a, const gradus_prediction *b, double tolerance) {
  CU_ASSERT_FATAL(a && b && a->rows == b->rows && a->columns == b->columns);
  for (size_t i = 0; i < a->rows * a->columns; i++)
    if (tolerance > 0)
      CHECK_CLOSE(a->fitted[i], b->fitted[i], tolerance);
    else
      CU_ASSERT(a->fitted[i] == b->fitted[i] || (isnan(a->fitted[i]) && isnan(b->fitted[i])));
}

/* Predictions of two fits for a frame agree; tolerance 0: to the bit. */
static void check_fits(const gradus_fit *a, const gradus_fit *b, const gradus_frame *frame,
                       double tolerance) {
  gradus_prediction *first = NULL, *second = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_predict(&first, a, frame, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_predict(&second, b, frame, NULL, &err), GRADUS_OK, &err);
  check_same(first, second, tolerance);
  gradus_prediction_free(first);
  gradus_prediction_free(second);
}

/* ---- dummy variables, said in another way ---- */

/* Units as many as levels and the identity for a table: the dummy variables, all of them. */
static void an_identity_table_is_dummy_variables(void) {
  static const char formula[] = "Petal.Length ~ Species + Sepal.Width";
  const gradus_embedding embedding = {.name = "Species", .units = 3};
  gradus_network_options options = {.hidden = four,
                                    .hidden_count = 1,
                                    .activation = "tanh",
                                    .raw_inputs = true,
                                    .fit.max_iterations = 2};
  gradus_frame *iris = table_open("@iris");
  gradus_fit *dummies = fit_of(formula, iris, &options);
  options.embeddings = &embedding;
  options.embedding_count = 1;
  gradus_fit *embedded = fit_of(formula, iris, &options);
  double *table = block_of(embedded, "Species.weight");
  for (size_t i = 0; i < 9; i++)
    table[i] = i % 4 == 0;
  const double *from = block_of(dummies, "hidden1.weight"); /* versicolor, virginica, width */
  double *to = block_of(embedded, "hidden1.weight");        /* setosa too */
  for (size_t unit = 0; unit < 4; unit++)
    for (size_t j = 0; j < 4; j++)
      to[unit * 4 + j] = j == 0 ? 0 : from[unit * 3 + j - 1];
  memcpy(block_of(embedded, "hidden1.bias"), block_of(dummies, "hidden1.bias"), 4 * sizeof *to);
  memcpy(block_of(embedded, "output.weight"), block_of(dummies, "output.weight"), 4 * sizeof *to);
  *block_of(embedded, "output.bias") = *block_of(dummies, "output.bias");
  check_fits(embedded, dummies, iris, 1e-14);
  gradus_fit_free(dummies);
  gradus_fit_free(embedded);
  gradus_frame_free(iris);
}

enum { ROWS = 60, LEVELS = 5, UNITS = 3, NUMBERS = 2 };

/* Column 0 the level's number, and as dummy variables, each beside the same numbers. */
typedef struct both {
  gsl_matrix *coded, *dummies, *y;
  gradus_fit *embedded, *factorised;
} both;

static both make_both(void) {
  both b = {.coded = gsl_matrix_calloc(ROWS, 1 + NUMBERS),
            .dummies = gsl_matrix_calloc(ROWS, LEVELS + NUMBERS),
            .y = gsl_matrix_calloc(ROWS, 1)};
  for (size_t i = 0; i < ROWS; i++) {
    size_t level = (7 * i * i + i) % 11 % LEVELS;
    double x[NUMBERS] = {sin(1.7 * (double)i), cos(0.9 * (double)(i * i))};
    gsl_matrix_set(b.coded, i, 0, (double)level);
    gsl_matrix_set(b.dummies, i, level, 1);
    for (size_t j = 0; j < NUMBERS; j++) {
      gsl_matrix_set(b.coded, i, 1 + j, x[j]);
      gsl_matrix_set(b.dummies, i, LEVELS + j, x[j]);
    }
    gsl_matrix_set(b.y, i, 0, sin((double)level) * x[0] + 0.3 * x[1] + 0.1 * sin(9.1 * (double)i));
  }
  return b;
}

static void clear_both(both *b) {
  gsl_matrix_free(b->coded);
  gsl_matrix_free(b->dummies);
  gsl_matrix_free(b->y);
  gradus_fit_free(b->embedded);
  gradus_fit_free(b->factorised);
}

#define HIDDEN                                                                                     \
  "{\"type\": \"dense\", \"units\": 4}, {\"type\": \"activation\", \"activation\": \"tanh\"}, "    \
  "{\"type\": \"dense\", \"name\": \"output\"}]}"
#define FACTORISED                                                                                 \
  "{\"layers\": [{\"type\": \"columns\", \"shape\": [5], \"name\": \"dummies\"}, "                 \
  "{\"type\": \"dense\", \"units\": 3, \"bias\": false, \"name\": \"level\"}, "                    \
  "{\"type\": \"columns\", \"first\": 5, \"shape\": [2], \"name\": \"numbers\", "                  \
  "\"inputs\": [\"input\"]}, {\"type\": \"concat\", \"inputs\": [\"level\", "                      \
  "\"numbers\"]}, " HIDDEN

/* Both networks after an epoch, the factorised one then put where the embedded one stands. */
static void fit_both(both *b, const gradus_fit_options *own) {
  static const gradus_embedding embedding = {.name = "level", .units = UNITS, .levels = LEVELS};
  gradus_network_options options = {.fit = *own, .raw_inputs = true, .raw_response = true};
  gradus_error err = {0};
  options.architecture = "{\"input\": [5], \"layers\": [" HIDDEN;
  options.embeddings = &embedding;
  options.embedding_count = 1;
  gradus_network_fit_matrix(&b->embedded, b->coded, b->y, NULL, &options, &err);
  CHECK_STATUS(err.code > 0 ? err.code : GRADUS_OK, GRADUS_OK, &err);
  options.architecture = FACTORISED;
  options.embeddings = NULL;
  options.embedding_count = 0;
  gradus_network_fit_matrix(&b->factorised, b->dummies, b->y, NULL, &options, &err);
  CHECK_STATUS(err.code > 0 ? err.code : GRADUS_OK, GRADUS_OK, &err);
  CU_ASSERT_FATAL(b->embedded && b->factorised);
  const double *table = block_of(b->embedded, "level.weight");
  double *weight = block_of(b->factorised, "level.weight");
  for (size_t i = 0; i < LEVELS; i++)
    for (size_t j = 0; j < UNITS; j++)
      weight[j * LEVELS + i] = table[i * UNITS + j];
  static const char *const blocks[] = {"hidden1.weight", "hidden1.bias", "output.weight",
                                       "output.bias"};
  static const size_t sizes[] = {20, 4, 4, 1};
  for (size_t i = 0; i < 4; i++)
    memcpy(block_of(b->factorised, blocks[i]), block_of(b->embedded, blocks[i]),
           sizes[i] * sizeof(double));
}

static void check_both(const both *b, double tolerance) {
  gradus_prediction *first = NULL, *second = NULL;
  gradus_error err = {0};
  gradus_predict_matrix(&first, b->embedded, b->coded, NULL, &err);
  gradus_predict_matrix(&second, b->factorised, b->dummies, NULL, &err);
  check_same(first, second, tolerance);
  gradus_prediction_free(first);
  gradus_prediction_free(second);
}

static void it_trains_as_dummy_variables_with_a_factorised_first_layer(void) {
  both b = make_both();
  gradus_fit_options own = {
      .max_iterations = 1,
      .descent = {.rule = GRADUS_RULE_PLAIN, .learning_rate = 0.2, .batch_size = 8}};
  fit_both(&b, &own);
  check_both(&b, 1e-13);
  gradus_error err = {0};
  double before[LEVELS * UNITS], moved = 0;
  memcpy(before, block_of(b.embedded, "level.weight"), sizeof before);
  gradus_partial_options more = {.epochs = 40};
  for (int pass = 0; pass < 2; pass++) {
    gradus_fit_partial_matrix(b.embedded, b.coded, b.y, NULL, &more, &err);
    CHECK_STATUS(err.code > 0 ? err.code : GRADUS_OK, GRADUS_OK, &err);
    gradus_fit_partial_matrix(b.factorised, b.dummies, b.y, NULL, &more, &err);
    CHECK_STATUS(err.code > 0 ? err.code : GRADUS_OK, GRADUS_OK, &err);
  }
  for (size_t i = 0; i < LEVELS * UNITS; i++)
    moved = fmax(moved, fabs(block_of(b.embedded, "level.weight")[i] - before[i]));
  CU_ASSERT(moved > 0.1);
  check_both(&b, 1e-11);
  clear_both(&b);
}

/* Standard errors of predictions, and average marginal effects of the numbers. */
static void errors_and_effects_are_those_of_the_factorised_network(void) {
  both b = make_both();
  fit_both(&b, &(gradus_fit_options){.solver = "lbfgs", .max_iterations = 2000, .tolerance = 1e-9});
  const gradus_fit *fits[] = {b.embedded, b.factorised};
  gsl_matrix *x[] = {b.coded, b.dummies};
  gradus_network_effects *effects[2] = {0};
  gradus_prediction *predictions[2] = {0};
  gradus_network_information info[2];
  for (int i = 0; i < 2; i++) {
    gradus_source *source = NULL;
    gradus_network_inference *inference = NULL;
    gradus_error err = {0};
    gradus_source_from_matrix(&source, x[i], b.y, NULL, GRADUS_WEIGHT_NONE, NULL, &err);
    gradus_network_inference_new(&inference, fits[i], source, 1, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(inference);
    gradus_network_inform(inference, &info[i]);
    gradus_network_marginal_effects(&effects[i], inference, source, 0, &err);
    gradus_network_predict(&predictions[i], inference, source,
                           &(gradus_predict_options){.std_error = true}, &err);
    CU_ASSERT_FATAL(effects[i] && predictions[i]);
    gradus_network_inference_free(inference);
    gradus_source_free(source);
  }
  CU_ASSERT_EQUAL(info[0].parameters, info[1].parameters);
  CU_ASSERT_EQUAL(info[0].rank, info[1].rank);
  CU_ASSERT(info[0].rank < info[0].parameters); /* units and table can be turned together */
  CU_ASSERT(isnan(effects[0]->effect[0].estimate));
  for (size_t j = 0; j < NUMBERS; j++) {
    const gradus_effect *is = &effects[0]->effect[1 + j], *must = &effects[1]->effect[LEVELS + j];
    CHECK_CLOSE(is->estimate, must->estimate, 1e-9);
    CHECK_CLOSE(is->std_error, must->std_error, 1e-6);
    CU_ASSERT(is->std_error > 0);
  }
  for (size_t i = 0; i < ROWS; i++)
    CHECK_CLOSE(predictions[0]->std_error[i], predictions[1]->std_error[i], 1e-6);
  for (int i = 0; i < 2; i++) {
    gradus_network_effects_free(effects[i]);
    gradus_prediction_free(predictions[i]);
  }
  clear_both(&b);
}

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
  gradus_fit *fit = fit_of(breaks_formula, frame, &options);
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
  gradus_fit *widths = fit_of(breaks_formula, frame, &options);
  options.hidden_count = 0;
  options.layers = "dense 4, relu";
  gradus_fit *layers = fit_of(breaks_formula, frame, &options);
  check_fits(widths, layers, frame, 0);
  options.layers = NULL;
  options.architecture =
      "{\"input\": [4], \"layers\": [{\"type\": \"dense\", \"units\": 4}, {\"type\": "
      "\"activation\", \"activation\": \"relu\"}, {\"type\": \"dense\", \"name\": \"output\"}]}";
  gradus_fit *architecture = fit_of(breaks_formula, frame, &options);
  check_fits(widths, architecture, frame, 0);
  gradus_fit_free(widths);
  gradus_fit_free(layers);
  gradus_fit_free(architecture);
  gradus_frame_free(frame);
}

static void any_number_of_threads_gives_the_same_bits(void) {
  gradus_frame *frame = warpbreaks();
  gradus_network_options options = pair_options();
  options.fit.threads = 1;
  gradus_fit *one = fit_of(breaks_formula, frame, &options);
  for (int threads = 2; threads <= 8; threads *= 2) {
    options.fit.threads = threads;
    gradus_fit *many = fit_of(breaks_formula, frame, &options);
    check_fits(one, many, frame, 0);
    gradus_fit_free(many);
  }
  gradus_fit_free(one);
  gradus_frame_free(frame);
}

static void a_model_file_keeps_it_and_rows_are_matched_by_level(void) {
  char path[] = "/tmp/gradus-embedded-XXXXXX";
  int file = mkstemp(path);
  gradus_frame *frame = warpbreaks(), *rows = NULL;
  gradus_network_options options = pair_options();
  gradus_fit *fit = fit_of(breaks_formula, frame, &options), *again = NULL;
  gradus_error err = {0};
  CU_ASSERT_FATAL(file >= 0);
  close(file);
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&again, path, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(again);
  check_fits(fit, again, frame, 0);
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
  CHECK_STATUS(gradus_predict_matrix(&none, again, x, NULL, &err), GRADUS_ERROR_INVALID_ARGUMENT,
               &err);
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
  gradus_fit *fit = fit_of(breaks_formula, frame, &options);
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
  char path[] = "/tmp/gradus-embedded-XXXXXX";
  int file = mkstemp(path);
  gradus_frame *frame = warpbreaks();
  gradus_network_options options = pair_options();
  CU_ASSERT_FATAL(file >= 0);
  close(file);
  gradus_fit *whole = fit_of(breaks_formula, frame, &options);
  options.checkpoint = path;
  options.fit.max_iterations = 7;
  gradus_fit_free(fit_of(breaks_formula, frame, &options));
  options.fit.max_iterations = 12;
  options.resume = true;
  gradus_fit *resumed = fit_of(breaks_formula, frame, &options);
  CU_ASSERT_EQUAL(gradus_fit_epochs(resumed), 12);
  check_fits(whole, resumed, frame, 0);
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
  return fit_of("y ~ x + day", made->frame, &options);
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
  char path[] = "/tmp/gradus-embedded-XXXXXX";
  int file = mkstemp(path);
  steps made = make_steps();
  gradus_fit *fit = fit_steps(&made), *again = NULL;
  gradus_error err = {0};
  CU_ASSERT_FATAL(file >= 0);
  close(file);
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&again, path, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(again);
  check_fits(fit, again, made.frame, 0);
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
  gradus_fit *fit = fit_of(breaks_formula, frame, &options);
  gradus_error err = {0};
  double before[6];
  memcpy(before, block_of(fit, "tension.weight"), sizeof before);
  gradus_frame_new(&rows, 2, &err);
  gradus_frame_add_text(rows, "wool", (const char *const[]){"B", "A"}, &err);
  gradus_frame_add_text(rows, "tension", (const char *const[]){"L", "L"}, &err);
  gradus_frame_add_numeric(rows, "index", (const double[]){99, 101}, 1, &err);
  gradus_frame_add_numeric(rows, "breaks", (const double[]){20, 70}, 1, &err);
  CHECK_STATUS(gradus_fit_partial(fit, rows, NULL, &err), GRADUS_OK, &err);
  const double *after = block_of(fit, "tension.weight"); /* H, L, M */
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
      {"an identity table is dummy variables", an_identity_table_is_dummy_variables},
      {"it trains as dummy variables with a factorised first layer",
       it_trains_as_dummy_variables_with_a_factorised_first_layer},
      {"errors and effects are those of the factorised network",
       errors_and_effects_are_those_of_the_factorised_network},
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
  return test_main("embedded factors", cases, sizeof cases / sizeof *cases);
}
