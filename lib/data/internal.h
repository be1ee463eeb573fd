// SPDX-License-Identifier: GPL-3.0-or-later
/* Data layer: what its files share, and what higher layers need beyond the public headers. */
#ifndef GRADUS_DATA_INTERNAL_H
#define GRADUS_DATA_INTERNAL_H

#include "../base/internal.h"
#include <gradus/design.h>
#include <gradus/frame.h>
#include <gradus/source.h>

/* ---- frame ---- */

/* What messages call the frame ("cars.csv"), and the line of a row in its file (row + 1 if it came
 * from no file). */
const char *gradus_i_frame_name(const gradus_frame *frame);
size_t gradus_i_frame_line(const gradus_frame *frame, size_t row);
/* Fails with GRADUS_ERROR_NOT_NUMERIC for a mixed column or a factor that must be numbers:
 * `cars.csv:17: column "wt": "3.2x" is not a number; ...`. */
gradus_status gradus_i_frame_fail_mixed(const gradus_frame *frame, size_t column,
                                        gradus_error *err);

/* ---- design, as a model file keeps it ---- */

typedef struct gradus_i_variable_state {
  char *text;    /* the variable as R deparses it: "wt", "factor(cyl)", "poly(hp, 2)"; the key */
  char **levels; /* factor: levels in order, else NULL */
  size_t level_count;
  bool coded;        /* a factor that is a column of its levels' numbers */
  double *constants; /* poly: alpha and norm2; scale: mean and sd; else NULL */
  size_t constant_count;
} gradus_i_variable_state;

typedef struct gradus_i_design_state {
  char *formula;                      /* `.` written out */
  gradus_i_variable_state *variables; /* response variables included */
  size_t variable_count;
} gradus_i_design_state;

/* Copies a design's state out, makes a design from a state (checking that both fit:
 * GRADUS_ERROR_MODEL_FILE), frees one. */
gradus_status gradus_i_design_save(const gradus_design *design, gradus_i_design_state *state,
                                   gradus_error *err);
gradus_status gradus_i_design_restore(gradus_design **design, const gradus_i_design_state *state,
                                      gradus_error *err);
/* As gradus_design_options has them: of how many steps the columns before the last one are. */
void gradus_i_design_set_steps(gradus_design *design, size_t steps, bool responses);
void gradus_i_design_state_clear(gradus_i_design_state *state);

/* The column of level numbers of the factor of that name (one of options.codes); and the name of
   such a column's factor, without a formula's backquotes. */
size_t gradus_i_design_find_code(const gradus_design *design, const char *name);
const char *gradus_i_design_code_name(const gradus_design *design, size_t column);

/* ---- source ---- */

/* The cursor of a source whose responses and weights are formed from those of another one. */
typedef struct gradus_i_derived_cursor {
  gradus_cursor *inner;
  double *y, *weight; /* one per row of a read */
} gradus_i_derived_cursor;
gradus_status gradus_i_derived_open(const gradus_source *inner, size_t max_rows, void **cursor,
                                    gradus_error *err);
void gradus_i_derived_close(void *cursor);
/* Puts the cursor's y and weight into a batch in the place of its own. */
void gradus_i_derived_batch(const gradus_i_derived_cursor *cursor, gradus_batch *batch);

/* Weighted means and standard deviations (with Σw below) of the inputs, by one pass; rows of weight
   0 do not count; a column whose values differ by rounding alone has the deviation 0. Errors:
   _NON_FINITE (names row and input), those of reading. */
gradus_status gradus_i_column_moments(const gradus_source *source, int threads, double *mean,
                                      double *deviation, gradus_error *err);
/* A source (inner is borrowed) whose inputs are (x - centre)·factor; p values each, copied. */
gradus_status gradus_i_scale_source(gradus_source **scaled, const gradus_source *inner,
                                    const double *centre, const double *factor, gradus_error *err);

/* Copies of rows, in slots 0, 1, ..; weights 1 and offsets 0 where a batch has none. */
typedef struct gradus_i_row_buffer {
  size_t columns, responses;
  double *x, *x_low, *y, *weight, *offset; /* x_low NULL: the source has none */
  size_t *row;
  bool has_y, has_weight, has_offset; /* some row had one */
} gradus_i_row_buffer;
gradus_status gradus_i_row_buffer_make(gradus_i_row_buffer *buffer,
                                       const gradus_source_shape *shape, size_t capacity,
                                       gradus_error *err);
/* Row i of a batch into a slot. */
void gradus_i_row_buffer_copy(gradus_i_row_buffer *buffer, size_t slot, const gradus_batch *batch,
                              size_t i);
/* Views of slots first .. first + rows - 1. */
void gradus_i_row_buffer_batch(const gradus_i_row_buffer *buffer, size_t first, size_t rows,
                               gradus_batch *batch);
void gradus_i_row_buffer_clear(gradus_i_row_buffer *buffer);

/* A copy of `count` rows (at most those that there are) spread over a source of known length and
   random access; it borrows nothing. */
gradus_status gradus_i_sample_source(gradus_source **sample, const gradus_source *inner,
                                     size_t count, gradus_error *err);

/* A source that is made from the rows of another one (borrowed): in order where that is, and with
   the rows that that left out. type and data as in gradus_source_new. */
gradus_status gradus_i_source_derive(gradus_source **source, const gradus_source *inner,
                                     const gradus_source_type *type, void *data,
                                     const gradus_source_shape *shape, gradus_error *err);
/* Set by gradus_source_from_frame. */
void gradus_i_source_set_dropped_rows(gradus_source *source, size_t dropped);

/* Where the rows of a source stand, for messages; all borrowed, and NULL where nobody knows. A
   source that is derived from another one has its origin. */
typedef struct gradus_i_origin {
  const gradus_frame *frame;   /* to which the rows' numbers refer */
  const gradus_design *design; /* of whose columns the inputs are */
  /* Rows that are sequences, the design's columns at one step after the other; NULL: they are not
   */
  const struct gradus_i_sequence_index *sequences;
} gradus_i_origin;
void gradus_i_source_set_origin(gradus_source *source, const gradus_i_origin *origin);
const gradus_i_origin *gradus_i_source_origin(const gradus_source *source);
/* `cars.csv:17: column "wt"` of input j of a row of the frame (`row 17` where no frame is known);
   size: of the text. */
void gradus_i_origin_name(const gradus_i_origin *origin, size_t row, size_t j, char *text,
                          size_t size);

/* ---- passes ---- */

/* One pass over a source in chunks of rows. Chunks are added to accumulators of doubles (zero at
   first), several of them side by side, and these are merged in order: the bits do not depend on
   the number of threads. */
typedef struct gradus_i_pass {
  size_t chunk_rows;
  size_t accumulator_size; /* in doubles */
  size_t scratch_size;     /* in doubles, per thread */
  /* Adds the rows of a batch to an accumulator; called by several threads. */
  gradus_status (*process)(void *context, const gradus_batch *batch, double *accumulator,
                           double *scratch, gradus_error *err);
  /* NULL: total[i] += accumulator[i]. */
  gradus_status (*merge)(void *context, double *total, const double *accumulator,
                         gradus_error *err);
} gradus_i_pass;
gradus_status gradus_i_pass_run(const gradus_i_pass *pass, void *context,
                                const gradus_source *source, int threads, double *total,
                                gradus_error *err);
/* A chunk of about half a megabyte for rows of this many doubles. */
size_t gradus_i_chunk_rows(size_t row_size);

#endif
