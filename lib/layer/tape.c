// SPDX-License-Identifier: GPL-3.0-or-later
/* Forward and backward through the nodes of a network over one block of rows. */
#include "layer.h"

#include <string.h>

static size_t real_size(gradus_i_precision precision) {
  return precision == GRADUS_I_FLOAT ? sizeof(float) : sizeof(double);
}

static size_t keep_size(const gradus_i_node *node, size_t rows) {
  return node->type->keep_size ? node->type->keep_size(node, rows) : 0;
}

/* Doubles that hold so many REALs. */
static size_t doubles_of(gradus_i_precision precision, size_t reals) {
  size_t per_double = sizeof(double) / real_size(precision);
  return (reals + per_double - 1) / per_double;
}

static size_t head_size(const gradus_i_network *network) {
  size_t bytes = network->count * sizeof(gradus_i_tape_node);
  return (bytes + sizeof(double) - 1) / sizeof(double);
}

size_t gradus_i_tape_size(const gradus_i_network *network, gradus_i_precision precision,
                          size_t rows) {
  size_t size = head_size(network);
  for (size_t i = 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    size += 2 * doubles_of(precision, node->out.size * rows) +
            doubles_of(precision, keep_size(node, rows));
  }
  return size;
}

void gradus_i_tape_open(gradus_i_tape *tape, const gradus_i_network *network,
                        gradus_i_precision precision, size_t rows, double *memory) {
  *tape = (gradus_i_tape){
      .network = network, .precision = precision, .nodes = (gradus_i_tape_node *)(void *)memory};
  double *next = memory + head_size(network);
  tape->nodes[0] = (gradus_i_tape_node){0};
  for (size_t i = 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    size_t out = doubles_of(precision, node->out.size * rows);
    tape->nodes[i] =
        (gradus_i_tape_node){.out = next, .gradient = next + out, .keep = next + 2 * out};
    next += 2 * out + doubles_of(precision, keep_size(node, rows));
  }
}

static const void *part_of(const gradus_i_tape *tape, const void *theta, size_t offset) {
  return (const char *)theta + offset * real_size(tape->precision);
}

static gradus_i_layer_call call_of(const gradus_i_tape *tape, size_t i) {
  const gradus_i_node *node = &tape->network->nodes[i];
  gradus_i_layer_call call = {.node = node,
                              .rows = tape->rows,
                              .theta = part_of(tape, tape->theta, node->theta),
                              .out = tape->nodes[i].out,
                              .keep = tape->nodes[i].keep,
                              .out_gradient = tape->nodes[i].gradient,
                              .training = tape->training,
                              .seed = tape->seed + i,
                              .first = tape->first};
  for (size_t k = 0; k < node->input_count; k++)
    call.in[k] = node->inputs[k] == 0 ? tape->x : tape->nodes[node->inputs[k]].out;
  return call;
}

void *gradus_i_tape_forward(gradus_i_tape *tape) {
  size_t count = tape->network->count;
  for (size_t i = 1; i < count; i++) {
    gradus_i_layer_call call = call_of(tape, i);
    if (tape->precision == GRADUS_I_FLOAT)
      call.node->type->forward_f(&call);
    else
      call.node->type->forward_d(&call);
  }
  return tape->nodes[count - 1].out;
}

/* Derivatives by the outputs of all nodes but the last are sums over their consumers. */
static void clear_gradients(const gradus_i_tape *tape) {
  for (size_t i = 1; i + 1 < tape->network->count; i++)
    memset(tape->nodes[i].gradient, 0,
           tape->network->nodes[i].out.size * tape->rows * real_size(tape->precision));
}

static void want_inputs(const gradus_i_tape *tape, gradus_i_layer_call *call) {
  for (size_t k = 0; k < call->node->input_count; k++)
    call->in_gradient[k] = tape->nodes[call->node->inputs[k]].gradient; /* NULL for the input */
}

void gradus_i_tape_backward(gradus_i_tape *tape, void *gradient) {
  clear_gradients(tape);
  for (size_t i = tape->network->count - 1; i > 0; i--) {
    gradus_i_layer_call call = call_of(tape, i);
    call.gradient = (char *)gradient + call.node->theta * real_size(tape->precision);
    want_inputs(tape, &call);
    if (tape->precision == GRADUS_I_FLOAT)
      call.node->type->backward_f(&call);
    else
      call.node->type->backward_d(&call);
  }
}

void gradus_i_tape_collect(const gradus_i_tape *tape, double *theta) {
  for (size_t i = 1; i < tape->network->count; i++) {
    gradus_i_layer_call call = call_of(tape, i);
    const gradus_i_layer_type *type = call.node->type;
    if (tape->precision == GRADUS_I_FLOAT && type->collect_f)
      type->collect_f(&call, theta + call.node->theta);
    else if (tape->precision == GRADUS_I_DOUBLE && type->collect_d)
      type->collect_d(&call, theta + call.node->theta);
  }
}

void gradus_i_tape_rows_gradient(gradus_i_tape *tape, double *rows, size_t stride) {
  clear_gradients(tape);
  for (size_t i = tape->network->count - 1; i > 0; i--) {
    gradus_i_layer_call call = call_of(tape, i);
    if (call.node->parameters > 0)
      call.node->type->rows_gradient(&call, rows + call.node->theta, stride);
    want_inputs(tape, &call);
    call.node->type->backward_d(&call); /* without `gradient`: the inputs' derivatives alone */
  }
}

bool gradus_i_network_has_rows_gradient(const gradus_i_network *network) {
  for (size_t i = 1; i < network->count; i++)
    if (network->nodes[i].parameters > 0 && !network->nodes[i].type->rows_gradient)
      return false;
  return true;
}
