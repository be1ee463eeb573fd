// SPDX-License-Identifier: GPL-3.0-or-later
/* Losses of rows and their derivatives: every digit, at the extremes too; against long double and
   against differences. */
#include "support/row_losses.h"
#include "support/support.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { ROWS = 203 };

static void check_losses(gradus_i_row_loss *kernel,
                         exact_loss (*exact)(long double, long double, long double),
                         const double *eta, const double *y) {
  double weight[ROWS], loss[ROWS], slope[ROWS], curvature[ROWS];
  for (size_t i = 0; i < ROWS; i++)
    weight[i] = i % 7 ? exp(10 * next_signed()) : 0;
  kernel(ROWS, eta, y, weight, NULL, loss, slope, curvature);
  for (size_t i = 0; i < ROWS; i++) {
    exact_loss e = exact((long double)eta[i], (long double)y[i], (long double)weight[i]);
    CHECK_CLOSE(loss[i], (double)e.loss, 1.5e-15);
    CHECK_CLOSE(slope[i], (double)e.slope, 1.5e-15);
    CHECK_CLOSE(curvature[i], (double)e.curvature, 1.5e-15);
  }
}

static void losses_of_rows_keep_their_digits(void) {
  double eta[ROWS], y[ROWS], negative[ROWS], zeros[ROWS] = {0};
  for (size_t i = 0; i < ROWS; i++) {
    eta[i] = (i % 2 ? 700 : 5) * next_signed();
    y[i] = (double)(i % 5 > 2);
    negative[i] = -floor(30 * fabs(next_signed())); /* so that nothing cancels in η − y */
  }
  FOR_EACH_TABLE(table) {
    check_losses(table->logistic, exact_logistic, eta, zeros);
    check_losses(table->poisson, exact_poisson, eta, zeros);
    check_losses(table->logistic, exact_logistic, eta, y);
    for (size_t i = 0; i < ROWS; i++)
      eta[i] = fabs(eta[i]);
    check_losses(table->poisson, exact_poisson, eta, negative);
    check_losses(table->gaussian, exact_gaussian, eta, negative);
  }
}

static void fractions_of_successes_are_responses(void) {
  double eta[] = {0.3, -2, 40, -40}, y[] = {0.25, 0.5, 0.75, 0.125}, weight[] = {4, 2, 8, 1};
  double loss[4], slope[4], curvature[4];
  FOR_EACH_TABLE(table) {
    table->logistic(4, eta, y, weight, NULL, loss, slope, curvature);
    for (int i = 0; i < 4; i++) {
      exact_loss e = exact_logistic(eta[i], y[i], weight[i]);
      CHECK_CLOSE(loss[i], (double)e.loss, 1e-15);
      CHECK_CLOSE(slope[i], (double)e.slope, 2e-15);
    }
  }
}

static void extreme_predictors_give_no_nan(void) {
  double eta[] = {INFINITY, -INFINITY, INFINITY, -INFINITY, 1e300, -1e300, NAN, 750, -750};
  double y[] = {1, 0, 0, 1, 1, 0, 1, 1, 0}, weight[9], loss[9], slope[9], curvature[9];
  for (int i = 0; i < 9; i++)
    weight[i] = 1;
  FOR_EACH_TABLE(table) {
    table->logistic(9, eta, y, weight, NULL, loss, slope, curvature);
    CU_ASSERT(loss[0] == 0 && loss[1] == 0 && slope[0] == 0 && slope[1] == 0);
    CU_ASSERT(loss[2] >= DBL_MAX && loss[3] >= DBL_MAX && slope[2] == 1 && slope[3] == -1);
    CU_ASSERT(loss[4] == 0 && loss[5] == 0 && curvature[4] == 0);
    CU_ASSERT(isnan(loss[6]) && isnan(slope[6]) && isnan(curvature[6]));
    CU_ASSERT(loss[7] >= 0 && loss[7] < DBL_MIN && slope[8] >= 0 && slope[8] < DBL_MIN);
  }
}

/* By central differences, which have 9 digits. */
static void slopes_and_curvatures_are_derivatives(void) {
  enum { AT = 2, POINTS = 5 };
  static gradus_i_row_loss *const losses[] = {gradus_i_row_loss_logistic, gradus_i_row_loss_poisson,
                                              gradus_i_row_loss_gaussian};
  static const double h = 1e-5;
  double eta[POINTS], y[POINTS], weight[POINTS], loss[POINTS], slope[POINTS], curvature[POINTS];
  for (size_t l = 0; l < 3; l++)
    for (int trial = 0; trial < 20; trial++) {
      double at = 3 * next_signed(), response = fabs(next_signed());
      for (int i = 0; i < POINTS; i++) {
        eta[i] = at + h * (i - AT);
        y[i] = response;
        weight[i] = 2;
      }
      losses[l](POINTS, eta, y, weight, NULL, loss, slope, curvature);
      CU_ASSERT_DOUBLE_EQUAL((loss[AT + 1] - loss[AT - 1]) / (2 * h), slope[AT], 1e-8);
      CU_ASSERT_DOUBLE_EQUAL((slope[AT + 1] - slope[AT - 1]) / (2 * h), curvature[AT], 1e-8);
    }
}

/* ---- softmax ---- */

static void check_softmax_row(size_t k, const double *eta, size_t class, double weight,
                              const double *probability, const double *slope, double loss) {
  long double largest = -INFINITY, others = 0;
  for (size_t j = 0; j < k; j++)
    largest = fmaxl(largest, eta[j]);
  for (size_t j = 0; j < k; j++)
    others += j == class ? 0 : expl(eta[j] - largest);
  long double own = expl(eta[class] - largest), sum = own + others;
  CHECK_CLOSE(loss,
              (double)(weight * (eta[class] == (double)largest ? log1pl(others)
                                                               : logl(sum) + largest - eta[class])),
              2e-14); /* as much as rounding η − largest costs */
  for (size_t j = 0; j < k; j++) {
    long double p = expl(eta[j] - largest) / sum;
    CHECK_CLOSE(probability[j], (double)p, 2e-14);
    CHECK_CLOSE(slope[j], (double)(weight * (j == class ? -others / sum : p)), 2e-14);
  }
}

static void softmax_keeps_the_digits_of_certainty(void) {
  enum { MOST = 24 };
  double eta[ROWS * MOST], in[ROWS * MOST], slope[ROWS * MOST];
  double y[ROWS], weight[ROWS], loss[ROWS];
  FOR_EACH_TABLE(table)
  for (size_t k = 2; k <= 17; k += k < 10 ? 1 : 7)
    for (int padded = 0; padded < 2; padded++) {
      size_t step = padded ? (k + 7) / 8 * 8 : k;
      for (size_t i = 0; i < ROWS; i++) {
        y[i] = floor((double)k * fabs(next_signed()));
        weight[i] = 1 + next_signed();
        for (size_t j = 0; j < step; j++)
          in[i * step + j] = j < k ? (i % 2 ? 60 : 2) * next_signed() : -INFINITY;
      }
      memcpy(eta, in, sizeof eta);
      table->softmax(ROWS, k, step, eta, y, weight, loss, slope);
      for (size_t i = 0; i < ROWS; i++)
        check_softmax_row(k, in + i * step, (size_t)y[i], weight[i], eta + i * step,
                          slope + i * step, loss[i]);
    }
}

static void slopes_of_softmax_are_derivatives(void) {
  enum { K = 5 };
  static const double h = 1e-5;
  double y[] = {3, 3, 3}, weight[] = {1.5, 1.5, 1.5};
  double in[3 * K], eta[3 * K], slope[3 * K], loss[3];
  for (size_t j = 0; j < K; j++)
    in[j] = in[K + j] = in[2 * K + j] = 2 * next_signed();
  for (size_t j = 0; j < K; j++) {
    memcpy(eta, in, sizeof in);
    eta[j] -= h;
    eta[2 * K + j] += h;
    gradus_i_rows_softmax_loss(3, K, K, eta, y, weight, loss, slope);
    CU_ASSERT_DOUBLE_EQUAL((loss[2] - loss[0]) / (2 * h), slope[K + j], 1e-9);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"losses of rows keep their digits", losses_of_rows_keep_their_digits},
      {"slopes and curvatures are derivatives", slopes_and_curvatures_are_derivatives},
      {"slopes of softmax are derivatives", slopes_of_softmax_are_derivatives},
      {"fractions of successes are responses", fractions_of_successes_are_responses},
      {"extreme predictors give no NaN", extreme_predictors_give_no_nan},
      {"softmax keeps the digits of certainty", softmax_keeps_the_digits_of_certainty},
  };
  return test_main("row losses", cases, sizeof cases / sizeof *cases);
}
