// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads what a generalised linear model's file says of its likelihood: its limit, where the
   response is separated, its profile, and Firth's prior. */
#include "internal.h"
#include "json_reader.h"
#include "model_file.h"

static const char *intervals_choice(size_t i) {
  return i <= GRADUS_INTERVALS_LR ? gradus_i_intervals_name((gradus_intervals)i) : NULL;
}

/* The limit of a separated response. The tensor is looked at first, so that the number in the text
   cannot ask for more memory than the file has bytes. */
static void read_limit(gradus_i_reader *r, gradus_fit *fit) {
  if (!gradus_i_reader_ok(r) || !json_object_get(r->root, "limit_dimensions"))
    return;
  size_t dimensions = gradus_i_reader_size(r, r->root, "limit_dimensions");
  if (gradus_i_reader_ok(r) && (dimensions < 1 || dimensions > fit->q))
    gradus_i_reader_refuse(r, "an impossible", "limit_dimensions");
  if (!gradus_i_reader_ok(r))
    return;
  const size_t shape[] = {3 + dimensions, fit->q};
  gradus_i_reader_tensor(r, GRADUS_I_TENSOR_LIMIT, 2, shape);
  if (gradus_i_reader_ok(r))
    r->status = gradus_i_limit_new(&fit->limit, fit->q, dimensions, r->err);
  if (gradus_i_reader_ok(r))
    gradus_i_reader_copy_tensor(r, fit->limit->rows, GRADUS_I_TENSOR_LIMIT, 2, shape);
}

static void read_profile(gradus_i_reader *r, gradus_fit *fit) {
  const size_t shape[] = {4, fit->q};
  if (!gradus_i_reader_ok(r) || !json_object_get(r->root, "interval_method"))
    return;
  fit->interval_method =
      (gradus_intervals)gradus_i_reader_choice(r, r->root, "interval_method", intervals_choice);
  fit->profile_level = gradus_i_reader_number(r, r->root, "interval_level");
  if (gradus_i_reader_ok(r) && !(fit->profile_level > 0 && fit->profile_level < 1))
    gradus_i_reader_refuse(r, "an impossible", "interval_level");
  if (gradus_i_reader_ok(r))
    gradus_i_reader_tensor(r, GRADUS_I_TENSOR_PROFILE, 2, shape);
  if (gradus_i_reader_ok(r) && fit->interval_method == GRADUS_INTERVALS_WALD)
    gradus_i_reader_refuse(r, "an impossible", "interval_method");
  if (!gradus_i_reader_ok(r))
    return;
  fit->profile = gradus_i_allocate(4 * fit->q, sizeof *fit->profile);
  if (fit->profile)
    gradus_i_reader_copy_tensor(r, fit->profile, GRADUS_I_TENSOR_PROFILE, 2, shape);
  else
    gradus_i_reader_out_of_memory(r);
}

void gradus_i_reader_likelihood(gradus_i_reader *r, gradus_fit *fit) {
  fit->firth = json_object_get(r->root, "firth_half_log_determinant") != NULL;
  if (fit->firth)
    fit->half_log_determinant = gradus_i_reader_number(r, r->root, "firth_half_log_determinant");
  read_limit(r, fit);
  read_profile(r, fit);
}
