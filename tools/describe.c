// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus describe */
#include "command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

static const option_spec options_describe[] = {
    {"json", 0, OPTION_FLAG, NULL, MEMBER(json), "print one JSON object, with all levels"}, {0}};

static const option_spec *const groups[] = {options_describe, options_input, NULL};

int describe_column(column_facts *facts, const gradus_frame *frame, size_t column) {
  size_t rows = gradus_frame_rows(frame);
  const double *values = gradus_frame_numeric(frame, column);
  const int *codes = gradus_frame_codes(frame, column);
  *facts = (column_facts){.name = gradus_frame_column_name(frame, column),
                          .type = gradus_frame_column_type(frame, column),
                          .levels = gradus_frame_level_count(frame, column),
                          .smallest = NAN,
                          .largest = NAN,
                          .mean = NAN};
  long double sum = 0;
  facts->counts = calloc(facts->levels + 1, sizeof *facts->counts);
  if (!facts->counts)
    return AT_FAULT;
  for (size_t i = 0; i < rows; i++) {
    bool missing = values ? isnan(values[i]) : codes[i] < 0;
    facts->missing += missing;
    if (missing)
      continue;
    if (!values) {
      facts->counts[codes[i]]++;
      continue;
    }
    sum += values[i];
    facts->smallest = fmin(facts->smallest, values[i]); /* ignores the NaN at the start */
    facts->largest = fmax(facts->largest, values[i]);
  }
  if (values && rows > facts->missing)
    facts->mean = (double)(sum / (long double)(rows - facts->missing));
  return DONE;
}

const char *column_type_name(gradus_column_type type) {
  static const char *const names[] = {"numeric", "factor", "mixed"};
  return names[type];
}

static void print_levels(const gradus_frame *frame, size_t column, const column_facts *facts) {
  enum { SHOWN = 6 };
  printf("%zu level%s:", facts->levels, facts->levels == 1 ? "" : "s");
  for (size_t i = 0; i < facts->levels && i < SHOWN; i++)
    printf("%s %s (%zu)", i ? "," : "", gradus_frame_level(frame, column, i), facts->counts[i]);
  puts(facts->levels > SHOWN ? ", ..." : "");
}

static void print_column(const gradus_frame *frame, size_t column, const column_facts *facts,
                         int width) {
  printf("%-*s  %-7s %7zu  ", width, facts->name, column_type_name(facts->type), facts->missing);
  if (facts->type == GRADUS_COLUMN_NUMERIC && isnan(facts->mean))
    puts("no value at all");
  else if (facts->type == GRADUS_COLUMN_NUMERIC)
    printf("%.7g to %.7g, mean %.7g\n", facts->smallest, facts->largest, facts->mean);
  else
    print_levels(frame, column, facts);
}

static int print_text(const gradus_frame *frame) {
  size_t columns = gradus_frame_columns(frame);
  int width = 6;
  for (size_t j = 0; j < columns; j++) {
    int length = (int)strlen(gradus_frame_column_name(frame, j));
    width = length > width ? length : width;
  }
  printf("%zu rows, %zu columns\n\n", gradus_frame_rows(frame), columns);
  printf("%-*s  %-7s %7s  %s\n", width, "column", "type", "missing", "values");
  for (size_t j = 0; j < columns; j++) {
    column_facts facts;
    if (describe_column(&facts, frame, j) != DONE)
      return AT_FAULT;
    print_column(frame, j, &facts, width);
    free(facts.counts);
  }
  return DONE;
}

static int run_describe(const command_options *options, const char *const *operands, size_t count) {
  (void)count;
  gradus_frame *frame;
  int exit_status = read_frame(&frame, operands[0], options, &command_describe);
  if (exit_status != DONE)
    return exit_status;
  exit_status = options->json ? describe_json(frame) : print_text(frame);
  if (exit_status != DONE)
    fputs("gradus: error: the description cannot be made: out of memory, or built without "
          "jansson\n",
          stderr);
  gradus_frame_free(frame);
  return exit_status;
}

const command_spec command_describe = {
    .name = "describe",
    .operands = "FILE",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "show the columns of a data file",
    .description =
        "Shows for every column of FILE its type, the number of missing cells, and range and mean "
        "or the levels with their counts. A mixed column holds numbers and other text: a model "
        "refuses it unless the formula says factor(COLUMN).",
    .examples = "gradus describe cars.csv\n"
                "gradus describe @iris --json\n",
    .groups = groups,
    .run = run_describe};
