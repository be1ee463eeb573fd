// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks fitted to frames, and whether two of them are the same. */
#ifndef GRADUS_TESTS_NETWORK_FITS_H
#define GRADUS_TESTS_NETWORK_FITS_H

#include "support.h"

/* A fit that must succeed, without a warning. */
gradus_fit *network_fit(const char *formula, const gradus_frame *frame,
                        const gradus_network_options *options);
/* Two hidden layers, a quarter of the rows held out, 30 epochs. */
gradus_network_options small_network(void);

/* What comes back from a model file. */
gradus_fit *network_reloaded(const gradus_fit *fit);
/* The values of a block, to be changed. */
double *network_block(const gradus_fit *fit, const char *name);

/* The largest difference of parameters. */
double worst_difference(const gradus_fit *a, const gradus_fit *b);
/* Fitted values agree; relative, or to the bit where the tolerance is 0. */
void check_same_fitted(const gradus_prediction *a, const gradus_prediction *b, double tolerance);
/* The same, of the predictions of two fits for a frame. */
void check_same_networks(const gradus_fit *a, const gradus_fit *b, const gradus_frame *frame,
                         double tolerance);

#endif
