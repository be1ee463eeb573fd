// SPDX-License-Identifier: GPL-3.0-or-later
/* The same model by several ways. */
#ifndef GRADUS_TESTS_SAME_FITS_H
#define GRADUS_TESTS_SAME_FITS_H

#include "model_rows.h"

/* With prior weights; an option's fit that must succeed. */
gradus_fit *model_rows_fit_glm(const model_rows *d, const gradus_fit_options *options);
/* Estimates, standard errors, deviance, likelihood, AIC and dispersion agree; relative. */
void check_same_fits(const gradus_fit *a, const gradus_fit *b, double tolerance);
/* Fitted values, their errors and intervals agree; relative. */
void check_same_predictions(const gradus_prediction *a, const gradus_prediction *b,
                            double tolerance);

#endif
