// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks: from a formula and a frame, or from matrices, to a fit. */
#include "network.h"

#include <math.h>
#include <string.h>

static void clear(gradus_i_network_job *job) {
  gradus_i_network_clear_sources(job);
  gradus_i_network_fit_free(job->made);
  gradus_i_release(job->start_bias);
  gradus_i_release(job->class_weight);
}

static gradus_status fit_job(gradus_fit **fit, gradus_i_network_job *job, size_t levels,
                             gradus_design **design, gradus_error *err) {
  gradus_i_thread_scope scope = gradus_i_threads_begin(job->fit.threads);
  job->fit.threads = scope.threads;
  job->made = gradus_i_network_fit_new();
  gradus_status status = job->made ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_i_network_read_options(job, levels, err);
  if (status <= 0 && !(job->start_bias = gradus_i_allocate(job->k, sizeof *job->start_bias)))
    status = gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_i_network_lay_out(job, err);
  if (status <= 0)
    status = gradus_i_network_prepare(job, err);
  if (status <= 0)
    status = gradus_i_network_take_start(job, err);
  if (status <= 0)
    status = gradus_i_network_train(job, err);
  if (status <= 0)
    status = gradus_i_network_fill(fit, job, design, err);
  gradus_i_threads_end(scope);
  return status;
}

gradus_status gradus_i_network_group(const gradus_source **rows, gradus_source **grouped,
                                     const gradus_fit_options *options, gradus_error *err) {
  const gradus_i_family *family = gradus_i_family_find(options->family);
  if (!family || !family->is_binomial || gradus_source_get_shape(*rows)->responses != 2)
    return GRADUS_OK;
  gradus_status status = gradus_i_group_trials(grouped, *rows, err);
  if (status <= 0)
    *rows = *grouped;
  return status;
}

static gradus_status fit_sources(gradus_fit **fit, const gradus_source *source,
                                 const gradus_source *held, const gradus_source *test,
                                 size_t levels, const char *const *level_names,
                                 gradus_design **design, const gradus_network_options *options,
                                 const gradus_fit_options *own, gradus_error *err) {
  gradus_source *grouped[3] = {0};
  gradus_i_network_job job = {.options = options,
                              .fit = *own,
                              .source = source,
                              .held_source = held,
                              .test_source = test,
                              .levels = level_names};
  const gradus_source **rows[] = {&job.source, &job.held_source, &job.test_source};
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < 3; i++)
    if (*rows[i])
      status = gradus_i_network_group(rows[i], &grouped[i], own, err);
  if (status <= 0)
    status = fit_job(fit, &job, levels, design, err);
  clear(&job);
  for (size_t i = 0; i < 3; i++)
    gradus_source_free(grouped[i]);
  return status;
}

/* The names of the response's levels, borrowed from the design. */
static gradus_status list_levels(const char ***names, size_t *count, const gradus_design *design,
                                 gradus_error *err) {
  *count = gradus_design_response_levels(design);
  *names = gradus_i_allocate(*count, sizeof **names);
  if (!*names)
    return gradus_i_out_of_memory(err);
  for (size_t c = 0; c < *count; c++)
    (*names)[c] = gradus_design_response_level(design, c);
  return GRADUS_OK;
}

gradus_status gradus_network_fit(gradus_fit **fit, const char *formula, const gradus_frame *frame,
                                 const gradus_network_options *options, gradus_error *err) {
  static const gradus_network_options defaults;
  gradus_design *design = NULL;
  gradus_source *source = NULL, *held = NULL, *test = NULL;
  const char **levels = NULL;
  size_t level_count = 0;
  *fit = NULL;
  if (!options)
    options = &defaults;
  gradus_fit_options own = options->fit;
  gradus_status status = gradus_i_fit_design(&design, formula, frame, &own, err);
  if (status <= 0)
    status = list_levels(&levels, &level_count, design, err);
  if (status <= 0)
    status = gradus_source_from_frame(&source, design, frame, NULL, err);
  if (status <= 0 && options->validation_frame)
    status = gradus_source_from_frame(&held, design, options->validation_frame, NULL, err);
  if (status <= 0 && options->test_frame)
    status = gradus_source_from_frame(&test, design, options->test_frame, NULL, err);
  if (status <= 0) {
    own.no_intercept = !gradus_design_has_intercept(design);
    status = fit_sources(fit, source, held, test, level_count, levels, &design, options, &own, err);
  }
  gradus_i_release(levels);
  gradus_source_free(source);
  gradus_source_free(held);
  gradus_source_free(test);
  gradus_design_free(design);
  return status;
}

/* K from the classes' numbers; there cannot be more than rows, or one would have none. */
static gradus_status count_classes(size_t *classes, const gsl_matrix *y,
                                   const gradus_fit_options *options, gradus_error *err) {
  *classes = 0;
  if (!options->family || strcmp(options->family, "multinomial") != 0)
    return GRADUS_OK;
  if (y->size2 != 1)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                         "the family multinomial has one response, a column of class numbers, not "
                         "%zu",
                         y->size2);
  for (size_t i = 0; i < y->size1; i++) {
    double class = gsl_matrix_get(y, i, 0);
    if (!(class >= 0 && class < (double)y->size1 && class == floor(class)))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "row %zu: the response is %g; classes are whole numbers from 0, each "
                           "with a row",
                           i + 1, class);
    *classes = class >= (double)*classes ? (size_t) class + 1 : *classes;
  }
  return GRADUS_OK;
}

gradus_status gradus_network_fit_matrix(gradus_fit **fit, const gsl_matrix *x, const gsl_matrix *y,
                                        const gsl_vector *weights,
                                        const gradus_network_options *options, gradus_error *err) {
  static const gradus_network_options defaults;
  gradus_source *source = NULL;
  size_t classes = 0;
  *fit = NULL;
  if (!options)
    options = &defaults;
  gradus_status status = GRADUS_OK;
  if (options->validation_frame || options->test_frame)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "a fit from matrices knows no column names: hold a share of the rows "
                           "out, rows in a frame cannot be read");
  if (status <= 0)
    status = count_classes(&classes, y, &options->fit, err);
  if (status <= 0)
    status = gradus_source_from_matrix(&source, x, y, weights, options->fit.weight_kind, NULL, err);
  if (status <= 0)
    status = fit_sources(fit, source, NULL, NULL, classes, NULL, NULL, options, &options->fit, err);
  gradus_source_free(source);
  return status;
}
