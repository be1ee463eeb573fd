// SPDX-License-Identifier: GPL-3.0-or-later
/* Forward and backward through the nodes of a network over one block of rows. */
#include "layer.h"

#include <string.h>

static size_t real_size(const gradus_i_tape *tape) {
  return tape->precision == GRADUS_I_FLOAT ? sizeof(float) : sizeof(double);
}

static const void *part_of(const gradus_i_tape *tape, const void *theta, size_t offset) {
  return (const char *)theta + offset * real_size(tape);
}

/* The call of a node: in place, or where several threads or strips have theirs as a copy in `own`.
 */
static gradus_i_layer_call *call_of(const gradus_i_tape *tape, size_t i, gradus_i_layer_call *own) {
  gradus_i_layer_call *call = &tape->calls[i];
  const gradus_i_node *node = call->node;
  if (own) {
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
  call->after = call->in_room = call->out_room = 0;
  call->fresh = call->in_fresh = false;
  call->begins = true;
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

static size_t parts_of(const gradus_i_tape *tape, size_t i) {
  const gradus_i_node *node = &tape->steps[i];
  return node->type->parts ? node->type->parts(node, tape->rows) : 1;
}

/* Of nodes that take rows by themselves and go together. */
static size_t count_row_parts(const gradus_i_tape *tape, size_t first, size_t last) {
  size_t most = 1, room = tape->rows;
  for (size_t i = first; i <= last; i++) {
    size_t parts = parts_of(tape, i);
    most = parts > most ? parts : most;
    if (tape->steps[i].type->reduce_d && parts < room)
      room = parts;
  }
  return most < room ? most : room > 0 ? room : 1;
}

static bool is_by_rows(const gradus_i_tape *tape, size_t i) {
  return tape->steps[i].type->by_rows;
}

/* Parts of what begins with node i forward, and backward. */
static size_t forward_parts(const gradus_i_tape *tape, size_t i) {
  return is_by_rows(tape, i) ? count_row_parts(tape, i, i + tape->nodes[i].beyond)
                             : parts_of(tape, i);
}

static size_t backward_parts(const gradus_i_tape *tape, size_t i) {
  return is_by_rows(tape, i) ? count_row_parts(tape, i - tape->nodes[i].below, i)
                             : parts_of(tape, i);
}

typedef void layer_function(const gradus_i_layer_call *call);

static layer_function *forward_of(const gradus_i_tape *tape, size_t i) {
  const gradus_i_layer_type *type = tape->steps[i].type;
  return tape->precision == GRADUS_I_FLOAT ? type->forward_f : type->forward_d;
}

static layer_function *backward_of(const gradus_i_tape *tape, size_t i) {
  const gradus_i_layer_type *type = tape->steps[i].type;
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

/* ---- rows: strips of a part through all nodes that go together ---- */

typedef struct strip {
  size_t part, parts, first, rows;
  bool begins;
  size_t after; /* rows of the part that come after */
} strip;

/* The strip of `rows` from `at` on, of the part first .. end - 1. */
static strip cut(strip s, size_t rows, size_t at, size_t first, size_t end) {
  s.first = at;
  s.rows = end - at < rows ? end - at : rows;
  s.begins = at == first;
  s.after = end - at - s.rows;
  return s;
}

/* Where a strip's values of a step begin, in bytes, among those of all rows or by slots. */
static size_t begin_of(const gradus_i_tape *tape, size_t step, bool passing, const strip *s) {
  size_t values =
      passing ? s->part * gradus_i_tape_slot(tape, step) : s->first * tape->steps[step].out.size;
  return values * real_size(tape);
}

static size_t room_of(const gradus_i_tape *tape, size_t step, bool passing, const strip *s) {
  return passing ? GRADUS_I_ROOM : s->after * tape->steps[step].out.size;
}

/* Moves the pointers of step i's call to the strip's first row. */
static void take_strip(const gradus_i_tape *tape, size_t i, gradus_i_layer_call *call,
                       const strip *s, bool back) {
  const gradus_i_node *node = call->node;
  const gradus_i_tape_node *at = &tape->nodes[i];
  call->part = s->part;
  call->parts = s->parts;
  call->rows = s->rows;
  call->first += s->first;
  call->begins = s->begins;
  call->after = s->after;
  call->out = (char *)call->out + begin_of(tape, i, at->passing, s);
  call->out_gradient = (char *)at->gradient + begin_of(tape, i, at->back_passing, s);
  call->out_room = room_of(tape, i, at->passing, s);
  if (node->type->keep_size && !node->type->reduce_d)
    call->keep = (char *)call->keep + node->type->keep_size(node, s->first) * real_size(tape);
  for (size_t k = 0; k < node->input_count; k++) {
    size_t from = node->inputs[k];
    const gradus_i_tape_node *in = &tape->nodes[from];
    call->in[k] = (const char *)call->in[k] + begin_of(tape, from, in->passing, s);
    if (call->in_gradient[k])
      call->in_gradient[k] =
          (char *)call->in_gradient[k] + begin_of(tape, from, in->back_passing, s);
  }
  size_t from = node->inputs[0];
  bool passing = back ? tape->nodes[from].back_passing : from > 0; /* what is read has room */
  call->in_room = room_of(tape, from, passing, s);
}

typedef void strip_function(const gradus_i_tape *tape, size_t node, const strip *s, void *gradient);

/* The parts of this thread of a team, by strips, or each at once where there is but one step. */
static void run_strips(const gradus_i_tape *tape, size_t i, size_t parts, bool alone,
                       void *gradient, gradus_i_team team, strip_function *function) {
  size_t step = team.threads > 1 ? team.threads : 1, all = tape->rows;
  strip s = {.part = team.thread, .parts = parts};
  for (; s.part < parts; s.part += step) {
    size_t first = s.part * all / parts, end = (s.part + 1) * all / parts;
    size_t rows = alone ? all : tape->strip;
    for (size_t at = first; at < end; at += rows) {
      strip now = cut(s, rows, at, first, end);
      function(tape, i, &now, gradient);
    }
  }
}

static void forward_strip(const gradus_i_tape *tape, size_t i, const strip *s, void *gradient) {
  (void)gradient;
  for (size_t j = i; j <= i + tape->nodes[i].beyond; j++) {
    gradus_i_layer_call own, *call = call_of(tape, j, &own);
    take_strip(tape, j, call, s, false);
    forward_of(tape, j)(call);
  }
}

/* ---- forward ---- */

/* A node's parts that fall to this thread of a team, and those that go with it. */
static void run_forward(const gradus_i_tape *tape, size_t i, size_t parts, gradus_i_team team) {
  if (is_by_rows(tape, i)) {
    run_strips(tape, i, parts, tape->nodes[i].beyond == 0, NULL, team, forward_strip);
    return;
  }
  gradus_i_layer_call own, other, *call = call_of(tape, i, team.threads > 1 ? &own : NULL);
  size_t step = team.threads > 1 ? team.threads : 1, end = i + tape->nodes[i].beyond;
  call->parts = parts;
  for (call->part = team.thread; call->part < parts; call->part += step) {
    forward_of(tape, i)(call);
    for (size_t j = i + 1; j <= end; j++) {
      gradus_i_layer_call *beyond = call_of(tape, j, team.threads > 1 ? &other : NULL);
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
    size_t parts = forward_parts(tape, i);
    next = i + 1 + tape->nodes[i].beyond;
    run_forward(tape, i, parts, team);
    if (parts > 1 || (next < count && forward_parts(tape, next) > 1))
      gradus_i_team_wait(team);
  }
  return tape->nodes[count - 1].out;
}

void *gradus_i_tape_forward(gradus_i_tape *tape) {
  return gradus_i_tape_forward_in(tape, (gradus_i_team){0});
}

/* ---- backward ---- */

/* Derivatives by the outputs of all nodes but the last are sums over their consumers; those of one
   consumer may be set by it. */
static void clear(const gradus_i_tape *tape, bool all) {
  for (size_t i = 1; i + 1 < tape->network->count; i++)
    if (all || !tape->nodes[i].set)
      memset(tape->nodes[i].gradient, 0, tape->steps[i].out.size * tape->rows * real_size(tape));
}

void gradus_i_tape_clear(const gradus_i_tape *tape) {
  clear(tape, false);
}

/* Whether anything is to be derived by a node's output. */
static bool wanted(const gradus_i_tape *tape, size_t i) {
  return tape->steps[i].learns || tape->nodes[0].gradient;
}

static void want_inputs(const gradus_i_tape *tape, gradus_i_layer_call *call) {
  for (size_t k = 0; k < call->node->input_count; k++) {
    size_t from = call->node->inputs[k];
    call->in_gradient[k] = wanted(tape, from) ? tape->nodes[from].gradient : NULL;
  }
}

static gradus_i_layer_call *backward_call_of(const gradus_i_tape *tape, size_t i, void *gradient,
                                             gradus_i_layer_call *own) {
  gradus_i_layer_call *call = call_of(tape, i, own);
  call->gradient = (char *)gradient + call->node->theta * real_size(tape);
  call->fresh = tape->fresh;
  call->in_fresh = tape->nodes[call->node->inputs[0]].set;
  want_inputs(tape, call);
  return call;
}

static void backward_strip(const gradus_i_tape *tape, size_t i, const strip *s, void *gradient) {
  for (size_t j = i; j + tape->nodes[i].below >= i && wanted(tape, j); j--) {
    gradus_i_layer_call own, *call = backward_call_of(tape, j, gradient, &own);
    take_strip(tape, j, call, s, true);
    backward_of(tape, j)(call);
  }
}

static void run_backward(const gradus_i_tape *tape, size_t i, size_t parts, void *gradient,
                         gradus_i_team team) {
  if (is_by_rows(tape, i)) {
    run_strips(tape, i, parts, tape->nodes[i].below == 0, gradient, team, backward_strip);
    return;
  }
  bool many = team.threads > 1;
  gradus_i_layer_call own, other, *call = backward_call_of(tape, i, gradient, many ? &own : NULL);
  call->parts = parts;
  for (call->part = team.thread; call->part < parts; call->part += many ? team.threads : 1) {
    backward_of(tape, i)(call);
    for (size_t j = i - 1; j + tape->nodes[i].below >= i && wanted(tape, j); j--) {
      gradus_i_layer_call *below = backward_call_of(tape, j, gradient, many ? &other : NULL);
      take_columns(below, call, true);
      backward_of(tape, j)(below);
    }
  }
}

/* What the parts of backward calls, all of them done, left is put together by the first thread. */
static void reduce(const gradus_i_tape *tape, size_t i, size_t parts, void *gradient,
                   gradus_i_team team) {
  size_t end = i - tape->nodes[i].below;
  bool reduces = false;
  for (size_t j = i; j >= end; j--) {
    const gradus_i_layer_type *type = tape->steps[j].type;
    void (*function)(const gradus_i_layer_call *) =
        tape->precision == GRADUS_I_FLOAT ? type->reduce_f : type->reduce_d;
    gradus_i_layer_call own, *call = function ? backward_call_of(tape, j, gradient, &own) : NULL;
    reduces = reduces || function;
    if (!function || team.thread > 0)
      continue;
    call->parts = parts;
    function(call);
  }
  if (reduces && end == 1)
    gradus_i_team_wait(team);
}

void gradus_i_tape_backward_in(gradus_i_tape *tape, gradus_i_team team, void *gradient) {
  size_t last = tape->network->count - 1;
  if (backward_parts(tape, last) > 1)
    gradus_i_team_wait(team);
  for (size_t i = last, next; i > 0; i = next) {
    const gradus_i_node *node = &tape->steps[i];
    size_t parts = backward_parts(tape, i);
    next = i - 1 - tape->nodes[i].below;
    if (tape->fresh && !node->type->parts && team.thread == 0)
      memset((char *)gradient + node->theta * real_size(tape), 0,
             node->parameters * real_size(tape));
    if (wanted(tape, i))
      run_backward(tape, i, parts, gradient, team);
    if (parts > 1 || next == 0 || backward_parts(tape, next) > 1)
      gradus_i_team_wait(team);
    reduce(tape, i, parts, gradient, team);
  }
}

void gradus_i_tape_backward(gradus_i_tape *tape, void *gradient) {
  gradus_i_tape_clear(tape);
  gradus_i_tape_backward_in(tape, (gradus_i_team){0}, gradient);
}

void gradus_i_tape_collect(const gradus_i_tape *tape, double *theta) {
  for (size_t i = 1; i < tape->network->count; i++) {
    const gradus_i_layer_call *call = call_of(tape, i, NULL);
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
    gradus_i_layer_call *call = call_of(tape, i, NULL);
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
