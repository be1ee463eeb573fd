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
  gradus_i_least_squares_free(job->columns);
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
  if (status <= 0 && design && job->options->embedding_count < job->made->network->embedded)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "the architecture embeds columns, and the formula's are no levels' "
                           "numbers: say which of its factors are to be embedded");
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
                                     const gradus_fit_options *options, bool each_step,
                                     gradus_error *err) {
  const gradus_i_family *family = gradus_i_family_find(options->family);
  if (each_step || !family || !family->is_binomial ||
      gradus_source_get_shape(*rows)->responses != 2)
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
      status = gradus_i_network_group(rows[i], &grouped[i], own, options->each_step, err);
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

/* What a fit of a formula borrows. */
typedef struct frame_fit {
  gradus_network_options options; /* with the shape that sequences give */
  gradus_fit_options own;
  gradus_i_network_sequences sequences;
  size_t shape[2];
  gradus_design *design;
  gradus_source *source, *held, *test;
  const char **levels;
  size_t level_count;
  gradus_embedding *embeddings; /* as the design has them */
} frame_fit;

static gradus_status check_formats(const gradus_network_options *o, gradus_error *err) {
  bool shaped = o->input_rank > 0 || o->lengths || o->lengths_column;
  if (o->sequence_time && !o->sequence_id)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "times of steps need the column of the sequences' ids too");
  if (o->sequence_id && shaped)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "rows that are steps of sequences say shape and lengths themselves: give "
                         "neither");
  if (o->lengths && !o->lengths_column)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a fit of a formula needs the name of the column of lengths");
  if (o->embedding_count > 0 && shaped)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a factor is one column: where several columns are places or steps of one "
                         "row it cannot be embedded; give sequences a row for each step");
  return GRADUS_OK;
}

/* Columns and levels of the embeddings from the design. */
static gradus_status take_embeddings(frame_fit *f, gradus_error *err) {
  gradus_network_options *o = &f->options;
  if (o->embedding_count == 0)
    return GRADUS_OK;
  f->embeddings = gradus_i_allocate(o->embedding_count, sizeof *f->embeddings);
  if (!f->embeddings)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < o->embedding_count; i++) {
    const gradus_embedding *from = &o->embeddings[i];
    size_t column = gradus_i_design_find_code(f->design, from->name);
    if (from->column > 0 || from->levels > 0)
      return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "the formula says column and levels of the embedded factor %.100s: "
                           "leave both 0",
                           from->name);
    f->embeddings[i] = (gradus_embedding){.name = gradus_i_design_code_name(f->design, column),
                                          .units = from->units,
                                          .column = column,
                                          .levels = gradus_design_column_levels(f->design, column)};
  }
  o->embeddings = f->embeddings;
  return GRADUS_OK;
}

/* Sequences of a frame have a shape when they are gathered. */
static gradus_status take_sequences(frame_fit *f, const gradus_frame *frame, gradus_error *err) {
  gradus_network_options *o = &f->options;
  gradus_i_sequence_index index;
  f->sequences = (gradus_i_network_sequences){.id = (char *)(uintptr_t)o->sequence_id,
                                              .time = (char *)(uintptr_t)o->sequence_time,
                                              .each_step = o->each_step};
  gradus_status status =
      gradus_i_network_frame_rows(&f->source, &index, &f->sequences, f->design, frame, false, err);
  f->sequences.steps = f->shape[0] = index.steps;
  f->shape[1] = gradus_design_columns(f->design);
  gradus_i_sequence_index_clear(&index);
  o->lengths = o->lengths_column || o->sequence_id;
  if (!o->sequence_id)
    return status;
  o->input_shape = f->shape;
  o->input_rank = 2;
  return status;
}

static gradus_status keep_sequences(gradus_fit *fit, const gradus_i_network_sequences *from,
                                    gradus_error *err) {
  gradus_i_network_sequences *to = &fit->network->sequences;
  if (!from->id)
    return GRADUS_OK;
  to->steps = from->steps;
  to->each_step = from->each_step;
  to->id = gradus_i_string_copy(from->id);
  to->time = from->time ? gradus_i_string_copy(from->time) : NULL;
  return to->id && (to->time || !from->time) ? GRADUS_OK : gradus_i_out_of_memory(err);
}

static gradus_status fit_frame(gradus_fit **fit, frame_fit *f, const char *formula,
                               const gradus_frame *frame, gradus_error *err) {
  gradus_status status = check_formats(&f->options, err);
  if (status <= 0)
    status = gradus_i_network_design(&f->design, formula, frame, &f->options, &f->own, err);
  if (status <= 0)
    status = list_levels(&f->levels, &f->level_count, f->design, err);
  if (status <= 0)
    status = take_embeddings(f, err);
  if (status <= 0)
    status = take_sequences(f, frame, err);
  if (status <= 0 && f->options.validation_frame)
    status = gradus_i_network_frame_rows(&f->held, NULL, &f->sequences, f->design,
                                         f->options.validation_frame, false, err);
  if (status <= 0 && f->options.test_frame)
    status = gradus_i_network_frame_rows(&f->test, NULL, &f->sequences, f->design,
                                         f->options.test_frame, false, err);
  if (status > 0)
    return status;
  f->own.no_intercept = !gradus_design_has_intercept(f->design);
  status = fit_sources(fit, f->source, f->held, f->test, f->level_count, f->levels, &f->design,
                       &f->options, &f->own, err);
  gradus_status kept = status <= 0 ? keep_sequences(*fit, &f->sequences, err) : status;
  if (status <= 0 && kept > 0) {
    gradus_fit_free(*fit);
    *fit = NULL;
  }
  return kept > 0 ? kept : status;
}

gradus_status gradus_network_fit(gradus_fit **fit, const char *formula, const gradus_frame *frame,
                                 const gradus_network_options *options, gradus_error *err) {
  static const gradus_network_options defaults;
  *fit = NULL;
  frame_fit f = {.options = options ? *options : defaults};
  f.own = f.options.fit;
  gradus_status status = fit_frame(fit, &f, formula, frame, err);
  gradus_i_release(f.levels);
  gradus_i_release(f.embeddings);
  gradus_source_free(f.source);
  gradus_source_free(f.held);
  gradus_source_free(f.test);
  gradus_design_free(f.design);
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
  if (options->sequence_id || options->sequence_time || options->lengths_column)
    status =
        gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                      "a fit from matrices knows no column names: lengths are the last column, "
                      "and sequences lie side by side");
  if (status <= 0 && (options->validation_frame || options->test_frame))
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
