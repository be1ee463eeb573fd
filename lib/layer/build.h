// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks from a list of widths or from an architecture's JSON text (doc/network.md). */
#ifndef GRADUS_LAYER_BUILD_H
#define GRADUS_LAYER_BUILD_H

#include "layer.h"
#include <gradus/layer.h>

/* The fields of gradus_network_options; all zero: `output` alone. */
typedef struct gradus_i_build_options {
  const size_t *hidden;
  size_t hidden_count;
  const char *activation; /* NULL: "relu" */
  double dropout;
  const char *normalisation; /* NULL, "batch", "layer" */
  bool skip, residual;
  bool no_bias;             /* of the output */
  const char *architecture; /* JSON text in the place of those above; not both */
  const char *layers;       /* the same in short form (short_form.h), of which it is made */
  bool channels_first;      /* with layers: the input is C×H×W or C×L */
  gradus_i_shape input;     /* of a row; rank 0: its columns, or what the architecture says */
  bool lengths;             /* rows are sequences and end with their length */
  /* Of columns of the input; borrowed for the call. */
  const gradus_embedding *embeddings;
  size_t embedding_count;
  size_t most_parameters;      /* 0: any number; more are _TOO_LARGE */
  size_t steps;                /* outputs are wanted at each of so many steps; 0: once a row */
  const gradus_custom *custom; /* borrowed; NULL: none */
} gradus_i_build_options;

/* A network from `inputs` columns to `outputs` values, its θ at zero but for the norms
   (gradus_i_network_initialise). Of widths, each hidden layer N is
     hiddenN (dense), normalisationN, activationN, dropoutN, residualN (the sum with what came in,
     from the second layer on, where the widths are equal)
   as far as they are asked for; then output (dense), and with `skip` and hidden layers skip (dense,
   without a bias, of the network's input) and sum. Errors: _INVALID_ARGUMENT, _SHAPE,
   _OUT_OF_MEMORY, _UNSUPPORTED (an architecture, without jansson). */
gradus_status gradus_i_network_build(gradus_i_network **network, size_t inputs, size_t outputs,
                                     const gradus_i_build_options *options, gradus_error *err);

/* The network of options->architecture. The last layer must have `outputs` values a row (a step),
   and a dense layer "output" must be there. */
gradus_status gradus_i_network_from_json(gradus_i_network **network, size_t inputs, size_t outputs,
                                         const gradus_i_build_options *options, gradus_error *err);
/* A network of its input only, with the embeddings of its columns, as the options have it. */
gradus_status gradus_i_network_begin_input(gradus_i_network **network, size_t inputs,
                                           const gradus_i_build_options *options,
                                           gradus_error *err);
/* Appends the text that gradus_i_network_from_json makes the same network of: one line, without
   the numbers of inputs and outputs. */
gradus_status gradus_i_network_to_json(const gradus_i_network *network, gradus_i_text *text,
                                       gradus_error *err);

/* Sets type (and, for activations, the function) of a node by names, ours or the user's. Errors:
   _INVALID_ARGUMENT, listing those that there are. */
gradus_status gradus_i_node_set_type(gradus_i_node *node, const char *type,
                                     const gradus_custom *custom, gradus_error *err);
gradus_status gradus_i_node_set_activation(gradus_i_node *node, const char *activation,
                                           const gradus_custom *custom, gradus_error *err);

#endif
