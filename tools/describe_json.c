// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus describe --json */
#include "command.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifdef HAVE_JANSSON
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

/* Text that is no UTF-8 has no place in JSON: its bytes are read as Latin-1. */
static json_t *text(const char *bytes) {
  json_t *json = json_string(bytes);
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

static json_t *levels(const gradus_frame *frame, size_t column, const column_facts *facts) {
  json_t *list = json_array();
  for (size_t i = 0; i < facts->levels; i++) {
    json_t *level = json_object();
    json_object_set_new(level, "level", text(gradus_frame_level(frame, column, i)));
    json_object_set_new(level, "count", json_integer((json_int_t)facts->counts[i]));
    json_array_append_new(list, level);
  }
  return list;
}

static json_t *column_object(const gradus_frame *frame, size_t column, const column_facts *facts) {
  json_t *object = json_object();
  json_object_set_new(object, "name", text(facts->name));
  json_object_set_new(object, "type", json_string(column_type_name(facts->type)));
  json_object_set_new(object, "missing", json_integer((json_int_t)facts->missing));
  if (facts->type == GRADUS_COLUMN_NUMERIC) {
    json_object_set_new(object, "min", number(facts->smallest));
    json_object_set_new(object, "max", number(facts->largest));
    json_object_set_new(object, "mean", number(facts->mean));
  } else
    json_object_set_new(object, "levels", levels(frame, column, facts));
  return object;
}

int describe_json(const gradus_frame *frame) {
  json_t *root = json_object(), *columns = json_array();
  int exit_status = DONE;
  json_object_set_new(root, "rows", json_integer((json_int_t)gradus_frame_rows(frame)));
  for (size_t j = 0; exit_status == DONE && j < gradus_frame_columns(frame); j++) {
    column_facts facts;
    exit_status = describe_column(&facts, frame, j);
    if (exit_status == DONE)
      json_array_append_new(columns, column_object(frame, j, &facts));
    free(facts.counts);
  }
  json_object_set_new(root, "columns", columns);
  if (exit_status == DONE && json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17)))
    exit_status = AT_FAULT;
  putchar('\n');
  json_decref(root);
  return exit_status;
}
#else
int describe_json(const gradus_frame *frame) {
  (void)frame;
  return AT_FAULT;
}
#endif
