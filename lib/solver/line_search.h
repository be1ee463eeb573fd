// SPDX-License-Identifier: GPL-3.0-or-later
/* A step along a direction that meets the strong Wolfe conditions. */
#ifndef GRADUS_SOLVER_LINE_SEARCH_H
#define GRADUS_SOLVER_LINE_SEARCH_H

#include "solver.h"

/* Differences of F below this part of |F| are taken for rounding. */
extern const double gradus_i_loss_noise;

typedef enum gradus_i_line_end {
  GRADUS_I_LINE_WOLFE,     /* the step meets both conditions */
  GRADUS_I_LINE_LOWER,     /* F is lower, but no step was found that meets the second one as well */
  GRADUS_I_LINE_NONE,      /* no step lowers F */
  GRADUS_I_LINE_NOT_FINITE /* nor is F finite at the shortest step tried */
} gradus_i_line_end;

/* Looks for a step t with F(origin + t·direction) <= F + 1e-4·t·slope (up to rounding of F) and a
   slope there of at most 0.9 of the first one's size. On entry search is at the origin and slope
   (below 0) is gradient·direction; then search is at the step, and search->step says its length;
   where there is none search is anywhere, to be put back by the caller. first: the length to try
   first. Errors: of evaluation. */
gradus_status gradus_i_line_search(gradus_i_search *search, const double *origin,
                                   const double *direction, double slope, double first,
                                   gradus_i_line_end *end, gradus_error *err);

double gradus_i_inner_product(size_t n, const double *a, const double *b);

#endif
