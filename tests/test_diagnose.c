// SPDX-License-Identifier: GPL-3.0-or-later
/* What the diagnosis counts, against counts of its own, and what it says of networks that are ill.
 */
#include "../lib/inference/network.h"
#include "support/diagnosing.h"
#include "support/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 70, INPUTS = 3 };

static diagnosed make(const char *activation, size_t layers, size_t width) {
  uint64_t state = 5;
  size_t hidden[8];
  diagnosed m = {.x = gsl_matrix_alloc(ROWS, INPUTS),
                 .y = gsl_matrix_alloc(ROWS, 1),
                 .weights = gsl_vector_alloc(ROWS)};
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t j = 0; j < INPUTS; j++)
      gsl_matrix_set(m.x, i, j, 3 * test_draw(&state));
    gsl_matrix_set(m.y, i, 0, gsl_matrix_get(m.x, i, 0) + test_draw(&state));
    gsl_vector_set(m.weights, i, i % 7 == 0 ? 0 : 1 + test_draw(&state));
  }
  for (size_t l = 0; l < layers; l++)
    hidden[l] = width;
  gradus_network_options options = {
      .fit = {.threads = 1, .max_iterations = 1, .seed = 3, .weight_kind = GRADUS_WEIGHT_PRIOR},
      .hidden = hidden,
      .hidden_count = layers,
      .activation = activation,
      .raw_inputs = true,
      .raw_response = true};
  diagnosed_fit(&m, &options);
  return m;
}

/* ---- numbers ---- */

static void norms_are_those_of_values_and_of_the_objective_s_gradient(void) {
  diagnosed m = make("tanh", 2, 4);
  gradus_diagnosis *d = diagnose(&m);
  gradus_i_network_view view;
  gradus_i_network_view_of(&view, m.fit, NULL);
  gradus_i_network_model model = {.network = view.network, .loss = view.loss};
  gradus_i_objective o = {.type = &gradus_i_network_type,
                          .model = &model,
                          .source = m.source,
                          .dim = gradus_params_size(view.network->params),
                          .row_size = INPUTS + 1,
                          .threads = 1};
  double gradient[200], loss;
  evaluate_afresh(&o, view.theta, &loss, gradient);
  CHECK_CLOSE(d->loss, loss, 1e-12);
  CU_ASSERT_EQUAL(d->rows, ROWS - ROWS / 7);
  CU_ASSERT_EQUAL(d->blocks, 6);
  for (size_t b = 0; b < d->blocks; b++) {
    const gradus_block *block = gradus_params_block(view.network->params, b);
    double values = 0, slopes = 0;
    for (size_t j = block->offset; j < block->offset + block->size; j++) {
      values += view.theta[j] * view.theta[j];
      slopes += gradient[j] * gradient[j];
    }
    CU_ASSERT_STRING_EQUAL(d->block[b].name, block->name);
    CHECK_CLOSE(d->block[b].norm, sqrt(values), 1e-12);
    CHECK_CLOSE(d->block[b].gradient, sqrt(slopes), 1e-10);
    CHECK_CLOSE(d->block[b].ratio, sqrt(slopes / values), 1e-10);
  }
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

static void moments_are_those_of_activations_and_of_what_comes_back(void) {
  diagnosed m = make("tanh", 1, 4);
  gradus_diagnosis *d = diagnose(&m);
  const double *w = block_of(&m, "hidden1.weight", NULL), *b = block_of(&m, "hidden1.bias", NULL);
  const double *v = block_of(&m, "output.weight", NULL), *c = block_of(&m, "output.bias", NULL);
  double sum[4] = {0}, cells = 0;
  for (size_t i = 0; i < ROWS; i++) {
    double out[4], residual = *c - gsl_matrix_get(m.y, i, 0);
    if (!(gsl_vector_get(m.weights, i) > 0))
      continue;
    for (size_t u = 0; u < 4; u++) {
      double eta = b[u];
      for (size_t j = 0; j < INPUTS; j++)
        eta += w[u * INPUTS + j] * gsl_matrix_get(m.x, i, j);
      out[u] = tanh(eta);
      residual += v[u] * out[u];
    }
    for (size_t u = 0; u < 4; u++, cells++) {
      sum[0] += out[u];
      sum[1] += out[u] * out[u];
      sum[2] += residual * v[u];
      sum[3] += residual * v[u] * residual * v[u];
    }
  }
  CU_ASSERT_EQUAL_FATAL(d->layers, 1);
  const gradus_layer_diagnosis *l = d->layer;
  CU_ASSERT_STRING_EQUAL(l->name, "hidden1");
  CU_ASSERT_STRING_EQUAL(l->activation, "tanh");
  CU_ASSERT_EQUAL(l->units, 4);
  CHECK_CLOSE(l->mean, sum[0] / cells, 1e-12);
  CHECK_CLOSE(l->variance, sum[1] / cells - pow(sum[0] / cells, 2), 1e-12);
  CHECK_CLOSE(l->gradient_mean, sum[2] / cells, 1e-12);
  CHECK_CLOSE(l->gradient_variance, sum[3] / cells - pow(sum[2] / cells, 2), 1e-12);
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

/* ---- words ---- */

static void a_healthy_network_has_no_findings(void) {
  static const char *const activations[] = {"relu", "tanh", "gelu"};
  for (size_t a = 0; a < 3; a++) {
    diagnosed m = make(activations[a], 2, 16);
    gradus_diagnosis *d = diagnose(&m);
    CU_ASSERT_EQUAL(d->findings, 0);
    gradus_diagnosis_free(d);
    diagnosed_clear(&m);
  }
}

static void dead_units_are_counted_and_said(void) {
  diagnosed m = make("relu", 2, 10);
  double *bias = block_of(&m, "hidden2.bias", NULL);
  for (size_t u = 0; u < 4; u++)
    bias[u] = -1000;
  gradus_diagnosis *d = diagnose(&m);
  CU_ASSERT_EQUAL(d->layer[0].dead, 0);
  CU_ASSERT_EQUAL(d->layer[1].dead, 4);
  CU_ASSERT_TRUE(says(d, "hidden2: 40 % of its units never activate; lower the learning rate or "
                         "take leaky_relu"));
  CU_ASSERT_EQUAL(d->findings, 1);
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

static void saturated_units_are_counted_and_said(void) {
  static const char *const activations[] = {"tanh", "sigmoid"};
  for (size_t a = 0; a < 2; a++) {
    diagnosed m = make(activations[a], 1, 10);
    double *bias = block_of(&m, "hidden1.bias", NULL);
    for (size_t u = 0; u < 5; u++)
      bias[u] = u % 2 ? 50 : -50;
    gradus_diagnosis *d = diagnose(&m);
    CU_ASSERT_EQUAL(d->layer[0].saturated, 5);
    CU_ASSERT_EQUAL(d->layer[0].dead, 0);
    CU_ASSERT_TRUE(says(d, "hidden1: 50 % of its units are saturated in most rows"));
    gradus_diagnosis_free(d);
    diagnosed_clear(&m);
  }
}

static void units_that_are_alike_are_said(void) {
  diagnosed m = make("tanh", 2, 4);
  size_t size;
  double *weight = block_of(&m, "hidden2.weight", &size),
         *bias = block_of(&m, "hidden2.bias", NULL);
  for (size_t j = 4; j < size; j++)
    weight[j] = weight[j % 4];
  for (size_t u = 1; u < 4; u++)
    bias[u] = bias[0];
  gradus_diagnosis *d = diagnose(&m);
  CU_ASSERT_TRUE(says(d, "hidden2: all its units have the same weights"));
  CU_ASSERT_FALSE(says(d, "hidden1: all"));
  gradus_diagnosis_free(d);
  diagnosed_clear(&m);
}

static void vanishing_and_exploding_gradients_are_said(void) {
  static const double factors[] = {0.05, 20};
  static const char *const words[] = {"gradients vanish: at hidden1",
                                      "gradients explode: at hidden1"};
  for (size_t f = 0; f < 2; f++) {
    diagnosed m = make("leaky_relu", 6, 8);
    for (size_t l = 2; l <= 6; l++) {
      char name[32];
      size_t size;
      snprintf(name, sizeof name, "hidden%zu.weight", l);
      double *weight = block_of(&m, name, &size);
      for (size_t j = 0; j < size; j++)
        weight[j] *= factors[f];
    }
    gradus_diagnosis *d = diagnose(&m);
    CU_ASSERT_TRUE(says(d, words[f]));
    CU_ASSERT_FALSE(says(d, words[1 - f]));
    gradus_diagnosis_free(d);
    diagnosed_clear(&m);
  }
}

/* ---- errors and memory ---- */

static void only_networks_are_diagnosed(void) {
  diagnosed m = make("tanh", 1, 4);
  gradus_fit *linear = NULL;
  gradus_diagnosis *d = NULL;
  gradus_error err = {0};
  gradus_linear_fit_matrix(&linear, m.x, m.y, NULL, NULL, NULL);
  CHECK_STATUS(gradus_diagnose(&d, linear, m.source, 1, &err), GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "not a network");
  gradus_fit_free(linear);
  gsl_vector_set_zero(m.weights);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_diagnose(&d, m.fit, m.source, 1, &err), GRADUS_ERROR_NO_COMPLETE_ROWS, &err);
  CU_ASSERT_PTR_NULL(d);
  diagnosed_clear(&m);
}

static void every_allocation_may_fail(void) {
  diagnosed m = make("relu", 2, 10);
  block_of(&m, "hidden2.bias", NULL)[0] = -1000;
  diagnose_without_memory(&m);
  diagnosed_clear(&m);
}

int main(void) {
  static const test_case cases[] = {
      {"norms are those of values and of the objective's gradient",
       norms_are_those_of_values_and_of_the_objective_s_gradient},
      {"moments are those of activations and of what comes back",
       moments_are_those_of_activations_and_of_what_comes_back},
      {"a healthy network has no findings", a_healthy_network_has_no_findings},
      {"dead units are counted and said", dead_units_are_counted_and_said},
      {"saturated units are counted and said", saturated_units_are_counted_and_said},
      {"units that are alike are said", units_that_are_alike_are_said},
      {"vanishing and exploding gradients are said", vanishing_and_exploding_gradients_are_said},
      {"only networks are diagnosed", only_networks_are_diagnosed},
      {"every allocation may fail", every_allocation_may_fail},
  };
  return test_main("diagnose", cases, sizeof cases / sizeof *cases);
}
