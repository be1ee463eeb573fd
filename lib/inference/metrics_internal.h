// SPDX-License-Identifier: GPL-3.0-or-later
/* What the metrics share: checks of their inputs, the sentence about what is undefined, sums, and
   rows in the order of their scores. */
#ifndef GRADUS_INFERENCE_METRICS_INTERNAL_H
#define GRADUS_INFERENCE_METRICS_INTERNAL_H

#include "../linalg/extended.h"
#include "internal.h"
#include <gradus/metrics.h>

/* ---- checks: each names the first row at fault ---- */

/* There are rows, and weights (NULL: 1) that are finite, not negative and not all 0. */
gradus_status gradus_i_check_case_weights(const double *weight, size_t n, gradus_error *err);
gradus_status gradus_i_check_binary(const double *y, size_t n, gradus_error *err);
gradus_status gradus_i_check_labels(const char *what, const int *y, size_t n, size_t classes,
                                    gradus_error *err);
gradus_status gradus_i_check_scores(const double *score, size_t n, gradus_error *err);
gradus_status gradus_i_check_probabilities(const double *p, size_t n, gradus_error *err);
/* 0 becomes 10. */
gradus_status gradus_i_check_bins(size_t *bins, gradus_error *err);

static inline double gradus_i_weight_of(const double *weight, size_t i) {
  return weight ? weight[i] : 1;
}
/* Whether the rows that have weight have one value, or none. */
bool gradus_i_is_constant(const double *values, const double *weight, size_t n);

/* ---- what is undefined ---- */

/* "recall of class 2 (no row is of this class), …": a warning's sentence as it grows. */
typedef struct gradus_i_undefined {
  char text[400];
  size_t length;
} gradus_i_undefined;

/* Adds a metric and why there is none; what finds no more room is left out as "…". */
void gradus_i_undefined_add(gradus_i_undefined *undefined, const char *why, const char *format, ...)
    GRADUS_I_PRINTF(3, 4);
/* numerator/denominator, or NaN and a note if the denominator is 0. */
double gradus_i_undefined_ratio(gradus_i_undefined *undefined, double numerator, double denominator,
                                const char *metric, const char *why);
/* GRADUS_OK, or the warning with the sentence. */
gradus_status gradus_i_undefined_status(const gradus_i_undefined *undefined, gradus_error *err);

/* ---- numbers ---- */

static inline void gradus_i_sum(gradus_i_extended *sum, double term) {
  *sum = gradus_i_extended_add(*sum, gradus_i_extended_of(term));
}

/* a·b - c·d, rounded once or nearly so. */
double gradus_i_cross_difference(double a, double b, double c, double d);
/* Divides by the power of two next to the largest value, so that products of four neither overflow
   nor lose a digit. */
void gradus_i_normalise(double *values, size_t count);

/* Wilson's interval for a share of right ones among right + wrong trials; level as checked. */
void gradus_i_wilson(double right, double wrong, double level, double *low, double *high);

/* ---- rows by score ---- */

/* The rows of one score (weights by label). */
typedef struct gradus_i_tie {
  double score, positive, negative;
} gradus_i_tie;

/* Distinct scores of the rows that have weight, highest first. */
typedef struct gradus_i_ranking {
  gradus_i_tie *ties;
  size_t count;
  double positive, negative; /* totals, summed in order of rank */
} gradus_i_ranking;

/* Checks labels, scores and weights, and sorts. gradus_i_ranking_clear frees; legal on {0}. */
gradus_status gradus_i_rank(gradus_i_ranking *ranking, const double *y, const double *score,
                            const double *weight, size_t n, gradus_error *err);
void gradus_i_ranking_clear(gradus_i_ranking *ranking);

#endif
