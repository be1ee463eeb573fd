// SPDX-License-Identifier: GPL-3.0-or-later
/* Many inputs: numbers, factors, interactions, and what is known of a prediction.
 *
 * The model is still y = W x + b: only x has become longer. A factor with levels 4, 6, 8 is two
 * columns of zeros and ones, one for each level but the first, which is the bias's; an interaction
 * wt:cyl6 is the product of two columns. A formula says which columns there are, and the design
 * that it becomes makes the same columns of any new data. */
#include <gradus/gradus.h>
#include <stdio.h>

static gradus_frame *new_cars(gradus_error *err) {
  static const double wt[] = {2.5, 3.2, 4.0}, cyl[] = {4, 6, 8};
  gradus_frame *frame = NULL;
  if (gradus_frame_new(&frame, 3, err) > 0 ||
      gradus_frame_add_numeric(frame, "wt", wt, 1, err) > 0 ||
      gradus_frame_add_numeric(frame, "cyl", cyl, 1, err) > 0) {
    gradus_frame_free(frame);
    return NULL;
  }
  return frame;
}

static void print_columns(const gradus_fit *fit) {
  printf("The columns that \"wt * factor(cyl)\" stands for, and their weights:\n");
  for (size_t j = 0; j < gradus_fit_coefficients(fit); j++)
    printf("  %-18s %10.4f%s\n", gradus_fit_coefficient_name(fit, j),
           gradus_fit_coefficient(fit, 0, j), j == 0 ? "   (the bias)" : "");
}

/* The mean of all such cars is known better than the one car that stands in front of you. */
static gradus_status print_intervals(const gradus_fit *fit, const gradus_frame *cars,
                                     gradus_error *err) {
  gradus_prediction *mean = NULL, *one = NULL;
  gradus_predict_options options = {.interval = GRADUS_INTERVAL_CONFIDENCE};
  gradus_status status = gradus_predict(&mean, fit, cars, &options, err);
  options.interval = GRADUS_INTERVAL_PREDICTION;
  if (status <= 0)
    status = gradus_predict(&one, fit, cars, &options, err);
  for (size_t i = 0; status <= 0 && i < mean->rows; i++)
    printf("  new car %zu: %5.2f mpg; mean of such cars %5.2f to %5.2f, one such car %5.2f to "
           "%5.2f\n",
           i + 1, mean->fitted[i], mean->low[i], mean->high[i], one->low[i], one->high[i]);
  gradus_prediction_free(mean);
  gradus_prediction_free(one);
  return status;
}

int main(void) {
  gradus_error err = {0};
  gradus_frame *cars = NULL, *fresh = NULL;
  gradus_fit *fit = NULL;
  gradus_status status = gradus_frame_read_csv(&cars, "@mtcars", NULL, &err);
  if (status <= 0)
    status = gradus_linear_fit(&fit, "mpg ~ wt * factor(cyl)", cars, NULL, &err);
  if (status <= 0) {
    print_columns(fit);
    printf("\nEach group of cylinders has a line of its own:\n");
    double slope = gradus_fit_coefficient(fit, 0, 1);
    printf("  4: %.3f mpg per 1000 lb, 6: %.3f, 8: %.3f\n", slope,
           slope + gradus_fit_coefficient(fit, 0, 4), slope + gradus_fit_coefficient(fit, 0, 5));
    printf("\nPredictions, with 95 %% intervals:\n");
    fresh = new_cars(&err);
    status = fresh ? print_intervals(fit, fresh, &err) : err.code;
  }
  if (status <= 0) {
    printf("\n");
    status = gradus_fit_print(fit, stdout, &(gradus_report_options){.intervals = true}, &err);
  }
  if (status > 0)
    fprintf(stderr, "%s\n", err.message);
  gradus_fit_free(fit);
  gradus_frame_free(cars);
  gradus_frame_free(fresh);
  return status > 0;
}
