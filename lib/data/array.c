// SPDX-License-Identifier: GPL-3.0-or-later
/* Frames and columns from array files. */
#include "array.h"

#include <math.h>
#include <string.h>

enum { ROWS_AT_ONCE = 64, NAME_TEXT = 32 + 21 * GRADUS_I_ARRAY_RANK };

/* The indexes of a column in all dimensions but the first. */
static void column_indexes(const gradus_i_array *array, size_t column, size_t *indexes) {
  for (size_t d = array->rank; d-- > 1;) {
    indexes[d] = column % array->shape[d];
    column /= array->shape[d];
  }
}

/* The dimension of a single channel, last or first, of images: it is not in their columns' names,
   so that they are those of images without channels. 0: there is none. */
static size_t single_channel(const gradus_i_array *array) {
  if (array->rank != 4)
    return 0;
  return array->shape[3] == 1 ? 3 : array->shape[1] == 1 ? 1 : 0;
}

static size_t column_name(const gradus_i_array *array, size_t column, char name[NAME_TEXT]) {
  if (array->rank == 1)
    return (size_t)gradus_i_snprintf(name, NAME_TEXT, "x");
  if (array->rank == 2)
    return (size_t)gradus_i_snprintf(name, NAME_TEXT, "x%zu", column + 1);
  size_t indexes[GRADUS_I_ARRAY_RANK], channel = single_channel(array);
  column_indexes(array, column, indexes);
  size_t length = (size_t)gradus_i_snprintf(name, NAME_TEXT, "pixel");
  for (size_t d = 1; d < array->rank; d++)
    if (d != channel)
      length += (size_t)gradus_i_snprintf(name + length, NAME_TEXT - length, "_%zu", indexes[d]);
  return length;
}

/* Where the first row of a column lies, in elements from the begin of the data. */
static size_t column_place(const gradus_i_array *array, size_t column) {
  if (!array->first_fastest)
    return column;
  size_t indexes[GRADUS_I_ARRAY_RANK], place = 0, step = array->rows;
  column_indexes(array, column, indexes);
  for (size_t d = 1; d < array->rank; d++) {
    place += indexes[d] * step;
    step *= array->shape[d];
  }
  return place;
}

static bool append_columns(gradus_frame *frame, const gradus_i_array *array) {
  for (size_t j = 0; j < array->columns; j++) {
    char name[NAME_TEXT];
    gradus_i_column *column = gradus_i_frame_append(frame, name, column_name(array, j, name));
    if (!column)
      return false;
    column->type = GRADUS_COLUMN_NUMERIC;
    column->numbers = gradus_i_frame_array(frame->rows, sizeof *column->numbers);
    if (!column->numbers)
      return false;
  }
  return true;
}

/* Some rows at a time of every column, so that a piece of the file stays in the cache while columns
   that lie side by side take their elements from it. */
static void fill_columns(gradus_frame *frame, const gradus_i_array *array) {
  size_t step = array->element * (array->first_fastest ? 1 : array->columns);
  size_t at_once = array->first_fastest ? array->rows : ROWS_AT_ONCE;
  for (size_t first = 0; first < array->rows; first += at_once) {
    size_t left = array->rows - first, count = left < at_once ? left : at_once;
    const unsigned char *from = array->data + first * step;
    for (size_t j = 0; j < array->columns; j++)
      gradus_i_array_numbers(array, from + array->element * column_place(array, j), step, count,
                             frame->columns[j].numbers + first);
  }
}

/* NULL after an error. */
static gradus_status make_frame(gradus_frame **frame, const gradus_i_array *array,
                                gradus_error *err) {
  gradus_status status = gradus_frame_new(frame, array->rows, err);
  if (status)
    return status;
  (*frame)->name = gradus_i_string_copy(array->name);
  if ((*frame)->name && append_columns(*frame, array)) {
    fill_columns(*frame, array);
    return GRADUS_OK;
  }
  gradus_frame_free(*frame);
  *frame = NULL;
  return gradus_i_out_of_memory(err);
}

gradus_status gradus_frame_read_array(gradus_frame **frame, const char *path, gradus_error *err) {
  gradus_i_array array;
  *frame = NULL;
  gradus_status status = gradus_i_array_open(&array, path, err);
  if (status)
    return status;
  status = make_frame(frame, &array, err);
  gradus_i_array_close(&array);
  return status;
}

gradus_status gradus_frame_read(gradus_frame **frame, const char *path,
                                const gradus_csv_options *options, gradus_error *err) {
  *frame = NULL;
  if (path[0] == '@')
    return gradus_frame_read_csv(frame, path, options, err);
  if (gradus_is_array_file(path)) /* by its name too */
    return gradus_frame_read_array(frame, path, err);
  gradus_csv_options named = options ? *options : (gradus_csv_options){0};
  if (!named.name)
    named.name = strcmp(path, "-") == 0 ? "standard input" : path;
  gradus_i_array array = {.name = named.name};
  gradus_status status = gradus_i_csv_open(&array.input, path, named.name, err);
  if (!status && gradus_i_array_begins(&array.input)) {
    status = gradus_i_array_understand(&array, err);
    if (!status)
      status = make_frame(frame, &array, err);
  } else if (!status)
    status = gradus_frame_parse_csv(frame, array.input.text, array.input.length, &named, err);
  gradus_i_array_close(&array);
  return status;
}

static gradus_status check_labels(const gradus_frame *frame, const gradus_i_array *array,
                                  gradus_error *err) {
  char shape[GRADUS_I_ARRAY_SHAPE_TEXT];
  gradus_i_array_shape_text(array, shape);
  if (array->columns != 1)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "%s: the array has %zu dimensions (%s), labels have one", array->name,
                         array->rank, shape);
  if (array->rows != frame->rows)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "%s has %zu labels, but %s has %zu rows; they must be as many",
                         array->name, array->rows, gradus_i_frame_name(frame), frame->rows);
  return GRADUS_OK;
}

/* Integers that are numbers so far become levels, which tell 15 digits apart. */
static gradus_status make_classes(gradus_frame *frame, const gradus_i_array *array,
                                  gradus_error *err) {
  const gradus_i_column *column = &frame->columns[frame->column_count - 1];
  double smallest = column->numbers[0];
  for (size_t i = 0; i < frame->rows; i++) {
    if (!(fabs(column->numbers[i]) < 1e15))
      return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                           "%s:%zu: a label of more than 15 digits, %.0f; classes are smaller "
                           "numbers",
                           array->name, i + 1, column->numbers[i]);
    smallest = column->numbers[i] < smallest ? column->numbers[i] : smallest;
  }
  char level[NAME_TEXT];
  gradus_i_snprintf(level, sizeof level, "%.0f", smallest);
  return gradus_frame_set_reference(frame, column->name, level, err);
}

static gradus_status add_labels(gradus_frame *frame, const char *name, const gradus_i_array *array,
                                gradus_error *err) {
  gradus_status status = check_labels(frame, array, err);
  if (status)
    return status;
  double *numbers = gradus_i_frame_array(array->rows, sizeof *numbers);
  if (!numbers)
    return gradus_i_out_of_memory(err);
  gradus_i_array_numbers(array, array->data, array->element, array->rows, numbers);
  status = gradus_frame_add_numeric(frame, name, numbers, 1, err);
  gradus_i_release(numbers);
  bool whole = array->type != GRADUS_I_ARRAY_f4 && array->type != GRADUS_I_ARRAY_f8;
  if (!status && whole && (status = make_classes(frame, array, err)))
    gradus_i_frame_drop_last(frame);
  return status;
}

gradus_status gradus_frame_add_labels(gradus_frame *frame, const char *name, const char *path,
                                      gradus_error *err) {
  gradus_i_array array;
  gradus_status status = gradus_i_array_open(&array, path, err);
  if (!status)
    status = add_labels(frame, name, &array, err);
  gradus_i_array_close(&array);
  return status;
}
