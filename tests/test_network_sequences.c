// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks whose rows are images or sequences, of one length or of several, with a response a row
   or at each step. A dense layer at each step is the regression of all steps that count. */
#include "support/support.h"

#include <gradus/gradus.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { SEQUENCES = 30, STEPS = 5, FEATURES = 2, ROWS = SEQUENCES * STEPS };

#define EACH "{\"layers\": [{\"type\": \"dense\", \"name\": \"output\", \"each\": true}]}"

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / 9007199254740992.0;
}

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
    m.length[i] = 1 + (size_t)(uniform(&state) * STEPS);
    gsl_matrix_set(m.wide, i, STEPS * FEATURES, (double)m.length[i]);
    for (size_t t = 0; t < STEPS; t++) {
      bool counts = t < m.length[i];
      double eta = 0.7;
      for (size_t f = 0; f < FEATURES; f++) {
        double x = 50 + 3 * uniform(&state); /* far from 0 against its spread */
        gsl_matrix_set(m.wide, i, t * FEATURES + f, counts ? x : 1e6 * x);
        gsl_matrix_set(m.long_x, m.rows, f, x);
        eta += (f ? -1.2 : 0.9) * (x - 51.5);
      }
      double y = classes ? (eta + 2 * uniform(&state) - 1 > 0.5) : eta + uniform(&state);
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
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
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
                 GRADUS_ERROR_INVALID_ARGUMENT, &err);
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
    gsl_matrix_set(y, i, 0, uniform(&state));
    for (size_t j = 0; j < 4; j++) /* the first place is always 0, as corners of images are */
      gsl_matrix_set(x, i, j, j == 0 ? 0 : 10 * uniform(&state));
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

static void failed_allocations_leak_nothing(void) {
  made m = make(false);
  gradus_network_options options = options_of(NULL);
  gradus_status status = GRADUS_ERROR_OUT_OF_MEMORY;
  options.fit.max_iterations = 1;
  options.fit.threads = 1;
  for (size_t k = 0; status > 0 && k < 2000; k++) {
    gradus_fit *fit = NULL;
    gradus_prediction *prediction = NULL;
    test_allocations_begin(k);
    status = gradus_network_fit_matrix(&fit, m.wide, m.responses, NULL, &options, NULL);
    CU_ASSERT_EQUAL(fit == NULL, status > 0);
    if (fit)
      status = gradus_predict_matrix(&prediction, fit, m.wide,
                                     &(gradus_predict_options){.threads = 1}, NULL);
    gradus_prediction_free(prediction);
    gradus_fit_free(fit);
    test_allocations_end();
    CU_ASSERT_EQUAL(test_allocations_live(), 0);
    CU_ASSERT(status <= 0 || status == GRADUS_ERROR_OUT_OF_MEMORY);
  }
  CU_ASSERT(status <= 0);
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
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("network_sequences", cases, sizeof cases / sizeof *cases);
}
