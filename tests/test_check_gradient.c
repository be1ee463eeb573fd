// SPDX-License-Identifier: GPL-3.0-or-later
/* Derivatives of every layer, activation, loss and compositions of them against differences, by the
 * public check; and that the check finds what is wrong. */
#include "../lib/layer/build.h"
#include "../lib/layer/check_gradient.h"
#include "../lib/layer/initialise.h"
#include "../lib/objective/loss.h"
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double tolerance = 1e-7;

static gradus_gradient_check check(const gradus_gradient_subject *subject) {
  gradus_gradient_check found = {.error = NAN};
  gradus_error err = {0};
  CHECK_STATUS(gradus_check_gradient(&found, subject, &err), GRADUS_OK, &err);
  return found;
}

static void must_be_right(const gradus_gradient_subject *subject, const char *what) {
  gradus_gradient_check found = check(subject);
  CU_ASSERT_TRUE(found.compared > 0);
  if (!(found.error <= tolerance)) {
    printf("  %s, %zu rows: %s: %.17g, differences say %.17g\n", what, subject->rows, found.where,
           found.derivative, found.difference);
    CU_FAIL("a derivative is wrong");
  }
}

/* ---- what there is ---- */

/* Batches of one row and of many, odd sizes, training and predicting. */
static void check_architecture(const char *architecture, const char *what) {
  static const size_t rows[] = {1, 2, 7}, inputs[] = {1, 3, 7}, outputs[] = {1, 2, 5};
  for (size_t i = 0; i < 3; i++)
    for (int training = 0; training < 2; training++) {
      gradus_gradient_subject subject = {.architecture = architecture,
                                         .rows = rows[i],
                                         .inputs = inputs[2 - i],
                                         .outputs = outputs[i],
                                         .training = training,
                                         .seed = 3 + i};
      must_be_right(&subject, what);
    }
}

static void every_activation(void) {
  for (size_t a = 0; gradus_i_activation_name(a); a++) {
    char text[512];
    const char *name = gradus_i_activation_name(a);
    snprintf(text, sizeof text,
             "{\"layers\": [{\"type\": \"dense\", \"units\": 5}, {\"type\": \"activation\", "
             "\"activation\": \"%s\"}, {\"type\": \"dense\", \"name\": \"output\"}, "
             "{\"type\": \"activation\", \"activation\": \"%s\"}]}",
             name, name);
    check_architecture(text, name);
  }
}

#define DENSE "{\"type\": \"dense\", \"units\": 3}, "
#define TANH "{\"type\": \"activation\", \"activation\": \"tanh\"}, "
#define OUTPUT "{\"type\": \"dense\", \"name\": \"output\"}"

static void every_layer(void) {
  static const char *const layers[] = {
      "", "{\"type\": \"dropout\", \"rate\": 0.4}, ", "{\"type\": \"layer_norm\"}, ",
      "{\"type\": \"batch_norm\"}, ", "{\"type\": \"add\", \"inputs\": [\"a\", \"a\"]}, "};
  for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
    char text[512];
    snprintf(text, sizeof text,
             "{\"layers\": [" DENSE
             "{\"type\": \"activation\", \"activation\": \"gelu\", \"name\": \"a\"}, %s" TANH OUTPUT
             "]}",
             layers[i]);
    check_architecture(text, layers[i]);
  }
}

static void compositions(void) {
  check_architecture(
      "{\"layers\": [" DENSE "{\"type\": \"batch_norm\"}, " TANH
      "{\"type\": \"dropout\", \"rate\": 0.3, \"name\": \"one\"}, " DENSE
      "{\"type\": \"layer_norm\"}, "
      "{\"type\": \"activation\", \"activation\": \"swish\", \"name\": \"two\"}, "
      "{\"type\": \"add\", \"inputs\": [\"two\", \"one\"], \"name\": \"three\"}, " OUTPUT
      ", {\"type\": \"dense\", \"name\": \"skip\", \"inputs\": [\"input\"], \"bias\": false}, "
      "{\"type\": \"add\", \"inputs\": [\"output\", \"skip\"]}, "
      "{\"type\": \"activation\", \"activation\": \"softmax\"}]}",
      "a composition");
}

static void widths(void) {
  static const char *const normalisation[] = {NULL, "batch", "layer"};
  for (size_t i = 0; i < 3; i++) {
    gradus_i_network *network = NULL;
    gradus_i_build_options options = {.hidden = (size_t[]){4, 4, 3},
                                      .hidden_count = 3,
                                      .activation = "elu",
                                      .dropout = 0.2,
                                      .normalisation = normalisation[i],
                                      .skip = true,
                                      .residual = true};
    gradus_i_network_check how = {.rows = 6, .training = true, .seed = 8};
    gradus_gradient_check found = {.error = NAN};
    CHECK_STATUS(gradus_i_network_build(&network, 5, 2, &options, NULL), GRADUS_OK, NULL);
    CHECK_STATUS(gradus_i_check_network(&found, network, &how, NULL), GRADUS_OK, NULL);
    CU_ASSERT_TRUE(found.error <= tolerance);
    gradus_i_network_free(network);
  }
}

/* ---- losses of ours ---- */

typedef struct row_loss {
  const gradus_i_loss *loss;
  const void *data;
} row_loss;

/* A loss of ours as a public one. Responses come as 0 and 1; families of positive ones get 0.5 and
   1.5. */
static double of_ours(size_t k, const double *output, size_t m, const double *response,
                      double *slope, void *data) {
  const row_loss *own = data;
  double eta[8], y[8], sum = 0;
  const gradus_i_glm_loss *glm = own->loss == &gradus_i_loss_glm ? own->data : NULL;
  for (size_t r = 0; r < m; r++)
    y[r] = response[r] + (glm && !glm->family->accepts(0) ? 0.5 : 0);
  gradus_batch batch = {.rows = 1, .y = y, .y_stride = m};
  memcpy(eta, output, k * sizeof *eta);
  own->loss->rows(own->data, slope ? GRADUS_I_GRADIENT : GRADUS_I_LOSS, &batch, k, eta, NULL, &sum);
  if (slope)
    memcpy(slope, eta, k * sizeof *eta);
  return sum;
}

static void check_loss(const gradus_i_loss *ours, const void *data, size_t outputs,
                       const char *what) {
  row_loss own = {ours, data};
  gradus_loss loss = {.name = what, .value = of_ours, .data = &own};
  static const size_t rows[] = {1, 6};
  for (size_t i = 0; i < 2; i++) {
    gradus_gradient_subject alone = {
        .loss = &loss, .rows = rows[i], .outputs = outputs, .seed = 2 + i};
    must_be_right(&alone, what);
    gradus_gradient_subject after = {.architecture = "{\"layers\": [" DENSE TANH OUTPUT "]}",
                                     .final = &loss,
                                     .rows = rows[i],
                                     .inputs = 3,
                                     .outputs = outputs,
                                     .seed = 5 + i};
    must_be_right(&after, what);
  }
}

static void every_loss(void) {
  static const char *const pairs[][2] = {
      {"gaussian", "identity"},     {"binomial", "logit"},   {"binomial", "probit"},
      {"binomial", "cloglog"},      {"binomial", "cauchit"}, {"poisson", "log"},
      {"negative_binomial", "log"}, {"gamma", "log"},        {"inverse_gaussian", "log"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    gradus_i_glm_loss glm = {.family = gradus_i_family_find(pairs[i][0]),
                             .link = gradus_i_link_find(pairs[i][1]),
                             .shape = 1.5};
    if (glm.family && glm.link)
      check_loss(&gradus_i_loss_glm, &glm, 1, pairs[i][1]);
    else
      CU_FAIL("a family or link is not there");
  }
  check_loss(&gradus_i_loss_gaussian, NULL, 1, "squares of one response");
  check_loss(&gradus_i_loss_gaussian, NULL, 3, "squares of three responses");
  check_loss(&gradus_i_loss_softmax, NULL, 1, "softmax of two classes");
  check_loss(&gradus_i_loss_softmax, NULL, 4, "softmax of five classes");
}

/* ---- tables of a user's own ---- */

static void sine(size_t n, const double *x, double *y, void *data) {
  for (size_t i = 0; i < n; i++)
    y[i] = sin(*(double *)data * x[i]);
}
static void sine_slope(size_t n, const double *x, const double *y, double *slope, void *data) {
  (void)y;
  for (size_t i = 0; i < n; i++)
    slope[i] = *(double *)data * cos(*(double *)data * x[i]);
}
static void sine_slope_wrong(size_t n, const double *x, const double *y, double *slope,
                             void *data) {
  sine_slope(n, x, y, slope, data);
  for (size_t i = 0; i < n; i++)
    slope[i] += x[i] > 1 ? 1e-5 : 0;
}
static double frequency = 1.7;

/* Products of neighbours times a weight: outputs inputs - 1. */
static size_t one_less(size_t inputs, void *data) {
  (void)data;
  return inputs - 1;
}
static void neighbours(const gradus_layer_call *c) {
  for (size_t i = 0; i < c->rows; i++)
    for (size_t j = 0; j < c->outputs; j++)
      c->out[i * c->outputs + j] =
          c->theta[j] * c->in[i * c->inputs + j] * c->in[i * c->inputs + j + 1];
}
static void neighbours_back(const gradus_layer_call *c) {
  for (size_t i = 0; i < c->rows; i++)
    for (size_t j = 0; j < c->outputs; j++) {
      double a = c->in[i * c->inputs + j], b = c->in[i * c->inputs + j + 1];
      double slope = c->out_gradient[i * c->outputs + j];
      if (c->in_gradient) {
        c->in_gradient[i * c->inputs + j] += slope * c->theta[j] * b;
        c->in_gradient[i * c->inputs + j + 1] += slope * c->theta[j] * a;
      }
      if (c->gradient)
        c->gradient[j] += slope * a * b;
    }
}

static double logcosh(size_t k, const double *output, size_t m, const double *response,
                      double *slope, void *data) {
  (void)data, (void)m;
  double sum = 0;
  for (size_t r = 0; r < k; r++) {
    sum += log(cosh(output[r] - response[r]));
    if (slope)
      slope[r] = tanh(output[r] - response[r]);
  }
  return sum;
}

static const gradus_activation own_activation = {"sine", sine, sine_slope, &frequency};
static const gradus_layer_type own_layer = {.name = "neighbours",
                                            .outputs = one_less,
                                            .parameters = one_less,
                                            .forward = neighbours,
                                            .backward = neighbours_back};
static const gradus_loss own_loss = {"logcosh", logcosh, NULL};
static const gradus_custom own = {
    .activations = &own_activation, .activation_count = 1, .layers = &own_layer, .layer_count = 1};
#define OWN                                                                                        \
  "{\"layers\": [" DENSE "{\"type\": \"activation\", \"activation\": \"sine\"}, "                  \
  "{\"type\": \"neighbours\"}, " OUTPUT "]}"

static void tables_of_a_users_own(void) {
  must_be_right(&(gradus_gradient_subject){.activation = &own_activation}, "own activation");
  must_be_right(&(gradus_gradient_subject){.layer = &own_layer, .rows = 1, .inputs = 2},
                "own layer");
  must_be_right(&(gradus_gradient_subject){.loss = &own_loss}, "own loss");
  must_be_right(&(gradus_gradient_subject){.architecture = OWN, .custom = &own, .final = &own_loss},
                "all of a user's own");
}

static void a_users_own_layers_in_float_and_by_rows(void) {
  enum { ROWS = 3, INPUTS = 2, DIM_MAX = 32 };
  gradus_i_network *network = NULL;
  CHECK_STATUS(gradus_i_network_from_json(
                   &network, INPUTS, 1,
                   &(gradus_i_build_options){.architecture = OWN, .custom = &own}, NULL),
               GRADUS_OK, NULL);
  gradus_i_initialisation start = {.seed = 2, .bias = 0.3};
  CHECK_STATUS(gradus_i_network_initialise(network, &start, NULL), GRADUS_OK, NULL);
  size_t dim = gradus_params_size(network->params), last = network->count - 1;
  double memory[4096], *theta = gradus_params_values(network->params);
  double wide[DIM_MAX] = {0}, each[ROWS * DIM_MAX], x[] = {1, -0.5, 0.3, 0.7, -2, 0.1};
  float theta_f[DIM_MAX], x_f[ROWS * INPUTS], narrow[DIM_MAX] = {0};
  CU_ASSERT_TRUE_FATAL(dim <= DIM_MAX &&
                       gradus_i_tape_size(network, GRADUS_I_DOUBLE, ROWS) <= 4096);
  for (size_t j = 0; j < dim; j++)
    theta_f[j] = (float)theta[j];
  for (size_t i = 0; i < ROWS * INPUTS; i++)
    x_f[i] = (float)x[i];
  gradus_i_tape tape;
  gradus_i_tape_open(&tape, network, GRADUS_I_DOUBLE, ROWS, false, memory);
  tape.rows = ROWS;
  tape.theta = theta;
  tape.x = x;
  gradus_i_tape_forward(&tape);
  for (size_t i = 0; i < ROWS; i++)
    ((double *)tape.nodes[last].gradient)[i] = 1;
  gradus_i_tape_rows_gradient(&tape, each, dim);
  gradus_i_tape_backward(&tape, wide);
  gradus_i_tape_open(&tape, network, GRADUS_I_FLOAT, ROWS, false, memory);
  tape.rows = ROWS;
  tape.theta = theta_f;
  tape.x = x_f;
  gradus_i_tape_forward(&tape);
  for (size_t i = 0; i < ROWS; i++)
    ((float *)tape.nodes[last].gradient)[i] = 1;
  gradus_i_tape_backward(&tape, narrow);
  for (size_t j = 0; j < dim; j++) {
    CU_ASSERT_TRUE(fabs((double)narrow[j] - wide[j]) < 1e-5);
    CU_ASSERT_TRUE(fabs(each[j] + each[dim + j] + each[2 * dim + j] - wide[j]) < 1e-13);
  }
  gradus_i_network_free(network);
}

/* ---- the check itself ---- */

static double cubic(const double *theta, double *gradient, void *data) {
  double wrong = *(double *)data;
  if (gradient) {
    gradient[0] = 3 * theta[0] * theta[0] + theta[1];
    gradient[1] = theta[0] + wrong;
  }
  return theta[0] * theta[0] * theta[0] + theta[0] * theta[1];
}

static void a_wrong_derivative_is_found_where_it_is(void) {
  double at[] = {2, -1}, right = 0, wrong = 1e-5;
  gradus_function f = {.size = 2, .at = at, .value = cubic, .data = &right};
  gradus_gradient_check found = check(&(gradus_gradient_subject){.function = &f});
  CU_ASSERT_TRUE(found.error < 1e-11);
  CU_ASSERT_EQUAL(found.compared, 2);
  f.data = &wrong;
  found = check(&(gradus_gradient_subject){.function = &f});
  CU_ASSERT_STRING_EQUAL(found.where, "theta[1]");
  CHECK_CLOSE(found.derivative, 2.00001, 1e-12);
  CHECK_CLOSE(found.difference, 2, 1e-11);
  CU_ASSERT_TRUE(found.error > 1e-6 && found.error < 1e-5);
  gradus_activation bad = {"bad", sine, sine_slope_wrong, &frequency};
  found = check(&(gradus_gradient_subject){.activation = &bad});
  CU_ASSERT_TRUE(found.error > 1e-6);
  CU_ASSERT_TRUE(strncmp(found.where, "input[", 6) == 0);
}

static double nowhere(const double *theta, double *gradient, void *data) {
  (void)theta, (void)data;
  if (gradient)
    gradient[0] = NAN;
  return NAN;
}

static void what_is_not_finite_is_infinitely_wrong(void) {
  double at = 1;
  gradus_function f = {.size = 1, .at = &at, .value = nowhere};
  CU_ASSERT_EQUAL(check(&(gradus_gradient_subject){.function = &f}).error, HUGE_VAL);
}

static void one_subject_is_needed(void) {
  gradus_gradient_check found;
  gradus_error err = {0};
  gradus_gradient_subject none = {0};
  CHECK_STATUS(gradus_check_gradient(&found, &none, &err), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_CONTAINS(err.message, "not 0");
  gradus_activation bare = {.name = "bare"}, taken = {"relu", sine, sine_slope, &frequency};
  gradus_gradient_subject two = {.activation = &bare, .loss = &own_loss};
  err = (gradus_error){0};
  CHECK_STATUS(gradus_check_gradient(&found, &two, &err), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_CONTAINS(err.message, "not 2");
  err = (gradus_error){0};
  gradus_gradient_subject without = {.activation = &bare}, again = {.activation = &taken};
  CHECK_STATUS(gradus_check_gradient(&found, &without, &err), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_CONTAINS(err.message, "bare");
  err = (gradus_error){0};
  CHECK_STATUS(gradus_check_gradient(&found, &again, &err), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_CONTAINS(err.message, "name of another");
}

static void failed_allocations_leak_nothing(void) {
  double at[] = {2, -1}, right = 0;
  gradus_function f = {.size = 2, .at = at, .value = cubic, .data = &right};
  const gradus_gradient_subject subjects[] = {
      {.function = &f}, {.architecture = OWN, .custom = &own, .final = &own_loss}};
  for (size_t s = 0; s < 2; s++) {
    failing_run run = {0};
    while (NEXT_FAILING(&run)) {
      gradus_gradient_check found;
      run.status = gradus_check_gradient(&found, &subjects[s], NULL);
    }
    CU_ASSERT_TRUE(run.at > 1);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"every activation has the slope of its values", every_activation},
      {"every layer has the derivatives of its values", every_layer},
      {"compositions have them", compositions},
      {"networks of widths have them", widths},
      {"every loss has them, alone and after a network", every_loss},
      {"tables of a user's own have them", tables_of_a_users_own},
      {"a user's own layers work in float and by rows", a_users_own_layers_in_float_and_by_rows},
      {"a wrong derivative is found where it is", a_wrong_derivative_is_found_where_it_is},
      {"what is not finite is infinitely wrong", what_is_not_finite_is_infinitely_wrong},
      {"one subject is needed", one_subject_is_needed},
      {"failed allocations leak nothing", failed_allocations_leak_nothing},
  };
  return test_main("check_gradient", cases, sizeof cases / sizeof *cases);
}
