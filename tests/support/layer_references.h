// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks beside what PyTorch has for them: tables (case, quantity, value) below
   tests/data/layers, where values of one quantity stand together. */
#ifndef GRADUS_TESTS_LAYER_REFERENCES_H
#define GRADUS_TESTS_LAYER_REFERENCES_H

#include "../../lib/layer/build.h"
#include "table.h"

/* The network of an architecture; ends the test if there is none. */
gradus_i_network *reference_network(const char *architecture, size_t inputs, size_t outputs);

/* Numbers in a precision (values NULL: zeros), to be freed; and one of them. */
void *reference_reals(gradus_i_precision precision, const double *values, size_t count);
double reference_real_at(gradus_i_precision precision, const void *values, size_t i);

/* The values of a case's quantity; *count: how many. */
const double *reference_find(const gradus_frame *table, const char *name, const char *quantity,
                             size_t *count);

typedef struct reference_case {
  const char *name, *architecture;
  size_t rows, inputs, outputs;
  bool training;
} reference_case;
/* Compares outputs and all derivatives, and in training θ after the batch. */
void reference_check(const gradus_frame *table, const reference_case *c,
                     gradus_i_precision precision);
/* Whether the rows' own derivatives add up to those of the batch. */
void reference_check_rows(const reference_case *c);

#endif
