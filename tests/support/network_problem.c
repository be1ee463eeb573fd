// SPDX-License-Identifier: GPL-3.0-or-later
#include "network_problem.h"

void network_problem_add(network_problem *p, const gradus_i_node *node) {
  CHECK_STATUS(gradus_i_network_add(p->network, node, NULL, NULL), GRADUS_OK, NULL);
}

void network_problem_finish(network_problem *p, const gradus_i_loss *loss,
                            gradus_weight_kind kind) {
  CHECK_STATUS(gradus_source_from_matrix(&p->source, p->x, p->y, p->weights, kind, NULL, NULL),
               GRADUS_OK, NULL);
  CU_ASSERT_TRUE_FATAL(p->source && p->network);
  p->model = (gradus_i_network_model){.network = p->network, .loss = loss};
  p->objective = (gradus_i_objective){.type = &gradus_i_network_type,
                                      .model = &p->model,
                                      .source = p->source,
                                      .dim = gradus_params_size(p->network->params),
                                      .row_size = p->x->size2 + p->y->size2,
                                      .threads = 1};
}

void network_problem_close(network_problem *p) {
  gradus_i_network_free(p->network);
  gradus_source_free(p->source);
  gsl_matrix_free(p->x);
  gsl_matrix_free(p->y);
  gsl_vector_free(p->weights);
}
