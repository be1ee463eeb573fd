// SPDX-License-Identifier: GPL-3.0-or-later
#include "json_reader.h"

#include <math.h>
#include <string.h>

bool gradus_i_reader_ok(const gradus_i_reader *r) {
  return r->status <= 0;
}

void gradus_i_reader_refuse(gradus_i_reader *r, const char *what, const char *name) {
  if (gradus_i_reader_ok(r))
    r->status = gradus_i_fail(r->err, GRADUS_ERROR_MODEL_FILE,
                              "%s: the model file is damaged: %s \"%.80s\"", r->path, what, name);
}

void gradus_i_reader_out_of_memory(gradus_i_reader *r) {
  if (gradus_i_reader_ok(r))
    r->status = gradus_i_out_of_memory(r->err);
}

/* ---- values of the JSON text ---- */

double gradus_i_reader_to_number(gradus_i_reader *r, const json_t *json, const char *name) {
  const char *text = json_string_value(json);
  if (json_is_number(json))
    return json_number_value(json);
  if (text && strcmp(text, "nan") == 0)
    return NAN;
  if (text && (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0))
    return text[0] == '-' ? -INFINITY : INFINITY;
  gradus_i_reader_refuse(r, "it has no number for", name);
  return 0;
}

double gradus_i_reader_number(gradus_i_reader *r, const json_t *object, const char *name) {
  return gradus_i_reader_to_number(r, json_object_get(object, name), name);
}

size_t gradus_i_reader_size(gradus_i_reader *r, const json_t *object, const char *name) {
  const json_t *json = json_object_get(object, name);
  if (json_is_integer(json) && json_integer_value(json) >= 0)
    return (size_t)json_integer_value(json);
  gradus_i_reader_refuse(r, "it has no size for", name);
  return 0;
}

bool gradus_i_reader_boolean(gradus_i_reader *r, const json_t *object, const char *name) {
  const json_t *json = json_object_get(object, name);
  if (!json_is_boolean(json))
    gradus_i_reader_refuse(r, "it does not say whether", name);
  return json_is_true(json);
}

const json_t *gradus_i_reader_list(gradus_i_reader *r, const json_t *object, const char *name) {
  const json_t *json = json_object_get(object, name);
  if (!json_is_array(json))
    gradus_i_reader_refuse(r, "it has no list of", name);
  return json;
}

static int hex_digit(char c) {
  const char *digits = "0123456789abcdef", *place = c ? strchr(digits, c) : NULL;
  return place ? (int)(place - digits) : -1;
}

/* Bytes in hexadecimal (text that is no UTF-8). NULL if they are none, or if one is zero. */
static char *from_hex(gradus_i_reader *r, const char *hex, const char *name) {
  size_t length = strlen(hex);
  char *text = gradus_i_allocate(length / 2 + 1, 1);
  if (!text) {
    gradus_i_reader_out_of_memory(r);
    return NULL;
  }
  for (size_t i = 0; i < length; i += 2) {
    int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);
    if (high < 0 || low < 0 || high + low == 0) {
      gradus_i_reader_refuse(r, "there are no bytes of text for", name);
      gradus_i_release(text);
      return NULL;
    }
    text[i / 2] = (char)(high * 16 + low);
  }
  return text;
}

char *gradus_i_reader_to_text(gradus_i_reader *r, const json_t *json, const char *name) {
  const char *hex = json_string_value(json_object_get(json, "bytes"));
  if (!gradus_i_reader_ok(r))
    return NULL;
  if (hex)
    return from_hex(r, hex, name);
  if (!json_is_string(json)) {
    gradus_i_reader_refuse(r, "it has no text for", name);
    return NULL;
  }
  char *text = gradus_i_string_copy(json_string_value(json));
  if (!text)
    gradus_i_reader_out_of_memory(r);
  return text;
}

char *gradus_i_reader_text(gradus_i_reader *r, const json_t *object, const char *name) {
  return gradus_i_reader_to_text(r, json_object_get(object, name), name);
}

/* A name among the names known; its index. */
size_t gradus_i_reader_choice(gradus_i_reader *r, const json_t *object, const char *name,
                              const char *(*choice)(size_t)) {
  const char *text = json_string_value(json_object_get(object, name));
  for (size_t i = 0; text && choice(i); i++)
    if (strcmp(text, choice(i)) == 0)
      return i;
  gradus_i_reader_refuse(r, "it has an unknown", name);
  return 0;
}

const gradus_i_tensor *gradus_i_reader_tensor(gradus_i_reader *r, const char *name, size_t rank,
                                              const size_t *shape) {
  const gradus_i_tensor *tensor = gradus_i_container_find(r->container, name);
  if (!tensor) {
    gradus_i_reader_refuse(r, "it lacks the tensor", name);
    return NULL;
  }
  bool same = tensor->rank == rank;
  for (size_t i = 0; same && i < rank; i++)
    same = tensor->shape[i] == shape[i];
  if (same)
    return tensor;
  gradus_i_reader_refuse(r, "there is another shape than the model's for the tensor", name);
  return NULL;
}

void gradus_i_reader_copy_tensor(gradus_i_reader *r, double *values, const char *name, size_t rank,
                                 const size_t *shape) {
  const gradus_i_tensor *tensor =
      gradus_i_reader_ok(r) ? gradus_i_reader_tensor(r, name, rank, shape) : NULL;
  for (size_t i = 0; tensor && i < tensor->size; i++)
    values[i] = gradus_i_tensor_value(tensor, i);
}
