// SPDX-License-Identifier: GPL-3.0-or-later
/* Small networks by second-order solvers: what Levenberg-Marquardt reaches and Adam does not, and
   matrices that are singular everywhere. */
#include "support/network_problem.h"
#include "support/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 100, HIDDEN = 8, DIM = 3 * HIDDEN + 1 };

/* A 1-8-1 network with one activation on y = sin 2x, x in [-2, 2]. */
static void open_waves(network_problem *w, const char *activation) {
  gradus_i_shape shape = gradus_i_shape_of(1);
  *w = (network_problem){.x = gsl_matrix_alloc(ROWS, 1), .y = gsl_matrix_alloc(ROWS, 1)};
  for (size_t i = 0; i < ROWS; i++) {
    double x = 4 * (double)i / (ROWS - 1) - 2;
    gsl_matrix_set(w->x, i, 0, x);
    gsl_matrix_set(w->y, i, 0, sin(2 * x));
  }
  gradus_i_network_new(&w->network, &shape, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(w->network);
  network_problem_add(w, &(gradus_i_node){.type = &gradus_i_layer_dense,
                                          .name = (char[]){"hidden1"},
                                          .units = HIDDEN});
  network_problem_add(w, &(gradus_i_node){.type = &gradus_i_layer_activation,
                                          .name = (char[]){"activation1"},
                                          .activation = gradus_i_activation_find(activation)});
  network_problem_add(
      w, &(gradus_i_node){.type = &gradus_i_layer_dense, .name = (char[]){"output"}, .units = 1});
  network_problem_finish(w, &gradus_i_loss_gaussian, GRADUS_WEIGHT_NONE);
}

/* Uniform between ±1. */
static void scatter(double *theta, uint64_t seed) {
  uint64_t state = seed;
  for (size_t j = 0; j < DIM; j++)
    theta[j] = 2 * test_uniform(&state) - 1;
}

/* ---- what it reaches ---- */

/* Adam's lowest loss after so many passes, over rates from 0.001 to 0.1. */
static double adam_reaches(const network_problem *w, uint64_t seed, size_t passes) {
  static const double rates[] = {0.001, 0.003, 0.01, 0.03, 0.1};
  double lowest = HUGE_VAL;
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
    double theta[DIM];
    gradus_descent_options adam = {.rule = GRADUS_RULE_ADAM, .learning_rate = rates[i]};
    gradus_i_solver_options options = {.max_iterations = passes, .descent = &adam};
    scatter(theta, seed);
    lowest = fmin(lowest, solve(&gradus_i_gradient_descent, &w->objective, &options, theta).loss);
  }
  return lowest;
}

static void it_reaches_what_adam_does_not_in_a_hundred_times_the_passes(void) {
  network_problem w;
  open_waves(&w, "tanh");
  for (uint64_t seed = 1; seed <= 3; seed++) {
    double theta[DIM];
    gradus_i_solver_options options = {.max_iterations = 200};
    scatter(theta, seed);
    gradus_i_outcome outcome = solve(&gradus_i_levenberg_marquardt, &w.objective, &options, theta);
    CU_ASSERT_TRUE(outcome.evaluations < 250);
    CU_ASSERT_TRUE(outcome.loss < 0.1 * adam_reaches(&w, seed, 100 * outcome.evaluations));
  }
  network_problem_close(&w);
}

/* ---- matrices that are singular ---- */

/* Units that start alike: seven eighths of the parameters say what the others say, up to the
   rounding that in the end tells them apart. */
static void second_order_solvers_converge_from_units_that_are_alike(void) {
  static const gradus_i_solver *const solvers[] = {&gradus_i_newton, &gradus_i_levenberg_marquardt};
  network_problem w;
  double penalty[DIM];
  open_waves(&w, "tanh");
  for (size_t j = 0; j < DIM; j++)
    penalty[j] = j < HIDDEN || (j >= 2 * HIDDEN && j < DIM - 1) ? 1e-3 : 0;
  w.objective.penalty = penalty;
  for (size_t i = 0; i < 2; i++)
    for (int penalised = 0; penalised < 2; penalised++) {
      double theta[DIM], start;
      for (size_t j = 0; j < DIM; j++)
        theta[j] = 0.5;
      w.objective.penalty = penalised ? penalty : NULL;
      evaluate_afresh(&w.objective, theta, &start, NULL);
      gradus_i_outcome outcome = solve(solvers[i], &w.objective, NULL, theta);
      CU_ASSERT_TRUE(outcome.converged || outcome.certificate < 1e-8);
      CU_ASSERT_TRUE(outcome.loss < start);
      CU_ASSERT_TRUE(outcome.evaluations < 3000);
    }
  network_problem_close(&w);
}

/* Units that never activate have zero rows and columns in the matrix. */
static void dead_units_stay_and_the_others_move(void) {
  network_problem w;
  double theta[DIM], start;
  open_waves(&w, "relu");
  scatter(theta, 5);
  theta[HIDDEN + 1] = -100;
  theta[HIDDEN + 2] = -100;
  double dead = theta[1];
  evaluate_afresh(&w.objective, theta, &start, NULL);
  gradus_i_outcome outcome = solve(&gradus_i_levenberg_marquardt, &w.objective, NULL, theta);
  CU_ASSERT_TRUE(outcome.loss < 0.5 * start);
  CHECK_CLOSE(theta[1], dead, 1e-12);
  CHECK_CLOSE(theta[HIDDEN + 2], -100, 1e-12);
  network_problem_close(&w);
}

/* ---- memory ---- */

static void every_allocation_may_fail(void) {
  network_problem w;
  double theta[DIM];
  open_waves(&w, "tanh");
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_i_outcome outcome;
    gradus_i_solver_options options = {.max_iterations = 2};
    scatter(theta, 1);
    run.status = gradus_i_minimise(&gradus_i_levenberg_marquardt, &w.objective, &options, theta,
                                   &outcome, NULL);
    gradus_free(outcome.matrix);
  }
  network_problem_close(&w);
}

int main(void) {
  static const test_case cases[] = {
      {"it reaches what Adam does not in a hundred times the passes",
       it_reaches_what_adam_does_not_in_a_hundred_times_the_passes},
      {"second-order solvers converge from units that are alike",
       second_order_solvers_converge_from_units_that_are_alike},
      {"dead units stay and the others move", dead_units_stay_and_the_others_move},
      {"every allocation may fail", every_allocation_may_fail},
  };
  return test_main("levenberg", cases, sizeof cases / sizeof *cases);
}
