// SPDX-License-Identifier: GPL-3.0-or-later
/* The files below tests/data/metrics: tables of text and numbers, and rows to compute metrics from.
 */
#ifndef GRADUS_TESTS_METRIC_ROWS_H
#define GRADUS_TESTS_METRIC_ROWS_H

#include <stddef.h>

/* One line, cut at its commas. */
typedef struct metric_record {
  char field[8][48];
} metric_record;

typedef struct metric_table {
  metric_record *records;
  size_t count; /* without the header */
} metric_table;

metric_table metric_table_read(const char *name);
void metric_table_free(metric_table *table);
double metric_number(const metric_record *record, size_t field);

/* Rows of one named set; views of static memory that the next read overwrites. */
typedef struct metric_rows {
  size_t n;
  double *y, *p, *w;            /* p: n×4 for classes, predicted numbers for regression */
  int *label, *predicted_label; /* of classes */
} metric_rows;

/* Files "set,y,p,w", and "set,y,predicted,w,p0,p1,p2,p3". */
metric_rows metric_rows_read(const char *name, const char *set);
metric_rows metric_rows_read_classes(const char *name, const char *set);

/* The rows that tests/r/metrics.R generates too: y and p only, with many ties; free y and p. */
metric_rows metric_rows_generate(size_t n);
void metric_rows_free(metric_rows *rows);

#endif
