// SPDX-License-Identifier: GPL-3.0-or-later
/* The levels of a factor, and how a caller changes them. */
#include "csv_number.h"
#include "frame_internal.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_TEXT = 32 }; /* "%.15g" needs at most 22 bytes and a NUL */

typedef struct factor {
  int *codes;
  gradus_i_levels levels;
} factor;

bool gradus_i_levels_reserve(gradus_i_levels *levels, size_t count, size_t bytes) {
  if (count > SIZE_MAX - bytes)
    return false;
  *levels = (gradus_i_levels){.names = gradus_i_allocate_raw(count, sizeof *levels->names),
                              .text = gradus_i_allocate_raw(bytes + count, 1)};
  if (levels->names && levels->text)
    return true;
  gradus_i_levels_clear(levels);
  return false;
}

void gradus_i_levels_add(gradus_i_levels *levels, const char *text, size_t length) {
  char *copy = levels->text + levels->length;
  memcpy(copy, text, length);
  copy[length] = '\0';
  levels->names[levels->count++] = copy;
  levels->length += length + 1;
}

void gradus_i_levels_clear(gradus_i_levels *levels) {
  gradus_i_release(levels->names);
  gradus_i_release(levels->text);
  *levels = (gradus_i_levels){0};
}

bool gradus_i_levels_sorted(gradus_i_levels *levels, const gradus_i_dictionary *dictionary,
                            int *ranks) {
  const gradus_i_entry **sorted = gradus_i_allocate_raw(dictionary->count, sizeof *sorted);
  size_t bytes = 0;
  for (size_t i = 0; i < dictionary->count; i++)
    bytes += dictionary->entries[i].length;
  bool done = sorted && gradus_i_levels_reserve(levels, dictionary->count, bytes);
  if (done) {
    gradus_i_dictionary_rank(dictionary, ranks, sorted);
    for (size_t i = 0; i < dictionary->count; i++)
      gradus_i_levels_add(levels, sorted[i]->text, sorted[i]->length);
  }
  gradus_i_release(sorted);
  return done;
}

/* A number as a level; -0 is 0. */
static size_t number_text(double value, char text[NUMBER_TEXT]) {
  if (isinf(value))
    return (size_t)gradus_i_snprintf(text, NUMBER_TEXT, value > 0 ? "Inf" : "-Inf");
  return (size_t)gradus_i_snprintf(text, NUMBER_TEXT, "%.15g", value + 0.0);
}

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The distinct present values in ascending order; NULL: out of memory. */
static double *distinct(const double *values, size_t rows, size_t *count) {
  double *sorted = gradus_i_allocate_raw(rows, sizeof *sorted);
  if (!sorted)
    return NULL;
  size_t n = 0, kept = 0;
  for (size_t i = 0; i < rows; i++)
    if (!isnan(values[i]))
      sorted[n++] = values[i];
  qsort(sorted, n, sizeof *sorted, compare_numbers);
  for (size_t i = 0; i < n; i++)
    if (kept == 0 || sorted[i] != sorted[kept - 1])
      sorted[kept++] = sorted[i];
  *count = kept;
  return sorted;
}

static size_t find_number(const double *sorted, size_t count, double value) {
  size_t low = 0, high = count;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (sorted[middle] <= value)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* Levels for sorted values; values that differ beyond the 15th digit share one, as in R. */
static bool make_number_levels(gradus_i_levels *levels, const double *sorted, size_t count,
                               int *level_of) {
  if (!gradus_i_levels_reserve(levels, count, count * NUMBER_TEXT))
    return false;
  for (size_t i = 0; i < count; i++) {
    char text[NUMBER_TEXT];
    size_t length = number_text(sorted[i], text);
    if (levels->count == 0 || strcmp(text, levels->names[levels->count - 1]) != 0)
      gradus_i_levels_add(levels, text, length);
    level_of[i] = (int)levels->count - 1;
  }
  return true;
}

static gradus_status factor_from_numbers(const gradus_i_column *column, size_t rows, factor *result,
                                         gradus_error *err) {
  size_t count = 0;
  double *sorted = distinct(column->numbers, rows, &count);
  int *level_of = sorted ? gradus_i_allocate_raw(count, sizeof *level_of) : NULL;
  result->codes = gradus_i_frame_array(rows, sizeof *result->codes);
  bool done = level_of && result->codes && count <= INT_MAX &&
              make_number_levels(&result->levels, sorted, count, level_of);
  for (size_t i = 0; done && i < rows; i++)
    result->codes[i] =
        isnan(column->numbers[i]) ? -1 : level_of[find_number(sorted, count, column->numbers[i])];
  gradus_i_release(level_of);
  gradus_i_release(sorted);
  return done ? GRADUS_OK : gradus_i_out_of_memory(err);
}

static void factor_clear(factor *old) {
  gradus_i_release(old->codes);
  gradus_i_levels_clear(&old->levels);
}

/* The text by which a level given by the caller is looked up in a numeric column: "6.0" as "6". */
static const char *level_key(const char *level, bool numeric, char buffer[NUMBER_TEXT]) {
  double value;
  const char *end;
  if (!numeric || gradus_i_number_read(level, '.', &value, &end) == GRADUS_I_NUMBER_NONE || *end ||
      isnan(value))
    return level;
  number_text(value, buffer);
  return buffer;
}

/* "4, 6, 8" for a message, cut where it gets long. */
static void list_levels(char *list, size_t size, const char *const *names, size_t count) {
  size_t used = 0;
  list[0] = '\0';
  for (size_t i = 0; i < count; i++) {
    size_t room = size - used;
    int length = gradus_i_snprintf(list + used, room, "%s%s", i ? ", " : "", names[i]);
    if (length < 0 || (size_t)length + 8 > room) {
      gradus_i_snprintf(list + used, room, "%s...", i ? ", " : "");
      return;
    }
    used += (size_t)length;
  }
}

/* NULL, with GRADUS_ERROR_UNKNOWN_COLUMN, if there is none of that name. */
static gradus_i_column *find_column(gradus_frame *frame, const char *name, gradus_error *err) {
  size_t index;
  if (gradus_frame_find(frame, name, &index))
    return &frame->columns[index];
  gradus_i_fail(err, GRADUS_ERROR_UNKNOWN_COLUMN,
                "%s: there is no column \"%s\"; check its spelling, capital letters count",
                gradus_i_frame_name(frame), name);
  return NULL;
}

/* The new levels under their keys; says which one is given twice. */
static gradus_status index_levels(const gradus_i_column *column, const char *const *levels,
                                  size_t count, gradus_i_dictionary *dictionary,
                                  gradus_error *err) {
  for (size_t i = 0; i < count; i++) {
    char buffer[NUMBER_TEXT];
    const char *key = level_key(levels[i], column->numbers != NULL, buffer);
    int number = gradus_i_dictionary_add(dictionary, key, strlen(key), true);
    if (number < 0)
      return gradus_i_out_of_memory(err);
    if ((size_t)number != i)
      return gradus_i_fail(err, GRADUS_ERROR_UNKNOWN_LEVEL,
                           "column \"%s\": the level \"%s\" is given twice; give each level once",
                           column->name, levels[i]);
  }
  return GRADUS_OK;
}

/* map[old level] is the new one, -1 where there is none. False: out of memory. */
static bool map_levels(const gradus_i_levels *old, gradus_i_dictionary *dictionary, int *map) {
  size_t known = dictionary->count;
  for (size_t i = 0; i < old->count; i++) {
    int number = gradus_i_dictionary_add(dictionary, old->names[i], strlen(old->names[i]), false);
    if (number < 0)
      return false;
    map[i] = (size_t)number < known ? number : -1;
  }
  return true;
}

static gradus_status recode(const gradus_frame *frame, const gradus_i_column *column,
                            const int *codes, const gradus_i_levels *old, const int *map,
                            const char *const *levels, factor *result, gradus_error *err) {
  for (size_t i = 0; i < frame->rows; i++) {
    result->codes[i] = codes[i] < 0 ? -1 : map[codes[i]];
    if (codes[i] >= 0 && result->codes[i] < 0) {
      char list[200];
      list_levels(list, sizeof list, levels, result->levels.count);
      return gradus_i_fail(err, GRADUS_ERROR_UNKNOWN_LEVEL,
                           "%s:%zu: column \"%s\": the cell \"%.60s\" is none of the levels %s; "
                           "add it to them, or correct the cell",
                           gradus_i_frame_name(frame), gradus_i_frame_line(frame, i), column->name,
                           old->names[codes[i]], list);
    }
  }
  return GRADUS_OK;
}

static bool copy_levels(gradus_i_levels *copy, const char *const *levels, size_t count) {
  size_t bytes = 0;
  for (size_t i = 0; i < count; i++)
    bytes += strlen(levels[i]);
  if (!gradus_i_levels_reserve(copy, count, bytes))
    return false;
  for (size_t i = 0; i < count; i++)
    gradus_i_levels_add(copy, levels[i], strlen(levels[i]));
  return true;
}

static gradus_status relabel(const gradus_frame *frame, const gradus_i_column *column,
                             const char *const *levels, size_t count, factor *result,
                             gradus_error *err) {
  factor numbers = {0};
  gradus_i_dictionary dictionary = {0};
  gradus_status status = index_levels(column, levels, count, &dictionary, err);
  if (!status && column->numbers)
    status = factor_from_numbers(column, frame->rows, &numbers, err);
  const gradus_i_levels *old = column->numbers ? &numbers.levels : &column->levels;
  const int *codes = column->numbers ? numbers.codes : column->codes;
  int *map = status ? NULL : gradus_i_allocate_raw(old->count, sizeof *map);
  if (!status) {
    result->codes = gradus_i_frame_array(frame->rows, sizeof *result->codes);
    bool done = map && result->codes && map_levels(old, &dictionary, map) &&
                copy_levels(&result->levels, levels, count);
    status = done ? recode(frame, column, codes, old, map, levels, result, err)
                  : gradus_i_out_of_memory(err);
  }
  gradus_i_release(map);
  factor_clear(&numbers);
  gradus_i_dictionary_clear(&dictionary);
  return status;
}

/* The column takes over the codes and levels. */
static void become_factor(gradus_i_column *column, const factor *made) {
  gradus_i_column_clear(column);
  column->type = GRADUS_COLUMN_FACTOR;
  column->codes = made->codes;
  column->levels = made->levels;
}

gradus_status gradus_frame_set_levels(gradus_frame *frame, const char *name,
                                      const char *const *levels, size_t level_count,
                                      gradus_error *err) {
  gradus_i_column *column = find_column(frame, name, err);
  if (!column)
    return GRADUS_ERROR_UNKNOWN_COLUMN;
  factor result = {0};
  gradus_status status = relabel(frame, column, levels, level_count, &result, err);
  if (status)
    factor_clear(&result);
  else
    become_factor(column, &result);
  return status;
}

/* Moves level `reference` to the front; the others keep their order. */
static void rotate_levels(gradus_i_column *column, size_t rows, size_t reference) {
  char *name = column->levels.names[reference];
  memmove(column->levels.names + 1, column->levels.names, reference * sizeof *column->levels.names);
  column->levels.names[0] = name;
  for (size_t i = 0; i < rows; i++) {
    int code = column->codes[i];
    if (code == (int)reference)
      column->codes[i] = 0;
    else if (code >= 0 && code < (int)reference)
      column->codes[i] = code + 1;
  }
}

gradus_status gradus_frame_set_reference(gradus_frame *frame, const char *name, const char *level,
                                         gradus_error *err) {
  gradus_i_column *column = find_column(frame, name, err);
  if (!column)
    return GRADUS_ERROR_UNKNOWN_COLUMN;
  factor result = {0};
  gradus_status status = GRADUS_OK;
  if (column->numbers && (status = factor_from_numbers(column, frame->rows, &result, err))) {
    factor_clear(&result);
    return status;
  }
  const gradus_i_levels *levels = column->numbers ? &result.levels : &column->levels;
  char buffer[NUMBER_TEXT];
  const char *key = level_key(level, column->numbers != NULL, buffer);
  size_t reference = 0;
  while (reference < levels->count && strcmp(levels->names[reference], key) != 0)
    reference++;
  if (reference == levels->count) {
    char list[240];
    list_levels(list, sizeof list, (const char *const *)levels->names, levels->count);
    status = gradus_i_fail(err, GRADUS_ERROR_UNKNOWN_LEVEL,
                           "%s: column \"%s\" has no level \"%.60s\"; its levels are %s",
                           gradus_i_frame_name(frame), name, level, list);
    factor_clear(&result);
    return status;
  }
  if (column->numbers)
    become_factor(column, &result);
  column->type = GRADUS_COLUMN_FACTOR;
  rotate_levels(column, frame->rows, reference);
  return GRADUS_OK;
}
