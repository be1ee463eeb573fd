// SPDX-License-Identifier: GPL-3.0-or-later
/* Problems for solvers, each with its optimum from outside. */
#ifndef GRADUS_TESTS_PROBLEMS_H
#define GRADUS_TESTS_PROBLEMS_H

#include "../../lib/objective/loss.h"
#include "support.h"

/* Rows in memory, the columns of x brought to mean 0 and variance 1, and an affine model of them.
   Owns all of it; objective points into it. */
typedef struct problem {
  gradus_i_objective objective;
  gradus_i_affine affine;
  gradus_i_glm_loss glm;
  gsl_matrix *x, *y;
  gsl_vector *weights, *offset; /* may be NULL */
  gradus_source *source;
  double *mean, *deviation;            /* of the columns as they were */
  double *penalty, *start, *reference; /* dim; reference: for the columns as they were */
} problem;

/* One entry of the table of problems with known optima. */
typedef struct problem_kind {
  const char *name;
  const char *design;        /* ID of tests/data/oracles/ID.design.csv and of mp.csv */
  const char *family, *link; /* NULL: the loss is `loss` */
  const gradus_i_loss *loss;
  size_t responses;
  const char *const *equations; /* of the responses in mp.csv; NULL: one that has no name */
  const char *l2;               /* λ as ridge.csv spells it; NULL: none */
  bool raw_penalty;             /* λ is for the columns as they were */
  bool start_at_mean;           /* the bias starts at the link of the mean response, not at 0 */
} problem_kind;
extern const problem_kind problem_kinds[];
extern const size_t problem_kind_count;

problem *problem_open(const problem_kind *kind);
/* Logistic rows made by a generator of its own: x n×p, standardised; no reference. */
problem *problem_generate(size_t n, size_t p);
void problem_close(problem *p);

/* θ for the columns as they were. */
void problem_raw_theta(const problem *p, const double *theta, double *raw);

#endif
