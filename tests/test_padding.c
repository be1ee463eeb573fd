// SPDX-License-Identifier: GPL-3.0-or-later
/* Sequences side by side in a frame: cells beyond a row's length may be missing, and are what they
   would be with any number there. */
#include "support/support.h"

#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>

enum { ROWS = 30, STEPS = 3 };

/* Columns x1, x2, x3, n and y; beyond the length stands `beyond`. */
static gradus_frame *make(double beyond) {
  double x[STEPS][ROWS], n[ROWS], y[ROWS];
  gradus_frame *frame = NULL;
  CHECK_STATUS(gradus_frame_new(&frame, ROWS, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < ROWS; i++) {
    n[i] = (double)(1 + i % STEPS);
    y[i] = (double)(i * 7 % 10);
    for (size_t t = 0; t < STEPS; t++)
      x[t][i] = (double)t < n[i] ? (double)(1 + (i * 5 + t * 3) % 11) : beyond;
  }
  for (size_t t = 0; t < STEPS; t++) {
    char name[] = "x1";
    name[1] = (char)('1' + t);
    gradus_frame_add_numeric(frame, name, x[t], 1, NULL);
  }
  gradus_frame_add_numeric(frame, "n", n, 1, NULL);
  gradus_frame_add_numeric(frame, "y", y, 1, NULL);
  return frame;
}

static gradus_network_options options_of(void) {
  static const size_t shape[] = {STEPS, 1};
  return (gradus_network_options){.fit = {.seed = 1, .max_iterations = 2, .threads = 1},
                                  .layers = "gru 2",
                                  .input_shape = shape,
                                  .input_rank = 2,
                                  .lengths_column = "n"};
}

static double rows_learnt(const char *formula, const gradus_frame *frame) {
  gradus_network_options options = options_of();
  gradus_error err = {0};
  gradus_fit *fit = NULL;
  gradus_network_metrics metrics = {0};
  CHECK_STATUS(gradus_network_fit(&fit, formula, frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_FATAL(fit != NULL);
  gradus_fit_network_metrics(fit, GRADUS_SET_TRAIN, &metrics, NULL);
  gradus_fit_free(fit);
  return (double)metrics.rows;
}

static void missing_cells_are_as_any_number(void) {
  static const char formula[] = "y ~ x1 + x2 + x3";
  gradus_frame *frames[] = {make(NAN), make(1e6)};
  gradus_prediction *found[2] = {NULL, NULL};
  gradus_network_options options = options_of();
  for (size_t k = 0; k < 2; k++) {
    gradus_error err = {0};
    gradus_fit *fit = NULL;
    CHECK_STATUS(gradus_network_fit(&fit, formula, frames[k], &options, &err), GRADUS_OK, &err);
    CHECK_STATUS(gradus_predict(&found[k], fit, frames[1 - k], NULL, &err), GRADUS_OK, &err);
    gradus_fit_free(fit);
  }
  CU_ASSERT_FATAL(found[0] && found[1]);
  for (size_t i = 0; i < ROWS; i++)
    CU_ASSERT_EQUAL(found[0]->fitted[i], found[1]->fitted[i]);
  CU_ASSERT_EQUAL(rows_learnt(formula, frames[0]), ROWS);
  for (size_t k = 0; k < 2; k++) {
    gradus_prediction_free(found[k]);
    gradus_frame_free(frames[k]);
  }
}

/* What an expression makes of a column is no cell: its rows are left out as elsewhere. */
static void expressions_need_their_columns(void) {
  gradus_frame *frame = make(NAN);
  CU_ASSERT_EQUAL(rows_learnt("y ~ log(x1) + x2 + x3", frame), ROWS / STEPS);
  gradus_frame_free(frame);
}

static void failed_allocations_leak_nothing(void) {
  gradus_frame *frame = make(NAN);
  gradus_network_options options = options_of();
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_prediction *prediction = NULL;
    run.status = gradus_network_fit(&fit, "y ~ x1 + x2 + x3", frame, &options, NULL);
    CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
    if (fit)
      run.status =
          gradus_predict(&prediction, fit, frame, &(gradus_predict_options){.threads = 1}, NULL);
    gradus_prediction_free(prediction);
    gradus_fit_free(fit);
  }
  gradus_frame_free(frame);
}

int main(void) {
  static const test_case cases[] = {
      {"missing cells beyond the length are as any number", missing_cells_are_as_any_number},
      {"expressions need their columns", expressions_need_their_columns},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("padding", cases, sizeof cases / sizeof *cases);
}
