// SPDX-License-Identifier: GPL-3.0-or-later
/* Standard errors of a network without hidden layers: those of the regression that it is. */
#include "iterate.h"
#include "network.h"

#include <math.h>
#include <string.h>

/* A diagonal of the Cholesky factor, of columns of length 1, whose square is below this is that of
   a column which others determine. */
static const double rank_tolerance = 1e-11;

void gradus_i_network_errors_free(gradus_i_network_errors *errors) {
  if (!errors)
    return;
  gradus_i_release(errors->root);
  gradus_i_release(errors->length);
  gradus_i_release(errors->value);
  gradus_i_release(errors);
}

void gradus_i_network_forget_errors(gradus_fit *fit) {
  gradus_i_network_fit *made = fit->network;
  gradus_i_network_errors_free(made->errors);
  gradus_i_release(made->effect);
  gradus_i_release(made->no_errors);
  gradus_i_release(fit->root);
  made->errors = NULL;
  made->effect = NULL;
  made->effects = 0;
  made->no_errors = NULL;
  fit->root = NULL;
  fit->joint = 1;
}

gradus_status gradus_i_network_refuse_errors(gradus_fit *fit, const char *reason,
                                             gradus_error *err) {
  gradus_i_release(fit->network->no_errors);
  fit->network->no_errors = gradus_i_string_copy(reason);
  return fit->network->no_errors ? GRADUS_OK : gradus_i_out_of_memory(err);
}

/* The network as an affine map of standardised columns. */
typedef struct standardised {
  const gradus_fit *fit;
  gradus_i_affine model;
  gradus_i_standard standard;
  gradus_source *source;
  size_t dim;
  double *theta;  /* dim; owns what follows: a gradient, the standard */
  bool *left_out; /* dim: the parameters of dropped columns */
  gradus_i_value value;
} standardised;

static void clear(standardised *s) {
  gradus_source_free(s->source);
  gradus_i_release(s->theta);
  gradus_i_release(s->left_out);
  gradus_i_release(s->value.matrix);
}

static gradus_status allocate(standardised *s, gradus_error *err) {
  size_t square, p = s->fit->p;
  if (!gradus_i_multiply(s->dim, s->dim, &square))
    return gradus_i_out_of_memory(err);
  s->theta = gradus_i_allocate(2 * (s->dim + p), sizeof *s->theta);
  s->left_out = gradus_i_allocate(s->dim, sizeof *s->left_out);
  s->value.matrix = gradus_i_allocate(square, sizeof *s->value.matrix);
  if (!s->theta || !s->left_out || !s->value.matrix)
    return gradus_i_out_of_memory(err);
  s->value.gradient = s->theta + s->dim;
  s->standard.centre = s->value.gradient + s->dim;
  s->standard.factor = s->standard.centre + p;
  return GRADUS_OK;
}

static void set_theta(standardised *s) {
  size_t p = s->fit->p, k = s->fit->k;
  const double *values = gradus_i_network_theta(s->fit);
  for (size_t r = 0; r < k; r++) {
    double shift = 0;
    for (size_t j = 0; j < p; j++) {
      s->left_out[r * p + j] = s->fit->dropped[s->model.bias + j];
      s->theta[r * p + j] = values[r * p + j] / s->standard.factor[j];
      shift += values[r * p + j] * s->standard.centre[j];
    }
    if (s->model.bias)
      s->theta[k * p + r] = values[k * p + r] + shift;
  }
}

static gradus_status evaluate(standardised *s, const gradus_source *rows, int threads,
                              gradus_error *err) {
  const gradus_fit *fit = s->fit;
  s->model = (gradus_i_affine){.p = fit->p,
                               .k = fit->k,
                               .bias = fit->has_intercept,
                               .loss = fit->network->loss,
                               .loss_data = gradus_i_network_loss_data(fit->network)};
  s->dim = fit->k * fit->q;
  gradus_status status = allocate(s, err);
  if (status <= 0)
    status = gradus_i_standardise(&s->source, &s->standard, rows, fit->has_intercept, threads, err);
  if (status > 0)
    return status;
  set_theta(s);
  gradus_i_objective objective = {.type = &gradus_i_affine_type,
                                  .model = &s->model,
                                  .source = s->source,
                                  .dim = s->dim,
                                  .row_size = fit->p + fit->k,
                                  .threads = threads};
  return gradus_i_objective_evaluate(&objective, s->theta, GRADUS_I_MATRIX, &s->value, err);
}

/* ---- Pearson's sum ---- */

static gradus_status add_pearson(void *context, const gradus_batch *batch, double *sums,
                                 double *scratch, gradus_error *err) {
  (void)err;
  const standardised *s = context;
  double loss = 0, *score = scratch, *curvature = scratch + batch->rows;
  gradus_i_affine_predict(&s->model, s->theta, batch, score);
  s->model.loss->rows(s->model.loss_data, GRADUS_I_MATRIX, batch, 1, score, curvature, &loss);
  for (size_t i = 0; i < batch->rows; i++)
    if (curvature[i] > 0) /* (y - μ)²/V, times the weight */
      sums[0] += score[i] * score[i] / curvature[i];
  return GRADUS_OK;
}

static gradus_status take_dispersion(gradus_fit *fit, standardised *s, int threads,
                                     gradus_error *err) {
  size_t chunk = gradus_i_chunk_rows(fit->p + 2);
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = 1,
                        .scratch_size = 2 * chunk,
                        .process = add_pearson};
  double sum = 0;
  if (fit->dispersion_known)
    return GRADUS_OK;
  gradus_status status = gradus_i_pass_run(&pass, s, s->source, threads, &sum, err);
  fit->dispersion = fit->df_residual > 0 ? sum / fit->df_residual : (double)NAN;
  return status;
}

/* ---- what there is to say against it ---- */

static gradus_status is_singular(bool *singular, const standardised *s, gradus_error *err) {
  size_t dim = s->dim, m = 0;
  double *scaled = gradus_i_allocate(dim, dim * sizeof *scaled);
  size_t *at = gradus_i_allocate(dim, sizeof *at); /* what is not left out */
  *singular = true;
  if (!scaled || !at) {
    gradus_i_release(scaled);
    gradus_i_release(at);
    return gradus_i_out_of_memory(err);
  }
  const double *matrix = s->value.matrix;
  for (size_t j = 0; j < dim; j++)
    if (!s->left_out[j])
      at[m++] = j;
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i <= j; i++) {
      double lengths = sqrt(matrix[at[i] * (dim + 1)]) * sqrt(matrix[at[j] * (dim + 1)]);
      scaled[i + j * m] = lengths > 0 ? matrix[at[i] + at[j] * dim] / lengths : 0;
    }
  *singular = !gradus_i_all_finite(scaled, m * m) || !gradus_i_cholesky(m, scaled);
  for (size_t j = 0; !*singular && j < m; j++)
    *singular = scaled[j * (m + 1)] * scaled[j * (m + 1)] < rank_tolerance;
  gradus_i_release(scaled);
  gradus_i_release(at);
  return GRADUS_OK;
}

/* Of classes: estimates that have no maximum to go to end with variances like these. */
static gradus_status is_separated(bool *separated, const standardised *s, gradus_error *err) {
  double largest = 0;
  gradus_status status =
      gradus_i_largest_inverse(&largest, s->dim, s->value.matrix, s->left_out, err);
  *separated = largest > gradus_i_separated_variance;
  return status;
}

static gradus_status find_reason(const char **reason, const standardised *s, gradus_error *err) {
  const gradus_i_family *family = gradus_i_family_find(s->fit->family);
  bool classes = s->fit->levels || (family && family->is_binomial), broken;
  gradus_status status = is_singular(&broken, s, err);
  if (status <= 0 && classes && !broken)
    status = is_separated(&broken, s, err);
  *reason = !broken   ? NULL
            : classes ? "columns determine one another, or separate the response, so that there "
                        "are no finite estimates: gradus logistic and gradus multinomial tell which"
                      : "columns determine one another, so that the matrix is singular";
  return status;
}

gradus_status gradus_i_network_take_errors(gradus_fit *fit, const gradus_source *rows, int threads,
                                           gradus_error *err) {
  standardised s = {.fit = fit};
  const char *reason = NULL;
  bool definite = false;
  gradus_status status = evaluate(&s, rows, threads, err);
  if (status <= 0)
    status = find_reason(&reason, &s, err);
  if (status <= 0 && !reason)
    status = take_dispersion(fit, &s, threads, err);
  if (status <= 0 && !reason) {
    for (size_t i = 0; i < s.dim * s.dim; i++)
      s.value.matrix[i] *= s.value.weight;
    status = gradus_i_fit_take_information(fit, s.value.matrix, NULL, s.left_out, &s.standard,
                                           &definite, err);
    reason = definite ? NULL : "the matrix is singular";
  }
  if (status <= 0 && reason)
    status = gradus_i_network_refuse_errors(fit, reason, err);
  clear(&s);
  return status;
}
