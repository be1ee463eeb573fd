// SPDX-License-Identifier: GPL-3.0-or-later
/* Firth's bias-reduced logistic regression: the likelihood times Jeffreys' prior |XᵀWX|^½ (Firth
   1993, Biometrika 80:27-38; Heinze and Schemper 2002, Statistics in Medicine 21:2409-2419). Its
   maximum is finite for any data. */
#ifndef GRADUS_SOLVER_FIRTH_H
#define GRADUS_SOLVER_FIRTH_H

#include "irls.h"

typedef struct gradus_i_firth_options {
  const gradus_i_irls_options *glm; /* binomial, logit; its start is heeded (NULL: 0) */
  bool has_fixed;                   /* coefficient `fixed` stays at its starting value; the prior */
  size_t fixed;                     /* is that of all columns all the same */
} gradus_i_firth_options;

/* The solution has half_log_determinant, of all columns that are not dropped, and the step at the
   final estimate (rough, if a coefficient is fixed). The certificate is the largest component of
   the modified score beside the sum of its terms' sizes. */
gradus_status gradus_i_firth_solve(gradus_i_irls **solution, const gradus_source *source,
                                   const gradus_i_firth_options *options, gradus_error *err);

#endif
