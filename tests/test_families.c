// SPDX-License-Identifier: GPL-3.0-or-later
/* Every family with every link: derivatives against differences of the log-likelihood, written here
   once more in long double; Fisher weights against their definition; densities against R; links
   against mpmath; and no NaN from one tail to the other. */
#include "../lib/objective/internal.h"
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double shapes[] = {0.3, 2, 50};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* ---- the same in long double ---- */

static const long double pi = 3.14159265358979323846264338327950288L;

static long double mean_of(const char *link, long double eta) {
  return strcmp(link, "identity") == 0  ? eta
         : strcmp(link, "log") == 0     ? expl(eta)
         : strcmp(link, "inverse") == 0 ? 1 / eta
         : strcmp(link, "sqrt") == 0    ? eta * eta
         : strcmp(link, "1/mu^2") == 0  ? 1 / sqrtl(eta)
         : strcmp(link, "logit") == 0   ? 1 / (1 + expl(-eta))
         : strcmp(link, "probit") == 0  ? erfcl(-eta / sqrtl(2)) / 2
         : strcmp(link, "cloglog") == 0 ? -expm1l(-expl(eta))
         : strcmp(link, "cauchit") == 0 ? atanl(eta) / pi + 0.5L
                                        : NAN;
}

static long double complement_of(const char *link, long double eta) {
  return strcmp(link, "logit") == 0     ? 1 / (1 + expl(eta))
         : strcmp(link, "probit") == 0  ? erfcl(eta / sqrtl(2)) / 2
         : strcmp(link, "cloglog") == 0 ? expl(-expl(eta))
                                        : 1 - mean_of(link, eta);
}

/* Log-likelihood at unit dispersion, without what does not depend on the mean. */
static long double log_likelihood(const char *family, long double y, long double mean,
                                  long double complement, long double shape) {
  if (strcmp(family, "gaussian") == 0)
    return -(y - mean) * (y - mean) / 2;
  if (strstr(family, "binomial") && !strstr(family, "negative"))
    return (y > 0 ? y * logl(mean) : 0) + (y < 1 ? (1 - y) * logl(complement) : 0);
  if (strstr(family, "poisson"))
    return (y > 0 ? y * logl(mean) : 0) - mean;
  if (strcmp(family, "gamma") == 0)
    return -y / mean - logl(mean);
  if (strcmp(family, "inverse_gaussian") == 0)
    return -y / (2 * mean * mean) + 1 / mean;
  return (y > 0 ? y * logl(mean) : 0) - (y + shape) * logl(mean + shape);
}

typedef struct point {
  const gradus_i_family *family;
  const gradus_i_link *link;
  double shape, y, eta;
} point;

/* Of proportions near 1 by the complement, which has the digits. */
static long double mean_function(const point *p, long double eta) {
  bool near_one = p->family->is_binomial && mean_of(p->link->name, p->eta) > 0.5L;
  return near_one ? -complement_of(p->link->name, eta) : mean_of(p->link->name, eta);
}

static long double loss_function(const point *p, long double eta) {
  return log_likelihood(p->family->name, p->y, mean_of(p->link->name, eta),
                        complement_of(p->link->name, eta), p->shape);
}

/* By the central difference of order 8. */
static long double derivative(long double (*f)(const point *, long double), const point *p) {
  static const long double weights[] = {4.0L / 5, -1.0L / 5, 4.0L / 105, -1.0L / 280};
  long double h = 0.003L * fminl(1, fabsl(p->eta)), sum = 0;
  for (int k = 1; k <= 4; k++)
    sum += weights[k - 1] * (f(p, p->eta + k * h) - f(p, p->eta - k * h));
  return sum / h;
}

/* ---- every family, link, response and predictor ---- */

static const double *responses_of(const gradus_i_family *family) {
  static const double any[] = {-2, 0.1, 3}, proportion[] = {0, 0.37, 1}, count[] = {0, 1, 6},
                      positive[] = {0.2, 1.5, 7};
  return family->accepts(-1)   ? any
         : family->is_binomial ? proportion
         : family->accepts(0)  ? count
                               : positive;
}

static const double *predictors_of(const point *p) {
  static const double any[] = {-4, -1.2, -0.3, 0.4, 1.1, 2.9},
                      above[] = {0.06, 0.3, 0.8, 1.3, 2.6, 9},
                      below[] = {-8, -4, -2, -1.1, -0.6, -0.1};
  if (p->family->is_binomial)
    return strcmp(p->link->name, "log") == 0 ? below : any;
  if (strcmp(p->link->name, "log") == 0 ||
      (strcmp(p->family->name, "gaussian") == 0 && strcmp(p->link->name, "identity") == 0))
    return any;
  return above;
}

static void at_every_point(void (*check)(const point *p)) {
  const char *name;
  size_t points = 0;
  for (size_t f = 0; (name = gradus_i_family_name(f)); f++) {
    point p = {.family = gradus_i_family_find(name)};
    for (size_t l = 0; p.family->links[l]; l++) {
      p.link = gradus_i_link_find(p.family->links[l]);
      CU_ASSERT_PTR_NOT_NULL_FATAL(p.link);
      for (size_t i = 0; i < (p.family->shape_information ? SHAPES : 1) * 18; i++, points++) {
        p.shape = shapes[i / 18];
        p.y = responses_of(p.family)[i % 3];
        p.eta = predictors_of(&p)[i / 3 % 6];
        check(&p);
      }
    }
  }
  CU_ASSERT(points > 600);
}

static void check_near(const point *p, const char *what, double actual, long double expected,
                       double tolerance) {
  if (fabsl(actual - expected) <= tolerance)
    return;
  char text[256];
  snprintf(text, sizeof text, "%s of %s, %s, y = %g, eta = %g, shape = %g", what, p->family->name,
           p->link->name, p->y, p->eta, p->shape);
  test_close(actual, (double)expected, 0, text, __FILE__, __LINE__);
}

static void check_score(const point *p) {
  gradus_i_observation at;
  gradus_i_observe(p->family, p->link, p->shape, p->y, p->eta, &at);
  long double expected = derivative(loss_function, p);
  /* Where the score all but vanishes, beside the Fisher weight. */
  check_near(p, "score", at.score, expected, 1e-11 * ((double)fabsl(expected) + at.fisher));
}

static void scores_are_derivatives_of_the_log_likelihood(void) {
  at_every_point(check_score);
}

static void check_fisher(const point *p) {
  gradus_i_observation at;
  gradus_i_observe(p->family, p->link, p->shape, p->y, p->eta, &at);
  long double slope = derivative(mean_function, p), mean = mean_of(p->link->name, p->eta);
  long double variance = p->family->is_binomial
                             ? mean * complement_of(p->link->name, p->eta)
                             : (long double)p->family->variance((double)mean, p->shape);
  check_near(p, "fisher", at.fisher, slope * slope / variance, 1e-11 * at.fisher);
  check_near(p, "mean", at.mean, mean, 2e-16 * (2 + p->eta * p->eta) * (double)fabsl(mean));
  check_near(p, "slope", p->link->slope(p->eta), slope, 1e-11 * (double)fabsl(slope));
}

static void fisher_weights_are_slope_squared_over_variance(void) {
  at_every_point(check_fisher);
}

static void check_deviance(const point *p) {
  gradus_i_observation at;
  gradus_i_observe(p->family, p->link, p->shape, p->y, p->eta, &at);
  const char *name = p->family->name;
  long double saturated = log_likelihood(name, p->y, p->y, 1 - p->y, p->shape);
  long double expected = 2 * (saturated - loss_function(p, p->eta));
  check_near(p, "deviance", at.deviance, expected, 1e-14 * (double)fabsl(expected) + 1e-17);
  CU_ASSERT(at.deviance >= 0);
}

static void deviances_are_twice_what_the_likelihood_lacks(void) {
  at_every_point(check_deviance);
}

/* ---- expectations over the outcomes ---- */

/* Adds one outcome, of so much length in y, to Σ p, Σ p·score, Σ p·score². */
static void add_outcome(const point *p, double length, double dispersion, double sums[3]) {
  gradus_i_observation at;
  gradus_i_observe(p->family, p->link, p->shape, p->y, p->eta, &at);
  double probability = length * exp(gradus_i_log_density(p->family, p->link, p->shape, p->y, p->eta,
                                                         &at, 1, dispersion));
  sums[0] += probability;
  sums[1] += probability * at.score;
  sums[2] += probability * at.score * at.score;
}

/* Counts one by one; positive numbers by the trapezoidal rule over their logarithm, whose error
 * falls faster than any power. */
static void sum_outcomes(const point *at, double dispersion, double sums[3]) {
  point p = *at;
  bool counts = p.family->accepts(0) && !p.family->accepts(0.5), any = p.family->accepts(-1);
  sums[0] = sums[1] = sums[2] = 0;
  if (p.family->is_binomial || counts)
    for (p.y = 0; p.y <= (p.family->is_binomial ? 1 : 6000); p.y++)
      add_outcome(&p, 1, dispersion, sums);
  else if (any)
    for (p.y = -60; p.y <= 60; p.y += 0.0625)
      add_outcome(&p, 0.0625, dispersion, sums);
  else
    for (double t = -60; t <= 12; t += 0.0078125) {
      p.y = exp(t);
      add_outcome(&p, 0.0078125 * p.y, dispersion, sums);
    }
}

static void check_expectations(const point *p) {
  if (!p->family->log_saturated || p->y != responses_of(p->family)[0])
    return;
  double dispersion = p->family->dispersion_known ? 1 : 0.4, sums[3];
  gradus_i_observation at;
  gradus_i_observe(p->family, p->link, p->shape, p->y, p->eta, &at);
  if (at.mean > 25) /* the tail of the outcomes would be too long */
    return;
  sum_outcomes(p, dispersion, sums);
  check_near(p, "sum of the densities", sums[0], 1, 1e-11);
  check_near(p, "expected score", sums[1], 0, 1e-10 * sqrt(at.fisher));
  check_near(p, "expected square of the score", sums[2], at.fisher * dispersion, 1e-10 * at.fisher);
}

static void fisher_weights_are_expectations_over_the_outcomes(void) {
  at_every_point(check_expectations);
}

/* ---- R's densities ---- */

static gradus_frame *read_frame(const char *name) {
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_csv(&frame, test_data(name), NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  return frame;
}

static double cell(const gradus_frame *frame, const char *name, size_t row) {
  size_t index;
  CU_ASSERT_FATAL(gradus_frame_find(frame, name, &index));
  return gradus_frame_numeric(frame, index)[row];
}

static const char *word(const gradus_frame *frame, size_t column, size_t row) {
  return gradus_frame_level(frame, column, (size_t)gradus_frame_codes(frame, column)[row]);
}

static void log_densities_are_those_of_r(void) {
  gradus_frame *frame = read_frame("densities.csv");
  for (size_t i = 0; i < gradus_frame_rows(frame); i++) {
    point p = {.family = gradus_i_family_find(word(frame, 0, i)),
               .shape = cell(frame, "shape", i),
               .y = cell(frame, "y", i)};
    CU_ASSERT_FATAL(p.family && p.family->log_saturated);
    p.link = gradus_i_link_find(p.family->links[0]);
    p.eta = p.link->predictor(cell(frame, "mean", i));
    gradus_i_observation at;
    gradus_i_observe(p.family, p.link, p.shape, p.y, p.eta, &at);
    double value = gradus_i_log_density(p.family, p.link, p.shape, p.y, p.eta, &at,
                                        cell(frame, "weight", i), cell(frame, "dispersion", i));
    double expected = cell(frame, "log_density", i);
    check_near(&p, "log density", value, expected, 1e-12 * (fabs(expected) + 1));
  }
  gradus_frame_free(frame);
}

/* ---- links ---- */

static void links_into_proportions_keep_their_digits_in_both_tails(void) {
  gradus_frame *frame = read_frame("links.csv");
  for (size_t i = 0; i < gradus_frame_rows(frame); i++) {
    const gradus_i_link *link = gradus_i_link_find(word(frame, 0, i));
    CU_ASSERT_PTR_NOT_NULL_FATAL(link);
    double eta = cell(frame, "eta", i), exponent = fmax(fabs(eta), 1);
    double log_mean = cell(frame, "log_mean", i), log_complement = cell(frame, "log_complement", i);
    double up = cell(frame, "rate_up", i), down = cell(frame, "rate_down", i);
    /* An exponential has the relative error of its argument's absolute one. */
    if (log_mean < 0)
      exponent = fmax(exponent, fmax(fabs(log_mean), fabs(log_complement)));
    double tolerance = 4e-16 * fmin(exponent, 750) + 4e-15;
    CHECK_CLOSE(link->log_mean(eta), log_mean, tolerance);
    CHECK_CLOSE(link->log_complement(eta), log_complement, tolerance);
    if (up != 0)
      CHECK_CLOSE(link->rate_up(eta), up, tolerance);
    else
      CU_ASSERT(link->rate_up(eta) <= 1e-300);
    if (down != 0)
      CHECK_CLOSE(link->rate_down(eta), down, tolerance);
    else
      CU_ASSERT(link->rate_down(eta) <= 1e-300);
    if (log_mean > -690)
      CHECK_CLOSE(link->mean(eta), exp(log_mean), tolerance);
  }
  gradus_frame_free(frame);
}

static void predictors_are_inverses_of_means(void) {
  static const char *const into_proportions[] = {"logit", "probit", "cloglog", "cauchit"};
  static const char *const others[] = {"identity", "log", "inverse", "sqrt", "1/mu^2"};
  static const double proportions[] = {1e-300, 1e-30, 1e-8, 0.003, 0.2, 0.5, 0.7, 0.99, 1 - 1e-9};
  static const double means[] = {1e-100, 1e-8, 0.3, 1, 2.5, 1e9, 1e100};
  for (size_t l = 0; l < 4; l++)
    for (size_t i = 0; i < sizeof proportions / sizeof *proportions; i++) {
      const gradus_i_link *link = gradus_i_link_find(into_proportions[l]);
      double eta = link->predictor(proportions[i]);
      /* The mean's relative error is the predictor's absolute one times the rate. */
      double error = 1e-15 * (1 + fabs(eta) * link->rate_up(eta));
      CHECK_CLOSE(link->mean(eta), proportions[i], 4 * error);
    }
  for (size_t l = 0; l < 5; l++)
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
      const gradus_i_link *link = gradus_i_link_find(others[l]);
      CHECK_CLOSE(link->mean(link->predictor(means[i])), means[i], 1e-13);
      CHECK_CLOSE(link->predictor(link->mean(0.7)), 0.7, 1e-15);
    }
}

/* ---- from tail to tail ---- */

static void check_tails(const gradus_i_family *family, const gradus_i_link *link, double low,
                        double high) {
  for (size_t i = 0; i < 3; i++) {
    double y = responses_of(family)[i], before = -HUGE_VAL;
    for (double eta = low; eta <= high; eta += 0.4375) {
      gradus_i_observation at;
      gradus_i_observe(family, link, 2, y, eta, &at);
      bool good = isfinite(at.mean) && isfinite(at.score) && isfinite(at.fisher) &&
                  at.fisher >= 0 && isfinite(at.deviance) && at.deviance >= 0 && at.mean >= before;
      if (!good) {
        printf("\n%s, %s, y = %g, eta = %g: mean %g, score %g, fisher %g, deviance %g",
               family->name, link->name, y, eta, at.mean, at.score, at.fisher, at.deviance);
        CU_FAIL("a tail has no numbers");
        return;
      }
      before = at.mean;
    }
  }
}

static void no_predictor_from_tail_to_tail_makes_nan_or_overflows(void) {
  static const struct {
    const char *family, *link;
    double low, high;
  } cases[] = {{"binomial", "logit", -700, 700},        {"binomial", "probit", -700, 700},
               {"binomial", "cloglog", -700, 700},      {"binomial", "cauchit", -700, 700},
               {"binomial", "log", -700, -1e-12},       {"poisson", "log", -700, 700},
               {"negative_binomial", "log", -700, 700}, {"gamma", "log", -700, 700},
               {"gaussian", "log", -350, 350}, /* beyond, its square leaves the range */
               {"inverse_gaussian", "log", -340, 700}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check_tails(gradus_i_family_find(cases[i].family), gradus_i_link_find(cases[i].link),
                cases[i].low, cases[i].high);
}

/* What a solver needs of a far tail: e^η of a rare count says as much as a common one's. */
static void weights_of_the_log_link_hold_in_both_tails(void) {
  static const double etas[] = {-700, -400, -30, 30, 400, 700};
  for (size_t i = 0; i < 6; i++) {
    gradus_i_observation at;
    const gradus_i_link *link = gradus_i_link_find("log");
    double mean = exp(etas[i]);
    gradus_i_observe(gradus_i_family_find("poisson"), link, 0, 1, etas[i], &at);
    CHECK_CLOSE(at.fisher, mean, 1e-15);
    gradus_i_observe(gradus_i_family_find("gamma"), link, 0, 1, etas[i], &at);
    CHECK_CLOSE(at.fisher, 1, 1e-15);
    gradus_i_observe(gradus_i_family_find("negative_binomial"), link, 2, 1, etas[i], &at);
    CHECK_CLOSE(at.fisher, 1 / (1 / mean + 0.5), 1e-15);
    gradus_i_observe(gradus_i_family_find("inverse_gaussian"), link, 0, 1, etas[i], &at);
    CHECK_CLOSE(at.fisher, 1 / mean, 1e-15);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"scores are derivatives of the log-likelihood",
       scores_are_derivatives_of_the_log_likelihood},
      {"Fisher weights are slope squared over variance",
       fisher_weights_are_slope_squared_over_variance},
      {"deviances are twice what the likelihood lacks",
       deviances_are_twice_what_the_likelihood_lacks},
      {"Fisher weights are expectations over the outcomes",
       fisher_weights_are_expectations_over_the_outcomes},
      {"log densities are those of R", log_densities_are_those_of_r},
      {"links into proportions keep their digits in both tails",
       links_into_proportions_keep_their_digits_in_both_tails},
      {"predictors are inverses of means", predictors_are_inverses_of_means},
      {"no predictor from tail to tail makes NaN or overflows",
       no_predictor_from_tail_to_tail_makes_nan_or_overflows},
      {"weights of the log link hold in both tails", weights_of_the_log_link_hold_in_both_tails},
  };
  return test_main("families", cases, sizeof cases / sizeof *cases);
}
