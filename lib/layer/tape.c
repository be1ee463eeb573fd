// SPDX-License-Identifier: GPL-3.0-or-later
/* What a pass over one block of rows needs, and which layers go together in it; tape_run.c runs it.

   A lean tape keeps of what layers hand on within a strip of rows only what backward reads: the
   rest is written over by the next strip, in memory that stays in the cache. And it takes the
   largest values of a pooling before the rectifier that stands before it: the same numbers, of a
   fraction of the values. */
#include "layer.h"

#include <string.h>

static size_t real_size(gradus_i_precision precision) {
  return precision == GRADUS_I_FLOAT ? sizeof(float) : sizeof(double);
}

static size_t keep_size(const gradus_i_node *node, size_t rows) {
  return node->type->keep_size ? node->type->keep_size(node, rows) : 0;
}

/* Doubles that hold so many REALs, and room after them. */
static size_t doubles_of(gradus_i_precision precision, size_t reals) {
  size_t per_double = sizeof(double) / real_size(precision);
  return reals == 0 ? 0 : (reals + GRADUS_I_ROOM + per_double - 1) / per_double;
}

/* ---- steps: the nodes in the order in which they are done ---- */

/* Whether a lean tape does node i + 1 before node i. */
static bool is_swapped(const gradus_i_network *network, size_t i) {
  const gradus_i_node *node = &network->nodes[i], *next = node + 1;
  return i > 0 && i + 1 < network->count && node->type == &gradus_i_layer_activation &&
         node->activation->keeps_largest && next->type == &gradus_i_layer_max_pool &&
         next->inputs[0] == i && node->consumers == 1;
}

static void open_steps(gradus_i_tape *tape) {
  const gradus_i_network *network = tape->network;
  memcpy(tape->steps, network->nodes, network->count * sizeof *tape->steps);
  for (size_t i = 1; tape->lean && i < network->count; i++) {
    gradus_i_node *first = &tape->steps[i], *second = first + 1;
    if (!is_swapped(network, i))
      continue;
    *first = network->nodes[i + 1];
    *second = network->nodes[i];
    first->inputs[0] = second->inputs[0];
    first->consumers = second->consumers;
    second->inputs[0] = i;
    second->consumers = network->nodes[i + 1].consumers;
    second->in = second->out = first->out;
    i++;
  }
}

/* ---- which steps go together ---- */

/* Whether a step's one consumer sets the derivative by its output. */
static bool is_set(const gradus_i_tape *tape, size_t consumer) {
  const gradus_i_node *node = &tape->steps[consumer];
  size_t from = node->inputs[0];
  return from > 0 && tape->steps[from].consumers == 1 && node->type->sets_inputs &&
         node->input_count == 1;
}

static bool takes_the_one_before(const gradus_i_tape *tape, size_t i) {
  return i >= 2 && i < tape->network->count && tape->steps[i].input_count == 1 &&
         tape->steps[i].inputs[0] == i - 1;
}

static bool is_elementwise(const gradus_i_tape *tape, size_t i) {
  const gradus_i_node *node = &tape->steps[i];
  return node->type->elementwise && node->type->elementwise(node);
}

/* Whether i is elementwise, of the step before it. */
static bool follows(const gradus_i_tape *tape, size_t i) {
  return takes_the_one_before(tape, i) && is_elementwise(tape, i);
}

/* Whether step i takes rows by themselves and is the only one to take, of nothing else, those of
   the step before it, which does so too. */
static bool joins(const gradus_i_tape *tape, size_t i) {
  const gradus_i_node *at = &tape->steps[i];
  return takes_the_one_before(tape, i) && at->type->by_rows && at[-1].type->by_rows &&
         at[-1].consumers == 1;
}

static void open_rows(const gradus_i_tape *tape, size_t i) {
  gradus_i_tape_node *at = &tape->nodes[i];
  while (joins(tape, i + at->beyond + 1))
    at->beyond++;
  while (joins(tape, i - at->below) && tape->nodes[i - at->below - 1].set)
    at->below++;
}

/* An affine map and the activation on its outputs forward, and backward an affine map and the
   activation that made its inputs. */
static void open_columns(const gradus_i_tape *tape, size_t i) {
  gradus_i_tape_node *at = &tape->nodes[i];
  while (follows(tape, i + at->beyond + 1))
    at->beyond++;
  size_t j = i - 1;
  if (takes_the_one_before(tape, i))
    for (; tape->nodes[j].set && follows(tape, j); j--)
      at->below++;
}

/* Rows that go together, so that what is handed on fits the nearest cache. */
static size_t strip_of(const gradus_i_tape *tape) {
  enum { VALUES = 4096, ROWS = 64 };
  size_t values = VALUES / ROWS;
  for (size_t i = 2; i < tape->network->count; i++)
    if (joins(tape, i))
      values += tape->steps[i - 1].out.size;
  return values < VALUES ? VALUES / values : 1;
}

size_t gradus_i_tape_slot(const gradus_i_tape *tape, size_t step) {
  return tape->strip * tape->steps[step].out.size + GRADUS_I_ROOM;
}

static bool saves(const gradus_i_tape *tape, size_t i, size_t rows) {
  return GRADUS_I_PARTS_MAX * gradus_i_tape_slot(tape, i) < rows * tape->steps[i].out.size;
}

/* What backward does not read, of what a step hands on to the next of the same strip: where that
   saves memory. */
static void open_lean(const gradus_i_tape *tape, size_t rows) {
  size_t count = tape->network->count;
  for (size_t i = 1, next; i < count; i = next) {
    next = i + tape->nodes[i].beyond + 1;
    for (size_t j = i; tape->steps[i].type->by_rows && j + 1 < next; j++) {
      const gradus_i_node *at = &tape->steps[j], *to = at + 1;
      bool forgets =
          at->type->forgets_output && to->type->forgets_input && to->type->forgets_input(to);
      tape->nodes[j].passing = forgets && saves(tape, j, rows);
    }
  }
  for (size_t i = count - 1, next; i > 0; i = next) {
    next = i - 1 - tape->nodes[i].below;
    for (size_t j = next + 1; tape->steps[i].type->by_rows && j < i; j++)
      tape->nodes[j].back_passing = saves(tape, j, rows);
  }
}

static void open_order(gradus_i_tape *tape, size_t rows) {
  size_t count = tape->network->count;
  for (size_t i = 1; i < count; i++)
    if (is_set(tape, i))
      tape->nodes[tape->steps[i].inputs[0]].set = true;
  for (size_t i = 1; i < count; i++)
    if (tape->steps[i].type->by_rows)
      open_rows(tape, i);
    else if (tape->steps[i].type->columns && tape->steps[i].type->parts)
      open_columns(tape, i);
  tape->strip = strip_of(tape);
  if (tape->lean)
    open_lean(tape, rows);
}

/* ---- memory ---- */

static size_t head_size(const gradus_i_network *network) {
  size_t bytes = network->count *
                 (sizeof(gradus_i_tape_node) + sizeof(gradus_i_layer_call) + sizeof(gradus_i_node));
  return (bytes + sizeof(double) - 1) / sizeof(double);
}

/* REALs of a step's output, or of the derivative by it. */
static size_t values_of(const gradus_i_tape *tape, size_t i, size_t rows, bool passing) {
  return passing ? GRADUS_I_PARTS_MAX * gradus_i_tape_slot(tape, i)
                 : tape->steps[i].out.size * rows;
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
  const gradus_i_node *node = &tape->steps[i];
  gradus_i_layer_call *call = &tape->calls[i];
  *call = (gradus_i_layer_call){.node = node,
                                .out = tape->nodes[i].out,
                                .keep = tape->nodes[i].keep,
                                .out_gradient = tape->nodes[i].gradient};
  for (size_t k = 0; k < node->input_count; k++)
    call->in[k] = tape->nodes[node->inputs[k]].out;
}

static void open_memory(gradus_i_tape *tape, size_t rows, double *next) {
  for (size_t i = 1; i < tape->network->count; i++) {
    gradus_i_tape_node *at = &tape->nodes[i];
    at->out = next;
    next += doubles_of(tape->precision, values_of(tape, i, rows, at->passing));
    at->gradient = next;
    next += doubles_of(tape->precision, values_of(tape, i, rows, at->back_passing));
    at->keep = next;
    next += doubles_of(tape->precision, keep_size(&tape->steps[i], rows));
    open_call(tape, i);
  }
}

void gradus_i_tape_open(gradus_i_tape *tape, const gradus_i_network *network,
                        gradus_i_precision precision, size_t rows, bool lean, double *memory) {
  *tape = (gradus_i_tape){.network = network,
                          .precision = precision,
                          .lean = lean,
                          .nodes = (gradus_i_tape_node *)(void *)memory};
  tape->calls = (gradus_i_layer_call *)(void *)(tape->nodes + network->count);
  tape->steps = (gradus_i_node *)(void *)(tape->calls + network->count);
  memset(tape->nodes, 0, network->count * sizeof *tape->nodes);
  open_steps(tape);
  open_order(tape, rows);
  open_memory(tape, rows, memory + head_size(network));
}
