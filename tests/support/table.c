// SPDX-License-Identifier: GPL-3.0-or-later
#include "table.h"

#include <stdlib.h>

gradus_frame *table_open(const char *name) {
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_csv(&frame, name[0] == '@' ? name : test_data(name), NULL, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  return frame;
}

static size_t column_of(const gradus_frame *table, const char *name) {
  size_t column = 0;
  CU_ASSERT_TRUE_FATAL(gradus_frame_find(table, name, &column));
  return column;
}

const double *table_column(const gradus_frame *table, const char *column) {
  const double *values = gradus_frame_numeric(table, column_of(table, column));
  CU_ASSERT_PTR_NOT_NULL_FATAL(values);
  return values;
}

double table_number(const gradus_frame *table, const char *column, size_t row) {
  return table_column(table, column)[row];
}

const char *table_text(const gradus_frame *table, const char *column, size_t row) {
  size_t at = column_of(table, column);
  const int *codes = gradus_frame_codes(table, at);
  CU_ASSERT_TRUE_FATAL(codes && codes[row] >= 0);
  return gradus_frame_level(table, at, (size_t)codes[row]);
}

void table_add_weights(gradus_frame *table, const char *column) {
  size_t rows = gradus_frame_rows(table);
  double *values = calloc(rows, sizeof *values);
  for (size_t i = 0; i < rows; i++)
    values[i] = (double)(1 + i % 3);
  CHECK_STATUS(gradus_frame_add_numeric(table, column, values, 1, NULL), GRADUS_OK, NULL);
  free(values);
}

gradus_source *table_rows(const gradus_fit *fit, const gradus_frame *frame) {
  gradus_source *source = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_source_from_frame(&source, gradus_fit_design(fit), frame, NULL, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(source);
  return source;
}
