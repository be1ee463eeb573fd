// SPDX-License-Identifier: GPL-3.0-or-later
#include "csv_internal.h"

#include <string.h>

static bool is_blank(char c, char separator) {
  return (c == ' ' || c == '\t') && c != separator;
}

static const char *skip_blanks(const char *p, const char *end, char separator) {
  while (p < end && is_blank(*p, separator))
    p++;
  return p;
}

static size_t count_line_ends(const char *text, size_t length) {
  size_t count = 0;
  for (const char *p = text, *end = text + length; (p = memchr(p, '\n', (size_t)(end - p))) != NULL;
       p++)
    count++;
  return count;
}

static gradus_i_csv_fault_kind read_unquoted(const char *p, const char *end, char separator,
                                             gradus_i_csv_field *field) {
  const char *begin = p;
  for (; p < end && *p != separator && *p != '\n'; p++)
    if (*p == '"')
      return CSV_FAULT_INNER_QUOTE;
  field->next = p;
  bool at_line_end = p == end || *p == '\n';
  if (at_line_end && p > begin && p[-1] == '\r')
    p--;
  while (p > begin && is_blank(p[-1], separator))
    p--;
  field->text = begin;
  field->length = (size_t)(p - begin);
  return CSV_FAULT_NONE;
}

/* p is behind the opening quote. */
static gradus_i_csv_fault_kind read_quoted(const char *p, const char *end, char separator,
                                           gradus_i_csv_field *field) {
  field->quoted = true;
  field->text = p;
  for (;;) {
    p = memchr(p, '"', (size_t)(end - p));
    if (!p)
      return CSV_FAULT_OPEN_QUOTE;
    if (p + 1 == end || p[1] != '"')
      break;
    field->doubled = true;
    p += 2;
  }
  field->length = (size_t)(p - field->text);
  field->line_ends = count_line_ends(field->text, field->length);
  p = skip_blanks(p + 1, end, separator);
  if (p < end && *p == '\r' && (p + 1 == end || p[1] == '\n'))
    p++;
  field->next = p;
  return p == end || *p == separator || *p == '\n' ? CSV_FAULT_NONE : CSV_FAULT_AFTER_QUOTE;
}

gradus_i_csv_fault_kind gradus_i_csv_field_read(const char *p, const char *end, char separator,
                                                gradus_i_csv_field *field) {
  *field = (gradus_i_csv_field){0};
  p = skip_blanks(p, end, separator);
  if (p < end && *p == '"')
    return read_quoted(p + 1, end, separator, field);
  return read_unquoted(p, end, separator, field);
}

size_t gradus_i_csv_field_decode(const gradus_i_csv_field *field, char *text) {
  size_t length = 0;
  for (size_t i = 0; i < field->length; i++) {
    text[length++] = field->text[i];
    if (field->doubled && field->text[i] == '"')
      i++;
  }
  return length;
}
