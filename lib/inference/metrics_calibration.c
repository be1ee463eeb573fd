// SPDX-License-Identifier: GPL-3.0-or-later
/* Probabilities against what happened, in bins: the calibration table, Hosmer and Lemeshow's test.
 */
#include "metrics_internal.h"

#include <math.h>

/* Sums over the rows of one bin: both classes are summed, not taken from each other, so that
   probabilities near 1 keep the digits of 1 - p. */
typedef struct bin {
  double low, high, observed[2], expected[2]; /* by label */
} bin;

typedef struct bin_list {
  bin *bins;
  size_t count;
} bin_list;

/* The value at 0-based place k of the rows in ascending order, each written out w times: `at` and
   `passed` (weight of all ties up to it) move up from the lowest tie (the last of the ranking). */
static double order_statistic(const gradus_i_ranking *ranking, double k, size_t *at,
                              double *passed) {
  while (*at > 0 && !(*passed > k)) {
    --*at;
    *passed += ranking->ties[*at].positive + ranking->ties[*at].negative;
  }
  return ranking->ties[*at].score;
}

/* Edges at R's quantiles of type 7, place (N - 1)·i/groups; equal ones once. The last is the
   highest score also where fractional weights would end below it. */
static size_t quantile_edges(double *edges, const gradus_i_ranking *ranking, size_t groups) {
  double total = ranking->positive + ranking->negative, passed = 0, next_passed = 0;
  size_t at = ranking->count, next_at = ranking->count, count = 0;
  for (size_t i = 0; i <= groups; i++) {
    double place = fmax(0, total - 1) * (double)i / (double)groups, below = floor(place);
    double low = order_statistic(ranking, below, &at, &passed);
    double high = order_statistic(ranking, ceil(place), &next_at, &next_passed);
    double edge = i < groups ? low + (place - below) * (high - low) : ranking->ties[0].score;
    if (count == 0 || edge > edges[count - 1])
      edges[count++] = edge;
  }
  return count;
}

static size_t equal_edges(double *edges, size_t groups) {
  for (size_t i = 0; i <= groups; i++)
    edges[i] = (double)i / (double)groups;
  return groups + 1;
}

static void add_tie(bin *b, const gradus_i_tie *tie) {
  double weight = tie->positive + tie->negative;
  b->observed[1] += tie->positive;
  b->observed[0] += tie->negative;
  b->expected[1] += weight * tie->score;
  b->expected[0] += weight * (1 - tie->score);
}

/* Fills bins from the lowest score up; a bin is opened by its first row, so none is empty. One edge
   alone (all scores equal) makes one bin. */
static void fill(bin_list *list, const double *edges, size_t edge_count,
                 const gradus_i_ranking *ranking) {
  size_t upper = edge_count > 1 ? 1 : 0, opened = 0;
  for (size_t i = ranking->count; i-- > 0;) {
    const gradus_i_tie *tie = &ranking->ties[i];
    while (upper + 1 < edge_count && tie->score > edges[upper])
      upper++;
    if (list->count == 0 || upper != opened) {
      opened = upper;
      list->bins[list->count++] =
          (bin){.low = edges[upper > 0 ? upper - 1 : 0], .high = edges[upper]};
    }
    add_tie(&list->bins[list->count - 1], tie);
  }
}

static gradus_status fill_bins(bin_list *list, const double *y, const double *p,
                               const double *weight, size_t n, size_t groups, gradus_bins kind,
                               gradus_error *err) {
  gradus_i_ranking ranking = {0};
  double *edges = NULL;
  gradus_status status = gradus_i_check_bins(&groups, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_case_weights(weight, n, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_probabilities(p, n, err);
  if (status == GRADUS_OK)
    status = gradus_i_rank(&ranking, y, p, weight, n, err);
  if (status > 0)
    return status;
  size_t most = groups < ranking.count ? groups : ranking.count;
  edges = gradus_i_allocate_raw(groups + 1, sizeof *edges);
  list->bins = gradus_i_allocate_raw(most, sizeof *list->bins);
  if (edges && list->bins) {
    size_t count = kind == GRADUS_BINS_EQUAL_WIDTH ? equal_edges(edges, groups)
                                                   : quantile_edges(edges, &ranking, groups);
    fill(list, edges, count, &ranking);
  } else {
    gradus_i_release(list->bins);
    status = gradus_i_out_of_memory(err);
  }
  gradus_i_release(edges);
  gradus_i_ranking_clear(&ranking);
  return status;
}

/* ---- calibration table ---- */

void gradus_calibration_free(gradus_calibration *table) {
  if (!table)
    return;
  gradus_i_release(table->low); /* the block of all five arrays */
  gradus_i_release(table);
}

static gradus_calibration *allocate(size_t bins) {
  gradus_calibration *table = gradus_i_allocate(1, sizeof *table);
  if (!table)
    return NULL;
  table->bins = bins;
  table->low = gradus_i_allocate(bins, 5 * sizeof *table->low);
  if (!table->low) {
    gradus_calibration_free(table);
    return NULL;
  }
  table->high = table->low + bins;
  table->weight = table->high + bins;
  table->predicted = table->weight + bins;
  table->observed = table->predicted + bins;
  return table;
}

gradus_status gradus_calibration_table(gradus_calibration **table, const double *y, const double *p,
                                       const double *weight, size_t n, size_t bins,
                                       gradus_bins kind, gradus_error *err) {
  bin_list list = {0};
  *table = NULL;
  if (kind != GRADUS_BINS_QUANTILE && kind != GRADUS_BINS_EQUAL_WIDTH)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "there is no kind %d of bins",
                         (int)kind);
  gradus_status status = fill_bins(&list, y, p, weight, n, bins, kind, err);
  if (status > 0)
    return status;
  gradus_calibration *own = allocate(list.count);
  for (size_t i = 0; own && i < list.count; i++) {
    const bin *b = &list.bins[i];
    own->low[i] = b->low;
    own->high[i] = b->high;
    own->weight[i] = b->observed[0] + b->observed[1];
    own->predicted[i] = b->expected[1] / own->weight[i];
    own->observed[i] = b->observed[1] / own->weight[i];
  }
  gradus_i_release(list.bins);
  *table = own;
  return own ? GRADUS_OK : gradus_i_out_of_memory(err);
}

/* ---- Hosmer and Lemeshow ---- */

static double statistic(const bin_list *list) {
  double sum = 0;
  for (size_t i = 0; i < list->count; i++)
    for (size_t label = 0; label < 2; label++) {
      double expected = list->bins[i].expected[label];
      double difference = list->bins[i].observed[label] - expected;
      sum += difference * difference / expected; /* 0/0 is NaN, x/0 is Inf, as in R */
    }
  return sum;
}

static gradus_status tell(const gradus_hosmer_lemeshow *test, gradus_error *err) {
  gradus_i_undefined undefined = {.length = 0};
  if (isnan(test->statistic))
    gradus_i_undefined_add(&undefined, "a group expects no row of one label and has none",
                           "X² and p-value");
  if (isnan(test->df))
    gradus_i_undefined_add(&undefined, "fewer than 3 groups of rows", "df and p-value");
  if (undefined.length || !isinf(test->statistic))
    return gradus_i_undefined_status(&undefined, err);
  return gradus_i_fail(err, GRADUS_WARNING_OVERFLOW,
                       "a group has rows of a label that it gives probability 0, so X² is "
                       "infinite");
}

gradus_status gradus_hosmer_lemeshow_test(gradus_hosmer_lemeshow *test, const double *y,
                                          const double *p, const double *weight, size_t n,
                                          size_t groups, gradus_error *err) {
  bin_list list = {0};
  gradus_status status = fill_bins(&list, y, p, weight, n, groups, GRADUS_BINS_QUANTILE, err);
  if (status > 0)
    return status;
  gradus_hosmer_lemeshow t = {.groups = list.count, .statistic = statistic(&list)};
  t.df = list.count > 2 ? (double)list.count - 2 : NAN;
  t.p_value = gradus_i_chi_squared_upper(t.statistic, t.df);
  t.df_new = (double)list.count;
  t.p_value_new = gradus_i_chi_squared_upper(t.statistic, t.df_new);
  gradus_i_release(list.bins);
  *test = t;
  return tell(test, err);
}
