// SPDX-License-Identifier: GPL-3.0-or-later
#include "custom.h"

#include <string.h>

enum { PIECE = 256 }; /* values that stand on the stack in double */

/* ---- names ---- */

const gradus_activation *gradus_i_custom_activation(const gradus_custom *custom, const char *name) {
  for (size_t i = 0; custom && i < custom->activation_count; i++)
    if (strcmp(custom->activations[i].name, name) == 0)
      return &custom->activations[i];
  return NULL;
}

const gradus_layer_type *gradus_i_custom_layer(const gradus_custom *custom, const char *name) {
  for (size_t i = 0; custom && i < custom->layer_count; i++)
    if (strcmp(custom->layers[i].name, name) == 0)
      return &custom->layers[i];
  return NULL;
}

const gradus_loss *gradus_i_custom_loss_find(const gradus_custom *custom, const char *name) {
  for (size_t i = 0; custom && i < custom->loss_count; i++)
    if (strcmp(custom->losses[i].name, name) == 0)
      return &custom->losses[i];
  return NULL;
}

const char *gradus_i_node_type_name(const gradus_i_node *node) {
  if (node->type == &gradus_i_layer_custom)
    return ((const gradus_layer_type *)node->custom)->name;
  return node->type->name;
}

const char *gradus_i_node_activation_name(const gradus_i_node *node) {
  if (node->type == &gradus_i_layer_custom_activation)
    return ((const gradus_activation *)node->custom)->name;
  return node->activation ? node->activation->name : NULL;
}

static gradus_status refuse(const char *what, const char *name, const char *why,
                            gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "the %s \"%s\" of your own %s", what,
                       name ? name : "", why);
}

gradus_status gradus_i_custom_check_loss(const gradus_loss *loss, gradus_error *err) {
  return loss->name && *loss->name && loss->value
             ? GRADUS_OK
             : refuse("loss", loss->name, "needs a name and a value", err);
}

gradus_status gradus_i_custom_check(const gradus_custom *custom, gradus_error *err) {
  for (size_t i = 0; custom && i < custom->activation_count; i++) {
    const gradus_activation *own = &custom->activations[i];
    if (!own->name || !*own->name || !own->value || !own->slope)
      return refuse("activation", own->name, "needs a name, a value and a slope", err);
    if (gradus_i_activation_find(own->name) || gradus_i_custom_activation(custom, own->name) != own)
      return refuse("activation", own->name, "has the name of another", err);
  }
  for (size_t i = 0; custom && i < custom->layer_count; i++) {
    const gradus_layer_type *own = &custom->layers[i];
    if (!own->name || !*own->name || !own->outputs || !own->forward || !own->backward)
      return refuse("layer", own->name, "needs a name, outputs, forward and backward", err);
    if (gradus_i_layer_type_find(own->name) || gradus_i_custom_layer(custom, own->name) != own)
      return refuse("layer", own->name, "has the name of another", err);
  }
  for (size_t i = 0; custom && i < custom->loss_count; i++) {
    const gradus_loss *own = &custom->losses[i];
    gradus_status status = gradus_i_custom_check_loss(own, err);
    if (status > 0)
      return status;
    if (gradus_i_custom_loss_find(custom, own->name) != own)
      return refuse("loss", own->name, "has the name of another", err);
  }
  return GRADUS_OK;
}

/* ---- activations ---- */

static gradus_status activation_infer(gradus_i_node *node, const gradus_i_shape *inputs,
                                      gradus_error *err) {
  (void)err;
  node->out = inputs[0];
  return GRADUS_OK;
}

#define TEMPLATE "custom_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_custom_activation = {.name = "activation",
                                                              .infer = activation_infer,
                                                              .forward_d = activation_forward_d,
                                                              .forward_f = activation_forward_f,
                                                              .backward_d = activation_backward_d,
                                                              .backward_f = activation_backward_f};

/* ---- layers ---- */

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  const gradus_layer_type *own = node->custom;
  char shape[64];
  size_t outputs = own->outputs(inputs[0].size, own->data);
  node->out = gradus_i_shape_of(outputs);
  if (outputs > 0)
    return GRADUS_OK;
  gradus_i_shape_text(shape, sizeof shape, &inputs[0]);
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the layer \"%s\" of type %s cannot take the shape %s: it has no outputs "
                       "for it",
                       node->name, own->name, shape);
}

static size_t parameters_of(const gradus_i_node *node) {
  const gradus_layer_type *own = node->custom;
  return own->parameters ? own->parameters(node->in.size, own->data) : 0;
}

static gradus_status declare(const gradus_i_node *node, gradus_params *params, gradus_error *err) {
  char name[128];
  size_t size = parameters_of(node);
  if (size == 0)
    return GRADUS_OK;
  gradus_i_snprintf(name, sizeof name, "%s.weight", node->name);
  gradus_block block = {.name = name,
                        .role = GRADUS_ROLE_WEIGHT,
                        .rank = 1,
                        .shape = {size},
                        .fan_in = node->in.size,
                        .fan_out = node->out.size,
                        .penalty = -1};
  return gradus_params_add(params, &block, err);
}

static void start(const gradus_i_node *node, double *theta) {
  const gradus_layer_type *own = node->custom;
  if (!own->start || node->parameters == 0)
    return;
  memset(theta, 0, node->parameters * sizeof *theta);
  own->start(node->in.size, theta, own->data);
}

/* Of a call in float the six arrays in double, with room for alignment: two floats a double. */
static size_t keep_size(const gradus_i_node *node, size_t rows) {
  return 2 * (2 * rows * (node->in.size + node->out.size) + 2 * parameters_of(node) + 1);
}

static gradus_layer_call call_of(const gradus_i_layer_call *call) {
  const gradus_i_node *node = call->node;
  return (gradus_layer_call){.rows = call->rows,
                             .inputs = node->in.size,
                             .outputs = node->out.size,
                             .parameters = node->parameters,
                             .theta = call->theta,
                             .in = call->in[0],
                             .out = call->out,
                             .out_gradient = call->out_gradient,
                             .in_gradient = call->in_gradient[0],
                             .gradient = call->gradient,
                             .data = ((const gradus_layer_type *)node->custom)->data};
}

static void forward_d(const gradus_i_layer_call *call) {
  gradus_layer_call own = call_of(call);
  own.out_gradient = own.in_gradient = own.gradient = NULL;
  ((const gradus_layer_type *)call->node->custom)->forward(&own);
}

static void backward_d(const gradus_i_layer_call *call) {
  gradus_layer_call own = call_of(call);
  ((const gradus_layer_type *)call->node->custom)->backward(&own);
}

/* As rows do not depend on each other: row by row. */
static void rows_gradient(const gradus_i_layer_call *call, double *rows, size_t stride) {
  const gradus_layer_type *type = call->node->custom;
  gradus_layer_call own = call_of(call);
  own.rows = 1;
  own.in_gradient = NULL;
  for (size_t i = 0; i < call->rows; i++) {
    own.gradient = rows + i * stride;
    memset(own.gradient, 0, own.parameters * sizeof *own.gradient);
    type->backward(&own);
    own.in += own.inputs;
    own.out += own.outputs;
    own.out_gradient += own.outputs;
  }
}

/* ---- layers in float: through copies in double ---- */

static double *widen(double **next, const float *values, size_t count) {
  double *wide = *next;
  *next += count;
  for (size_t i = 0; i < count; i++)
    wide[i] = values ? (double)values[i] : 0;
  return wide;
}

static void narrow(float *values, const double *wide, size_t count, bool add) {
  for (size_t i = 0; values && i < count; i++)
    values[i] = (float)((add ? (double)values[i] : 0) + wide[i]);
}

/* The call with double arrays in `keep`. */
static gradus_layer_call wide_call(const gradus_i_layer_call *call, bool backward) {
  gradus_layer_call own = call_of(call);
  size_t ins = call->rows * own.inputs, outs = call->rows * own.outputs;
  double *next = (double *)(((uintptr_t)call->keep + 7) & ~(uintptr_t)7);
  own.theta = widen(&next, call->theta, own.parameters);
  own.in = widen(&next, call->in[0], ins);
  own.out = widen(&next, backward ? call->out : NULL, outs);
  own.out_gradient = backward ? widen(&next, call->out_gradient, outs) : NULL;
  own.in_gradient = backward && call->in_gradient[0] ? widen(&next, NULL, ins) : NULL;
  own.gradient = backward && call->gradient ? widen(&next, NULL, own.parameters) : NULL;
  return own;
}

static void forward_f(const gradus_i_layer_call *call) {
  gradus_layer_call own = wide_call(call, false);
  ((const gradus_layer_type *)call->node->custom)->forward(&own);
  narrow(call->out, own.out, own.rows * own.outputs, false);
}

static void backward_f(const gradus_i_layer_call *call) {
  gradus_layer_call own = wide_call(call, true);
  ((const gradus_layer_type *)call->node->custom)->backward(&own);
  if (own.in_gradient)
    narrow(call->in_gradient[0], own.in_gradient, own.rows * own.inputs, true);
  if (own.gradient)
    narrow(call->gradient, own.gradient, own.parameters, true);
}

const gradus_i_layer_type gradus_i_layer_custom = {.name = "custom",
                                                   .infer = infer,
                                                   .declare = declare,
                                                   .start = start,
                                                   .keep_size = keep_size,
                                                   .forward_d = forward_d,
                                                   .forward_f = forward_f,
                                                   .backward_d = backward_d,
                                                   .backward_f = backward_f,
                                                   .rows_gradient = rows_gradient};
