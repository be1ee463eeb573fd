// SPDX-License-Identifier: GPL-3.0-or-later
/** Rows in batches: what every solver reads. Layer: data.
 *
 *  A source hands out rows [first, first + rows) as a batch of views. Matrices in memory are a
 * source without any copy; a frame seen through a design forms its columns block by block, so that
 * the design matrix never exists as a whole. */
#ifndef GRADUS_SOURCE_H
#define GRADUS_SOURCE_H

#include <gradus/design.h>
#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Views of some rows, valid until the next read of the same cursor. */
typedef struct gradus_batch {
  size_t rows;         /**< 0: no rows left */
  size_t first;        /**< position of the first row in the source, from 0 */
  const double *x;     /**< rows×p, row-major, without a column for the intercept */
  size_t x_stride;     /**< from one row of x to the next */
  const double *x_low; /**< NULL, or laid out as x: the part of each value below double precision
                          (value = x + x_low) */
  const double *y;     /**< rows×k, row-major; NULL if the source has no response */
  size_t y_stride;
  const double *weight; /**< one per row, or NULL: all 1 */
  const double *offset; /**< one per row, or NULL: all 0 */
  const size_t *row;    /**< number of each row in the data, from 0; NULL: first + i */
} gradus_batch;

typedef struct gradus_source gradus_source;
typedef struct gradus_cursor gradus_cursor;

/** A kind of source: a const table. A user's own source (a file, a database query) fills one in. */
typedef struct gradus_source_type {
  const char *name;
  /** Any thread may read any rows, each through a cursor of its own. Otherwise there is one cursor,
   * read in order, and `first` = 0 rewinds it. */
  bool random_access;
  /** Makes the state of one cursor (buffers for up to max_rows rows a read). NULL: no state. */
  gradus_status (*open)(const void *data, size_t max_rows, void **cursor, gradus_error *err);
  /** Fills in all members of `batch` (it comes zeroed) with up to max_rows rows from `first` on. */
  gradus_status (*read)(const void *data, void *cursor, size_t first, size_t max_rows,
                        gradus_batch *batch, gradus_error *err);
  void (*close)(void *cursor); /**< frees a cursor's state; may be NULL */
  void (*release)(void *data); /**< frees the source's data; may be NULL */
  /** Fills in all members of `batch` but `first` (it comes zeroed), `row` included, with the rows
   * at these positions, in this order; count ≤ max_rows. The next `ahead` positions are what will
   * be asked for next, to be fetched meanwhile if that helps. May be NULL: then rows are read one
   * by one and copied. Only with random access. */
  gradus_status (*gather)(const void *data, void *cursor, const size_t *positions, size_t count,
                          size_t ahead, gradus_batch *batch, gradus_error *err);
} gradus_source_type;

/** What a source is about; strings and arrays are borrowed for the call. */
typedef struct gradus_source_shape {
  size_t rows;                    /**< number of rows, or 0: not known before they are read */
  size_t columns;                 /**< p */
  size_t responses;               /**< k */
  gradus_weight_kind weight_kind; /**< NONE: batches have no weights */
  bool has_offset, has_low;       /**< whether batches may have an offset, an x_low */
} gradus_source_shape;

/** Makes a source of a type, its data (owned from then on, also if this fails) and its shape. */
GRADUS_API gradus_status gradus_source_new(gradus_source **source, const gradus_source_type *type,
                                           void *data, const gradus_source_shape *shape,
                                           gradus_error *err);

/** Matrices in memory, borrowed until the source is freed: x n×p, y n×k (may be NULL), weights n
 * with their kind, offset n (either may be NULL). Errors: _SHAPE (names both shapes), _BAD_WEIGHT
 * (weights without a kind), _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_source_from_matrix(gradus_source **source, const gsl_matrix *x,
                                                   const gsl_matrix *y, const gsl_vector *weights,
                                                   gradus_weight_kind weight_kind,
                                                   const gsl_vector *offset, gradus_error *err);

/** What a source of a design and a frame needs of the frame. */
typedef struct gradus_frame_source_options {
  bool without_response; /**< predict: the response and the weights are neither needed nor read */
} gradus_frame_source_options;

/** The complete rows of a frame through a design; both are borrowed until the source is freed. The
 *  frame need not be the one that the design was made from: its levels are matched by text (a
 * column of numbers by value). Making it costs a pass over the used columns and 8 bytes per row if
 * any row is dropped; x is formed block by block as it is read. Errors: as gradus_design_new, and
 *  _UNKNOWN_LEVEL (level, row and the known levels). */
GRADUS_API gradus_status gradus_source_from_frame(gradus_source **source,
                                                  const gradus_design *design,
                                                  const gradus_frame *frame,
                                                  const gradus_frame_source_options *options,
                                                  gradus_error *err);

GRADUS_API void gradus_source_free(gradus_source *source);
GRADUS_API const gradus_source_shape *gradus_source_get_shape(const gradus_source *source);
/** Rows of the frame that were left out because a used value is missing. */
GRADUS_API size_t gradus_source_dropped_rows(const gradus_source *source);
GRADUS_API bool gradus_source_random_access(const gradus_source *source);

/** Opens a cursor that reads up to max_rows rows at a time. */
GRADUS_API gradus_status gradus_cursor_open(gradus_cursor **cursor, const gradus_source *source,
                                            size_t max_rows, gradus_error *err);
/** Reads up to `rows` (≤ max_rows) rows from `first` on; batch->rows is 0 at the end. */
GRADUS_API gradus_status gradus_cursor_read(gradus_cursor *cursor, size_t first, size_t rows,
                                            gradus_batch *batch, gradus_error *err);
/** Reads the rows at positions[0 .. count - 1], in this order: what shuffled mini-batches need. The
 *  `ahead` positions behind them are a hint of what comes next (0: none). batch->row tells the
 *  rows, batch->first is 0. The first call may allocate buffers for max_rows rows. Errors: those of
 *  reading, _INVALID_ARGUMENT (more positions than max_rows or than there are rows, or one beyond
 *  the last), _UNSUPPORTED (no random access, or the number of rows is not known),
 *  _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_cursor_gather(gradus_cursor *cursor, const size_t *positions,
                                              size_t count, size_t ahead, gradus_batch *batch,
                                              gradus_error *err);
GRADUS_API void gradus_cursor_free(gradus_cursor *cursor);

#ifdef __cplusplus
}
#endif
#endif
