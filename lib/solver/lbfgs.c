// SPDX-License-Identifier: GPL-3.0-or-later
/* Limited-memory BFGS (Nocedal and Wright, Numerical Optimization, 2006, section 7.2): the last
   steps and the changes of the gradient along them stand for the inverse of the Hessian. */
#include "internal.h"
#include "line_search.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
  MEMORY = 10,
  PATIENCE = 30 /* iterations at the level of rounding without a smaller gradient */
};

/* θ with F and its gradient. */
typedef struct place {
  double loss, certificate, *theta, *gradient;
} place;

typedef struct lbfgs {
  size_t count, newest;                /* pairs kept; where the last one is */
  double *step[MEMORY], *turn[MEMORY]; /* s, and y: how the gradient changed along it */
  double product[MEMORY];              /* s·y */
  double *direction, *work;
  place origin; /* of the line search */
  place best;   /* of the last iterations that rounding alone tells apart */
  size_t stalled;
  double *memory; /* all of the above */
} lbfgs;

static void finish(gradus_i_search *search) {
  lbfgs *l = search->state;
  if (!l)
    return;
  gradus_i_release(l->memory);
  gradus_i_release(l);
}

static gradus_status start(gradus_i_search *search, gradus_error *err) {
  size_t dim = search->objective->dim;
  lbfgs *l = search->state = gradus_i_allocate(1, sizeof *l);
  if (!l)
    return gradus_i_out_of_memory(err);
  l->memory = gradus_i_allocate(dim, (2 * MEMORY + 6) * sizeof *l->memory);
  if (!l->memory)
    return gradus_i_out_of_memory(err);
  double *next = l->memory;
  for (size_t i = 0; i < MEMORY; i++) {
    l->step[i] = next + 2 * i * dim;
    l->turn[i] = l->step[i] + dim;
  }
  next += 2 * MEMORY * dim;
  l->direction = next;
  l->origin = (place){.theta = next + dim, .gradient = next + 2 * dim};
  l->best = (place){.certificate = HUGE_VAL, .theta = next + 3 * dim, .gradient = next + 4 * dim};
  l->work = next + 5 * dim;
  return GRADUS_OK;
}

static void keep(const gradus_i_search *s, place *at) {
  size_t bytes = s->objective->dim * sizeof(double);
  at->loss = s->value.loss;
  memcpy(at->theta, s->theta, bytes);
  memcpy(at->gradient, s->value.gradient, bytes);
}

static void go_back(gradus_i_search *s, const place *to) {
  size_t bytes = s->objective->dim * sizeof(double);
  s->value.loss = to->loss;
  memcpy(s->theta, to->theta, bytes);
  memcpy(s->value.gradient, to->gradient, bytes);
}

/* to += factor·from */
static void add(size_t n, double factor, const double *from, double *to) {
  for (size_t j = 0; j < n; j++)
    to[j] += factor * from[j];
}

/* Index of the pair that is `age` older than the newest. */
static size_t pair(const lbfgs *l, size_t age) {
  return (l->newest + MEMORY - age) % MEMORY;
}

static void precondition(const gradus_i_search *s, double *vector) {
  const gradus_i_solver_options *options = s->options;
  if (options->precondition)
    options->precondition(options->precondition_context, vector);
}

/* d = H·d with the first H, (s·y/y·My)·M. */
static void apply_first(const lbfgs *l, const gradus_i_search *s, double *d) {
  size_t dim = s->objective->dim;
  precondition(s, d);
  if (l->count == 0)
    return;
  const double *y = l->turn[l->newest];
  memcpy(l->work, y, dim * sizeof *y);
  precondition(s, l->work);
  double scale = l->product[l->newest] / gradus_i_inner_product(dim, y, l->work);
  for (size_t j = 0; j < dim; j++)
    d[j] *= scale;
}

/* direction = -H·gradient by the two loops (algorithm 7.4). Returns its product with the gradient,
   below 0 if it leads downhill. */
static double find_direction(lbfgs *l, const gradus_i_search *s) {
  size_t dim = s->objective->dim;
  const double *gradient = s->value.gradient;
  double along[MEMORY], *d = l->direction;
  for (size_t j = 0; j < dim; j++)
    d[j] = -gradient[j];
  for (size_t age = 0; age < l->count; age++) {
    size_t i = pair(l, age);
    along[i] = gradus_i_inner_product(dim, l->step[i], d) / l->product[i];
    add(dim, -along[i], l->turn[i], d);
  }
  apply_first(l, s, d);
  for (size_t age = l->count; age-- > 0;) {
    size_t i = pair(l, age);
    add(dim, along[i] - gradus_i_inner_product(dim, l->turn[i], d) / l->product[i], l->step[i], d);
  }
  return gradus_i_inner_product(dim, gradient, d);
}

/* Where nothing is known of the curvature: a step of length 1, or shorter if F would come to 0
   before. */
static double first_length(const lbfgs *l, const gradus_i_search *s) {
  const gradus_i_value *value = &s->value;
  size_t dim = s->objective->dim;
  if (l->count > 0 || s->options->precondition)
    return 1;
  double square = gradus_i_inner_product(dim, value->gradient, value->gradient);
  double unit = 1 / sqrt(square), to_zero = 2 * fabs(value->loss) / square;
  return to_zero > 0 ? fmin(unit, to_zero) : unit;
}

/* The step just made, unless the gradient did not grow along it beyond rounding: then the pair
   would spoil H. */
static void remember(lbfgs *l, const gradus_i_search *s) {
  size_t dim = s->objective->dim, i = l->count > 0 ? (l->newest + 1) % MEMORY : 0;
  double *step = l->direction, *turn = l->origin.gradient; /* both are done with */
  for (size_t j = 0; j < dim; j++) {
    step[j] = s->theta[j] - l->origin.theta[j];
    turn[j] = s->value.gradient[j] - turn[j];
  }
  double product = gradus_i_inner_product(dim, step, turn);
  double lengths =
      sqrt(gradus_i_inner_product(dim, step, step)) * sqrt(gradus_i_inner_product(dim, turn, turn));
  if (!(product > DBL_EPSILON * lengths))
    return;
  memcpy(l->step[i], step, dim * sizeof *step);
  memcpy(l->turn[i], turn, dim * sizeof *turn);
  l->product[i] = product;
  l->newest = i;
  l->count += l->count < MEMORY;
}

/* Along H's direction, and if that fails along the gradient. */
static gradus_status move(lbfgs *l, gradus_i_search *s, gradus_i_line_end *end, gradus_error *err) {
  for (;;) {
    double slope = find_direction(l, s), first = first_length(l, s);
    *end = GRADUS_I_LINE_NONE;
    if (slope < 0 && isfinite(slope) && isfinite(first)) {
      gradus_status status =
          gradus_i_line_search(s, l->origin.theta, l->direction, slope, first, end, err);
      if (status > 0 || *end == GRADUS_I_LINE_WOLFE || *end == GRADUS_I_LINE_LOWER)
        return status;
      go_back(s, &l->origin);
    }
    if (l->count == 0)
      return GRADUS_OK;
    l->count = 0;
  }
}

/* Where steps no longer change F, whether the gradient still gets smaller; at the end, the best
   place of those. */
static bool stands_still(lbfgs *l, gradus_i_search *s) {
  double change = fabs(s->value.loss - l->origin.loss);
  double certificate = gradus_i_objective_certificate(s->objective, s->value.gradient);
  if (change > gradus_i_loss_noise * fabs(s->value.loss)) {
    l->stalled = 0;
    l->best.certificate = HUGE_VAL;
  } else if (certificate < l->best.certificate) {
    l->stalled = 0;
    l->best.certificate = certificate;
    keep(s, &l->best);
  } else if (++l->stalled >= PATIENCE) {
    go_back(s, &l->best);
    return true;
  }
  return false;
}

static gradus_status iterate(gradus_i_search *s, gradus_i_stop *stop, gradus_error *err) {
  lbfgs *l = s->state;
  gradus_i_line_end end;
  keep(s, &l->origin);
  gradus_status status = move(l, s, &end, err);
  if (status > 0)
    return status;
  if (end == GRADUS_I_LINE_NONE || end == GRADUS_I_LINE_NOT_FINITE) {
    *stop = end == GRADUS_I_LINE_NONE ? GRADUS_I_STOP_NO_DESCENT : GRADUS_I_STOP_NOT_FINITE;
    if (l->best.certificate < gradus_i_objective_certificate(s->objective, s->value.gradient))
      go_back(s, &l->best);
    return status;
  }
  remember(l, s);
  if (stands_still(l, s))
    *stop = GRADUS_I_STOP_STANDSTILL;
  return status;
}

const gradus_i_solver gradus_i_lbfgs = {.name = "lbfgs",
                                        .how =
                                            "limited-memory BFGS with a strong-Wolfe line search",
                                        .needs = GRADUS_I_GRADIENT,
                                        .max_iterations = 10000,
                                        .start = start,
                                        .iterate = iterate,
                                        .finish = finish};
