// SPDX-License-Identifier: GPL-3.0-or-later
/* Objectives that are functions of θ alone, for what data do not show. */
#ifndef GRADUS_TESTS_MADE_OBJECTIVES_H
#define GRADUS_TESTS_MADE_OBJECTIVES_H

#include "../../lib/objective/objective.h"
#include "support.h"

typedef struct made_function {
  size_t dim;
  /* F, and its gradient. */
  double (*value)(const double *theta, size_t dim, double *gradient);
  /* Adds the Hessian (column-major, upper triangle); NULL: there is none. */
  void (*matrix)(const double *theta, size_t dim, double *matrix);
  double start[16], optimum[16];
  /* F is NaN from that evaluation on; NULL: never. */
  size_t *evaluations_left;
} made_function;

/* Convex quadratic, condition 1e4; the same and 1000 more; Rosenbrock's valley in ten dimensions
   (Nocedal and Wright, exercise 7.1); Σ(θ - log θ), +Inf where a θ is not positive. */
extern const made_function made_quadratic, made_raised_quadratic, made_rosenbrock, made_barrier;
/* Falls towards where it is NaN; falls for ever. */
extern const made_function made_cliff, made_slide;

typedef struct made_objective {
  gradus_i_objective objective; /* its model is the function */
  gsl_matrix *x;
  gradus_source *source;
} made_objective;
made_objective made_objective_open(const made_function *function);
void made_objective_close(made_objective *made);

#endif
