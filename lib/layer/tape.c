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
  size_t bytes = network->count * (sizeof(gradus_i_tape_node) + sizeof(gradus_i_layer_call));
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

static void open_call(gradus_i_tape *tape, size_t i) {
  const gradus_i_node *node = &tape->network->nodes[i];
  gradus_i_layer_call *call = &tape->calls[i];
  *call = (gradus_i_layer_call){.node = node,
                                .out = tape->nodes[i].out,
                                .keep = tape->nodes[i].keep,
                                .out_gradient = tape->nodes[i].gradient};
  for (size_t k = 0; k < node->input_count; k++) {
    call->in[k] = tape->nodes[node->inputs[k]].out;
    tape->nodes[node->inputs[k]].consumers++;
  }
}

/* Whether node i is elementwise, of the one before it. */
static bool follows(const gradus_i_network *network, size_t i) {
  if (i < 2 || i >= network->count)
    return false;
  const gradus_i_node *node = &network->nodes[i];
  return node->type->elementwise && node->type->elementwise(node) && node->input_count == 1 &&
         node->inputs[0] == i - 1;
}

/* What of the calls goes together: an affine map and the activation on its outputs forward, and
   backward an affine map and the activation that made its inputs. */
static void open_order(gradus_i_tape *tape) {
  const gradus_i_network *network = tape->network;
  for (size_t i = 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    gradus_i_tape_node *from = &tape->nodes[node->inputs[0]];
    from->set = node->inputs[0] > 0 && from->consumers == 1 && node->type->sets_inputs &&
                node->input_count == 1;
  }
  for (size_t i = 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    gradus_i_tape_node *at = &tape->nodes[i];
    if (!node->type->columns || !node->type->parts)
      continue;
    while (follows(network, i + at->beyond + 1))
      at->beyond++;
    size_t j = i - 1;
    if (node->input_count == 1 && node->inputs[0] == j)
      for (; tape->nodes[j].set && follows(network, j); j--)
        at->below++;
  }
}

void gradus_i_tape_open(gradus_i_tape *tape, const gradus_i_network *network,
                        gradus_i_precision precision, size_t rows, double *memory) {
  *tape = (gradus_i_tape){
      .network = network, .precision = precision, .nodes = (gradus_i_tape_node *)(void *)memory};
  tape->calls = (gradus_i_layer_call *)(void *)(tape->nodes + network->count);
  double *next = memory + head_size(network);
  tape->nodes[0] = (gradus_i_tape_node){0};
  for (size_t i = 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    size_t out = doubles_of(precision, node->out.size * rows);
    tape->nodes[i] =
        (gradus_i_tape_node){.out = next, .gradient = next + out, .keep = next + 2 * out};
    next += 2 * out + doubles_of(precision, keep_size(node, rows));
    open_call(tape, i);
  }
  open_order(tape);
}

static const void *part_of(const gradus_i_tape *tape, const void *theta, size_t offset) {
  return (const char *)theta + offset * real_size(tape->precision);
}

/* The call of a node: in place, or for one of several threads as a copy in `own`. */
static gradus_i_layer_call *call_of(const gradus_i_tape *tape, size_t i, gradus_i_team team,
                                    gradus_i_layer_call *own) {
  gradus_i_layer_call *call = &tape->calls[i];
  const gradus_i_node *node = call->node;
  if (team.threads > 1) {
    *own = *call;
    call = own;
  }
  call->rows = tape->rows;
  call->theta = part_of(tape, tape->theta, node->theta);
  call->training = tape->training;
  call->seed = tape->seed + i;
  call->first = tape->first;
  call->gradient = NULL;
  call->part = call->parts = call->width = 0;
  call->fresh = call->in_fresh = false;
  for (size_t k = 0; k < node->input_count; k++) {
    call->in_gradient[k] = NULL;
    if (node->inputs[k] == 0)
      call->in[k] = tape->x;
  }
  return call;
}

void gradus_i_layer_part(const gradus_i_layer_call *call, size_t count, size_t *first,
                         size_t *end) {
  bool whole = call->parts <= 1; /* spared the divisions */
  *first = whole ? 0 : call->part * count / call->parts;
  *end = whole ? count : (call->part + 1) * count / call->parts;
}

static size_t count_parts(const gradus_i_tape *tape, size_t i) {
  const gradus_i_node *node = &tape->network->nodes[i];
  return node->type->parts ? node->type->parts(node, tape->rows) : 1;
}

typedef void layer_function(const gradus_i_layer_call *call);

static layer_function *forward_of(const gradus_i_tape *tape, size_t i) {
  const gradus_i_layer_type *type = tape->network->nodes[i].type;
  return tape->precision == GRADUS_I_FLOAT ? type->forward_f : type->forward_d;
}

static layer_function *backward_of(const gradus_i_tape *tape, size_t i) {
  const gradus_i_layer_type *type = tape->network->nodes[i].type;
  return tape->precision == GRADUS_I_FLOAT ? type->backward_f : type->backward_d;
}

/* Makes the call of an elementwise node one for the columns of another's part. */
static void take_columns(gradus_i_layer_call *call, const gradus_i_layer_call *of, bool of_inputs) {
  call->parts = 1;
  if (of->parts <= 1)
    return;
  call->width = of->node->type->columns(of->node, of_inputs);
  gradus_i_layer_part(of, call->width, &call->first_column, &call->end_column);
}

/* A node's parts that fall to this thread of a team, and those that go with it. */
static void forward_parts(const gradus_i_tape *tape, size_t i, size_t parts, gradus_i_team team) {
  gradus_i_layer_call own, other, *call = call_of(tape, i, team, &own);
  size_t step = team.threads > 1 ? team.threads : 1, end = i + tape->nodes[i].beyond;
  call->parts = parts;
  for (call->part = team.thread; call->part < parts; call->part += step) {
    forward_of(tape, i)(call);
    for (size_t j = i + 1; j <= end; j++) {
      gradus_i_layer_call *beyond = call_of(tape, j, team, &other);
      take_columns(beyond, call, false);
      forward_of(tape, j)(beyond);
    }
  }
}

/* Threads wait for each other but where what comes next is the first thread's alone, as what was.
 */
void *gradus_i_tape_forward_in(gradus_i_tape *tape, gradus_i_team team) {
  size_t count = tape->network->count;
  for (size_t i = 1, next; i < count; i = next) {
    size_t parts = count_parts(tape, i);
    next = i + 1 + tape->nodes[i].beyond;
    forward_parts(tape, i, parts, team);
    if (parts > 1 || (next < count && count_parts(tape, next) > 1))
      gradus_i_team_wait(team);
  }
  return tape->nodes[count - 1].out;
}

void *gradus_i_tape_forward(gradus_i_tape *tape) {
  return gradus_i_tape_forward_in(tape, (gradus_i_team){0});
}

/* Derivatives by the outputs of all nodes but the last are sums over their consumers; those of one
   consumer may be set by it. */
static void clear(const gradus_i_tape *tape, bool all) {
  for (size_t i = 1; i + 1 < tape->network->count; i++)
    if (all || !tape->nodes[i].set)
      memset(tape->nodes[i].gradient, 0,
             tape->network->nodes[i].out.size * tape->rows * real_size(tape->precision));
}

void gradus_i_tape_clear(const gradus_i_tape *tape) {
  clear(tape, false);
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

static gradus_i_layer_call *backward_call_of(const gradus_i_tape *tape, size_t i, void *gradient,
                                             gradus_i_team team, gradus_i_layer_call *own) {
  gradus_i_layer_call *call = call_of(tape, i, team, own);
  call->gradient = (char *)gradient + call->node->theta * real_size(tape->precision);
  call->fresh = tape->fresh;
  call->in_fresh = tape->nodes[call->node->inputs[0]].set;
  want_inputs(tape, call);
  return call;
}

static void backward_parts(const gradus_i_tape *tape, gradus_i_layer_call *call, size_t i,
                           void *gradient, gradus_i_team team) {
  gradus_i_layer_call other;
  size_t step = team.threads > 1 ? team.threads : 1;
  for (call->part = team.thread; call->part < call->parts; call->part += step) {
    backward_of(tape, i)(call);
    for (size_t j = i - 1; j + tape->nodes[i].below >= i && wanted(tape, j); j--) {
      gradus_i_layer_call *below = backward_call_of(tape, j, gradient, team, &other);
      take_columns(below, call, true);
      backward_of(tape, j)(below);
    }
  }
}

void gradus_i_tape_backward_in(gradus_i_tape *tape, gradus_i_team team, void *gradient) {
  size_t last = tape->network->count - 1;
  if (count_parts(tape, last) > 1)
    gradus_i_team_wait(team);
  for (size_t i = last, next; i > 0; i = next) {
    gradus_i_layer_call own, *call = backward_call_of(tape, i, gradient, team, &own);
    next = i - 1 - tape->nodes[i].below;
    call->parts = count_parts(tape, i);
    if (tape->fresh && !call->node->type->parts && team.thread == 0)
      memset(call->gradient, 0, call->node->parameters * real_size(tape->precision));
    if (wanted(tape, i))
      backward_parts(tape, call, i, gradient, team);
    if (call->parts > 1 || next == 0 || count_parts(tape, next) > 1)
      gradus_i_team_wait(team);
    reduce(tape, call, team);
  }
}

void gradus_i_tape_backward(gradus_i_tape *tape, void *gradient) {
  gradus_i_tape_clear(tape);
  gradus_i_tape_backward_in(tape, (gradus_i_team){0}, gradient);
}

void gradus_i_tape_collect(const gradus_i_tape *tape, double *theta) {
  for (size_t i = 1; i < tape->network->count; i++) {
    const gradus_i_layer_call *call = call_of(tape, i, (gradus_i_team){0}, NULL);
    const gradus_i_layer_type *type = call->node->type;
    if (tape->precision == GRADUS_I_FLOAT && type->collect_f)
      type->collect_f(call, theta + call->node->theta);
    else if (tape->precision == GRADUS_I_DOUBLE && type->collect_d)
      type->collect_d(call, theta + call->node->theta);
  }
}

void gradus_i_tape_rows_gradient(gradus_i_tape *tape, double *rows, size_t stride) {
  clear(tape, true);
  for (size_t i = tape->network->count - 1; i > 0; i--) {
    gradus_i_layer_call *call = call_of(tape, i, (gradus_i_team){0}, NULL);
    if (call->node->parameters > 0)
      call->node->type->rows_gradient(call, rows + call->node->theta, stride);
    want_inputs(tape, call);
    if (wanted(tape, i))
      call->node->type->backward_d(call); /* without `gradient`: the inputs' derivatives alone */
  }
}

bool gradus_i_network_has_rows_gradient(const gradus_i_network *network) {
  for (size_t i = 1; i < network->count; i++)
    if (network->nodes[i].parameters > 0 && !network->nodes[i].type->rows_gradient)
      return false;
  return true;
}
