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

/* One long fit. */
typedef struct long_fit {
  const gradus_source *source;
  const gradus_i_irls_options *irls;
  gradus_i_objective objective;
  gradus_i_value start;
  double *theta, *scale, *gram; /* p + 1, dim, dim² */
  size_t p, first, dim;
} long_fit;

static void clear(long_fit *f) {
  gradus_i_release(f->theta);
  gradus_i_release(f->gram);
}

static gradus_status allocate(long_fit *f, gradus_error *err) {
  f->theta = gradus_i_allocate(f->p + 1 + 2 * f->dim, sizeof *f->theta);
  f->gram = gradus_i_allocate(2 * f->dim * f->dim, sizeof *f->gram);
  if (!f->theta || !f->gram)
    return gradus_i_out_of_memory(err);
  f->scale = f->theta + f->p + 1;
  f->start.gradient = f->scale + f->dim;
  f->start.matrix = f->gram + f->dim * f->dim;
  return GRADUS_OK;
}

/* What inference needs at a Fisher matrix; *step NULL: it loses digits. */
static gradus_status find_root(gradus_i_least_squares **step, long_fit *f, const double *matrix,
                               gradus_error *err) {
  gradus_i_least_squares_options options = {.no_intercept = f->irls->no_intercept,
                                            .threads = f->irls->threads};
  reorder(matrix, f->start.weight, f->p, f->first, f->gram);
  return gradus_i_least_squares_of_gram(step, f->source, &options, f->gram, err);
}

/* The first pass: is the matrix good enough, and how large are scores? |gradient|/√Fisher has no
   units. */
static gradus_status begin(bool *good, long_fit *f, gradus_error *err) {
  gradus_i_least_squares *step = NULL;
  gradus_status status =
      gradus_i_objective_evaluate(&f->objective, f->theta, GRADUS_I_MATRIX, &f->start, err);
  if (status <= 0 && gradus_i_value_finite(&f->start, f->dim))
    status = find_root(&step, f, f->start.matrix, err);
  for (size_t j = 0; status <= 0 && j < f->dim; j++)
    f->scale[j] = sqrt(f->start.matrix[j * (f->dim + 1)]);
  f->objective.scale = f->scale;
  *good = step != NULL;
  gradus_i_least_squares_free(step);
  return status;
}

static gradus_status take(gradus_i_irls **solution, long_fit *f, const gradus_i_outcome *outcome,
                          gradus_error *err) {
  gradus_i_irls *s = gradus_i_allocate(1, sizeof *s);
  gradus_status status = s ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0 && !(s->estimate = gradus_i_allocate(f->dim, sizeof *s->estimate)))
    status = gradus_i_out_of_memory(err);
  if (status <= 0)
    status = find_root(&s->step, f, outcome->matrix, err);
  if (status <= 0 && s->step) {
    memcpy(s->estimate + f->first, f->theta, f->p * sizeof *f->theta);
    if (f->first)
      s->estimate[0] = f->theta[f->p];
    s->name = gradus_i_newton.name;
    s->how = gradus_i_newton.how;
    s->stop = gradus_i_stop_text(outcome->stop);
    s->converged = outcome->converged;
    s->iterations = outcome->iterations;
    s->certificate = outcome->certificate;
    status = gradus_i_glm_sums_at(&s->sums, f->source, f->irls, s->estimate, 0, err);
  }
  if (status <= 0 && s->step) {
    *solution = s;
    return GRADUS_OK;
  }
  gradus_i_irls_free(s);
  return status;
}

static gradus_status descend(gradus_i_irls **solution, long_fit *f,
                             const gradus_fit_options *options, gradus_error *err) {
  gradus_i_solver_options solver = {.max_iterations =
                                        options->max_iterations ? options->max_iterations : 30,
                                    .tolerance = tolerance_of(f->irls, options),
                                    .at_start = &f->start};
  gradus_i_outcome outcome = {0};
  gradus_status status =
      gradus_i_minimise(&gradus_i_newton, &f->objective, &solver, f->theta, &outcome, err);
  if (status <= 0 && outcome.converged)
    status = take(solution, f, &outcome, err);
  gradus_i_release(outcome.matrix);
  return status;
}

gradus_status gradus_i_glm_newton(gradus_i_irls **solution, const gradus_source *source,
                                  const gradus_i_irls_options *irls, double bias,
                                  const gradus_fit_options *options, gradus_error *err) {
  gradus_i_glm_loss loss = {.family = irls->family, .link = irls->link, .shape = irls->shape};
  size_t p = gradus_source_get_shape(source)->columns, first = irls->no_intercept ? 0 : 1;
  gradus_i_affine model = {
      .p = p, .k = 1, .bias = first > 0, .loss = &gradus_i_loss_glm, .loss_data = &loss};
  gradus_i_thread_scope scope = gradus_i_threads_begin(irls->threads);
  long_fit f = {.source = source,
                .irls = irls,
                .p = p,
                .first = first,
                .dim = p + first,
                .objective = {.type = &gradus_i_affine_type,
                              .model = &model,
                              .source = source,
                              .dim = p + first,
                              .row_size = p + 1,
                              .threads = scope.threads}};
  bool good = false;
  *solution = NULL;
  gradus_status status = allocate(&f, err);
  if (status <= 0) {
    f.theta[p] = bias;
    status = begin(&good, &f, err);
  }
  if (status <= 0 && good)
    status = descend(solution, &f, options, err);
  gradus_i_threads_end(scope);
  clear(&f);
  return status;
}
