// SPDX-License-Identifier: GPL-3.0-or-later
/* Losses of linear predictors, and the affine objective: η = W x + b (+ offset), then a loss. What
   follows the last affine map of any model, a network's included. */
#ifndef GRADUS_OBJECTIVE_LOSS_H
#define GRADUS_OBJECTIVE_LOSS_H

#include "../linalg/fused.h"
#include "internal.h"
#include "objective.h"
#include <gradus/layer.h>

/* A loss of k linear predictors a row. */
typedef struct gradus_i_loss {
  const char *name;
  gradus_i_order order; /* the highest that it has */
  /* Adds Σ wℓ of the rows to *sum (+Inf where a predictor is not allowed). eta: rows×k; for order
     GRADIENT it is overwritten by the scores w ∂ℓ/∂η; for order MATRIX curvature (rows×k×k) gets
     w E ∂²ℓ/∂η∂η, at least 0 on its diagonal and at most 0 off it. */
  void (*rows)(const void *data, gradus_i_order order, const gradus_batch *batch, size_t k,
               double *eta, double *curvature, double *sum);
  /* The same as a kernel for fused passes, for k = 1; NULL, or returns NULL: there is none. It may
     leave out what does not depend on η. */
  gradus_i_row_loss *(*fused)(const void *data);
} gradus_i_loss;

/* Half the unit deviance of a family and a link, k = 1; data: gradus_i_glm_loss. */
typedef struct gradus_i_glm_loss {
  const gradus_i_family *family;
  const gradus_i_link *link;
  double shape; /* of the family, if it has one */
} gradus_i_glm_loss;
extern const gradus_i_loss gradus_i_loss_glm;
/* The kernel of a family and link, or NULL. */
gradus_i_row_loss *gradus_i_glm_row_loss(const gradus_i_family *family, const gradus_i_link *link);
/* |y - η|²/2 of k responses; no data. */
extern const gradus_i_loss gradus_i_loss_gaussian;
/* -log of the probability of class y by softmax, where class 0 has the predictor 0: k free rows; no
   data. The y of rows that weigh anything are whole numbers from 0 to k: who makes the source sees
   to that. */
extern const gradus_i_loss gradus_i_loss_softmax;
/* The same where not every class is possible in every row: y is the class, then for each of the k +
   1 classes whether it is (1 or 0); the row's own always is. */
extern const gradus_i_loss gradus_i_loss_conditional_softmax;
/* A user's loss of k ≤ GRADUS_LOSS_OUTPUTS predictors, which has no curvature; data:
   gradus_i_custom_loss. */
typedef struct gradus_i_custom_loss {
  const gradus_loss *loss;
  size_t responses; /* columns of y */
} gradus_i_custom_loss;
extern const gradus_i_loss gradus_i_loss_custom;

/* θ = W (k×p, row-major), then b (k, if there is a bias): the order of output.weight, output.bias.
 */
typedef struct gradus_i_affine {
  size_t p, k;
  bool bias;
  const gradus_i_loss *loss;
  const void *loss_data;
  const double *centre, *factor; /* p: the x of the objective is (inputs - centre)·factor; NULL: the
                                    inputs */
} gradus_i_affine;

/* eta (rows×k) = the linear predictors of a batch, whose inputs are taken for x. */
void gradus_i_affine_predict(const gradus_i_affine *model, const double *theta,
                             const gradus_batch *batch, double *eta);

/* model: a gradus_i_affine. Its order is that of all losses here: MATRIX. */
extern const gradus_i_objective_type gradus_i_affine_type;

#endif
