// SPDX-License-Identifier: GPL-3.0-or-later
/* Tables of reference numbers (CSV files below tests/data), and data to compute the same from. */
#ifndef GRADUS_TESTS_TABLE_H
#define GRADUS_TESTS_TABLE_H

#include "support.h"

/* A file below tests/data, or "@name" for a bundled data set; ends the test if it cannot be read.
 */
gradus_frame *table_open(const char *name);
/* A cell; a column that is missing ends the test. */
double table_number(const gradus_frame *table, const char *column, size_t row);
const char *table_text(const gradus_frame *table, const char *column, size_t row);
/* The numbers of a column. */
const double *table_column(const gradus_frame *table, const char *column);
/* Adds a numeric column whose values repeat 1, 2, 3. */
void table_add_weights(gradus_frame *table, const char *column);
/* The rows of a frame through the design of a fit. */
gradus_source *table_rows(const gradus_fit *fit, const gradus_frame *frame);

#endif
