// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks that come back: from model files, from checkpoints, and to go on learning. */
#include "support/network_fits.h"
#include "support/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- files ---- */

static void check_round_trip(const char *formula, const char *data,
                             const gradus_network_options *options) {
  const char *path = "test_network.model";
  gradus_frame *frame = table_open(data);
  gradus_fit *fit = network_fit(formula, frame, options), *loaded = NULL;
  gradus_prediction *before = NULL, *after = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
  remove(path);
  CHECK_STATUS(gradus_predict(&before, fit, frame, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_predict(&after, loaded, frame, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL(before->columns, after->columns);
  CU_ASSERT_EQUAL(memcmp(before->fitted, after->fitted,
                         before->rows * before->columns * sizeof *before->fitted),
                  0);
  CU_ASSERT_EQUAL(worst_difference(fit, loaded), 0);
  CU_ASSERT_EQUAL(gradus_fit_layers(fit), gradus_fit_layers(loaded));
  CU_ASSERT_EQUAL(gradus_fit_best_epoch(fit), gradus_fit_best_epoch(loaded));
  CU_ASSERT_EQUAL_FATAL(gradus_fit_epochs(fit), gradus_fit_epochs(loaded));
  for (size_t i = 0; i < gradus_fit_epochs(fit); i++) {
    gradus_epoch a, b;
    gradus_fit_epoch(fit, i, &a, NULL);
    gradus_fit_epoch(loaded, i, &b, NULL);
    CU_ASSERT_EQUAL(a.loss, b.loss);
    CU_ASSERT_EQUAL(a.epoch, b.epoch);
  }
  gradus_prediction_free(before);
  gradus_prediction_free(after);
  gradus_fit_free(fit);
  gradus_fit_free(loaded);
  gradus_frame_free(frame);
}

static void a_saved_network_predicts_the_same_bits(void) {
  gradus_network_options options = small_network();
  options.normalisation = "batch";
  check_round_trip("Species ~ .", "@iris", &options);
  options.normalisation = NULL;
  options.skip = true;
  check_round_trip("mpg ~ wt + hp + factor(cyl)", "@mtcars", &options);
  check_round_trip("cbind(mpg, disp) ~ wt + hp", "@mtcars", &options);
  options.fit.family = "poisson";
  options.raw_inputs = true;
  check_round_trip("ftv ~ age + smoke", "@birthwt", &options);
  gradus_network_options none = {.fit = {.family = "binomial"}};
  check_round_trip("low ~ age + smoke", "@birthwt", &none);
}

/* ---- checkpoints ---- */

static void a_resumed_training_continues_to_the_bit(void) {
  const char *path = "test_network.checkpoint";
  gradus_frame *iris = table_open("@iris");
  gradus_network_options options = small_network();
  gradus_error err = {0};
  options.dropout = 0.1;
  options.normalisation = "batch";
  options.fit.descent.schedule = GRADUS_SCHEDULE_EXPONENTIAL;
  gradus_fit *whole = network_fit("Species ~ .", iris, &options);
  options.checkpoint = path;
  options.fit.max_iterations = 11;
  gradus_fit_free(network_fit("Species ~ .", iris, &options));
  options.fit.max_iterations = 30;
  options.resume = true;
  gradus_fit *parts = network_fit("Species ~ .", iris, &options), *other = NULL;
  CU_ASSERT_EQUAL(worst_difference(whole, parts), 0);
  CU_ASSERT_EQUAL_FATAL(gradus_fit_epochs(parts), 30);
  CU_ASSERT_EQUAL(gradus_fit_best_epoch(whole), gradus_fit_best_epoch(parts));
  for (size_t i = 0; i < 30; i++) {
    gradus_epoch a, b;
    gradus_fit_epoch(whole, i, &a, NULL);
    gradus_fit_epoch(parts, i, &b, NULL);
    CU_ASSERT_EQUAL(a.loss, b.loss);
    CU_ASSERT_EQUAL(a.validation_loss, b.validation_loss);
  }
  options.activation = "relu";
  CHECK_STATUS(gradus_network_fit(&other, "Species ~ .", iris, &options, &err), GRADUS_ERROR_SHAPE,
               &err);
  CHECK_CONTAINS(err.message, "another training, …activation1 tanh");
  CHECK_CONTAINS(err.message, "this one is …activation1 relu");
  options.activation = "tanh";
  options.fit.descent.rule = GRADUS_RULE_NESTEROV;
  err = (gradus_error){0};
  CHECK_STATUS(gradus_network_fit(&other, "Species ~ .", iris, &options, &err), GRADUS_ERROR_SHAPE,
               &err);
  CHECK_CONTAINS(err.message, "this one is …rule nesterov");
  gradus_fit_free(whole);
  gradus_fit_free(parts);
  gradus_frame_free(iris);
  remove(path);
}

/* ---- going on ---- */

/* Five epochs and five more are ten, to the bit, with rows in their order; through a file too. */
static void a_network_goes_on_learning(void) {
  const char *path = "test_network.partial";
  gradus_frame *iris = table_open("@iris");
  gradus_network_options options = small_network();
  gradus_partial_options more = {.epochs = 5};
  gradus_fit *loaded = NULL;
  gradus_error err = {0};
  options.validation = 0;
  options.dropout = 0.2;
  options.fit.descent = (gradus_descent_options){
      .rule = GRADUS_RULE_ADAM, .learning_rate = 0.01, .batch_size = 16, .keep_order = true};
  options.fit.max_iterations = 10;
  gradus_fit *whole = network_fit("Species ~ .", iris, &options);
  options.fit.max_iterations = 5;
  gradus_fit *parts = network_fit("Species ~ .", iris, &options);
  CHECK_STATUS(gradus_fit_save(parts, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
  remove(path);
  CHECK_STATUS(gradus_fit_partial(parts, iris, &more, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_partial(loaded, iris, &more, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL(worst_difference(whole, parts), 0);
  CU_ASSERT_EQUAL(worst_difference(whole, loaded), 0);
  CU_ASSERT_EQUAL(gradus_fit_epochs(parts), 10);
  CU_ASSERT_EQUAL(gradus_fit_epochs(loaded), 10);
  gradus_fit_free(whole);
  gradus_fit_free(parts);
  gradus_fit_free(loaded);
  gradus_frame_free(iris);
}

/* Mini-batches of a regression, in the units of the data in between. */
static void a_network_without_hidden_layers_goes_on_too(void) {
  gradus_frame *cars = table_open("@mtcars");
  gradus_network_options options = {.fit = {.descent = {.rule = GRADUS_RULE_ADAM,
                                                        .learning_rate = 0.01,
                                                        .batch_size = 8,
                                                        .keep_order = true},
                                            .max_iterations = 40}};
  gradus_partial_options more = {.epochs = 20};
  gradus_error err = {0};
  gradus_fit *whole = network_fit("mpg ~ wt + hp", cars, &options);
  options.fit.max_iterations = 20;
  gradus_fit *parts = network_fit("mpg ~ wt + hp", cars, &options), *linear = NULL;
  CHECK_STATUS(gradus_fit_partial(parts, cars, &more, &err), GRADUS_OK, &err);
  for (size_t j = 0; j < 3; j++)
    CHECK_CLOSE(gradus_fit_coefficient(parts, 0, j), gradus_fit_coefficient(whole, 0, j), 1e-12);
  CHECK_STATUS(gradus_linear_fit(&linear, "mpg ~ wt", cars, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_partial(linear, cars, &more, &err), GRADUS_ERROR_UNSUPPORTED, &err);
  gradus_fit_free(whole);
  gradus_fit_free(parts);
  gradus_fit_free(linear);
  gradus_frame_free(cars);
}

/* Cuts the file at `path` to a length, or changes one byte of it. */
static void damage(const char *path, long length, long byte) {
  static char bytes[100000];
  FILE *file = fopen(path, "rb");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  if (byte >= 0)
    bytes[byte] ^= 1;
  file = fopen(path, "wb");
  fwrite(bytes, 1, length >= 0 && (size_t)length < size ? (size_t)length : size, file);
  fclose(file);
}

static void a_damaged_checkpoint_is_refused(void) {
  const char *path = "test_network.checkpoint";
  static const struct {
    long length, byte;
    const char *says;
  } cases[] = {
      {0, -1, "no checkpoint"},          {10, -1, "no checkpoint"}, {30, -1, "truncated"},
      {2000, -1, "truncated"},           {-1, 3, "no checkpoint"},  {-1, 18, "another version"},
      {-1, 1000, "truncated or damaged"}};
  gradus_frame *iris = table_open("@iris");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_network_options options = small_network();
    gradus_error err = {0};
    gradus_fit *fit = NULL;
    options.fit.max_iterations = 2;
    options.checkpoint = path;
    gradus_fit_free(network_fit("Species ~ .", iris, &options));
    damage(path, cases[i].length, cases[i].byte);
    options.resume = true;
    CHECK_STATUS(gradus_network_fit(&fit, "Species ~ .", iris, &options, &err),
                 GRADUS_ERROR_MODEL_FILE, &err);
    CHECK_CONTAINS(err.message, cases[i].says);
    CU_ASSERT_PTR_NULL(fit);
    remove(path);
  }
  gradus_frame_free(iris);
}

int main(void) {
  static const test_case cases[] = {
      {"a saved network predicts the same bits", a_saved_network_predicts_the_same_bits},
      {"a resumed training continues to the bit", a_resumed_training_continues_to_the_bit},
      {"a network goes on learning", a_network_goes_on_learning},
      {"a network without hidden layers goes on too", a_network_without_hidden_layers_goes_on_too},
      {"a damaged checkpoint is refused", a_damaged_checkpoint_is_refused},
  };
  return test_main("network_files", cases, sizeof cases / sizeof *cases);
}
