// SPDX-License-Identifier: GPL-3.0-or-later
/* The area under the ROC curve with DeLong's variance. */
#include "metrics_internal.h"

#include <math.h>

/* What a row loses against the other class: for a 1, the 0s above it, and half of those beside it;
   for a 0, the 1s below it likewise. DeLong's components are V10 = 1 - loss/negatives and V01 = 1 -
   loss/positives, so losses spread as they do; losses of counts are exact, the components are not.
 */
typedef struct losses {
  gradus_i_extended sum[2], squares[2]; /* of 0s, of 1s */
  double mean[2], least[2], most[2];
} losses;

static void take(losses *l, size_t label, double weight, double loss) {
  if (weight == 0)
    return;
  double deviation = loss - l->mean[label];
  l->least[label] = fmin(l->least[label], loss);
  l->most[label] = fmax(l->most[label], loss);
  gradus_i_sum(&l->sum[label], weight * loss);
  gradus_i_sum(&l->squares[label], weight * deviation * deviation);
}

/* Takes the losses of the 1s from the top down, then those of the 0s from the bottom up. */
static losses walk(const gradus_i_ranking *ranking, double mean0, double mean1) {
  losses l = {.mean = {mean0, mean1}, .least = {INFINITY, INFINITY}};
  double negative_above = 0, positive_below = 0;
  for (size_t i = 0; i < ranking->count; i++) {
    const gradus_i_tie *tie = &ranking->ties[i];
    take(&l, 1, tie->positive, negative_above + tie->negative / 2);
    negative_above += tie->negative;
  }
  for (size_t i = ranking->count; i-- > 0;) {
    const gradus_i_tie *tie = &ranking->ties[i];
    take(&l, 0, tie->negative, positive_below + tie->positive / 2);
    positive_below += tie->positive;
  }
  return l;
}

/* The mean loss of a label; exactly the loss of every row if they agree, so that a variance of 0 is
   0 for fractional weights too. */
static double mean_loss(const losses *l, size_t label, double rows) {
  return l->least[label] == l->most[label] ? l->least[label]
                                           : gradus_i_extended_round(l->sum[label]) / rows;
}

static void set_interval(gradus_auc *a, double level, gradus_i_undefined *undefined) {
  if (!(a->variance > 0)) {
    a->conf_low = a->conf_high = NAN;
    if (a->variance == 0)
      gradus_i_undefined_add(undefined, "DeLong's variance is 0, which shows no certainty",
                             "interval of the AUC");
    return;
  }
  double reach = gradus_i_normal_quantile(level) * a->std_error;
  a->conf_low = fmax(0, a->auc - reach);
  a->conf_high = fmin(1, a->auc + reach);
}

static gradus_auc area(const gradus_i_ranking *ranking, double level,
                       gradus_i_undefined *undefined) {
  double m = ranking->positive, n = ranking->negative;
  gradus_auc a = {NAN, NAN, NAN, NAN, NAN};
  if (m == 0 || n == 0) {
    gradus_i_undefined_add(undefined, m == 0 ? "no row has label 1" : "no row has label 0",
                           "AUC and its interval");
    return a;
  }
  losses first = walk(ranking, 0, 0);
  double lost = mean_loss(&first, 1, m);
  a.auc = fmax(0, 1 - lost / n);
  if (m <= 1 || n <= 1) {
    gradus_i_undefined_add(undefined, "a class has fewer than two rows",
                           "variance and interval of the AUC");
    return a;
  }
  losses second = walk(ranking, mean_loss(&first, 0, n), lost);
  a.variance = gradus_i_extended_round(second.squares[1]) / n / n / (m - 1) / m +
               gradus_i_extended_round(second.squares[0]) / m / m / (n - 1) / n;
  a.std_error = sqrt(a.variance);
  set_interval(&a, level, undefined);
  return a;
}

gradus_status gradus_auc_delong(gradus_auc *auc, const double *y, const double *score,
                                const double *weight, size_t n, double level, gradus_error *err) {
  gradus_i_ranking ranking = {0};
  gradus_i_undefined undefined = {.length = 0};
  gradus_status status = gradus_i_check_level(&level, err);
  if (status == GRADUS_OK)
    status = gradus_i_rank(&ranking, y, score, weight, n, err);
  if (status > 0)
    return status;
  *auc = area(&ranking, level, &undefined);
  gradus_i_ranking_clear(&ranking);
  return gradus_i_undefined_status(&undefined, err);
}
