// SPDX-License-Identifier: GPL-3.0-or-later
/* Batch norm (Ioffe, Szegedy 2015): y = w (x - mean)/√(variance + ε) + b, for each feature (of the
   last dimension) over the batch. As PyTorch has it: training takes the batch's mean and biased
   variance; prediction the running ones, which a training batch moves by `momentum` towards its
   mean and its unbiased variance. A batch of a single value has no variance: its output is b, and
   it leaves the running ones alone. Case weights do not enter.

   Blocks NAME.weight (starts at 1), NAME.bias, and NAME.running_mean, NAME.running_var (start at 0
   and 1), which are frozen. Forward sees θ as const and leaves the batch's moments in `keep`;
   gradus_i_tape_collect takes them into θ. */
#include "layer.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { PIECE = 64 };

static const gradus_i_layer_option options[] = {
    {"epsilon", GRADUS_I_OPTION_REAL, offsetof(gradus_i_node, epsilon)},
    {"momentum", GRADUS_I_OPTION_REAL, offsetof(gradus_i_node, momentum)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  if (node->epsilon == 0)
    node->epsilon = 1e-5;
  if (node->momentum == 0)
    node->momentum = 0.1;
  if (!(node->epsilon > 0))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the batch_norm layer \"%s\" has the epsilon %g: it must be above 0",
                         node->name, node->epsilon);
  if (!(node->momentum > 0 && node->momentum <= 1))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the batch_norm layer \"%s\" has the momentum %g: it must be above 0 and "
                         "at most 1",
                         node->name, node->momentum);
  node->out = inputs[0];
  return GRADUS_OK;
}

static gradus_status declare(const gradus_i_node *node, gradus_params *params, gradus_error *err) {
  static const struct {
    const char *name;
    gradus_role role;
    bool frozen;
  } blocks[] = {{"weight", GRADUS_ROLE_WEIGHT, false},
                {"bias", GRADUS_ROLE_BIAS, false},
                {"running_mean", GRADUS_ROLE_BIAS, true},
                {"running_var", GRADUS_ROLE_BIAS, true}};
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < sizeof blocks / sizeof *blocks; i++)
    status = gradus_i_node_vector(node, blocks[i].name, blocks[i].role,
                                  gradus_i_node_features(node), blocks[i].frozen, params, err);
  return status;
}

static void start(const gradus_i_node *node, double *theta) {
  size_t n = gradus_i_node_features(node);
  for (size_t j = 0; j < n; j++) {
    theta[j] = theta[3 * n + j] = 1;
    theta[n + j] = theta[2 * n + j] = 0;
  }
}

static size_t keep_size(const gradus_i_node *node, size_t rows) {
  (void)rows;
  return 3 * gradus_i_node_features(node);
}

/* Values of one feature in the batch. */
static size_t count_of(const gradus_i_layer_call *call) {
  return call->rows * (call->node->in.size / gradus_i_node_features(call->node));
}

/* With the running moments held; in training a row has no derivatives of its own. */
static void rows_gradient(const gradus_i_layer_call *call, double *rows, size_t stride) {
  size_t n = gradus_i_node_features(call->node), runs = call->node->in.size / n;
  const double *x = call->in[0], *dy = call->out_gradient, *mean = call->keep;
  const double *scale = mean + 2 * n;
  for (size_t i = 0; i < call->rows; i++) {
    double *row = rows + i * stride;
    memset(row, 0, 4 * n * sizeof *row);
    for (size_t at = i * runs * n; at < (i + 1) * runs * n; at++) {
      row[at % n] += dy[at] * (x[at] - mean[at % n]) * scale[at % n];
      row[n + at % n] += dy[at];
    }
  }
}

#define TEMPLATE "batch_norm_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_batch_norm = {.name = "batch_norm",
                                                       .options = options,
                                                       .infer = infer,
                                                       .declare = declare,
                                                       .start = start,
                                                       .keep_size = keep_size,
                                                       .forward_d = forward_d,
                                                       .forward_f = forward_f,
                                                       .backward_d = backward_d,
                                                       .passes = true,
                                                       .backward_f = backward_f,
                                                       .rows_gradient = rows_gradient,
                                                       .collect_d = collect_d,
                                                       .collect_f = collect_f,
                                                       .mixes_rows = true};
