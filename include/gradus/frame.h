// SPDX-License-Identifier: GPL-3.0-or-later
/** Named columns of data: numbers or factors, with missing values. Layer: data.
 *
 *  A frame copies what it is given; names and levels are bytes (UTF-8 as a rule), kept as they
 * came. */
#ifndef GRADUS_FRAME_H
#define GRADUS_FRAME_H

#include <gradus/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gradus_frame gradus_frame;

typedef enum gradus_column_type {
  GRADUS_COLUMN_NUMERIC, /**< every cell that is present is a number; a missing one is NaN */
  GRADUS_COLUMN_FACTOR,  /**< levels and codes 0.., -1 for a missing cell */
  GRADUS_COLUMN_MIXED    /**< numbers and other text: an error in a model, unless it says
                            factor(column) */
} gradus_column_type;

/** How to read a CSV file; NULL or all zero: comma, point, all threads. */
typedef struct gradus_csv_options {
  char separator; /**< 0: ','; any single byte but a letter, a digit, a sign, a quote, a line end,
                     or the decimal mark */
  char decimal;   /**< 0: '.'; or ',' (the separator must then be another byte) */
  int threads;    /**< 0: as many as OpenMP takes; the frame is the same for any number */
  const char
      *name; /**< what messages call the input; NULL: the path, "standard input", or "CSV text" */
} gradus_csv_options;

/** Reads a CSV file (RFC 4180 with a header line) into a new frame.
 *
 *  `path` may be "-" (standard input) or "@name" (a bundled data set, gradus_dataset_find; a file
 *  of such a name is "./@name"; of the options, `name` alone counts).
 *
 *  Lines end in LF or CRLF; the last line end may be missing; empty lines before the header and at
 *  the end are skipped, and so are empty lines inside where a row has more than one column (in a
 *  single column they are missing cells). A leading UTF-8 byte order mark is skipped. Bytes are
 *  kept as they are, whatever their encoding, but a NUL is an error.
 *
 *  The header gives every column its name; an empty name becomes "V3" for the third column. All
 *  rows have as many fields as the header; one more, for names of rows, is an error.
 *
 *  Blanks (spaces, and tabs where they do not separate) around a field are no part of it. A quoted
 *  field may hold separators, line ends, blanks and doubled quotes; a quote inside an unquoted
 *  field, and text behind a closing quote, are errors.
 *
 *  A cell is missing if it is empty (quoted or not) or NA (unquoted; "NA" in quotes is text). A
 *  number is [+-]digits[.digits][(e|E)[+-]digits] (one digit on either side of the mark is enough),
 *  or Inf, Infinity or NaN with any sign and case, quoted or not; it is rounded correctly to the
 *  nearest double, too small ones to 0.
 *
 *  A column whose present cells are all numbers is numeric (also one without any present cell); one
 *  with no number among its cells is a factor, its levels in ascending order of bytes (so that
 *  FALSE comes before TRUE); else it is mixed, and a model that uses it is told line, column and
 *  cell of the first text that is not a number. So is a column with digits in groups of three, as
 *  in "1,234", for they are meant as numbers. 1e999 is an error in a numeric column and text in
 *  the others.
 *
 *  Errors: GRADUS_ERROR_IO, _CSV_EMPTY, _CSV_NO_ROWS, _CSV_RAGGED, _CSV_QUOTE, _CSV_NUL,
 *  _CSV_DUPLICATE_NAME, _CSV_RANGE (1e999), _UNKNOWN_DATASET (names near ones), _INVALID_ARGUMENT
 *  (options), _TOO_LARGE (2^29 levels), _OUT_OF_MEMORY; messages begin `name:line:`, the line being
 *  that on which the row, or a faulty field, begins. Of several faults the first in the file is
 *  told, but NUL bytes before and numbers out of range after all others.
 *
 *  Memory: the frame, beside the file, which is mapped (a pipe is read into memory) and must not
 *  change while it is read. Time: linear; a column in which text comes up after the first half
 *  megabyte is read twice. */
GRADUS_API gradus_status gradus_frame_read_csv(gradus_frame **frame, const char *path,
                                               const gradus_csv_options *options,
                                               gradus_error *err);

/** As gradus_frame_read_csv, from `length` bytes in memory. */
GRADUS_API gradus_status gradus_frame_parse_csv(gradus_frame **frame, const char *text,
                                                size_t length, const gradus_csv_options *options,
                                                gradus_error *err);

/** A frame of `rows` rows and no columns yet. Errors: _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_frame_new(gradus_frame **frame, size_t rows, gradus_error *err);

/** Frees a frame; NULL is legal. */
GRADUS_API void gradus_frame_free(gradus_frame *frame);

/** Adds a numeric column: value i is values[i * stride]; NaN is missing. Errors:
 * _CSV_DUPLICATE_NAME, _INVALID_ARGUMENT (empty name), _OUT_OF_MEMORY. After an error the frame is
 * as it was; so it is with the functions below. */
GRADUS_API gradus_status gradus_frame_add_numeric(gradus_frame *frame, const char *name,
                                                  const double *values, size_t stride,
                                                  gradus_error *err);

/** Adds a factor from text: values[i] is the level of row i, NULL where it is missing; levels in
 * ascending order of bytes. Errors: as gradus_frame_add_numeric. */
GRADUS_API gradus_status gradus_frame_add_text(gradus_frame *frame, const char *name,
                                               const char *const *values, gradus_error *err);

/** Adds a factor from codes 0..level_count-1 (negative: missing) and its levels in order. Errors:
 * as gradus_frame_add_numeric; _INVALID_ARGUMENT also for a code without a level (names the row)
 * and for a level given twice. */
GRADUS_API gradus_status gradus_frame_add_factor(gradus_frame *frame, const char *name,
                                                 const int *codes, const char *const *levels,
                                                 size_t level_count, gradus_error *err);

/** Makes column `name` a factor with these levels in this order (the first is the reference); a
 * level may have no cell. A numeric column's cells are matched by value to 15 digits ("6" matches 6
 * and 6.0). Errors: _UNKNOWN_COLUMN; _UNKNOWN_LEVEL (a cell of the column is none of the levels:
 * names line and cell; or a level given twice); _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_frame_set_levels(gradus_frame *frame, const char *name,
                                                 const char *const *levels, size_t level_count,
                                                 gradus_error *err);

/** Makes `level` the reference (first) level of column `name`; the others keep their order. A
 * numeric column becomes a factor first, its levels ascending as numbers, written with up to 15
 * digits (%.15g) as in R; a mixed one becomes a factor. Errors: _UNKNOWN_COLUMN; _UNKNOWN_LEVEL
 * (names the known ones); _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_frame_set_reference(gradus_frame *frame, const char *name,
                                                    const char *level, gradus_error *err);

GRADUS_API size_t gradus_frame_rows(const gradus_frame *frame);
GRADUS_API size_t gradus_frame_columns(const gradus_frame *frame);

/** The index of a column by name; false if there is none. */
GRADUS_API bool gradus_frame_find(const gradus_frame *frame, const char *name, size_t *column);

/** Views into the frame, valid until it changes or is freed. */
GRADUS_API const char *gradus_frame_column_name(const gradus_frame *frame, size_t column);
GRADUS_API gradus_column_type gradus_frame_column_type(const gradus_frame *frame, size_t column);
/** The numbers of a numeric column, one per row, contiguous; NULL for another type. */
GRADUS_API const double *gradus_frame_numeric(const gradus_frame *frame, size_t column);
/** The codes of a factor or mixed column, one per row (-1: missing); NULL for a numeric one. */
GRADUS_API const int *gradus_frame_codes(const gradus_frame *frame, size_t column);
/** The number of levels of a factor or mixed column (0 for a numeric one), and the level of one
 * code. */
GRADUS_API size_t gradus_frame_level_count(const gradus_frame *frame, size_t column);
GRADUS_API const char *gradus_frame_level(const gradus_frame *frame, size_t column, size_t code);

/** One bundled data set: rows, columns, where the figures come from. */
typedef struct gradus_dataset {
  const char *name;   /**< "mtcars" */
  const char *source; /**< one line: what it is and who published it */
  const char *csv;    /**< the text of the CSV file */
  size_t length;      /**< of the text, in bytes */
  size_t rows, columns;
} gradus_dataset;

/** The bundled data sets in alphabetical order, capital letters beside small ones; `*count` of
 * them. Static storage. */
GRADUS_API const gradus_dataset *gradus_datasets(size_t *count);
/** The bundled data set of that name (without "@"), or NULL. */
GRADUS_API const gradus_dataset *gradus_dataset_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
