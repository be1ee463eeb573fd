// SPDX-License-Identifier: GPL-3.0-or-later
/* One neuron: a line bent into a probability.
 *
 * The model is η = W x + b and p = 1 / (1 + exp(-η)). The first half is the straight line of the
 * first demo, with two inputs; the second, the sigmoid, squeezes it into 0 to 1. So a weight no
 * longer says how much p grows, but how much the log odds do: one unit more of an input multiplies
 * the odds p / (1 - p) by exp(weight), wherever one stands. And p is one half where η is 0: with
 * two inputs that is a straight line, the boundary between the two predictions. */
#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>

/* Cars with a manual gearbox (am = 1), told from their weight (1000 lb) and power (100 hp). */
static gradus_status fit_neuron(gradus_fit **fit, gradus_frame **cars, gradus_error *err) {
  gradus_status status = gradus_frame_read_csv(cars, "@mtcars", NULL, err);
  if (status > 0)
    return status;
  return gradus_logistic_fit(fit, "am ~ wt + I(hp / 100)", *cars, NULL, err);
}

static double neuron(const gradus_fit *fit, double wt, double hp) {
  double eta = gradus_fit_coefficient(fit, 0, 0) + gradus_fit_coefficient(fit, 0, 1) * wt +
               gradus_fit_coefficient(fit, 0, 2) * hp / 100;
  return 1 / (1 + exp(-eta));
}

/* The intervals are made where the estimates are nearly normal, for the log odds, and then carried
   over by exp: that is why they are lopsided. */
static gradus_status print_odds_ratios(const gradus_fit *fit, gradus_error *err) {
  printf("%-14s %10s %12s %26s\n", "", "weight", "odds ratio", "95 % interval");
  gradus_status status = GRADUS_OK;
  for (size_t j = 1; status <= 0 && j < gradus_fit_coefficients(fit); j++) {
    gradus_term term;
    status = gradus_fit_term(fit, 0, j, 0.95, &term, err);
    if (status <= 0)
      printf("%-14s %10.4f %12.4g %12.4g to %10.4g\n", term.term, term.estimate, exp(term.estimate),
             exp(term.conf_low), exp(term.conf_high));
  }
  return status;
}

/* The plane of the two inputs: '.' where the neuron says manual, ' ' where it says automatic; the
   cars as they are, 'm' and 'a'. */
static void draw(const gradus_fit *fit, const double *wt, const double *hp, const double *am,
                 size_t n) {
  enum { WIDTH = 64, HEIGHT = 20 };
  for (int row = HEIGHT - 1; row >= 0; row--) {
    char line[WIDTH + 1] = {0};
    double power = 40 + 310 * (row + 0.5) / HEIGHT;
    for (int column = 0; column < WIDTH; column++) {
      double at = 1.4 + 4.2 * (column + 0.5) / WIDTH;
      line[column] = neuron(fit, at, power) >= 0.5 ? '.' : ' ';
    }
    for (size_t i = 0; i < n; i++)
      if ((int)((hp[i] - 40) / 310 * HEIGHT) == row)
        line[(int)((wt[i] - 1.4) / 4.2 * WIDTH)] = am[i] > 0 ? 'm' : 'a';
    printf("%5.0f |%s\n", power, line);
  }
  printf("   hp   1000 lb: 1.4 %*s 5.6\n\n", WIDTH - 18, "");
}

/* The neuron by hand against the library's predictions, and how often it is right. */
static bool compare(const gradus_fit *fit, const gradus_prediction *p, const double *wt,
                    const double *hp, const double *am) {
  gradus_confusion confusion;
  gradus_rates rates;
  double farthest = 0;
  for (size_t i = 0; i < p->rows; i++)
    farthest = fmax(farthest, fabs(p->fitted[i] - neuron(fit, wt[i], hp[i])));
  if (gradus_confusion_count(&confusion, am, p->fitted, NULL, p->rows, 0.5, NULL) > 0 ||
      gradus_confusion_rates(&rates, &confusion, 0.95, NULL) > 0)
    return false;
  printf("\nRight for %.0f of %.0f cars: %.3f (95 %% interval %.3f to %.3f), of the cars it was "
         "fitted to.\n\n",
         confusion.true_positive + confusion.true_negative, rates.nobs, rates.accuracy,
         rates.accuracy_low, rates.accuracy_high);
  return farthest < 1e-12;
}

int main(void) {
  gradus_frame *cars = NULL;
  gradus_fit *fit = NULL;
  gradus_prediction *prediction = NULL;
  gradus_error err = {0};
  size_t wt, hp, am;
  bool same = false;
  gradus_status status = fit_neuron(&fit, &cars, &err);
  if (status <= 0)
    status = gradus_predict(&prediction, fit, cars, NULL, &err);
  if (status <= 0 && gradus_frame_find(cars, "wt", &wt) && gradus_frame_find(cars, "hp", &hp) &&
      gradus_frame_find(cars, "am", &am)) {
    const double *x1 = gradus_frame_numeric(cars, wt), *x2 = gradus_frame_numeric(cars, hp),
                 *y = gradus_frame_numeric(cars, am);
    draw(fit, x1, x2, y, gradus_frame_rows(cars));
    status = print_odds_ratios(fit, &err);
    same = compare(fit, prediction, x1, x2, y);
  }
  if (status <= 0)
    status = gradus_fit_print(fit, stdout, NULL, &err);
  if (status > 0)
    fprintf(stderr, "%s\n", err.message);
  gradus_prediction_free(prediction);
  gradus_fit_free(fit);
  gradus_frame_free(cars);
  return same && status <= 0 ? 0 : 1;
}
