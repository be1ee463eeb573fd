// SPDX-License-Identifier: GPL-3.0-or-later
/* R's results for one model (tests/data/oracles/ID.json) and the bundled data that it was fitted
 * to. */
#ifndef GRADUS_TESTS_ORACLE_H
#define GRADUS_TESTS_ORACLE_H

#include "support.h"
#include <jansson.h>

typedef struct oracle {
  const char *id;
  json_t *json;
  gradus_frame *frame; /* factors have R's levels */
} oracle;

oracle oracle_open(const char *id);
void oracle_close(oracle *o);
const char *oracle_text(const oracle *o, const char *key);
/* Element i of an array, or a number; "Inf" is one, null is NaN. */
double oracle_number(const oracle *o, const char *key, size_t i);
double oracle_value(const json_t *value);
/* The generalised linear model, fitted by formula; it has converged. */
gradus_fit *oracle_fit_glm(const oracle *o);
/* The models that oracle_fit_glm fits; NULL ends them. */
extern const char *const oracle_glm_ids[];
/* Robust errors of every type against R's, to a tolerance, and where it has them against 50-digit
   arithmetic. */
void oracle_check_robust(const oracle *o, gradus_fit *fit, const gradus_source *source,
                         double of_r);
/* The rows to predict. */
gradus_frame *oracle_new_data(const oracle *o);

#endif
