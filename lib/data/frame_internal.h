// SPDX-License-Identifier: GPL-3.0-or-later
/* What a frame is made of: for the files that fill one. */
#ifndef GRADUS_DATA_FRAME_INTERNAL_H
#define GRADUS_DATA_FRAME_INTERNAL_H

#include "dictionary.h"
#include "internal.h"

/* Level texts, NUL-terminated, in one block of memory. */
typedef struct gradus_i_levels {
  char **names;
  char *text;
  size_t count, length; /* of names, and of text in use */
} gradus_i_levels;

typedef struct gradus_i_column {
  char *name;
  gradus_column_type type;
  double *numbers; /* numeric, else NULL */
  int *codes;      /* factor or mixed, else NULL */
  gradus_i_levels levels;
  size_t text_row; /* mixed: the first row whose cell is no number */
} gradus_i_column;

/* From row `row` on, a row stands `extra` lines further down in its file than counting rows says:
 * empty lines were skipped, or quoted fields hold line ends. */
typedef struct gradus_i_line_shift {
  size_t row, extra;
} gradus_i_line_shift;

struct gradus_frame {
  size_t rows;
  gradus_i_column *columns;
  size_t column_count, column_capacity;
  char *name;        /* NULL: the frame came from no file */
  size_t first_line; /* of row 0, before shifts */
  gradus_i_line_shift *shifts;
  size_t shift_count;
};

/* An array of `rows` elements, not zeroed; a large one asks for huge pages, which save most of the
 * cost of touching fresh memory. Free with gradus_i_release. */
void *gradus_i_frame_array(size_t rows, size_t size);

/* Appends a column without cells and without looking for its name. NULL: out of memory. */
gradus_i_column *gradus_i_frame_append(gradus_frame *frame, const char *name, size_t length);

/* Takes back the column that was appended last. */
void gradus_i_frame_drop_last(gradus_frame *frame);

/* Frees what a column holds but for its name. */
void gradus_i_column_clear(gradus_i_column *column);

/* Makes room for `count` levels of `bytes` bytes in all (without their NULs); false: out of memory.
 * Then exactly that many are added. */
bool gradus_i_levels_reserve(gradus_i_levels *levels, size_t count, size_t bytes);
void gradus_i_levels_add(gradus_i_levels *levels, const char *text, size_t length);
void gradus_i_levels_clear(gradus_i_levels *levels);
/* The dictionary's texts in ascending order of bytes; ranks[entry] is the level of an entry. */
bool gradus_i_levels_sorted(gradus_i_levels *levels, const gradus_i_dictionary *dictionary,
                            int *ranks);

#endif
