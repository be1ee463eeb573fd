// SPDX-License-Identifier: GPL-3.0-or-later
/* Long generalised linear models by Newton's method on the rows as they are: one fused pass a step,
   and the last step's Fisher matrix is what inference needs. It declines where the matrix, whose
   condition number is squared, would cost digits. */
#include "glm.h"

#include <math.h>
#include <string.h>

/* Work (n·q²) from which a pass over the rows costs more than all that is exact about IRLS on
   columns in a panel. */
static const double long_work = 4e6;

/* Of the certificate. With a canonical link a step squares what is left, with others it only takes
   a share of it. */
static double tolerance_of(const gradus_i_irls_options *irls, const gradus_fit_options *options) {
  if (options->tolerance > 0)
    return options->tolerance;
  return gradus_i_glm_row_loss(irls->family, irls->link) ? 1e-13 : 1e-15;
}

bool gradus_i_glm_is_long(const gradus_source *source, const gradus_i_irls_options *irls) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  double q = (double)shape->columns + (irls->no_intercept ? 0 : 1);
  return !shape->has_low && shape->columns > 0 && (double)shape->rows * q * q > long_work;
}

/* From θ (weights, then the bias) to the order of coefficients (the intercept first). */
static void reorder(const double *matrix, double weight, size_t p, size_t first, double *gram) {
  size_t q = p + first;
  for (size_t j = 0; j < q; j++)
    for (size_t i = 0; i <= j; i++) {
      size_t row = first ? (i == 0 ? p : i - 1) : i, column = first ? (j == 0 ? p : j - 1) : j;
      size_t upper = row < column ? row : column, right = row < column ? column : row;
      gram[i + j * q] = matrix[upper + right * q] * weight;
    }
}

static gradus_status take(gradus_i_irls **solution, const gradus_source *source,
                          const gradus_i_irls_options *irls, const double *theta,
                          const gradus_i_outcome *outcome, double weight, gradus_error *err) {
  size_t p = gradus_source_get_shape(source)->columns, first = irls->no_intercept ? 0 : 1;
  size_t q = p + first;
  gradus_i_least_squares_options options = {.no_intercept = irls->no_intercept,
                                            .threads = irls->threads};
  gradus_i_irls *s = gradus_i_allocate(1, sizeof *s);
  double *gram = gradus_i_allocate(q * q, sizeof *gram);
  gradus_status status = s && gram ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0 && !(s->estimate = gradus_i_allocate(q, sizeof *s->estimate)))
    status = gradus_i_out_of_memory(err);
  if (status <= 0) {
    reorder(outcome->matrix, weight, p, first, gram);
    status = gradus_i_least_squares_of_gram(&s->step, source, &options, gram, err);
  }
  if (status <= 0 && s->step) {
    memcpy(s->estimate + first, theta, p * sizeof *theta);
    if (first)
      s->estimate[0] = theta[p];
    s->name = gradus_i_newton.name;
    s->how = gradus_i_newton.how;
    s->stop = gradus_i_stop_text(outcome->stop);
    s->converged = outcome->converged;
    s->iterations = outcome->iterations;
    s->certificate = outcome->certificate;
    status = gradus_i_glm_sums_at(&s->sums, source, irls, s->estimate, 0, err);
  }
  gradus_i_release(gram);
  if (status <= 0 && s->step) {
    *solution = s;
    return GRADUS_OK;
  }
  gradus_i_irls_free(s);
  return status;
}

gradus_status gradus_i_glm_newton(gradus_i_irls **solution, const gradus_source *source,
                                  const gradus_i_irls_options *irls, double bias, double weight,
                                  const gradus_fit_options *options, gradus_error *err) {
  size_t p = gradus_source_get_shape(source)->columns, dim = p + (irls->no_intercept ? 0 : 1);
  gradus_i_glm_loss loss = {.family = irls->family, .link = irls->link, .shape = irls->shape};
  gradus_i_affine model = {
      .p = p, .k = 1, .bias = !irls->no_intercept, .loss = &gradus_i_loss_glm, .loss_data = &loss};
  gradus_i_thread_scope scope = gradus_i_threads_begin(irls->threads);
  gradus_i_objective objective = {.type = &gradus_i_affine_type,
                                  .model = &model,
                                  .source = source,
                                  .dim = dim,
                                  .row_size = p + 1,
                                  .threads = scope.threads};
  gradus_i_solver_options solver = {.max_iterations =
                                        options->max_iterations ? options->max_iterations : 30,
                                    .tolerance = tolerance_of(irls, options)};
  gradus_i_outcome outcome = {0};
  gradus_error own = {0};
  double *theta = gradus_i_allocate(p + 1, sizeof *theta);
  *solution = NULL;
  gradus_status status = theta ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0) {
    theta[p] = bias;
    status = gradus_i_minimise(&gradus_i_newton, &objective, &solver, theta, &outcome, &own);
  }
  if (status > 0 && status != GRADUS_ERROR_NUMERICAL)
    gradus_i_fail(err, status, "%s", own.message);
  else if (status == GRADUS_ERROR_NUMERICAL)
    status = GRADUS_OK; /* what is wrong with the rows, the exact way will tell */
  else if (outcome.converged)
    status = take(solution, source, irls, theta, &outcome, weight, err);
  gradus_i_threads_end(scope);
  gradus_i_release(outcome.matrix);
  gradus_i_release(theta);
  return status;
}
