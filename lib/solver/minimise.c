// SPDX-License-Identifier: GPL-3.0-or-later
/* The driver of all solvers: starts one, lets it iterate, and decides when that is enough. */
#include "internal.h"
#include "solver.h"

#include <math.h>
#include <string.h>

/* A standstill counts as convergence where what is left of the gradient is rounding. */
static const double standstill_certificate = 1e-10;

const gradus_i_solver *gradus_i_solver_find(const char *name) {
  static const gradus_i_solver *const solvers[] = {
      &gradus_i_newton,
      &gradus_i_levenberg_marquardt,
      &gradus_i_lbfgs,
      &gradus_i_gradient_descent,
  };
  for (size_t i = 0; i < sizeof solvers / sizeof *solvers; i++)
    if (strcmp(solvers[i]->name, name) == 0)
      return solvers[i];
  return NULL;
}

const char *gradus_i_stop_text(gradus_i_stop stop) {
  static const int words[] = {
      [GRADUS_I_STOP_NONE] = GRADUS_I_WORD_MAX_ITERATIONS,
      [GRADUS_I_STOP_CONVERGED] = GRADUS_I_WORD_GRADIENT,
      [GRADUS_I_STOP_STANDSTILL] = GRADUS_I_WORD_STANDSTILL,
      [GRADUS_I_STOP_NO_DESCENT] = GRADUS_I_WORD_NO_STEP,
      [GRADUS_I_STOP_ITERATIONS] = GRADUS_I_WORD_MAX_ITERATIONS,
      [GRADUS_I_STOP_CALLER] = GRADUS_I_WORD_CALLER,
      [GRADUS_I_STOP_ASKED] = GRADUS_I_WORD_ASKED,
      [GRADUS_I_STOP_NOT_FINITE] = GRADUS_I_WORD_NOT_FINITE,
  };
  return gradus_i_solver_words[words[stop]];
}

bool gradus_i_value_finite(const gradus_i_value *value, size_t dim) {
  return isfinite(value->loss) && gradus_i_all_finite(value->gradient, dim);
}

void gradus_i_search_left(gradus_i_search *s, const gradus_i_value *value, size_t iteration,
                          size_t batch) {
  size_t dim = s->objective->dim, entry = dim;
  if (s->left.iteration > 0)
    return;
  for (size_t j = dim; isfinite(value->loss) && j > 0; j--)
    if (!isfinite(value->gradient[j - 1]))
      entry = j - 1;
  s->left = (gradus_i_leaving){.iteration = iteration, .batch = batch, .entry = entry};
}

gradus_status gradus_i_search_evaluate(gradus_i_search *search, gradus_i_order order,
                                       gradus_error *err) {
  search->evaluations++;
  return gradus_i_objective_evaluate(search->objective, search->theta, order, &search->value, err);
}

static double norm(const double *values, size_t count) {
  double largest = 0, sum = 0;
  for (size_t i = 0; i < count; i++)
    largest = fmax(largest, fabs(values[i])); /* passes over NaN, which the sum does not */
  double unit = largest > 0 ? largest : 1;
  for (size_t i = 0; i < count; i++)
    sum += values[i] / unit * (values[i] / unit);
  return largest * sqrt(sum);
}

static void remember(const gradus_i_solver *solver, const gradus_i_search *s) {
  gradus_i_memory *memory = s->options->memory;
  if (!memory || memory->count == 0)
    return;
  solver->save(s, memory->values);
  memory->iteration = s->iteration;
}

static bool is_asked_to_stop(const gradus_i_search *s) {
  return s->options->stop && s->options->stop(s->options->stop_context);
}

/* False where the caller wants no more. */
static bool report(const gradus_i_solver *solver, const gradus_i_search *s) {
  remember(solver, s);
  if (!s->options->progress)
    return true;
  gradus_progress progress = {.solver = solver->name,
                              .iteration = s->iteration,
                              .max_iterations = s->options->max_iterations,
                              .loss = s->value.loss,
                              .gradient_norm = NAN,
                              .step = s->step,
                              .certificate = NAN,
                              .theta = s->theta,
                              .size = s->objective->dim,
                              .gradient = s->value.gradient};
  if (s->exact) {
    progress.gradient_norm = norm(s->value.gradient, s->objective->dim);
    progress.certificate = gradus_i_objective_certificate(s->objective, s->value.gradient);
  }
  return s->options->progress(s->options->progress_context, &progress,
                              s->exact ? s->value.gradient : NULL);
}

static bool within_tolerance(const gradus_i_search *s) {
  return s->exact &&
         gradus_i_objective_certificate(s->objective, s->value.gradient) <= s->options->tolerance;
}

/* Mini-batches ask for themselves. */
static bool by_batches(const gradus_i_solver *solver, const gradus_i_search *s) {
  return solver->max_epochs > 0 && s->options->descent->batch_size > 0;
}

static gradus_status iterate(const gradus_i_solver *solver, gradus_i_search *s, gradus_i_stop *stop,
                             gradus_error *err) {
  gradus_status status = GRADUS_OK;
  *stop = GRADUS_I_STOP_NONE;
  if (s->exact && within_tolerance(s))
    *stop = GRADUS_I_STOP_CONVERGED;
  if (!report(solver, s))
    *stop = GRADUS_I_STOP_CALLER;
  while (status <= 0 && *stop == GRADUS_I_STOP_NONE) {
    if (s->iteration >= s->options->max_iterations) {
      *stop = GRADUS_I_STOP_ITERATIONS;
      break;
    }
    if (!by_batches(solver, s) && is_asked_to_stop(s))
      *stop = GRADUS_I_STOP_ASKED;
    else
      status = solver->iterate(s, stop, err);
    if (status > 0)
      break;
    if (*stop == GRADUS_I_STOP_ASKED) {
      remember(solver, s);
      break;
    }
    s->iteration++;
    if (s->exact && !gradus_i_value_finite(&s->value, s->objective->dim)) {
      gradus_i_search_left(s, &s->value, s->iteration, 0);
      *stop = GRADUS_I_STOP_NOT_FINITE;
    }
    if (*stop == GRADUS_I_STOP_NONE && within_tolerance(s))
      *stop = GRADUS_I_STOP_CONVERGED;
    if (!report(solver, s) && *stop == GRADUS_I_STOP_NONE)
      *stop = GRADUS_I_STOP_CALLER;
  }
  return status;
}

/* The certificate at the end; after mini-batches it takes a pass. */
static gradus_status conclude(const gradus_i_solver *solver, gradus_i_search *s, gradus_i_stop stop,
                              gradus_i_outcome *outcome, gradus_error *err) {
  gradus_status status = GRADUS_OK;
  if (!s->exact)
    status = gradus_i_search_evaluate(s, solver->needs, err);
  if (status <= 0 && solver->step_back && !gradus_i_value_finite(&s->value, s->objective->dim)) {
    stop = GRADUS_I_STOP_NOT_FINITE;
    status = solver->step_back(s, err);
  }
  if (status > 0)
    return status;
  if (!s->exact && !gradus_i_value_finite(&s->value, s->objective->dim))
    stop = GRADUS_I_STOP_NOT_FINITE;
  outcome->certificate = gradus_i_objective_certificate(s->objective, s->value.gradient);
  bool small = outcome->certificate <= s->options->tolerance;
  if (small && (stop == GRADUS_I_STOP_ITERATIONS || stop == GRADUS_I_STOP_CALLER ||
                stop == GRADUS_I_STOP_ASKED))
    stop = GRADUS_I_STOP_CONVERGED;
  bool still = stop == GRADUS_I_STOP_STANDSTILL || stop == GRADUS_I_STOP_NO_DESCENT;
  if (stop == GRADUS_I_STOP_NO_DESCENT && outcome->certificate <= standstill_certificate)
    stop = GRADUS_I_STOP_STANDSTILL;
  outcome->stop = stop;
  outcome->left = s->left;
  outcome->converged = stop == GRADUS_I_STOP_CONVERGED ||
                       (still && (small || outcome->certificate <= standstill_certificate));
  outcome->iterations = s->iteration;
  outcome->evaluations = s->evaluations;
  outcome->loss = s->value.loss;
  return GRADUS_OK;
}

static void take_start(gradus_i_value *value, const gradus_i_value *known, size_t dim) {
  value->loss = known->loss;
  value->weight = known->weight;
  memcpy(value->gradient, known->gradient, dim * sizeof *known->gradient);
  if (value->matrix)
    memcpy(value->matrix, known->matrix, dim * dim * sizeof *known->matrix);
}

static gradus_status check_start(const gradus_i_solver *solver, gradus_i_search *s,
                                 gradus_error *err) {
  gradus_status status = GRADUS_OK;
  if (s->options->at_start)
    take_start(&s->value, s->options->at_start, s->objective->dim);
  else
    status = gradus_i_search_evaluate(s, solver->needs, err);
  if (status <= 0 && !gradus_i_value_finite(&s->value, s->objective->dim))
    status = gradus_i_fail(err, GRADUS_ERROR_NUMERICAL,
                           "the loss or its gradient is not finite at the start (loss %g); start "
                           "nearer to the data, or scale them",
                           s->value.loss);
  return status;
}

/* Takes up from the memory, or makes room for one. */
static gradus_status recall(const gradus_i_solver *solver, gradus_i_search *s, gradus_error *err) {
  gradus_i_memory *memory = s->options->memory;
  size_t size = memory && solver->memory_size ? solver->memory_size(s) : 0;
  gradus_status status = GRADUS_OK;
  if (!memory)
    return GRADUS_OK;
  if (size == 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the solver %s cannot be continued later; gradient descent by a rule can",
                         solver->name);
  if (memory->count > 0) {
    status = solver->restore(s, memory, err);
    s->iteration = memory->iteration;
  }
  if (status > 0 || memory->count == size)
    return status;
  double *values = gradus_i_allocate(size, sizeof *values);
  if (!values)
    return gradus_i_out_of_memory(err);
  gradus_i_release(memory->values);
  memory->values = values;
  memory->count = size;
  return GRADUS_OK;
}

/* From the start to the outcome; what the search holds is the caller's to free. */
static gradus_status run(const gradus_i_solver *solver, gradus_i_search *s,
                         gradus_i_outcome *outcome, gradus_error *err) {
  size_t dim = s->objective->dim;
  gradus_i_stop stop = GRADUS_I_STOP_NONE;
  s->value.gradient = gradus_i_allocate(dim, sizeof(double));
  if (solver->needs >= GRADUS_I_MATRIX)
    s->value.matrix = gradus_i_allocate(dim, dim * sizeof(double));
  if (!s->value.gradient || (solver->needs >= GRADUS_I_MATRIX && !s->value.matrix))
    return gradus_i_out_of_memory(err);
  gradus_status status = check_start(solver, s, err);
  if (status <= 0)
    status = solver->start(s, err);
  if (status <= 0)
    status = recall(solver, s, err);
  if (status <= 0)
    status = iterate(solver, s, &stop, err);
  if (status <= 0)
    status = conclude(solver, s, stop, outcome, err);
  if (solver->finish)
    solver->finish(s);
  return status;
}

gradus_status gradus_i_minimise(const gradus_i_solver *solver, const gradus_i_objective *objective,
                                const gradus_i_solver_options *options, double *theta,
                                gradus_i_outcome *outcome, gradus_error *err) {
  static const gradus_descent_options no_descent;
  gradus_i_solver_options own = options ? *options : (gradus_i_solver_options){0};
  own.descent = own.descent ? own.descent : &no_descent;
  bool epochs = own.descent->batch_size > 0 && solver->max_epochs > 0;
  if (own.max_iterations == 0)
    own.max_iterations = epochs ? solver->max_epochs : solver->max_iterations;
  own.tolerance = own.tolerance > 0 ? own.tolerance : 1e-12;
  *outcome = (gradus_i_outcome){0};
  if (solver->needs > objective->type->order)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the solver %s needs a Fisher or Gauss-Newton matrix, which %s has not; "
                         "lbfgs and gradient-descent would do",
                         solver->name, objective->type->name);
  /* BLAS calls of the solver stay on this thread; passes ask for as many as they are to have. */
  gradus_i_thread_scope scope = gradus_i_threads_begin(objective->threads);
  gradus_i_objective threaded = *objective;
  threaded.threads = scope.threads;
  gradus_i_search s = {.objective = &threaded, .options = &own, .theta = theta, .exact = true};
  gradus_status status = run(solver, &s, outcome, err);
  gradus_i_threads_end(scope);
  gradus_i_release(s.value.gradient);
  if (status <= 0)
    outcome->matrix = s.value.matrix;
  else
    gradus_i_release(s.value.matrix);
  return status;
}
