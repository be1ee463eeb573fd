// SPDX-License-Identifier: GPL-3.0-or-later
/* A diagnosis whose findings a fit keeps among its warnings. */
#include "../model/network.h"
#include "diagnose.h"

enum { ROWS = 4096 };

/* Evenly spaced rows of a long source; *sample NULL: it is short, or a stream. */
static gradus_status take_sample(gradus_source **sample, const gradus_source *source,
                                 gradus_error *err) {
  size_t rows = gradus_source_get_shape(source)->rows;
  *sample = NULL;
  if (rows <= ROWS || !gradus_source_random_access(source))
    return GRADUS_OK;
  size_t *positions = gradus_i_allocate_raw(ROWS, sizeof *positions);
  if (!positions)
    return gradus_i_out_of_memory(err);
  double apart = (double)rows / ROWS;
  for (size_t i = 0; i < ROWS; i++)
    positions[i] = (size_t)(apart * (double)i);
  return gradus_i_pick_rows(sample, source, positions, ROWS, err);
}

gradus_status gradus_fit_set_diagnosis(gradus_fit *fit, const gradus_source *source, int threads,
                                       gradus_error *err) {
  gradus_source *sample = NULL;
  gradus_diagnosis *diagnosis = NULL;
  gradus_status status = take_sample(&sample, source, err);
  if (status <= 0)
    status = gradus_diagnose(&diagnosis, fit, sample ? sample : source, threads, err);
  gradus_source_free(sample);
  if (status > 0)
    return status;
  gradus_i_fit_forget(fit, GRADUS_WARNING_DIAGNOSIS);
  for (size_t i = 0; i < diagnosis->findings; i++)
    status = gradus_i_fit_warn(fit, err, GRADUS_WARNING_DIAGNOSIS, "%s", diagnosis->finding[i]);
  gradus_diagnosis_free(diagnosis);
  return status;
}
