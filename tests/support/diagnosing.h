// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks to be diagnosed, and what a diagnosis says. */
#ifndef GRADUS_TESTS_DIAGNOSING_H
#define GRADUS_TESTS_DIAGNOSING_H

#include "support.h"
#include <gradus/diagnosis.h>

/* A network and the rows it was fitted to. */
typedef struct diagnosed {
  gsl_matrix *x, *y;
  gsl_vector *weights; /* prior ones; NULL: none */
  gradus_source *source;
  gradus_fit *fit;
} diagnosed;

/* x, y and weights are there: adds their source and a fit. */
void diagnosed_fit(diagnosed *m, const gradus_network_options *options);
void diagnosed_clear(diagnosed *m);

/* To be freed with gradus_diagnosis_free. */
gradus_diagnosis *diagnose(const diagnosed *m);
/* Diagnoses with every allocation failing in turn. */
void diagnose_without_memory(const diagnosed *m);
/* One of the findings contains the text. */
bool says(const gradus_diagnosis *d, const char *text);

/* The values of a block, to be changed; size may be NULL. */
double *block_of(const diagnosed *m, const char *name, size_t *size);

#endif
