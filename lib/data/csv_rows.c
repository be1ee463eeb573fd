// SPDX-License-Identifier: GPL-3.0-or-later
#include "csv_internal.h"
#include "csv_number.h"

#include <math.h>
#include <string.h>

/* Where a worker stands. */
typedef struct cursor {
  gradus_i_csv_reader *reader;
  gradus_i_csv_worker *worker;
  gradus_i_csv_block *block;
  const char *p, *end;
  size_t row;
  size_t extra; /* lines of the block beyond its rows so far */
} cursor;

static bool fault(cursor *at, gradus_i_csv_fault_kind kind, const char *where, size_t detail) {
  size_t position = at->block->offset + (size_t)(where - at->block->text);
  at->worker->fault = (gradus_i_csv_fault){.kind = kind, .position = position, .detail = detail};
  return false;
}

/* From the next row on, lines are `count` further ahead of rows. */
static bool note_shift(cursor *at, size_t row, size_t count) {
  gradus_i_csv_block *block = at->block;
  at->extra += count;
  if (at->reader->pass != CSV_WHOLE || count == 0)
    return true;
  if (block->shift_count > 0 && block->shifts[block->shift_count - 1].row == row) {
    block->shifts[block->shift_count - 1].extra = at->extra;
    return true;
  }
  if (block->shift_count == block->shift_capacity) {
    size_t capacity = block->shift_capacity ? 2 * block->shift_capacity : 16;
    gradus_i_line_shift *shifts = gradus_i_reallocate(block->shifts, capacity, sizeof *shifts);
    if (!shifts)
      return fault(at, CSV_FAULT_MEMORY, at->p, 0);
    block->shifts = shifts;
    block->shift_capacity = capacity;
  }
  block->shifts[block->shift_count++] = (gradus_i_line_shift){.row = row, .extra = at->extra};
  return true;
}

static bool is_missing(const gradus_i_csv_field *field) {
  return field->length == 0 ||
         (!field->quoted && field->length == 2 && memcmp(field->text, "NA", 2) == 0);
}

static void note_range(cursor *at, size_t column) {
  size_t position = at->block->offset + (size_t)(at->p - at->block->text);
  if (position < at->worker->range[column])
    at->worker->range[column] = position;
}

/* A cell that is not simply a number: blanks, quotes, missing, out of range, or text. */
static void store_number(cursor *at, size_t column, const gradus_i_csv_field *field) {
  double value = NAN;
  if (!is_missing(field)) {
    const char *end;
    gradus_i_number kind = gradus_i_number_read(field->text, at->reader->decimal, &value, &end);
    if (kind == GRADUS_I_NUMBER_NONE || end != field->text + field->length) {
      __atomic_store_n(&at->reader->is_text[column], 1, __ATOMIC_RELAXED);
      value = NAN;
    } else if (kind == GRADUS_I_NUMBER_RANGE) {
      note_range(at, column);
    }
  }
  at->reader->frame->columns[column].numbers[at->row] = value;
}

/* The field's text without doubling of quotes in the worker's scratch memory. */
static bool decode(gradus_i_csv_worker *worker, const gradus_i_csv_field *field, size_t *length) {
  if (field->length > worker->scratch_capacity) {
    char *grown = gradus_i_reallocate(worker->scratch, field->length, 1);
    if (!grown)
      return false;
    worker->scratch = grown;
    worker->scratch_capacity = field->length;
  }
  *length = gradus_i_csv_field_decode(field, worker->scratch);
  return true;
}

static bool store_text(cursor *at, size_t column, const gradus_i_csv_field *field) {
  int code = -1;
  if (!is_missing(field)) {
    gradus_i_dictionary *dictionary = &at->worker->dictionaries[column];
    size_t length = field->length;
    if (!field->doubled)
      code = gradus_i_dictionary_add(dictionary, field->text, length, false);
    else if (decode(at->worker, field, &length))
      code = gradus_i_dictionary_add(dictionary, at->worker->scratch, length, true);
    if (code < 0)
      return fault(at, code == -2 ? CSV_FAULT_LEVELS : CSV_FAULT_MEMORY, field->text, column);
  }
  at->reader->frame->columns[column].codes[at->row] = code;
  return true;
}

/* Reads any cell; afterwards p is at the separator or the line feed. */
static bool read_cell(cursor *at, size_t column, size_t *line_ends) {
  gradus_i_csv_field field;
  gradus_i_csv_fault_kind kind =
      gradus_i_csv_field_read(at->p, at->end, at->reader->separator, &field);
  if (kind)
    return fault(at, kind, at->p, column);
  *line_ends += field.line_ends;
  if (at->reader->actions[column] == CSV_NUMBER)
    store_number(at, column, &field);
  else if (at->reader->actions[column] == CSV_TEXT && !store_text(at, column, &field))
    return false;
  at->p = field.next;
  return true;
}

/* A number that ends where the cell ends: nearly all cells of nearly all files. */
static inline bool read_plain_number(cursor *at, size_t column) {
  double value;
  const char *end;
  if (gradus_i_number_read(at->p, at->reader->decimal, &value, &end) != GRADUS_I_NUMBER_READ)
    return false;
  if (*end != at->reader->separator && *end != '\n') {
    if (*end != '\r' || end[1] != '\n')
      return false;
    end++;
  }
  at->reader->frame->columns[column].numbers[at->row] = value;
  at->p = end;
  return true;
}

static bool fail_ragged(cursor *at, const char *begin) {
  size_t fields = 1;
  gradus_i_csv_field field;
  for (const char *p = begin; !gradus_i_csv_field_read(p, at->end, at->reader->separator, &field) &&
                              field.next < at->end && *field.next != '\n';
       p = field.next + 1)
    fields++;
  return fault(at, CSV_FAULT_RAGGED, begin, fields);
}

static bool read_record(cursor *at) {
  const char *begin = at->p;
  size_t columns = at->reader->columns, line_ends = 0;
  for (size_t column = 0; column < columns; column++) {
    if (column > 0) {
      if (at->p == at->end || *at->p != at->reader->separator)
        return fail_ragged(at, begin);
      at->p++;
    }
    bool plain = at->reader->actions[column] == CSV_NUMBER && read_plain_number(at, column);
    if (!plain && !read_cell(at, column, &line_ends))
      return false;
  }
  if (at->p == at->end || *at->p != '\n')
    return fail_ragged(at, begin);
  at->p++;
  return note_shift(at, at->row + 1, line_ends);
}

static bool skip_empty_lines(cursor *at) {
  size_t count = 0;
  if (at->reader->columns > 1)
    for (;;) {
      const char *p = at->p;
      if (p < at->end && *p == '\r')
        p++;
      if (p >= at->end || *p != '\n')
        break;
      at->p = p + 1;
      count++;
    }
  return note_shift(at, at->row, count);
}

static void read_block(gradus_i_csv_reader *reader, size_t worker, gradus_i_csv_block *block) {
  cursor at = {.reader = reader,
               .worker = &reader->workers[worker],
               .block = block,
               .p = block->text,
               .end = block->text + block->length,
               .row = block->first_row};
  block->worker = worker;
  for (; at.row < block->first_row + block->rows; at.row++)
    if (!skip_empty_lines(&at) || !read_record(&at))
      return;
  if (!skip_empty_lines(&at))
    return;
  /* A quote out of place makes the count of rows wrong; the block that has it tells so first. */
  if (at.p != at.end)
    fault(&at, CSV_FAULT_OPEN_QUOTE, at.p, 0);
}

static void lower(size_t *least, size_t value) {
  size_t old = __atomic_load_n(least, __ATOMIC_RELAXED);
  while (value < old && !__atomic_compare_exchange_n(least, &old, value, false, __ATOMIC_RELAXED,
                                                     __ATOMIC_RELAXED))
    ;
}

/* Blocks are handed out in order, and none behind a faulty one: so the first fault is found. */
static void work(gradus_i_csv_reader *reader, size_t worker, size_t *next, size_t *faulty) {
  size_t end = reader->pass == CSV_SAMPLE ? 1 : reader->block_count;
  while (!reader->workers[worker].fault.kind) {
    size_t i = __atomic_fetch_add(next, 1, __ATOMIC_RELAXED);
    if (i >= end || i > __atomic_load_n(faulty, __ATOMIC_RELAXED))
      return;
    read_block(reader, worker, &reader->blocks[i]);
    if (reader->workers[worker].fault.kind)
      lower(faulty, i);
  }
}

/* The codes of a block stand for entries of one worker's dictionaries, in all its columns. */
static void work_again(gradus_i_csv_reader *reader, size_t worker) {
  for (size_t i = 0; i < reader->block_count && !reader->workers[worker].fault.kind; i++)
    if (reader->blocks[i].worker == worker)
      read_block(reader, worker, &reader->blocks[i]);
}

gradus_status gradus_i_csv_pass(gradus_i_csv_reader *reader, gradus_i_csv_pass_kind pass,
                                gradus_error *err) {
  size_t next = 0, faulty = SIZE_MAX, workers = reader->worker_count;
  reader->pass = pass;
#pragma omp parallel for schedule(static, 1) num_threads(reader->threads)
  for (size_t i = 0; i < workers; i++)
    if (pass == CSV_AGAIN)
      work_again(reader, i);
    else
      work(reader, i, &next, &faulty);
  const gradus_i_csv_fault *first = NULL;
  for (size_t i = 0; i < workers; i++) {
    const gradus_i_csv_fault *found = &reader->workers[i].fault;
    if (found->kind && (!first || found->position < first->position))
      first = found;
  }
  return first ? gradus_i_csv_fail(reader, first, err) : GRADUS_OK;
}
