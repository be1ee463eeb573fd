// SPDX-License-Identifier: GPL-3.0-or-later
#include "check_gradient.h"
#include "build.h"
#include "custom.h"

#include <math.h>
#include <string.h>

/* ---- differences ---- */

static double moved(const gradus_i_checked *c, size_t j, double step) {
  double old = c->at[j];
  c->at[j] = old + step;
  double value = c->value(c->at, c->data);
  c->at[j] = old;
  return value;
}

/* Of sixth order: the error is h⁶ f⁽⁷⁾/140, and some rounding of f over h. */
static double central(const gradus_i_checked *c, size_t j, double h) {
  double near = moved(c, j, h) - moved(c, j, -h);
  double middle = moved(c, j, 2 * h) - moved(c, j, -2 * h);
  double far = moved(c, j, 3 * h) - moved(c, j, -3 * h);
  return (45 * near - 9 * middle + far) / (60 * h);
}

static double difference(const gradus_i_checked *c, size_t j) {
  enum { STEPS = 5 };
  double best = NAN, least = HUGE_VAL, before = NAN;
  double h = 0.04 * fmax(1, fabs(c->at[j]));
  for (int i = 0; i < STEPS; i++, h /= 4) {
    double now = central(c, j, h), apart = fabs(now - before);
    if (apart < least) {
      least = apart;
      best = now;
    }
    before = now;
  }
  return best;
}

gradus_gradient_check gradus_i_check_derivatives(const gradus_i_checked *c) {
  gradus_gradient_check worst = {.error = -1};
  double square = 0;
  for (size_t j = 0; j < c->size; j++)
    square += c->derivative[j] * c->derivative[j];
  double level = fmax(sqrt(square / (double)(c->size ? c->size : 1)),
                      1e-6 * (1 + fabs(c->value(c->at, c->data))));
  for (size_t j = 0; j < c->size; j++) {
    if (c->skip && c->skip[j])
      continue;
    double is = c->derivative[j], must = difference(c, j);
    double error = fabs(is - must) / fmax(level, fmax(fabs(is), fabs(must)));
    if (!isfinite(error))
      error = HUGE_VAL;
    worst.compared++;
    if (error <= worst.error)
      continue;
    worst.error = error;
    worst.derivative = is;
    worst.difference = must;
    c->name(worst.where, sizeof worst.where, j, c->data);
  }
  worst.error = fmax(worst.error, 0);
  return worst;
}

/* ---- a function ---- */

static double function_value(const double *at, void *data) {
  const gradus_function *f = data;
  return f->value(at, NULL, f->data);
}

static void function_name(char *text, size_t length, size_t j, void *data) {
  (void)data;
  gradus_i_snprintf(text, length, "theta[%zu]", j);
}

static gradus_status check_function(gradus_gradient_check *check, const gradus_function *f,
                                    gradus_error *err) {
  if (!f->value || (f->size > 0 && !f->at))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a function whose gradient is checked needs a value and a place");
  gradus_function copy = *f;
  double *at = gradus_i_allocate(f->size ? f->size : 1, sizeof *at);
  double *derivative = gradus_i_allocate(f->size ? f->size : 1, sizeof *derivative);
  if (at && derivative) {
    if (f->size > 0)
      memcpy(at, f->at, f->size * sizeof *at);
    f->value(at, derivative, f->data);
    gradus_i_checked checked = {.size = f->size,
                                .at = at,
                                .derivative = derivative,
                                .value = function_value,
                                .name = function_name,
                                .data = &copy};
    *check = gradus_i_check_derivatives(&checked);
  }
  bool failed = !at || !derivative;
  gradus_i_release(at);
  gradus_i_release(derivative);
  return failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
}

/* ---- what is made into a network ---- */

/* A network of one layer. */
static gradus_status single(gradus_i_network **network, const gradus_gradient_subject *s,
                            size_t inputs, gradus_error *err) {
  gradus_i_shape shape = gradus_i_shape_of(inputs);
  gradus_i_node node = {.name = (char[]){"layer"}};
  gradus_custom custom = {.activations = s->activation,
                          .activation_count = s->activation != NULL,
                          .layers = s->layer,
                          .layer_count = s->layer != NULL};
  gradus_status status = gradus_i_custom_check(&custom, err);
  if (status <= 0 && s->layer)
    status = gradus_i_node_set_type(&node, s->layer->name, &custom, err);
  else if (status <= 0)
    status = gradus_i_node_set_activation(&node, s->activation ? s->activation->name : "identity",
                                          &custom, err);
  if (status <= 0)
    status = gradus_i_network_new(network, &shape, err);
  if (status <= 0)
    status = gradus_i_network_add(*network, &node, NULL, err);
  return status;
}

static size_t or_default(size_t size, size_t otherwise) {
  return size ? size : otherwise;
}

static gradus_status check_network(gradus_gradient_check *check, const gradus_gradient_subject *s,
                                   gradus_error *err) {
  gradus_i_network *network = NULL;
  gradus_i_network_check how = {.loss = s->loss ? s->loss : s->final,
                                .rows = or_default(s->rows, 5),
                                .training = s->training,
                                .seed = s->seed};
  size_t inputs = or_default(s->inputs, 7), outputs = or_default(s->outputs, 3);
  gradus_status status = GRADUS_OK;
  if (how.loss && !how.loss->value)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "the loss has no value");
  else if (how.loss && outputs > GRADUS_LOSS_OUTPUTS)
    status = gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                           "a loss of your own has at most %d outputs, not %zu",
                           GRADUS_LOSS_OUTPUTS, outputs);
  else if (s->architecture)
    status = gradus_i_network_from_json(
        &network, inputs, outputs,
        &(gradus_i_build_options){.architecture = s->architecture, .custom = s->custom}, err);
  else
    status = single(&network, s, s->loss ? outputs : inputs, err);
  if (status <= 0)
    status = gradus_i_check_network(check, network, &how, err);
  gradus_i_network_free(network);
  return status;
}

gradus_status gradus_check_gradient(gradus_gradient_check *check,
                                    const gradus_gradient_subject *subject, gradus_error *err) {
  *check = (gradus_gradient_check){0};
  int subjects = (subject->function != NULL) + (subject->activation != NULL) +
                 (subject->layer != NULL) + (subject->loss != NULL) +
                 (subject->architecture != NULL);
  if (subjects != 1)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "give one subject whose gradient is to be checked (function, activation, "
                         "layer, loss or architecture), not %d",
                         subjects);
  return subject->function ? check_function(check, subject->function, err)
                           : check_network(check, subject, err);
}
