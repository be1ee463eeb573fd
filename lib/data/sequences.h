// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows in the long format, one a step, gathered into sequences. */
#ifndef GRADUS_DATA_SEQUENCES_H
#define GRADUS_DATA_SEQUENCES_H

#include "internal.h"

typedef struct gradus_i_sequence_options {
  const char *id, *time; /* columns of the frame; time NULL: in the order of its rows */
  size_t steps;          /* the most that a sequence may have; 0: as many as the longest has */
  bool each_step;        /* a response at every step; else one a sequence, the same in all rows */
} gradus_i_sequence_options;

/* Where the rows of the frame went. */
typedef struct gradus_i_sequence_index {
  size_t count, steps;
  size_t *begin; /* count + 1: of sequence i, in row */
  size_t *row;   /* rows of the frame, by sequence and time */
} gradus_i_sequence_index;
void gradus_i_sequence_index_clear(gradus_i_sequence_index *index);

/* A source with a row for each sequence, in ascending order of the ids: steps·columns inputs (zeros
   beyond its end) and its length; the responses of every step (0 beyond its end), or those of the
   sequence; its weight; and the number of its last row in the frame. `rows` is a source of that
   frame, which may leave rows out. What is made is in memory as a whole. index (may be NULL): to be
   cleared by the caller. Errors: _UNKNOWN_COLUMN, _NOT_NUMERIC (a time of text),
   _BAD_INPUT (a missing id or time, two rows at one time, more steps than `steps`),
   _BAD_RESPONSE, _BAD_WEIGHT (that changes within a sequence), _UNSUPPORTED (offsets), _TOO_LARGE,
   _OUT_OF_MEMORY. */
gradus_status gradus_i_sequences_new(gradus_source **sequences, gradus_i_sequence_index *index,
                                     const gradus_source *rows, const gradus_frame *frame,
                                     const gradus_i_sequence_options *options, gradus_error *err);

#endif
