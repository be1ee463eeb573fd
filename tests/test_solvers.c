// SPDX-License-Identifier: GPL-3.0-or-later
/* What every solver of objectives must reach: the same optimum, for a table of solvers and a table
   of problems, however the rows come. */
#include "support/made_objectives.h"
#include "support/problems.h"
#include "support/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- known optima ---- */

static void check_optimum(const contract *c, const problem_kind *kind) {
  problem *p = problem_open(kind);
  size_t columns = p->rows.p, k = p->rows.affine.k;
  double *theta = copy_of(p->start, p->rows.objective.dim);
  gradus_i_outcome outcome = solve(c->solver, &p->rows.objective, NULL, theta);
  CU_ASSERT_TRUE(outcome.converged);
  CHECK_CLOSE(outcome.certificate, 0, 1e-12);
  CHECK_CLOSE(evaluate_afresh(&p->rows.objective, theta, NULL, NULL), outcome.certificate, 0);
  for (size_t r = 0; r < k; r++)
    for (size_t j = 0; j <= columns; j++)
      CHECK_CLOSE(model_rows_estimate(&p->rows, theta, r, j),
                  p->reference[j < columns ? r * columns + j : k * columns + r], c->tolerance);
  free(theta);
  problem_close(p);
}

static void every_solver_reaches_every_optimum(void) {
  for (size_t i = 0; i < contract_count; i++)
    for (size_t k = 0; k < problem_kind_count; k++)
      check_optimum(&contracts[i], &problem_kinds[k]);
}

static gradus_i_outcome check_made(const contract *c, const made_function *function) {
  made_objective made = made_objective_open(function);
  double theta[16];
  memcpy(theta, function->start, sizeof theta);
  gradus_i_outcome outcome = solve(c->solver, &made.objective, NULL, theta);
  CU_ASSERT_TRUE(outcome.converged);
  CHECK_CLOSE(outcome.certificate, 0, 1e-12);
  CHECK_CLOSE(evaluate_afresh(&made.objective, theta, NULL, NULL), outcome.certificate, 0);
  for (size_t j = 0; j < function->dim; j++)
    CHECK_CLOSE(theta[j], function->optimum[j], c->tolerance);
  made_objective_close(&made);
  return outcome;
}

static void every_solver_reaches_made_optima(void) {
  static const made_function *const functions[] = {&made_quadratic, &made_raised_quadratic,
                                                   &made_barrier};
  for (size_t i = 0; i < contract_count; i++)
    for (size_t k = 0; k < sizeof functions / sizeof *functions; k++)
      check_made(&contracts[i], functions[k]);
}

static void lbfgs_follows_a_curved_valley(void) {
  const contract c = {&gradus_i_lbfgs, 1e-10, 0};
  gradus_i_outcome outcome = check_made(&c, &made_rosenbrock);
  CU_ASSERT_TRUE(outcome.evaluations < outcome.iterations * 3 / 2);
}

/* ---- what θ must not depend on ---- */

static void lbfgs_takes_one_pass_for_a_step(void) {
  problem *p = problem_generate(3000, 10);
  gradus_i_outcome outcome = solve(&gradus_i_lbfgs, &p->rows.objective, NULL, p->start);
  CU_ASSERT_TRUE(outcome.converged);
  CU_ASSERT_TRUE((double)outcome.evaluations <= 3 + 1.1 * (double)outcome.iterations);
  problem_close(p);
}

/* Of frozen coordinates. */
static const double stay[] = {0.1, -0.0};

static void frozen_coordinates_stay(void) {
  problem *p = problem_generate(2000, 5);
  bool frozen[6] = {[1] = true, [4] = true};
  p->rows.objective.frozen = frozen;
  for (size_t i = 0; i < contract_count; i++) {
    double theta[6] = {[1] = stay[0], [4] = stay[1]};
    gradus_i_outcome outcome = solve(contracts[i].solver, &p->rows.objective, NULL, theta);
    CU_ASSERT_TRUE(outcome.converged);
    CU_ASSERT_EQUAL(memcmp(&theta[1], &stay[0], sizeof(double)), 0);
    CU_ASSERT_EQUAL(memcmp(&theta[4], &stay[1], sizeof(double)), 0);
    /* The others are at their optimum, and that is not where the free problem has it. */
    double gradient[6];
    CHECK_CLOSE(evaluate_afresh(&p->rows.objective, theta, NULL, gradient), 0, 1e-12);
    p->rows.objective.frozen = NULL;
    CU_ASSERT_TRUE(evaluate_afresh(&p->rows.objective, theta, NULL, gradient) > 1e-3);
    p->rows.objective.frozen = frozen;
  }
  problem_close(p);
}

/* λ stands beside a mean: rows that are there twice change nothing, nor do weights of 2. */
static void l2_does_not_depend_on_the_number_of_rows(void) {
  problem *once = problem_generate(700, 4), *twice = problem_generate(1400, 4);
  double penalty[5] = {0.01, 0.02, 0.03, 0.04};
  for (size_t i = 0; i < 1400; i++) {
    gsl_matrix_set(twice->rows.y, i, 0, gsl_matrix_get(once->rows.y, i % 700, 0));
    for (size_t j = 0; j < 4; j++)
      gsl_matrix_set(twice->rows.x, i, j, gsl_matrix_get(once->rows.x, i % 700, j));
  }
  once->rows.objective.penalty = twice->rows.objective.penalty = penalty;
  for (size_t i = 0; i < contract_count; i++) {
    double theta[5] = {0}, same[5] = {0}, without[5] = {0};
    solve(contracts[i].solver, &once->rows.objective, NULL, theta);
    solve(contracts[i].solver, &twice->rows.objective, NULL, same);
    once->rows.objective.penalty = NULL;
    solve(contracts[i].solver, &once->rows.objective, NULL, without);
    once->rows.objective.penalty = penalty;
    for (size_t j = 0; j < 5; j++)
      CHECK_CLOSE(same[j], theta[j], contracts[i].tolerance);
    CU_ASSERT_TRUE(fabs(without[0]) > fabs(theta[0]) * 1.01);
  }
  problem_close(once);
  problem_close(twice);
}

/* ---- threads and streams ---- */

enum { MANY = 20000, COLUMNS = 30 };

static void threads_do_not_change_a_bit(void) {
  problem *p = problem_generate(MANY, COLUMNS);
  static const int threads[] = {1, 2, 8};
  for (size_t i = 0; i < contract_count; i++) {
    double theta[3][COLUMNS + 1] = {{0}};
    for (size_t t = 0; t < 3; t++) {
      p->rows.objective.threads = threads[t];
      CU_ASSERT_TRUE(solve(contracts[i].solver, &p->rows.objective, NULL, theta[t]).converged);
      CU_ASSERT_EQUAL(memcmp(theta[t], theta[0], sizeof theta[0]), 0);
    }
  }
  problem_close(p);
}

/* A source that can only be read in order, of an inner one. */
static gradus_status stream_open(const void *data, size_t max_rows, void **cursor,
                                 gradus_error *err) {
  gradus_cursor *inner = NULL;
  gradus_status status = gradus_cursor_open(&inner, data, max_rows, err);
  *cursor = inner;
  return status;
}

static gradus_status stream_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                 gradus_batch *batch, gradus_error *err) {
  (void)data;
  return gradus_cursor_read(cursor, first, max_rows, batch, err);
}

static void stream_close(void *cursor) {
  gradus_cursor_free(cursor);
}

static const gradus_source_type stream = {
    .name = "stream", .open = stream_open, .read = stream_read, .close = stream_close};

/* To the bit if its length is known; else the sums are taken in another order. */
static void a_stream_gives_the_same(void) {
  problem *p = problem_generate(MANY, COLUMNS);
  p->rows.objective.threads = 2;
  for (size_t i = 0; i < contract_count; i++) {
    double theta[COLUMNS + 1] = {0};
    solve(contracts[i].solver, &p->rows.objective, NULL, theta);
    for (int known = 0; known < 2; known++) {
      gradus_source *source = NULL;
      gradus_source_shape shape = *gradus_source_get_shape(p->rows.source);
      double streamed[COLUMNS + 1] = {0};
      shape.rows = known ? shape.rows : 0;
      CHECK_STATUS(gradus_source_new(&source, &stream, p->rows.source, &shape, NULL), GRADUS_OK,
                   NULL);
      gradus_i_objective objective = p->rows.objective;
      objective.source = source;
      CU_ASSERT_TRUE(solve(contracts[i].solver, &objective, NULL, streamed).converged);
      for (size_t j = 0; j <= COLUMNS; j++)
        CHECK_CLOSE(streamed[j], theta[j], known ? 0 : contracts[i].tolerance);
      gradus_source_free(source);
    }
  }
  problem_close(p);
}

int main(void) {
  static const test_case cases[] = {
      {"every solver reaches every optimum", every_solver_reaches_every_optimum},
      {"every solver reaches the optima of made functions", every_solver_reaches_made_optima},
      {"L-BFGS follows a curved valley", lbfgs_follows_a_curved_valley},
      {"L-BFGS takes one pass for a step", lbfgs_takes_one_pass_for_a_step},
      {"frozen coordinates stay to the bit", frozen_coordinates_stay},
      {"l2 means the same for any number of rows", l2_does_not_depend_on_the_number_of_rows},
      {"threads do not change a bit", threads_do_not_change_a_bit},
      {"a stream gives the same", a_stream_gives_the_same},
  };
  return test_main("solvers", cases, sizeof cases / sizeof *cases);
}
