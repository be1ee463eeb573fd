// SPDX-License-Identifier: GPL-3.0-or-later
#include "solving.h"

#include <stdlib.h>
#include <string.h>

const contract contracts[] = {
    {&gradus_i_newton, 1e-11, 50},
    {&gradus_i_levenberg_marquardt, 1e-9, 50},
    {&gradus_i_lbfgs, 1e-9, 500},
    {&gradus_i_gradient_descent, 1e-8, 2000},
};
const size_t contract_count = sizeof contracts / sizeof *contracts;

gradus_i_outcome solve(const gradus_i_solver *solver, const gradus_i_objective *objective,
                       const gradus_i_solver_options *options, double *theta) {
  gradus_i_outcome outcome;
  gradus_error err = {0};
  CHECK_STATUS(gradus_i_minimise(solver, objective, options, theta, &outcome, &err), GRADUS_OK,
               &err);
  gradus_free(outcome.matrix);
  outcome.matrix = NULL;
  return outcome;
}

double evaluate_afresh(const gradus_i_objective *objective, const double *theta, double *loss,
                       double *gradient) {
  double *own = calloc(objective->dim, sizeof *own);
  CU_ASSERT_PTR_NOT_NULL_FATAL(own);
  gradus_i_value value = {.gradient = own};
  CHECK_STATUS(gradus_i_objective_evaluate(objective, theta, GRADUS_I_GRADIENT, &value, NULL),
               GRADUS_OK, NULL);
  double certificate = gradus_i_objective_certificate(objective, own);
  if (loss)
    *loss = value.loss;
  if (gradient)
    memcpy(gradient, own, objective->dim * sizeof *own);
  free(own);
  return certificate;
}

double *copy_of(const double *values, size_t count) {
  double *copy = malloc(count * sizeof *copy);
  CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
  memcpy(copy, values, count * sizeof *copy);
  return copy;
}
