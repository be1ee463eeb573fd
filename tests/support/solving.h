// SPDX-License-Identifier: GPL-3.0-or-later
/* What the tests of solvers share: the table of solvers, and one call of the driver. */
#ifndef GRADUS_TESTS_SOLVING_H
#define GRADUS_TESTS_SOLVING_H

#include "../../lib/solver/solver.h"
#include "support.h"

/* tolerance: of coefficients at an optimum, relative; passes: fewer than these lead to where
   rounding ends a well-conditioned search. */
typedef struct contract {
  const gradus_i_solver *solver;
  double tolerance;
  size_t passes;
} contract;
extern const contract contracts[];
extern const size_t contract_count;

/* Minimises from theta on, which must succeed; the outcome's matrix is freed. */
gradus_i_outcome solve(const gradus_i_solver *solver, const gradus_i_objective *objective,
                       const gradus_i_solver_options *options, double *theta);
/* F and its gradient (dim, may be NULL) by a pass of its own; returns the certificate. */
double evaluate_afresh(const gradus_i_objective *objective, const double *theta, double *loss,
                       double *gradient);

double *copy_of(const double *values, size_t count);

#endif
