// SPDX-License-Identifier: GPL-3.0-or-later
/* Standard errors, effects and findings that a network's fit keeps, in the fit and in its model
   file; and the rows that it is divided into. */
#include "support/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static gradus_fit *network_of(const char *formula, const gradus_frame *frame,
                              const gradus_network_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CU_ASSERT_TRUE(gradus_network_fit(&fit, formula, frame, options, &err) <= 0);
  CU_ASSERT_STRING_EQUAL(err.message, "");
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

/* What comes back from a model file. */
static gradus_fit *reloaded(const gradus_fit *fit) {
  gradus_fit *loaded = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
  return loaded;
}

static gradus_prediction *predict(const gradus_fit *fit, const gradus_frame *frame,
                                  gradus_predict_type type, gradus_interval interval) {
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  gradus_predict_options options = {.type = type, .interval = interval, .std_error = true};
  CHECK_STATUS(gradus_predict(&p, fit, frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  return p;
}

/* ---- without hidden layers ---- */

typedef struct problem {
  const char *data, *formula, *family, *weights;
  gradus_weight_kind kind;
} problem;

static const problem regressions[] = {
    {"@mtcars", "mpg ~ wt + hp + factor(cyl)", NULL, NULL, GRADUS_WEIGHT_NONE},
    {"@mtcars", "mpg ~ wt + hp - 1", NULL, NULL, GRADUS_WEIGHT_NONE},
    {"@mtcars", "mpg ~ wt + hp", NULL, "cyl", GRADUS_WEIGHT_ANALYTIC},
    {"@mtcars", "mpg ~ wt + hp", NULL, "cyl", GRADUS_WEIGHT_FREQUENCY},
    {"@longley", "Employed ~ .", NULL, NULL, GRADUS_WEIGHT_NONE},
    {"@birthwt", "low ~ age + lwt + race", "binomial", NULL, GRADUS_WEIGHT_NONE},
    {"@warpbreaks", "breaks ~ wool * tension", "poisson", NULL, GRADUS_WEIGHT_NONE},
    {"@mtcars", "mpg ~ wt + hp", "gamma", NULL, GRADUS_WEIGHT_NONE},
    {"@mtcars", "factor(am) ~ wt", "multinomial", NULL, GRADUS_WEIGHT_NONE},
    {"@birthwt", "race ~ age + lwt", "multinomial", NULL, GRADUS_WEIGHT_NONE}};
enum { REGRESSIONS = sizeof regressions / sizeof *regressions };

static gradus_fit *fit_regression(const problem *r, const gradus_frame *frame) {
  gradus_fit_options options = {.family = r->family, .weights = r->weights, .weight_kind = r->kind};
  gradus_fit *fit = NULL;
  if (!r->family)
    gradus_linear_fit(&fit, r->formula, frame, &options, NULL);
  else if (strcmp(r->family, "multinomial") == 0)
    gradus_multinomial_fit(&fit, r->formula, frame,
                           &(gradus_fit_options){.weights = r->weights, .weight_kind = r->kind},
                           NULL);
  else
    gradus_glm_fit(&fit, r->formula, frame, &options, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

static gradus_fit *fit_network(const problem *r, const gradus_frame *frame) {
  gradus_network_options options = {
      .fit = {.family = r->family, .weights = r->weights, .weight_kind = r->kind}};
  return network_of(r->formula, frame, &options);
}

static void check_terms(const gradus_fit *network, const gradus_fit *regression) {
  CU_ASSERT_EQUAL_FATAL(gradus_fit_coefficients(network), gradus_fit_coefficients(regression));
  for (size_t r = 0; r < gradus_fit_responses(regression); r++)
    for (size_t j = 0; j < gradus_fit_coefficients(regression); j++) {
      gradus_term own, other;
      CHECK_STATUS(gradus_fit_term(network, r, j, 0.9, &own, NULL), GRADUS_OK, NULL);
      CHECK_STATUS(gradus_fit_term(regression, r, j, 0.9, &other, NULL), GRADUS_OK, NULL);
      CHECK_CLOSE(own.estimate, other.estimate, 1e-8);
      CHECK_CLOSE(own.std_error, other.std_error, 1e-8);
      CHECK_CLOSE(own.statistic, other.statistic, 1e-8);
      CHECK_CLOSE(own.p_value, other.p_value, 1e-8);
      CHECK_CLOSE(own.conf_low, other.conf_low, 1e-8);
      CHECK_CLOSE(own.conf_high, other.conf_high, 1e-8);
    }
}

static void without_hidden_layers_terms_are_the_regression_s(void) {
  for (size_t i = 0; i < REGRESSIONS; i++) {
    gradus_frame *frame = table_open(regressions[i].data);
    gradus_fit *network = fit_network(&regressions[i], frame);
    gradus_fit *regression = fit_regression(&regressions[i], frame);
    check_terms(network, regression);
    gradus_fit *loaded = reloaded(network);
    check_terms(loaded, regression);
    gradus_fit_free(loaded);
    gradus_fit_free(network);
    gradus_fit_free(regression);
    gradus_frame_free(frame);
  }
}

static void check_predictions(const gradus_fit *network, const gradus_fit *regression,
                              const gradus_frame *frame, gradus_predict_type type,
                              gradus_interval interval) {
  gradus_prediction *own = predict(network, frame, type, interval);
  gradus_prediction *other = predict(regression, frame, type, interval);
  CU_ASSERT_EQUAL_FATAL(own->columns, other->columns);
  for (size_t i = 0; i < own->rows * own->columns; i++) {
    CHECK_CLOSE(own->fitted[i], other->fitted[i], 1e-8);
    CHECK_CLOSE(own->std_error[i], other->std_error[i], 1e-8);
    CHECK_CLOSE(own->low[i], other->low[i], 1e-8);
    CHECK_CLOSE(own->high[i], other->high[i], 1e-8);
  }
  gradus_prediction_free(own);
  gradus_prediction_free(other);
}

static void without_hidden_layers_predictions_are_the_regression_s(void) {
  for (size_t i = 0; i < REGRESSIONS; i++) {
    gradus_frame *frame = table_open(regressions[i].data);
    gradus_fit *network = fit_network(&regressions[i], frame), *loaded = reloaded(network);
    gradus_fit *regression = fit_regression(&regressions[i], frame);
    check_predictions(loaded, regression, frame, GRADUS_PREDICT_RESPONSE,
                      GRADUS_INTERVAL_CONFIDENCE);
    check_predictions(network, regression, frame, GRADUS_PREDICT_LINK, GRADUS_INTERVAL_CONFIDENCE);
    if (!regressions[i].family)
      check_predictions(network, regression, frame, GRADUS_PREDICT_RESPONSE,
                        GRADUS_INTERVAL_PREDICTION);
    gradus_fit_free(loaded);
    gradus_fit_free(network);
    gradus_fit_free(regression);
    gradus_frame_free(frame);
  }
}

static void check_rest(gradus_fit *network, gradus_fit *regression, const gradus_source *rows,
                       bool profile) {
  gradus_diagnostics *own = NULL, *other = NULL;
  CHECK_STATUS(gradus_fit_diagnostics(network, rows, &own, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_diagnostics(regression, rows, &other, NULL), GRADUS_OK, NULL);
  CU_ASSERT_TRUE_FATAL(own && other);
  for (size_t i = 0; i < own->rows; i++) {
    CHECK_CLOSE(own->hat[i], other->hat[i], 1e-8);
    CHECK_CLOSE(own->student_resid[i], other->student_resid[i], 1e-8);
    CHECK_CLOSE(own->dffits[i], other->dffits[i], 1e-8);
  }
  gradus_diagnostics_free(own);
  gradus_diagnostics_free(other);
  if (profile) {
    CHECK_STATUS(gradus_fit_set_intervals(network, rows, GRADUS_INTERVALS_LR, 0.9, NULL), GRADUS_OK,
                 NULL);
    gradus_fit_set_intervals(regression, rows, GRADUS_INTERVALS_LR, 0.9, NULL);
    check_terms(network, regression);
    gradus_fit_set_intervals(network, rows, GRADUS_INTERVALS_WALD, 0, NULL);
    gradus_fit_set_intervals(regression, rows, GRADUS_INTERVALS_WALD, 0, NULL);
  }
  CHECK_STATUS(gradus_fit_set_robust(network, rows, GRADUS_ROBUST_HC3, NULL), GRADUS_OK, NULL);
  gradus_fit_set_robust(regression, rows, GRADUS_ROBUST_HC3, NULL);
  gradus_term a, b;
  gradus_fit_term(network, 0, 1, 0, &a, NULL);
  gradus_fit_term(regression, 0, 1, 0, &b, NULL);
  CHECK_CLOSE(a.std_error, b.std_error, 1e-8);
}

static void diagnostics_robust_errors_and_profiles_are_the_regression_s(void) {
  static const size_t which[] = {0, 5, 6};
  for (size_t i = 0; i < 3; i++) {
    const problem *r = &regressions[which[i]];
    gradus_frame *frame = table_open(r->data);
    gradus_fit *network = fit_network(r, frame), *regression = fit_regression(r, frame);
    gradus_source *rows = table_rows(network, frame);
    check_rest(network, regression, rows, r->family != NULL);
    gradus_source_free(rows);
    gradus_fit_free(network);
    gradus_fit_free(regression);
    gradus_frame_free(frame);
  }
}

/* The report has the sentence, and the term no error. */
static void check_none(const char *formula, const gradus_network_options *options,
                       const char *reason) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = network_of(formula, frame, options), *loaded = reloaded(fit);
  char *text = NULL, *again = NULL;
  gradus_term term;
  CHECK_STATUS(gradus_fit_term(fit, 0, 1, 0, &term, NULL), GRADUS_OK, NULL);
  CU_ASSERT_TRUE(isnan(term.std_error));
  CHECK_STATUS(gradus_fit_report(&text, fit, NULL, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_report(&again, loaded, NULL, NULL), GRADUS_OK, NULL);
  CU_ASSERT_TRUE_FATAL(text && again);
  CHECK_CONTAINS(text, "No standard errors: ");
  CHECK_CONTAINS(text, reason);
  CU_ASSERT_STRING_EQUAL(text, again);
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_predict(&p, fit, frame, &(gradus_predict_options){.std_error = true}, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  gradus_free(text);
  gradus_free(again);
  gradus_fit_free(loaded);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void a_dropped_column_leaves_the_others_their_errors(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *network = NULL, *regression = NULL;
  CHECK_STATUS(gradus_network_fit(&network, "mpg ~ wt + I(2*wt) + hp", frame, NULL, NULL),
               GRADUS_WARNING_RANK_DEFICIENT, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(network);
  CHECK_STATUS(gradus_linear_fit(&regression, "mpg ~ wt + hp", frame, NULL, NULL), GRADUS_OK, NULL);
  static const size_t columns[] = {0, 1, 3};
  for (size_t j = 0; j < 3; j++) {
    gradus_term a, b;
    CHECK_STATUS(gradus_fit_term(network, 0, columns[j], 0, &a, NULL), GRADUS_OK, NULL);
    CHECK_STATUS(gradus_fit_term(regression, 0, j, 0, &b, NULL), GRADUS_OK, NULL);
    CHECK_CLOSE(a.estimate, b.estimate, 1e-8);
    CHECK_CLOSE(a.std_error, b.std_error, 1e-8);
  }
  gradus_fit_free(network);
  gradus_fit_free(regression);
  gradus_frame_free(frame);
}

static void where_there_are_no_standard_errors_the_report_says_why(void) {
  check_none("mpg ~ wt + hp", &(gradus_network_options){.fit = {.l2 = 0.1}},
             "penalised (l2 = 0.1)");
  check_none("mpg ~ wt + hp",
             &(gradus_network_options){.l1 = 0.1, .fit = {.solver = "gradient-descent"}},
             "penalised (l1)");
  check_none(
      "mpg ~ wt + hp",
      &(gradus_network_options){
          .fit = {.max_iterations = 2, .descent = {.batch_size = 8, .rule = GRADUS_RULE_ADAM}}},
      "the fit did not converge");
  check_none("am ~ wt",
             &(gradus_network_options){.fit = {.family = "binomial"}, .class_weights = true},
             "classes are weighted");
}

static void a_fit_that_did_not_converge_is_given_none(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_network_options options = {.fit = {.max_iterations = 2, .descent = {.batch_size = 8}}};
  gradus_fit *fit = network_of("mpg ~ wt + hp", frame, &options);
  gradus_source *rows = table_rows(fit, frame);
  gradus_error err = {0};
  gradus_term term;
  CHECK_STATUS(gradus_fit_set_errors(fit, rows, 1, &err), GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "not those of the loss' minimum");
  gradus_fit_term(fit, 0, 1, 0, &term, NULL);
  CU_ASSERT_TRUE(isnan(term.std_error));
  gradus_source_free(rows);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

/* ---- with hidden layers ---- */

/* A number of tests/data/network_classes.csv, which tests/r/network_classes.R made. */
static double of_r(const char *model, const char *quantity, size_t index) {
  char key[96];
  snprintf(key, sizeof key, "%s,%s,%zu,", model, quantity, index);
  return test_number_after("network_classes.csv", key);
}

/* The network of that script at its parameters. */
static gradus_fit *of_classes(const char *model, const gradus_frame *frame) {
  static const size_t hidden[] = {2};
  gradus_network_options options = {.fit = {.max_iterations = 1},
                                    .hidden = hidden,
                                    .hidden_count = 1,
                                    .activation = "tanh",
                                    .raw_inputs = true};
  bool two = strcmp(model, "binomial") == 0;
  gradus_fit *fit = network_of(two ? "factor(am) ~ wt + I(hp/100)" : "factor(cyl) ~ wt + I(hp/100)",
                               frame, &options);
  double *theta = gradus_params_values((gradus_params *)gradus_fit_params(fit));
  for (size_t j = 0; j < gradus_params_size(gradus_fit_params(fit)); j++)
    theta[j] = of_r(model, "theta", j);
  return fit;
}

static void check_kept(const char *model, const gradus_fit *fit, const gradus_frame *frame) {
  bool two = strcmp(model, "binomial") == 0;
  gradus_network_information info = {0};
  CU_ASSERT_TRUE(gradus_fit_errors(fit, &info));
  CU_ASSERT_EQUAL(info.rank, info.parameters);
  for (size_t j = 0; j < info.parameters; j++)
    CHECK_CLOSE(gradus_fit_parameter_error(fit, j), of_r(model, "std_error", j), 1e-7);
  gradus_prediction *p = predict(fit, frame, GRADUS_PREDICT_RESPONSE, GRADUS_INTERVAL_CONFIDENCE);
  size_t last = two ? 0 : p->columns - 1;
  for (size_t i = 0; i < p->rows * p->columns; i++) { /* of two classes the second's */
    CHECK_CLOSE(p->fitted[i], of_r(model, "fitted", two ? 2 * i + 1 : i), 1e-12);
    CHECK_CLOSE(p->std_error[i], of_r(model, "fitted_error", two ? 2 * i + 1 : i), 1e-7);
  }
  CHECK_CLOSE(p->low[last], of_r(model, "interval", 0), 1e-7);
  CHECK_CLOSE(p->high[last], of_r(model, "interval", 1), 1e-7);
  size_t count = gradus_fit_effects(fit), from = two ? 2 : 0;
  CU_ASSERT_EQUAL(count, 2 * p->columns);
  for (size_t i = 0; i < count; i++) {
    gradus_effect effect;
    CHECK_STATUS(gradus_fit_effect(fit, i, 0, &effect, NULL), GRADUS_OK, NULL);
    CHECK_CLOSE(effect.estimate, of_r(model, "effect", from + i), 1e-8);
    CHECK_CLOSE(effect.std_error, of_r(model, "effect_error", from + i), 1e-7);
    CHECK_CLOSE(effect.statistic, effect.estimate / effect.std_error, 1e-14);
    CHECK_CLOSE(effect.conf_high, effect.estimate + 1.959963984540054 * effect.std_error, 1e-12);
    CU_ASSERT_STRING_EQUAL(effect.term, i % 2 == 0 ? "wt" : "I(hp/100)");
  }
  gradus_prediction_free(p);
}

static void errors_of_classes_are_those_of_r_s_differences(void) {
  static const char *const models[] = {"binomial", "multinomial"};
  gradus_frame *frame = table_open("@mtcars");
  for (size_t m = 0; m < 2; m++) {
    gradus_fit *fit = of_classes(models[m], frame);
    gradus_source *rows = table_rows(fit, frame);
    gradus_error err = {0};
    CHECK_STATUS(gradus_fit_set_errors(fit, rows, 1, &err), GRADUS_OK, &err);
    CHECK_STATUS(gradus_fit_set_effects(fit, rows, 1, &err), GRADUS_OK, &err);
    check_kept(models[m], fit, frame);
    gradus_fit *loaded = reloaded(fit);
    check_kept(models[m], loaded, frame);
    char *text = NULL;
    gradus_fit_report(&text, loaded, &(gradus_report_options){.intervals = true}, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CHECK_CONTAINS(text, m == 0 ? "of all 9 parameters (Fisher matrix)\n"
                                : "of all 12 parameters (Fisher matrix)\n");
    CHECK_CONTAINS(text, "too far to rely on them");
    CHECK_CONTAINS(text,
                   m == 0 ? "\nAverage marginal effects:\n" : "\nAverage marginal effects on 8:\n");
    gradus_free(text);
    gradus_fit_free(loaded);
    gradus_source_free(rows);
    gradus_fit_free(fit);
  }
  gradus_frame_free(frame);
}

/* Rows with a missing value have no prediction, and the others theirs. */
static void predictions_stay_aligned_with_their_rows(void) {
  gradus_frame *frame = table_open("@mtcars"), *holed = NULL;
  gradus_fit *fit = of_classes("binomial", frame);
  gradus_source *rows = table_rows(fit, frame);
  CHECK_STATUS(gradus_fit_set_errors(fit, rows, 1, NULL), GRADUS_OK, NULL);
  static const char text[] = "wt,hp\n2.62,110\n,110\n2.875,110\n";
  FILE *file = fopen(path, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  fputs(text, file);
  fclose(file);
  CHECK_STATUS(gradus_frame_read_csv(&holed, path, NULL, NULL), GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(holed);
  gradus_prediction *p = predict(fit, holed, GRADUS_PREDICT_RESPONSE, GRADUS_INTERVAL_CONFIDENCE);
  CU_ASSERT_EQUAL(p->rows, 3);
  CHECK_CLOSE(p->std_error[0], of_r("binomial", "fitted_error", 1), 1e-7);
  CU_ASSERT_TRUE(isnan(p->fitted[1]) && isnan(p->std_error[1]) && isnan(p->low[1]));
  CHECK_CLOSE(p->std_error[2], of_r("binomial", "fitted_error", 3), 1e-7);
  gradus_prediction_free(p);
  gradus_frame_free(holed);
  gradus_source_free(rows);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void a_network_that_goes_on_learning_forgets_its_errors(void) {
  gradus_frame *frame = table_open("@mtcars");
  gradus_fit *fit = of_classes("binomial", frame);
  gradus_source *rows = table_rows(fit, frame);
  gradus_network_information info;
  CHECK_STATUS(gradus_fit_set_errors(fit, rows, 1, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_set_effects(fit, rows, 1, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_partial(fit, frame, NULL, NULL), GRADUS_OK, NULL);
  CU_ASSERT_FALSE(gradus_fit_errors(fit, &info));
  CU_ASSERT_EQUAL(gradus_fit_effects(fit), 0);
  gradus_source_free(rows);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

/* ---- rows to train on, to validate on and to test with ---- */

static void mark(const gradus_fit *fit, const gradus_source *source, gradus_set set, int *seen) {
  gradus_source *rows = NULL;
  gradus_cursor *cursor = NULL;
  gradus_batch batch;
  gradus_network_metrics metrics;
  CHECK_STATUS(gradus_network_rows(&rows, fit, source, set, NULL), GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(rows);
  gradus_fit_network_metrics(fit, set, &metrics, NULL);
  CU_ASSERT_EQUAL(gradus_source_get_shape(rows)->rows, metrics.rows);
  gradus_cursor_open(&cursor, rows, 200, NULL);
  CHECK_STATUS(gradus_cursor_read(cursor, 0, 200, &batch, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < batch.rows; i++)
    seen[batch.row[i]] += 1 << (4 * (int)set);
  gradus_cursor_free(cursor);
  gradus_source_free(rows);
}

static void sets_are_shares_of_each_class_and_share_no_row(void) {
  static const size_t hidden[] = {3};
  gradus_frame *iris = table_open("@iris");
  gradus_network_options options = {.fit = {.max_iterations = 3, .seed = 5},
                                    .hidden = hidden,
                                    .hidden_count = 1,
                                    .validation = 0.2,
                                    .test = 0.1};
  gradus_fit *fit = network_of("Species ~ .", iris, &options), *loaded = reloaded(fit);
  gradus_source *source = table_rows(fit, iris);
  int seen[150] = {0}, again[150] = {0}, count[3] = {0};
  for (int set = 0; set < 3; set++) {
    mark(fit, source, (gradus_set)set, seen);
    mark(loaded, source, (gradus_set)set, again);
  }
  for (size_t i = 0; i < 150; i++) {
    CU_ASSERT_EQUAL(seen[i], again[i]);
    CU_ASSERT_TRUE(seen[i] == 0x1 || seen[i] == 0x10 || seen[i] == 0x100);
    count[seen[i] == 0x1 ? 0 : seen[i] == 0x10 ? 1 : 2]++;
  }
  CU_ASSERT_EQUAL(count[0], 105);
  CU_ASSERT_EQUAL(count[1], 30);
  CU_ASSERT_EQUAL(count[2], 15);
  gradus_source_free(source);
  gradus_fit_free(loaded);
  gradus_fit_free(fit);
  gradus_frame_free(iris);
}

/* Other test rows change nothing but what is said of them. */
static void test_rows_have_no_part_in_the_training(void) {
  static const size_t hidden[] = {3};
  gradus_frame *cars = table_open("@mtcars"), *iris = table_open("@iris");
  gradus_network_options options = {
      .fit = {.max_iterations = 20, .seed = 2}, .hidden = hidden, .hidden_count = 1};
  gradus_fit *without = network_of("mpg ~ wt + hp", cars, &options);
  options.test_frame = cars;
  gradus_fit *with = network_of("mpg ~ wt + hp", cars, &options), *other = NULL;
  gradus_network_metrics train, test;
  size_t size = gradus_params_size(gradus_fit_params(with));
  for (size_t j = 0; j < size; j++)
    CU_ASSERT_EQUAL(gradus_params_const_values(gradus_fit_params(with))[j],
                    gradus_params_const_values(gradus_fit_params(without))[j]);
  gradus_fit_network_metrics(without, GRADUS_SET_TEST, &test, NULL);
  CU_ASSERT_EQUAL(test.rows, 0);
  gradus_fit_network_metrics(with, GRADUS_SET_TRAIN, &train, NULL);
  gradus_fit_network_metrics(with, GRADUS_SET_TEST, &test, NULL);
  CU_ASSERT_EQUAL(test.rows, 32);
  CHECK_CLOSE(test.rmse, train.rmse, 1e-14);
  CHECK_CLOSE(test.loss, train.loss, 1e-14);
  gradus_error err = {0};
  options.test_frame = iris;
  CHECK_STATUS(gradus_network_fit(&other, "mpg ~ wt + hp", cars, &options, &err),
               GRADUS_ERROR_UNKNOWN_COLUMN, &err);
  options.test = 0.2;
  options.test_frame = cars;
  err = (gradus_error){0};
  CHECK_STATUS(gradus_network_fit(&other, "mpg ~ wt + hp", cars, &options, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  options = (gradus_network_options){.validation = 0.6, .test = 0.4};
  err = (gradus_error){0};
  CHECK_STATUS(gradus_network_fit(&other, "mpg ~ wt + hp", cars, &options, &err),
               GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "no rows to train on");
  gradus_fit_free(with);
  gradus_fit_free(without);
  gradus_frame_free(cars);
  gradus_frame_free(iris);
}

/* With rows held out, n is that of the others. */
static void errors_rest_on_the_rows_of_the_training_alone(void) {
  gradus_frame *cars = table_open("@mtcars");
  gradus_network_options options = {.test = 0.25, .fit = {.seed = 3}};
  gradus_fit *network = network_of("mpg ~ wt + hp", cars, &options), *regression = NULL;
  gradus_source *all = table_rows(network, cars), *rows = NULL;
  CHECK_STATUS(gradus_network_rows(&rows, network, all, GRADUS_SET_TRAIN, NULL), GRADUS_OK, NULL);
  gradus_linear_fit_source(&regression, rows, NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(regression);
  check_terms(network, regression);
  gradus_summary summary;
  gradus_fit_summary(regression, 0, &summary, NULL);
  CU_ASSERT_EQUAL(summary.nobs, 24);
  gradus_fit_free(regression);
  gradus_source_free(rows);
  gradus_source_free(all);
  gradus_fit_free(network);
  gradus_frame_free(cars);
}

/* ---- findings ---- */

static void findings_of_a_diagnosis_are_warnings(void) {
  static const size_t hidden[] = {4};
  gradus_frame *cars = table_open("@mtcars");
  gradus_network_options options = {.fit = {.max_iterations = 1},
                                    .hidden = hidden,
                                    .hidden_count = 1,
                                    .initialiser = GRADUS_INITIALISE_CONSTANT,
                                    .initial_scale = 0.1};
  gradus_fit *fit = network_of("mpg ~ wt + hp", cars, &options);
  gradus_source *rows = table_rows(fit, cars);
  for (size_t twice = 0; twice < 2; twice++) {
    gradus_error err = {0};
    CHECK_STATUS(gradus_fit_set_diagnosis(fit, rows, 1, &err), GRADUS_WARNING_DIAGNOSIS, &err);
    CU_ASSERT_EQUAL_FATAL(gradus_fit_warnings(fit), 1);
    CHECK_CONTAINS(gradus_fit_warning(fit, 0)->message, "all its units have the same weights");
  }
  gradus_fit *loaded = reloaded(fit);
  CU_ASSERT_EQUAL_FATAL(gradus_fit_warnings(loaded), 1);
  CU_ASSERT_EQUAL(gradus_fit_warning(loaded, 0)->code, GRADUS_WARNING_DIAGNOSIS);
  gradus_fit_free(loaded);
  gradus_source_free(rows);
  gradus_fit_free(fit);
  gradus_frame_free(cars);
}

/* ---- memory ---- */

static gradus_status do_all(gradus_fit *fit, const gradus_source *rows, const gradus_frame *frame) {
  gradus_fit *loaded = NULL;
  gradus_prediction *p = NULL;
  gradus_source *picked = NULL;
  char *text = NULL;
  gradus_predict_options how = {
      .std_error = true, .interval = GRADUS_INTERVAL_CONFIDENCE, .threads = 1};
  gradus_status status = gradus_fit_set_errors(fit, rows, 1, NULL);
  if (status <= 0)
    status = gradus_fit_set_effects(fit, rows, 1, NULL);
  if (status <= 0)
    status = gradus_fit_set_diagnosis(fit, rows, 1, NULL);
  if (status <= 0)
    status = gradus_network_rows(&picked, fit, rows, GRADUS_SET_TEST, NULL);
  if (status <= 0)
    status = gradus_fit_save(fit, path, NULL);
  if (status <= 0)
    status = gradus_fit_load(&loaded, path, NULL);
  if (status <= 0)
    status = gradus_predict(&p, loaded, frame, &how, NULL);
  if (status <= 0)
    status = gradus_fit_report(&text, loaded, &(gradus_report_options){.intervals = true}, NULL);
  gradus_free(text);
  gradus_prediction_free(p);
  gradus_source_free(picked);
  gradus_fit_free(loaded);
  return status;
}

static void every_allocation_may_fail(void) {
  static const size_t hidden[] = {2};
  gradus_frame *cars = table_open("@mtcars");
  gradus_network_options options = {.fit = {.max_iterations = 50, .solver = "lbfgs", .threads = 1},
                                    .activation = "tanh",
                                    .hidden = hidden,
                                    .test = 0.2};
  for (options.hidden_count = 0; options.hidden_count < 2; options.hidden_count++)
    for (size_t k = 0;; k++) {
      gradus_fit *fit = NULL;
      gradus_source *rows = NULL;
      options.validation = options.hidden_count > 0 ? 0.2 : 0; /* else it leaves the minimum */
      test_allocations_begin(k);
      gradus_status status = gradus_network_fit(&fit, "mpg ~ wt + hp", cars, &options, NULL);
      if (status <= 0)
        status = gradus_source_from_frame(&rows, gradus_fit_design(fit), cars, NULL, NULL);
      if (status <= 0)
        status = do_all(fit, rows, cars);
      gradus_source_free(rows);
      gradus_fit_free(fit);
      CU_ASSERT_EQUAL(test_allocations_live(), 0);
      bool all = test_allocations_end() <= k;
      if (all ? status > 0 : status != GRADUS_ERROR_OUT_OF_MEMORY)
        CHECK_STATUS(status, all ? GRADUS_OK : GRADUS_ERROR_OUT_OF_MEMORY, NULL);
      if (all)
        break;
    }
  gradus_frame_free(cars);
}

int main(void) {
  static const test_case cases[] = {
      {"without hidden layers terms are the regression's",
       without_hidden_layers_terms_are_the_regression_s},
      {"without hidden layers predictions are the regression's",
       without_hidden_layers_predictions_are_the_regression_s},
      {"diagnostics, robust errors and profiles are the regression's",
       diagnostics_robust_errors_and_profiles_are_the_regression_s},
      {"a dropped column leaves the others their errors",
       a_dropped_column_leaves_the_others_their_errors},
      {"where there are no standard errors the report says why",
       where_there_are_no_standard_errors_the_report_says_why},
      {"a fit that did not converge is given none", a_fit_that_did_not_converge_is_given_none},
      {"errors of classes are those of R's differences",
       errors_of_classes_are_those_of_r_s_differences},
      {"predictions stay aligned with their rows", predictions_stay_aligned_with_their_rows},
      {"a network that goes on learning forgets its errors",
       a_network_that_goes_on_learning_forgets_its_errors},
      {"sets are shares of each class, and share no row",
       sets_are_shares_of_each_class_and_share_no_row},
      {"test rows have no part in the training", test_rows_have_no_part_in_the_training},
      {"errors rest on the rows of the training alone",
       errors_rest_on_the_rows_of_the_training_alone},
      {"findings of a diagnosis are warnings", findings_of_a_diagnosis_are_warnings},
      {"every allocation may fail", every_allocation_may_fail},
  };
  snprintf(path, sizeof path, "test_network_errors.%ld.tmp", (long)getpid());
  int result = test_main("network_errors", cases, sizeof cases / sizeof *cases);
  remove(path);
  return result;
}
