// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading frames, and looking into them. */
#ifndef GRADUS_TESTS_CELLS_H
#define GRADUS_TESTS_CELLS_H

#include "support.h"

/* The text of a cell of a factor or mixed column, "NA" if it is missing. */
const char *test_cell(const gradus_frame *frame, size_t column, size_t row);

/* The same, and the number, of a column by its name. */
const char *test_cell_text(const gradus_frame *frame, const char *name, size_t row);
double test_cell_number(const gradus_frame *frame, const char *name, size_t row);

/* The frame of a bundled data set ("@mtcars"), or of a file below tests/data. */
gradus_frame *test_read_frame(const char *name);

/* Checks that a column is numeric and has these values, one per row. */
void test_numbers(const gradus_frame *frame, size_t column, const double *values);

#endif
