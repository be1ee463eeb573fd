// SPDX-License-Identifier: GPL-3.0-or-later
/* Standard errors of networks: the regression's without hidden layers; nonlinear least squares'
   with them; and what is not identified. */
#include "../lib/inference/network.h"
#include "../lib/model/network_output.h"
#include "support/same_fits.h"
#include "support/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 90, INPUTS = 3 };

typedef struct data {
  gsl_matrix *x, *y;
  gradus_source *source;
} data;

/* classes 0: numbers. */
static data make_data(size_t classes) {
  uint64_t state = 21;
  data d = {.x = gsl_matrix_alloc(ROWS, INPUTS), .y = gsl_matrix_alloc(ROWS, 1)};
  for (size_t i = 0; i < ROWS; i++) {
    double eta = 0;
    for (size_t j = 0; j < INPUTS; j++) {
      gsl_matrix_set(d.x, i, j, (double)(j + 1) * (3 * test_draw(&state) + 1));
      eta += (j == 1 ? -0.4 : 0.5) * gsl_matrix_get(d.x, i, j);
    }
    double noisy = eta + 4 * test_draw(&state);
    gsl_matrix_set(d.y, i, 0,
                   classes == 0 ? noisy : fmin(fmax(floor(noisy), 0), (double)classes - 1));
  }
  CHECK_STATUS(gradus_source_from_matrix(&d.source, d.x, d.y, NULL, GRADUS_WEIGHT_NONE, NULL, NULL),
               GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(d.source);
  return d;
}

static void free_data(data *d) {
  gradus_source_free(d->source);
  gsl_matrix_free(d->x);
  gsl_matrix_free(d->y);
}

/* ---- without hidden layers ---- */

typedef struct pair {
  gradus_fit *regression, *network;
  gradus_network_inference *inference;
} pair;

static pair fit_both(const data *d, const char *family) {
  pair p = {0};
  gradus_error err = {0};
  gsl_vector_view y = gsl_matrix_column(d->y, 0);
  gradus_fit_options regression = {.family = family, .threads = 1};
  gradus_network_options network = {
      .fit = {.family = family, .solver = "newton", .threads = 1, .tolerance = 1e-13}};
  if (strcmp(family, "gaussian") == 0)
    gradus_linear_fit_vector(&p.regression, d->x, &y.vector, NULL, &regression, &err);
  else if (strcmp(family, "multinomial") == 0) {
    regression.family = NULL;
    gradus_multinomial_fit_matrix(&p.regression, d->x, &y.vector, NULL, &regression, &err);
  } else
    gradus_glm_fit_matrix(&p.regression, d->x, &y.vector, NULL, NULL, &regression, &err);
  CHECK_STATUS(err.code, GRADUS_OK, &err);
  CHECK_STATUS(gradus_network_fit_matrix(&p.network, d->x, d->y, NULL, &network, &err), GRADUS_OK,
               &err);
  CU_ASSERT_TRUE_FATAL(p.regression && p.network);
  CHECK_STATUS(gradus_network_inference_new(&p.inference, p.network, d->source, 1, &err), GRADUS_OK,
               &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p.inference);
  return p;
}

static void free_pair(pair *p) {
  gradus_network_inference_free(p->inference);
  gradus_fit_free(p->regression);
  gradus_fit_free(p->network);
}

static gradus_network_information information_of(const gradus_network_inference *inference) {
  gradus_network_information information;
  gradus_network_inform(inference, &information);
  return information;
}

static void check_parameters(const pair *p) {
  size_t k = gradus_fit_responses(p->regression), q = INPUTS + 1;
  CU_ASSERT_EQUAL(information_of(p->inference).parameters, k * q);
  CU_ASSERT_TRUE(information_of(p->inference).distance < 1e-6);
  for (size_t r = 0; r < k; r++)
    for (size_t j = 0; j < q; j++) {
      gradus_term term;
      gradus_fit_term(p->regression, r, j, 0, &term, NULL);
      size_t at = j == 0 ? k * INPUTS + r : r * INPUTS + j - 1;
      CHECK_CLOSE(gradus_network_std_error(p->inference, at), term.std_error, 1e-8);
    }
}

static void check_predictions(const pair *p, const data *d, gradus_predict_type type,
                              gradus_interval interval) {
  gradus_predict_options options = {
      .type = type, .interval = interval, .std_error = true, .level = 0.9, .threads = 1};
  gradus_prediction *own = NULL, *other = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_predict(&own, p->inference, d->source, &options, &err), GRADUS_OK,
               &err);
  gradus_predict_matrix(&other, p->regression, d->x, &options, NULL);
  check_same_predictions(own, other, 1e-8);
  gradus_prediction_free(own);
  gradus_prediction_free(other);
}

static void without_hidden_layers_errors_are_the_regression_s(void) {
  static const struct {
    const char *family;
    size_t classes;
  } cases[] = {
      {"gaussian", 0}, {"binomial", 2}, {"poisson", 5}, {"quasipoisson", 5}, {"multinomial", 3}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    data d = make_data(cases[c].classes);
    pair p = fit_both(&d, cases[c].family);
    check_parameters(&p);
    check_predictions(&p, &d, GRADUS_PREDICT_RESPONSE, GRADUS_INTERVAL_CONFIDENCE);
    check_predictions(&p, &d, GRADUS_PREDICT_LINK, GRADUS_INTERVAL_CONFIDENCE);
    if (cases[c].classes == 0)
      check_predictions(&p, &d, GRADUS_PREDICT_RESPONSE, GRADUS_INTERVAL_PREDICTION);
    free_pair(&p);
    free_data(&d);
  }
}

/* Of a linear model the effects are the coefficients. */
static void effects_of_a_linear_model_are_its_coefficients(void) {
  data d = make_data(0);
  pair p = fit_both(&d, "gaussian");
  gradus_network_effects *effects = NULL;
  CHECK_STATUS(gradus_network_marginal_effects(&effects, p.inference, d.source, 0, NULL), GRADUS_OK,
               NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(effects);
  CU_ASSERT_EQUAL(effects->count, INPUTS);
  for (size_t j = 0; j < INPUTS; j++) {
    gradus_term term;
    gradus_fit_term(p.regression, 0, j + 1, 0, &term, NULL);
    CHECK_CLOSE(effects->effect[j].estimate, term.estimate, 1e-8);
    CHECK_CLOSE(effects->effect[j].std_error, term.std_error, 1e-8);
    CHECK_CLOSE(effects->effect[j].statistic, term.statistic, 1e-8);
    CHECK_CLOSE(effects->effect[j].p_value, term.p_value, 1e-7);
    CHECK_CLOSE(effects->effect[j].conf_low, term.conf_low, 1e-8);
  }
  gradus_network_effects_free(effects);
  free_pair(&p);
  free_data(&d);
}

/* Of a logistic model by the formula: bⱼ·mean of μ(1 - μ), and its derivatives by all coefficients,
   with the regression's own covariance. */
static void effects_of_a_logistic_model_are_the_formula_s(void) {
  enum { Q = INPUTS + 1 };
  data d = make_data(2);
  pair p = fit_both(&d, "binomial");
  gradus_network_effects *effects = NULL;
  gsl_matrix *covariance = gsl_matrix_alloc(Q, Q);
  gradus_fit_covariance(p.regression, 0, covariance, NULL);
  gradus_network_marginal_effects(&effects, p.inference, d.source, 0, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(effects);
  for (size_t j = 1; j < Q; j++) {
    double b = gradus_fit_coefficient(p.regression, 0, j), effect = 0, by[Q] = {0}, variance = 0;
    for (size_t i = 0; i < ROWS; i++) {
      double eta = gradus_fit_coefficient(p.regression, 0, 0);
      for (size_t l = 1; l < Q; l++)
        eta += gradus_fit_coefficient(p.regression, 0, l) * gsl_matrix_get(d.x, i, l - 1);
      double mean = 1 / (1 + exp(-eta)), slope = mean * (1 - mean), bend = slope * (1 - 2 * mean);
      effect += b * slope / ROWS;
      for (size_t l = 0; l < Q; l++)
        by[l] +=
            (b * bend * (l == 0 ? 1 : gsl_matrix_get(d.x, i, l - 1)) + (l == j ? slope : 0)) / ROWS;
    }
    for (size_t l = 0; l < Q; l++)
      for (size_t m = 0; m < Q; m++)
        variance += by[l] * gsl_matrix_get(covariance, l, m) * by[m];
    CHECK_CLOSE(effects->effect[j - 1].estimate, effect, 1e-8);
    CHECK_CLOSE(effects->effect[j - 1].std_error, sqrt(variance), 1e-8);
  }
  gradus_network_effects_free(effects);
  gsl_matrix_free(covariance);
  free_pair(&p);
  free_data(&d);
}

/* ---- with hidden layers ---- */

/* mpg on wt and hp/100, the rows of tests/r/network_nls.R. */
static data read_cars(void) {
  gradus_frame *frame = NULL;
  size_t mpg = 0, wt = 0, hp = 0;
  CHECK_STATUS(gradus_frame_read_csv(&frame, "@mtcars", NULL, NULL), GRADUS_OK, NULL);
  CU_ASSERT_TRUE_FATAL(frame && gradus_frame_find(frame, "mpg", &mpg) &&
                       gradus_frame_find(frame, "wt", &wt) && gradus_frame_find(frame, "hp", &hp));
  size_t n = gradus_frame_rows(frame);
  data d = {.x = gsl_matrix_alloc(n, 2), .y = gsl_matrix_alloc(n, 1)};
  for (size_t i = 0; i < n; i++) {
    gsl_matrix_set(d.x, i, 0, gradus_frame_numeric(frame, wt)[i]);
    gsl_matrix_set(d.x, i, 1, gradus_frame_numeric(frame, hp)[i] / 100);
    gsl_matrix_set(d.y, i, 0, gradus_frame_numeric(frame, mpg)[i]);
  }
  gradus_frame_free(frame);
  gradus_source_from_matrix(&d.source, d.x, d.y, NULL, GRADUS_WEIGHT_NONE, NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(d.source);
  return d;
}

static double of_nls(const char *quantity, size_t index) {
  char key[64];
  snprintf(key, sizeof key, "%s,%zu,", quantity, index);
  return test_number_after("network_nls.csv", key);
}

static gradus_fit *fit_network(const data *d, size_t units, bool raw) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_network_options options = {
      .fit = {.solver = "levenberg-marquardt", .threads = 1, .seed = 2, .tolerance = 1e-13},
      .hidden = &units,
      .hidden_count = 1,
      .activation = "tanh",
      .raw_inputs = raw,
      .raw_response = raw};
  CU_ASSERT_TRUE(gradus_network_fit_matrix(&fit, d->x, d->y, NULL, &options, &err) <= 0);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  return fit;
}

static gradus_network_inference *infer(const gradus_fit *fit, const data *d,
                                       gradus_status expected) {
  gradus_network_inference *inference = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_inference_new(&inference, fit, d->source, 1, &err), expected, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(inference);
  return inference;
}

static void check_nls(bool raw) {
  data d = read_cars();
  gradus_fit *fit = fit_network(&d, 1, raw);
  gradus_network_inference *s = infer(fit, &d, GRADUS_OK);
  gradus_network_information info = information_of(s);
  CU_ASSERT_EQUAL(info.parameters, 5);
  CU_ASSERT_TRUE(info.distance < 1e-5);
  CHECK_CLOSE(info.dispersion * info.df_residual, of_nls("deviance", 0), 1e-8);
  /* hidden1.weight, hidden1.bias, output.weight, output.bias are d e, c, b, a. */
  static const size_t as_nls[] = {3, 4, 2, 1, 0};
  for (size_t j = 0; raw && j < 5; j++)
    CHECK_CLOSE(gradus_network_std_error(s, j), of_nls("std_error", as_nls[j]), 1e-4);
  gradus_prediction *p = NULL;
  gradus_predict_options options = {.std_error = true};
  CHECK_STATUS(gradus_network_predict(&p, s, d.source, &options, NULL), GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  for (size_t i = 0; i < p->rows; i++) {
    CHECK_CLOSE(p->fitted[i], of_nls("fitted", i), 1e-6);
    CHECK_CLOSE(p->std_error[i], of_nls("fitted_error", i), 1e-6);
  }
  gradus_network_effects *effects = NULL;
  CHECK_STATUS(gradus_network_marginal_effects(&effects, s, d.source, 0, NULL), GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(effects);
  for (size_t j = 0; j < 2; j++) {
    CHECK_CLOSE(effects->effect[j].estimate, of_nls("effect", j), 1e-6);
    CHECK_CLOSE(effects->effect[j].std_error, of_nls("effect_error", j), 1e-6);
  }
  gradus_network_effects_free(effects);
  gradus_prediction_free(p);
  gradus_network_inference_free(s);
  gradus_fit_free(fit);
  free_data(&d);
}

static void with_a_hidden_unit_errors_are_those_of_r_s_nls(void) {
  check_nls(true);
  check_nls(false); /* standardised: the same in the units of the data */
}

/* ---- what is not identified ---- */

/* Two units that are alike: each one's parameters are not identified, predictions are, and their
   errors are those of the network that has one unit for both. */
static void units_that_are_alike_are_told_and_predictions_keep_their_errors(void) {
  data d = read_cars();
  gradus_fit *one = fit_network(&d, 1, true), *two = fit_network(&d, 2, true);
  const double *from = gradus_params_const_values(gradus_fit_params(one));
  double *to = gradus_params_values((gradus_params *)gradus_fit_params(two));
  for (size_t unit = 0; unit < 2; unit++) {
    to[2 * unit] = from[0];
    to[2 * unit + 1] = from[1];
    to[4 + unit] = from[2];
    to[6 + unit] = from[3] / 2;
  }
  to[8] = from[4];
  gradus_network_inference *s = infer(one, &d, GRADUS_OK);
  gradus_network_inference *t = infer(two, &d, GRADUS_WARNING_RANK_DEFICIENT);
  CU_ASSERT_EQUAL(information_of(t).rank, 5);
  CU_ASSERT_TRUE(isnan(gradus_network_std_error(t, 0)));
  CHECK_CLOSE(gradus_network_std_error(t, 8), gradus_network_std_error(s, 4), 1e-5);
  gradus_prediction *p = NULL, *q = NULL;
  gradus_predict_options options = {.std_error = true};
  gradus_network_predict(&p, s, d.source, &options, NULL);
  gradus_network_predict(&q, t, d.source, &options, NULL);
  CU_ASSERT_TRUE_FATAL(p && q);
  for (size_t i = 0; i < p->rows; i++)
    CHECK_CLOSE(q->std_error[i], p->std_error[i], 1e-6);
  gradus_prediction_free(p);
  gradus_prediction_free(q);
  gradus_network_inference_free(s);
  gradus_network_inference_free(t);
  gradus_fit_free(one);
  gradus_fit_free(two);
  free_data(&d);
}

static void beyond_the_limit_it_is_the_output_layer_alone(void) {
  data d = make_data(0);
  size_t units = 500;
  gradus_fit *fit = NULL;
  gradus_network_options options = {.fit = {.threads = 1, .max_iterations = 2},
                                    .hidden = &units,
                                    .hidden_count = 1,
                                    .activation = "tanh"};
  gradus_network_fit_matrix(&fit, d.x, d.y, NULL, &options, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  gradus_network_inference *s = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_inference_new(&s, fit, d.source, 1, &err),
               GRADUS_WARNING_RANK_DEFICIENT, &err); /* fewer rows than units */
  CU_ASSERT_PTR_NOT_NULL_FATAL(s);
  CU_ASSERT_TRUE(information_of(s).output_only);
  CU_ASSERT_EQUAL(information_of(s).parameters, 501);
  gradus_network_inference_free(s);
  gradus_fit_free(fit);
  free_data(&d);
}

static void the_output_layer_alone_is_a_regression_on_hidden_units(void) {
  data d = read_cars();
  gradus_fit *fit = fit_network(&d, 2, true);
  gradus_i_network_view view;
  gradus_network_inference *s = NULL;
  static const double theta[] = {0.5, -0.3, 0.2, 0.6, 0.1, -0.8, -3, 2, 20};
  memcpy(gradus_params_values((gradus_params *)gradus_fit_params(fit)), theta, sizeof theta);
  CHECK_STATUS(gradus_i_network_view_of(&view, fit, NULL), GRADUS_OK, NULL);
  size_t n = d.x->size1;
  gsl_matrix *hidden = gsl_matrix_alloc(n, 2);
  for (size_t i = 0; i < n; i++)
    for (size_t u = 0; u < 2; u++)
      gsl_matrix_set(hidden, i, u,
                     tanh(view.theta[2 * u] * gsl_matrix_get(d.x, i, 0) +
                          view.theta[2 * u + 1] * gsl_matrix_get(d.x, i, 1) + view.theta[4 + u]));
  gsl_vector_view y = gsl_matrix_column(d.y, 0);
  gradus_fit *regression = NULL;
  gradus_linear_fit_vector(&regression, hidden, &y.vector, NULL, NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(regression);
  double *own = gradus_params_values((gradus_params *)gradus_fit_params(fit)) + 6;
  for (size_t j = 0; j < 3; j++) /* the residuals are then the regression's */
    own[j < 2 ? j : 2] = gradus_fit_coefficient(regression, 0, j < 2 ? j + 1 : 0);
  view.output_only = true;
  CHECK_STATUS(gradus_i_network_inference_make(&s, &view, d.source, 1, NULL), GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(s);
  CU_ASSERT_TRUE(information_of(s).output_only);
  CU_ASSERT_EQUAL(information_of(s).first, 6);
  for (size_t j = 0; j < 3; j++) {
    gradus_term term;
    gradus_fit_term(regression, 0, j, 0, &term, NULL);
    CHECK_CLOSE(gradus_network_std_error(s, j == 0 ? 2 : j - 1), term.std_error, 1e-6);
  }
  gradus_network_inference_free(s);
  gradus_fit_free(regression);
  gradus_fit_free(fit);
  gsl_matrix_free(hidden);
  free_data(&d);
}

/* ---- errors and memory ---- */

static void what_has_no_standard_errors_is_told(void) {
  data d = make_data(0);
  gradus_fit *fit = NULL;
  gradus_network_inference *s = NULL;
  gradus_error err = {0};
  gradus_linear_fit_matrix(&fit, d.x, d.y, NULL, NULL, NULL);
  CHECK_STATUS(gradus_network_inference_new(&s, fit, d.source, 1, &err), GRADUS_ERROR_UNSUPPORTED,
               &err);
  CHECK_CONTAINS(err.message, "linear");
  gradus_fit_free(fit);
  gradus_network_options options = {.fit = {.solver = "newton", .l2 = 0.1}};
  gradus_network_fit_matrix(&fit, d.x, d.y, NULL, &options, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_network_inference_new(&s, fit, d.source, 1, &err), GRADUS_ERROR_UNSUPPORTED,
               &err);
  CHECK_CONTAINS(err.message, "penalised");
  gradus_fit_free(fit);
  free_data(&d);
  d = read_cars();
  fit = fit_network(&d, 1, true);
  data other = make_data(0);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_network_inference_new(&s, fit, other.source, 1, &err), GRADUS_ERROR_SHAPE,
               &err);
  gradus_fit_free(fit);
  free_data(&d);
  free_data(&other);
}

static void every_allocation_may_fail(void) {
  data d = read_cars();
  gradus_fit *fit = fit_network(&d, 1, true);
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_network_inference *s = NULL;
    gradus_prediction *p = NULL;
    gradus_network_effects *e = NULL;
    gradus_predict_options options = {
        .std_error = true, .interval = GRADUS_INTERVAL_CONFIDENCE, .threads = 1};
    run.status = gradus_network_inference_new(&s, fit, d.source, 1, NULL);
    if (run.status <= 0)
      run.status = gradus_network_predict(&p, s, d.source, &options, NULL);
    if (run.status <= 0)
      run.status = gradus_network_marginal_effects(&e, s, d.source, 0, NULL);
    gradus_network_effects_free(e);
    gradus_prediction_free(p);
    gradus_network_inference_free(s);
  }
  gradus_fit_free(fit);
  free_data(&d);
}

int main(void) {
  static const test_case cases[] = {
      {"without hidden layers errors are the regression's",
       without_hidden_layers_errors_are_the_regression_s},
      {"effects of a linear model are its coefficients",
       effects_of_a_linear_model_are_its_coefficients},
      {"effects of a logistic model are the formula's",
       effects_of_a_logistic_model_are_the_formula_s},
      {"with a hidden unit errors are those of R's nls",
       with_a_hidden_unit_errors_are_those_of_r_s_nls},
      {"units that are alike are told, and predictions keep their errors",
       units_that_are_alike_are_told_and_predictions_keep_their_errors},
      {"beyond the limit it is the output layer alone",
       beyond_the_limit_it_is_the_output_layer_alone},
      {"the output layer alone is a regression on hidden units",
       the_output_layer_alone_is_a_regression_on_hidden_units},
      {"what has no standard errors is told", what_has_no_standard_errors_is_told},
      {"every allocation may fail", every_allocation_may_fail},
  };
  return test_main("network_inference", cases, sizeof cases / sizeof *cases);
}
