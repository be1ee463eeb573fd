// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks whose rows are images or sequences, of one length or of several, with a response a row
   or at each step. A dense layer at each step is the regression of all steps that count. */
#include "support/support.h"

#include <gradus/gradus.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEQUENCES = 30, STEPS = 5, FEATURES = 2, ROWS = SEQUENCES * STEPS };

#define EACH "{\"layers\": [{\"type\": \"dense\", \"name\": \"output\", \"each\": true}]}"

/* Sequences side by side, and their steps that count one below the other. */
typedef struct made {
  gsl_matrix *wide, *responses, *long_x, *long_y;
  size_t length[SEQUENCES], rows;
} made;

static made make(bool classes) {
  made m = {.wide = gsl_matrix_alloc(SEQUENCES, STEPS * FEATURES + 1),
            .responses = gsl_matrix_alloc(SEQUENCES, STEPS),
            .long_x = gsl_matrix_alloc(ROWS, FEATURES),
            .long_y = gsl_matrix_alloc(ROWS, 1)};
  uint64_t state = 7;
  for (size_t i = 0; i < SEQUENCES; i++) {
    m.length[i] = 1 + (size_t)(test_uniform(&state) * STEPS);
    gsl_matrix_set(m.wide, i, STEPS * FEATURES, (double)m.length[i]);
    for (size_t t = 0; t < STEPS; t++) {
      bool counts = t < m.length[i];
      double eta = 0.7;
      for (size_t f = 0; f < FEATURES; f++) {
        double x = 50 + 3 * test_uniform(&state); /* far from 0 against its spread */
        gsl_matrix_set(m.wide, i, t * FEATURES + f, counts ? x : 1e6 * x);
        gsl_matrix_set(m.long_x, m.rows, f, x);
        eta += (f ? -1.2 : 0.9) * (x - 51.5);
      }
      double y = classes ? (eta + 2 * test_uniform(&state) - 1 > 0.5) : eta + test_uniform(&state);
      gsl_matrix_set(m.responses, i, t, counts ? y : classes ? 17 : 1e9);
      gsl_matrix_set(m.long_y, m.rows, 0, y);
      m.rows += counts;
    }
  }
  return m;
}

static void clear(made *m) {
  gsl_matrix_free(m->wide);
  gsl_matrix_free(m->responses);
  gsl_matrix_free(m->long_x);
  gsl_matrix_free(m->long_y);
}

static const size_t shape[] = {STEPS, FEATURES};

static gradus_network_options options_of(const char *family) {
  return (gradus_network_options){
      .fit = {.solver = "lbfgs", .family = family, .tolerance = 1e-10, .max_iterations = 1000},
      .architecture = EACH,
      .input_shape = shape,
      .input_rank = 2,
      .lengths = true,
      .each_step = true};
}

/* Against the regression of the long rows: predictions at every step. */
static void check_regression(const char *family) {
  made m = make(family != NULL);
  gsl_matrix_view x = gsl_matrix_submatrix(m.long_x, 0, 0, m.rows, FEATURES);
  gsl_matrix_view y = gsl_matrix_submatrix(m.long_y, 0, 0, m.rows, 1);
  gsl_vector_view response = gsl_matrix_column(&y.matrix, 0);
  gradus_network_options options = options_of(family);
  gradus_fit *network = NULL, *regression = NULL;
  gradus_prediction *at_steps = NULL, *at_rows = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit_matrix(&network, m.wide, m.responses, NULL, &options, &err),
               GRADUS_OK, &err);
  if (family)
    CHECK_STATUS(gradus_glm_fit_matrix(&regression, &x.matrix, &response.vector, NULL, NULL,
                                       &(gradus_fit_options){.family = family}, &err),
                 GRADUS_OK, &err);
  else
    CHECK_STATUS(
        gradus_linear_fit_vector(&regression, &x.matrix, &response.vector, NULL, NULL, &err),
        GRADUS_OK, &err);
  CU_ASSERT_FATAL(network && regression);
  CHECK_STATUS(gradus_predict_matrix(&at_steps, network, m.wide, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_predict_matrix(&at_rows, regression, &x.matrix, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_FATAL(at_steps && at_rows);
  CU_ASSERT_EQUAL(at_steps->rows, ROWS);
  for (size_t i = 0, row = 0; i < SEQUENCES; i++)
    for (size_t t = 0; t < STEPS; t++) {
      if (t < m.length[i])
        CHECK_CLOSE(at_steps->fitted[i * STEPS + t], at_rows->fitted[row], 1e-7);
      else
        CU_ASSERT(isnan(at_steps->fitted[i * STEPS + t]));
      row += t < m.length[i];
    }
  gradus_network_metrics metrics;
  gradus_fit_network_metrics(network, GRADUS_SET_TRAIN, &metrics, NULL);
  CU_ASSERT_EQUAL(metrics.rows, m.rows);
  gradus_prediction_free(at_steps);
  gradus_prediction_free(at_rows);
  gradus_fit_free(network);
  gradus_fit_free(regression);
  clear(&m);
}

static void a_dense_layer_at_each_step_is_linear_regression(void) {
  check_regression(NULL);
}

static void a_dense_layer_at_each_step_is_logistic_regression(void) {
  check_regression("binomial");
}

static void a_network_of_steps_comes_back_from_its_file(void) {
  made m = make(false);
  char path[] = "test_network_sequences.XXXXXX";
  CU_ASSERT_FATAL(mkstemp(path) >= 0);
  gradus_network_options options = options_of(NULL);
  gradus_fit *fit = NULL, *loaded = NULL;
  gradus_prediction *before = NULL, *after = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit_matrix(&fit, m.wide, m.responses, NULL, &options, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
  gradus_predict_matrix(&before, fit, m.wide, NULL, &err);
  gradus_predict_matrix(&after, loaded, m.wide, NULL, &err);
  CU_ASSERT_FATAL(before && after);
  CU_ASSERT_EQUAL(memcmp(before->fitted, after->fitted, ROWS * sizeof(double)), 0);
  gradus_prediction_free(before);
  gradus_prediction_free(after);
  gradus_fit_free(fit);
  gradus_fit_free(loaded);
  unlink(path);
  clear(&m);
}

static void mini_batches_see_the_same_loss_at_any_number_of_threads(void) {
  made m = make(false);
  gradus_network_options options = options_of(NULL);
  double loss[3] = {0};
  static const int threads[] = {1, 2, 8};
  options.fit = (gradus_fit_options){.max_iterations = 3, .descent = {.batch_size = 7}};
  for (size_t i = 0; i < 3; i++) {
    gradus_fit *fit = NULL;
    gradus_epoch epoch = {0};
    options.fit.threads = threads[i];
    gradus_network_fit_matrix(&fit, m.wide, m.responses, NULL, &options, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
    gradus_fit_epoch(fit, 2, &epoch, NULL);
    loss[i] = epoch.loss;
    gradus_fit_free(fit);
  }
  CU_ASSERT(loss[0] > 0);
  CU_ASSERT_EQUAL(loss[0], loss[1]);
  CU_ASSERT_EQUAL(loss[0], loss[2]);
  clear(&m);
}

static void it_goes_on_learning_from_more_sequences(void) {
  made m = make(false);
  gradus_network_options options = options_of(NULL);
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit_matrix(&fit, m.wide, m.responses, NULL, &options, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CHECK_STATUS(gradus_fit_partial_matrix(fit, m.wide, m.responses, NULL, NULL, &err), GRADUS_OK,
               &err);
  gradus_network_metrics metrics;
  gradus_fit_network_metrics(fit, GRADUS_SET_TRAIN, &metrics, NULL);
  CU_ASSERT_EQUAL(metrics.rows, m.rows);
  gsl_matrix_set(m.wide, 2, STEPS * FEATURES, 9);
  CHECK_STATUS(gradus_fit_partial_matrix(fit, m.wide, m.responses, NULL, NULL, &err),
               GRADUS_ERROR_BAD_INPUT, &err);
  CHECK_CONTAINS(err.message, "row 3: the length of the sequence is 9");
  gradus_fit_free(fit);
  clear(&m);
}

static void lengths_beyond_the_steps_are_refused(void) {
  static const struct {
    double length;
    const char *part;
  } cases[] = {{0, "is 0"}, {6, "is 6"}, {2.5, "is 2.5"}, {-1, "is -1"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    made m = make(false);
    gradus_network_options options = options_of(NULL);
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    gsl_matrix_set(m.wide, 3, STEPS * FEATURES, cases[i].length);
    CHECK_STATUS(gradus_network_fit_matrix(&fit, m.wide, m.responses, NULL, &options, &err),
                 GRADUS_ERROR_BAD_INPUT, &err);
    CHECK_CONTAINS(err.message, "row 4: the length of the sequence");
    CHECK_CONTAINS(err.message, cases[i].part);
    CHECK_CONTAINS(err.message, "from 1 to 5");
    CU_ASSERT_PTR_NULL(fit);
    clear(&m);
  }
}

static void shapes_that_do_not_fit_are_refused(void) {
  static const size_t four[] = {4, 2};
  made m = make(false);
  gradus_network_options options = options_of(NULL);
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  options.input_shape = four;
  CHECK_STATUS(gradus_network_fit_matrix(&fit, m.wide, m.responses, NULL, &options, &err),
               GRADUS_ERROR_SHAPE, &err);
  CHECK_CONTAINS(err.message, "each of 4 steps needs 4 responses");
  err = (gradus_error){0};
  options.each_step = false;
  options.architecture = NULL;
  gsl_matrix_view one = gsl_matrix_submatrix(m.responses, 0, 0, SEQUENCES, 1);
  CHECK_STATUS(gradus_network_fit_matrix(&fit, m.wide, &one.matrix, NULL, &options, &err),
               GRADUS_ERROR_SHAPE, &err);
  CHECK_CONTAINS(err.message, "4x2 has 8 values, and a length: the model has 11 columns");
  clear(&m);
}

/* One mean and deviation for each channel, so that every place is measured alike. */
static void places_share_their_units(void) {
  enum { N = 40 };
  static const size_t image[] = {2, 2, 1};
  gsl_matrix *x = gsl_matrix_alloc(N, 4), *y = gsl_matrix_alloc(N, 1);
  uint64_t state = 3;
  for (size_t i = 0; i < N; i++) {
    gsl_matrix_set(y, i, 0, test_uniform(&state));
    for (size_t j = 0; j < 4; j++) /* the first place is always 0, as corners of images are */
      gsl_matrix_set(x, i, j, j == 0 ? 0 : 10 * test_uniform(&state));
  }
  gradus_network_options options = {
      .fit = {.max_iterations = 1}, .input_shape = image, .input_rank = 3};
  static const size_t hidden[] = {3};
  options.hidden = hidden;
  options.hidden_count = 1;
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit_matrix(&fit, x, y, NULL, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  /* The same value moved from one place to another changes nothing but the weight it meets: with
     equal weights at all places, predictions are equal. */
  double *theta = gradus_params_values((gradus_params *)(uintptr_t)gradus_fit_params(fit));
  const gradus_block *block = gradus_params_find(gradus_fit_params(fit), "hidden1.weight");
  for (size_t j = 0; j < block->size; j++)
    theta[block->offset + j] = 0.1;
  double rows[] = {5, 1, 2, 3, 1, 5, 2, 3};
  gsl_matrix_view two = gsl_matrix_view_array(rows, 2, 4);
  gradus_prediction *p = NULL;
  gradus_predict_matrix(&p, fit, &two.matrix, NULL, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  CHECK_CLOSE(p->fitted[0], p->fitted[1], 1e-12);
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  gsl_matrix_free(x);
  gsl_matrix_free(y);
}

/* The steps that count as rows of a frame, in a mixed order. */
static gradus_frame *long_frame(const made *m) {
  gradus_frame *frame = NULL;
  double columns[5][ROWS];
  const char *id[ROWS];
  static char names[SEQUENCES][8];
  size_t rows = m->rows, from = 0;
  for (size_t i = 0; i < SEQUENCES; i++) {
    snprintf(names[i], sizeof names[i], "s%zu", i);
    for (size_t t = 0; t < m->length[i]; t++, from++) {
      size_t to = from * 37 % rows; /* rows and 37 have no common divisor */
      id[to] = names[i];
      columns[0][to] = 10 * (double)t - 3;
      columns[1][to] = gsl_matrix_get(m->long_x, from, 0);
      columns[2][to] = gsl_matrix_get(m->long_x, from, 1);
      columns[3][to] = gsl_matrix_get(m->long_y, from, 0);
      columns[4][to] = (double)i;
    }
  }
  CU_ASSERT_FATAL(rows % 37 != 0);
  gradus_frame_new(&frame, rows, NULL);
  gradus_frame_add_text(frame, "id", id, NULL);
  static const char *const numbers[] = {"time", "a", "b", "y", "group"};
  for (size_t c = 0; c < 5; c++)
    gradus_frame_add_numeric(frame, numbers[c], columns[c], 1, NULL);
  return frame;
}

static gradus_network_options long_options(bool each_step) {
  gradus_network_options options = options_of(NULL);
  options.input_rank = 0;
  options.input_shape = NULL;
  options.lengths = false;
  options.each_step = each_step;
  options.sequence_id = "id";
  options.sequence_time = "time";
  return options;
}

static void rows_of_steps_are_gathered_and_predicted_in_their_places(void) {
  made m = make(false);
  gradus_frame *frame = long_frame(&m);
  char path[] = "test_network_sequences.XXXXXX";
  CU_ASSERT_FATAL(mkstemp(path) >= 0);
  gradus_network_options options = long_options(true);
  gradus_fit *network = NULL, *linear = NULL;
  gradus_prediction *at_steps = NULL, *at_rows = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit(&network, "y ~ . - group", frame, &options, &err), GRADUS_OK,
               &err);
  CHECK_STATUS(gradus_linear_fit(&linear, "y ~ a + b", frame, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_FATAL(network && linear);
  CHECK_STATUS(gradus_fit_save(network, path, &err), GRADUS_OK, &err);
  gradus_fit_free(network);
  CHECK_STATUS(gradus_fit_load(&network, path, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(network);
  CHECK_STATUS(gradus_predict(&at_steps, network, frame, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_predict(&at_rows, linear, frame, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_FATAL(at_steps && at_rows);
  CU_ASSERT_EQUAL(at_steps->rows, m.rows);
  for (size_t i = 0; i < m.rows; i++)
    CHECK_CLOSE(at_steps->fitted[i], at_rows->fitted[i], 1e-7);
  gradus_prediction_free(at_steps);
  gradus_prediction_free(at_rows);
  gradus_fit_free(network);
  gradus_fit_free(linear);
  gradus_frame_free(frame);
  unlink(path);
  clear(&m);
}

/* One response a sequence, whose output is a map of all its steps: the same numbers as from the
   matrix of the sequences side by side, which come in the order of their ids. */
static void a_response_of_the_whole_sequence_stands_in_its_last_row(void) {
  made m = make(false);
  gradus_frame *frame = long_frame(&m);
  gradus_network_options options = long_options(false);
  options.architecture = "{\"layers\": [{\"type\": \"dense\", \"name\": \"output\"}]}";
  options.fit.l2 = 0.1;
  gradus_fit *fit = NULL;
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit(&fit, "group ~ a + b", frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CHECK_STATUS(gradus_predict(&p, fit, frame, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  size_t group, time, predicted = 0;
  gradus_frame_find(frame, "group", &group);
  gradus_frame_find(frame, "time", &time);
  const double *of = gradus_frame_numeric(frame, group), *at = gradus_frame_numeric(frame, time);
  for (size_t i = 0; i < m.rows; i++) {
    bool last = at[i] == 10 * (double)(m.length[(size_t)of[i]] - 1) - 3;
    CU_ASSERT_EQUAL(isnan(p->fitted[i]) == 0, last);
    predicted += last;
  }
  CU_ASSERT_EQUAL(predicted, SEQUENCES);
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
  clear(&m);
}

static void rows_that_make_no_sequences_are_refused(void) {
  static const struct {
    const char *formula, *id, *time, *message;
    bool lengths;
  } cases[] = {
      {"y ~ a + b", "id", "time", "the response of the sequence s", false},
      {"group ~ a + b", "nobody", "time", "has no column \"nobody\"", false},
      {"group ~ a + b", "id", "id", "the times in column \"id\" must be numbers", false},
      {"group ~ a + b", "group", "y", NULL, false},
      {"group ~ a + b", NULL, "time", "the column of the sequences' ids", false},
      {"group ~ a + b", "id", "group", "both at the time", false},
      {"group ~ a + b", "id", "time", "say shape and lengths themselves", true},
      {"group ~ 1", "id", "time", "a column of inputs or more", false},
  };
  made m = make(false);
  gradus_frame *frame = long_frame(&m);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_network_options options = long_options(false);
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    options.architecture = NULL;
    options.sequence_id = cases[i].id;
    options.sequence_time = cases[i].time;
    options.lengths_column = cases[i].lengths ? "a" : NULL;
    gradus_status status = gradus_network_fit(&fit, cases[i].formula, frame, &options, &err);
    CU_ASSERT_EQUAL(status > 0, cases[i].message != NULL);
    if (cases[i].message)
      CHECK_CONTAINS(err.message, cases[i].message);
    gradus_fit_free(fit);
  }
  gradus_frame_free(frame);
  clear(&m);
}

static void a_column_of_lengths_goes_last(void) {
  made m = make(false);
  gradus_frame *frame = NULL;
  gradus_network_options options = options_of(NULL);
  gradus_fit *by_formula = NULL, *by_matrix = NULL;
  gradus_prediction *first = NULL, *second = NULL;
  gradus_error err = {0};
  options.each_step = false;
  options.architecture = NULL;
  options.fit.l2 = 0.1;
  gsl_matrix_view y = gsl_matrix_submatrix(m.responses, 0, 0, SEQUENCES, 1);
  CHECK_STATUS(gradus_network_fit_matrix(&by_matrix, m.wide, &y.matrix, NULL, &options, &err),
               GRADUS_OK, &err);
  gradus_frame_new(&frame, SEQUENCES, NULL);
  gradus_frame_add_numeric(frame, "steps", m.wide->data + STEPS * FEATURES, m.wide->tda, NULL);
  for (size_t j = 0; j < STEPS * FEATURES; j++) {
    char name[] = "xx";
    name[1] = (char)('a' + j);
    gradus_frame_add_numeric(frame, name, m.wide->data + j, m.wide->tda, NULL);
  }
  gradus_frame_add_numeric(frame, "y", m.responses->data, m.responses->tda, NULL);
  options.lengths = false;
  options.lengths_column = "steps";
  CHECK_STATUS(gradus_network_fit(&by_formula, "y ~ .", frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_FATAL(by_formula && by_matrix);
  gradus_predict(&first, by_formula, frame, NULL, &err);
  gradus_predict_matrix(&second, by_matrix, m.wide, NULL, &err);
  CU_ASSERT_FATAL(first && second);
  for (size_t i = 0; i < SEQUENCES; i++)
    CHECK_CLOSE(first->fitted[i], second->fitted[i], 1e-12);
  gradus_prediction_free(first);
  gradus_prediction_free(second);
  gradus_fit_free(by_formula);
  gradus_fit_free(by_matrix);
  gradus_frame_free(frame);
  clear(&m);
}

static void failed_allocations_leak_nothing(void) {
  made m = make(false);
  gradus_network_options options = options_of(NULL);
  options.fit.max_iterations = 1;
  options.fit.threads = 1;
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_prediction *prediction = NULL;
    run.status = gradus_network_fit_matrix(&fit, m.wide, m.responses, NULL, &options, NULL);
    CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
    if (fit)
      run.status = gradus_predict_matrix(&prediction, fit, m.wide,
                                         &(gradus_predict_options){.threads = 1}, NULL);
    gradus_prediction_free(prediction);
    gradus_fit_free(fit);
  }
  clear(&m);
}

static void failed_allocations_of_gathering_leak_nothing(void) {
  made m = make(false);
  gradus_frame *frame = long_frame(&m);
  gradus_network_options options = long_options(true);
  options.fit.max_iterations = 1;
  options.fit.threads = 1;
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_fit *fit = NULL;
    gradus_prediction *prediction = NULL;
    run.status = gradus_network_fit(&fit, "y ~ a + b", frame, &options, NULL);
    CU_ASSERT_EQUAL(fit == NULL, run.status > 0);
    if (fit)
      run.status =
          gradus_predict(&prediction, fit, frame, &(gradus_predict_options){.threads = 1}, NULL);
    gradus_prediction_free(prediction);
    gradus_fit_free(fit);
  }
  gradus_frame_free(frame);
  clear(&m);
}

int main(void) {
  static const test_case cases[] = {
      {"a dense layer at each step is linear regression",
       a_dense_layer_at_each_step_is_linear_regression},
      {"a dense layer at each step is logistic regression",
       a_dense_layer_at_each_step_is_logistic_regression},
      {"a network of steps comes back from its file", a_network_of_steps_comes_back_from_its_file},
      {"mini-batches see the same loss at any number of threads",
       mini_batches_see_the_same_loss_at_any_number_of_threads},
      {"it goes on learning from more sequences", it_goes_on_learning_from_more_sequences},
      {"lengths beyond the steps are refused", lengths_beyond_the_steps_are_refused},
      {"shapes that do not fit are refused", shapes_that_do_not_fit_are_refused},
      {"places share their units", places_share_their_units},
      {"rows of steps are gathered and predicted in their places",
       rows_of_steps_are_gathered_and_predicted_in_their_places},
      {"a response of the whole sequence stands in its last row",
       a_response_of_the_whole_sequence_stands_in_its_last_row},
      {"rows that make no sequences are refused", rows_that_make_no_sequences_are_refused},
      {"a column of lengths goes last", a_column_of_lengths_goes_last},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
      {"failed allocations of gathering leak nothing",
       failed_allocations_of_gathering_leak_nothing},
  };
  return test_main("network_sequences", cases, sizeof cases / sizeof *cases);
}
