// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells.h"

const char *test_cell(const gradus_frame *frame, size_t column, size_t row) {
  const int *codes = gradus_frame_codes(frame, column);
  if (!codes)
    return "(number)";
  return codes[row] < 0 ? "NA" : gradus_frame_level(frame, column, (size_t)codes[row]);
}

void test_numbers(const gradus_frame *frame, size_t column, const double *values) {
  CU_ASSERT_PTR_NOT_NULL_FATAL(gradus_frame_numeric(frame, column));
  for (size_t i = 0; i < gradus_frame_rows(frame); i++)
    CHECK_CLOSE(gradus_frame_numeric(frame, column)[i], values[i], 0);
}
