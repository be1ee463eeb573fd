// SPDX-License-Identifier: GPL-3.0-or-later
/* The formula of a design in a line: images have hundreds of columns. */
#include "design_internal.h"

#include <string.h>

enum { WHOLE = 300, RESPONSE = 100, FIRST = 170, LAST = 60 };

/* Bytes of a text up to `most`, whole characters of UTF-8. */
static size_t cut(const char *text, size_t most) {
  size_t length = strlen(text);
  if (length <= most)
    return length;
  for (length = most; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
    length--;
  return length;
}

/* What stands before the terms, with " ~ ". */
static size_t put_response(char text[GRADUS_DESIGN_BRIEF], const char *formula) {
  const char *tilde = strstr(formula, " ~ ");
  size_t length = tilde ? (size_t)(tilde - formula) : 0;
  bool whole = length <= RESPONSE;
  int count = (int)(whole ? length : cut(formula, RESPONSE));
  return (size_t)gradus_i_snprintf(text, GRADUS_DESIGN_BRIEF, "%.*s%s ~ ", count, formula,
                                   whole ? "" : "...");
}

void gradus_design_brief(const gradus_design *design, char text[GRADUS_DESIGN_BRIEF]) {
  const char *formula = design->formula->text;
  size_t terms = design->expansion.term_count, t = 0;
  if (strlen(formula) <= WHOLE || terms < 2) {
    gradus_i_snprintf(text, GRADUS_DESIGN_BRIEF, "%.*s", (int)cut(formula, WHOLE), formula);
    return;
  }
  size_t at = put_response(text, formula);
  for (; t + 1 < terms && at + strlen(design->terms[t].label) <= FIRST; t++)
    at += (size_t)gradus_i_snprintf(text + at, GRADUS_DESIGN_BRIEF - at, "%s + ",
                                    design->terms[t].label);
  const char *last = design->terms[terms - 1].label;
  gradus_i_snprintf(text + at, GRADUS_DESIGN_BRIEF - at, "%s%.*s%s (%zu terms)",
                    t + 1 < terms ? "... + " : "", (int)cut(last, LAST), last,
                    design->expansion.intercept ? "" : " - 1", terms);
}
