// SPDX-License-Identifier: GPL-3.0-or-later
/* The words of a formula. */
#include "formula_syntax.h"

#include <string.h>

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Bytes beyond ASCII are parts of UTF-8 letters. */
static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '_';
}

static bool starts_name(const char *text) {
  return is_letter(*text) || (*text == '.' && !is_digit(text[1]));
}

static size_t digits(const char *text) {
  size_t length = 0;
  while (is_digit(text[length]))
    length++;
  return length;
}

static gradus_i_token bad(size_t start, size_t length, const char *problem) {
  return (gradus_i_token){
      .kind = GRADUS_I_TOKEN_BAD, .start = start, .length = length, .problem = problem};
}

/* digits[.digits][(e|E)[+-]digits][L] */
static gradus_i_token number(const char *text, size_t start) {
  size_t length = digits(text + start);
  if (text[start + length] == '.')
    length += 1 + digits(text + start + length + 1);
  const char *exponent = text + start + length;
  if (*exponent == 'e' || *exponent == 'E') {
    size_t sign = exponent[1] == '+' || exponent[1] == '-';
    size_t count = digits(exponent + 1 + sign);
    if (count > 0)
      length += 1 + sign + count;
  }
  gradus_i_token token = {.kind = GRADUS_I_TOKEN_NUMBER, .start = start};
  token.number = gradus_i_strtod(text + start, NULL);
  if (text[start + length] == 'L')
    length++;
  token.length = length;
  if (is_word(text[start + length]))
    return bad(start, length + 1, "a number runs into a name");
  if (!(token.number <= 1.7976931348623157e308))
    return bad(start, length, "a number is outside the range of double precision");
  return token;
}

/* Inside backquotes a backslash takes the next character as it is. */
static gradus_i_token quoted_name(const char *text, size_t start) {
  size_t end = start + 1;
  while (text[end] != '`' && text[end] != '\0')
    end += text[end] == '\\' && text[end + 1] != '\0' ? 2 : 1;
  if (text[end] == '\0')
    return bad(start, 1, "a backquote is never closed");

  return (gradus_i_token){
      .kind = GRADUS_I_TOKEN_NAME, .quoted = true, .start = start, .length = end + 1 - start};
}

static gradus_i_token operation(const char *text, size_t start) {
  gradus_i_token token = {.kind = GRADUS_I_TOKEN_OPERATOR, .start = start, .length = 1};
  token.operation = text[start];
  if (strncmp(text + start, "**", 2) == 0) {
    token.operation = '^';
    token.length = 2;
  } else if (strncmp(text + start, "%in%", 4) == 0)
    token.length = 4;
  else if (text[start] == '%')
    return bad(start, 1, "the only operator in percent signs is %in%");
  else if (strncmp(text + start, "==", 2) == 0 || strchr("<>!&|", text[start]))
    return bad(start, 1, "comparisons are not supported: make a column of TRUE and FALSE");
  else if (text[start] == '"' || text[start] == '\'')
    return bad(start, 1, "quoted text has no meaning in a formula; names go in backquotes");
  else if (!strchr("+-*/^:~(),=", text[start]))
    return bad(start, 1, "a character that no formula has");
  return token;
}

gradus_i_token gradus_i_token_next(const char *text, size_t position) {
  position += strspn(text + position, " \t\r\n");
  const char *here = text + position;
  if (*here == '\0')
    return (gradus_i_token){.kind = GRADUS_I_TOKEN_END, .start = position};
  if (is_digit(*here) || (*here == '.' && is_digit(here[1])))
    return number(text, position);
  if (*here == '`')
    return quoted_name(text, position);
  if (!starts_name(here))
    return operation(text, position);
  gradus_i_token token = {.kind = GRADUS_I_TOKEN_NAME, .start = position};
  while (is_word(here[token.length]))
    token.length++;
  return token;
}

bool gradus_i_name_is_plain(const char *name) {
  static const char *const reserved[] = {"if",          "else",     "repeat", "while", "function",
                                         "for",         "next",     "break",  "in",    "TRUE",
                                         "FALSE",       "NULL",     "Inf",    "NaN",   "NA",
                                         "NA_integer_", "NA_real_", "...",    ".",     NULL};
  if (!starts_name(name))
    return false;
  for (size_t i = 0; reserved[i]; i++)
    if (strcmp(name, reserved[i]) == 0)
      return false;
  while (is_word(*name))
    name++;
  return *name == '\0';
}
