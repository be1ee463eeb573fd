// SPDX-License-Identifier: GPL-3.0-or-later
/* What a fit keeps of a network: allocation, outputs of rows, and the answers to questions. */
#include "../layer/custom.h"
#include "network.h"

#include <math.h>
#include <string.h>

gradus_i_network_fit *gradus_i_network_fit_new(void) {
  gradus_i_network_fit *made = gradus_i_allocate(1, sizeof *made);
  if (made)
    for (size_t set = 0; set < GRADUS_I_NETWORK_SETS; set++)
      made->metrics[set] =
          (gradus_network_metrics){.loss = NAN, .accuracy = NAN, .rmse = NAN, .r_squared = NAN};
  return made;
}

void gradus_i_network_fit_free(gradus_i_network_fit *made) {
  if (!made)
    return;
  gradus_i_network_free(made->network);
  gradus_i_release(made->sequences.id);
  gradus_i_release(made->sequences.time);
  gradus_i_release(made->units.centre);
  gradus_i_release(made->units.middle);
  gradus_i_release(made->kept.folded.centre);
  gradus_i_release(made->kept.folded.middle);
  gradus_i_release(made->kept.memory.values);
  gradus_i_release(made->history);
  gradus_i_release(made->known);
  gradus_i_network_errors_free(made->errors);
  gradus_i_release(made->no_errors);
  gradus_i_release(made->effect);
  gradus_i_release(made);
}

bool gradus_i_network_is_deep(const gradus_i_network *network) {
  const gradus_i_node *last = &network->nodes[network->count - 1];
  return network->count != 2 || last->type != &gradus_i_layer_dense || last->each;
}

/* ---- outputs ---- */

enum { BLOCK = 128 };

size_t gradus_i_network_outputs_scratch(const gradus_i_network *network) {
  return gradus_i_tape_size(network, GRADUS_I_DOUBLE, BLOCK) + BLOCK * network->inputs;
}

void gradus_i_network_outputs(const gradus_i_network *network, const double *theta,
                              const gradus_batch *batch, double *outputs, double *scratch) {
  size_t p = network->inputs, k = gradus_i_network_output(network)->size;
  double *x = scratch;
  gradus_i_tape tape;
  gradus_i_tape_open(&tape, network, GRADUS_I_DOUBLE, BLOCK, false, scratch + BLOCK * p);
  tape.theta = theta;
  tape.x = x;
  for (size_t first = 0; first < batch->rows; first += BLOCK) {
    size_t rows = batch->rows - first < BLOCK ? batch->rows - first : BLOCK;
    for (size_t i = 0; i < rows; i++)
      memcpy(x + i * p, batch->x + (first + i) * batch->x_stride, p * sizeof *x);
    tape.rows = rows;
    memcpy(outputs + first * k, gradus_i_tape_forward(&tape), rows * k * sizeof *outputs);
  }
}

/* ---- questions ---- */

size_t gradus_fit_layers(const gradus_fit *fit) {
  return fit->network ? fit->network->network->count - 1 : 0;
}

static gradus_status check_index(const char *what, size_t index, size_t count, gradus_error *err) {
  if (index < count)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "there is no %s %zu: the fit has %zu",
                       what, index, count);
}

gradus_status gradus_fit_layer(const gradus_fit *fit, size_t index, gradus_layer *layer,
                               gradus_error *err) {
  gradus_status status = check_index("layer", index, gradus_fit_layers(fit), err);
  if (status > 0)
    return status;
  const gradus_i_node *node = &fit->network->network->nodes[index + 1];
  *layer = (gradus_layer){.name = node->name,
                          .type = gradus_i_node_type_name(node),
                          .activation = gradus_i_node_activation_name(node),
                          .inputs = node->in.size,
                          .outputs = node->out.size,
                          .input_rank = node->in.rank,
                          .output_rank = node->out.rank,
                          .parameters = node->parameters};
  for (size_t i = 0; i < GRADUS_I_SHAPE_MAX; i++) {
    layer->input_shape[i] = node->in.extent[i];
    layer->output_shape[i] = node->out.extent[i];
  }
  return GRADUS_OK;
}

size_t gradus_fit_epochs(const gradus_fit *fit) {
  return fit->network ? fit->network->epochs : 0;
}

gradus_status gradus_fit_epoch(const gradus_fit *fit, size_t index, gradus_epoch *epoch,
                               gradus_error *err) {
  gradus_status status = check_index("epoch", index, gradus_fit_epochs(fit), err);
  if (status <= 0)
    *epoch = fit->network->history[index];
  return status;
}

size_t gradus_fit_best_epoch(const gradus_fit *fit) {
  return fit->network ? fit->network->best_epoch : 0;
}

gradus_status gradus_fit_network_metrics(const gradus_fit *fit, gradus_set set,
                                         gradus_network_metrics *metrics, gradus_error *err) {
  if (!fit->network)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "a %s model is no network: gradus_evaluate tells how well it does",
                         fit->model);
  gradus_status status = check_index("set", (size_t)set, GRADUS_I_NETWORK_SETS, err);
  if (status <= 0)
    *metrics = fit->network->metrics[set];
  return status;
}
