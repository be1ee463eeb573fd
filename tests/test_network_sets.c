// SPDX-License-Identifier: GPL-3.0-or-later
/* The rows that a network is trained on, validated on and tested with. */
#include "support/network_fits.h"
#include "support/table.h"

#include <math.h>
#include <string.h>

static void mark(const gradus_fit *fit, const gradus_source *source, gradus_set set, int *seen) {
  gradus_source *rows = NULL;
  gradus_cursor *cursor = NULL;
  gradus_batch batch;
  gradus_network_metrics metrics;
  CHECK_STATUS(gradus_network_rows(&rows, fit, source, set, NULL), GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(rows);
  gradus_fit_network_metrics(fit, set, &metrics, NULL);
  CU_ASSERT_EQUAL(gradus_source_get_shape(rows)->rows, metrics.rows);
  gradus_cursor_open(&cursor, rows, 200, NULL);
  CHECK_STATUS(gradus_cursor_read(cursor, 0, 200, &batch, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < batch.rows; i++)
    seen[batch.row[i]] += 1 << (4 * (int)set);
  gradus_cursor_free(cursor);
  gradus_source_free(rows);
}

static void sets_are_shares_of_each_class_and_share_no_row(void) {
  static const size_t hidden[] = {3};
  gradus_frame *iris = table_open("@iris");
  gradus_network_options options = {.fit = {.max_iterations = 3, .seed = 5},
                                    .hidden = hidden,
                                    .hidden_count = 1,
                                    .validation = 0.2,
                                    .test = 0.1};
  gradus_fit *fit = network_fit("Species ~ .", iris, &options), *loaded = network_reloaded(fit);
  gradus_source *source = table_rows(fit, iris);
  int seen[150] = {0}, again[150] = {0}, count[3] = {0};
  for (int set = 0; set < 3; set++) {
    mark(fit, source, (gradus_set)set, seen);
    mark(loaded, source, (gradus_set)set, again);
  }
  for (size_t i = 0; i < 150; i++) {
    CU_ASSERT_EQUAL(seen[i], again[i]);
    CU_ASSERT_TRUE(seen[i] == 0x1 || seen[i] == 0x10 || seen[i] == 0x100);
    count[seen[i] == 0x1 ? 0 : seen[i] == 0x10 ? 1 : 2]++;
  }
  CU_ASSERT_EQUAL(count[0], 105);
  CU_ASSERT_EQUAL(count[1], 30);
  CU_ASSERT_EQUAL(count[2], 15);
  gradus_source_free(source);
  gradus_fit_free(loaded);
  gradus_fit_free(fit);
  gradus_frame_free(iris);
}

/* Other test rows change nothing but what is said of them. */
static void test_rows_have_no_part_in_the_training(void) {
  static const size_t hidden[] = {3};
  gradus_frame *cars = table_open("@mtcars"), *iris = table_open("@iris");
  gradus_network_options options = {
      .fit = {.max_iterations = 20, .seed = 2}, .hidden = hidden, .hidden_count = 1};
  gradus_fit *without = network_fit("mpg ~ wt + hp", cars, &options);
  options.test_frame = cars;
  gradus_fit *with = network_fit("mpg ~ wt + hp", cars, &options), *other = NULL;
  gradus_network_metrics train, test;
  size_t size = gradus_params_size(gradus_fit_params(with));
  for (size_t j = 0; j < size; j++)
    CU_ASSERT_EQUAL(gradus_params_const_values(gradus_fit_params(with))[j],
                    gradus_params_const_values(gradus_fit_params(without))[j]);
  gradus_fit_network_metrics(without, GRADUS_SET_TEST, &test, NULL);
  CU_ASSERT_EQUAL(test.rows, 0);
  gradus_fit_network_metrics(with, GRADUS_SET_TRAIN, &train, NULL);
  gradus_fit_network_metrics(with, GRADUS_SET_TEST, &test, NULL);
  CU_ASSERT_EQUAL(test.rows, 32);
  CHECK_CLOSE(test.rmse, train.rmse, 1e-14);
  CHECK_CLOSE(test.loss, train.loss, 1e-14);
  gradus_error err = {0};
  options.test_frame = iris;
  CHECK_STATUS(gradus_network_fit(&other, "mpg ~ wt + hp", cars, &options, &err),
               GRADUS_ERROR_UNKNOWN_COLUMN, &err);
  options.test = 0.2;
  options.test_frame = cars;
  err = (gradus_error){0};
  CHECK_STATUS(gradus_network_fit(&other, "mpg ~ wt + hp", cars, &options, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  options = (gradus_network_options){.validation = 0.6, .test = 0.4};
  err = (gradus_error){0};
  CHECK_STATUS(gradus_network_fit(&other, "mpg ~ wt + hp", cars, &options, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "no rows to train on");
  gradus_fit_free(with);
  gradus_fit_free(without);
  gradus_frame_free(cars);
  gradus_frame_free(iris);
}

int main(void) {
  static const test_case cases[] = {
      {"sets are shares of each class, and share no row",
       sets_are_shares_of_each_class_and_share_no_row},
      {"test rows have no part in the training", test_rows_have_no_part_in_the_training},
  };
  return test_main("network_sets", cases, sizeof cases / sizeof *cases);
}
