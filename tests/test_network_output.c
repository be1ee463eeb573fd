// SPDX-License-Identifier: GPL-3.0-or-later
/* The output layer in closed form: an optimum in its parameters, and never a rise. */
#include "../lib/model/network_output.h"
#include "support/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 211, INPUTS = 3, OUTPUTS = 2, DIM_MAX = 100 };

typedef struct made {
  gsl_matrix *x, *y;
  gsl_vector *weights;
  gradus_source *source;
  gradus_i_network *network;
  gradus_i_network_model model;
  gradus_i_objective objective;
  double penalty[DIM_MAX], theta[DIM_MAX];
} made;

static double draw(unsigned long *state) {
  *state = *state * 6364136223846793005UL + 1442695040888963407UL;
  return (double)(*state >> 11) / 9007199254740992.0 - 0.5;
}

static void add(gradus_i_network *network, const gradus_i_node *node) {
  CHECK_STATUS(gradus_i_network_add(network, node, NULL, NULL), GRADUS_OK, NULL);
}

static gradus_i_node dense(char *name, size_t from, size_t units) {
  return (gradus_i_node){.type = &gradus_i_layer_dense,
                         .name = name,
                         .inputs = {from},
                         .input_count = 1,
                         .units = units};
}

/* hidden: 0 or a width; skip: a linear map from the inputs beside it. */
static void open_made(made *m, size_t hidden, bool skip, double l2) {
  unsigned long state = 7;
  gradus_i_shape shape = gradus_i_shape_of(INPUTS);
  *m = (made){.x = gsl_matrix_alloc(ROWS, INPUTS),
              .y = gsl_matrix_alloc(ROWS, OUTPUTS),
              .weights = gsl_vector_alloc(ROWS)};
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < INPUTS; j++)
      gsl_matrix_set(m->x, i, j, 4 * draw(&state));
    gsl_matrix_set(m->y, i, 0, sin(gsl_matrix_get(m->x, i, 0)) + draw(&state));
    gsl_matrix_set(m->y, i, 1, 100 * gsl_matrix_get(m->x, i, 1) + draw(&state));
    gsl_vector_set(m->weights, i, i % 5 == 0 ? 0 : 1 + draw(&state));
  }
  gradus_source_from_matrix(&m->source, m->x, m->y, m->weights, GRADUS_WEIGHT_ANALYTIC, NULL, NULL);
  gradus_i_network_new(&m->network, &shape, NULL);
  CU_ASSERT_TRUE_FATAL(m->source && m->network);
  gradus_i_node node = dense((char[]){"hidden1"}, 0, hidden);
  if (hidden > 0) {
    add(m->network, &node);
    add(m->network, &(gradus_i_node){.type = &gradus_i_layer_activation,
                                     .name = (char[]){"activation1"},
                                     .activation = gradus_i_activation_find("relu")});
  }
  size_t from = m->network->count - 1;
  node = dense((char[]){"output"}, from, OUTPUTS);
  add(m->network, &node);
  if (skip) {
    node = dense((char[]){"skip"}, 0, OUTPUTS);
    node.no_bias = true;
    add(m->network, &node);
    add(m->network, &(gradus_i_node){.type = &gradus_i_layer_add,
                                     .name = (char[]){"sum"},
                                     .inputs = {from + 1, from + 2},
                                     .input_count = 2});
  }
  m->model = (gradus_i_network_model){.network = m->network, .loss = &gradus_i_loss_gaussian};
  m->objective = (gradus_i_objective){.type = &gradus_i_network_type,
                                      .model = &m->model,
                                      .source = m->source,
                                      .dim = gradus_params_size(m->network->params),
                                      .row_size = INPUTS + OUTPUTS,
                                      .threads = 1};
  for (size_t b = 0; b < gradus_params_blocks(m->network->params); b++) {
    const gradus_block *block = gradus_params_block(m->network->params, b);
    for (size_t j = 0; j < block->size; j++)
      m->penalty[block->offset + j] = block->role == GRADUS_ROLE_WEIGHT ? l2 : 0;
  }
  m->objective.penalty = l2 > 0 ? m->penalty : NULL;
  for (size_t j = 0; j < m->objective.dim; j++)
    m->theta[j] = 2 * draw(&state);
}

static void close_made(made *m) {
  gradus_source_free(m->source);
  gradus_i_network_free(m->network);
  gsl_matrix_free(m->x);
  gsl_matrix_free(m->y);
  gsl_vector_free(m->weights);
}

static void the_gradient_by_the_output_is_zero(void) {
  static const struct {
    size_t hidden;
    bool skip;
    double l2;
  } cases[] = {{0, false, 0}, {6, false, 0}, {6, false, 0.1}, {6, true, 0}, {6, true, 0.03}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    made m;
    double before, after, gradient[DIM_MAX], start[DIM_MAX];
    open_made(&m, cases[c].hidden, cases[c].skip, cases[c].l2);
    memcpy(start, m.theta, sizeof start);
    evaluate_afresh(&m.objective, m.theta, &before, NULL);
    CHECK_STATUS(gradus_i_network_solve_output(&m.objective, m.theta, NULL), GRADUS_OK, NULL);
    evaluate_afresh(&m.objective, m.theta, &after, gradient);
    CU_ASSERT_TRUE(after < before);
    const gradus_block *weight = gradus_params_find(m.network->params, "output.weight");
    const gradus_block *bias = gradus_params_find(m.network->params, "output.bias");
    for (size_t j = 0; j < m.objective.dim; j++) {
      bool own = j >= weight->offset && j < bias->offset + bias->size;
      if (own)
        CHECK_CLOSE(gradient[j], 0, 1e-10);
      else
        CHECK_CLOSE(m.theta[j], start[j], 0);
    }
    close_made(&m);
  }
}

static void a_second_time_nothing_rises(void) {
  made m;
  double first, second;
  open_made(&m, 6, false, 0.01);
  gradus_i_network_solve_output(&m.objective, m.theta, NULL);
  evaluate_afresh(&m.objective, m.theta, &first, NULL);
  gradus_i_network_solve_output(&m.objective, m.theta, NULL);
  evaluate_afresh(&m.objective, m.theta, &second, NULL);
  CU_ASSERT_TRUE(second <= first);
  CHECK_CLOSE(second, first, 1e-14);
  close_made(&m);
}

static void units_that_say_the_same_or_nothing_get_no_weight(void) {
  made m;
  double before, after, gradient[DIM_MAX];
  open_made(&m, 6, false, 0);
  const gradus_block *bias = gradus_params_find(m.network->params, "hidden1.bias");
  const gradus_block *weight = gradus_params_find(m.network->params, "output.weight");
  m.theta[bias->offset + 1] = -1000;                               /* dead */
  memcpy(m.theta + INPUTS * 3, m.theta, INPUTS * sizeof *m.theta); /* unit 3 as unit 0 */
  m.theta[bias->offset + 3] = m.theta[bias->offset];
  evaluate_afresh(&m.objective, m.theta, &before, NULL);
  CHECK_STATUS(gradus_i_network_solve_output(&m.objective, m.theta, NULL), GRADUS_OK, NULL);
  evaluate_afresh(&m.objective, m.theta, &after, gradient);
  CU_ASSERT_TRUE(after < before);
  for (size_t r = 0; r < OUTPUTS; r++) {
    CHECK_CLOSE(m.theta[weight->offset + r * 6 + 1], 0, 0);
    CHECK_CLOSE(m.theta[weight->offset + r * 6 + 3], 0, 0);
    for (size_t j = 0; j < 6; j++)
      CHECK_CLOSE(gradient[weight->offset + r * 6 + j], 0, 1e-10);
  }
  close_made(&m);
}

static void what_has_no_closed_form_is_told(void) {
  made m;
  gradus_error err = {0};
  open_made(&m, 6, false, 0.1);
  m.penalty[gradus_params_find(m.network->params, "output.weight")->offset] = 3;
  CHECK_STATUS(gradus_i_network_solve_output(&m.objective, m.theta, &err), GRADUS_ERROR_UNSUPPORTED,
               &err);
  CHECK_CONTAINS(err.message, "one penalty");
  err = (gradus_error){0};
  m.model.loss = &gradus_i_loss_softmax;
  CHECK_STATUS(gradus_i_network_solve_output(&m.objective, m.theta, &err), GRADUS_ERROR_UNSUPPORTED,
               &err);
  CHECK_CONTAINS(err.message, "gaussian");
  close_made(&m);
}

static void every_allocation_may_fail(void) {
  made m;
  open_made(&m, 6, true, 0.1);
  for (size_t k = 0;; k++) {
    test_allocations_begin(k);
    gradus_status status = gradus_i_network_solve_output(&m.objective, m.theta, NULL);
    CU_ASSERT_EQUAL(test_allocations_live(), 0);
    bool all = test_allocations_end() <= k;
    CHECK_STATUS(status, all ? GRADUS_OK : GRADUS_ERROR_OUT_OF_MEMORY, NULL);
    if (all)
      break;
  }
  close_made(&m);
}

int main(void) {
  static const test_case cases[] = {
      {"the gradient by the output is 0", the_gradient_by_the_output_is_zero},
      {"a second time nothing rises", a_second_time_nothing_rises},
      {"units that say the same, or nothing, get no weight",
       units_that_say_the_same_or_nothing_get_no_weight},
      {"what has no closed form is told", what_has_no_closed_form_is_told},
      {"every allocation may fail", every_allocation_may_fail},
  };
  return test_main("network_output", cases, sizeof cases / sizeof *cases);
}
