// SPDX-License-Identifier: GPL-3.0-or-later
/* A line through data: one weight, one bias.
 *
 * The model is y = W x + b. "Weights scale, biases shift": W says how many miles per gallon 1000
 * pounds more cost, b where the line starts. Least squares chooses both so that the squared
 * vertical distances from the points to the line add up to as little as can be, and for a line the
 * answer can be written down: W = cov(x, y) / var(x), b = mean(y) - W mean(x). */
#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>

/* The fit in ten lines. */
static gradus_status fit_line(gradus_fit **fit, gradus_frame **cars, gradus_error *err) {
  gradus_status status = gradus_frame_read_csv(cars, "@mtcars", NULL, err);
  if (status > 0)
    return status;
  return gradus_linear_fit(fit, "mpg ~ wt", *cars, NULL, err);
}

/* The same by the formula above. */
static void line_by_hand(const double *x, const double *y, size_t n, double *weight, double *bias) {
  double mean_x = 0, mean_y = 0, covariance = 0, variance = 0;
  for (size_t i = 0; i < n; i++) {
    mean_x += x[i] / (double)n;
    mean_y += y[i] / (double)n;
  }
  for (size_t i = 0; i < n; i++) {
    covariance += (x[i] - mean_x) * (y[i] - mean_y);
    variance += (x[i] - mean_x) * (x[i] - mean_x);
  }
  *weight = covariance / variance;
  *bias = mean_y - *weight * mean_x;
}

/* Points and line as characters: heavy cars to the right, thirsty ones below. */
static void draw(const double *x, const double *y, size_t n, double weight, double bias) {
  enum { WIDTH = 64, HEIGHT = 20 };
  for (int row = HEIGHT - 1; row >= 0; row--) {
    char line[WIDTH + 1] = {0};
    for (int column = 0; column < WIDTH; column++) {
      double at = 1.4 + 4.2 * (column + 0.5) / WIDTH,
             height = (bias + weight * at - 9) / 26 * HEIGHT;
      line[column] = (int)floor(height) == row ? '.' : ' ';
    }
    for (size_t i = 0; i < n; i++)
      if ((int)((y[i] - 9) / 26 * HEIGHT) == row)
        line[(int)((x[i] - 1.4) / 4.2 * WIDTH)] = 'o';
    printf("%5.1f |%s\n", 9 + 26 * (row + 0.5) / HEIGHT, line);
  }
  printf("       1000 lb: 1.4 %*s 5.6\n", WIDTH - 18, "");
}

int main(void) {
  gradus_frame *cars = NULL;
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  if (fit_line(&fit, &cars, &err) > 0) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  double bias = gradus_fit_coefficient(fit, 0, 0), weight = gradus_fit_coefficient(fit, 0, 1);
  size_t mpg, wt;
  if (!gradus_frame_find(cars, "mpg", &mpg) || !gradus_frame_find(cars, "wt", &wt))
    return 1;
  const double *x = gradus_frame_numeric(cars, wt), *y = gradus_frame_numeric(cars, mpg);
  double hand_weight, hand_bias;
  line_by_hand(x, y, gradus_frame_rows(cars), &hand_weight, &hand_bias);
  draw(x, y, gradus_frame_rows(cars), weight, bias);
  printf("\nmpg = %.6f + (%.6f) * wt\n", bias, weight);
  printf("by hand: weight %.6f, bias %.6f\n", hand_weight, hand_bias);
  printf("A car of 3000 lb: %.2f mpg. 1000 lb more: %.2f mpg.\n\n", bias + weight * 3, weight);
  bool same = fabs(hand_weight - weight) < 1e-12 && fabs(hand_bias - bias) < 1e-11;
  gradus_status status = gradus_fit_print(fit, stdout, NULL, &err);
  gradus_fit_free(fit);
  gradus_frame_free(cars);
  return same && status <= 0 ? 0 : 1;
}
