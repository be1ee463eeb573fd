// SPDX-License-Identifier: GPL-3.0-or-later
/* From the columns of a search for separation back to those of the data. */
#include "separation_internal.h"

#include <math.h>

/* Turns a direction for z into one for the data but for the (positive) scales of the inputs, and
   sets what is rounding error to 0. */
void gradus_i_search_unshift(const gradus_i_search *s, double *d) {
  if (!s->intercept)
    return;
  double sum = d[0], size = fabs(d[0]);
  for (size_t j = 1; j < s->m; j++) {
    double term = s->shift[j] / s->scale[j] * d[j];
    sum -= term;
    size += fabs(term);
  }
  d[0] = fabs(sum) > GRADUS_I_TOLERANCE_NULL * size ? sum : 0;
}

static gradus_status allocate_space(gradus_i_separation *result, size_t q, size_t dimensions,
                                    gradus_error *err) {
  result->dimensions = dimensions;
  result->centre = gradus_i_allocate(q, sizeof *result->centre);
  result->direction = gradus_i_allocate(q, sizeof *result->direction);
  result->space = gradus_i_allocate(q * dimensions, sizeof *result->space);
  return result->centre && result->direction && result->space ? GRADUS_OK
                                                              : gradus_i_out_of_memory(err);
}

/* N for the data less the present shift; report moves it to the shift of all rows. */
static void set_space(const gradus_i_search *s, const bool *dropped, size_t q,
                      gradus_i_separation *result) {
  for (size_t j = 0, at = 0; j < q; j++) {
    if (dropped && dropped[j])
      continue;
    result->centre[j] = s->shift[at];
    for (size_t k = 0; k < s->null_count; k++)
      result->space[k * q + j] = s->null[at + k * s->m] / s->scale[at];
    at++;
  }
}

gradus_status gradus_i_search_report_space(const gradus_i_search *s, const bool *dropped, size_t q,
                                           gradus_i_separation *result, gradus_error *err) {
  gradus_status status = allocate_space(result, q, s->null_count, err);
  if (status <= 0)
    set_space(s, dropped, q, result);
  return status;
}

/* Numbers, signs and rows for the caller, from those of the columns of z. */
void gradus_i_search_report(const gradus_i_search *s, const bool *dropped, const bool *finite,
                            size_t q, gradus_i_separation *result) {
  for (size_t j = 0, at = 0; j < q; j++) {
    if (dropped && dropped[j])
      continue;
    result->direction[j] = s->d[at] / s->scale[at];
    for (size_t k = 0; s->intercept && k < result->dimensions; k++)
      result->space[k * q] += (s->shift[at] - result->centre[j]) * result->space[k * q + j];
    result->centre[j] = s->shift[at++];
  }
  gradus_i_search_unshift(s, s->d);
  for (size_t j = 0, at = 0; j < q; j++) {
    if (dropped && dropped[j])
      continue;
    result->finite[j] = finite[at];
    if (!finite[at])
      result->sign[j] = (s->d[at] > 0) - (s->d[at] < 0);
    at++;
  }
  result->separated = true;
  result->complete = true;
  for (size_t i = 0; i < s->points->count; i++) {
    result->complete = result->complete && s->removed[i];
    if (s->removed[i] && (result->row == 0 || s->points->row[i] < result->row))
      result->row = s->points->row[i];
  }
}
