// SPDX-License-Identifier: GPL-3.0-or-later
/* Solvers of objectives: const tables behind one driver, which owns the stopping rules, the
   certificate, and the progress that users see. A solver knows θ and the objective, nothing else.
 */
#ifndef GRADUS_SOLVER_SOLVER_H
#define GRADUS_SOLVER_SOLVER_H

#include "../objective/objective.h"
#include <gradus/solver.h>

typedef enum gradus_i_stop {
  GRADUS_I_STOP_NONE,       /* go on */
  GRADUS_I_STOP_CONVERGED,  /* the certificate is below the tolerance */
  GRADUS_I_STOP_STANDSTILL, /* no step changes θ beyond rounding; converged if the certificate is
                               small as well */
  GRADUS_I_STOP_NO_DESCENT, /* no step lowers F */
  GRADUS_I_STOP_ITERATIONS, /* the maximum number is reached */
  GRADUS_I_STOP_CALLER,     /* the progress function said so */
  GRADUS_I_STOP_ASKED,      /* the stop function said so, maybe within an iteration */
  GRADUS_I_STOP_NOT_FINITE  /* F or its gradient left the numbers; θ is the last good one */
} gradus_i_stop;

/* What the driver calls after every iteration: the progress, and the gradient that belongs to its
   norm (dim, as the solver sees it; NULL where there is none). False ends the search. */
typedef bool (*gradus_i_progress)(void *context, const gradus_progress *progress,
                                  const double *gradient);

/* What a solver knows beside θ, as numbers, so that a search can be continued to the bit. */
typedef struct gradus_i_memory {
  double *values; /* count; the caller's to free */
  size_t count;   /* 0: nothing yet */
  size_t iteration;
} gradus_i_memory;

typedef struct gradus_i_solver_options {
  size_t max_iterations;          /* 0: the solver's own */
  double tolerance;               /* of the certificate; 0: 1e-12 */
  const gradus_i_value *at_start; /* F, gradient and what else the solver needs, if they are known
                                     there already; NULL: not */
  /* For solvers that have no matrix of F: vector (dim) = M·vector, M near the matrix' inverse,
     symmetric and positive definite, a frozen 0 staying 0. NULL: the identity. */
  void (*precondition)(const void *context, double *vector);
  const void *precondition_context;
  unsigned long seed;
  const gradus_descent_options *descent; /* NULL: all zero */
  /* Taken up from, if it holds something, and refreshed before every progress; NULL: not asked for.
     A solver that keeps nothing is _UNSUPPORTED then. */
  gradus_i_memory *memory;
  gradus_i_progress progress; /* NULL: none */
  void *progress_context;
  gradus_stop_function stop; /* before every iteration or mini-batch; NULL: none */
  void *stop_context;
} gradus_i_solver_options;

/* Where F or its gradient first left the numbers: batch from 1 (0: in a pass over all rows), entry
   of θ whose derivative did (dim: the loss itself). */
typedef struct gradus_i_leaving {
  size_t iteration, batch, entry;
} gradus_i_leaving;

/* What a solver works on: the driver makes it, the solver moves it. */
typedef struct gradus_i_search {
  const gradus_i_objective *objective;
  const gradus_i_solver_options *options; /* never NULL, nor its descent; zeros filled in */
  double *theta;                          /* dim */
  /* At theta, set by the driver at the start and by the solver in every iteration: loss, gradient
     (dim), matrix (dim² if the solver needs it, else NULL). */
  gradus_i_value value;
  /* A solver on mini-batches sets loss to the mean of its epoch, gradient to that of its last
     batch, and this to false: then the gradient is not that at theta, and the driver forms it at
     the end. */
  bool exact;
  double step;        /* of the last iteration, for progress */
  size_t iteration;   /* done */
  size_t evaluations; /* passes over the rows, mini-batches counted by their rows */
  gradus_i_leaving left;
  void *state; /* the solver's own, from start */
} gradus_i_search;

typedef struct gradus_i_solver {
  const char *name, *how; /* among gradus_i_solver_words */
  gradus_i_order needs;   /* of the objective */
  size_t max_iterations;  /* default */
  size_t max_epochs;      /* default with mini-batches; 0: as above */
  gradus_status (*start)(gradus_i_search *search, gradus_error *err);
  /* One iteration. *stop: NONE, STANDSTILL, NO_DESCENT or NOT_FINITE, theta then the best there is;
     or ASKED, where the iteration was cut short and does not count. */
  gradus_status (*iterate)(gradus_i_search *search, gradus_i_stop *stop, gradus_error *err);
  /* Where F turns out not to be finite after mini-batches: back to the last θ where it is, and its
     value; may be NULL. */
  gradus_status (*step_back)(gradus_i_search *search, gradus_error *err);
  /* How many numbers memory takes; puts them there; takes up from them after a start (those of
     other rows: but for what is the rows' own). NULL: it keeps nothing. */
  size_t (*memory_size)(const gradus_i_search *search);
  void (*save)(const gradus_i_search *search, double *values);
  gradus_status (*restore)(gradus_i_search *search, const gradus_i_memory *memory,
                           gradus_error *err);
  /* Frees state, also after a start that failed; may be NULL. */
  void (*finish)(gradus_i_search *search);
} gradus_i_solver;

/* NULL if there is none of that name. */
const gradus_i_solver *gradus_i_solver_find(const char *name);
extern const gradus_i_solver gradus_i_newton;
extern const gradus_i_solver gradus_i_levenberg_marquardt;
extern const gradus_i_solver gradus_i_lbfgs;
extern const gradus_i_solver gradus_i_gradient_descent;

typedef struct gradus_i_outcome {
  gradus_i_stop stop;
  gradus_i_leaving left; /* of NOT_FINITE */
  bool converged;
  size_t iterations, evaluations;
  double loss, certificate; /* at the final θ, by a pass of its own where they are not known */
  double *matrix; /* dim², at the final θ, if the solver needs it; the caller's to free */
} gradus_i_outcome;

/* Minimises from theta (dim, not moved where frozen) and leaves the result there. Not converging is
   an outcome, not an error. Errors: of evaluation; _UNSUPPORTED (the objective lacks what the
   solver needs), _NUMERICAL (F is not finite at the start). */
gradus_status gradus_i_minimise(const gradus_i_solver *solver, const gradus_i_objective *objective,
                                const gradus_i_solver_options *options, double *theta,
                                gradus_i_outcome *outcome, gradus_error *err);
/* In words, static storage of gradus_i_solver_words. */
const char *gradus_i_stop_text(gradus_i_stop stop);

/* F, gradient (and matrix) at search->theta into search->value; counts the pass. */
gradus_status gradus_i_search_evaluate(gradus_i_search *search, gradus_i_order order,
                                       gradus_error *err);
bool gradus_i_value_finite(const gradus_i_value *value, size_t dim);
/* Notes where a value that is not finite left the numbers, if none is noted yet; iteration from 1.
 */
void gradus_i_search_left(gradus_i_search *search, const gradus_i_value *value, size_t iteration,
                          size_t batch);

#endif
