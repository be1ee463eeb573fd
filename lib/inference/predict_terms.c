// SPDX-License-Identifier: GPL-3.0-or-later
/* What each term of a formula adds to the linear predictor, as R's predict(type = "terms"): its
   columns less their means in the fitted rows, times their estimates; columns are not centred where
   there is no intercept. */
#include "predict_internal.h"

#include <math.h>
#include <string.h>

/* ---- the means ---- */

typedef struct means_context {
  const gradus_fit *fit;
} means_context;

/* Per column a sum in double-double; the last cell is the number of rows. */
static gradus_status add_columns(void *context, const gradus_batch *batch, double *accumulator,
                                 double *scratch, gradus_error *err) {
  (void)scratch;
  (void)err;
  const gradus_fit *fit = ((const means_context *)context)->fit;
  gradus_i_extended *sums = (gradus_i_extended *)(void *)accumulator;
  for (size_t i = 0; i < batch->rows; i++) {
    double count = gradus_i_row_count(fit, batch, i);
    const double *x = batch->x + i * batch->x_stride;
    for (size_t j = 0; j < fit->p; j++)
      sums[j] = gradus_i_extended_add(sums[j], gradus_i_two_product(count, x[j]));
    accumulator[2 * fit->p] += count;
  }
  return GRADUS_OK;
}

static gradus_status merge_columns(void *context, double *total, const double *accumulator,
                                   gradus_error *err) {
  (void)err;
  size_t p = ((const means_context *)context)->fit->p;
  gradus_i_extended *sums = (gradus_i_extended *)(void *)total;
  const gradus_i_extended *more = (const gradus_i_extended *)(const void *)accumulator;
  for (size_t j = 0; j < p; j++)
    sums[j] = gradus_i_extended_add(sums[j], more[j]);
  total[2 * p] += accumulator[2 * p];
  return GRADUS_OK;
}

gradus_status gradus_fit_set_means(gradus_fit *fit, const gradus_source *source,
                                   gradus_error *err) {
  size_t p = fit->p, columns = gradus_source_get_shape(source)->columns;
  if (columns != p)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "the fit has %zu inputs, the rows have %zu: these are not the rows that "
                         "were fitted",
                         p, columns);
  double *sums = gradus_i_allocate(2 * p + 1, sizeof *sums);
  double *means = gradus_i_allocate(p, sizeof *means);
  means_context context = {.fit = fit};
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(p + 1),
                        .accumulator_size = 2 * p + 1,
                        .process = add_columns,
                        .merge = merge_columns};
  gradus_status status = sums && means ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_i_pass_run(&pass, &context, source, gradus_i_threads(0), sums, err);
  if (status <= 0) {
    const gradus_i_extended *of_columns = (const gradus_i_extended *)(const void *)sums;
    gradus_i_extended rows = gradus_i_extended_of(sums[2 * p]);
    for (size_t j = 0; j < p; j++)
      means[j] = gradus_i_extended_round(gradus_i_extended_divide(of_columns[j], rows));
    gradus_i_release(fit->column_means);
    fit->column_means = means;
    means = NULL;
  }
  gradus_i_release(sums);
  gradus_i_release(means);
  return status > 0 ? status : GRADUS_OK;
}

/* ---- the terms ---- */

size_t gradus_i_term_count(const gradus_fit *fit) {
  return fit->design ? gradus_design_terms(fit->design) : fit->p;
}

const char *gradus_i_term_label(const gradus_fit *fit, size_t term) {
  return fit->design ? gradus_design_term_label(fit->design, term)
                     : gradus_fit_coefficient_name(fit, term + (fit->has_intercept ? 1 : 0));
}

static size_t term_of(const gradus_fit *fit, size_t column) {
  return fit->design ? gradus_design_column_term(fit->design, column) : column;
}

/* The first coefficient (of a response) that is neither dropped nor finite; q if there is none. */
static size_t first_infinite(const gradus_fit *fit) {
  for (size_t j = 0; j < fit->q; j++)
    for (size_t r = 0; !fit->dropped[j] && r < fit->k; r++)
      if (!isfinite(gradus_fit_coefficient(fit, r, j)))
        return j;
  return fit->q;
}

gradus_status gradus_i_check_terms(const gradus_fit *fit, const gradus_predict_options *options,
                                   gradus_error *err) {
  if (options->interval == GRADUS_INTERVAL_PREDICTION)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a term has no prediction interval: ask for a confidence interval");
  size_t infinite = first_infinite(fit);
  if (infinite < fit->q)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the estimate of %s is not finite: what its term adds is no number",
                         gradus_fit_coefficient_name(fit, infinite));
  if (fit->column_means || !fit->has_intercept)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                       "terms are centred at the means of the fitted rows, which this fit does not "
                       "know: gradus_fit_set_means tells it");
}

static double mean_of(const gradus_fit *fit, size_t column) {
  return fit->has_intercept ? fit->column_means[column] : 0;
}

static void add_values(const gradus_i_predict *c, const gradus_batch *batch, size_t i) {
  const gradus_fit *fit = c->fit;
  const double *theta = gradus_params_const_values(fit->params);
  size_t first = fit->has_intercept ? 1 : 0, terms = gradus_i_term_count(fit);
  const double *x = batch->x + i * batch->x_stride;
  double *fitted =
      c->prediction->fitted + gradus_i_predicted_row(batch, i) * c->prediction->columns;
  memset(fitted, 0, c->prediction->columns * sizeof *fitted);
  for (size_t r = 0; r < fit->k; r++)
    for (size_t j = 0; j < fit->p; j++)
      if (!fit->dropped[first + j])
        fitted[r * terms + term_of(fit, j)] += theta[r * fit->p + j] * (x[j] - mean_of(fit, j));
}

/* The columns of a term stand side by side. */
static void columns_of(const gradus_fit *fit, size_t term, size_t *begin, size_t *end) {
  *begin = 0;
  while (*begin < fit->p && term_of(fit, *begin) != term)
    ++*begin;
  *end = *begin;
  while (*end < fit->p && term_of(fit, *end) == term)
    ++*end;
}

/* One row's centred columns times their rows of the root; in double-double, as columns of one term
   (powers) may nearly cancel. */
static void term_in_root(const gradus_fit *fit, const double *root, const double *x, size_t begin,
                         size_t end, double *a) {
  size_t first = fit->has_intercept ? 1 : 0;
  if (end - begin == 1) {
    double z = (x[begin] - mean_of(fit, begin)) * fit->column_scale[first + begin];
    for (size_t l = 0; l < fit->rank; l++)
      a[l] = z * root[(first + begin) * fit->q + l];
    return;
  }
  for (size_t l = 0; l < fit->rank; l++) {
    gradus_i_extended sum = {0, 0};
    for (size_t j = begin; j < end; j++) {
      double z = (x[j] - mean_of(fit, j)) * fit->column_scale[first + j];
      sum = gradus_i_extended_add(sum, gradus_i_two_product(z, root[(first + j) * fit->q + l]));
    }
    a[l] = gradus_i_extended_round(sum);
  }
}

void gradus_i_predict_terms(const gradus_i_predict *c, const gradus_batch *batch, double *scratch) {
  const gradus_fit *fit = c->fit;
  size_t terms = gradus_i_term_count(fit), columns = c->prediction->columns, begin, end;
  for (size_t i = 0; i < batch->rows; i++)
    add_values(c, batch, i);
  if (!c->prediction->std_error && !c->prediction->low)
    return;
  for (size_t t = 0; t < terms; t++) {
    columns_of(fit, t, &begin, &end);
    for (size_t r = 0; r < fit->k; r++) {
      double factor;
      const double *root = gradus_i_covariance_root(fit, r, &factor);
      for (size_t i = 0; i < batch->rows; i++) {
        term_in_root(fit, root, batch->x + i * batch->x_stride, begin, end, scratch);
        gradus_i_predict_error(c, gradus_i_predicted_row(batch, i) * columns + r * terms + t,
                               scratch, factor, 0);
      }
    }
  }
}

double gradus_i_term_constant(const gradus_fit *fit, size_t response) {
  const double *theta = gradus_params_const_values(fit->params);
  if (!fit->has_intercept)
    return 0;
  gradus_i_extended sum =
      gradus_i_extended_of(fit->dropped[0] ? 0 : theta[fit->k * fit->p + response]);
  for (size_t j = 0; j < fit->p; j++)
    if (!fit->dropped[1 + j])
      sum = gradus_i_extended_add(
          sum, gradus_i_two_product(theta[response * fit->p + j], fit->column_means[j]));
  return gradus_i_extended_round(sum);
}
