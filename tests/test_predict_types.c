// SPDX-License-Identifier: GPL-3.0-or-later
/* Predicted terms against R 4.2.2's predict(type = "terms") (tests/r/glm_inference.R), predicted
   classes, and prediction intervals of the gaussian family. */
#include "../lib/model/internal.h"
#include "support/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct model {
  const char *name, *data, *formula;
  gradus_fit_options options; /* linear without a family */
} model;

static gradus_fit *fitted(const model *m, const gradus_frame *frame) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_status status = m->options.family
                             ? gradus_glm_fit(&fit, m->formula, frame, &m->options, &err)
                             : gradus_linear_fit(&fit, m->formula, frame, &m->options, &err);
  CU_ASSERT_TRUE_FATAL(status <= 0 && fit);
  return fit;
}

static void set_means(gradus_fit *fit, const gradus_frame *frame) {
  gradus_error err = {0};
  gradus_source *rows = table_rows(fit, frame);
  CHECK_STATUS(gradus_fit_set_means(fit, rows, &err), GRADUS_OK, &err);
  gradus_source_free(rows);
}

static gradus_prediction *predicted(const gradus_fit *fit, const gradus_frame *frame,
                                    const gradus_predict_options *options) {
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_predict(&p, fit, frame, options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  return p;
}

/* The lines of one model, from *at on: its constant, then term by term the first 12 rows. */
static void check_lines(const char *name, const gradus_prediction *p, const gradus_frame *expected,
                        size_t *at) {
  CU_ASSERT_STRING_EQUAL_FATAL(table_text(expected, "model", *at), name);
  CHECK_CLOSE(p->constant[0], table_number(expected, "fit", (*at)++), 1e-10);
  for (size_t t = 0; t < p->terms; t++)
    for (size_t i = 0; i < 12; i++, (*at)++) {
      CU_ASSERT_STRING_EQUAL(table_text(expected, "model", *at), name);
      CU_ASSERT_STRING_EQUAL(table_text(expected, "term", *at), p->term[t]);
      double fit = table_number(expected, "fit", *at), error = table_number(expected, "se", *at);
      if (isnan(fit)) {
        CU_ASSERT_TRUE(isnan(p->fitted[i * p->columns + t]));
        continue;
      }
      /* What is centred may be near 0. */
      CHECK_CLOSE(p->fitted[i * p->columns + t], fit, 1e-10 + 1e-12 / fabs(fit));
      CHECK_CLOSE(p->std_error[i * p->columns + t], error, 1e-10);
    }
}

static void terms_are_r_s(void) {
  static const model models[] = {
      {"linear", "@mtcars", "mpg ~ wt + factor(cyl) + poly(hp, 2)", {0}},
      {"weighted",
       "@mtcars",
       "mpg ~ wt * factor(am)",
       {.weights = "qsec", .weight_kind = GRADUS_WEIGHT_ANALYTIC}},
      {"no_intercept", "@mtcars", "mpg ~ factor(cyl) + wt - 1", {0}},
      {"missing", "@airquality", "Ozone ~ Wind + Temp", {0}},
      {"dropped", "@mtcars", "mpg ~ wt + I(2 * wt) + hp", {0}},
      {"logit", "@birthwt", "low ~ age + lwt + factor(race) + smoke:ht", {.family = "binomial"}},
      {"poisson",
       "@warpbreaks",
       "breaks ~ wool * tension + offset(log(breaks + 1))",
       {.family = "poisson"}},
      {"gamma", "@trees", "Volume ~ log(Girth) + Height", {.family = "gamma", .link = "log"}}};
  gradus_frame *expected = table_open("inference/terms.csv");
  size_t at = 0;
  for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
    gradus_frame *frame = table_open(models[m].data);
    gradus_fit *fit = fitted(&models[m], frame);
    set_means(fit, frame);
    gradus_predict_options options = {.type = GRADUS_PREDICT_TERMS, .std_error = true};
    gradus_prediction *p = predicted(fit, frame, &options);
    check_lines(models[m].name, p, expected, &at);
    gradus_prediction_free(p);
    gradus_fit_free(fit);
    gradus_frame_free(frame);
  }
  CU_ASSERT_EQUAL(at, gradus_frame_rows(expected));
  gradus_frame_free(expected);
}

static void terms_and_constant_make_the_linear_predictor(void) {
  static const model m = {"", "@airquality", "cbind(Ozone, Temp) ~ Wind + factor(Month)", {0}};
  gradus_frame *air = table_open(m.data);
  gradus_fit *fit = fitted(&m, air);
  set_means(fit, air);
  gradus_predict_options options = {
      .type = GRADUS_PREDICT_TERMS, .interval = GRADUS_INTERVAL_CONFIDENCE, .std_error = true};
  gradus_prediction *p = predicted(fit, air, &options), *whole = predicted(fit, air, NULL);
  CU_ASSERT(p->terms == 2 && p->responses == 2 && p->columns == 4 && whole->columns == 2);
  CU_ASSERT(whole->term == NULL && whole->constant == NULL && whole->class_index == NULL);
  for (size_t i = 0; i < p->rows; i++)
    for (size_t r = 0; r < 2; r++) {
      const double *row = p->fitted + i * 4 + r * 2;
      CHECK_CLOSE(p->constant[r] + row[0] + row[1], whole->fitted[i * 2 + r], 1e-12);
      size_t cell = i * 4 + r * 2;
      CHECK_CLOSE(p->high[cell] - p->fitted[cell], p->fitted[cell] - p->low[cell], 1e-9);
      CU_ASSERT(p->high[cell] > p->fitted[cell]);
    }
  gradus_prediction_free(p);
  gradus_prediction_free(whole);
  gradus_fit_free(fit);
  gradus_frame_free(air);
}

static void frequencies_count_in_the_means(void) {
  static const double x[] = {1, 2, 4}, y[] = {1, 3, 2}, w[] = {3, 1, 0};
  gradus_frame *frame = NULL;
  gradus_frame_new(&frame, 3, NULL);
  gradus_frame_add_numeric(frame, "x", x, 1, NULL);
  gradus_frame_add_numeric(frame, "y", y, 1, NULL);
  gradus_frame_add_numeric(frame, "w", w, 1, NULL);
  model m = {"", "", "y ~ x", {.weights = "w", .weight_kind = GRADUS_WEIGHT_FREQUENCY}};
  gradus_fit *fit = fitted(&m, frame);
  set_means(fit, frame);
  gradus_predict_options options = {.type = GRADUS_PREDICT_TERMS};
  gradus_prediction *p = predicted(fit, frame, &options);
  CHECK_CLOSE(p->fitted[1], (2 - 1.25) * gradus_fit_coefficient(fit, 0, 1), 1e-15);
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void columns_are_the_terms_of_a_matrix(void) {
  double x[] = {1, 5, 2, 3, 3, 8, 4, 1, 5, 2}, y[] = {1, 2, 5, 4, 3};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 5, 2), yv = gsl_matrix_view_array(y, 5, 1);
  gradus_source *source = NULL;
  gradus_fit *fit = NULL;
  gradus_prediction *p = NULL;
  gradus_source_from_matrix(&source, &xv.matrix, &yv.matrix, NULL, GRADUS_WEIGHT_NONE, NULL, NULL);
  CHECK_STATUS(gradus_linear_fit_source(&fit, source, NULL, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_set_means(fit, source, NULL), GRADUS_OK, NULL);
  gradus_predict_options options = {.type = GRADUS_PREDICT_TERMS};
  CHECK_STATUS(gradus_predict_matrix(&p, fit, &xv.matrix, &options, NULL), GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  CU_ASSERT_STRING_EQUAL(p->term[1], "x2");
  CHECK_CLOSE(p->fitted[1], (5 - 3.8) * gradus_fit_coefficient(fit, 0, 2), 1e-14);
  CHECK_CLOSE(p->constant[0], 3, 1e-14); /* the mean of y */
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  gradus_source_free(source);
}

static void classes_are_levels(void) {
  static const model m = {"", "@warpbreaks", "wool ~ breaks", {.family = "binomial"}};
  static const double breaks[] = {20, NAN, 70};
  gradus_frame *warp = table_open(m.data), *fresh = NULL;
  gradus_fit *fit = fitted(&m, warp);
  gradus_frame_new(&fresh, 3, NULL);
  gradus_frame_add_numeric(fresh, "breaks", breaks, 1, NULL);
  gradus_predict_options options = {.type = GRADUS_PREDICT_CLASS};
  gradus_prediction *p = predicted(fit, fresh, &options);
  /* R: P(B) = 0.571, 0.177. */
  CU_ASSERT(p->class_index[0] == 1 && p->class_index[1] == -1 && p->class_index[2] == 0);
  CU_ASSERT_EQUAL(gradus_fit_classes(fit), 2);
  CU_ASSERT_STRING_EQUAL(gradus_fit_class_name(fit, 1), "B");
  CU_ASSERT_PTR_NULL(gradus_fit_class_name(fit, 2));
  /* At the threshold itself a row is a success, as gradus_confusion_count has it. */
  options.threshold = p->fitted[2];
  gradus_prediction_free(p);
  p = predicted(fit, fresh, &options);
  CU_ASSERT(p->class_index[2] == 1);
  gradus_prediction_free(p);
  options.threshold = 0.9;
  p = predicted(fit, fresh, &options);
  CU_ASSERT(p->class_index[0] == 0 && p->class_index[2] == 0);
  gradus_prediction_free(p);
  options.threshold = -1;
  p = predicted(fit, fresh, &options);
  CU_ASSERT(p->class_index[0] == 1 && p->class_index[1] == -1 && p->class_index[2] == 1);
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  gradus_frame_free(fresh);
  gradus_frame_free(warp);
}

static void classes_of_numbers_are_0_and_1(void) {
  static const model m = {"", "@birthwt", "low ~ lwt", {.family = "binomial"}};
  gradus_frame *births = table_open(m.data), *none = NULL;
  static const double nothing[] = {NAN};
  gradus_fit *fit = fitted(&m, births);
  CU_ASSERT_STRING_EQUAL(gradus_fit_class_name(fit, 0), "0");
  CU_ASSERT_STRING_EQUAL(gradus_fit_class_name(fit, 1), "1");
  gradus_frame_new(&none, 1, NULL);
  gradus_frame_add_numeric(none, "lwt", nothing, 1, NULL);
  gradus_prediction *p =
      predicted(fit, none, &(gradus_predict_options){.type = GRADUS_PREDICT_CLASS});
  CU_ASSERT(p->rows == 1 && p->class_index[0] == -1);
  gradus_prediction_free(p);
  gradus_fit_free(fit);
  gradus_frame_free(none);
  gradus_frame_free(births);
}

static void refuses(const gradus_fit *fit, const gradus_frame *frame, gradus_status status,
                    const gradus_predict_options *options, const char *text) {
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_predict(&p, fit, frame, options, &err), status, &err);
  CHECK_CONTAINS(err.message, text);
  CU_ASSERT_PTR_NULL(p);
}

static void what_a_type_does_not_have_is_refused(void) {
  static const model poisson = {"", "", "breaks ~ wool", {.family = "poisson"}};
  static const model linear = {"", "", "breaks ~ wool", {0}};
  static const model logit = {"", "", "wool ~ breaks", {.family = "binomial"}};
  gradus_frame *warp = table_open("@warpbreaks"), *cars = table_open("@mtcars");
  gradus_fit *a = fitted(&poisson, warp), *b = fitted(&linear, warp), *c = fitted(&logit, warp);
  gradus_predict_options classes = {.type = GRADUS_PREDICT_CLASS},
                         terms = {.type = GRADUS_PREDICT_TERMS};
  CU_ASSERT(gradus_fit_classes(a) == 0 && gradus_fit_classes(b) == 0);
  refuses(a, warp, GRADUS_ERROR_UNSUPPORTED, &classes, "poisson");
  refuses(b, warp, GRADUS_ERROR_UNSUPPORTED, &classes, "linear");
  refuses(b, warp, GRADUS_ERROR_UNSUPPORTED, &terms, "gradus_fit_set_means");
  classes.std_error = true;
  refuses(c, warp, GRADUS_ERROR_INVALID_ARGUMENT, &classes, "standard error");
  classes = (gradus_predict_options){.type = GRADUS_PREDICT_CLASS, .threshold = 1.5};
  refuses(c, warp, GRADUS_ERROR_INVALID_ARGUMENT, &classes, "1.5");
  terms.interval = GRADUS_INTERVAL_PREDICTION;
  set_means(b, warp);
  refuses(b, warp, GRADUS_ERROR_INVALID_ARGUMENT, &terms, "confidence");
  refuses(a, warp, GRADUS_ERROR_UNSUPPORTED,
          &(gradus_predict_options){.interval = GRADUS_INTERVAL_PREDICTION}, "gaussian");
  gradus_params_values(b->params)[0] = INFINITY; /* as of a separated response */
  refuses(b, warp, GRADUS_ERROR_UNSUPPORTED,
          &(gradus_predict_options){.type = GRADUS_PREDICT_TERMS}, "woolB");
  gradus_source *other = NULL;
  double x[] = {1, 2, 3, 4};
  gsl_matrix_view wide = gsl_matrix_view_array(x, 2, 2);
  gradus_source_from_matrix(&other, &wide.matrix, NULL, NULL, GRADUS_WEIGHT_NONE, NULL, NULL);
  CHECK_STATUS(gradus_fit_set_means(b, other, NULL), GRADUS_ERROR_SHAPE, NULL);
  gradus_source_free(other);
  gradus_fit_free(a);
  gradus_fit_free(b);
  gradus_fit_free(c);
  gradus_frame_free(warp);
  gradus_frame_free(cars);
}

/* Those of the linear model, whose numbers test_oracles.c holds against R. */
static void the_gaussian_family_has_prediction_intervals(void) {
  static const model glm = {"", "", "mpg ~ wt + factor(cyl)", {.family = "gaussian"}};
  static const model linear = {"", "", "mpg ~ wt + factor(cyl)", {0}};
  gradus_frame *cars = table_open("@mtcars");
  gradus_fit *a = fitted(&glm, cars), *b = fitted(&linear, cars);
  gradus_predict_options options = {.interval = GRADUS_INTERVAL_PREDICTION};
  gradus_prediction *p = predicted(a, cars, &options), *q = predicted(b, cars, &options);
  for (size_t i = 0; i < p->rows; i++) {
    CHECK_CLOSE(p->low[i], q->low[i], 1e-11);
    CHECK_CLOSE(p->high[i], q->high[i], 1e-11);
  }
  gradus_prediction_free(p);
  gradus_prediction_free(q);
  gradus_fit_free(a);
  gradus_fit_free(b);
  gradus_frame_free(cars);
}

static void failed_allocations_leak_nothing(void) {
  static const model m = {"", "", "wool ~ breaks * tension", {.family = "binomial"}};
  gradus_frame *warp = table_open("@warpbreaks");
  gradus_fit *fit = fitted(&m, warp);
  set_means(fit, warp);
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_prediction *p = NULL, *q = NULL;
    gradus_predict_options terms = {.type = GRADUS_PREDICT_TERMS, .std_error = true, .threads = 1};
    gradus_predict_options classes = {.type = GRADUS_PREDICT_CLASS, .threads = 1};
    run.status = gradus_predict(&p, fit, warp, &terms, NULL);
    if (run.status == GRADUS_OK)
      run.status = gradus_predict(&q, fit, warp, &classes, NULL);
    gradus_prediction_free(p);
    gradus_prediction_free(q);
  }
  gradus_source *rows = table_rows(fit, warp);
  /* New means take the place of the old ones. */
  for (failing_run run = {0}; NEXT_FAILING(&run);)
    run.status = gradus_fit_set_means(fit, rows, NULL);
  gradus_source_free(rows);
  gradus_fit_free(fit);
  gradus_frame_free(warp);
}

int main(void) {
  static const test_case cases[] = {
      {"terms are R's", terms_are_r_s},
      {"terms and constant make the linear predictor",
       terms_and_constant_make_the_linear_predictor},
      {"frequencies count in the means", frequencies_count_in_the_means},
      {"columns are the terms of a matrix", columns_are_the_terms_of_a_matrix},
      {"classes are levels", classes_are_levels},
      {"classes of numbers are 0 and 1", classes_of_numbers_are_0_and_1},
      {"what a type does not have is refused", what_a_type_does_not_have_is_refused},
      {"the gaussian family has prediction intervals",
       the_gaussian_family_has_prediction_intervals},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("predict types", cases, sizeof cases / sizeof *cases);
}
