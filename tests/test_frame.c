// SPDX-License-Identifier: GPL-3.0-or-later
#include "../lib/data/internal.h"
#include "support/support.h"

#include <math.h>
#include <string.h>

static const double cylinders[] = {6, 4, 8, NAN, 10, 4};
static const char *const colours[] = {"red", "blue", NULL, "Red", "blue", "bluish"};
enum { ROWS = 6 };

/* cyl numeric, colour text. */
static gradus_frame *make_frame(void) {
  gradus_frame *frame;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_new(&frame, ROWS, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_frame_add_numeric(frame, "cyl", cylinders, 1, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_frame_add_text(frame, "colour", colours, &err), GRADUS_OK, &err);
  return frame;
}

static void check_levels(const gradus_frame *frame, size_t column, const char *const *levels,
                         size_t count) {
  CU_ASSERT_EQUAL_FATAL(gradus_frame_level_count(frame, column), count);
  for (size_t i = 0; i < count; i++)
    CU_ASSERT_STRING_EQUAL(gradus_frame_level(frame, column, i), levels[i]);
}

static void check_codes(const gradus_frame *frame, size_t column, const int *codes) {
  CU_ASSERT_PTR_NOT_NULL_FATAL(gradus_frame_codes(frame, column));
  for (size_t i = 0; i < ROWS; i++)
    CU_ASSERT_EQUAL(gradus_frame_codes(frame, column)[i], codes[i]);
}

static void columns_are_found_by_name(void) {
  gradus_frame *frame = make_frame();
  size_t column = 99;
  CU_ASSERT_EQUAL(gradus_frame_rows(frame), ROWS);
  CU_ASSERT_EQUAL(gradus_frame_columns(frame), 2);
  CU_ASSERT_TRUE(gradus_frame_find(frame, "colour", &column));
  CU_ASSERT_EQUAL(column, 1);
  CU_ASSERT_FALSE(gradus_frame_find(frame, "Colour", &column));
  CU_ASSERT_STRING_EQUAL(gradus_frame_column_name(frame, 0), "cyl");
  CU_ASSERT_EQUAL(gradus_frame_column_type(frame, 0), GRADUS_COLUMN_NUMERIC);
  CU_ASSERT_PTR_NULL(gradus_frame_codes(frame, 0));
  CU_ASSERT_PTR_NULL(gradus_frame_numeric(frame, 1));
  CU_ASSERT_EQUAL(gradus_frame_level_count(frame, 0), 0);
  for (size_t i = 0; i < ROWS; i++)
    CHECK_CLOSE(gradus_frame_numeric(frame, 0)[i], cylinders[i], 0);
  gradus_frame_free(frame);
  gradus_frame_free(NULL);
}

static void numbers_are_taken_with_a_stride(void) {
  static const double matrix[] = {1, 10, 2, 20, 3, 30};
  gradus_frame *frame;
  gradus_frame_new(&frame, 3, NULL);
  CHECK_STATUS(gradus_frame_add_numeric(frame, "b", matrix + 1, 2, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < 3; i++)
    CHECK_CLOSE(gradus_frame_numeric(frame, 0)[i], matrix[2 * i + 1], 0);
  gradus_frame_free(frame);
}

static void text_has_levels_in_ascending_order_of_bytes(void) {
  gradus_frame *frame = make_frame();
  static const char *const levels[] = {"Red", "blue", "bluish", "red"};
  static const int codes[] = {3, 1, -1, 0, 1, 2};
  CU_ASSERT_EQUAL(gradus_frame_column_type(frame, 1), GRADUS_COLUMN_FACTOR);
  check_levels(frame, 1, levels, 4);
  check_codes(frame, 1, codes);
  gradus_frame_free(frame);
}

static void names_are_given_and_differ(void) {
  gradus_frame *frame = make_frame();
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_add_numeric(frame, "cyl", cylinders, 1, &err),
               GRADUS_ERROR_CSV_DUPLICATE_NAME, &err);
  CHECK_CONTAINS(err.message, "\"cyl\"");
  CHECK_STATUS(gradus_frame_add_text(frame, "", colours, NULL), GRADUS_ERROR_INVALID_ARGUMENT,
               NULL);
  CU_ASSERT_EQUAL(gradus_frame_columns(frame), 2);
  gradus_frame_free(frame);
}

static void a_factor_keeps_its_levels_and_refuses_bad_ones(void) {
  gradus_frame *frame = make_frame();
  gradus_error err = {0};
  static const char *const levels[] = {"low", "high", "never"}, *const twice[] = {"a", "b", "a"};
  static const int codes[] = {1, 0, -1, -7, 0, 1}, kept[] = {1, 0, -1, -1, 0, 1};
  static const int beyond[] = {0, 0, 3, 0, 0, 0};
  CHECK_STATUS(gradus_frame_add_factor(frame, "f", codes, levels, 3, &err), GRADUS_OK, &err);
  check_levels(frame, 2, levels, 3);
  check_codes(frame, 2, kept);
  CHECK_STATUS(gradus_frame_add_factor(frame, "g", beyond, levels, 3, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "row 3");
  CHECK_STATUS(gradus_frame_add_factor(frame, "g", codes, twice, 3, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CU_ASSERT_EQUAL(gradus_frame_columns(frame), 3);
  gradus_frame_free(frame);
}

static void set_levels_reorders_text(void) {
  gradus_frame *frame = make_frame();
  gradus_error err = {0};
  static const char *const levels[] = {"red", "Red", "green", "bluish", "blue"};
  static const int codes[] = {0, 4, -1, 1, 4, 3};
  CHECK_STATUS(gradus_frame_set_levels(frame, "colour", levels, 5, &err), GRADUS_OK, &err);
  check_levels(frame, 1, levels, 5);
  check_codes(frame, 1, codes);
  gradus_frame_free(frame);
}

static void set_levels_matches_numbers_by_value(void) {
  gradus_frame *frame = make_frame();
  gradus_error err = {0};
  static const char *const levels[] = {"8.0", "1e1", "4", "+6"};
  static const int codes[] = {3, 2, 0, -1, 1, 2};
  CHECK_STATUS(gradus_frame_set_levels(frame, "cyl", levels, 4, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL(gradus_frame_column_type(frame, 0), GRADUS_COLUMN_FACTOR);
  CU_ASSERT_PTR_NULL(gradus_frame_numeric(frame, 0));
  check_levels(frame, 0, levels, 4);
  check_codes(frame, 0, codes);
  gradus_frame_free(frame);
}

static void set_levels_names_the_cell_that_has_none(void) {
  gradus_frame *frame = make_frame();
  gradus_error err = {0};
  static const char *const levels[] = {"4", "6"}, *const twice[] = {"4", "6", "8", "10", "4.0"};
  CHECK_STATUS(gradus_frame_set_levels(frame, "cyl", levels, 2, &err), GRADUS_ERROR_UNKNOWN_LEVEL,
               &err);
  CHECK_CONTAINS(err.message, "data:3: column \"cyl\": the cell \"8\"");
  CHECK_CONTAINS(err.message, "4, 6;");
  CU_ASSERT_PTR_NOT_NULL(gradus_frame_numeric(frame, 0));
  err = (gradus_error){0};
  CHECK_STATUS(gradus_frame_set_levels(frame, "cyl", twice, 5, &err), GRADUS_ERROR_UNKNOWN_LEVEL,
               &err);
  CHECK_CONTAINS(err.message, "twice");
  CHECK_STATUS(gradus_frame_set_levels(frame, "zyl", levels, 2, NULL), GRADUS_ERROR_UNKNOWN_COLUMN,
               NULL);
  gradus_frame_free(frame);
}

static void set_reference_moves_one_level_to_the_front(void) {
  gradus_frame *frame = make_frame();
  gradus_error err = {0};
  static const char *const levels[] = {"bluish", "Red", "blue", "red"}, *const numbers[] = {
                                                                            "8", "4", "6", "10"};
  static const int codes[] = {3, 2, -1, 1, 2, 0}, number_codes[] = {2, 1, 0, -1, 3, 1};
  CHECK_STATUS(gradus_frame_set_reference(frame, "colour", "bluish", &err), GRADUS_OK, &err);
  check_levels(frame, 1, levels, 4);
  check_codes(frame, 1, codes);
  CHECK_STATUS(gradus_frame_set_reference(frame, "cyl", "8.0", &err), GRADUS_OK, &err);
  check_levels(frame, 0, numbers, 4);
  check_codes(frame, 0, number_codes);
  gradus_frame_free(frame);
}

static void set_reference_names_the_known_levels(void) {
  gradus_frame *frame = make_frame();
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_set_reference(frame, "cyl", "5", &err), GRADUS_ERROR_UNKNOWN_LEVEL,
               &err);
  CHECK_CONTAINS(err.message, "4, 6, 8, 10");
  CU_ASSERT_EQUAL(gradus_frame_column_type(frame, 0), GRADUS_COLUMN_NUMERIC);
  CHECK_STATUS(gradus_frame_set_reference(frame, "none", "5", NULL), GRADUS_ERROR_UNKNOWN_COLUMN,
               NULL);
  gradus_frame_free(frame);
}

/* R 4.2.2: levels(factor(c(0.3, 0.1 + 0.2, 1/3, -0, 0, 1e15, 1e-5, Inf))). */
static void number_levels_have_fifteen_digits(void) {
  static const double values[] = {0.3, 0.1 + 0.2, 1.0 / 3, -0.0, 0, 1e-5, INFINITY, -INFINITY};
  static const char *const levels[] = {"0", "-Inf", "1e-05", "0.3", "0.333333333333333", "Inf"};
  static const int codes[] = {3, 3, 4, 0, 0, 2, 5, 1};
  gradus_frame *frame;
  gradus_frame_new(&frame, 8, NULL);
  gradus_frame_add_numeric(frame, "x", values, 1, NULL);
  CHECK_STATUS(gradus_frame_set_reference(frame, "x", "0", NULL), GRADUS_OK, NULL);
  check_levels(frame, 0, levels, 6);
  for (size_t i = 0; i < 8; i++)
    CU_ASSERT_EQUAL(gradus_frame_codes(frame, 0)[i], codes[i]);
  gradus_frame_free(frame);
}

static void many_levels_are_told_apart(void) {
  enum { MANY = 20000 };
  static char texts[MANY][8];
  static const char *values[MANY];
  for (size_t i = 0; i < MANY; i++) {
    snprintf(texts[i], sizeof texts[i], "L%05zu", i * 7919 % MANY);
    values[i] = texts[i];
  }
  gradus_frame *frame;
  gradus_frame_new(&frame, MANY, NULL);
  CHECK_STATUS(gradus_frame_add_text(frame, "id", values, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL_FATAL(gradus_frame_level_count(frame, 0), MANY);
  size_t wrong = 0;
  for (size_t i = 0; i < MANY; i++)
    wrong += gradus_frame_codes(frame, 0)[i] != (int)(i * 7919 % MANY);
  CU_ASSERT_EQUAL(wrong, 0);
  gradus_frame_free(frame);
}

static void frames_of_no_file_have_a_name_and_lines(void) {
  gradus_frame *frame = make_frame();
  CU_ASSERT_STRING_EQUAL(gradus_i_frame_name(frame), "data");
  CU_ASSERT_EQUAL(gradus_i_frame_line(frame, 4), 5);
  gradus_frame_free(frame);
}

/* All that a frame can do; the first failure ends it. */
static gradus_status do_everything(void) {
  static const char *const levels[] = {"4", "6", "8", "10"};
  static const int codes[] = {0, 1, 2, 3, -1, 0};
  gradus_frame *frame;
  gradus_status status = gradus_frame_new(&frame, ROWS, NULL);
  if (!status)
    status = gradus_frame_add_numeric(frame, "cyl", cylinders, 1, NULL);
  if (!status)
    status = gradus_frame_add_numeric(frame, "cyl2", cylinders, 1, NULL);
  if (!status)
    status = gradus_frame_add_text(frame, "colour", colours, NULL);
  if (!status)
    status = gradus_frame_add_factor(frame, "f", codes, levels, 4, NULL);
  if (!status)
    status = gradus_frame_set_levels(frame, "cyl", levels, 4, NULL);
  if (!status)
    status = gradus_frame_set_reference(frame, "cyl2", "8", NULL);
  if (!status)
    status = gradus_frame_set_reference(frame, "colour", "red", NULL);
  gradus_frame_free(frame);
  return status;
}

static void every_failed_allocation_is_told_and_nothing_leaks(void) {
  for (failing_run run = {0}; NEXT_FAILING(&run);)
    run.status = do_everything();
}

int main(void) {
  static const test_case cases[] = {
      {"columns are found by name", columns_are_found_by_name},
      {"numbers are taken with a stride", numbers_are_taken_with_a_stride},
      {"text has levels in ascending order of bytes", text_has_levels_in_ascending_order_of_bytes},
      {"names are given and differ", names_are_given_and_differ},
      {"a factor keeps its levels and refuses bad ones",
       a_factor_keeps_its_levels_and_refuses_bad_ones},
      {"set_levels reorders text", set_levels_reorders_text},
      {"set_levels matches numbers by value", set_levels_matches_numbers_by_value},
      {"set_levels names the cell that has none", set_levels_names_the_cell_that_has_none},
      {"set_reference moves one level to the front", set_reference_moves_one_level_to_the_front},
      {"set_reference names the known levels", set_reference_names_the_known_levels},
      {"number levels have fifteen digits", number_levels_have_fifteen_digits},
      {"many levels are told apart", many_levels_are_told_apart},
      {"frames of no file have a name and lines", frames_of_no_file_have_a_name_and_lines},
      {"every failed allocation is told and nothing leaks",
       every_failed_allocation_is_told_and_nothing_leaks},
  };
  return test_main("frame", cases, sizeof cases / sizeof *cases);
}
