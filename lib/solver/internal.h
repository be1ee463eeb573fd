// SPDX-License-Identifier: GPL-3.0-or-later
/* Solver layer: least squares in closed form. Solvers of objectives are in solver.h. */
#ifndef GRADUS_SOLVER_INTERNAL_H
#define GRADUS_SOLVER_INTERNAL_H

#include "../data/internal.h"
#include "../linalg/internal.h"

/* ---- panels: some rows by columns, scaled ---- */

/* How data become the columns of a least-squares problem: the intercept (if any), p inputs, and k
   responses less the offset, each times a power of two. */
typedef struct gradus_i_layout {
  size_t p, k, q;
  bool intercept;
  double *scale; /* q + k */
} gradus_i_layout;

typedef struct gradus_i_panel {
  size_t rows, capacity; /* capacity is the leading dimension */
  double *z, *z_low;     /* q columns; z_low NULL: all zero */
  double *y, *y_low;     /* k columns, the offset taken off; y_low NULL: all zero */
  double *offset;        /* unscaled; NULL: all 0 */
  double *weight;        /* NULL: all 1 */
} gradus_i_panel;

/* Doubles that a panel needs; and a panel in such a block. */
size_t gradus_i_panel_size(const gradus_i_layout *layout, const gradus_source_shape *shape,
                           size_t capacity);
gradus_i_panel gradus_i_panel_in(double *block, const gradus_i_layout *layout,
                                 const gradus_source_shape *shape, size_t capacity);
/* Appends the rows of a batch; rows of weight 0 are left out. Errors: _NON_FINITE, _BAD_WEIGHT,
 * naming the row. */
gradus_status gradus_i_panel_append(gradus_i_panel *panel, const gradus_i_layout *layout,
                                    const gradus_batch *batch, gradus_error *err);

/* Whether all weights are finite and at least 0: else _BAD_WEIGHT, naming the row. */
gradus_status gradus_i_check_weights(const gradus_batch *batch, gradus_error *err);
/* Number of a batch's row in the data, from 1, for messages. */
size_t gradus_i_batch_row(const gradus_batch *batch, size_t i);

/* Whether residuals are shown times √w: for weights that say something about a row's variance. */
bool gradus_i_weighs_residuals(const gradus_source *source);

/* ---- least squares ---- */

/* What a solver report may say: static storage, so that a model file's words can be found again. */
#define GRADUS_I_SOLVER_WORDS(X)                                                                   \
  X(CHOLESKY, "cholesky")                                                                          \
  X(QR, "qr")                                                                                      \
  X(SVD, "svd")                                                                                    \
  X(CLOSED_FORM, "closed form")                                                                    \
  X(IRLS, "irls")                                                                                  \
  X(STANDSTILL, "the estimates stand still")                                                       \
  X(MAX_ITERATIONS, "the maximum number of iterations")                                            \
  X(NO_DESCENT, "no step lowers the deviance")                                                     \
  X(NEWTON, "newton")                                                                              \
  X(LBFGS, "lbfgs")                                                                                \
  X(LEVENBERG_MARQUARDT, "levenberg-marquardt")                                                    \
  X(GRADIENT_DESCENT, "gradient-descent")                                                          \
  X(GRADIENT, "the gradient is within the tolerance")                                              \
  X(NO_STEP, "no step lowers the loss")                                                            \
  X(CALLER, "the progress function ended it")                                                      \
  X(ASKED, "it was asked to stop")                                                                 \
  X(NOT_FINITE, "the loss or its gradient is no longer finite")                                    \
  X(PATIENCE, "the validation loss no longer falls")                                               \
  X(HOW_NEWTON, "Newton's method with the Fisher matrix")                                          \
  X(HOW_LBFGS, "limited-memory BFGS with a strong-Wolfe line search")                              \
  X(HOW_DAMPED, "Levenberg-Marquardt with Nielsen's damping")                                      \
  X(HOW_DESCENT, "gradient descent")                                                               \
  X(NO_ASCENT, "no step raises the penalised likelihood")                                          \
  X(HOW_FIRTH, "Firth's modified scoring (Jeffreys' prior)")                                       \
  X(SEPARATED, "every row is fitted at infinity")                                                  \
  X(HOW_IRLS, "iteratively reweighted least squares")                                              \
  X(HOW_CHOLESKY, "Cholesky factor of the centred Gram matrix, refined by residuals")              \
  X(HOW_QR, "Householder QR, refined by double-double residuals")                                  \
  X(HOW_EXTENDED, "Householder QR, then double-double arithmetic")                                 \
  X(HOW_SVD, "singular value decomposition, minimum norm")
enum {
#define GRADUS_X(name, text) GRADUS_I_WORD_##name,
  GRADUS_I_SOLVER_WORDS(GRADUS_X)
#undef GRADUS_X
      GRADUS_I_WORD_COUNT
};
extern const char *const gradus_i_solver_words[GRADUS_I_WORD_COUNT];

typedef enum gradus_i_method {
  GRADUS_I_METHOD_AUTO,
  GRADUS_I_METHOD_CHOLESKY,
  GRADUS_I_METHOD_QR,
  GRADUS_I_METHOD_SVD
} gradus_i_method;

typedef struct gradus_i_least_squares_options {
  gradus_i_method method;
  bool no_intercept;
  double l2;            /* ridge, beside the mean loss; not on the intercept */
  double ridge_weight;  /* what l2 is multiplied by in the place of Σw, if above 0 */
  bool ridge_intercept; /* ridge on the intercept as well */
  int threads;
  /* k×q: estimates in the units of the data to be taken as they are, in the place of the solution:
     sums, residuals and certificate are theirs; NULL: none. Dropped columns must be 0. */
  const double *given;
  bool rough;    /* rank, root and coefficients as the factor gives them: no residuals, no sums of
                    squares */
  bool any_rank; /* as many parameters as rows are no error */
} gradus_i_least_squares_options;

/* A problem on its way to its solution. With Z the scaled columns and y the scaled response less
   the offset, it minimises Σw(y - Zc)² + Σ ridge_j c_j². The estimates are b_j = c_j * scale_j /
   scale_{q+r}. */
typedef struct gradus_i_least_squares {
  const gradus_source *source;
  gradus_i_least_squares_options options;
  gradus_i_layout layout;

  size_t rank;
  bool *dropped;    /* q: the column is determined by earlier ones */
  double *relation; /* q×q row-major, NULL if none is dropped: how the columns of Z make a dropped
                       one */
  double *root;     /* q×rank, leading dimension q: (ZᵀWZ + ridge)⁻¹ = root·rootᵀ */
  gradus_i_extended *coefficients; /* q per response */
  double *norm; /* q + k: weighted norms of the columns of Z and of the responses */

  size_t rows; /* with weight > 0 */
  double sum_weight, sum_log_weight;
  double *ridge;           /* q */
  double *rss, *tss, *mss; /* k, scaled; tss is about the mean if there is an intercept; mss that of
                              the fitted values */
  bool *constant;          /* k: the response less the offset has a single value */
  /* √w(y - Zc) (without √w for frequency weights), one response after the other, scaled; NaN for
     rows of weight 0; NULL if the source does not know its number of rows. */
  double *residuals;
  size_t residual_rows;

  double condition;           /* of the columns at one length, centred if there is an intercept */
  double numerical_condition; /* not centred: what rounding errors are multiplied by */
  double certificate;
  size_t iterations;
  const char *name, *how; /* static storage */
} gradus_i_least_squares;

gradus_status gradus_i_least_squares_solve(gradus_i_least_squares **solution,
                                           const gradus_source *source,
                                           const gradus_i_least_squares_options *options,
                                           gradus_error *err);
void gradus_i_least_squares_free(gradus_i_least_squares *solution);

/* What inference needs of the weighted problem whose Gram matrix is known, as Newton's method
   leaves it behind: rank, root and condition, no coefficients and no sums. gram: q×q, upper
   triangle, column-major, the intercept first. *solution is NULL, without an error, if the matrix
   is not positive definite or its factor loses digits that QR of the rows would keep. */
gradus_status gradus_i_least_squares_of_gram(gradus_i_least_squares **solution,
                                             const gradus_source *source,
                                             const gradus_i_least_squares_options *options,
                                             const double *gram, gradus_error *err);

/* Steps of the above, each in a file of its own. */

/* A problem with all its arrays but relation and residuals; NULL: out of memory. */
gradus_i_least_squares *gradus_i_least_squares_new(const gradus_source *source,
                                                   const gradus_i_least_squares_options *options);

/* By the Cholesky factor of the centred Gram matrix. *done is false, and nothing kept, if that
 * would lose digits. */
gradus_status gradus_i_solve_gram(gradus_i_least_squares *s, bool *done, gradus_error *err);
/* Weighted norms of the columns, from the triangle. */
void gradus_i_set_norms(gradus_i_least_squares *s, const double *r);
/* From the triangle R ((q+k)², upper, column-major) of [Z y]: rank, relations, root, condition,
 * coefficients. */
gradus_status gradus_i_solve_triangle(gradus_i_least_squares *s, double *r, gradus_error *err);
/* The same by singular values: the solution of minimum norm. */
gradus_status gradus_i_solve_svd(gradus_i_least_squares *s, double *r, gradus_error *err);
/* The triangle of a source by blocks of rows, with scales and sums from a first pass. */
gradus_status gradus_i_rows_triangle(gradus_i_least_squares *s, double *r, gradus_error *err);
/* Rows, sums and scales of a source in one pass. */
gradus_status gradus_i_scan_source(gradus_i_least_squares *s, gradus_error *err);
/* ridge from l2, sum_weight and the scales. */
void gradus_i_set_ridge(gradus_i_least_squares *s);

/* The two below find their rows in one panel, or (NULL) in the source. */
/* Normal equations of Z·root, nearly orthonormal, in double-double: coefficients and root right to
 * the last digit. */
gradus_status gradus_i_solve_extended(gradus_i_least_squares *s, const gradus_i_panel *panel,
                                      gradus_error *err);
/* Residuals in double-double and steps along them until the estimates stand still; sums of squares,
 * certificate. */
gradus_status gradus_i_refine_extended(gradus_i_least_squares *s, const gradus_i_panel *panel,
                                       gradus_error *err);

#endif
