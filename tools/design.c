// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus design */
#include "command.h"

static const option_spec *const groups[] = {options_input, NULL};

enum { ROWS_AT_A_TIME = 1024 };

static void write_heads(const gradus_design *design) {
  const char *comma = "";
  if (gradus_design_has_intercept(design)) {
    write_name(stdout, "(Intercept)");
    comma = ",";
  }
  for (size_t j = 0; j < gradus_design_columns(design); j++, comma = ",") {
    fputs(comma, stdout);
    write_name(stdout, gradus_design_column_name(design, j));
  }
  putchar('\n');
}

static void write_batch(const gradus_design *design, const gradus_batch *batch) {
  size_t p = gradus_design_columns(design);
  bool has_intercept = gradus_design_has_intercept(design);
  for (size_t i = 0; i < batch->rows; i++) {
    if (has_intercept)
      putchar('1');
    for (size_t j = 0; j < p; j++) {
      if (has_intercept || j > 0)
        putchar(',');
      write_number(stdout, batch->x[i * batch->x_stride + j]);
    }
    putchar('\n');
  }
}

static gradus_status write_rows(const gradus_design *design, const gradus_source *source,
                                gradus_error *err) {
  gradus_cursor *cursor;
  gradus_status status = gradus_cursor_open(&cursor, source, ROWS_AT_A_TIME, err);
  for (size_t first = 0; status <= 0 && !ferror(stdout);) {
    gradus_batch batch = {0};
    status = gradus_cursor_read(cursor, first, ROWS_AT_A_TIME, &batch, err);
    if (status > 0 || batch.rows == 0)
      break;
    write_batch(design, &batch);
    first += batch.rows;
  }
  gradus_cursor_free(cursor);
  return status;
}

static gradus_status print_design(const char *text, const gradus_frame *frame, bool *parsed,
                                  gradus_error *err) {
  gradus_formula *formula = NULL;
  gradus_design *design = NULL;
  gradus_source *source = NULL;
  gradus_status status = gradus_formula_parse(&formula, text, err);
  *parsed = status <= 0;
  if (status <= 0)
    status = gradus_design_new(&design, formula, frame, NULL, err);
  if (status <= 0)
    status = gradus_source_from_frame(&source, design, frame, NULL, err);
  if (status <= 0) {
    write_heads(design);
    status = write_rows(design, source, err);
  }
  gradus_source_free(source);
  gradus_design_free(design);
  gradus_formula_free(formula);
  return status;
}

static int run_design(const command_options *options, const char *const *operands, size_t count) {
  (void)count;
  gradus_frame *frame;
  gradus_error err = {0};
  int exit_status = read_frame(&frame, operands[1], options, &command_design);
  if (exit_status != DONE)
    return exit_status;
  bool parsed = false;
  if (print_design(operands[0], frame, &parsed, &err) > 0)
    exit_status = parsed ? fail_with(&err) : fail_usage(&command_design, "%s", err.message);
  gradus_frame_free(frame);
  return exit_status;
}

const command_spec command_design = {
    .name = "design",
    .operands = "FORMULA FILE",
    .operands_min = 2,
    .operands_max = 2,
    .summary = "print the design matrix of a formula",
    .description =
        "Prints the design matrix of FORMULA over the complete rows of FILE as CSV with 17 digits, "
        "in R's order and with R's names of columns (model.matrix). The response may be left out.",
    .examples = "gradus design '~ wt + factor(cyl)' @mtcars\n",
    .groups = groups,
    .run = run_design};
