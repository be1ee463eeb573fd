// SPDX-License-Identifier: GPL-3.0-or-later
/* The Gram matrix of a source, on its way from the rows to the factorisation. */
#ifndef GRADUS_SOLVER_GRAM_H
#define GRADUS_SOLVER_GRAM_H

#include "internal.h"

/* Columns: one of ones (with an intercept), p inputs, k responses, shifted by about their means,
   which is what makes the matrix as well conditioned as the centred columns are, and times the
   powers of two of the layout. */
typedef struct gradus_i_gram {
  gradus_i_least_squares *s;
  size_t columns; /* q + k */
  double *shift;  /* columns, in the units of the data; all 0 without an intercept */
  bool shifted;   /* whether any input is */
  double *matrix; /* gradus_i_gram_cells: columns², upper triangle, column-major, and then sums */
} gradus_i_gram;

size_t gradus_i_gram_cells(const gradus_i_gram *gram);
/* One pass: shifts, the layout's scales, the matrix; rows, Σw and Σlog w of s. */
gradus_status gradus_i_gram_read(gradus_i_gram *gram, gradus_error *err);

#endif
