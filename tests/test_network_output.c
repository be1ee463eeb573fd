// SPDX-License-Identifier: GPL-3.0-or-later
/* The output layer in closed form: an optimum in its parameters, and never a rise. */
#include "../lib/model/network_output.h"
#include "support/network_problem.h"
#include "support/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 211, INPUTS = 3, OUTPUTS = 2, DIM_MAX = 100 };

typedef struct made {
  network_problem rows;
  double penalty[DIM_MAX], theta[DIM_MAX];
} made;

static gradus_i_node dense(char *name, size_t from, size_t units) {
  return (gradus_i_node){.type = &gradus_i_layer_dense,
                         .name = name,
                         .inputs = {from},
                         .input_count = 1,
                         .units = units};
}

/* hidden: 0 or a width; skip: a linear map from the inputs beside it. */
static void open_made(made *m, size_t hidden, bool skip, double l2) {
  uint64_t state = 7;
  gradus_i_shape shape = gradus_i_shape_of(INPUTS);
  network_problem *p = &m->rows;
  *m = (made){0};
  *p = (network_problem){.x = gsl_matrix_alloc(ROWS, INPUTS),
                         .y = gsl_matrix_alloc(ROWS, OUTPUTS),
                         .weights = gsl_vector_alloc(ROWS)};
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < INPUTS; j++)
      gsl_matrix_set(p->x, i, j, 4 * test_draw(&state));
    gsl_matrix_set(p->y, i, 0, sin(gsl_matrix_get(p->x, i, 0)) + test_draw(&state));
    gsl_matrix_set(p->y, i, 1, 100 * gsl_matrix_get(p->x, i, 1) + test_draw(&state));
    gsl_vector_set(p->weights, i, i % 5 == 0 ? 0 : 1 + test_draw(&state));
  }
  gradus_i_network_new(&p->network, &shape, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p->network);
  gradus_i_node node = dense((char[]){"hidden1"}, 0, hidden);
  if (hidden > 0) {
    network_problem_add(p, &node);
    network_problem_add(p, &(gradus_i_node){.type = &gradus_i_layer_activation,
                                            .name = (char[]){"activation1"},
                                            .activation = gradus_i_activation_find("relu")});
  }
  size_t from = p->network->count - 1;
  node = dense((char[]){"output"}, from, OUTPUTS);
  network_problem_add(p, &node);
  if (skip) {
    node = dense((char[]){"skip"}, 0, OUTPUTS);
    node.no_bias = true;
    network_problem_add(p, &node);
    network_problem_add(p, &(gradus_i_node){.type = &gradus_i_layer_add,
                                            .name = (char[]){"sum"},
                                            .inputs = {from + 1, from + 2},
                                            .input_count = 2});
  }
  network_problem_finish(p, &gradus_i_loss_gaussian, GRADUS_WEIGHT_ANALYTIC);
  for (size_t b = 0; b < gradus_params_blocks(p->network->params); b++) {
    const gradus_block *block = gradus_params_block(p->network->params, b);
    for (size_t j = 0; j < block->size; j++)
      m->penalty[block->offset + j] = block->role == GRADUS_ROLE_WEIGHT ? l2 : 0;
  }
  p->objective.penalty = l2 > 0 ? m->penalty : NULL;
  for (size_t j = 0; j < p->objective.dim; j++)
    m->theta[j] = 2 * test_draw(&state);
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
    evaluate_afresh(&m.rows.objective, m.theta, &before, NULL);
    CHECK_STATUS(gradus_i_network_solve_output(&m.rows.objective, m.theta, NULL), GRADUS_OK, NULL);
    evaluate_afresh(&m.rows.objective, m.theta, &after, gradient);
    CU_ASSERT_TRUE(after < before);
    const gradus_block *weight = gradus_params_find(m.rows.network->params, "output.weight");
    const gradus_block *bias = gradus_params_find(m.rows.network->params, "output.bias");
    for (size_t j = 0; j < m.rows.objective.dim; j++) {
      bool own = j >= weight->offset && j < bias->offset + bias->size;
      if (own)
        CHECK_CLOSE(gradient[j], 0, 1e-10);
      else
        CHECK_CLOSE(m.theta[j], start[j], 0);
    }
    network_problem_close(&m.rows);
  }
}

static void a_second_time_nothing_rises(void) {
  made m;
  double first, second;
  open_made(&m, 6, false, 0.01);
  gradus_i_network_solve_output(&m.rows.objective, m.theta, NULL);
  evaluate_afresh(&m.rows.objective, m.theta, &first, NULL);
  gradus_i_network_solve_output(&m.rows.objective, m.theta, NULL);
  evaluate_afresh(&m.rows.objective, m.theta, &second, NULL);
  CU_ASSERT_TRUE(second <= first);
  CHECK_CLOSE(second, first, 1e-14);
  network_problem_close(&m.rows);
}

static void units_that_say_the_same_or_nothing_get_no_weight(void) {
  made m;
  double before, after, gradient[DIM_MAX];
  open_made(&m, 6, false, 0);
  const gradus_block *bias = gradus_params_find(m.rows.network->params, "hidden1.bias");
  const gradus_block *weight = gradus_params_find(m.rows.network->params, "output.weight");
  m.theta[bias->offset + 1] = -1000;                               /* dead */
  memcpy(m.theta + INPUTS * 3, m.theta, INPUTS * sizeof *m.theta); /* unit 3 as unit 0 */
  m.theta[bias->offset + 3] = m.theta[bias->offset];
  evaluate_afresh(&m.rows.objective, m.theta, &before, NULL);
  CHECK_STATUS(gradus_i_network_solve_output(&m.rows.objective, m.theta, NULL), GRADUS_OK, NULL);
  evaluate_afresh(&m.rows.objective, m.theta, &after, gradient);
  CU_ASSERT_TRUE(after < before);
  for (size_t r = 0; r < OUTPUTS; r++) {
    CHECK_CLOSE(m.theta[weight->offset + r * 6 + 1], 0, 0);
    CHECK_CLOSE(m.theta[weight->offset + r * 6 + 3], 0, 0);
    for (size_t j = 0; j < 6; j++)
      CHECK_CLOSE(gradient[weight->offset + r * 6 + j], 0, 1e-10);
  }
  network_problem_close(&m.rows);
}

static void what_has_no_closed_form_is_told(void) {
  made m;
  gradus_error err = {0};
  open_made(&m, 6, false, 0.1);
  m.penalty[gradus_params_find(m.rows.network->params, "output.weight")->offset] = 3;
  CHECK_STATUS(gradus_i_network_solve_output(&m.rows.objective, m.theta, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "one penalty");
  err = (gradus_error){0};
  m.rows.model.loss = &gradus_i_loss_softmax;
  CHECK_STATUS(gradus_i_network_solve_output(&m.rows.objective, m.theta, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "gaussian");
  network_problem_close(&m.rows);
}

static void every_allocation_may_fail(void) {
  made m;
  open_made(&m, 6, true, 0.1);
  for (failing_run run = {0}; NEXT_FAILING(&run);)
    run.status = gradus_i_network_solve_output(&m.rows.objective, m.theta, NULL);
  network_problem_close(&m.rows);
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
