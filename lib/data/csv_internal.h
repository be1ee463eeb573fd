// SPDX-License-Identifier: GPL-3.0-or-later
/* How the CSV reader works, for its files.
 *
 *  1. csv_input.c maps the file, or reads it into memory.
 *  2. csv_cut.c counts quotes and line ends chunk by chunk, in parallel; the parity of the quotes
 *     says which line ends end a record, so that the rows are counted and the text is cut into
 *     blocks of whole records before any cell is read.
 *  3. csv_rows.c reads the blocks in parallel, each cell straight into its place in the frame. A
 *     column is taken for numeric until a cell of it is text; it is then read once more as text.
 *  4. csv_finish.c joins what the workers found: levels, types, line numbers.
 *
 *  The result does not depend on the number of threads or the size of blocks: levels are sorted,
 * and of several faults the first in the file is told. */
#ifndef GRADUS_DATA_CSV_INTERNAL_H
#define GRADUS_DATA_CSV_INTERNAL_H

#include "frame_internal.h"

typedef struct gradus_i_csv_input {
  const char *text;
  size_t length;
  void *mapped; /* munmap, or NULL */
  char *owned;  /* release, or NULL */
} gradus_i_csv_input;

/* Opens `path` ("-": standard input); `name` is for messages. */
gradus_status gradus_i_csv_open(gradus_i_csv_input *input, const char *path, const char *name,
                                gradus_error *err);
void gradus_i_csv_close(gradus_i_csv_input *input);

typedef enum gradus_i_csv_fault_kind {
  CSV_FAULT_NONE,
  CSV_FAULT_MEMORY,
  CSV_FAULT_LEVELS,      /* more levels than an int can number */
  CSV_FAULT_RAGGED,      /* detail: fields of the record */
  CSV_FAULT_OPEN_QUOTE,  /* never closed; detail: column */
  CSV_FAULT_AFTER_QUOTE, /* text after a closing quote; detail: column */
  CSV_FAULT_INNER_QUOTE, /* a quote inside an unquoted field; detail: column */
  CSV_FAULT_RANGE,       /* detail: column */
  CSV_FAULT_NUL
} gradus_i_csv_fault_kind;

typedef struct gradus_i_csv_fault {
  gradus_i_csv_fault_kind kind;
  size_t position; /* byte in the text */
  size_t detail;
} gradus_i_csv_fault;

/* One field of a record. */
typedef struct gradus_i_csv_field {
  const char *text; /* between the quotes, or without the blanks around it */
  size_t length;
  bool quoted;
  bool doubled;     /* holds doubled quotes */
  size_t line_ends; /* inside quotes */
  const char *next; /* the separator, the line feed or the end that ends the field */
} gradus_i_csv_field;

/* Whole records, that one worker reads. */
typedef struct gradus_i_csv_block {
  const char *text; /* ends in a line feed */
  size_t length;
  size_t offset; /* of `text` in the input */
  size_t first_row, rows;
  size_t worker;               /* who reads it: its codes are in that worker's dictionaries */
  gradus_i_line_shift *shifts; /* `extra` counts from the block's begin */
  size_t shift_count, shift_capacity;
} gradus_i_csv_block;

typedef enum gradus_i_csv_pass_kind {
  CSV_SAMPLE, /* the first block alone, to see which columns are text */
  CSV_WHOLE,  /* all columns of all blocks */
  CSV_AGAIN /* columns in which text was found late; each block by the worker that had it before */
} gradus_i_csv_pass_kind;

/* What a pass does with a column. */
enum { CSV_SKIP, CSV_NUMBER, CSV_TEXT };

typedef struct gradus_i_csv_worker {
  gradus_i_dictionary *dictionaries; /* one per column */
  size_t *range;                     /* per column: first number out of range, SIZE_MAX if none */
  char *scratch;                     /* a cell without its doubled quotes */
  size_t scratch_capacity;
  gradus_i_csv_fault fault;
} gradus_i_csv_worker;

typedef struct gradus_i_csv_reader {
  const char *text;
  size_t length; /* without the line ends at the end */
  bool ended;    /* a line feed follows text[length] at once or after a carriage return */
  size_t body;   /* where the first record begins */
  const char *name;
  char separator, decimal;
  int threads;
  gradus_frame *frame;
  size_t columns;
  unsigned char *actions; /* per column, for this pass */
  unsigned char *is_text; /* per column: a cell was found that is no number */
  gradus_i_csv_pass_kind pass;
  gradus_i_csv_block *blocks;
  size_t block_count;
  char *tail; /* a copy of the last record, where no line feed ends it */
  gradus_i_csv_worker *workers;
  size_t worker_count;
} gradus_i_csv_reader;

/* Reads the field at p; the text ends at `end`. */
gradus_i_csv_fault_kind gradus_i_csv_field_read(const char *p, const char *end, char separator,
                                                gradus_i_csv_field *field);
/* Writes the field without doubling of quotes; returns its length (at most field->length). */
size_t gradus_i_csv_field_decode(const gradus_i_csv_field *field, char *text);

/* Counts the rows and cuts the body into blocks of about block_size bytes. */
gradus_status gradus_i_csv_cut(gradus_i_csv_reader *reader, size_t block_size, gradus_error *err);

/* Reads the blocks by all workers. */
gradus_status gradus_i_csv_pass(gradus_i_csv_reader *reader, gradus_i_csv_pass_kind pass,
                                gradus_error *err);

/* Types, levels, line numbers. */
gradus_status gradus_i_csv_finish(gradus_i_csv_reader *reader, gradus_error *err);

/* Says what is wrong, where, and what to do. */
gradus_status gradus_i_csv_fail(const gradus_i_csv_reader *reader, const gradus_i_csv_fault *fault,
                                gradus_error *err);
/* The line of a byte, counted from 1. */
size_t gradus_i_csv_line(const gradus_i_csv_reader *reader, size_t position);

/* gradus_frame_parse_csv with blocks of about `block_size` bytes, which tests make small. */
gradus_status gradus_i_csv_parse(gradus_frame **frame, const char *text, size_t length,
                                 const gradus_csv_options *options, const char *name,
                                 size_t block_size, gradus_error *err);

#endif
