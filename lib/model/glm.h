// SPDX-License-Identifier: GPL-3.0-or-later
/* The estimates of a generalised linear model, by whichever solver. */
#ifndef GRADUS_MODEL_GLM_H
#define GRADUS_MODEL_GLM_H

#include "../solver/irls.h"
#include "iterate.h"

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

#endif
