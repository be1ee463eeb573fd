// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of generalised linear models share: which solver finds the estimates, Firth's
   method, and the limit of a likelihood that has no maximum. */
#ifndef GRADUS_MODEL_GLM_H
#define GRADUS_MODEL_GLM_H

#include "../solver/irls.h"
#include "../solver/separation.h"
#include "iterate.h"

/* ---- glm_solve.c ---- */

/* By IRLS, or by the solver of objectives that the options name or a penalty asks for: then the
   weighted problem at its estimates tells the rest. Errors: of both; _INVALID_ARGUMENT (no such
   solver), _UNSUPPORTED (irls with a penalty). */
gradus_status gradus_i_glm_solve(gradus_i_irls **solution, const gradus_source *source,
                                 const gradus_i_irls_options *irls,
                                 const gradus_fit_options *options, gradus_error *err);

/* ---- glm_newton.c ---- */

/* Whether there are so many rows that Newton's method on them is the way to begin with. */
bool gradus_i_glm_is_long(const gradus_source *source, const gradus_i_irls_options *irls);
/* From the bias of the model without inputs. *solution is NULL, without an error, where
   it did not converge or would lose digits. */
gradus_status gradus_i_glm_newton(gradus_i_irls **solution, const gradus_source *source,
                                  const gradus_i_irls_options *irls, double bias,
                                  const gradus_fit_options *options, gradus_error *err);

/* ---- firth.c ---- */

/* Firth's estimates. Errors: also _UNSUPPORTED (what Firth's method is not for). */
gradus_status gradus_i_glm_firth(gradus_i_irls **solution, const gradus_source *source,
                                 const gradus_i_irls_options *irls_options,
                                 const gradus_fit_options *options, gradus_error *err);
/* Marks a fit that has such a solution as Firth's. */
void gradus_i_take_firth(gradus_fit *fit, const gradus_i_irls *irls);

/* ---- glm_watch.c ---- */

/* Takes the start and the progress function of the fit's options into those of scoring, which
   reports to the watch until its end; all is borrowed. Errors: _SHAPE (of the start),
   _OUT_OF_MEMORY; the end is due all the same. */
typedef struct gradus_i_glm_watch {
  const gradus_fit_options *options;
  gradus_i_irls_options *irls;
  const gradus_source *source;
  size_t p, first;
  double *theta, *gradient; /* p + first */
} gradus_i_glm_watch;
gradus_status gradus_i_glm_watch_begin(gradus_i_glm_watch *watch, gradus_i_irls_options *irls,
                                       const gradus_source *source,
                                       const gradus_fit_options *options, gradus_error *err);
void gradus_i_glm_watch_end(gradus_i_glm_watch *watch);

/* ---- separated.c ---- */

/* The maximum of a likelihood at infinity. All NULL where there is a finite one; `start` alone
   where there might have been none. */
typedef struct gradus_i_at_infinity {
  gradus_i_separation found;
  gradus_i_irls *start; /* the first step: its weights say nothing yet, so its rank is that of the
                           columns */
  gradus_source *rest;  /* the rows that are not separated */
  gradus_i_irls *irls;  /* their solution; without a step if there are none */
} gradus_i_at_infinity;
void gradus_i_at_infinity_clear(gradus_i_at_infinity *limit);

/* Where the solution shows signs of separation: looks for it, and solves for the limit. Errors:
   _SEPARATION if the options do not ask for the limit. */
gradus_status gradus_i_look_for_separation(gradus_i_at_infinity *limit, const gradus_fit *fit,
                                           const gradus_i_irls *irls, const gradus_source *source,
                                           const gradus_i_irls_options *irls_options,
                                           const gradus_fit_options *options, gradus_error *err);
/* Completes a fit that has the estimates and the root of limit->irls (if it has a step); sums: of
   all rows. Warns. */
gradus_status gradus_i_take_limit(gradus_fit *fit, const gradus_i_at_infinity *limit,
                                  const gradus_i_glm_sums *sums, gradus_error *err);

#endif
