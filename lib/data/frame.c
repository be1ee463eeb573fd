// SPDX-License-Identifier: GPL-3.0-or-later
#include "frame_internal.h"

#include <limits.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

void *gradus_i_frame_array(size_t rows, size_t size) {
  char *array = gradus_i_allocate_raw(rows, size);
#ifdef MADV_HUGEPAGE
  if (array && rows * size >= 2 * (size_t)HUGE_PAGE) {
    uintptr_t begin = ((uintptr_t)array + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    uintptr_t end = ((uintptr_t)array + rows * size) & ~(uintptr_t)(HUGE_PAGE - 1);
    if (begin < end) /* advice only: a refusal changes nothing but the speed */
      madvise(array + (begin - (uintptr_t)array), end - begin, MADV_HUGEPAGE);
  }
#endif
  return array;
}

gradus_status gradus_frame_new(gradus_frame **frame, size_t rows, gradus_error *err) {
  *frame = gradus_i_allocate(1, sizeof **frame);
  if (!*frame)
    return gradus_i_out_of_memory(err);
  (*frame)->rows = rows;
  (*frame)->first_line = 1;
  return GRADUS_OK;
}

void gradus_i_column_clear(gradus_i_column *column) {
  gradus_i_release(column->numbers);
  gradus_i_release(column->codes);
  gradus_i_levels_clear(&column->levels);
  column->numbers = NULL;
  column->codes = NULL;
}

void gradus_frame_free(gradus_frame *frame) {
  if (!frame)
    return;
  for (size_t i = 0; i < frame->column_count; i++) {
    gradus_i_column_clear(&frame->columns[i]);
    gradus_i_release(frame->columns[i].name);
  }
  gradus_i_release(frame->columns);
  gradus_i_release(frame->name);
  gradus_i_release(frame->shifts);
  gradus_i_release(frame);
}

gradus_i_column *gradus_i_frame_append(gradus_frame *frame, const char *name, size_t length) {
  if (frame->column_count == frame->column_capacity) {
    size_t capacity = frame->column_capacity ? 2 * frame->column_capacity : 8;
    gradus_i_column *columns =
        gradus_i_reallocate(frame->columns, capacity, sizeof *frame->columns);
    if (!columns)
      return NULL;
    frame->columns = columns;
    frame->column_capacity = capacity;
  }
  gradus_i_column column = {.name = gradus_i_string_copy_length(name, length)};
  if (!column.name)
    return NULL;
  frame->columns[frame->column_count] = column;
  return &frame->columns[frame->column_count++];
}

/* Appends a column that the caller gave a name, or says what is wrong with the name. */
static gradus_status append_checked(gradus_frame *frame, const char *name, gradus_i_column **column,
                                    gradus_error *err) {
  size_t other;
  if (!name || !*name)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a column was added without a name; give it one");
  if (gradus_frame_find(frame, name, &other))
    return gradus_i_fail(err, GRADUS_ERROR_CSV_DUPLICATE_NAME,
                         "%s: there is a column named \"%s\" already; give the new one another "
                         "name",
                         gradus_i_frame_name(frame), name);
  *column = gradus_i_frame_append(frame, name, strlen(name));
  return *column ? GRADUS_OK : gradus_i_out_of_memory(err);
}

void gradus_i_frame_drop_last(gradus_frame *frame) {
  gradus_i_column *column = &frame->columns[--frame->column_count];
  gradus_i_column_clear(column);
  gradus_i_release(column->name);
}

gradus_status gradus_frame_add_numeric(gradus_frame *frame, const char *name, const double *values,
                                       size_t stride, gradus_error *err) {
  gradus_i_column *column;
  gradus_status status = append_checked(frame, name, &column, err);
  if (status)
    return status;
  column->type = GRADUS_COLUMN_NUMERIC;
  column->numbers = gradus_i_frame_array(frame->rows, sizeof *column->numbers);
  if (!column->numbers) {
    gradus_i_frame_drop_last(frame);
    return gradus_i_out_of_memory(err);
  }
  for (size_t i = 0; i < frame->rows; i++)
    column->numbers[i] = values[i * stride];
  return GRADUS_OK;
}

/* Codes in the order in which levels come, then their ranks. */
static bool fill_from_text(gradus_i_column *column, size_t rows, const char *const *values,
                           gradus_i_dictionary *dictionary) {
  column->codes = gradus_i_frame_array(rows, sizeof *column->codes);
  if (!column->codes)
    return false;
  for (size_t i = 0; i < rows; i++) {
    column->codes[i] =
        values[i] ? gradus_i_dictionary_add(dictionary, values[i], strlen(values[i]), false) : -1;
    if (values[i] && column->codes[i] < 0)
      return false;
  }
  int *ranks = gradus_i_allocate_raw(dictionary->count, sizeof *ranks);
  bool done = ranks && gradus_i_levels_sorted(&column->levels, dictionary, ranks);
  for (size_t i = 0; done && i < rows; i++)
    if (column->codes[i] >= 0)
      column->codes[i] = ranks[column->codes[i]];
  gradus_i_release(ranks);
  return done;
}

gradus_status gradus_frame_add_text(gradus_frame *frame, const char *name,
                                    const char *const *values, gradus_error *err) {
  gradus_i_column *column;
  gradus_status status = append_checked(frame, name, &column, err);
  if (status)
    return status;
  column->type = GRADUS_COLUMN_FACTOR;
  gradus_i_dictionary dictionary = {0};
  if (!fill_from_text(column, frame->rows, values, &dictionary)) {
    gradus_i_frame_drop_last(frame);
    status = gradus_i_out_of_memory(err);
  }
  gradus_i_dictionary_clear(&dictionary);
  return status;
}

/* Says which code or level of gradus_frame_add_factor is wrong. */
static gradus_status check_factor(const gradus_frame *frame, const char *name, const int *codes,
                                  const char *const *levels, size_t level_count,
                                  gradus_error *err) {
  for (size_t i = 0; i < frame->rows; i++)
    if (codes[i] >= 0 && (size_t)codes[i] >= level_count)
      return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "column \"%s\": the code %d of row %zu has no level; codes run from 0 "
                           "to the number of levels - 1",
                           name ? name : "", codes[i], i + 1);
  gradus_i_dictionary dictionary = {0};
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; i < level_count && !status; i++) {
    int number = gradus_i_dictionary_add(&dictionary, levels[i], strlen(levels[i]), false);
    if (number < 0)
      status = gradus_i_out_of_memory(err);
    else if ((size_t)number != i)
      status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                             "column \"%s\": the level \"%s\" is given twice; levels must differ",
                             name ? name : "", levels[i]);
  }
  gradus_i_dictionary_clear(&dictionary);
  return status;
}

gradus_status gradus_frame_add_factor(gradus_frame *frame, const char *name, const int *codes,
                                      const char *const *levels, size_t level_count,
                                      gradus_error *err) {
  gradus_i_column *column;
  gradus_status status = check_factor(frame, name, codes, levels, level_count, err);
  if (!status)
    status = append_checked(frame, name, &column, err);
  if (status)
    return status;
  size_t bytes = 0;
  for (size_t i = 0; i < level_count; i++)
    bytes += strlen(levels[i]);
  column->type = GRADUS_COLUMN_FACTOR;
  column->codes = gradus_i_frame_array(frame->rows, sizeof *column->codes);
  if (!column->codes || !gradus_i_levels_reserve(&column->levels, level_count, bytes)) {
    gradus_i_frame_drop_last(frame);
    return gradus_i_out_of_memory(err);
  }
  for (size_t i = 0; i < level_count; i++)
    gradus_i_levels_add(&column->levels, levels[i], strlen(levels[i]));
  for (size_t i = 0; i < frame->rows; i++)
    column->codes[i] = codes[i] < 0 ? -1 : codes[i];
  return GRADUS_OK;
}

size_t gradus_frame_rows(const gradus_frame *frame) {
  return frame->rows;
}

size_t gradus_frame_columns(const gradus_frame *frame) {
  return frame->column_count;
}

bool gradus_frame_find(const gradus_frame *frame, const char *name, size_t *column) {
  for (size_t i = 0; i < frame->column_count; i++)
    if (strcmp(frame->columns[i].name, name) == 0) {
      *column = i;
      return true;
    }
  return false;
}

const char *gradus_frame_column_name(const gradus_frame *frame, size_t column) {
  return frame->columns[column].name;
}

gradus_column_type gradus_frame_column_type(const gradus_frame *frame, size_t column) {
  return frame->columns[column].type;
}

const double *gradus_frame_numeric(const gradus_frame *frame, size_t column) {
  return frame->columns[column].numbers;
}

const int *gradus_frame_codes(const gradus_frame *frame, size_t column) {
  return frame->columns[column].codes;
}

size_t gradus_frame_level_count(const gradus_frame *frame, size_t column) {
  return frame->columns[column].levels.count;
}

const char *gradus_frame_level(const gradus_frame *frame, size_t column, size_t code) {
  return frame->columns[column].levels.names[code];
}

const char *gradus_i_frame_name(const gradus_frame *frame) {
  return frame->name ? frame->name : "data";
}

size_t gradus_i_frame_line(const gradus_frame *frame, size_t row) {
  size_t low = 0, high = frame->shift_count; /* the shifts in [0, low) begin at or before row */
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (frame->shifts[middle].row <= row)
      low = middle + 1;
    else
      high = middle;
  }
  return frame->first_line + row + (low ? frame->shifts[low - 1].extra : 0);
}

gradus_status gradus_i_frame_fail_mixed(const gradus_frame *frame, size_t index,
                                        gradus_error *err) {
  const gradus_i_column *column = &frame->columns[index];
  size_t row = column->text_row; /* 0 in a factor, all of whose cells are text */
  while (row < frame->rows && column->codes[row] < 0)
    row++;
  const char *cell = row < frame->rows ? column->levels.names[column->codes[row]] : "";
  return gradus_i_fail(err, GRADUS_ERROR_NOT_NUMERIC,
                       "%s:%zu: column \"%s\": \"%.80s\" is not a number; correct the cell, leave "
                       "it empty if it is missing, or write factor(%s) if the column is text",
                       gradus_i_frame_name(frame), gradus_i_frame_line(frame, row), column->name,
                       cell, column->name);
}
