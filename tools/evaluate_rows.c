// SPDX-License-Identifier: GPL-3.0-or-later
/* Responses of new rows beside their predictions. */
#include "evaluate.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096 };

static gradus_status out_of_memory(gradus_error *err) {
  err->code = GRADUS_ERROR_OUT_OF_MEMORY;
  err->message[0] = '\0';
  return err->code;
}

static gradus_status bad_response(const evaluation *e, size_t row, double value,
                                  gradus_error *err) {
  err->code = GRADUS_ERROR_BAD_RESPONSE;
  snprintf(err->message, sizeof err->message,
           "%.200s: row %zu: the response %.100s is %.15g, which is no outcome of a binomial model",
           e->path, row + 1, gradus_fit_response_name(e->fit, 0), value);
  return err->code;
}

static gradus_status no_trials(const evaluation *e, size_t row, double value, gradus_error *err) {
  err->code = GRADUS_ERROR_BAD_RESPONSE;
  snprintf(err->message, sizeof err->message,
           "%.200s: row %zu: the response %.100s is the proportion %.15g: say of how many trials, "
           "with --weights prior:COLUMN",
           e->path, row + 1, gradus_fit_response_name(e->fit, 0), value);
  return err->code;
}

static bool allocate(evaluation *e) {
  size_t most = 2 * e->frame_rows, columns = e->responses;
  if (e->frame_rows > SIZE_MAX / (2 * sizeof(double) * columns))
    return false;
  e->y = calloc(most * columns, sizeof *e->y);
  e->predicted = calloc(most * columns, sizeof *e->predicted);
  e->weight = calloc(most, sizeof *e->weight);
  return e->y && e->predicted && e->weight;
}

/* Successes and failures of one row: an outcome is one of them; a proportion of trials, or a pair
   of counts, is both. */
static gradus_status add_outcomes(evaluation *e, size_t row, const double *y, size_t columns,
                                  double weight, double p, gradus_error *err) {
  double success = weight * y[0], failure = weight * (columns == 2 ? y[1] : 1 - y[0]);
  for (size_t c = 0; c < columns; c++)
    if (!(y[c] >= 0) || (columns == 1 && y[c] > 1))
      return bad_response(e, row, y[c], err);
  if (columns == 1 && y[0] > 0 && y[0] < 1 && e->weight_kind != GRADUS_WEIGHT_PRIOR)
    return no_trials(e, row, y[0], err);
  size_t other = e->frame_rows + row;
  e->y[row] = y[0] > 0;
  e->weight[row] = y[0] > 0 ? success : failure;
  e->predicted[row] = p;
  if (y[0] > 0 && failure > 0) {
    e->grouped = true;
    e->weight[other] = failure;
    e->predicted[other] = p;
  }
  return GRADUS_OK;
}

/* One response, or several side by side, at place `row` of the predictions. */
static gradus_status add_place(evaluation *e, size_t row, const double *y, size_t columns,
                               double weight, const gradus_prediction *p, gradus_error *err) {
  size_t width = e->classes ? e->classes : e->responses;
  bool missing = isnan(p->fitted[row * width]);
  if (missing && (e->sequences.id || e->sequences.each_step))
    return GRADUS_OK; /* a step that no prediction is made for, or that does not count */
  if (e->classes && missing) {
    snprintf(err->message, sizeof err->message,
             "row %zu: the prediction is not a number; leave rows without a prediction out",
             row + 1);
    return err->code = GRADUS_ERROR_NON_FINITE;
  }
  if (e->classes) {
    evaluate_classes_row(e, row, y[0], weight);
    return GRADUS_OK;
  }
  if (e->binary)
    return add_outcomes(e, row, y, columns, weight, p->fitted[row], err);
  e->weight[row] = weight;
  for (size_t r = 0; r < e->responses; r++) {
    e->y[r * e->observations + row] = y[r];
    e->predicted[r * e->observations + row] = p->fitted[row * e->responses + r];
  }
  return GRADUS_OK;
}

/* weights: one per row of the frame, or NULL. */
static gradus_status add_batch(evaluation *e, const gradus_batch *batch, size_t columns,
                               const double *weights, const gradus_prediction *p,
                               gradus_error *err) {
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < batch->rows; i++) {
    size_t row = batch->row ? batch->row[i] : batch->first + i;
    const double *y = batch->y + i * batch->y_stride;
    double weight = weights ? weights[row] : 1;
    e->dropped += isnan(weight) != 0;
    for (size_t t = 0; status <= 0 && !isnan(weight) && t < e->steps; t++)
      status = add_place(e, row * e->steps + t, y + t * columns, columns, weight, p, err);
  }
  return status;
}

static gradus_status find_weights(const evaluation *e, const gradus_frame *frame,
                                  const double **weights, gradus_error *err) {
  size_t column;
  if (!e->weights)
    return GRADUS_OK;
  if (e->weight_kind == GRADUS_WEIGHT_PRIOR && !e->binary) {
    err->code = GRADUS_ERROR_BAD_WEIGHT;
    snprintf(err->message, sizeof err->message,
             "prior weights are numbers of trials, which only a binomial model's rows have");
  } else if (!gradus_frame_find(frame, e->weights, &column)) {
    err->code = GRADUS_ERROR_UNKNOWN_COLUMN;
    snprintf(err->message, sizeof err->message, "%.200s has no column \"%.100s\"", e->path,
             e->weights);
  } else if (!(*weights = gradus_frame_numeric(frame, column))) {
    err->code = GRADUS_ERROR_NOT_NUMERIC;
    snprintf(err->message, sizeof err->message, "%.200s: column \"%.100s\" is no column of numbers",
             e->path, e->weights);
  }
  return err->code > 0 ? err->code : GRADUS_OK;
}

static gradus_status read_responses(evaluation *e, const gradus_source *source,
                                    const double *weights, const gradus_prediction *prediction,
                                    gradus_error *err) {
  size_t columns = gradus_source_get_shape(source)->responses / e->steps;
  gradus_cursor *cursor = NULL;
  gradus_status status = gradus_cursor_open(&cursor, source, BLOCK, err);
  for (size_t first = 0; status <= 0;) {
    gradus_batch batch = {0};
    status = gradus_cursor_read(cursor, first, BLOCK, &batch, err);
    if (status > 0 || batch.rows == 0)
      break;
    status = add_batch(e, &batch, columns, weights, prediction, err);
    first += batch.rows;
  }
  gradus_cursor_free(cursor);
  return status;
}

/* A name for each outcome, failure first. */
static void name_outcomes(evaluation *e) {
  const gradus_design *design = gradus_fit_design(e->fit);
  bool levels = gradus_design_response_levels(design) == 2;
  bool counts = e->grouped || gradus_design_responses(design) / e->steps == 2;
  e->outcome[0] = levels ? gradus_design_response_level(design, 0) : counts ? "failure" : "0";
  e->outcome[1] = levels ? gradus_design_response_level(design, 1) : counts ? "success" : "1";
}

gradus_status evaluate_collect(evaluation *e, const gradus_frame *frame, int threads,
                               gradus_error *err) {
  gradus_prediction *prediction = NULL;
  gradus_source *source = NULL;
  const double *weights = NULL;
  const char *family = gradus_fit_family(e->fit);
  e->binary = family && strstr(family, "binomial") && !strstr(family, "negative");
  bool classes = family && strcmp(family, "multinomial") == 0;
  e->classes = classes ? gradus_fit_classes(e->fit) : 0;
  e->responses = classes ? 1 : gradus_fit_responses(e->fit);
  gradus_fit_sequences(e->fit, &e->sequences);
  e->steps = e->sequences.each_step && !e->sequences.id ? e->sequences.steps : 1;
  e->frame_rows = e->observations = gradus_frame_rows(frame) * e->steps;
  gradus_predict_options options = {.threads = threads};
  gradus_status status = gradus_predict(&prediction, e->fit, frame, &options, err);
  if (status <= 0)
    status = gradus_source_from_frame(&source, gradus_fit_design(e->fit), frame, NULL, err);
  if (status <= 0 && (!allocate(e) || (classes && !evaluate_classes_allocate(e, prediction))))
    status = out_of_memory(err);
  if (status <= 0)
    status = find_weights(e, frame, &weights, err);
  if (status <= 0)
    status = read_responses(e, source, weights, prediction, err);
  if (status <= 0) {
    e->dropped += gradus_source_dropped_rows(source);
    e->observations = e->grouped ? 2 * e->frame_rows : e->frame_rows;
    if (e->binary)
      name_outcomes(e);
  }
  gradus_source_free(source);
  gradus_prediction_free(prediction);
  return status;
}

void evaluate_clear(evaluation *e) {
  free(e->y);
  free(e->predicted);
  free(e->weight);
  free(e->regression);
  evaluate_classes_clear(e);
  gradus_calibration_free(e->calibration);
}
