// SPDX-License-Identifier: GPL-3.0-or-later
/* Separation of a binary or grouped binomial response: which coefficients have no finite estimate.

   With s_i = +1 where y_i = 1 and -1 where y_i = 0, the directions of recession of the likelihood
   of a binary regression are the cone R of all d with s_i·x_iᵀd >= 0 in every row, and x_iᵀd = 0 in
   rows with 0 < y_i < 1. Along d the likelihood never falls, and rises for ever if some row is
   strictly above 0: then no maximum is finite (Albert & Anderson 1984, Biometrika 71:1-10). It
   holds for logit, probit, cloglog and cauchit alike. */
#ifndef GRADUS_SOLVER_SEPARATION_H
#define GRADUS_SOLVER_SEPARATION_H

#include "internal.h"

/* Which rows are separated, by their values; in separation_internal.h. */
typedef struct gradus_i_separated_rows gradus_i_separated_rows;

typedef struct gradus_i_separation {
  bool separated; /* some direction of R is above 0 in at least one row: no finite maximum */
  bool complete;  /* some direction of R is above 0 in every row */
  /* q, intercept first if there is one: whether the coefficient is the same at every limit of the
     likelihood, so that its estimate exists. */
  bool *finite;
  /* q: where the estimate goes: -1 to -Inf, 0 nowhere, +1 to +Inf. Of all directions that separate
     every row that can be, the one whose sum of |d_j| (columns at one size) is least. 0 with
     finite[j] false: the likelihood leaves the coefficient undetermined, and this direction does
     not need it. Dropped columns are 0 and finite. */
  int *sign;
  size_t row; /* the first row in the data (from 1) that is separated, for messages; 0 if none */
  /* q each, the rest NULL unless separated. The direction that sign is of, and an orthonormal basis
     (in scaled columns) of the space N that all directions span, `dimensions` vectors one after the
     other; 0 in dropped columns. Both are for rows x - centre, intercept 1: so a row's product with
     them keeps its digits. Centre is 0 for the intercept, and without one. */
  double *centre, *direction, *space;
  size_t dimensions;
  gradus_i_separated_rows *rows;
} gradus_i_separation;

/* y is 0 or 1, or a proportion with trials as weights; rows of weight 0 do not count; offsets do
   not matter, and x_low is not looked at. dropped (q, may be NULL) marks aliased columns: none of
   the others may be a linear combination of others, to 1e-8 with columns at size 1. Rows within
   1e-7 of a plane, with the data at size 1 in all directions, are taken to lie on it. Distinct rows
   are kept: 8 bytes per cell twice, 5e7 cells at most. Errors, with *result cleared: _SHAPE (not
   one response), _BAD_RESPONSE, _NON_FINITE, _BAD_WEIGHT (naming the row), _TOO_LARGE,
   _OUT_OF_MEMORY, _NUMERICAL (the linear program was not solved). Memory of the linear program
   comes from GLPK's own malloc, not from gradus_set_allocator's. */
gradus_status gradus_i_separation_find(gradus_i_separation *result, const gradus_source *source,
                                       bool intercept, const bool *dropped, gradus_error *err);
void gradus_i_separation_clear(gradus_i_separation *result);

/* The rows of a source that was searched (borrowed, as is the result) as another source, in which
   the separated ones have weight 0: the limiting model is fitted to it. */
gradus_status gradus_i_separation_rest(gradus_source **rest, const gradus_source *source,
                                       const gradus_i_separation *result, gradus_error *err);
/* Whether the rows with these inputs were separated, of a search without dropped columns; 0 is
   written without a sign. */
bool gradus_i_separation_separates(const gradus_i_separation *result, const double *x);

#endif
