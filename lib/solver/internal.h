// SPDX-License-Identifier: GPL-3.0-or-later
/* Solver layer: passes over a source in chunks of rows, and least squares in closed form. */
#ifndef GRADUS_SOLVER_INTERNAL_H
#define GRADUS_SOLVER_INTERNAL_H

#include "../data/internal.h"
#include "../linalg/internal.h"

/* ---- passes ---- */

/* One pass over a source in chunks of rows. Each chunk is reduced to an accumulator of doubles
   (zeroed before), and accumulators are added to the total in the order of the chunks, whatever
   thread made them: the bits do not depend on the number of threads. */
typedef struct gradus_i_pass {
  size_t chunk_rows;
  size_t accumulator_size; /* in doubles */
  size_t scratch_size;     /* in doubles, per thread */
  gradus_status (*process)(void *context, const gradus_batch *batch, double *accumulator,
                           double *scratch, gradus_error *err);
  /* NULL: total[i] += accumulator[i]. */
  gradus_status (*merge)(void *context, double *total, const double *accumulator,
                         gradus_error *err);
} gradus_i_pass;
gradus_status gradus_i_pass_run(const gradus_i_pass *pass, void *context,
                                const gradus_source *source, int threads, double *total,
                                gradus_error *err);
/* A chunk of about half a megabyte for rows of this many doubles. */
size_t gradus_i_chunk_rows(size_t row_size);

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
  double *y, *y_low;     /* k columns; y_low NULL: all zero */
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

/* Number of a batch's row in the data, from 1, for messages. */
size_t gradus_i_batch_row(const gradus_batch *batch, size_t i);

/* ---- least squares ---- */

typedef enum gradus_i_method {
  GRADUS_I_METHOD_AUTO,
  GRADUS_I_METHOD_CHOLESKY,
  GRADUS_I_METHOD_QR,
  GRADUS_I_METHOD_SVD
} gradus_i_method;

typedef struct gradus_i_least_squares_options {
  gradus_i_method method;
  bool no_intercept;
  double l2; /* ridge: beside the mean loss; not on the intercept */
  int threads;
} gradus_i_least_squares_options;

/* The solution. Coefficients are those of the scaled problem: b_j = coefficient_j * scale_j /
 * scale_{q+r}. */
typedef struct gradus_i_least_squares {
  gradus_i_layout layout;
  size_t rank;
  bool *dropped;    /* q */
  double *relation; /* q×q row-major: a dropped column's combination of the others; NULL if none is
                       dropped */
  double *root;     /* q×rank column-major: (ZᵀWZ + ridge)⁻¹ = root·rootᵀ up to rounding */
  double *inverse;  /* q×q: (ZᵀWZ + ridge)⁻¹ */
  gradus_i_extended *coefficients; /* k×q */
  double *norm;                    /* q: of the columns of Z, weighted */
  double *response_norm;           /* k */

  size_t rows; /* with weight > 0 */
  double sum_weight, sum_log_weight;
  double *ridge;           /* q, in scaled units; all zero without l2 */
  double *rss, *tss, *mss; /* k, in scaled units; tss about the mean if there is an intercept */
  bool *constant;          /* k: the response has one value */
  double *residuals; /* rows×k in the order of the source, √w(y - Zc), scaled units; may be NULL
                        (unknown number of rows) */

  double condition, certificate;
  size_t iterations;
  const char *name, *how; /* static storage */
} gradus_i_least_squares;

gradus_status gradus_i_least_squares_solve(gradus_i_least_squares **solution,
                                           const gradus_source *source,
                                           const gradus_i_least_squares_options *options,
                                           gradus_error *err);
void gradus_i_least_squares_free(gradus_i_least_squares *solution);

#endif
