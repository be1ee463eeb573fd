// SPDX-License-Identifier: GPL-3.0-or-later
/* Small networks by second-order solvers: what Levenberg-Marquardt reaches and Adam does not, and
   matrices that are singular everywhere. */
#include "../lib/objective/network_objective.h"
#include "support/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 100, HIDDEN = 8, DIM = 3 * HIDDEN + 1 };

typedef struct waves {
  gsl_matrix *x, *y;
  gradus_source *source;
  gradus_i_network *network;
  gradus_i_network_model model;
  gradus_i_objective objective;
} waves;

static void add(gradus_i_network *network, const gradus_i_node *node) {
  CHECK_STATUS(gradus_i_network_add(network, node, NULL, NULL), GRADUS_OK, NULL);
}

/* A 1-8-1 network with one activation on y = sin 2x, x in [-2, 2]. */
static void open_waves(waves *w, const char *activation) {
  gradus_i_shape shape = gradus_i_shape_of(1);
  *w = (waves){.x = gsl_matrix_alloc(ROWS, 1), .y = gsl_matrix_alloc(ROWS, 1)};
  for (size_t i = 0; i < ROWS; i++) {
    double x = 4 * (double)i / (ROWS - 1) - 2;
    gsl_matrix_set(w->x, i, 0, x);
    gsl_matrix_set(w->y, i, 0, sin(2 * x));
  }
  gradus_source_from_matrix(&w->source, w->x, w->y, NULL, GRADUS_WEIGHT_NONE, NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(w->source);
  gradus_i_network_new(&w->network, &shape, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(w->network);
  add(w->network, &(gradus_i_node){
                      .type = &gradus_i_layer_dense, .name = (char[]){"hidden1"}, .units = HIDDEN});
  add(w->network, &(gradus_i_node){.type = &gradus_i_layer_activation,
                                   .name = (char[]){"activation1"},
                                   .activation = gradus_i_activation_find(activation)});
  add(w->network,
      &(gradus_i_node){.type = &gradus_i_layer_dense, .name = (char[]){"output"}, .units = 1});
  w->model = (gradus_i_network_model){.network = w->network, .loss = &gradus_i_loss_gaussian};
  w->objective = (gradus_i_objective){.type = &gradus_i_network_type,
                                      .model = &w->model,
                                      .source = w->source,
                                      .dim = DIM,
                                      .row_size = 2,
                                      .threads = 1};
}

static void close_waves(waves *w) {
  gradus_source_free(w->source);
  gradus_i_network_free(w->network);
  gsl_matrix_free(w->x);
  gsl_matrix_free(w->y);
}

/* Uniform between ±1, by a generator of its own. */
static void scatter(double *theta, unsigned long seed) {
  unsigned long state = seed;
  for (size_t j = 0; j < DIM; j++) {
    state = state * 6364136223846793005UL + 1442695040888963407UL;
    theta[j] = 2 * ((double)(state >> 11) / 9007199254740992.0) - 1;
  }
}

/* ---- what it reaches ---- */

/* Adam's lowest loss after so many passes, over rates from 0.001 to 0.1. */
static double adam_reaches(const waves *w, unsigned long seed, size_t passes) {
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
  waves w;
  open_waves(&w, "tanh");
  for (unsigned long seed = 1; seed <= 3; seed++) {
    double theta[DIM];
    gradus_i_solver_options options = {.max_iterations = 200};
    scatter(theta, seed);
    gradus_i_outcome outcome = solve(&gradus_i_levenberg_marquardt, &w.objective, &options, theta);
    CU_ASSERT_TRUE(outcome.evaluations < 250);
    CU_ASSERT_TRUE(outcome.loss < 0.1 * adam_reaches(&w, seed, 100 * outcome.evaluations));
  }
  close_waves(&w);
}

/* ---- matrices that are singular ---- */

/* Units that start alike: seven eighths of the parameters say what the others say, up to the
   rounding that in the end tells them apart. */
static void second_order_solvers_converge_from_units_that_are_alike(void) {
  static const gradus_i_solver *const solvers[] = {&gradus_i_newton, &gradus_i_levenberg_marquardt};
  waves w;
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
  close_waves(&w);
}

/* Units that never activate have zero rows and columns in the matrix. */
static void dead_units_stay_and_the_others_move(void) {
  waves w;
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
  close_waves(&w);
}

/* ---- memory ---- */

static void every_allocation_may_fail(void) {
  waves w;
  double theta[DIM];
  open_waves(&w, "tanh");
  for (size_t k = 0;; k++) {
    gradus_i_outcome outcome;
    gradus_i_solver_options options = {.max_iterations = 2};
    scatter(theta, 1);
    test_allocations_begin(k);
    gradus_status status = gradus_i_minimise(&gradus_i_levenberg_marquardt, &w.objective, &options,
                                             theta, &outcome, NULL);
    gradus_free(outcome.matrix);
    CU_ASSERT_EQUAL(test_allocations_live(), 0);
    bool all = test_allocations_end() <= k;
    CHECK_STATUS(status, all ? GRADUS_OK : GRADUS_ERROR_OUT_OF_MEMORY, NULL);
    if (all)
      break;
  }
  close_waves(&w);
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
