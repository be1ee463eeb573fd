// SPDX-License-Identifier: GPL-3.0-or-later
#include "network_fits.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

gradus_fit *network_fit(const char *formula, const gradus_frame *frame,
                        const gradus_network_options *options) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_network_fit(&fit, formula, frame, options, &err), GRADUS_OK, &err);
  CU_ASSERT_STRING_EQUAL(err.message, "");
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  CU_ASSERT_STRING_EQUAL(gradus_fit_model(fit), "network");
  return fit;
}

gradus_network_options small_network(void) {
  static const size_t widths[] = {8, 4};
  return (gradus_network_options){.fit = {.max_iterations = 30, .seed = 3},
                                  .hidden = widths,
                                  .hidden_count = 2,
                                  .activation = "tanh",
                                  .validation = 0.25};
}

double worst_difference(const gradus_fit *a, const gradus_fit *b) {
  size_t size = gradus_params_size(gradus_fit_params(a));
  const double *x = gradus_params_const_values(gradus_fit_params(a));
  const double *y = gradus_params_const_values(gradus_fit_params(b));
  CU_ASSERT_EQUAL_FATAL(size, gradus_params_size(gradus_fit_params(b)));
  double worst = 0;
  for (size_t i = 0; i < size; i++)
    worst = fmax(worst, fabs(x[i] - y[i]));
  return worst;
}

void check_same_fitted(const gradus_prediction *a, const gradus_prediction *b, double tolerance) {
  CU_ASSERT_FATAL(a && b && a->rows == b->rows && a->columns == b->columns);
  for (size_t i = 0; i < a->rows * a->columns; i++)
    if (tolerance > 0)
      CHECK_CLOSE(a->fitted[i], b->fitted[i], tolerance);
    else
      CU_ASSERT(a->fitted[i] == b->fitted[i] || (isnan(a->fitted[i]) && isnan(b->fitted[i])));
}

void check_same_networks(const gradus_fit *a, const gradus_fit *b, const gradus_frame *frame,
                         double tolerance) {
  gradus_prediction *first = NULL, *second = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_predict(&first, a, frame, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_predict(&second, b, frame, NULL, &err), GRADUS_OK, &err);
  check_same_fitted(first, second, tolerance);
  gradus_prediction_free(first);
  gradus_prediction_free(second);
}

gradus_fit *network_reloaded(const gradus_fit *fit) {
  char path[64];
  gradus_fit *loaded = NULL;
  gradus_error err = {0};
  snprintf(path, sizeof path, "test_network_fits.%ld.tmp", (long)getpid());
  CHECK_STATUS(gradus_fit_save(fit, path, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_fit_load(&loaded, path, &err), GRADUS_OK, &err);
  remove(path);
  CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
  return loaded;
}

double *network_block(const gradus_fit *fit, const char *name) {
  gradus_params *params = (gradus_params *)(uintptr_t)gradus_fit_params(fit);
  const gradus_block *block = gradus_params_find(params, name);
  CU_ASSERT_PTR_NOT_NULL_FATAL(block);
  return gradus_params_values(params) + block->offset;
}
