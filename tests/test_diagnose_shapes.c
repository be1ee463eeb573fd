// SPDX-License-Identifier: GPL-3.0-or-later
/* What the diagnosis says of filters and of recurrences, and with a response at each step. */
#include "support/diagnosing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 40 };

#define OUTPUT "{\"type\": \"dense\", \"name\": \"output\"}"
#define EACH "{\"type\": \"dense\", \"name\": \"output\", \"each\": true}"

/* Inputs are 0 to 1; with lengths the last column says 1 to `steps` of these. */
static diagnosed make(const char *architecture, const size_t *shape, size_t rank, size_t lengths,
                      size_t each) {
  uint64_t state = 5;
  size_t columns = lengths ? 1 : 0, width = 1;
  for (size_t d = 0; d < rank; d++)
    width *= shape[d];
  diagnosed m = {.x = gsl_matrix_alloc(ROWS, width + columns),
                 .y = gsl_matrix_alloc(ROWS, each ? each : 1)};
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < width; j++)
      gsl_matrix_set(m.x, i, j, test_uniform(&state));
    if (lengths)
      gsl_matrix_set(m.x, i, width, (double)(1 + (size_t)(test_uniform(&state) * (double)lengths)));
    for (size_t r = 0; r < m.y->size2; r++)
      gsl_matrix_set(m.y, i, r, test_uniform(&state));
  }
  gradus_network_options options = {.fit = {.threads = 1, .max_iterations = 1, .seed = 3},
                                    .architecture = architecture,
                                    .input_shape = shape,
                                    .input_rank = rank,
                                    .lengths = lengths > 0,
                                    .each_step = each > 0,
                                    .raw_inputs = true,
                                    .raw_response = true};
  diagnosed_fit(&m, &options);
  return m;
}

static void fill(const diagnosed *m, const char *name, double value) {
  size_t size;
  double *block = block_of(m, name, &size);
  for (size_t j = 0; j < size; j++)
    block[j] = value;
}

/* ---- filters ---- */

static const size_t image[] = {5, 4, 2}, sequence[] = {12, 2};

#define CONVOLUTION(activation)                                                                    \
  "{\"layers\": [{\"type\": \"conv2d\", \"filters\": 6, \"kernel\": 3}, {\"type\": "               \
  "\"activation\", \"activation\": \"" activation "\"}, {\"type\": \"flatten\"}, " OUTPUT "]}"

static void dead_filters_are_counted_over_all_places(void) {
  diagnosed m = make(CONVOLUTION("relu"), image, 3, 0, 0);
  double *bias = block_of(&m, "conv1.bias", NULL);
  for (size_t u = 0; u < 6; u++)
    bias[u] = u == 1 || u == 4 ? -1e9 : 10;
  gradus_diagnosis *d = diagnose(&m);
  CU_ASSERT_EQUAL_FATAL(d->layers, 1);
  CU_ASSERT_STRING_EQUAL(d->layer[0].name, "conv1");
  CU_ASSERT_TRUE(d->layer[0].filters);
  CU_ASSERT_EQUAL(d->layer[0].units, 6);
  CU_ASSERT_EQUAL(d->layer[0].dead, 2);
  CU_ASSERT_EQUAL(d->layer[0].repeated, 0); /* though their biases make their vectors alike */
  CU_ASSERT_TRUE(says(d, "conv1: 2 of its 6 filters never respond"));
  CU_ASSERT_EQUAL(d->findings, 1);
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

/* A mean over P places gives each of them 1/P of the gradient, and nothing vanishes. */
static void means_over_places_do_not_vanish(void) {
  static const size_t shape[] = {60, 60, 1};
  diagnosed m =
      make("{\"layers\": [{\"type\": \"conv2d\", \"filters\": 4, \"kernel\": 1}, {\"type\": "
           "\"activation\", \"activation\": \"leaky_relu\"}, {\"type\": "
           "\"global_average_pool\"}, {\"type\": \"dense\", \"name\": \"hidden\", \"units\": 4}, "
           "{\"type\": \"activation\", \"activation\": \"leaky_relu\"}, " OUTPUT "]}",
           shape, 3, 0, 0);
  gradus_diagnosis *d = diagnose(&m);
  CU_ASSERT_EQUAL_FATAL(d->layers, 2);
  CU_ASSERT_EQUAL(d->layer[0].places, 3600);
  CU_ASSERT_EQUAL(d->layer[1].places, 1);
  CU_ASSERT_TRUE(d->layer[0].gradient_variance < 1e-6 * d->layer[1].gradient_variance);
  CU_ASSERT_FALSE(says(d, "gradients vanish"));
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

/* Filter 4 becomes `factor` times filter 2. */
static gradus_diagnosis *repeat(diagnosed *m, double factor) {
  size_t size, width;
  double *weight = block_of(m, "conv1.weight", &size), *bias = block_of(m, "conv1.bias", NULL);
  width = size / 6;
  for (size_t u = 0; u < 6; u++)
    bias[u] = 0.1 + 0.01 * (double)u;
  for (size_t j = 0; j < width; j++)
    weight[3 * width + j] = factor * weight[width + j];
  bias[3] = factor * bias[1];
  return diagnose(m);
}

static void check_repeated(const char *architecture, double factor, bool same) {
  diagnosed m = make(architecture, image, 3, 0, 0);
  gradus_diagnosis *d = repeat(&m, factor);
  CU_ASSERT_EQUAL(d->layer[0].repeated, same);
  for (size_t u = 0; u < 6; u++)
    CU_ASSERT_EQUAL(d->layer[0].same_as[u], same && u == 3 ? 1 : u);
  CU_ASSERT_EQUAL(says(d, "conv1: filters 2 and 4 are the same up to a factor; fewer filters"),
                  same);
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

static void filters_that_repeat_others_are_said(void) {
  check_repeated(CONVOLUTION("relu"), 1, true);
  check_repeated(CONVOLUTION("relu"), 7, true);
  check_repeated(CONVOLUTION("relu"), -1, false); /* max(0, z) and max(0, -z) are two things */
  check_repeated(CONVOLUTION("tanh"), 1, true);
  check_repeated(CONVOLUTION("tanh"), -1, true);
  check_repeated(CONVOLUTION("tanh"), 7, false);
}

/* Filters of other groups see other channels; behind a norm each has its own shift. */
static void filters_that_only_look_alike_are_not_said(void) {
  static const char *const architectures[] = {
      "{\"layers\": [{\"type\": \"conv2d\", \"filters\": 6, \"kernel\": 3, \"groups\": 2}, "
      "{\"type\": \"activation\", \"activation\": \"relu\"}, {\"type\": \"flatten\"}, " OUTPUT "]}",
      "{\"layers\": [{\"type\": \"conv2d\", \"filters\": 6, \"kernel\": 3}, {\"type\": "
      "\"layer_norm\"}, {\"type\": \"activation\", \"activation\": \"relu\"}, {\"type\": "
      "\"flatten\"}, " OUTPUT "]}"};
  check_repeated(architectures[0], 1, false);
  check_repeated(architectures[1], 1, false);
}

/* ---- recurrences ---- */

#define RELU "{\"type\": \"rnn\", \"units\": 3, \"activation\": \"relu\"}"
#define ONE_RELU "{\"layers\": [" RELU ", " OUTPUT "]}"

/* h' = max(0, W h + …) with W = w·I and positive states: the derivative by the state is w to the
   lag, whatever the inputs. */
static diagnosed make_scaled(const char *architecture, size_t lengths, double w) {
  diagnosed m = make(architecture, sequence, 2, lengths, 0);
  fill(&m, "rnn1.weight_ih", 0.5);
  fill(&m, "rnn1.weight_hh", 0);
  fill(&m, "rnn1.bias", 1);
  for (size_t j = 0; j < 3; j++)
    block_of(&m, "rnn1.weight_hh", NULL)[j * 3 + j] = w;
  return m;
}

static void check_powers(const char *architecture, size_t lengths, double w) {
  diagnosed m = make_scaled(architecture, lengths, w);
  gradus_diagnosis *d = diagnose(&m);
  CU_ASSERT_EQUAL_FATAL(d->recurrences, 1);
  const gradus_recurrence_diagnosis *r = &d->recurrence[0];
  CU_ASSERT_STRING_EQUAL(r->name, "rnn1");
  CU_ASSERT_STRING_EQUAL(r->type, "rnn");
  CU_ASSERT_FALSE(r->reverse);
  CU_ASSERT_EQUAL_FATAL(r->lags, sequence[0]);
  CU_ASSERT_TRUE(r->gradient_norm[0] > 0);
  for (size_t lag = 0; lag < r->lags; lag++)
    CHECK_CLOSE(r->share[lag], pow(w, (double)lag), 1e-12);
  for (size_t lag = 0; !lengths && lag < r->lags; lag++)
    CHECK_CLOSE(r->gradient_norm[lag], r->gradient_norm[0] * pow(w, (double)lag), 1e-12);
  CU_ASSERT_EQUAL(says(d,
                       "rnn1: the gradient falls below a millionth of itself 5 steps back (to "
                       "5.7e-14 of it over 11): it cannot learn what lies so far back; try lstm"),
                  w == 0.0625);
  CU_ASSERT_EQUAL(
      says(d, "rnn1: the gradient grows to 2e+03 times itself over 11 steps back; clip"), w == 2);
  CU_ASSERT_EQUAL(d->findings, (w == 0.0625) + (w == 2));
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

static void gradients_fall_and_grow_as_powers_of_the_weight(void) {
  static const double weights[] = {0.0625, 0.5, 1, 2};
  for (size_t i = 0; i < 4; i++)
    check_powers(ONE_RELU, 0, weights[i]);
}

static void rows_have_as_many_lags_as_steps(void) {
  check_powers(ONE_RELU, 12, 0.5);
}

static void truncation_does_not_count(void) {
  check_powers("{\"layers\": [{\"type\": \"rnn\", \"units\": 3, \"activation\": \"relu\", "
               "\"truncate\": 4}, " OUTPUT "]}",
               0, 0.5);
}

/* The rows' sum, with one number moved. */
static double loss_of(const diagnosed *m, size_t row, size_t column, double by) {
  double *x = gsl_matrix_ptr(m->x, row, column), before = *x;
  *x += by;
  gradus_diagnosis *d = diagnose(m);
  double loss = d->loss * (double)d->rows;
  *x = before;
  gradus_diagnosis_free(d);
  return loss;
}

/* Of one tanh unit: the loss' derivative by its input at a step is that by the state after it times
   (1 - h²) times the input's weight; h follows by hand. */
static void norms_are_those_of_differences(void) {
  static const size_t shape[] = {4, 1};
  diagnosed m =
      make("{\"layers\": [{\"type\": \"rnn\", \"units\": 1}, " OUTPUT "]}", shape, 2, 0, 0);
  const double v = 0.7, w = -1.3, bias = 0.2, step = 1e-5;
  fill(&m, "rnn1.weight_ih", v);
  fill(&m, "rnn1.weight_hh", w);
  fill(&m, "rnn1.bias", bias);
  gradus_diagnosis *d = diagnose(&m);
  for (size_t lag = 0; lag < 4; lag++) {
    double square = 0;
    for (size_t i = 0; i < ROWS; i++) {
      double h = 0;
      for (size_t t = 0; t < 4 - lag; t++)
        h = tanh(v * gsl_matrix_get(m.x, i, t) + w * h + bias);
      double slope = (loss_of(&m, i, 3 - lag, step) - loss_of(&m, i, 3 - lag, -step)) / (2 * step);
      square += pow(slope / (v * (1 - h * h)), 2);
    }
    CHECK_CLOSE(d->recurrence[0].gradient_norm[lag], sqrt(square / ROWS), 1e-6);
  }
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

/* The forget gate open (σ(b) = f) and all else shut off from the state: the memory falls as f to
   the lag, in both directions. */
static void an_lstm_s_memory_counts(void) {
  diagnosed m = make(
      "{\"layers\": [{\"type\": \"lstm\", \"units\": 3, \"bidirectional\": true}, " OUTPUT "]}",
      sequence, 2, 0, 0);
  static const char *const ends[] = {"", "_reverse"};
  for (size_t run = 0; run < 2; run++) {
    char name[32];
    snprintf(name, sizeof name, "lstm1.weight_hh%s", ends[run]);
    fill(&m, name, 0);
    snprintf(name, sizeof name, "lstm1.weight_ih%s", ends[run]);
    for (size_t j = 3 * 2; j < 6 * 2; j++)
      block_of(&m, name, NULL)[j] = 0;
    snprintf(name, sizeof name, "lstm1.bias%s", ends[run]);
    for (size_t j = 3; j < 6; j++)
      block_of(&m, name, NULL)[j] = run ? 0 : log(3); /* f = 1/2, 3/4 */
  }
  gradus_diagnosis *d = diagnose(&m);
  CU_ASSERT_EQUAL_FATAL(d->recurrences, 2);
  for (size_t run = 0; run < 2; run++) {
    const gradus_recurrence_diagnosis *r = &d->recurrence[run];
    CU_ASSERT_EQUAL(r->reverse, run == 1);
    for (size_t lag = 2; lag < r->lags; lag++)
      CHECK_CLOSE(r->share[lag] / r->share[lag - 1], run ? 0.5 : 0.75, 1e-12);
  }
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

/* ---- a response at each step ---- */

static void a_response_at_each_step_is_diagnosed(void) {
  diagnosed m =
      make("{\"layers\": [{\"type\": \"rnn\", \"units\": 3, \"sequences\": true}, {\"type\": "
           "\"dense\", \"name\": \"hidden\", \"units\": 5, \"each\": true}, {\"type\": "
           "\"activation\", \"activation\": \"relu\"}, " EACH "]}",
           sequence, 2, 12, 12);
  double *bias = block_of(&m, "hidden.bias", NULL), square = 0, count = 0;
  bias[0] = bias[2] = -1e9;
  gradus_diagnosis *d = diagnose(&m);
  CU_ASSERT_EQUAL(d->rows, ROWS);
  CU_ASSERT_EQUAL_FATAL(d->layers, 1);
  CU_ASSERT_EQUAL(d->layer[0].units, 5);
  CU_ASSERT_EQUAL(d->layer[0].dead, 2);
  CU_ASSERT_FALSE(d->layer[0].filters);
  CU_ASSERT_EQUAL(d->recurrences, 1);
  gradus_prediction *p = NULL;
  gradus_predict_matrix(&p, m.fit, m.x, NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t t = 0; t < 12; t++)
      if ((double)t < gsl_matrix_get(m.x, i, 24)) {
        square += pow(p->fitted[i * 12 + t] - gsl_matrix_get(m.y, i, t), 2);
        count++;
      }
  CHECK_CLOSE(d->loss, 0.5 * square / count, 1e-12);
  gradus_prediction_free(p);
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

/* What stands beyond a row's length does not count among the activations. */
static void steps_beyond_the_length_do_not_count(void) {
  diagnosed m = make(
      "{\"layers\": [{\"type\": \"conv1d\", \"filters\": 4, \"kernel\": 1}, {\"type\": "
      "\"activation\", \"activation\": \"relu\"}, {\"type\": \"rnn\", \"units\": 2}, " OUTPUT "]}",
      sequence, 2, 6, 0);
  gradus_diagnosis *before = diagnose(&m);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t j = 2 * (size_t)gsl_matrix_get(m.x, i, 24); j < 24; j++)
      gsl_matrix_set(m.x, i, j, j % 2 ? -1e6 : 1e6);
  gradus_diagnosis *after = diagnose(&m);
  CU_ASSERT_EQUAL(after->layer[0].mean, before->layer[0].mean);
  CU_ASSERT_EQUAL(after->layer[0].variance, before->layer[0].variance);
  CU_ASSERT_TRUE(isnan(after->recurrence[0].share[6])); /* no row is so long */
  CU_ASSERT_TRUE(isfinite(after->recurrence[0].gradient_norm[5]));
  gradus_diagnosis_free(before);
  gradus_diagnosis_free(after);
  diagnosed_clear(&m);
}

static void findings_become_warnings_of_the_fit(void) {
  diagnosed m = make_scaled(ONE_RELU, 0, 2);
  gradus_error err = {0};
  CHECK_STATUS(gradus_fit_set_diagnosis(m.fit, m.source, 1, &err), GRADUS_WARNING_DIAGNOSIS, &err);
  CHECK_CONTAINS(err.message, "rnn1: the gradient grows");
  diagnosed_clear(&m);
}

static void every_allocation_may_fail(void) {
  diagnosed m =
      make("{\"layers\": [{\"type\": \"conv1d\", \"filters\": 4, \"kernel\": 3, \"padding\": "
           "\"same\"}, {\"type\": \"activation\", \"activation\": \"relu\"}, {\"type\": "
           "\"gru\", \"units\": 2, \"bidirectional\": true}, " OUTPUT "]}",
           sequence, 2, 0, 0);
  fill(&m, "conv1.bias", -1e9);
  diagnose_without_memory(&m);
  diagnosed_clear(&m);
}

int main(void) {
  static const test_case cases[] = {
      {"dead filters are counted over all places", dead_filters_are_counted_over_all_places},
      {"means over places do not vanish", means_over_places_do_not_vanish},
      {"filters that repeat others are said", filters_that_repeat_others_are_said},
      {"filters that only look alike are not said", filters_that_only_look_alike_are_not_said},
      {"gradients fall and grow as powers of the weight",
       gradients_fall_and_grow_as_powers_of_the_weight},
      {"rows have as many lags as steps", rows_have_as_many_lags_as_steps},
      {"truncation does not count", truncation_does_not_count},
      {"norms are those of differences", norms_are_those_of_differences},
      {"an lstm's memory counts", an_lstm_s_memory_counts},
      {"a response at each step is diagnosed", a_response_at_each_step_is_diagnosed},
      {"steps beyond the length do not count", steps_beyond_the_length_do_not_count},
      {"findings become warnings of the fit", findings_become_warnings_of_the_fit},
      {"every allocation may fail", every_allocation_may_fail},
  };
  return test_main("diagnose_shapes", cases, sizeof cases / sizeof *cases);
}
