// SPDX-License-Identifier: GPL-3.0-or-later
/* Derivatives against differences. */
#ifndef GRADUS_LAYER_CHECK_GRADIENT_H
#define GRADUS_LAYER_CHECK_GRADIENT_H

#include "layer.h"
#include <gradus/layer.h>

/* A function of `size` numbers and its derivatives as somebody computed them. */
typedef struct gradus_i_checked {
  size_t size;
  double *at;               /* moved and put back */
  const double *derivative; /* size */
  const bool *skip;         /* size: entries that are not compared; NULL: none */
  double (*value)(const double *at, void *data);
  /* Names entry j; text of `length` bytes. */
  void (*name)(char *text, size_t length, size_t j, void *data);
  void *data;
} gradus_i_checked;

/* The worst entry. */
gradus_gradient_check gradus_i_check_derivatives(const gradus_i_checked *checked);

/* What a network is checked with. */
typedef struct gradus_i_network_check {
  const gradus_loss *loss; /* of the outputs; NULL: their sum with random factors */
  size_t rows;
  bool training;
  bool lean; /* of a lean tape */
  unsigned long seed;
} gradus_i_network_check;

/* The same by θ (but frozen blocks) and by the inputs, at a random start of the network's
   parameters, which it leaves changed. */
gradus_status gradus_i_check_network(gradus_gradient_check *check, gradus_i_network *network,
                                     const gradus_i_network_check *how, gradus_error *err);

#endif
