// SPDX-License-Identifier: GPL-3.0-or-later
#include "csv_internal.h"
#include "csv_number.h"

#include <string.h>

/* A number out of range is a fault only now: in a column of text it is text. */
static gradus_status check_range(const gradus_i_csv_reader *reader, gradus_error *err) {
  gradus_i_csv_fault fault = {.kind = CSV_FAULT_RANGE, .position = SIZE_MAX};
  for (size_t column = 0; column < reader->columns; column++)
    for (size_t i = 0; !reader->is_text[column] && i < reader->worker_count; i++)
      if (reader->workers[i].range[column] < fault.position) {
        fault.position = reader->workers[i].range[column];
        fault.detail = column;
      }
  return fault.position == SIZE_MAX ? GRADUS_OK : gradus_i_csv_fail(reader, &fault, err);
}

/* The levels of a column from the dictionaries of all workers: maps[i] holds, worker after worker,
 * the entry of `merged` for each of their entries. */
static bool merge(const gradus_i_csv_reader *reader, size_t column, gradus_i_dictionary *merged,
                  int *map) {
  for (size_t i = 0; i < reader->worker_count; i++) {
    const gradus_i_dictionary *part = &reader->workers[i].dictionaries[column];
    for (size_t k = 0; k < part->count; k++) {
      *map = gradus_i_dictionary_add(merged, part->entries[k].text, part->entries[k].length, false);
      if (*map++ < 0)
        return false;
    }
  }
  return true;
}

static void recode(const gradus_i_csv_reader *reader, size_t column, const int *map,
                   const int *ranks) {
  int *codes = reader->frame->columns[column].codes;
  for (size_t b = 0; b < reader->block_count; b++) {
    const gradus_i_csv_block *block = &reader->blocks[b];
    const int *worker_map = map;
    for (size_t i = 0; i < block->worker; i++)
      worker_map += reader->workers[i].dictionaries[column].count;
    for (size_t row = block->first_row; row < block->first_row + block->rows; row++)
      if (codes[row] >= 0)
        codes[row] = ranks[worker_map[codes[row]]];
  }
}

static bool is_number(const char *text, char decimal) {
  double value;
  const char *end;
  return gradus_i_number_read(text, decimal, &value, &end) != GRADUS_I_NUMBER_NONE && *end == '\0';
}

static size_t count_digits(const char *text) {
  size_t count = 0;
  while (text[count] >= '0' && text[count] <= '9')
    count++;
  return count;
}

/* "1,234" or "1.234.567,5": meant as a number, though no rule can say which. */
static bool is_grouped_number(const char *text) {
  text += *text == '-' || *text == '+';
  size_t digits = count_digits(text);
  char mark = text[digits];
  if (digits < 1 || digits > 3 || !mark || !strchr(",.' ", mark))
    return false;
  for (text += digits; *text == mark; text += 4)
    if (count_digits(text + 1) != 3)
      return false;
  if (*text == '.' || *text == ',')
    text += 1 + count_digits(text + 1);
  return *text == '\0';
}

/* A factor, unless some of its levels are numbers or meant as such; then the first row of text is
 * noted. False: out of memory. */
static bool set_type(const gradus_i_csv_reader *reader, gradus_i_column *column) {
  column->type = GRADUS_COLUMN_FACTOR;
  bool *numbers = gradus_i_allocate_raw(column->levels.count, sizeof *numbers);
  if (!numbers)
    return false;
  for (size_t i = 0; i < column->levels.count; i++) {
    numbers[i] = is_number(column->levels.names[i], reader->decimal);
    if (numbers[i] || is_grouped_number(column->levels.names[i]))
      column->type = GRADUS_COLUMN_MIXED;
  }
  for (size_t row = 0; column->type == GRADUS_COLUMN_MIXED; row++)
    if (column->codes[row] >= 0 && !numbers[column->codes[row]]) {
      column->text_row = row;
      break;
    }
  gradus_i_release(numbers);
  return true;
}

static bool finish_text(const gradus_i_csv_reader *reader, size_t column) {
  gradus_i_column *target = &reader->frame->columns[column];
  gradus_i_dictionary merged = {0};
  size_t entries = 0;
  for (size_t i = 0; i < reader->worker_count; i++)
    entries += reader->workers[i].dictionaries[column].count;
  int *map = gradus_i_allocate_raw(entries, sizeof *map);
  bool done = map && merge(reader, column, &merged, map);
  int *ranks = done ? gradus_i_allocate_raw(merged.count, sizeof *ranks) : NULL;
  done = ranks && gradus_i_levels_sorted(&target->levels, &merged, ranks);
  if (done) {
    recode(reader, column, map, ranks);
    done = set_type(reader, target);
  }
  gradus_i_release(ranks);
  gradus_i_release(map);
  gradus_i_dictionary_clear(&merged);
  return done;
}

/* The shifts of all blocks, each counted on from the one before. */
static gradus_status join_shifts(gradus_i_csv_reader *reader, gradus_error *err) {
  gradus_frame *frame = reader->frame;
  size_t count = 0, extra = 0;
  for (size_t b = 0; b < reader->block_count; b++)
    count += reader->blocks[b].shift_count;
  if (count == 0)
    return GRADUS_OK;
  frame->shifts = gradus_i_allocate_raw(count, sizeof *frame->shifts);
  if (!frame->shifts)
    return gradus_i_out_of_memory(err);
  for (size_t b = 0; b < reader->block_count; b++) {
    const gradus_i_csv_block *block = &reader->blocks[b];
    for (size_t i = 0; i < block->shift_count; i++)
      frame->shifts[frame->shift_count++] = (gradus_i_line_shift){
          .row = block->shifts[i].row, .extra = extra + block->shifts[i].extra};
    if (block->shift_count)
      extra += block->shifts[block->shift_count - 1].extra;
  }
  return GRADUS_OK;
}

gradus_status gradus_i_csv_finish(gradus_i_csv_reader *reader, gradus_error *err) {
  gradus_status status = check_range(reader, err);
  if (status)
    return status;
  bool failed = false;
#pragma omp parallel for schedule(dynamic) num_threads(reader->threads)
  for (size_t column = 0; column < reader->columns; column++)
    if (reader->is_text[column] && !finish_text(reader, column))
      __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
  if (failed)
    return gradus_i_out_of_memory(err);
  reader->frame->first_line = gradus_i_csv_line(reader, reader->body);
  reader->frame->name = gradus_i_string_copy(reader->name);
  if (!reader->frame->name)
    return gradus_i_out_of_memory(err);
  return join_shifts(reader, err);
}
