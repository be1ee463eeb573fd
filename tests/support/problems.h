// SPDX-License-Identifier: GPL-3.0-or-later
/* Problems for solvers, each with its optimum from outside. */
#ifndef GRADUS_TESTS_PROBLEMS_H
#define GRADUS_TESTS_PROBLEMS_H

#include "model_rows.h"

/* Standardised rows with an affine model of them. Owns all of it. */
typedef struct problem {
  model_rows rows;
  double *penalty, *start, *reference; /* dim; reference: for the columns as they were */
} problem;

/* One entry of the table of problems with known optima. */
typedef struct problem_kind {
  const char *name;
  const char *design;        /* ID of tests/data/oracles/ID.design.csv and of mp.csv */
  const char *family, *link; /* NULL: half the squared error, or softmax of classes */
  size_t classes;
  const char *const *equations; /* of the responses in mp.csv; NULL: one that has no name */
  const char *l2;               /* λ as ridge.csv spells it; NULL: none */
  bool raw_penalty;             /* λ is for the columns as they were */
  bool start_at_mean;           /* the bias starts at the link of the mean response, not at 0 */
} problem_kind;
extern const problem_kind problem_kinds[];
extern const size_t problem_kind_count;

problem *problem_open(const problem_kind *kind);
/* Logistic rows made by a generator of its own: x n×p; no reference, and no scale of gradients. */
problem *problem_generate(size_t n, size_t p);
void problem_close(problem *p);

#endif
