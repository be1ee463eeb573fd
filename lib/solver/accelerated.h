// SPDX-License-Identifier: GPL-3.0-or-later
/* Gradient descent with nothing to tune: the rule AUTO. */
#ifndef GRADUS_SOLVER_ACCELERATED_H
#define GRADUS_SOLVER_ACCELERATED_H

#include "solver.h"

typedef struct gradus_i_accelerated {
  double step;     /* 0: none tried yet */
  size_t momentum; /* steps since the last restart */
  double steepest; /* largest curvature of the window, which may let the step grow at its end */
  size_t steps, window;
  double largest; /* norm of a gradient so far: what rounding is measured against */
  double least;   /* squared norm of the smallest gradient */
  size_t still;   /* small moves since that got smaller */
  /* dim each: the point, its gradient and the lead-up point of the iteration, and the next one. */
  double *point, *gradient, *lead, *next;
} gradus_i_accelerated;

/* memory: GRADUS_I_ACCELERATED_VECTORS * dim doubles, the caller's. */
enum { GRADUS_I_ACCELERATED_VECTORS = 4 };
void gradus_i_accelerated_start(gradus_i_accelerated *a, const gradus_i_search *search,
                                double *memory);
gradus_status gradus_i_accelerated_iterate(gradus_i_accelerated *a, gradus_i_search *search,
                                           gradus_i_stop *stop, gradus_error *err);

#endif
