// SPDX-License-Identifier: GPL-3.0-or-later
/* The profile of a deviance: its least value with one coefficient held fast. */
#ifndef GRADUS_INFERENCE_PROFILE_H
#define GRADUS_INFERENCE_PROFILE_H

#include "../solver/firth.h"
#include "internal.h"

typedef struct gradus_i_profile {
  const gradus_fit *fit;
  const gradus_source *rows; /* those of the fit, of one response */
  gradus_i_irls_options options;
  double dispersion;
  /* Of the present coefficient: */
  size_t j;
  gradus_i_fixed fixed;
  bool *keep;            /* p */
  gradus_source *source; /* with the coefficient in its offset */
  size_t width;          /* the other coefficients */
  double *start;         /* q: the others (Firth: all) at the value `at`, */
  double *slope;         /* q: and how they follow the coefficient */
  double *guess;         /* q */
  double at;
} gradus_i_profile;

gradus_status gradus_i_profile_open(gradus_i_profile *p, const gradus_fit *fit,
                                    const gradus_source *rows, gradus_error *err);
void gradus_i_profile_close(gradus_i_profile *p);
/* Turns to a coefficient that is not dropped. */
gradus_status gradus_i_profile_choose(gradus_i_profile *p, size_t j, gradus_error *err);
/* Rise of the deviance over the dispersion with the coefficient at a value; Inf where no estimates
   of the others were found. */
gradus_status gradus_i_profile_rise(gradus_i_profile *p, double value, double *rise,
                                    gradus_error *err);

/* The value below (side -1) or above (+1) the estimate where the rise is target²; infinite if there
   is none, NaN if it was not found. step: a first distance to look at. */
gradus_status gradus_i_profile_limit(gradus_i_profile *p, int side, double target, double step,
                                     double *limit, gradus_error *err);

#endif
