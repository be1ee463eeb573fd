// SPDX-License-Identifier: GPL-3.0-or-later
/* From sums over rows to the value, gradient and matrix of an objective. */
#include "objective.h"

#include <math.h>
#include <string.h>

size_t gradus_i_objective_sums_size(const gradus_i_objective *objective, gradus_i_order order) {
  size_t size = GRADUS_I_SUM_GRADIENT;
  if (order >= GRADUS_I_GRADIENT)
    size += objective->dim;
  if (order >= GRADUS_I_MATRIX)
    size += objective->dim * objective->dim;
  return size;
}

/* The penalty's part of F, added to what is there of value, gradient and matrix. */
static void add_penalty(const gradus_i_objective *o, const double *theta, gradus_i_order order,
                        gradus_i_value *value) {
  for (size_t j = 0; o->penalty && j < o->dim; j++) {
    value->loss += 0.5 * o->penalty[j] * theta[j] * theta[j];
    if (order >= GRADUS_I_GRADIENT)
      value->gradient[j] += o->penalty[j] * theta[j];
    if (order >= GRADUS_I_MATRIX)
      value->matrix[j * (o->dim + 1)] += o->penalty[j];
  }
  for (size_t j = 0; o->l1 > 0 && j < o->dim; j++) {
    if ((o->decays && !o->decays[j]) || (o->frozen && o->frozen[j]))
      continue;
    double l1 = o->l1 * (o->l1_factor ? o->l1_factor[j] : 1);
    value->loss += l1 * fabs(theta[j]);
    if (order >= GRADUS_I_GRADIENT)
      value->gradient[j] += l1 * ((theta[j] > 0) - (theta[j] < 0));
  }
}

static void finish(const gradus_i_objective *o, const double *theta, gradus_i_order order,
                   const double *sums, gradus_i_value *value) {
  size_t dim = o->dim;
  value->weight = sums[GRADUS_I_SUM_WEIGHT];
  value->loss = sums[GRADUS_I_SUM_LOSS] / value->weight;
  const double *gradient = sums + GRADUS_I_SUM_GRADIENT, *matrix = gradient + dim;
  for (size_t j = 0; order >= GRADUS_I_GRADIENT && j < dim; j++)
    value->gradient[j] = gradient[j] / value->weight;
  for (size_t j = 0; order >= GRADUS_I_MATRIX && j < dim; j++)
    for (size_t i = 0; i <= j; i++)
      value->matrix[i + j * dim] = matrix[i + j * dim] / value->weight;
  add_penalty(o, theta, order, value);
  for (size_t j = 0; o->frozen && order >= GRADUS_I_GRADIENT && j < dim; j++)
    if (o->frozen[j])
      value->gradient[j] = 0;
}

static gradus_status check_order(const gradus_i_objective *o, gradus_i_order order,
                                 gradus_error *err) {
  static const char *const names[] = {"loss", "gradient", "Fisher or Gauss-Newton matrix"};
  if (order <= o->type->order)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                       "%s has no %s; solvers that need none are lbfgs and gradient-descent",
                       o->type->name, names[order]);
}

typedef struct pass_context {
  const gradus_i_objective *objective;
  const double *theta;
  gradus_i_order order;
} pass_context;

static gradus_status add_batch(void *context, const gradus_batch *batch, double *accumulator,
                               double *scratch, gradus_error *err) {
  const pass_context *c = context;
  const gradus_i_objective *o = c->objective;
  return o->type->add(o->model, c->theta, c->order, batch, accumulator, scratch, err);
}

gradus_status gradus_i_objective_evaluate(const gradus_i_objective *objective, const double *theta,
                                          gradus_i_order order, gradus_i_value *value,
                                          gradus_error *err) {
  gradus_status status = check_order(objective, order, err);
  if (status > 0)
    return status;
  size_t chunk = gradus_i_chunk_rows(objective->row_size);
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = gradus_i_objective_sums_size(objective, order),
                        .scratch_size =
                            objective->type->scratch_size(objective->model, chunk, order),
                        .process = add_batch};
  pass_context context = {.objective = objective, .theta = theta, .order = order};
  double *sums = gradus_i_allocate_raw(pass.accumulator_size, sizeof *sums);
  if (!sums)
    return gradus_i_out_of_memory(err);
  if (objective->type->begin)
    objective->type->begin(objective->model, false);
  status = gradus_i_pass_run(&pass, &context, objective->source,
                             gradus_i_threads(objective->threads), sums, err);
  if (status <= 0)
    finish(objective, theta, order, sums, value);
  gradus_i_release(sums);
  return status;
}

gradus_status gradus_i_objective_batch(const gradus_i_objective *objective, const double *theta,
                                       gradus_i_order order, const gradus_batch *batch,
                                       double *sums, double *scratch, gradus_i_value *value,
                                       gradus_error *err) {
  if (objective->type->begin)
    objective->type->begin(objective->model, true);
  memset(sums, 0, gradus_i_objective_sums_size(objective, order) * sizeof *sums);
  gradus_status status =
      objective->type->add(objective->model, theta, order, batch, sums, scratch, err);
  if (status <= 0)
    finish(objective, theta, order, sums, value);
  return status;
}

double gradus_i_objective_certificate(const gradus_i_objective *objective, const double *gradient) {
  double largest = 0;
  for (size_t j = 0; j < objective->dim; j++) {
    double scale = objective->scale ? objective->scale[j] : 1, entry = fabs(gradient[j]);
    if (isnan(entry))
      return NAN;
    if (entry > 0)
      largest = fmax(largest, scale > 0 ? entry / scale : HUGE_VAL);
  }
  return largest;
}
