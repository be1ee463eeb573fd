// SPDX-License-Identifier: GPL-3.0-or-later
/* One pass over rows of data while they are in the cache: linear predictors, losses, their
   derivatives, and the sums that a solver needs. The sums have a fixed order: they depend on the
   rows of a call and on the machine's instruction set, not on threads. */
#ifndef GRADUS_LINALG_FUSED_H
#define GRADUS_LINALG_FUSED_H

#include "elementwise.h"

#include <stdbool.h>

/* ---- losses of rows ---- */

/* Losses of `rows` rows as functions of their linear predictors η, each with the row's weight:
     loss[i]       weight·ℓ(yᵢ, ηᵢ),
     slope[i]      its first derivative by η (weight·(μ − y) for a canonical link: a gradient of the
                   loss, minus the score),
     curvature[i]  its second derivative, or that one's expectation (an IRLS weight).
   Outputs are not NULL and overlap nothing. */
typedef void gradus_i_row_loss(size_t rows, const double *eta, const double *y,
                               const double *weight, const void *family, double *loss,
                               double *slope, double *curvature);

/* y in 0..1, logit link: ℓ = log(1 + e^η) − yη. Both tails keep their digits; infinite η gives no
   NaN. `family` is not used. */
gradus_i_row_loss gradus_i_row_loss_logistic;
/* Log link: ℓ = e^η − yη (log y! is left out). `family` is not used. */
gradus_i_row_loss gradus_i_row_loss_poisson;
/* Identity link: ℓ = (η − y)²/2. `family` is not used. */
gradus_i_row_loss gradus_i_row_loss_gaussian;

/* Softmax with cross-entropy: eta is rows×k with a distance of `step` >= k between rows; y is the
   class, 0..k−1. A reference class is a column of zeros. On return loss[i] = wᵢ·(log Σⱼ exp ηᵢⱼ −
   ηᵢ,y), eta holds the probabilities, and slope (rows×k, distance step; may be NULL)
   wᵢ·(probability − 1{j = y}). Columns beyond k are read and written up to a multiple of 8 if step
   has room for them: fill them with −INFINITY or leave step = k. */
void gradus_i_rows_softmax_loss(size_t rows, size_t k, size_t step, double *eta, const double *y,
                                const double *weight, double *loss, double *slope);

/* Sum in eight interleaved lanes, whatever the machine's vectors hold. */
double gradus_i_ordered_sum(size_t n, const double *x);

/* ---- one pass ---- */

typedef struct gradus_i_fused_rows {
  size_t rows, columns;          /* of X */
  const double *x;               /* row-major */
  size_t stride;                 /* from row to row of x */
  const double *centre, *factor; /* one per column: rows count as (x − centre)·factor; NULL: as they
                                    are */
  const size_t *index; /* NULL, or the numbers of the rows to take of x, y, weight and offset */
  const size_t *next;  /* NULL, or the numbers of rows that the next call takes, so that they are
                          fetched into the cache meanwhile: `coming` of them */
  size_t coming;
  const double *y;       /* one per row */
  const double *weight;  /* NULL: all 1 */
  const double *offset;  /* NULL: all 0; for one linear predictor only */
  const double *weights; /* the parameters: columns, or classes×columns row-major */
  const double *bias;    /* NULL (none), or one, or one per class */
  gradus_i_row_loss *loss;
  const void *family; /* for `loss` */
  size_t classes;     /* for softmax: rows of `weights` */
  bool reference;     /* softmax: class 0 has no row, classes are 1..classes */
  bool matrix;        /* whether the sums have a matrix */
  double *eta;        /* NULL, or where linear predictors go, one per row of the call */
} gradus_i_fused_rows;

/* Sums of a pass, in this order: loss, weight, gradient by the weights (row-major for softmax),
   gradient by the bias(es), and the matrix: the sum of second derivatives (for softmax and
   canonical links; else of their expectations) by the parameters in the same order, column-major,
   only its upper triangle: Σ curvature·x̃x̃ᵀ with x̃ = (x, 1), and for softmax Σ w·p_c(1{c = d} −
   p_d)·x̃x̃ᵀ for each pair of classes. Without a bias its places stay as they were. */
enum { GRADUS_I_FUSED_LOSS, GRADUS_I_FUSED_WEIGHT, GRADUS_I_FUSED_GRADIENT };
/* How many doubles sums and scratch have, for the fields columns, classes and matrix. */
size_t gradus_i_fused_sums_length(const gradus_i_fused_rows *in);
size_t gradus_i_fused_scratch_length(const gradus_i_fused_rows *in);

/* Adds the rows' sums to `sums`. About 200 nanoseconds beside the rows: calls of one batch of 64
   rows are fine. scratch needs no alignment and holds nothing between calls. */
void gradus_i_fused_pass(const gradus_i_fused_rows *in, double *sums, double *scratch);
/* The same for softmax: y is the class; loss and family are not used. */
void gradus_i_fused_softmax(const gradus_i_fused_rows *in, double *sums, double *scratch);

/* ---- the kernels that passes are made of, for tests and measurements ---- */
enum {
  GRADUS_I_FUSED_BLOCK = 64, /* rows that are in the cache together */
  GRADUS_I_FUSED_UNIT = 8    /* columns are padded to a multiple of it */
};

typedef struct gradus_i_fused_kernels {
  /* block (rows×padded) = rows of x, its first `columns` columns; the rest is not touched. Fetches
     the rows that `next` names, `coming` of them, into the cache. */
  void (*pack)(size_t rows, size_t columns, const double *x, size_t stride, const size_t *index,
               size_t coming, const size_t *next, size_t padded, double *block);
  /* block = (block − centre)·factor, both `padded` long. */
  void (*standardise)(size_t rows, size_t padded, const double *centre, const double *factor,
                      double *block);
  /* eta = block·weights; rows rounded up to a multiple of 8. */
  void (*predict)(size_t rows, size_t padded, const double *block, const double *weights,
                  double *eta);
  /* gradient += blockᵀ·slope; rows a multiple of 8. */
  void (*gradient)(size_t rows, size_t padded, const double *block, const double *slope,
                   double *gradient);
  /* scaled = diag(factor)·block. */
  void (*scale)(size_t rows, size_t padded, const double *block, const double *factor,
                double *scaled);
  /* out (n×m, distance out_step) += Σ over `rows` of a[i]·b[i]ᵀ; element l of a[i] is
     a[i*a_step + l*a_next]; b[i] is m long at b + i*b_step. n and m are multiples of 8. triangle:
     only the blocks that touch the lower triangle. */
  void (*product)(size_t rows, size_t n, size_t m, const double *a, size_t a_step, size_t a_next,
                  const double *b, size_t b_step, double *out, size_t out_step, bool triangle);
  gradus_i_row_loss *logistic, *poisson, *gaussian;
  void (*softmax)(size_t rows, size_t k, size_t step, double *eta, const double *y,
                  const double *weight, double *loss, double *slope);
} gradus_i_fused_kernels;
/* NULL if this machine or this build lacks the instruction set. */
const gradus_i_fused_kernels *gradus_i_fused_table(gradus_i_instructions instructions);

#endif
