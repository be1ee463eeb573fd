// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells.h"

const char *test_cell(const gradus_frame *frame, size_t column, size_t row) {
  const int *codes = gradus_frame_codes(frame, column);
  if (!codes)
    return "(number)";
  return codes[row] < 0 ? "NA" : gradus_frame_level(frame, column, (size_t)codes[row]);
}

const char *test_cell_text(const gradus_frame *frame, const char *name, size_t row) {
  size_t column;
  CU_ASSERT_TRUE_FATAL(gradus_frame_find(frame, name, &column));
  return test_cell(frame, column, row);
}

double test_cell_number(const gradus_frame *frame, const char *name, size_t row) {
  size_t column;
  CU_ASSERT_TRUE_FATAL(gradus_frame_find(frame, name, &column));
  return gradus_frame_numeric(frame, column)[row];
}

gradus_frame *test_read_frame(const char *name) {
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  const char *place = name[0] == '@' ? name : test_data(name);
  CHECK_STATUS(gradus_frame_read_csv(&frame, place, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  return frame;
}

void test_numbers(const gradus_frame *frame, size_t column, const double *values) {
  CU_ASSERT_PTR_NOT_NULL_FATAL(gradus_frame_numeric(frame, column));
  for (size_t i = 0; i < gradus_frame_rows(frame); i++)
    CHECK_CLOSE(gradus_frame_numeric(frame, column)[i], values[i], 0);
}
