// SPDX-License-Identifier: GPL-3.0-or-later
/* What every solver of objectives must do: the same contract over a table of solvers and a table of
   problems. */
#include "../lib/solver/solver.h"
#include "support/problems.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* tolerance: of the coefficients, relative. */
static const struct contract {
  const gradus_i_solver *solver;
  double tolerance;
} solvers[] = {
    {&gradus_i_newton, 1e-11},
    {&gradus_i_lbfgs, 1e-9},
};
enum { SOLVERS = sizeof solvers / sizeof *solvers };

static double certificate_at(const gradus_i_objective *objective, const double *theta) {
  gradus_i_value value = {.gradient = calloc(objective->dim, sizeof(double))};
  CU_ASSERT_PTR_NOT_NULL_FATAL(value.gradient);
  CHECK_STATUS(gradus_i_objective_evaluate(objective, theta, GRADUS_I_GRADIENT, &value, NULL),
               GRADUS_OK, NULL);
  double certificate = gradus_i_objective_certificate(objective, value.gradient);
  free(value.gradient);
  return certificate;
}

static gradus_i_outcome minimise(const gradus_i_solver *solver, const gradus_i_objective *objective,
                                 const gradus_i_solver_options *options, double *theta) {
  gradus_i_outcome outcome;
  gradus_error err = {0};
  CHECK_STATUS(gradus_i_minimise(solver, objective, options, theta, &outcome, &err), GRADUS_OK,
               &err);
  free(outcome.matrix);
  outcome.matrix = NULL;
  return outcome;
}

static double *copy_of(const double *values, size_t count) {
  double *copy = malloc(count * sizeof *copy);
  CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
  memcpy(copy, values, count * sizeof *copy);
  return copy;
}

/* ---- the optimum ---- */

static void check_optimum(const struct contract *c, const problem_kind *kind) {
  problem *p = problem_open(kind);
  size_t dim = p->objective.dim;
  double *theta = copy_of(p->start, dim), *raw = copy_of(p->start, dim);
  gradus_i_outcome outcome = minimise(c->solver, &p->objective, NULL, theta);
  CU_ASSERT_TRUE(outcome.converged);
  CHECK_CLOSE(outcome.certificate, 0, 1e-12);
  CHECK_CLOSE(certificate_at(&p->objective, theta), outcome.certificate, 0);
  problem_raw_theta(p, theta, raw);
  double worst = 0;
  for (size_t j = 0; j < dim; j++) {
    CHECK_CLOSE(raw[j], p->reference[j], c->tolerance);
    worst = fmax(worst, fabs(raw[j] / p->reference[j] - 1));
  }
  if (getenv("GRADUS_TEST_VERBOSE"))
    printf("%-8s %-60s %4zu iterations %4zu passes certificate %.1e error %.1e %s\n",
           c->solver->name, kind->name, outcome.iterations, outcome.evaluations,
           outcome.certificate, worst, gradus_i_stop_text(outcome.stop));
  free(theta);
  free(raw);
  problem_close(p);
}

static void every_solver_reaches_every_optimum(void) {
  for (size_t i = 0; i < SOLVERS; i++)
    for (size_t k = 0; k < problem_kind_count; k++)
      check_optimum(&solvers[i], &problem_kinds[k]);
}

int main(void) {
  static const test_case cases[] = {
      {"every solver reaches every optimum", every_solver_reaches_every_optimum},
  };
  return test_main("solvers", cases, sizeof cases / sizeof *cases);
}
