// SPDX-License-Identifier: GPL-3.0-or-later
/* The driver of solvers: stop reasons, progress, certificates, errors, memory. */
#include "../lib/solver/internal.h"
#include "support/made_objectives.h"
#include "support/problems.h"
#include "support/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 4, DIM = COLUMNS + 1 };

/* ---- stop reasons ---- */

static void one_iteration_is_not_convergence(void) {
  problem *p = problem_generate(500, COLUMNS);
  for (size_t i = 0; i < contract_count; i++) {
    double theta[DIM] = {0};
    gradus_i_solver_options options = {.max_iterations = 1};
    gradus_i_outcome outcome = solve(contracts[i].solver, &p->rows.objective, &options, theta);
    CU_ASSERT_EQUAL(outcome.stop, GRADUS_I_STOP_ITERATIONS);
    CU_ASSERT_EQUAL(outcome.iterations, 1);
    CU_ASSERT_FALSE(outcome.converged);
    CU_ASSERT_TRUE(outcome.certificate > 1e-12);
    CU_ASSERT_STRING_EQUAL(gradus_i_stop_text(outcome.stop), "the maximum number of iterations");
    CHECK_CLOSE(evaluate_afresh(&p->rows.objective, theta, NULL, NULL), outcome.certificate, 0);
  }
  problem_close(p);
}

static bool until(void *context, const gradus_progress *progress, const double *gradient) {
  (void)gradient;
  return progress->iteration < *(size_t *)context;
}

static void the_caller_can_end_it(void) {
  problem *p = problem_generate(500, COLUMNS);
  for (size_t i = 0; i < contract_count; i++)
    for (size_t last = 0; last < 3; last++) {
      double theta[DIM] = {0}, start[DIM] = {0};
      gradus_i_solver_options options = {.progress = until, .progress_context = &last};
      gradus_i_outcome outcome = solve(contracts[i].solver, &p->rows.objective, &options, theta);
      CU_ASSERT_EQUAL(outcome.stop, GRADUS_I_STOP_CALLER);
      CU_ASSERT_EQUAL(outcome.iterations, last);
      CU_ASSERT_FALSE(outcome.converged);
      CU_ASSERT_EQUAL(memcmp(theta, start, sizeof theta) == 0, last == 0);
    }
  problem_close(p);
}

static void what_is_no_longer_a_number_is_not_convergence(void) {
  for (size_t i = 0; i < contract_count; i++)
    for (size_t good = 1; good < 5; good++) {
      size_t left = good;
      made_function function = made_barrier;
      function.evaluations_left = &left;
      made_objective made = made_objective_open(&function);
      double theta[16];
      memcpy(theta, function.start, sizeof theta);
      gradus_i_outcome outcome = solve(contracts[i].solver, &made.objective, NULL, theta);
      CU_ASSERT_FALSE(outcome.converged);
      CU_ASSERT_EQUAL(outcome.stop, GRADUS_I_STOP_NOT_FINITE);
      left = SIZE_MAX;
      CU_ASSERT_TRUE(isfinite(evaluate_afresh(&made.objective, theta, NULL, NULL)));
      made_objective_close(&made);
    }
}

static void without_a_minimum_there_is_no_convergence(void) {
  static const made_function *const functions[] = {&made_cliff, &made_slide};
  for (size_t i = 0; i < contract_count; i++)
    for (size_t k = 0; k < 2; k++) {
      made_objective made = made_objective_open(functions[k]);
      double theta[16], loss, before;
      memcpy(theta, functions[k]->start, sizeof theta);
      evaluate_afresh(&made.objective, theta, &before, NULL);
      gradus_i_outcome outcome = solve(contracts[i].solver, &made.objective, NULL, theta);
      CU_ASSERT_FALSE(outcome.converged);
      CU_ASSERT_NOT_EQUAL(outcome.stop, GRADUS_I_STOP_CONVERGED);
      evaluate_afresh(&made.objective, theta, &loss, NULL);
      CU_ASSERT_TRUE(loss < before); /* a number, and lower */
      CHECK_CLOSE(outcome.loss, loss, 0);
      made_objective_close(&made);
    }
}

/* A tolerance out of reach ends in a standstill, and not after all iterations. */
static void rounding_is_a_standstill(void) {
  problem *p = problem_generate(500, COLUMNS);
  for (size_t i = 0; i < contract_count; i++) {
    double theta[DIM] = {0}, usual[DIM] = {0};
    gradus_i_solver_options options = {.tolerance = 1e-300};
    gradus_i_outcome outcome = solve(contracts[i].solver, &p->rows.objective, &options, theta);
    solve(contracts[i].solver, &p->rows.objective, NULL, usual);
    CU_ASSERT_TRUE(outcome.converged);
    CU_ASSERT_TRUE(outcome.stop == GRADUS_I_STOP_STANDSTILL);
    CU_ASSERT_TRUE(outcome.evaluations < contracts[i].passes);
    CHECK_CLOSE(outcome.certificate, 0, 1e-14);
    CHECK_CLOSE(evaluate_afresh(&p->rows.objective, theta, NULL, NULL), outcome.certificate, 0);
    for (size_t j = 0; j < DIM; j++)
      CHECK_CLOSE(theta[j], usual[j], contracts[i].tolerance);
  }
  problem_close(p);
}

static void a_wide_tolerance_ends_early(void) {
  problem *p = problem_generate(500, COLUMNS);
  for (size_t i = 0; i < contract_count; i++) {
    double theta[DIM] = {0}, tight[DIM] = {0};
    gradus_i_solver_options options = {.tolerance = 1e-2};
    gradus_i_outcome outcome = solve(contracts[i].solver, &p->rows.objective, &options, theta);
    gradus_i_outcome full = solve(contracts[i].solver, &p->rows.objective, NULL, tight);
    CU_ASSERT_TRUE(outcome.converged);
    CU_ASSERT_EQUAL(outcome.stop, GRADUS_I_STOP_CONVERGED);
    CU_ASSERT_TRUE(outcome.certificate <= 1e-2 && outcome.certificate > 1e-12);
    CU_ASSERT_TRUE(outcome.iterations < full.iterations);
  }
  problem_close(p);
}

/* A standstill within the tolerance is convergence, however wide the tolerance: a solver that does
   nothing but stand still, a hundredth away from the optimum. */
static gradus_status stand(gradus_i_search *search, gradus_error *err) {
  (void)search;
  (void)err;
  return GRADUS_OK;
}

static gradus_status step_and_stand(gradus_i_search *search, gradus_i_stop *stop,
                                    gradus_error *err) {
  search->theta[0] = 1.0001;
  *stop = GRADUS_I_STOP_STANDSTILL;
  return gradus_i_search_evaluate(search, GRADUS_I_GRADIENT, err);
}

static void a_standstill_converges_within_the_tolerance_only(void) {
  static const gradus_i_solver standing = {.name = "standing",
                                           .needs = GRADUS_I_GRADIENT,
                                           .max_iterations = 10,
                                           .start = stand,
                                           .iterate = step_and_stand};
  made_objective made = made_objective_open(&made_barrier);
  double theta[3] = {2, 1, 1};
  gradus_i_solver_options options = {.tolerance = 1e-3};
  CU_ASSERT_TRUE(solve(&standing, &made.objective, &options, theta).converged);
  theta[0] = 2;
  options.tolerance = 1e-5;
  CU_ASSERT_FALSE(solve(&standing, &made.objective, &options, theta).converged);
  made_objective_close(&made);
}

/* ---- progress and certificate ---- */

typedef struct watch {
  const gradus_i_solver *solver;
  const gradus_i_objective *objective;
  size_t calls;
} watch;

static bool check_progress(void *context, const gradus_progress *progress, const double *unused) {
  (void)unused;
  watch *w = context;
  double loss, gradient[DIM], square = 0;
  double certificate = evaluate_afresh(w->objective, progress->theta, &loss, gradient);
  for (size_t j = 0; j < DIM; j++)
    square += gradient[j] * gradient[j];
  CU_ASSERT_EQUAL(progress->iteration, w->calls);
  CU_ASSERT_EQUAL(progress->size, DIM);
  CU_ASSERT_STRING_EQUAL(progress->solver, w->solver->name);
  CHECK_CLOSE(progress->loss, loss, 0);
  CHECK_CLOSE(progress->certificate, certificate, 0);
  CHECK_CLOSE(progress->gradient_norm, sqrt(square), 1e-14);
  CU_ASSERT_EQUAL(progress->step > 0, progress->iteration > 0);
  w->calls++;
  return true;
}

static void progress_tells_where_the_solver_stands(void) {
  problem *p = problem_generate(500, COLUMNS);
  for (size_t i = 0; i < contract_count; i++) {
    double theta[DIM] = {0};
    watch w = {.solver = contracts[i].solver, .objective = &p->rows.objective};
    gradus_i_solver_options options = {.progress = check_progress, .progress_context = &w};
    gradus_i_outcome outcome = solve(contracts[i].solver, &p->rows.objective, &options, theta);
    CU_ASSERT_TRUE(outcome.converged);
    CU_ASSERT_EQUAL(w.calls, outcome.iterations + 1);
  }
  problem_close(p);
}

static void the_certificate_is_beside_the_scale(void) {
  problem *p = problem_generate(500, COLUMNS);
  const double scale[DIM] = {1e3, 1e3, 1e3, 1e3, 1e3};
  double gradient[DIM], largest = 0;
  evaluate_afresh(&p->rows.objective, p->start, NULL, gradient);
  for (size_t j = 0; j < DIM; j++)
    largest = fmax(largest, fabs(gradient[j]));
  CHECK_CLOSE(gradus_i_objective_certificate(&p->rows.objective, gradient), largest, 0);
  p->rows.objective.scale = scale;
  CHECK_CLOSE(gradus_i_objective_certificate(&p->rows.objective, gradient), largest / 1e3, 1e-15);
  gradient[2] = NAN;
  CU_ASSERT_TRUE(isnan(gradus_i_objective_certificate(&p->rows.objective, gradient)));
  problem_close(p);
}

/* ---- errors ---- */

static void a_missing_matrix_is_named(void) {
  made_objective made = made_objective_open(&made_rosenbrock);
  gradus_i_outcome outcome;
  gradus_error err = {0};
  double theta[16] = {0};
  CHECK_STATUS(gradus_i_minimise(&gradus_i_newton, &made.objective, NULL, theta, &outcome, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "newton");
  CHECK_CONTAINS(err.message, "matrix");
  CHECK_CONTAINS(err.message, "the made function");
  CHECK_CONTAINS(err.message, "lbfgs");
  CU_ASSERT_PTR_NULL(outcome.matrix);
  CU_ASSERT_FALSE(outcome.converged);
  made_objective_close(&made);
}

static void a_start_that_is_not_allowed_is_an_error(void) {
  made_objective made = made_objective_open(&made_barrier);
  for (size_t i = 0; i < contract_count; i++) {
    gradus_i_outcome outcome;
    gradus_error err = {0};
    double theta[3] = {-1, 1, 1};
    CHECK_STATUS(
        gradus_i_minimise(contracts[i].solver, &made.objective, NULL, theta, &outcome, &err),
        GRADUS_ERROR_NUMERICAL, &err);
    CHECK_CONTAINS(err.message, "not finite at the start");
    CU_ASSERT_PTR_NULL(outcome.matrix);
  }
  made_objective_close(&made);
}

/* Rows of an inner source that can no longer be read after some reads. */
typedef struct torn {
  const gradus_source *inner;
  size_t *reads_left;
} torn;

static gradus_status torn_open(const void *data, size_t max_rows, void **cursor,
                               gradus_error *err) {
  gradus_cursor *inner = NULL;
  gradus_status status = gradus_cursor_open(&inner, ((const torn *)data)->inner, max_rows, err);
  *cursor = inner;
  return status;
}

static gradus_status torn_read(const void *data, void *cursor, size_t first, size_t max_rows,
                               gradus_batch *batch, gradus_error *err) {
  if ((*((const torn *)data)->reads_left)-- == 0) {
    snprintf(err->message, sizeof err->message, "the tape tore");
    return err->code = GRADUS_ERROR_IO;
  }
  return gradus_cursor_read(cursor, first, max_rows, batch, err);
}

static void torn_close(void *cursor) {
  gradus_cursor_free(cursor);
}

static void an_error_of_reading_ends_it(void) {
  static const gradus_source_type type = {
      .name = "torn", .open = torn_open, .read = torn_read, .close = torn_close};
  problem *p = problem_generate(500, COLUMNS);
  for (size_t i = 0; i < contract_count; i++)
    for (size_t reads = 0; reads < 4; reads++) {
      size_t left = reads;
      torn data = {p->rows.source, &left};
      gradus_source *source = NULL;
      CHECK_STATUS(
          gradus_source_new(&source, &type, &data, gradus_source_get_shape(p->rows.source), NULL),
          GRADUS_OK, NULL);
      gradus_i_objective objective = p->rows.objective;
      objective.source = source;
      double theta[DIM] = {0};
      gradus_i_outcome outcome;
      gradus_error err = {0};
      CHECK_STATUS(gradus_i_minimise(contracts[i].solver, &objective, NULL, theta, &outcome, &err),
                   GRADUS_ERROR_IO, &err);
      CHECK_CONTAINS(err.message, "the tape tore");
      CU_ASSERT_PTR_NULL(outcome.matrix);
      gradus_source_free(source);
    }
  problem_close(p);
}

static void no_failing_allocation_leaks(void) {
  problem *p = problem_generate(500, COLUMNS);
  for (size_t i = 0; i < contract_count; i++) {
    failing_run run = {0};
    while (NEXT_FAILING(&run)) {
      double theta[DIM] = {0};
      gradus_i_outcome outcome;
      gradus_error err = {0};
      run.status =
          gradus_i_minimise(contracts[i].solver, &p->rows.objective, NULL, theta, &outcome, &err);
      gradus_free(outcome.matrix);
      CU_ASSERT_EQUAL(err.code, run.status);
    }
    CU_ASSERT_TRUE(run.at > 10);
  }
  problem_close(p);
}

/* ---- names ---- */

static bool is_a_word(const char *text) {
  for (size_t i = 0; i < GRADUS_I_WORD_COUNT; i++)
    if (strcmp(gradus_i_solver_words[i], text) == 0)
      return true;
  return false;
}

static void solvers_are_found_by_name(void) {
  for (size_t i = 0; i < contract_count; i++) {
    const gradus_i_solver *solver = contracts[i].solver;
    CU_ASSERT_PTR_EQUAL(gradus_i_solver_find(solver->name), solver);
    CU_ASSERT_TRUE(is_a_word(solver->name));
    CU_ASSERT_TRUE(is_a_word(solver->how));
  }
  CU_ASSERT_PTR_NULL(gradus_i_solver_find("simplex"));
  for (int stop = GRADUS_I_STOP_NONE; stop <= (int)GRADUS_I_STOP_NOT_FINITE; stop++)
    CU_ASSERT_TRUE(is_a_word(gradus_i_stop_text((gradus_i_stop)stop)));
}

int main(void) {
  static const test_case cases[] = {
      {"one iteration is not convergence", one_iteration_is_not_convergence},
      {"the caller can end it", the_caller_can_end_it},
      {"what is no longer a number is not convergence",
       what_is_no_longer_a_number_is_not_convergence},
      {"without a minimum there is no convergence", without_a_minimum_there_is_no_convergence},
      {"rounding is a standstill", rounding_is_a_standstill},
      {"a wide tolerance ends early", a_wide_tolerance_ends_early},
      {"a standstill converges within the tolerance only",
       a_standstill_converges_within_the_tolerance_only},
      {"progress tells where the solver stands", progress_tells_where_the_solver_stands},
      {"the certificate is beside the scale", the_certificate_is_beside_the_scale},
      {"a missing matrix is named", a_missing_matrix_is_named},
      {"a start that is not allowed is an error", a_start_that_is_not_allowed_is_an_error},
      {"an error of reading ends it", an_error_of_reading_ends_it},
      {"no failing allocation leaks", no_failing_allocation_leaks},
      {"solvers are found by name", solvers_are_found_by_name},
  };
  return test_main("minimise", cases, sizeof cases / sizeof *cases);
}
