// SPDX-License-Identifier: GPL-3.0-or-later
/* Inference layer: distribution tails, and products of rows with the root of a covariance. */
#ifndef GRADUS_INFERENCE_INTERNAL_H
#define GRADUS_INFERENCE_INTERNAL_H

#include "../model/internal.h"
#include <gradus/inference.h>

/* Tails that keep their digits down to 1e-300 and for degrees of freedom up to 1e9. NaN for NaN or
 * df <= 0. */
double gradus_i_t_two_sided(double t, double df);          /* P(|T| > |t|) */
double gradus_i_f_upper(double f, double df1, double df2); /* P(F > f) */
double gradus_i_normal_two_sided(double z);                /* P(|Z| > |z|) */
double gradus_i_chi_squared_upper(double x, double df);    /* P(X² > x) */
double gradus_i_t_quantile(double level, double df);       /* q with P(|T| <= q) = level */

/* Residual standard error of a response in its scaled units (times responses[r].scale in its own).
 */
double gradus_i_scaled_sigma(const gradus_fit *fit, size_t response);
/* The root (q*q, row-major) and factor that make the covariance of a response: factor²
 * D·root·rootᵀ·D in units of the response. */
const double *gradus_i_covariance_root(const gradus_fit *fit, size_t response, double *factor);

/* Whether the level of an interval (0: 0.95) is between 0 and 1; *level becomes the value meant. */
gradus_status gradus_i_check_level(double *level, gradus_error *err);

/* One row of a batch in the scaled columns of the fit (q values), and |rootᵀ z|². */
void gradus_i_scaled_row(const gradus_fit *fit, const gradus_batch *batch, size_t i, double *z);
double gradus_i_root_norm_squared(const gradus_fit *fit, const double *root, const double *z);
/* b₀ + Wx + offset of one row, in double-double where cancellation could cost digits. Dropped
 * columns count as zero. */
double gradus_i_linear_predictor(const gradus_fit *fit, size_t response, const gradus_batch *batch,
                                 size_t i);

#endif
