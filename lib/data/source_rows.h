// SPDX-License-Identifier: GPL-3.0-or-later
/* The state of a cursor over a frame: what forms the columns of some rows. */
#ifndef GRADUS_DATA_SOURCE_ROWS_H
#define GRADUS_DATA_SOURCE_ROWS_H

#include "design_internal.h"

/* A variable over the rows of the current read. */
typedef struct gradus_i_values {
  double *high_buffer, *low_buffer; /* width × block, or NULL */
  const double *high, *low;         /* column c at [c * stride]; low NULL: all 0 */
  size_t stride;
  int *codes; /* of a factor */
} gradus_i_values;

typedef struct gradus_i_reader {
  gradus_i_arena arena;
  const gradus_i_bound *bound;
  size_t block;
  bool wants_low; /* x_low is to be formed */
  gradus_i_scratch scratch;
  gradus_i_values *variables;
  double *x, *x_low, *y, *weight, *offset;
  double *product, *product_low;
  size_t *place;         /* of each row's cell within a term; skipped: none */
  bool has_factors;      /* some cells stay 0 */
  size_t *direct;        /* the columns that are a variable's own, */
  const double **source; /* and where they lie for this read */
  size_t direct_count;
  size_t *index; /* rows of the frame that are gathered; NULL until there are any */
} gradus_i_reader;

/* Makes the buffers for blocks of r->block rows; false: out of memory. */
bool gradus_i_reader_make(gradus_i_reader *r);
/* Adds the buffers that rows in any order need; false: out of memory. */
bool gradus_i_reader_make_gather(gradus_i_reader *r);
/* Evaluates the variables that the source needs. */
void gradus_i_reader_load(gradus_i_reader *r, gradus_i_rows rows);
/* Forms x and x_low from the variables. */
void gradus_i_reader_fill(gradus_i_reader *r, size_t rows, gradus_batch *batch);

#endif
