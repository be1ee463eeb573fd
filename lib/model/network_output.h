// SPDX-License-Identifier: GPL-3.0-or-later
/* The output layer of a network in closed form. */
#ifndef GRADUS_MODEL_NETWORK_OUTPUT_H
#define GRADUS_MODEL_NETWORK_OUTPUT_H

#include "../objective/network_objective.h"

/* With all other parameters held, puts the least-squares solution into output.weight and
   output.bias, of a network (the objective's model, in double precision) whose loss is
   gradus_i_loss_gaussian and whose last node is the dense node "output", or a sum that has its
   output as one term. The penalty is the objective's. Where hidden units say the same, or nothing,
   the weights of all but one are 0. F never rises: θ stays as it is where rounding alone would move
   it. Errors: _UNSUPPORTED (another loss or last layer; weights of the output that are frozen in
   part, or whose penalties differ), those of gradus_i_least_squares_solve. */
gradus_status gradus_i_network_solve_output(const gradus_i_objective *objective, double *theta,
                                            gradus_error *err);

/* Its output layer: the dense node "output" that it ends in, or that is a term of its last sum; 0
   if there is none. */
size_t gradus_i_network_output_node(const gradus_i_network *network);

#endif
