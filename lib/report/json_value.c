// SPDX-License-Identifier: GPL-3.0-or-later
#include "json.h"

#include <math.h>
#include <string.h>

void gradus_i_json_put(json_t *object, const char *key, json_t *value, bool *failed) {
  *failed = json_object_set_new(object, key, value) != 0 || *failed;
}

void gradus_i_json_append(json_t *array, json_t *value, bool *failed) {
  *failed = json_array_append_new(array, value) != 0 || *failed;
}

json_t *gradus_i_json_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *gradus_i_json_count(double value) {
  bool whole = isfinite(value) && value == floor(value) && fabs(value) < 9007199254740992.0;
  return whole ? json_integer((json_int_t)value) : gradus_i_json_number(value);
}

json_t *gradus_i_json_text(const char *text) {
  if (!text)
    return json_null();
  json_t *json = json_string(text);
  if (json)
    return json;
  char *latin = gradus_i_allocate(2 * strlen(text) + 1, 1);
  if (!latin)
    return NULL;
  char *end = latin;
  for (; *text; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte >= 0x80) {
      *end++ = (char)(0xC0 | byte >> 6);
      byte = 0x80 | (byte & 0x3F);
    }
    *end++ = (char)byte;
  }
  json = json_string(latin);
  gradus_i_release(latin);
  return json;
}

static int append_chunk(const char *buffer, size_t size, void *text) {
  gradus_i_text_append(text, buffer, size);
  return ((gradus_i_text *)text)->failed ? -1 : 0;
}

gradus_status gradus_i_json_write(gradus_i_text *text, const json_t *json, size_t flags,
                                  gradus_error *err) {
  if (json_dump_callback(json, append_chunk, text, flags | JSON_REAL_PRECISION(17)) != 0)
    return gradus_i_out_of_memory(err);
  return GRADUS_OK;
}
