// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus describe --json */
#include "command.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifdef HAVE_JANSSON
#include "json.h"

#include <stdlib.h>

static json_t *levels(const gradus_frame *frame, size_t column, const column_facts *facts) {
  json_t *list = json_array();
  for (size_t i = 0; i < facts->levels; i++) {
    json_t *level = json_object();
    json_object_set_new(level, "level", json_of_text(gradus_frame_level(frame, column, i)));
    json_object_set_new(level, "count", json_integer((json_int_t)facts->counts[i]));
    json_array_append_new(list, level);
  }
  return list;
}

static json_t *column_object(const gradus_frame *frame, size_t column, const column_facts *facts) {
  json_t *object = json_object();
  json_object_set_new(object, "name", json_of_text(facts->name));
  json_object_set_new(object, "type", json_string(column_type_name(facts->type)));
  json_object_set_new(object, "missing", json_integer((json_int_t)facts->missing));
  if (facts->type == GRADUS_COLUMN_NUMERIC) {
    json_object_set_new(object, "min", json_of_number(facts->smallest));
    json_object_set_new(object, "max", json_of_number(facts->largest));
    json_object_set_new(object, "mean", json_of_number(facts->mean));
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
  if (exit_status == DONE)
    return json_print(root);
  json_decref(root);
  return exit_status;
}
#else
int describe_json(const gradus_frame *frame) {
  (void)frame;
  return AT_FAULT;
}
#endif
