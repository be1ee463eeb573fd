// SPDX-License-Identifier: GPL-3.0-or-later
#include "csv_internal.h"

#include <string.h>

enum { CELL_IN_MESSAGE = 60 };

size_t gradus_i_csv_line(const gradus_i_csv_reader *reader, size_t position) {
  size_t line = 1;
  const char *end = reader->text + position;
  for (const char *p = reader->text; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
    line++;
  return line;
}

static gradus_status fail_ragged(const gradus_i_csv_reader *reader, size_t line, size_t fields,
                                 gradus_error *err) {
  const char *advice = "complete the row, or put quotes around a field that holds the separator";
  if (fields == reader->columns + 1)
    advice = "if the first column holds names of rows, give it a name in the header; or put quotes "
             "around a field that holds the separator";
  else if (reader->columns == 1)
    advice = "check the separator, or put quotes around a field that holds it";
  return gradus_i_fail(err, GRADUS_ERROR_CSV_RAGGED,
                       "%s:%zu: %zu field%s, but the header has %zu; %s", reader->name, line,
                       fields, fields == 1 ? "" : "s", reader->columns, advice);
}

static gradus_status fail_quote(const gradus_i_csv_reader *reader, size_t line,
                                const gradus_i_csv_fault *fault, gradus_error *err) {
  const char *what = "a quote inside an unquoted field; put the whole field in quotes and double "
                     "each quote inside";
  if (fault->kind == CSV_FAULT_OPEN_QUOTE)
    what = "a quote is opened and never closed; close it, or double a quote that belongs to the "
           "text";
  else if (fault->kind == CSV_FAULT_AFTER_QUOTE)
    what = "text follows the closing quote of a field; double a quote that belongs to the text";
  return gradus_i_fail(err, GRADUS_ERROR_CSV_QUOTE, "%s:%zu: field %zu: %s", reader->name, line,
                       fault->detail + 1, what);
}

static gradus_status fail_range(const gradus_i_csv_reader *reader, size_t line,
                                const gradus_i_csv_fault *fault, gradus_error *err) {
  gradus_i_csv_field field;
  gradus_i_csv_field_read(reader->text + fault->position, reader->text + reader->length,
                          reader->separator, &field);
  size_t length = field.length < CELL_IN_MESSAGE ? field.length : CELL_IN_MESSAGE;
  return gradus_i_fail(err, GRADUS_ERROR_CSV_RANGE,
                       "%s:%zu: column \"%s\": %.*s is outside the range of double precision "
                       "(1.8e308); rescale the column, or write Inf if that is meant",
                       reader->name, line, reader->frame->columns[fault->detail].name, (int)length,
                       field.text);
}

gradus_status gradus_i_csv_fail(const gradus_i_csv_reader *reader, const gradus_i_csv_fault *fault,
                                gradus_error *err) {
  size_t line = gradus_i_csv_line(reader, fault->position);
  switch (fault->kind) {
  case CSV_FAULT_RAGGED:
    return fail_ragged(reader, line, fault->detail, err);
  case CSV_FAULT_OPEN_QUOTE:
  case CSV_FAULT_AFTER_QUOTE:
  case CSV_FAULT_INNER_QUOTE:
    return fail_quote(reader, line, fault, err);
  case CSV_FAULT_RANGE:
    return fail_range(reader, line, fault, err);
  case CSV_FAULT_NUL:
    return gradus_i_fail(
        err, GRADUS_ERROR_CSV_NUL,
        "%s:%zu: a NUL byte; the file is damaged or no text, or it is UTF-16: save "
        "it as UTF-8",
        reader->name, line);
  case CSV_FAULT_LEVELS:
    return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                         "%s:%zu: column \"%s\" has too many different texts to number; remove the "
                         "column",
                         reader->name, line, reader->frame->columns[fault->detail].name);
  default:
    return gradus_i_out_of_memory(err);
  }
}
