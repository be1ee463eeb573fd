// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks over rows in memory, as the solvers see them. */
#ifndef GRADUS_TESTS_NETWORK_PROBLEM_H
#define GRADUS_TESTS_NETWORK_PROBLEM_H

#include "../../lib/objective/network_objective.h"
#include "../../lib/solver/solver.h"
#include "support.h"

/* Owns all of it; the objective points into the struct, which is not copied. */
typedef struct network_problem {
  gsl_matrix *x, *y;
  gsl_vector *weights; /* NULL: none */
  gradus_source *source;
  gradus_i_network *network;
  gradus_i_network_state state; /* for model.state, where that is wanted */
  gradus_i_network_model model;
  gradus_i_objective objective;
} network_problem;

void network_problem_add(network_problem *p, const gradus_i_node *node);
/* x, y, weights and network are there: adds source, model and objective, without a penalty, in
   double precision and on one thread. kind: of weights. */
void network_problem_finish(network_problem *p, const gradus_i_loss *loss, gradus_weight_kind kind);
void network_problem_close(network_problem *p);

#endif
