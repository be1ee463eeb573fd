// SPDX-License-Identifier: GPL-3.0-or-later
#include "made_objectives.h"

#include <math.h>
#include <string.h>

enum { QUADRATIC = 12 };

/* Eigenvalues from 0.01 to 100 in the basis of the reflection I - 2vvᵀ/vᵀv, v = (1, .. 1). */
static double eigenvalue(size_t j) {
  return pow(10, 4.0 * (double)j / (QUADRATIC - 1) - 2);
}

static void reflect(double *v, size_t dim) {
  double sum = 0;
  for (size_t j = 0; j < dim; j++)
    sum += v[j];
  for (size_t j = 0; j < dim; j++)
    v[j] -= 2 * sum / (double)dim;
}

static double quadratic(const double *theta, size_t dim, double *gradient) {
  double from[QUADRATIC], value = 0;
  for (size_t j = 0; j < dim; j++)
    from[j] = theta[j] - made_quadratic.optimum[j];
  memcpy(gradient, from, dim * sizeof *gradient);
  reflect(gradient, dim);
  for (size_t j = 0; j < dim; j++)
    gradient[j] *= eigenvalue(j);
  reflect(gradient, dim);
  for (size_t j = 0; j < dim; j++)
    value += 0.5 * gradient[j] * from[j];
  return value;
}

static double raised_quadratic(const double *theta, size_t dim, double *gradient) {
  return 1000 + quadratic(theta, dim, gradient);
}

static void quadratic_matrix(const double *theta, size_t dim, double *matrix) {
  (void)theta;
  for (size_t j = 0; j < dim; j++) {
    double column[QUADRATIC] = {0};
    column[j] = 1;
    reflect(column, dim);
    for (size_t i = 0; i < dim; i++)
      column[i] *= eigenvalue(i);
    reflect(column, dim);
    for (size_t i = 0; i <= j; i++)
      matrix[i + j * dim] += column[i];
  }
}

static double rosenbrock(const double *theta, size_t dim, double *gradient) {
  double value = 0;
  memset(gradient, 0, dim * sizeof *gradient);
  for (size_t j = 0; j + 1 < dim; j++) {
    double valley = theta[j + 1] - theta[j] * theta[j], slope = 1 - theta[j];
    value += 100 * valley * valley + slope * slope;
    gradient[j] -= 400 * valley * theta[j] + 2 * slope;
    gradient[j + 1] += 200 * valley;
  }
  return value;
}

static double barrier(const double *theta, size_t dim, double *gradient) {
  double value = 0;
  for (size_t j = 0; j < dim; j++) {
    value += theta[j] > 0 ? theta[j] - log(theta[j]) : HUGE_VAL;
    gradient[j] = 1 - 1 / theta[j];
  }
  return value;
}

static void barrier_matrix(const double *theta, size_t dim, double *matrix) {
  for (size_t j = 0; j < dim; j++)
    matrix[j * (dim + 1)] += 1 / (theta[j] * theta[j]);
}

static double cliff(const double *theta, size_t dim, double *gradient) {
  double value = 0;
  for (size_t j = 0; j < dim; j++) {
    gradient[j] = theta[j] < 1 ? theta[j] - 5 : NAN;
    value += 0.5 * gradient[j] * gradient[j];
  }
  return value;
}

static double slide(const double *theta, size_t dim, double *gradient) {
  double value = 0;
  for (size_t j = 0; j < dim; j++) {
    value -= theta[j];
    gradient[j] = -1;
  }
  return value;
}

static void unit_matrix(const double *theta, size_t dim, double *matrix) {
  (void)theta;
  for (size_t j = 0; j < dim; j++)
    matrix[j * (dim + 1)] += 1;
}

const made_function made_quadratic = {
    QUADRATIC, quadratic, quadratic_matrix, {0}, {1, -2, 3, -4, 5, -6, 7, 8, -9, 10, 11, -12},
    NULL};
const made_function made_raised_quadratic = {QUADRATIC,
                                             raised_quadratic,
                                             quadratic_matrix,
                                             {0},
                                             {1, -2, 3, -4, 5, -6, 7, 8, -9, 10, 11, -12},
                                             NULL};
const made_function made_rosenbrock = {10,
                                       rosenbrock,
                                       NULL,
                                       {-1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1},
                                       {1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                                       NULL};
const made_function made_barrier = {3, barrier, barrier_matrix, {0.3, 1.9, 1.5}, {1, 1, 1}, NULL};
const made_function made_cliff = {2, cliff, unit_matrix, {0, 0.5}, {5, 5}, NULL};
const made_function made_slide = {2, slide, unit_matrix, {0}, {0}, NULL};

static size_t scratch_size(const void *model, size_t rows, gradus_i_order order) {
  (void)rows;
  (void)order;
  return ((const made_function *)model)->dim;
}

static gradus_status add(const void *model, const double *theta, gradus_i_order order,
                         const gradus_batch *batch, double *sums, double *scratch,
                         gradus_error *err) {
  (void)err;
  const made_function *f = model;
  double rows = (double)batch->rows, value = f->value(theta, f->dim, scratch);
  if (f->evaluations_left && *f->evaluations_left == 0)
    value = NAN;
  else if (f->evaluations_left)
    --*f->evaluations_left;
  sums[GRADUS_I_SUM_LOSS] += rows * value;
  sums[GRADUS_I_SUM_WEIGHT] += rows;
  for (size_t j = 0; order >= GRADUS_I_GRADIENT && j < f->dim; j++)
    sums[GRADUS_I_SUM_GRADIENT + j] += rows * scratch[j];
  if (order >= GRADUS_I_MATRIX) /* one row */
    f->matrix(theta, f->dim, sums + GRADUS_I_SUM_GRADIENT + f->dim);
  return GRADUS_OK;
}

static const gradus_i_objective_type with_matrix = {.name = "the made function",
                                                    .order = GRADUS_I_MATRIX,
                                                    .scratch_size = scratch_size,
                                                    .add = add};
static const gradus_i_objective_type with_gradient = {.name = "the made function",
                                                      .order = GRADUS_I_GRADIENT,
                                                      .scratch_size = scratch_size,
                                                      .add = add};

made_objective made_objective_open(const made_function *function) {
  made_objective made = {.x = gsl_matrix_calloc(1, 1)};
  CHECK_STATUS(
      gradus_source_from_matrix(&made.source, made.x, NULL, NULL, GRADUS_WEIGHT_NONE, NULL, NULL),
      GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(made.source);
  made.objective = (gradus_i_objective){.type = function->matrix ? &with_matrix : &with_gradient,
                                        .model = function,
                                        .source = made.source,
                                        .dim = function->dim,
                                        .row_size = 1,
                                        .threads = 1};
  return made;
}

void made_objective_close(made_objective *made) {
  gradus_source_free(made->source);
  gsl_matrix_free(made->x);
}
