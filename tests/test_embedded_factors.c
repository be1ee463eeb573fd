// SPDX-License-Identifier: GPL-3.0-or-later
/* Factors that are embedded: the network is that of their dummy variables, said in another way. */
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
  gradus_fit *dummies = network_fit(formula, iris, &options);
  options.embeddings = &embedding;
  options.embedding_count = 1;
  gradus_fit *embedded = network_fit(formula, iris, &options);
  double *table = network_block(embedded, "Species.weight");
  for (size_t i = 0; i < 9; i++)
    table[i] = i % 4 == 0;
  const double *from = network_block(dummies, "hidden1.weight"); /* versicolor, virginica, width */
  double *to = network_block(embedded, "hidden1.weight");        /* setosa too */
  for (size_t unit = 0; unit < 4; unit++)
    for (size_t j = 0; j < 4; j++)
      to[unit * 4 + j] = j == 0 ? 0 : from[unit * 3 + j - 1];
  memcpy(network_block(embedded, "hidden1.bias"), network_block(dummies, "hidden1.bias"),
         4 * sizeof *to);
  memcpy(network_block(embedded, "output.weight"), network_block(dummies, "output.weight"),
         4 * sizeof *to);
  *network_block(embedded, "output.bias") = *network_block(dummies, "output.bias");
  check_same_networks(embedded, dummies, iris, 1e-14);
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
  const double *table = network_block(b->embedded, "level.weight");
  double *weight = network_block(b->factorised, "level.weight");
  for (size_t i = 0; i < LEVELS; i++)
    for (size_t j = 0; j < UNITS; j++)
      weight[j * LEVELS + i] = table[i * UNITS + j];
  static const char *const blocks[] = {"hidden1.weight", "hidden1.bias", "output.weight",
                                       "output.bias"};
  static const size_t sizes[] = {20, 4, 4, 1};
  for (size_t i = 0; i < 4; i++)
    memcpy(network_block(b->factorised, blocks[i]), network_block(b->embedded, blocks[i]),
           sizes[i] * sizeof(double));
}

static void check_both(const both *b, double tolerance) {
  gradus_prediction *first = NULL, *second = NULL;
  gradus_error err = {0};
  gradus_predict_matrix(&first, b->embedded, b->coded, NULL, &err);
  gradus_predict_matrix(&second, b->factorised, b->dummies, NULL, &err);
  check_same_fitted(first, second, tolerance);
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
  memcpy(before, network_block(b.embedded, "level.weight"), sizeof before);
  gradus_partial_options more = {.epochs = 40};
  for (int pass = 0; pass < 2; pass++) {
    gradus_fit_partial_matrix(b.embedded, b.coded, b.y, NULL, &more, &err);
    CHECK_STATUS(err.code > 0 ? err.code : GRADUS_OK, GRADUS_OK, &err);
    gradus_fit_partial_matrix(b.factorised, b.dummies, b.y, NULL, &more, &err);
    CHECK_STATUS(err.code > 0 ? err.code : GRADUS_OK, GRADUS_OK, &err);
  }
  for (size_t i = 0; i < LEVELS * UNITS; i++)
    moved = fmax(moved, fabs(network_block(b.embedded, "level.weight")[i] - before[i]));
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

int main(void) {
  static const test_case cases[] = {
      {"an identity table is dummy variables", an_identity_table_is_dummy_variables},
      {"it trains as dummy variables with a factorised first layer",
       it_trains_as_dummy_variables_with_a_factorised_first_layer},
      {"errors and effects are those of the factorised network",
       errors_and_effects_are_those_of_the_factorised_network},
  };
  return test_main("embedded factors", cases, sizeof cases / sizeof *cases);
}
