// SPDX-License-Identifier: GPL-3.0-or-later
/* Designs against R's model.matrix: tests/data/model_matrix, written by tests/r/model_matrix.R. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { case_count = 100, first_values = 4 };

typedef struct expected {
  FILE *file;
  char line[2000];
  char formula[500];
  size_t rows, dropped, columns, intercept, responses, levels, offsets;
} expected;

static const char *next_line(expected *e) {
  if (!fgets(e->line, sizeof e->line, e->file))
    e->line[0] = '\0';
  e->line[strcspn(e->line, "\n")] = '\0';
  return e->line;
}

static bool open_case(expected *e, int number, char *set, size_t size) {
  char name[80];
  snprintf(name, sizeof name, "model_matrix/%02d.txt", number);
  *e = (expected){.file = fopen(test_data(name), "r")};
  CU_ASSERT_PTR_NOT_NULL(e->file);
  if (!e->file)
    return false;
  snprintf(set, size, "@%s", next_line(e));
  snprintf(e->formula, sizeof e->formula, "%s", next_line(e));
  size_t *to[] = {&e->rows,      &e->dropped, &e->columns, &e->intercept,
                  &e->responses, &e->levels,  &e->offsets};
  char *at = e->line;
  next_line(e);
  for (size_t i = 0; i < 7; i++)
    *to[i] = strtoul(at, &at, 10);
  return true;
}

static void check_number(const expected *e, double actual, double wanted, double scale,
                         const char *what, size_t column) {
  double tolerance = strstr(e->formula, "poly(") && !strstr(e->formula, "raw") ? 1e-10 : 1e-12;
  double limit = tolerance * fmax(fabs(wanted), scale);
  if (fabs(actual - wanted) <= limit)
    return;
  char text[700];
  snprintf(text, sizeof text, "%s: %s of column %zu is %.17g, must be %.17g", e->formula, what,
           column, actual, wanted);
  CU_assertImplementation(CU_FALSE, __LINE__, text, __FILE__, "", CU_FALSE);
}

/* One column against: the first values, the last, the sum, the sum of squares. */
static void check_column(expected *e, const double *values, size_t stride, size_t column) {
  double numbers[first_values + 3] = {0};
  char *at = e->line;
  size_t first = e->rows < first_values ? e->rows : first_values;
  next_line(e);
  for (size_t i = 0; i < first + 3; i++)
    numbers[i] = strtod(at, &at);
  double sum = 0, squares = 0, scale = sqrt(numbers[first + 2] / (double)e->rows);
  for (size_t i = 0; i < e->rows; i++) {
    sum += values[i * stride];
    squares += values[i * stride] * values[i * stride];
  }
  for (size_t i = 0; i < first; i++)
    check_number(e, values[i * stride], numbers[i], scale, "a value", column);
  check_number(e, values[(e->rows - 1) * stride], numbers[first], scale, "the last value", column);
  check_number(e, sum, numbers[first + 1], scale * (double)e->rows, "the sum", column);
  check_number(e, squares, numbers[first + 2], 0, "the sum of squares", column);
}

static void check_names(expected *e, const gradus_design *design) {
  CU_ASSERT_EQUAL(gradus_design_columns(design), e->columns);
  CU_ASSERT_EQUAL(gradus_design_has_intercept(design), e->intercept != 0);
  CU_ASSERT_EQUAL(gradus_design_responses(design), e->responses);
  CU_ASSERT_EQUAL(gradus_design_response_levels(design), e->levels);
  for (size_t i = 0; i < e->columns; i++)
    CU_ASSERT_STRING_EQUAL(i < gradus_design_columns(design) ? gradus_design_column_name(design, i)
                                                             : "(none)",
                           next_line(e));
  for (size_t i = 0; i < e->levels; i++)
    CU_ASSERT_STRING_EQUAL(gradus_design_response_level(design, i), next_line(e));
}

static void check_values(expected *e, const gradus_design *design, const gradus_frame *frame) {
  gradus_error err = {0};
  gradus_source *source;
  gradus_cursor *cursor;
  gradus_batch batch;
  CHECK_STATUS(gradus_source_from_frame(&source, design, frame, NULL, &err), GRADUS_OK, &err);
  if (!source)
    return;
  CU_ASSERT_EQUAL(gradus_source_get_shape(source)->rows, e->rows);
  CU_ASSERT_EQUAL(gradus_source_dropped_rows(source), e->dropped);
  CHECK_STATUS(gradus_cursor_open(&cursor, source, e->rows, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_cursor_read(cursor, 0, e->rows, &batch, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL(batch.rows, e->rows);
  for (size_t j = 0; j < e->columns && batch.rows == e->rows; j++)
    check_column(e, batch.x + j, batch.x_stride, j);
  for (size_t j = 0; j < e->responses && batch.rows == e->rows; j++)
    check_column(e, batch.y + j, batch.y_stride, j);
  CU_ASSERT_EQUAL(batch.offset != NULL, e->offsets != 0);
  if (batch.offset && batch.rows == e->rows)
    check_column(e, batch.offset, 1, 0);
  gradus_cursor_free(cursor);
  gradus_source_free(source);
}

static void check_case(int number) {
  expected e;
  char set[60];
  if (!open_case(&e, number, set, sizeof set))
    return;
  gradus_error err = {0};
  gradus_frame *frame = NULL;
  gradus_formula *formula = NULL;
  gradus_design *design = NULL;
  CHECK_STATUS(gradus_frame_read_csv(&frame, set, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_formula_parse(&formula, e.formula, &err), GRADUS_OK, &err);
  if (frame && formula)
    CHECK_STATUS(gradus_design_new(&design, formula, frame, NULL, &err), GRADUS_OK, &err);
  if (design && gradus_design_columns(design) == e.columns) {
    check_names(&e, design);
    check_values(&e, design, frame);
  } else {
    char text[600];
    snprintf(text, sizeof text, "%s: wrong number of columns", e.formula);
    CU_assertImplementation(CU_FALSE, __LINE__, text, __FILE__, "", CU_FALSE);
  }
  gradus_design_free(design);
  gradus_formula_free(formula);
  gradus_frame_free(frame);
  fclose(e.file);
}

static void columns_are_those_of_model_matrix(void) {
  for (int number = 1; number <= case_count; number++)
    check_case(number);
}

int main(void) {
  static const test_case cases[] = {
      {"names and values of columns are those of R's model.matrix",
       columns_are_those_of_model_matrix},
  };
  return test_main("model_matrix", cases, sizeof cases / sizeof *cases);
}
