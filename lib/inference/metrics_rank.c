// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows in the order of their scores, equal scores as one: what curves, areas and bins walk over. */
#include "metrics_internal.h"

#include <stdlib.h>

static int by_score_descending(const void *a, const void *b) {
  double left = ((const gradus_i_tie *)a)->score, right = ((const gradus_i_tie *)b)->score;
  return (left < right) - (left > right);
}

/* Merges neighbours of equal score; returns how many are left. */
static size_t merge(gradus_i_tie *ties, size_t count) {
  size_t last = 0;
  for (size_t i = 1; i < count; i++)
    if (ties[i].score == ties[last].score) {
      ties[last].positive += ties[i].positive;
      ties[last].negative += ties[i].negative;
    } else
      ties[++last] = ties[i];
  return last + 1;
}

gradus_status gradus_i_rank(gradus_i_ranking *ranking, const double *y, const double *score,
                            const double *weight, size_t n, gradus_error *err) {
  gradus_status status = gradus_i_check_case_weights(weight, n, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_binary(y, n, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_scores(score, n, err);
  if (status > 0)
    return status;
  gradus_i_tie *ties = gradus_i_allocate_raw(n, sizeof *ties);
  if (!ties)
    return gradus_i_out_of_memory(err);
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    double w = gradus_i_weight_of(weight, i);
    if (w > 0)
      ties[count++] = (gradus_i_tie){score[i], y[i] == 1 ? w : 0, y[i] == 1 ? 0 : w};
  }
  qsort(ties, count, sizeof *ties, by_score_descending);
  *ranking = (gradus_i_ranking){.ties = ties, .count = merge(ties, count)};
  for (size_t i = 0; i < ranking->count; i++) {
    ranking->positive += ties[i].positive;
    ranking->negative += ties[i].negative;
  }
  return GRADUS_OK;
}

void gradus_i_ranking_clear(gradus_i_ranking *ranking) {
  gradus_i_release(ranking->ties);
  *ranking = (gradus_i_ranking){0};
}
