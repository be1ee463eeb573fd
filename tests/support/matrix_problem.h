// SPDX-License-Identifier: GPL-3.0-or-later
/* Affine objectives over rows in memory, for tests of solvers that feel the units of columns. */
#ifndef GRADUS_TESTS_MATRIX_PROBLEM_H
#define GRADUS_TESTS_MATRIX_PROBLEM_H

#include "../../lib/objective/loss.h"
#include "../../lib/solver/solver.h"
#include "support.h"

/* The objective points into the struct: it is made in place and not copied. */
typedef struct matrix_problem {
  size_t n, p, k;
  gsl_matrix *x, *y; /* x as the solver sees it */
  gsl_vector *weight, *offset;
  double *centre, *unit; /* p: column j was x·unit + centre */
  double *scale;         /* dim: of the certificate */
  gradus_source *source;
  gradus_i_glm_loss glm;
  gradus_i_affine affine;
  gradus_i_objective objective;
} matrix_problem;

/* n rows of zeros, k columns of y, weights 1 and offsets 0, to be filled in. */
void matrix_problem_open(matrix_problem *q, size_t n, size_t p, size_t k);
/* Centres the columns and scales them to unit standard deviation. */
void matrix_problem_standardise(matrix_problem *q);
/* Makes source and objective. family NULL: half the squared error of k responses, or
   softmax of so many classes if there are any. */
void matrix_problem_finish(matrix_problem *q, const char *family, const char *link, size_t classes);
void matrix_problem_close(matrix_problem *q);

/* y, weight, offset, (Intercept) and columns, as in tests/data/oracles/ID.design.csv. */
void matrix_problem_read_design(matrix_problem *q, const char *id);
/* The columns of a formula over a file or a bundled data set. */
void matrix_problem_read_formula(matrix_problem *q, const char *formula, const char *file);
/* A logistic problem of made-up numbers, with p standardised inputs; finished. */
void matrix_problem_make_logistic(matrix_problem *q, size_t n, size_t p);

/* The estimates in the units of the data: weight j of response r, the bias last. */
double matrix_problem_estimate(const matrix_problem *q, const double *theta, size_t r, size_t j);

#endif
