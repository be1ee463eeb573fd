// SPDX-License-Identifier: GPL-3.0-or-later
/* Affine objectives over rows in memory, for tests of solvers that feel the units of columns. */
#ifndef GRADUS_TESTS_MODEL_ROWS_H
#define GRADUS_TESTS_MODEL_ROWS_H

#include "../../lib/objective/loss.h"
#include "../../lib/solver/solver.h"
#include "support.h"

/* The objective points into the struct: it is made in place and not copied. */
typedef struct model_rows {
  size_t n, p, k;
  gsl_matrix *x, *y; /* x as the solver sees it */
  gsl_vector *weight, *offset;
  double *centre, *unit; /* p: column j was x·unit + centre */
  double *scale;         /* dim: of the certificate */
  gradus_source *source;
  gradus_i_glm_loss glm;
  gradus_i_affine affine;
  gradus_i_objective objective;
} model_rows;

/* n rows of zeros, k columns of y, weights 1 and offsets 0, to be filled in. */
void model_rows_open(model_rows *q, size_t n, size_t p, size_t k);
/* Centres the columns and scales them to unit standard deviation. */
void model_rows_standardise(model_rows *q);
/* Makes source and objective. family NULL: half the squared error of k responses, or
   softmax of so many classes if there are any. */
void model_rows_finish(model_rows *q, const char *family, const char *link, size_t classes);
void model_rows_close(model_rows *q);

/* y, weight, offset, (Intercept) and columns, as in tests/data/oracles/ID.design.csv. */
void model_rows_read_design(model_rows *q, const char *id);
/* The columns of a formula over a file or a bundled data set. */
void model_rows_read_formula(model_rows *q, const char *formula, const char *file);
/* A logistic model_rows of made-up numbers, with p standardised inputs; finished. */
void model_rows_make_logistic(model_rows *q, size_t n, size_t p);

/* The estimates in the units of the data: weight j of response r, the bias last. */
double model_rows_estimate(const model_rows *q, const double *theta, size_t r, size_t j);

#endif
