// SPDX-License-Identifier: GPL-3.0-or-later
#include "metric_rows.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 500, CLASSES = 4 };

static void cut(metric_record *record, char *line) {
  line[strcspn(line, "\n")] = '\0';
  for (size_t i = 0; i < 8 && line; i++) {
    char *comma = strchr(line, ',');
    if (comma)
      *comma = '\0';
    snprintf(record->field[i], sizeof record->field[i], "%.47s", line);
    line = comma ? comma + 1 : NULL;
  }
}

metric_table metric_table_read(const char *name) {
  metric_table table = {0};
  char path[64], line[512];
  size_t capacity = 0;
  snprintf(path, sizeof path, "metrics/%s", name);
  FILE *file = fopen(test_data(path), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  if (!fgets(line, sizeof line, file)) /* the header */
    CU_FAIL("an empty file");
  while (fgets(line, sizeof line, file)) {
    if (table.count == capacity) {
      capacity = 2 * capacity + 64;
      table.records = realloc(table.records, capacity * sizeof *table.records);
      CU_ASSERT_PTR_NOT_NULL_FATAL(table.records);
    }
    memset(&table.records[table.count], 0, sizeof *table.records);
    cut(&table.records[table.count++], line);
  }
  fclose(file);
  return table;
}

void metric_table_free(metric_table *table) {
  free(table->records);
  *table = (metric_table){0};
}

double metric_number(const metric_record *record, size_t field) {
  return strtod(record->field[field], NULL);
}

static metric_rows read_rows(const char *name, const char *set, int classes) {
  static double y[MOST_ROWS], p[MOST_ROWS * CLASSES], w[MOST_ROWS];
  static int label[MOST_ROWS], predicted[MOST_ROWS];
  metric_rows rows = {0, y, p, w, label, predicted};
  metric_table table = metric_table_read(name);
  for (size_t i = 0; i < table.count; i++) {
    const metric_record *record = &table.records[i];
    if (strcmp(record->field[0], set) != 0)
      continue;
    size_t at = rows.n++;
    CU_ASSERT_FATAL(at < MOST_ROWS);
    y[at] = metric_number(record, 1);
    w[at] = metric_number(record, 3);
    label[at] = atoi(record->field[1]);
    predicted[at] = atoi(record->field[2]);
    if (!classes)
      p[at] = metric_number(record, 2);
    for (size_t j = 0; classes && j < CLASSES; j++)
      p[at * CLASSES + j] = metric_number(record, 4 + j);
  }
  metric_table_free(&table);
  CU_ASSERT_FATAL(rows.n > 0);
  return rows;
}

metric_rows metric_rows_read(const char *name, const char *set) {
  return read_rows(name, set, 0);
}

metric_rows metric_rows_read_classes(const char *name, const char *set) {
  return read_rows(name, set, 1);
}

static double next_uniform(double *state) {
  *state = fmod(16807 * *state, 2147483647);
  return *state / 2147483648;
}

metric_rows metric_rows_generate(size_t n) {
  metric_rows rows = {.n = n, .y = malloc(n * sizeof(double)), .p = malloc(n * sizeof(double))};
  double state = 42;
  CU_ASSERT_FATAL(rows.y && rows.p);
  for (size_t i = 0; i < n; i++) {
    rows.y[i] = next_uniform(&state) < 0.125 ? 1 : 0;
    rows.p[i] = floor((next_uniform(&state) + rows.y[i] * 0.25) * 65536) / 65536;
  }
  return rows;
}

void metric_rows_free(metric_rows *rows) {
  free(rows->y);
  free(rows->p);
  *rows = (metric_rows){0};
}
