// SPDX-License-Identifier: GPL-3.0-or-later
/* Multinomial fits of classes that the columns separate, at the limit of their likelihood: against
   Newton's method in R on the likelihood of the classes that each row keeps
   (tests/r/separated_classes.R), binary models, fits with a vanishing penalty, and the equations
   that hold at any limit. */
#include "support/cells.h"

#include <math.h>
#include <string.h>

static gradus_frame *read_data(const char *name) {
  char path[64];
  snprintf(path, sizeof path, "separated_classes/%s.csv", name);
  return test_read_frame(name[0] == '@' ? name : path);
}

static gradus_fit *fit_limit(const gradus_frame *frame, const char *formula,
                             gradus_fit_options options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  options.separation = GRADUS_SEPARATION_LIMIT;
  CHECK_STATUS(gradus_multinomial_fit(&fit, formula, frame, &options, &err),
               GRADUS_WARNING_SEPARATION, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
  return fit;
}

static gradus_term term_called(const gradus_fit *fit, const char *response, const char *name) {
  gradus_term term = {.estimate = NAN};
  for (size_t r = 0; r < gradus_fit_responses(fit); r++)
    for (size_t j = 0; j < gradus_fit_coefficients(fit); j++) {
      CHECK_STATUS(gradus_fit_term(fit, r, j, 0, &term, NULL), GRADUS_OK, NULL);
      if (strcmp(term.response, response) == 0 && strcmp(term.term, name) == 0) {
        CU_ASSERT_EQUAL(term.infinite, gradus_fit_infinite(fit, r, j));
        return term;
      }
    }
  CU_FAIL("no such term");
  return term;
}

static double deviance_of(const gradus_fit *fit) {
  gradus_summary s;
  CHECK_STATUS(gradus_fit_summary(fit, 0, &s, NULL), GRADUS_OK, NULL);
  CHECK_CLOSE(s.log_lik, -0.5 * s.deviance, 1e-15);
  return s.deviance;
}

enum { ANY = 9 }; /* direction that the likelihood leaves open */

static void check_term(const gradus_frame *expected, size_t row, const gradus_fit *fit) {
  gradus_term term = term_called(fit, test_cell_text(expected, "response", row),
                                 test_cell_text(expected, "term", row));
  double direction = test_cell_number(expected, "infinite", row);
  CU_ASSERT_EQUAL(term.infinite, direction != 0);
  if (direction != 0) {
    CU_ASSERT_TRUE(direction == ANY || (isinf(term.estimate) && term.estimate * direction > 0));
    CU_ASSERT_FALSE(isfinite(term.estimate));
    CU_ASSERT_TRUE(isnan(term.std_error) && isnan(term.statistic) && isnan(term.p_value));
    CU_ASSERT_TRUE(isnan(term.conf_low) && isnan(term.conf_high));
    return;
  }
  double value = test_cell_number(expected, "estimate", row),
         error = test_cell_number(expected, "std_error", row);
  CHECK_CLOSE(term.estimate, value, 1e-11);
  CHECK_CLOSE(term.std_error, error, 1e-11);
  CHECK_CLOSE(term.conf_low, value - 1.959963984540054 * error, 1e-11);
}

static void limits_are_fits_of_the_classes_that_are_left(void) {
  gradus_frame *expected = read_data("expected");
  size_t rows = gradus_frame_rows(expected), fits = 0;
  for (size_t i = 0; i < rows; fits++) {
    const char *name = test_cell_text(expected, "case", i);
    gradus_frame *frame = read_data(name);
    gradus_fit *fit =
        fit_limit(frame, test_cell_text(expected, "formula", i), (gradus_fit_options){0});
    CHECK_CLOSE(deviance_of(fit), -2 * test_cell_number(expected, "log_lik", i), 1e-11);
    CU_ASSERT_EQUAL(gradus_fit_infinite(fit, 9, 0), false);
    for (; i < rows && strcmp(test_cell_text(expected, "case", i), name) == 0; i++)
      check_term(expected, i, fit);
    gradus_fit_free(fit);
    gradus_frame_free(frame);
  }
  CU_ASSERT_EQUAL(fits, 5);
  gradus_frame_free(expected);
}

/* ---- binary models ---- */

static void check_same(double a, double b, double tolerance) {
  if (isfinite(b))
    CHECK_CLOSE(a, b, tolerance);
  else
    CU_ASSERT_TRUE(isnan(b) ? isnan(a) : a == b);
}

static void check_same_predictions(const gradus_fit *classes, const gradus_fit *binary,
                                   const gradus_frame *frame) {
  gradus_prediction *a = NULL, *b = NULL;
  gradus_predict_options options = {.std_error = true, .interval = GRADUS_INTERVAL_CONFIDENCE};
  CHECK_STATUS(gradus_predict(&a, classes, frame, &options, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_predict(&b, binary, frame, &options, NULL), GRADUS_OK, NULL);
  CU_ASSERT_TRUE_FATAL(a && b && a->rows == b->rows && a->columns == 2);
  for (size_t i = 0; i < b->rows; i++) {
    CU_ASSERT_DOUBLE_EQUAL(a->fitted[2 * i], 1 - b->fitted[i], 1e-14);
    check_same(a->fitted[2 * i + 1], b->fitted[i], 1e-10);
    check_same(a->std_error[2 * i + 1], b->std_error[i], 1e-10);
    check_same(a->low[2 * i + 1], b->low[i], 1e-10);
    check_same(a->high[2 * i + 1], b->high[i], 1e-10);
  }
  gradus_prediction_free(a);
  gradus_prediction_free(b);
}

static void two_classes_are_the_binary_limit(void) {
  static const char *const cases[][2] = {
      {"level", "~ f + x"}, {"tie", "~ x + z"}, {"none", "~ a + b + c - 1"}, {"@birthwt", "~ bwt"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char path[64], formula[64];
    bool births = cases[i][0][0] == '@';
    snprintf(path, sizeof path, "separated/%s.csv", cases[i][0]);
    gradus_frame *frame = test_read_frame(births ? cases[i][0] : path);
    gradus_fit *binary = NULL;
    gradus_fit_options options = {.separation = GRADUS_SEPARATION_LIMIT};
    snprintf(formula, sizeof formula, "%s %s", births ? "low" : "y", cases[i][1]);
    CHECK_STATUS(gradus_logistic_fit(&binary, formula, frame, &options, NULL),
                 GRADUS_WARNING_SEPARATION, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(binary);
    snprintf(formula, sizeof formula, "factor(%s) %s", births ? "low" : "y", cases[i][1]);
    gradus_fit *classes = fit_limit(frame, formula, (gradus_fit_options){0});
    CU_ASSERT_EQUAL(gradus_fit_coefficients(classes), gradus_fit_coefficients(binary));
    for (size_t j = 0; j < gradus_fit_coefficients(binary); j++) {
      gradus_term a, b;
      gradus_fit_term(classes, 0, j, 0, &a, NULL);
      gradus_fit_term(binary, 0, j, 0, &b, NULL);
      CU_ASSERT_TRUE(a.infinite == b.infinite && a.dropped == b.dropped);
      check_same(a.estimate, b.estimate, 1e-10);
      check_same(a.std_error, b.std_error, 1e-10);
      check_same(a.p_value, b.p_value, 1e-9);
    }
    CU_ASSERT_DOUBLE_EQUAL(deviance_of(classes), deviance_of(binary), 1e-10);
    check_same_predictions(classes, binary, frame);
    gradus_fit_free(classes);
    gradus_fit_free(binary);
    gradus_frame_free(frame);
  }
}

/* ---- what holds at any limit ---- */

static void a_vanishing_penalty_leads_there(void) {
  static const char *const cases[][2] = {
      {"level", "y ~ f + x"}, {"tie", "y ~ x + z"}, {"chain", "y ~ f + x"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_frame *frame = read_data(cases[i][0]);
    gradus_fit *fit = fit_limit(frame, cases[i][1], (gradus_fit_options){0});
    double limit = deviance_of(fit), excess = HUGE_VAL;
    gradus_fit_free(fit);
    for (double l2 = 1e-2; l2 > 1e-9; l2 *= 0.1) {
      CHECK_STATUS(
          gradus_multinomial_fit(&fit, cases[i][1], frame, &(gradus_fit_options){.l2 = l2}, NULL),
          GRADUS_OK, NULL);
      double rest = deviance_of(fit) - limit;
      CU_ASSERT_TRUE(rest > 0 && rest < excess);
      excess = rest;
      gradus_fit_free(fit);
    }
    CU_ASSERT_TRUE(excess < 1e-4);
    gradus_frame_free(frame);
  }
}

/* Of any separated data the fitted probabilities p keep the sums Σ x (1{y = c} - p_c) = 0, as a
   maximum does: and so does no other point of the closure of the family. *separated: they were. */
static void check_equations(double *x, double *y, size_t n, size_t p, size_t *separated) {
  gsl_matrix_view xv = gsl_matrix_view_array(x, n, p);
  gsl_vector_view yv = gsl_vector_view_array(y, n);
  gradus_fit *fit = NULL;
  gradus_prediction *mean = NULL;
  gradus_fit_options options = {.separation = GRADUS_SEPARATION_LIMIT};
  gradus_status status =
      gradus_multinomial_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, &options, NULL);
  CU_ASSERT_TRUE_FATAL(status <= 0 && fit);
  CU_ASSERT_TRUE(gradus_fit_solver(fit)->converged);
  *separated += status == GRADUS_WARNING_SEPARATION;
  CHECK_STATUS(gradus_predict_matrix(&mean, fit, &xv.matrix, NULL, NULL), GRADUS_OK, NULL);
  double deviance = 0, largest = 0;
  for (size_t c = 0; mean && c < mean->columns; c++)
    for (size_t j = 0; j <= p; j++) {
      double sum = 0;
      for (size_t i = 0; i < n; i++) {
        double residual = ((size_t)y[i] == c) - mean->fitted[i * mean->columns + c];
        sum += (j < p ? x[i * p + j] : 1) * residual;
      }
      largest = fmax(largest, fabs(sum));
    }
  CU_ASSERT_TRUE(largest < 1e-9);
  for (size_t i = 0; mean && i < n; i++)
    deviance -= 2 * log(mean->fitted[i * mean->columns + (size_t)y[i]]);
  CU_ASSERT_DOUBLE_EQUAL(deviance, deviance_of(fit), 1e-9);
  gradus_prediction_free(mean);
  gradus_fit_free(fit);
}

static void probabilities_keep_the_sums_of_the_data(void) {
  enum { N = 14, SETS = 200 };
  unsigned long state = 11;
  size_t separated = 0;
  for (size_t set = 0; set < SETS; set++) {
    size_t p = 1 + set % 3, classes = 2 + set % 4;
    double x[3 * N], y[N];
    for (size_t i = 0; i < N; i++) {
      for (size_t j = 0; j < p; j++) {
        state = state * 16807 % 2147483647;
        x[i * p + j] = (double)(state / 64 % 4) + (set % 2 ? 1e-3 * (double)(state % 977) : 0);
      }
      state = state * 16807 % 2147483647;
      y[i] = (double)(i < classes ? i : state / 1024 % classes);
    }
    check_equations(x, y, N, p, &separated);
  }
  CU_ASSERT_TRUE(separated > SETS / 4 && separated < SETS - SETS / 10);
}

static void frequencies_are_repeated_rows(void) {
  gradus_frame *frame = read_data("level");
  size_t rows = gradus_frame_rows(frame);
  double weight[64], is_q[64], x[256], y[128];
  size_t count = 0;
  for (size_t i = 0; i < rows; i++) {
    weight[i] = (double)(i % 3);
    is_q[i] = strcmp(test_cell_text(frame, "f", i), "q") == 0;
    for (size_t copy = 0; copy < i % 3; copy++, count++) {
      x[2 * count] = is_q[i];
      x[2 * count + 1] = test_cell_number(frame, "x", i);
      y[count] = test_cell_text(frame, "y", i)[0] - 'a';
    }
  }
  gradus_fit *repeated = NULL;
  gsl_matrix_view xv = gsl_matrix_view_array(x, count, 2);
  gsl_vector_view yv = gsl_vector_view_array(y, count);
  gradus_fit_options options = {.separation = GRADUS_SEPARATION_LIMIT};
  CHECK_STATUS(
      gradus_multinomial_fit_matrix(&repeated, &xv.matrix, &yv.vector, NULL, &options, NULL),
      GRADUS_WARNING_SEPARATION, NULL);
  gradus_frame_add_numeric(frame, "w", weight, 1, NULL);
  gradus_frame_add_numeric(frame, "is_q", is_q, 1, NULL);
  gradus_fit *weighted =
      fit_limit(frame, "y ~ is_q + x",
                (gradus_fit_options){.weights = "w", .weight_kind = GRADUS_WEIGHT_FREQUENCY});
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 0; j < 3; j++) {
      gradus_term a, b;
      gradus_fit_term(weighted, r, j, 0, &a, NULL);
      gradus_fit_term(repeated, r, j, 0, &b, NULL);
      CU_ASSERT_EQUAL(a.infinite, r == 1 && j == 1);
      check_same(a.estimate, b.estimate, 1e-11);
      check_same(a.std_error, b.std_error, 1e-11);
    }
  CHECK_CLOSE(deviance_of(weighted), deviance_of(repeated), 1e-12);
  gradus_fit_free(weighted);
  gradus_fit_free(repeated);
  gradus_frame_free(frame);
}

/* ---- what infinite estimates predict, and have not ---- */

static gradus_prediction *predict(const gradus_fit *fit, const gradus_frame *frame,
                                  gradus_predict_type type, gradus_status expected) {
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  gradus_predict_options options = {
      .type = type, .std_error = true, .interval = GRADUS_INTERVAL_CONFIDENCE};
  CHECK_STATUS(gradus_predict(&p, fit, frame, &options, &err), expected, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  return p;
}

/* c is impossible at the level q alone; there the other two are a binary response. */
static void impossible_classes_have_probability_0(void) {
  gradus_frame *frame = read_data("level");
  gradus_fit *fit = fit_limit(frame, "y ~ f + x", (gradus_fit_options){0});
  gradus_prediction *mean = predict(fit, frame, GRADUS_PREDICT_RESPONSE, GRADUS_OK);
  gradus_prediction *link = predict(fit, frame, GRADUS_PREDICT_LINK, GRADUS_OK);
  for (size_t i = 0; i < mean->rows; i++) {
    const double *p = mean->fitted + 3 * i, *error = mean->std_error + 3 * i;
    double eta = link->fitted[2 * i], slope = p[0] * p[1];
    CU_ASSERT_DOUBLE_EQUAL(p[0] + p[1] + p[2], 1, 1e-15);
    if (strcmp(test_cell_text(frame, "f", i), "q") != 0) {
      CU_ASSERT_TRUE(p[2] > 0 && error[2] > 0 && isfinite(link->std_error[2 * i + 1]));
      continue;
    }
    CU_ASSERT_TRUE(p[2] == 0 && isnan(error[2]) && isnan(mean->low[3 * i + 2]));
    CU_ASSERT_TRUE(link->fitted[2 * i + 1] == -HUGE_VAL && isnan(link->std_error[2 * i + 1]));
    CHECK_CLOSE(p[1], 1 / (1 + exp(-eta)), 1e-14);
    CHECK_CLOSE(error[1], slope * link->std_error[2 * i], 1e-13);
    CHECK_CLOSE(error[0], error[1], 1e-13);
    CHECK_CLOSE(mean->low[3 * i + 1], 1 / (1 + exp(-link->low[2 * i])), 1e-13);
  }
  gradus_prediction_free(mean);
  gradus_prediction_free(link);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

/* Whichever class is the reference, the model is the same one. */
static void the_reference_does_not_matter(void) {
  static const char *const levels[] = {"a", "b", "c"};
  gradus_prediction *first = NULL;
  gradus_frame *frame = read_data("chain");
  for (size_t l = 0; l < 3; l++) {
    CHECK_STATUS(gradus_frame_set_reference(frame, "y", levels[l], NULL), GRADUS_OK, NULL);
    gradus_fit *fit = fit_limit(frame, "y ~ f + x", (gradus_fit_options){0});
    gradus_prediction *p = predict(fit, frame, GRADUS_PREDICT_RESPONSE, GRADUS_OK);
    for (size_t c = 0; first && c < 3; c++) {
      size_t own = (size_t)(gradus_fit_class_name(fit, c)[0] - 'a');
      for (size_t i = 0; i < p->rows; i++) {
        CU_ASSERT_DOUBLE_EQUAL(p->fitted[3 * i + c], first->fitted[3 * i + own], 1e-13);
        check_same(p->std_error[3 * i + c], first->std_error[3 * i + own], 1e-10);
      }
    }
    if (l == 0)
      first = p;
    else
      gradus_prediction_free(p);
    gradus_fit_free(fit);
  }
  gradus_prediction_free(first);
  gradus_frame_free(frame);
}

static void complete_separation_leaves_nothing(void) {
  double x[] = {1, 2, 11, 12, 21, 22}, y[] = {0, 0, 1, 1, 2, 2}, new[] = {-5, 1.5, 11.5, 90};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 6, 1), nv = gsl_matrix_view_array(new, 4, 1);
  gsl_vector_view yv = gsl_vector_view_array(y, 6);
  gradus_fit *fit = NULL;
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  gradus_fit_options options = {.separation = GRADUS_SEPARATION_LIMIT};
  CHECK_STATUS(gradus_multinomial_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, &options, &err),
               GRADUS_WARNING_SEPARATION, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CHECK_CONTAINS(err.message, "complete separation: the columns tell all of the classes");
  CHECK_CONTAINS(err.message, "x1 (1 +Inf, 2 +Inf)");
  CU_ASSERT_EQUAL(deviance_of(fit), 0);
  CU_ASSERT_TRUE(gradus_fit_coefficient(fit, 0, 1) == HUGE_VAL &&
                 gradus_fit_coefficient(fit, 1, 0) == -HUGE_VAL);
  gradus_predict_options class = {.type = GRADUS_PREDICT_CLASS};
  CHECK_STATUS(gradus_predict_matrix(&p, fit, &nv.matrix, &class, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  static const int classes[] = {0, 0, 1, 2};
  for (size_t i = 0; i < 4; i++)
    CU_ASSERT_TRUE(p->class_index[i] == classes[i] && p->fitted[3 * i + (size_t)classes[i]] == 1);
  gradus_prediction_free(p);
  gradus_fit_free(fit);
}

static void rows_where_infinities_cancel_are_not_a_number(void) {
  double x[] = {1, 2, 3, 4}, y[] = {0, 0, 1, 1}, new[] = {-5, 2.5, 9, 2.5};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 4, 1), nv = gsl_matrix_view_array(new, 4, 1);
  gsl_vector_view yv = gsl_vector_view_array(y, 4);
  gradus_fit *fit = NULL;
  gradus_prediction *p = NULL;
  gradus_error err = {0};
  gradus_fit_options options = {.separation = GRADUS_SEPARATION_LIMIT};
  gradus_multinomial_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, &options, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  for (int link = 0; link < 2; link++) {
    gradus_predict_options what = {.type = link ? GRADUS_PREDICT_LINK : GRADUS_PREDICT_CLASS};
    size_t columns = link ? 1 : 2;
    CHECK_STATUS(gradus_predict_matrix(&p, fit, &nv.matrix, &what, &err), GRADUS_WARNING_SEPARATION,
                 NULL);
    CHECK_CONTAINS(err.message, "row 2 and others");
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    for (size_t i = 0; i < 4; i++)
      for (size_t c = 0; c < columns; c++)
        CU_ASSERT_EQUAL(isnan(p->fitted[i * columns + c]) != 0, i % 2 == 1);
    CU_ASSERT_TRUE(link || (p->class_index[1] == -1 && p->class_index[2] == 1));
    gradus_prediction_free(p);
    err = (gradus_error){0};
  }
  gradus_fit_free(fit);
}

static void infinite_estimates_have_no_covariance(void) {
  gradus_frame *frame = read_data("tie");
  gradus_fit *fit = fit_limit(frame, "y ~ x + z", (gradus_fit_options){0});
  double cells[36], own[9];
  gsl_matrix_view joint = gsl_matrix_view_array(cells, 6, 6),
                  one = gsl_matrix_view_array(own, 3, 3);
  CHECK_STATUS(gradus_fit_covariance_joint(fit, &joint.matrix, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_fit_covariance(fit, 1, &one.matrix, NULL), GRADUS_OK, NULL);
  for (size_t i = 0; i < 6; i++)
    for (size_t j = 0; j < 6; j++)
      CU_ASSERT_EQUAL(isfinite(cells[i * 6 + j]) != 0, i % 3 == 2 && j % 3 == 2);
  CHECK_CLOSE(sqrt(cells[14]), term_called(fit, "b", "z").std_error, 1e-14);
  CHECK_CLOSE(sqrt(own[8]), term_called(fit, "c", "z").std_error, 1e-14);
  CU_ASSERT_EQUAL(cells[17], cells[32]);
  gradus_fit_free(fit);
  gradus_frame_free(frame);
}

static void without_leave_it_is_an_error(void) {
  gradus_frame *frame = read_data("level");
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_multinomial_fit(&fit, "y ~ f + x", frame, NULL, &err),
               GRADUS_ERROR_SEPARATION, &err);
  CU_ASSERT_PTR_NULL(fit);
  CHECK_CONTAINS(err.message, "fq (c -Inf)");
  gradus_frame_free(frame);
}

static void threads_and_solvers_do_not_change_it(void) {
  gradus_frame *frame = read_data("level");
  gradus_fit *one = fit_limit(frame, "y ~ f + x", (gradus_fit_options){.threads = 1});
  gradus_fit *eight = fit_limit(frame, "y ~ f + x", (gradus_fit_options){.threads = 8});
  gradus_fit *lbfgs = fit_limit(frame, "y ~ f + x", (gradus_fit_options){.solver = "lbfgs"});
  for (size_t r = 0; r < 2; r++)
    for (size_t j = 0; j < 5; j++) {
      double estimate = gradus_fit_coefficient(one, r, j);
      CU_ASSERT_EQUAL(estimate, gradus_fit_coefficient(eight, r, j));
      CU_ASSERT_EQUAL(estimate, gradus_fit_coefficient(lbfgs, r, j));
    }
  gradus_fit_free(one);
  gradus_fit_free(eight);
  gradus_fit_free(lbfgs);
  gradus_frame_free(frame);
}

static void failed_allocations_leak_nothing(void) {
  double x[] = {1, 3, 2, 1, 3, 2, 3, 7, 3, 4, 4, 2}, y[] = {0, 0, 1, 0, 1, 2};
  gsl_matrix_view xv = gsl_matrix_view_array(x, 6, 2);
  gsl_vector_view yv = gsl_vector_view_array(y, 6);
  gradus_status status = GRADUS_ERROR_OUT_OF_MEMORY;
  for (size_t k = 0; status > 0 && k < 20000; k++) {
    gradus_fit *fit = NULL;
    gradus_prediction *prediction = NULL;
    gradus_fit_options options = {
        .threads = 1, .max_iterations = 3, .separation = GRADUS_SEPARATION_LIMIT};
    gradus_predict_options serial = {.threads = 1};
    test_allocations_begin(k);
    status = gradus_multinomial_fit_matrix(&fit, &xv.matrix, &yv.vector, NULL, &options, NULL);
    CU_ASSERT_EQUAL(fit == NULL, status > 0);
    if (fit && gradus_predict_matrix(&prediction, fit, &xv.matrix, &serial, NULL) > 0)
      status = GRADUS_ERROR_OUT_OF_MEMORY;
    gradus_prediction_free(prediction);
    gradus_fit_free(fit);
    test_allocations_end();
    CU_ASSERT_EQUAL(test_allocations_live(), 0);
    CU_ASSERT(status < 0 || status == GRADUS_ERROR_OUT_OF_MEMORY);
  }
  CHECK_STATUS(status, GRADUS_WARNING_SEPARATION, NULL);
}

int main(void) {
  static const test_case cases[] = {
      {"limits are fits of the classes that are left",
       limits_are_fits_of_the_classes_that_are_left},
      {"two classes are the binary limit", two_classes_are_the_binary_limit},
      {"a vanishing penalty leads there", a_vanishing_penalty_leads_there},
      {"probabilities keep the sums of the data", probabilities_keep_the_sums_of_the_data},
      {"frequencies are repeated rows", frequencies_are_repeated_rows},
      {"impossible classes have probability 0", impossible_classes_have_probability_0},
      {"the reference does not matter", the_reference_does_not_matter},
      {"complete separation leaves nothing", complete_separation_leaves_nothing},
      {"rows where infinities cancel are not a number",
       rows_where_infinities_cancel_are_not_a_number},
      {"infinite estimates have no covariance", infinite_estimates_have_no_covariance},
      {"without leave it is an error", without_leave_it_is_an_error},
      {"threads and solvers do not change it", threads_and_solvers_do_not_change_it},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("separated classes", cases, sizeof cases / sizeof *cases);
}
