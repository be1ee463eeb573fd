// SPDX-License-Identifier: GPL-3.0-or-later
/* A network and a loss as an objective: what regression is with hidden layers. */
#ifndef GRADUS_OBJECTIVE_NETWORK_OBJECTIVE_H
#define GRADUS_OBJECTIVE_NETWORK_OBJECTIVE_H

#include "../layer/layer.h"
#include "loss.h"

/* What changes from one evaluation to the next. */
typedef struct gradus_i_network_state {
  uint64_t seed;       /* of the whole training */
  uint64_t evaluation; /* number of the mini-batch: dropout's masks depend on it and on the row */
  bool training;       /* in mini-batches; passes over all rows see the network as it predicts */
  /* The solver's θ, whose running statistics (batch norm) every mini-batch moves; NULL: they stay.
   */
  double *running;
} gradus_i_network_state;

typedef struct gradus_i_network_model {
  const gradus_i_network *network;
  const gradus_i_loss *loss; /* of the last node's output */
  const void *loss_data;
  gradus_i_precision precision;
  gradus_i_network_state *state;
  /* Outputs and responses are there at each of so many steps of a row, those beyond its length not
     counting; 0: once a row. The matrix is not to be had then. */
  size_t steps;
} gradus_i_network_model;

/* A batch goes through in blocks of rows; whole, where a layer mixes rows and there is a state, so
   that a batch norm sees all of it: such a mini-batch must come in one call.

   Its matrix is the Gauss-Newton matrix Σ w JᵀCJ, J the derivatives of a row's outputs by θ and C
   the loss' curvature there; only for double precision, and where every layer has rows_gradient.
   Offsets are added to the outputs. */
extern const gradus_i_objective_type gradus_i_network_type;       /* order MATRIX */
extern const gradus_i_objective_type gradus_i_network_plain_type; /* order GRADIENT */

/* Upper-triangular L with LᵀL = c (k×k, positive semidefinite), in place; below it c is left. */
void gradus_i_curvature_root(size_t k, double *c);
/* Parts of the above that its files share: told of every evaluation; and what a tape needs of the
   state. */
extern const gradus_i_training_type gradus_i_network_training;
void gradus_i_network_begin(const void *model, bool mini_batch);
void gradus_i_network_set_tape(const gradus_i_network_model *model, gradus_i_tape *tape);
/* Losses (order LOSS), scores (in the place of eta: rows × outputs) and curvatures of rows that
   have gone through the tape, added to the sums as gradus_i_objective_type has them; scratch: so
   many doubles as the function below says. */
void gradus_i_network_loss(const gradus_i_network_model *model, gradus_i_order order,
                           const gradus_batch *part, const gradus_i_tape *tape, double *eta,
                           double *curvature, double *sums, double *scratch);
size_t gradus_i_network_loss_scratch(const gradus_i_network_model *model, size_t rows);
/* A batch of sequences as a batch of their rows·steps steps, without inputs: responses side by side
   (m at each step) in `memory`, rows·steps·(m + 1) doubles; steps at lengths[i] (NULL: none) and
   beyond weigh 0. */
gradus_batch gradus_i_steps_batch(const gradus_batch *batch, size_t steps, size_t m,
                                  const double *lengths, double *memory);
/* The next `count` doubles of a block of memory; NULL without one, when only its size is asked for.
 */
double *gradus_i_take(double *block, size_t *used, size_t count);

#endif
