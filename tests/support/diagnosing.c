// SPDX-License-Identifier: GPL-3.0-or-later
#include "diagnosing.h"

#include <string.h>

void diagnosed_fit(diagnosed *m, const gradus_network_options *options) {
  gradus_error err = {0};
  gradus_source_from_matrix(&m->source, m->x, m->y, m->weights, GRADUS_WEIGHT_PRIOR, NULL, NULL);
  CU_ASSERT_TRUE(gradus_network_fit_matrix(&m->fit, m->x, m->y, m->weights, options, &err) <= 0);
  CU_ASSERT_TRUE_FATAL(m->source && m->fit);
}

void diagnosed_clear(diagnosed *m) {
  gradus_source_free(m->source);
  gradus_fit_free(m->fit);
  gsl_matrix_free(m->x);
  gsl_matrix_free(m->y);
  gsl_vector_free(m->weights);
}

gradus_diagnosis *diagnose(const diagnosed *m) {
  gradus_diagnosis *d = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_diagnose(&d, m->fit, m->source, 1, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(d);
  return d;
}

void diagnose_without_memory(const diagnosed *m) {
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_diagnosis *d = NULL;
    run.status = gradus_diagnose(&d, m->fit, m->source, 1, NULL);
    gradus_diagnosis_free(d);
  }
}

bool says(const gradus_diagnosis *d, const char *text) {
  for (size_t i = 0; i < d->findings; i++)
    if (strstr(d->finding[i], text))
      return true;
  return false;
}

double *block_of(const diagnosed *m, const char *name, size_t *size) {
  gradus_params *params = (gradus_params *)gradus_fit_params(m->fit);
  const gradus_block *block = gradus_params_find(params, name);
  CU_ASSERT_PTR_NOT_NULL_FATAL(block);
  if (size)
    *size = block->size;
  return gradus_params_values(params) + block->offset;
}
