// SPDX-License-Identifier: GPL-3.0-or-later
/* Standard errors of networks: the regression's without hidden layers; nonlinear least squares'
   with them; and what is not identified. */
#include "../lib/inference/network.h"
#include "../lib/model/network_output.h"
#include "support/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 90, INPUTS = 3 };

typedef struct data {
  gsl_matrix *x, *y;
  gradus_source *source;
} data;

static double draw(unsigned long *state) {
  *state = *state * 6364136223846793005UL + 1442695040888963407UL;
  return (double)(*state >> 11) / 9007199254740992.0 - 0.5;
}

/* classes 0: numbers. */
static data make_data(size_t classes) {
  unsigned long state = 21;
  data d = {.x = gsl_matrix_alloc(ROWS, INPUTS), .y = gsl_matrix_alloc(ROWS, 1)};
  for (size_t i = 0; i < ROWS; i++) {
    double eta = 0;
    for (size_t j = 0; j < INPUTS; j++) {
      gsl_matrix_set(d.x, i, j, (double)(j + 1) * (3 * draw(&state) + 1));
      eta += (j == 1 ? -0.4 : 0.5) * gsl_matrix_get(d.x, i, j);
    }
    double noisy = eta + 4 * draw(&state);
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

static void check_parameters(const pair *p) {
  size_t k = gradus_fit_responses(p->regression), q = INPUTS + 1;
  CU_ASSERT_EQUAL(gradus_network_inference_information(p->inference)->parameters, k * q);
  CU_ASSERT_TRUE(gradus_network_inference_information(p->inference)->distance < 1e-6);
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
  CU_ASSERT_TRUE_FATAL(own && other);
  CU_ASSERT_EQUAL(own->columns, other->columns);
  for (size_t i = 0; i < own->rows * own->columns; i++) {
    CHECK_CLOSE(own->fitted[i], other->fitted[i], 1e-8);
    CHECK_CLOSE(own->std_error[i], other->std_error[i], 1e-8);
    CHECK_CLOSE(own->low[i], other->low[i], 1e-8);
    CHECK_CLOSE(own->high[i], other->high[i], 1e-8);
  }
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

int main(void) {
  static const test_case cases[] = {
      {"without hidden layers errors are the regression's",
       without_hidden_layers_errors_are_the_regression_s},
      {"effects of a linear model are its coefficients",
       effects_of_a_linear_model_are_its_coefficients},
      {"effects of a logistic model are the formula's",
       effects_of_a_logistic_model_are_the_formula_s},
  };
  return test_main("network_inference", cases, sizeof cases / sizeof *cases);
}
