// SPDX-License-Identifier: GPL-3.0-or-later
#include "command.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifdef HAVE_JANSSON
#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *json_of_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_of_count(double value) {
  bool whole = value == floor(value) && fabs(value) < 9007199254740992.0;
  return whole ? json_integer((json_int_t)value) : json_of_number(value);
}

json_t *json_of_text(const char *bytes) {
  json_t *json = bytes ? json_string(bytes) : json_null();
  if (json)
    return json;
  char *latin = malloc(2 * strlen(bytes) + 1), *end = latin;
  for (; latin && *bytes; bytes++) {
    unsigned char byte = (unsigned char)*bytes;
    if (byte >= 0x80)
      *end++ = (char)(0xC0 | byte >> 6);
    *end++ = (char)(byte >= 0x80 ? 0x80 | (byte & 0x3F) : byte);
  }
  json = latin ? json_stringn(latin, (size_t)(end - latin)) : NULL;
  free(latin);
  return json;
}

int json_print(json_t *root) {
  int failed = json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
  putchar('\n');
  json_decref(root);
  return failed ? AT_FAULT : DONE;
}
#endif
