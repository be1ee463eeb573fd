// SPDX-License-Identifier: GPL-3.0-or-later
#include "csv_internal.h"
#include "datasets.h"

#include <string.h>

enum {
  BLOCK_SIZE = 1 << 19, /* small enough to share the work evenly, large enough for few */
  MAXIMUM_THREADS = 256
};

static bool can_separate(char c, char decimal) {
  bool in_numbers = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    c == '+' || c == '-';
  return !in_numbers && c != decimal && c != '"' && c != '\n' && c != '\r';
}

static gradus_status set_options(gradus_i_csv_reader *reader, const gradus_csv_options *options,
                                 size_t block_size, gradus_error *err) {
  gradus_csv_options none = {0};
  if (!options)
    options = &none;
  reader->separator = options->separator ? options->separator : ',';
  reader->decimal = options->decimal ? options->decimal : '.';
  if (reader->decimal != '.' && reader->decimal != ',')
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the decimal mark must be '.' or ',', not '%c'", reader->decimal);
  if (!can_separate(reader->separator, reader->decimal))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the separator must be none of a letter, digit, sign, quote, line end and "
                         "the decimal mark '%c'; with a decimal comma it is ';' as a rule",
                         reader->decimal);
  size_t threads = (size_t)gradus_i_threads(options->threads);
  size_t blocks = reader->length / block_size + 1;
  threads = threads < blocks ? threads : blocks;
  reader->threads = (int)(threads < MAXIMUM_THREADS ? threads : MAXIMUM_THREADS);
  return GRADUS_OK;
}

/* Skips a byte order mark and drops the line ends at the end. */
static void trim(gradus_i_csv_reader *reader, const char *text, size_t length) {
  if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
    text += 3;
    length -= 3;
  }
  size_t kept = length;
  while (kept > 0 && (text[kept - 1] == '\n' || text[kept - 1] == '\r'))
    kept--;
  reader->text = text;
  reader->length = kept;
  size_t feed = kept + (kept < length && text[kept] == '\r');
  reader->ended = feed < length && text[feed] == '\n';
}

/* Appends the column that the header's field names, "V3" for an empty third one. */
static gradus_status add_column(gradus_i_csv_reader *reader, const gradus_i_csv_field *field,
                                gradus_i_dictionary *names, gradus_error *err) {
  gradus_frame *frame = reader->frame;
  gradus_i_column *column = gradus_i_frame_append(frame, field->text, field->length);
  if (!column)
    return gradus_i_out_of_memory(err);
  size_t index = frame->column_count - 1;
  size_t length = gradus_i_csv_field_decode(field, column->name);
  column->name[length] = '\0';
  if (length == 0) {
    char name[32];
    length = (size_t)gradus_i_snprintf(name, sizeof name, "V%zu", index + 1);
    gradus_i_release(column->name);
    column->name = gradus_i_string_copy(name);
    if (!column->name)
      return gradus_i_out_of_memory(err);
  }
  int number = gradus_i_dictionary_add(names, column->name, length, false);
  if (number < 0)
    return gradus_i_out_of_memory(err);
  if ((size_t)number != index)
    return gradus_i_fail(err, GRADUS_ERROR_CSV_DUPLICATE_NAME,
                         "%s:%zu: columns %d and %zu are both named \"%.100s\"; rename one of them",
                         reader->name,
                         gradus_i_csv_line(reader, (size_t)(field->text - reader->text)),
                         number + 1, index + 1, column->name);
  return GRADUS_OK;
}

static gradus_status read_names(gradus_i_csv_reader *reader, const char *p,
                                gradus_i_dictionary *names, gradus_error *err) {
  const char *end = reader->text + reader->length;
  for (;;) {
    gradus_i_csv_field field;
    gradus_i_csv_fault fault = {.position = (size_t)(p - reader->text),
                                .detail = reader->frame->column_count};
    fault.kind = gradus_i_csv_field_read(p, end, reader->separator, &field);
    const char *nul = fault.kind ? NULL : memchr(p, '\0', (size_t)(field.next - p));
    if (nul)
      fault = (gradus_i_csv_fault){CSV_FAULT_NUL, (size_t)(nul - reader->text), 0};
    if (fault.kind)
      return gradus_i_csv_fail(reader, &fault, err);
    gradus_status status = add_column(reader, &field, names, err);
    if (status)
      return status;
    p = field.next;
    if (p == end || *p == '\n')
      break;
    p++;
  }
  reader->body = (size_t)(p - reader->text) + (p < end);
  reader->columns = reader->frame->column_count;
  return GRADUS_OK;
}

static gradus_status read_header(gradus_i_csv_reader *reader, gradus_error *err) {
  const char *p = reader->text, *end = p + reader->length;
  while (p < end && (*p == '\n' || *p == '\r'))
    p++;
  if (p == end)
    return gradus_i_fail(err, GRADUS_ERROR_CSV_EMPTY,
                         "%s:1: the file is empty; it needs a line with the names of the columns "
                         "and a line for each row",
                         reader->name);
  gradus_i_dictionary names = {0};
  gradus_status status = read_names(reader, p, &names, err);
  gradus_i_dictionary_clear(&names);
  if (!status && reader->body == reader->length)
    status = gradus_i_fail(err, GRADUS_ERROR_CSV_NO_ROWS,
                           "%s:%zu: the file ends behind its header; it needs a line for each row",
                           reader->name, gradus_i_csv_line(reader, reader->length));
  return status;
}

static gradus_status allocate_columns(gradus_i_csv_reader *reader, gradus_error *err) {
  size_t columns = reader->columns;
  reader->actions = gradus_i_allocate(columns, 1);
  reader->is_text = gradus_i_allocate(columns, 1);
  size_t workers = (size_t)reader->threads;
  reader->workers = gradus_i_allocate(workers, sizeof *reader->workers);
  if (!reader->actions || !reader->is_text || !reader->workers)
    return gradus_i_out_of_memory(err);
  reader->worker_count = workers;
  for (size_t i = 0; i < workers; i++) {
    gradus_i_csv_worker *worker = &reader->workers[i];
    worker->dictionaries = gradus_i_allocate(columns, sizeof *worker->dictionaries);
    worker->range = gradus_i_allocate(columns, sizeof *worker->range);
    if (!worker->dictionaries || !worker->range)
      return gradus_i_out_of_memory(err);
    for (size_t c = 0; c < columns; c++)
      worker->range[c] = SIZE_MAX;
  }
  gradus_frame *frame = reader->frame;
  for (size_t c = 0; c < columns; c++) {
    frame->columns[c].numbers = gradus_i_frame_array(frame->rows, sizeof(double));
    if (!frame->columns[c].numbers)
      return gradus_i_out_of_memory(err);
    reader->actions[c] = CSV_NUMBER;
  }
  return GRADUS_OK;
}

/* Columns in which text was found since the last pass are to be read as text; of the others, all or
 * none. `*found`: there are such columns. */
static gradus_status plan_pass(gradus_i_csv_reader *reader, unsigned char others, bool *found,
                               gradus_error *err) {
  *found = false;
  for (size_t c = 0; c < reader->columns; c++) {
    gradus_i_column *column = &reader->frame->columns[c];
    reader->actions[c] = others;
    if (!reader->is_text[c] || column->codes)
      continue;
    gradus_i_release(column->numbers);
    column->numbers = NULL;
    column->codes = gradus_i_frame_array(reader->frame->rows, sizeof *column->codes);
    if (!column->codes)
      return gradus_i_out_of_memory(err);
    reader->actions[c] = CSV_TEXT;
    *found = true;
  }
  return GRADUS_OK;
}

static gradus_status read_blocks(gradus_i_csv_reader *reader, gradus_error *err) {
  bool found;
  gradus_status status = gradus_i_csv_pass(reader, CSV_SAMPLE, err);
  if (!status)
    status = plan_pass(reader, CSV_NUMBER, &found, err);
  if (!status)
    status = gradus_i_csv_pass(reader, CSV_WHOLE, err);
  if (!status)
    status = plan_pass(reader, CSV_SKIP, &found, err);
  if (!status && found)
    status = gradus_i_csv_pass(reader, CSV_AGAIN, err);
  return status;
}

static void clear(gradus_i_csv_reader *reader) {
  for (size_t i = 0; i < reader->worker_count; i++) {
    gradus_i_csv_worker *worker = &reader->workers[i];
    for (size_t c = 0; worker->dictionaries && c < reader->columns; c++)
      gradus_i_dictionary_clear(&worker->dictionaries[c]);
    gradus_i_release(worker->dictionaries);
    gradus_i_release(worker->range);
    gradus_i_release(worker->scratch);
  }
  for (size_t b = 0; b < reader->block_count; b++)
    gradus_i_release(reader->blocks[b].shifts);
  gradus_i_release(reader->workers);
  gradus_i_release(reader->blocks);
  gradus_i_release(reader->actions);
  gradus_i_release(reader->is_text);
  gradus_i_release(reader->tail);
}

gradus_status gradus_i_csv_parse(gradus_frame **frame, const char *text, size_t length,
                                 const gradus_csv_options *options, const char *name,
                                 size_t block_size, gradus_error *err) {
  gradus_i_csv_reader reader = {.name = options && options->name ? options->name : name};
  *frame = NULL;
  trim(&reader, text, length);
  gradus_status status = set_options(&reader, options, block_size, err);
  if (!status)
    status = gradus_frame_new(&reader.frame, 0, err);
  if (!status)
    status = read_header(&reader, err);
  if (!status)
    status = gradus_i_csv_cut(&reader, block_size, err);
  if (!status)
    status = allocate_columns(&reader, err);
  if (!status)
    status = read_blocks(&reader, err);
  if (!status)
    status = gradus_i_csv_finish(&reader, err);
  clear(&reader);
  if (status)
    gradus_frame_free(reader.frame);
  else
    *frame = reader.frame;
  return status;
}

gradus_status gradus_frame_parse_csv(gradus_frame **frame, const char *text, size_t length,
                                     const gradus_csv_options *options, gradus_error *err) {
  return gradus_i_csv_parse(frame, text, length, options, "CSV text", BLOCK_SIZE, err);
}

gradus_status gradus_frame_read_csv(gradus_frame **frame, const char *path,
                                    const gradus_csv_options *options, gradus_error *err) {
  *frame = NULL;
  const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
  if (path[0] == '@') {
    const gradus_dataset *dataset;
    gradus_status status = gradus_i_dataset_get(&dataset, path + 1, err);
    return status ? status
                  : gradus_i_csv_parse(
                        frame, dataset->csv, dataset->length,
                        &(gradus_csv_options){.threads = 1, .name = options ? options->name : NULL},
                        path, BLOCK_SIZE, err);
  }
  gradus_i_csv_input input;
  gradus_status status =
      gradus_i_csv_open(&input, path, options && options->name ? options->name : name, err);
  if (!status)
    status = gradus_i_csv_parse(frame, input.text, input.length, options, name, BLOCK_SIZE, err);
  gradus_i_csv_close(&input);
  return status;
}
