// SPDX-License-Identifier: GPL-3.0-or-later
/* ROC and precision-recall curves. */
#include "metrics_internal.h"

#include <math.h>

void gradus_roc_free(gradus_roc *roc) {
  if (!roc)
    return;
  gradus_i_release(roc->threshold); /* the block of all three arrays */
  gradus_i_release(roc);
}

void gradus_precision_recall_free(gradus_precision_recall *curve) {
  if (!curve)
    return;
  gradus_i_release(curve->threshold); /* the block of all three arrays */
  gradus_i_release(curve);
}

static gradus_roc *allocate_roc(size_t points) {
  gradus_roc *roc = gradus_i_allocate(1, sizeof *roc);
  if (!roc)
    return NULL;
  roc->points = points;
  roc->threshold = gradus_i_allocate(points, 3 * sizeof *roc->threshold);
  if (!roc->threshold) {
    gradus_roc_free(roc);
    return NULL;
  }
  roc->true_positive_rate = roc->threshold + points;
  roc->false_positive_rate = roc->true_positive_rate + points;
  return roc;
}

static gradus_precision_recall *allocate_precision_recall(size_t points) {
  gradus_precision_recall *curve = gradus_i_allocate(1, sizeof *curve);
  if (!curve)
    return NULL;
  curve->points = points;
  curve->threshold = gradus_i_allocate(points, 3 * sizeof *curve->threshold);
  if (!curve->threshold) {
    gradus_precision_recall_free(curve);
    return NULL;
  }
  curve->precision = curve->threshold + points;
  curve->recall = curve->precision + points;
  return curve;
}

/* 0/0 is NaN, which is what a rate of an absent class is. */
static void fill_roc(gradus_roc *roc, const gradus_i_ranking *ranking) {
  double positive = 0, negative = 0;
  roc->threshold[0] = INFINITY;
  for (size_t i = 0; i < roc->points; i++) {
    if (i > 0) {
      roc->threshold[i] = ranking->ties[i - 1].score;
      positive += ranking->ties[i - 1].positive;
      negative += ranking->ties[i - 1].negative;
    }
    roc->true_positive_rate[i] = positive / ranking->positive;
    roc->false_positive_rate[i] = negative / ranking->negative;
  }
}

gradus_status gradus_roc_curve(gradus_roc **roc, const double *y, const double *score,
                               const double *weight, size_t n, gradus_error *err) {
  gradus_i_ranking ranking = {0};
  gradus_i_undefined undefined = {.length = 0};
  *roc = NULL;
  gradus_status status = gradus_i_rank(&ranking, y, score, weight, n, err);
  if (status > 0)
    return status;
  *roc = allocate_roc(ranking.count + 1);
  if (*roc)
    fill_roc(*roc, &ranking);
  if (ranking.positive == 0)
    gradus_i_undefined_add(&undefined, "no row has label 1", "true positive rate");
  if (ranking.negative == 0)
    gradus_i_undefined_add(&undefined, "no row has label 0", "false positive rate");
  gradus_i_ranking_clear(&ranking);
  return *roc ? gradus_i_undefined_status(&undefined, err) : gradus_i_out_of_memory(err);
}

static void fill_precision_recall(gradus_precision_recall *curve, const gradus_i_ranking *ranking) {
  double positive = 0, negative = 0;
  gradus_i_extended area = {0, 0};
  for (size_t i = 0; i < curve->points; i++) {
    const gradus_i_tie *tie = &ranking->ties[i];
    positive += tie->positive;
    negative += tie->negative;
    curve->threshold[i] = tie->score;
    curve->precision[i] = positive / (positive + negative);
    curve->recall[i] = positive / ranking->positive;
    gradus_i_sum(&area, tie->positive * curve->precision[i]);
  }
  curve->average_precision = gradus_i_extended_round(area) / ranking->positive;
}

gradus_status gradus_precision_recall_curve(gradus_precision_recall **curve, const double *y,
                                            const double *score, const double *weight, size_t n,
                                            gradus_error *err) {
  gradus_i_ranking ranking = {0};
  gradus_i_undefined undefined = {.length = 0};
  *curve = NULL;
  gradus_status status = gradus_i_rank(&ranking, y, score, weight, n, err);
  if (status > 0)
    return status;
  *curve = allocate_precision_recall(ranking.count);
  if (*curve)
    fill_precision_recall(*curve, &ranking);
  if (ranking.positive == 0)
    gradus_i_undefined_add(&undefined, "no row has label 1", "recall and average precision");
  gradus_i_ranking_clear(&ranking);
  return *curve ? gradus_i_undefined_status(&undefined, err) : gradus_i_out_of_memory(err);
}
