// SPDX-License-Identifier: GPL-3.0-or-later
/* Looking into frames. */
#ifndef GRADUS_TESTS_CELLS_H
#define GRADUS_TESTS_CELLS_H

#include "support.h"

/* The text of a cell of a factor or mixed column, "NA" if it is missing. */
const char *test_cell(const gradus_frame *frame, size_t column, size_t row);

/* Checks that a column is numeric and has these values, one per row. */
void test_numbers(const gradus_frame *frame, size_t column, const double *values);

#endif
