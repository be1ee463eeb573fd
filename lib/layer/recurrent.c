// SPDX-License-Identifier: GPL-3.0-or-later
/* Recurrent layers as PyTorch has them (the simple one: Elman 1990; LSTM: Hochreiter, Schmidhuber
   1997, with forget gates; GRU: Cho et al. 2014, with the reset after the product). Input:
   sequences steps × features, and their lengths, if they have any. Output: the state after the last
   step, or after all of them; of both directions side by side, forward first.

   Blocks: weight_ih [gates·units, features], weight_hh [gates·units, units], bias [gates·units];
   gates in the order i, f, g, o (lstm) and r, z, n (gru). There is one bias where PyTorch has two
   that are added, but for the candidate of gru, whose part from the state is multiplied by r: its
   bias is bias_hn [units]. Of the backward direction: the same with _reverse. */
#include "recurrent.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define COMMON                                                                                     \
  {"units", GRADUS_I_OPTION_COUNT, offsetof(gradus_i_node, units)},                                \
      {"sequences", GRADUS_I_OPTION_FLAG, offsetof(gradus_i_node, all_states)},                    \
      {"bidirectional", GRADUS_I_OPTION_FLAG, offsetof(gradus_i_node, bidirectional)},             \
      {"truncate", GRADUS_I_OPTION_COUNT, offsetof(gradus_i_node, truncate)}, {                    \
    NULL, GRADUS_I_OPTION_FLAG, 0                                                                  \
  }
static const gradus_i_layer_option options[] = {COMMON};
static const gradus_i_layer_option simple_options[] = {
    {"activation", GRADUS_I_OPTION_ACTIVATION, offsetof(gradus_i_node, activation)}, COMMON};

static gradus_status check_shape(const gradus_i_node *node, const gradus_i_shape *input,
                                 gradus_error *err) {
  char shape[64];
  if (input->rank == 2)
    return GRADUS_OK;
  gradus_i_shape_text(shape, sizeof shape, input);
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the %s layer \"%s\" takes sequences of the shape steps x features: its "
                       "input has the shape %s%s",
                       node->type->name, node->name, shape,
                       input->rank == 1
                           ? "; a recurrent layer before hands on all of its states with "
                             "\"sequences\": true, columns of one feature are said as STEPSx1"
                           : "");
}

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  gradus_status status = gradus_i_node_check_count(node, node->units, "units", err);
  if (status <= 0)
    status = check_shape(node, &inputs[0], err);
  if (status > 0)
    return status;
  if (node->type == &gradus_i_layer_rnn && !node->activation)
    node->activation = gradus_i_activation_find("tanh");
  if (node->type == &gradus_i_layer_rnn && strcmp(node->activation->name, "tanh") != 0 &&
      strcmp(node->activation->name, "relu") != 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the rnn layer \"%s\" has the activation %s: it must be tanh or relu",
                         node->name, node->activation->name);
  size_t width = node->units * gradus_i_recurrent_directions(node);
  node->out = gradus_i_shape_of(width);
  if (node->all_states)
    node->out = (gradus_i_shape){
        .rank = 2, .extent = {inputs[0].extent[0], width, 1}, .size = inputs[0].extent[0] * width};
  return GRADUS_OK;
}

static gradus_status declare_run(const gradus_i_node *node, const char *end, gradus_params *params,
                                 gradus_error *err) {
  size_t p = gradus_i_node_features(node), n = node->units;
  const gradus_i_cell_form *form = gradus_i_cell_form_of(node);
  const gradus_i_node_block blocks[] = {
      {.name = "weight_ih",
       .role = GRADUS_ROLE_WEIGHT,
       .rank = 2,
       .shape = {form->gates * n, p},
       .fan_in = p},
      {.name = "weight_hh",
       .role = GRADUS_ROLE_WEIGHT,
       .rank = 2,
       .shape = {form->gates * n, n},
       .fan_in = n},
      {.name = "bias",
       .role = GRADUS_ROLE_BIAS,
       .rank = 1,
       .shape = {form->gates * n},
       .fan_in = p},
      {.name = "bias_hn", .role = GRADUS_ROLE_BIAS, .rank = 1, .shape = {n}, .fan_in = n}};
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < (form->apart ? 4 : 3); i++) {
    char name[32];
    gradus_i_node_block block = blocks[i];
    gradus_i_snprintf(name, sizeof name, "%s%s", block.name, end);
    block.name = name;
    block.fan_out = n; /* of a gate */
    status = gradus_i_node_declare(node, &block, params, err);
  }
  return status;
}

static gradus_status declare(const gradus_i_node *node, gradus_params *params, gradus_error *err) {
  gradus_status status = declare_run(node, "", params, err);
  return status > 0 || !node->bidirectional ? status : declare_run(node, "_reverse", params, err);
}

/* What a memory holds it holds at first (Jozefowicz, Zaremba, Sutskever 2015). */
static void start(const gradus_i_node *node, double *theta) {
  gradus_i_recurrent_blocks blocks = gradus_i_recurrent_blocks_of(node);
  size_t forget = gradus_i_cell_form_of(node)->forget, n = node->units;
  for (size_t d = 0; forget > 0 && d < gradus_i_recurrent_directions(node); d++)
    for (size_t j = 0; j < n; j++)
      theta[d * blocks.size + blocks.bias + forget * n + j] = 1;
}

static size_t keep_size(const gradus_i_node *node, size_t rows) {
  size_t part = gradus_i_recurrent_layout_of(node, gradus_i_recurrent_part_rows(node, rows)).part;
  return gradus_i_recurrent_parts(node, rows) * part + GRADUS_I_RECURRENT_LINE;
}

static bool whole(const gradus_i_node *node, size_t input, size_t *least, size_t *most) {
  if (input != 1)
    return false;
  *least = 1;
  *most = node->in.extent[0];
  return true;
}

/* One direction of one part of a call's rows. */
typedef struct run {
  const gradus_i_layer_call *call;
  const gradus_i_cell_form *form;
  gradus_i_cell cell;
  gradus_i_recurrent_layout at;
  gradus_i_recurrent_blocks blocks;
  size_t first, rows;             /* of the call's */
  size_t all_steps, steps;        /* those that there are, and those of the longest row */
  size_t piece;                   /* steps whose derivatives are taken together */
  size_t features, units, sums;   /* sums: values of a step, of a row */
  size_t direction, width, place; /* width of the output, and the direction's place there */
} run;

/* The state before step `time` and after it, in the states that are kept. */
static size_t before(const run *r, size_t time) {
  return (r->direction ? time + 1 : time) * r->rows * r->units;
}
static size_t after(const run *r, size_t time) {
  return (r->direction ? time : time + 1) * r->rows * r->units;
}

#define KERNELS NAME(gradus_i_recurrent_table)(gradus_i_instructions_best())
#define TEMPLATE "recurrent_forward_template.h"
#include "each_precision.h"
#define TEMPLATE "recurrent_backward_template.h"
#include "each_precision.h"

static void rows_gradient(const gradus_i_layer_call *call, double *rows, size_t stride) {
  for (size_t i = 0; i < call->rows; i++)
    memset(rows + i * stride, 0, call->node->parameters * sizeof *rows);
  derive_d(call, rows, stride);
}

/* ---- how far derivatives go back ---- */

/* What the outputs of the rows' last steps receive, where that is step `time`. */
static void take_last(const run *r, size_t time, double *carry) {
  const double *slopes = r->call->out_gradient;
  for (size_t i = 0; i < r->rows; i++) {
    size_t last = r->direction ? 0 : length_d(r, i) - 1, row = r->first + i;
    bool all = r->call->node->all_states;
    const double *slope =
        slopes + (all ? row * r->all_steps + time : row) * r->width + r->direction * r->units;
    for (size_t j = 0; time == last && j < r->units; j++)
      carry[i * r->units + j] += slope[j];
  }
}

static double square_of(const double *values, size_t count) {
  double square = 0;
  for (size_t j = 0; values && j < count; j++)
    square += values[j] * values[j];
  return square;
}

/* squares: of the call's first row, and of the direction. */
static void put_squares(const run *r, size_t time, const gradus_i_step_d *step, double *squares) {
  size_t apart = gradus_i_recurrent_directions(r->call->node) * r->all_steps, n = r->units;
  for (size_t i = 0; i < r->rows; i++) {
    size_t length = length_d(r, i), lag = r->direction ? time : length - 1 - time;
    const double *memory = step->memory_carry ? step->memory_carry + i * n : NULL;
    if (time < length)
      squares[(r->first + i) * apart + lag] =
          square_of(step->carry + i * n, n) + square_of(memory, n);
  }
}

/* As run_back_d goes, without derivatives by inputs and parameters. */
static void run_lags(const run *r, double *own, double *shared, double *squares) {
  const gradus_i_recurrent_d *kernels = gradus_i_recurrent_table_d(gradus_i_instructions_best());
  const double *theta = r->call->theta;
  size_t n = r->units, start_time = r->direction ? r->steps - 1 : 0;
  theta += r->direction * r->blocks.size;
  memset(shared + r->at.carry, 0, r->rows * n * sizeof *shared);
  if (r->form->memory)
    memset(shared + r->at.memory_carry, 0, r->rows * n * sizeof *shared);
  for (size_t i = 0; i < r->steps; i++) {
    size_t time = r->direction ? i : r->steps - 1 - i;
    gradus_i_step_d step = step_of_d(r, own, shared, time);
    step.slope = shared + r->at.slopes;
    take_last(r, time, step.carry);
    put_squares(r, time, &step, squares);
    if (time == start_time)
      return;
    kernels->backward[r->cell](&step);
    if (r->call->node->input_count > 1)
      quiet_rows_d(r, time, &step);
    kernels->multiply(r->rows, r->form->gates * n, n, step.slope, r->sums,
                      theta + r->blocks.weight_hh, n, step.carry, n);
  }
}

static void lag_squares(const gradus_i_layer_call *call, double *squares) {
  const gradus_i_node *node = call->node;
  size_t directions = gradus_i_recurrent_directions(node), steps = node->in.extent[0];
  size_t parts = gradus_i_recurrent_parts(node, call->rows);
  for (size_t i = 0; i < call->rows * directions * steps; i++)
    squares[i] = -1;
  for (size_t part = 0; part < parts; part++) {
    run r = run_of_d(call, part);
    double *kept = kept_d(&r, part);
    for (r.direction = 0; r.direction < directions; r.direction++)
      run_lags(&r, kept + r.direction * r.at.run, kept, squares + r.direction * steps);
  }
}

#define RECURRENT(its_name, its_options)                                                           \
  {                                                                                                \
    .name = its_name, .options = its_options, .infer = infer, .declare = declare, .start = start,  \
    .keep_size = keep_size, .forward_d = forward_d, .forward_f = forward_f,                        \
    .backward_d = backward_d, .backward_f = backward_f, .rows_gradient = rows_gradient,            \
    .parts = gradus_i_recurrent_parts, .reduce_d = reduce_d, .reduce_f = reduce_f, .whole = whole, \
    .orthogonal = "weight_hh", .takes_lengths = true, .lag_squares = lag_squares                   \
  }
const gradus_i_layer_type gradus_i_layer_rnn = RECURRENT("rnn", simple_options);
const gradus_i_layer_type gradus_i_layer_gru = RECURRENT("gru", options);
const gradus_i_layer_type gradus_i_layer_lstm = RECURRENT("lstm", options);
