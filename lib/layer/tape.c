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

void gradus_i_layer_part(const gradus_i_layer_call *call, size_t count, size_t *first,
                         size_t *end) {
  size_t parts = call->parts ? call->parts : 1;
  *first = call->part * count / parts;
  *end = (call->part + 1) * count / parts;
}

static size_t count_parts(const gradus_i_tape *tape, size_t i) {
  const gradus_i_node *node = &tape->network->nodes[i];
  return node->type->parts ? node->type->parts(node, tape->rows) : 1;
}

/* Runs the parts of a call (function NULL: nothing), or those that fall to this thread of a team,
   which then waits unless what comes next is the first thread's alone, as this was. */
static void run(const gradus_i_tape *tape, gradus_i_layer_call *call, gradus_i_team team,
                size_t next_parts, void (*function)(const gradus_i_layer_call *call)) {
  size_t step = team.threads > 1 ? team.threads : 1;
  call->parts = count_parts(tape, (size_t)(call->node - tape->network->nodes));
  for (call->part = team.thread; function && call->part < call->parts; call->part += step)
    function(call);
  if (call->parts > 1 || next_parts > 1)
    gradus_i_team_wait(team);
}

void *gradus_i_tape_forward_in(gradus_i_tape *tape, gradus_i_team team) {
  size_t count = tape->network->count;
  for (size_t i = 1; i < count; i++) {
    gradus_i_layer_call call = call_of(tape, i);
    const gradus_i_layer_type *type = call.node->type;
    run(tape, &call, team, i + 1 < count ? count_parts(tape, i + 1) : 1,
        tape->precision == GRADUS_I_FLOAT ? type->forward_f : type->forward_d);
  }
  return tape->nodes[count - 1].out;
}

void *gradus_i_tape_forward(gradus_i_tape *tape) {
  return gradus_i_tape_forward_in(tape, (gradus_i_team){0});
}

/* Derivatives by the outputs of all nodes but the last are sums over their consumers. */
void gradus_i_tape_clear(const gradus_i_tape *tape) {
  for (size_t i = 1; i + 1 < tape->network->count; i++)
    memset(tape->nodes[i].gradient, 0,
           tape->network->nodes[i].out.size * tape->rows * real_size(tape->precision));
}

/* Whether anything is to be derived by a node's output. */
static bool wanted(const gradus_i_tape *tape, size_t i) {
  return tape->network->nodes[i].learns || tape->nodes[0].gradient;
}

static void want_inputs(const gradus_i_tape *tape, gradus_i_layer_call *call) {
  for (size_t k = 0; k < call->node->input_count; k++) {
    size_t from = call->node->inputs[k];
    call->in_gradient[k] = wanted(tape, from) ? tape->nodes[from].gradient : NULL;
  }
}

/* What the parts of a backward call, all of them done, left is put together by the first thread. */
static void reduce(const gradus_i_tape *tape, const gradus_i_layer_call *call, gradus_i_team team) {
  const gradus_i_layer_type *type = call->node->type;
  void (*function)(const gradus_i_layer_call *) =
      tape->precision == GRADUS_I_FLOAT ? type->reduce_f : type->reduce_d;
  if (function && team.thread == 0)
    function(call);
  if (function && call->node == &tape->network->nodes[1])
    gradus_i_team_wait(team);
}

void gradus_i_tape_backward_in(gradus_i_tape *tape, gradus_i_team team, void *gradient) {
  size_t last = tape->network->count - 1;
  if (count_parts(tape, last) > 1)
    gradus_i_team_wait(team);
  for (size_t i = last; i > 0; i--) {
    gradus_i_layer_call call = call_of(tape, i);
    const gradus_i_layer_type *type = call.node->type;
    call.gradient = (char *)gradient + call.node->theta * real_size(tape->precision);
    call.fresh = tape->fresh;
    if (tape->fresh && !type->parts && team.thread == 0)
      memset(call.gradient, 0, call.node->parameters * real_size(tape->precision));
    want_inputs(tape, &call);
    bool single = tape->precision == GRADUS_I_FLOAT;
    run(tape, &call, team, i > 1 ? count_parts(tape, i - 1) : SIZE_MAX,
        !wanted(tape, i) ? NULL
        : single         ? type->backward_f
                         : type->backward_d);
    reduce(tape, &call, team);
  }
}

void gradus_i_tape_backward(gradus_i_tape *tape, void *gradient) {
  gradus_i_tape_clear(tape);
  gradus_i_tape_backward_in(tape, (gradus_i_team){0}, gradient);
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
  gradus_i_tape_clear(tape);
  for (size_t i = tape->network->count - 1; i > 0; i--) {
    gradus_i_layer_call call = call_of(tape, i);
    if (call.node->parameters > 0)
      call.node->type->rows_gradient(&call, rows + call.node->theta, stride);
    want_inputs(tape, &call);
    if (wanted(tape, i))
      call.node->type->backward_d(&call); /* without `gradient`: the inputs' derivatives alone */
  }
}

bool gradus_i_network_has_rows_gradient(const gradus_i_network *network) {
  for (size_t i = 1; i < network->count; i++)
    if (network->nodes[i].parameters > 0 && !network->nodes[i].type->rows_gradient)
      return false;
  return true;
}
