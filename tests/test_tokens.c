// SPDX-License-Identifier: GPL-3.0-or-later
/* Tokens of sequences: columns of whole numbers that a table is looked up by, in whatever shape
   they come, and never in other units than the data's. Predictions are those of the table by hand.
 */
#include "support/support.h"

#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 40, STEPS = 4, LEVELS = 5, UNITS = 3, COLUMNS = STEPS + 1 };

#define EMBED "{\"type\": \"embedding\", \"levels\": 5, \"units\": 3}, "
#define OUTPUT "{\"type\": \"dense\", \"name\": \"output\"}]}"

/* Steps of tokens and how many count; what stands beyond is a token too. */
typedef struct made {
  double x[ROWS * COLUMNS], y[ROWS];
} made;

static void make(made *m) {
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t t = 0; t < STEPS; t++)
      m->x[i * COLUMNS + t] = (double)((i * 7 + t * 3 + i * t) % LEVELS);
    m->x[i * COLUMNS + STEPS] = (double)(1 + i % STEPS);
    m->y[i] = (double)(i * 5 % 11);
  }
}

static const double *values(const gradus_fit *fit, const char *block) {
  const gradus_params *params = gradus_fit_params(fit);
  const gradus_block *found = gradus_params_find(params, block);
  CU_ASSERT_FATAL(found != NULL);
  return gradus_params_const_values(params) + found->offset;
}

/* Fits and predicts all rows; `columns` of them are the network's. */
/* The fit as it comes back from its file. */
static gradus_fit *read_again(gradus_fit *fit) {
  static const char path[] = "test_tokens.safetensors";
  gradus_error err = {0};
  gradus_fit *again = NULL;
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&again, path, &err), GRADUS_OK, &err);
  remove(path);
  gradus_fit_free(fit);
  CU_ASSERT_FATAL(again != NULL);
  return again;
}

static gradus_fit *fit(made *m, size_t columns, const size_t *shape, size_t rank, bool lengths,
                       bool raw, const char *architecture, gradus_prediction **prediction) {
  gsl_matrix_view all = gsl_matrix_view_array(m->x, ROWS, COLUMNS);
  gsl_matrix_view x = gsl_matrix_submatrix(&all.matrix, 0, COLUMNS - columns, ROWS, columns);
  gsl_matrix_view y = gsl_matrix_view_array(m->y, ROWS, 1);
  gradus_network_options options = {.architecture = architecture,
                                    .raw_inputs = raw,
                                    .raw_response = true,
                                    .input_shape = shape,
                                    .input_rank = rank,
                                    .lengths = lengths,
                                    .fit = {.seed = 1, .max_iterations = 20}};
  gradus_error err = {0};
  gradus_fit *made_fit = NULL;
  CHECK_STATUS(gradus_network_fit_matrix(&made_fit, &x.matrix, &y.matrix, NULL, &options, &err),
               GRADUS_OK, &err);
  CU_ASSERT_FATAL(made_fit != NULL);
  made_fit = read_again(made_fit);
  CHECK_STATUS(gradus_predict_matrix(prediction, made_fit, &x.matrix, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_FATAL(*prediction != NULL);
  return made_fit;
}

/* Of a row whose output sees the mean of its steps' rows of the table. */
static double mean_by_hand(const gradus_fit *fit, const double *row) {
  const double *table = values(fit, "embedding1.weight"), *w = values(fit, "output.weight");
  double eta = values(fit, "output.bias")[0], length = row[STEPS];
  for (size_t t = 0; t < (size_t)length; t++)
    for (size_t j = 0; j < UNITS; j++)
      eta += w[j] * table[(size_t)row[t] * UNITS + j] / length;
  return eta;
}

static void steps_of_one_token_are_looked_up(void) {
  static const size_t shape[] = {STEPS, 1};
  made m;
  make(&m);
  gradus_prediction *prediction = NULL;
  gradus_fit *f =
      fit(&m, COLUMNS, shape, 2, true, false,
          "{\"layers\": [" EMBED "{\"type\": \"global_average_pool\"}, " OUTPUT, &prediction);
  for (size_t i = 0; i < ROWS; i++)
    CHECK_CLOSE(prediction->fitted[i], mean_by_hand(f, m.x + i * COLUMNS), 1e-12);
  gradus_prediction_free(prediction);
  gradus_fit_free(f);
}

/* Of a row of which the output sees all rows of the table side by side. */
static double all_by_hand(const gradus_fit *fit, const double *row, size_t tokens) {
  const double *table = values(fit, "embedding1.weight"), *w = values(fit, "output.weight");
  double eta = values(fit, "output.bias")[0];
  for (size_t t = 0; t < tokens; t++)
    for (size_t j = 0; j < UNITS; j++)
      eta += w[t * UNITS + j] * table[(size_t)row[t] * UNITS + j];
  return eta;
}

static void check_all(const size_t *shape, size_t rank, bool raw, const char *architecture) {
  made m;
  make(&m);
  gradus_prediction *prediction = NULL;
  gradus_fit *f = fit(&m, STEPS, shape, rank, false, raw, architecture, &prediction);
  for (size_t i = 0; i < ROWS; i++)
    CHECK_CLOSE(prediction->fitted[i], all_by_hand(f, m.x + i * COLUMNS + 1, STEPS), 1e-12);
  gradus_prediction_free(prediction);
  gradus_fit_free(f);
}

static void steps_of_two_tokens_are_looked_up(void) {
  static const size_t shape[] = {STEPS / 2, 2};
  check_all(shape, 2, false, "{\"layers\": [" EMBED OUTPUT);
}

static void tokens_in_another_shape_stay_as_they_are(void) {
  check_all(NULL, 0, false,
            "{\"layers\": [{\"type\": \"reshape\", \"shape\": [2, 2]}, " EMBED OUTPUT);
  check_all(NULL, 0, false,
            "{\"layers\": [{\"type\": \"reshape\", \"shape\": [2, 2]}, {\"type\": \"flatten\"}, "
            "{\"type\": \"columns\", \"shape\": [4]}, " EMBED OUTPUT);
}

static void a_network_of_raw_tokens_comes_back_from_its_file(void) {
  check_all(NULL, 0, true, "{\"layers\": [" EMBED OUTPUT);
}

/* One column is embedded before the layers: its units stand among what they see, and are no tokens;
   columns after them are. */
static void units_of_an_embedded_column_are_no_tokens(void) {
  static const gradus_embedding first = {.name = "e", .units = 2, .levels = LEVELS};
  static const char *const architectures[] = {
      "{\"layers\": [{\"type\": \"columns\", \"first\": 1, \"shape\": [2]}, " EMBED OUTPUT,
      "{\"layers\": [{\"type\": \"columns\", \"first\": 2, \"shape\": [2]}, " EMBED OUTPUT};
  made m;
  make(&m);
  gsl_matrix_view x = gsl_matrix_view_array(m.x, ROWS, COLUMNS);
  gsl_matrix_view y = gsl_matrix_view_array(m.y, ROWS, 1);
  for (size_t k = 0; k < 2; k++) {
    gradus_network_options options = {.architecture = architectures[k],
                                      .embeddings = &first,
                                      .embedding_count = 1,
                                      .fit = {.max_iterations = 1}};
    gradus_error err = {0};
    gradus_fit *f = NULL;
    CHECK_STATUS(gradus_network_fit_matrix(&f, &x.matrix, &y.matrix, NULL, &options, &err),
                 k == 0 ? GRADUS_ERROR_SHAPE : GRADUS_OK, &err);
    if (k == 0)
      CHECK_CONTAINS(err.message, "of type embedding takes whole numbers");
    gradus_fit_free(f);
  }
}

static void what_layers_compute_is_no_token(void) {
  made m;
  make(&m);
  gsl_matrix_view x = gsl_matrix_view_array(m.x, ROWS, COLUMNS);
  gsl_matrix_view y = gsl_matrix_view_array(m.y, ROWS, 1);
  gradus_error err = {0};
  gradus_fit *f = NULL;
  gradus_network_options options = {
      .architecture =
          "{\"layers\": [{\"type\": \"activation\", \"activation\": \"tanh\"}, " EMBED OUTPUT};
  CHECK_STATUS(gradus_network_fit_matrix(&f, &x.matrix, &y.matrix, NULL, &options, &err),
               GRADUS_ERROR_SHAPE, &err);
  CU_ASSERT_PTR_NULL(f);
  CHECK_CONTAINS(err.message, "the layer \"embedding1\" of type embedding takes whole numbers");
  CHECK_CONTAINS(err.message, "\"activation1\" of type activation");
}

int main(void) {
  static const test_case cases[] = {
      {"steps of one token are looked up, as many as count", steps_of_one_token_are_looked_up},
      {"steps of two tokens are looked up", steps_of_two_tokens_are_looked_up},
      {"tokens in another shape stay as they are", tokens_in_another_shape_stay_as_they_are},
      {"a network of raw tokens comes back from its file",
       a_network_of_raw_tokens_comes_back_from_its_file},
      {"units of an embedded column are no tokens", units_of_an_embedded_column_are_no_tokens},
      {"what layers compute is no token", what_layers_compute_is_no_token},
  };
  return test_main("tokens", cases, sizeof cases / sizeof *cases);
}
