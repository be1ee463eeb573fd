// SPDX-License-Identifier: GPL-3.0-or-later
/* The bowl: gradient descent meets the closed form.
 *
 * The line of the first demo again, y = W x + b, but found as networks are: start anywhere, and go
 * downhill. Over the plane of all b and W the loss, half the mean squared error, is a bowl with one
 * bottom. The gradient points up its wall; θ ← θ - η·gradient is a step down. In the units of the
 * data the bowl is a long narrow valley, for a heavier car with the same line needs another start
 * of it; the library descends in standardised columns, where it is round, and shows its path in
 * ours. */
#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>

static const char formula[] = "mpg ~ wt";

typedef struct step {
  double bias, weight, loss;
} step;

enum { MOST = 200 };

typedef struct path {
  step steps[MOST + 1];
  size_t length;
} path;

/* After every iteration the solver shows where it stands: θ is W, then b. */
static bool remember(void *context, const gradus_progress *progress) {
  path *p = context;
  if (p->length <= MOST)
    p->steps[p->length++] = (step){progress->theta[1], progress->theta[0], progress->loss};
  return true;
}

/* Half the mean squared error of a line. */
static double loss_of(double bias, double weight, const double *x, const double *y, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += (y[i] - bias - weight * x[i]) * (y[i] - bias - weight * x[i]);
  return 0.5 * sum / (double)n;
}

/* From the line y = 5, by 100 steps of η = 0.1, and nothing clever. */
static gradus_status descend(gradus_fit **fit, const gradus_frame *cars, const gradus_fit *best,
                             path *p, gradus_error *err) {
  gradus_params *start = NULL;
  gsl_matrix_view weight;
  gsl_vector_view bias;
  gradus_status status = gradus_params_copy(&start, gradus_fit_params(best), err);
  if (status <= 0)
    status = gradus_params_weight(start, "output.weight", &weight, err);
  if (status <= 0)
    status = gradus_params_bias(start, "output.bias", &bias, err);
  if (status <= 0) {
    gsl_matrix_set_zero(&weight.matrix);
    gsl_vector_set_all(&bias.vector, 5);
    gradus_fit_options options = {
        .solver = "gradient-descent",
        .descent = {.rule = GRADUS_RULE_PLAIN, .learning_rate = 0.1},
        .max_iterations = 100,
        .start = start,
        .progress = remember,
        .progress_context = p,
    };
    status = gradus_linear_fit(fit, formula, cars, &options, err);
  }
  gradus_params_free(start);
  return status;
}

static void print_path(const path *p, double bias, double weight) {
  static const size_t shown[] = {0, 1, 2, 3, 5, 10, 20, 50, 100};
  printf("%9s %12s %12s %14s %12s\n", "iteration", "bias", "weight", "loss", "gap");
  for (size_t i = 0; i < sizeof shown / sizeof *shown && shown[i] < p->length; i++) {
    const step *s = &p->steps[shown[i]];
    printf("%9zu %12.6f %12.6f %14.8f %12.2e\n", shown[i], s->bias, s->weight, s->loss,
           hypot(s->bias - bias, s->weight - weight));
  }
  printf("%9s %12.6f %12.6f\n\n", "closed", bias, weight);
}

/* The plane of b and W: bands of equal loss, each twice as high above the bottom as the one
   before, and the path. */
static const double low_bias = 0, high_bias = 60, low_weight = -12, high_weight = 4;

static void draw(const path *p, double bottom, const double *x, const double *y, size_t n) {
  enum { WIDTH = 64, HEIGHT = 22 };
  double right = (high_bias - low_bias) / WIDTH, up = (high_weight - low_weight) / HEIGHT;
  for (int row = HEIGHT - 1; row >= 0; row--) {
    char line[WIDTH + 1] = {0};
    for (int column = 0; column < WIDTH; column++) {
      double height =
          loss_of(low_bias + right * (column + 0.5), low_weight + up * (row + 0.5), x, y, n);
      line[column] = " .:-=+*#%@"[(int)fmin(9, fmax(0, log2((height - bottom) / 2)))];
    }
    for (size_t i = 0; i < p->length; i++) {
      int column = (int)((p->steps[i].bias - low_bias) / right);
      if ((int)((p->steps[i].weight - low_weight) / up) == row && column >= 0 && column < WIDTH)
        line[column] = i + 1 < p->length ? 'o' : 'X';
    }
    printf("%6.1f |%s\n", low_weight + up * (row + 0.5), line);
  }
  printf("weight   bias: %.0f %*s %.0f\n\n", low_bias, WIDTH - 14, "", high_bias);
}

static bool write_path(const char *name, const path *p) {
  FILE *file = fopen(name, "w");
  if (!file)
    return false;
  fprintf(file, "iteration,bias,weight,loss\n");
  for (size_t i = 0; i < p->length; i++)
    fprintf(file, "%zu,%.17g,%.17g,%.17g\n", i, p->steps[i].bias, p->steps[i].weight,
            p->steps[i].loss);
  return fclose(file) == 0;
}

/* The loss over a grid, for a plot of its contours. */
static bool write_bowl(const char *name, const double *x, const double *y, size_t n) {
  enum { CELLS = 60 };
  FILE *file = fopen(name, "w");
  if (!file)
    return false;
  fprintf(file, "bias,weight,loss\n");
  for (int i = 0; i <= CELLS; i++)
    for (int j = 0; j <= CELLS; j++) {
      double bias = low_bias + (high_bias - low_bias) * i / CELLS;
      double weight = low_weight + (high_weight - low_weight) * j / CELLS;
      fprintf(file, "%.17g,%.17g,%.17g\n", bias, weight, loss_of(bias, weight, x, y, n));
    }
  return fclose(file) == 0;
}

/* The same with no rate to choose: the library finds its step, and stops when the gradient is 0 to
   twelve digits. */
static bool meets(const gradus_frame *cars, double bias, double weight, gradus_error *err) {
  gradus_fit *fit = NULL;
  gradus_fit_options options = {.solver = "gradient-descent"};
  if (gradus_linear_fit(&fit, formula, cars, &options, err) > 0)
    return false;
  const gradus_solver_report *report = gradus_fit_solver(fit);
  double found_bias = gradus_fit_coefficient(fit, 0, 0);
  double found_weight = gradus_fit_coefficient(fit, 0, 1);
  printf("With a step of its own finding, after %zu iterations (%s):\n", report->iterations,
         report->stop);
  printf("  descent      %.15f %.15f\n  closed form  %.15f %.15f\n", found_bias, found_weight, bias,
         weight);
  bool same = report->converged && fabs(found_bias - bias) < 1e-9 * fabs(bias) &&
              fabs(found_weight - weight) < 1e-9 * fabs(weight);
  gradus_fit_free(fit);
  return same;
}

int main(int count, char **arguments) {
  const char *path_name = count > 1 ? arguments[1] : "03_descent.csv";
  const char *bowl_name = count > 2 ? arguments[2] : "03_bowl.csv";
  gradus_frame *cars = NULL;
  gradus_fit *best = NULL, *descent = NULL;
  gradus_error err = {0};
  path p = {.length = 0};
  size_t mpg, wt;
  bool same = false;
  gradus_status status = gradus_frame_read_csv(&cars, "@mtcars", NULL, &err);
  if (status <= 0)
    status = gradus_linear_fit(&best, formula, cars, NULL, &err);
  if (status <= 0)
    status = descend(&descent, cars, best, &p, &err);
  if (status <= 0 && gradus_frame_find(cars, "mpg", &mpg) && gradus_frame_find(cars, "wt", &wt)) {
    double bias = gradus_fit_coefficient(best, 0, 0), weight = gradus_fit_coefficient(best, 0, 1);
    const double *x = gradus_frame_numeric(cars, wt), *y = gradus_frame_numeric(cars, mpg);
    size_t n = gradus_frame_rows(cars);
    const step *last = &p.steps[p.length - 1];
    draw(&p, loss_of(bias, weight, x, y, n), x, y, n);
    print_path(&p, bias, weight);
    same = fabs(last->loss - loss_of(last->bias, last->weight, x, y, n)) < 1e-12 * last->loss &&
           meets(cars, bias, weight, &err);
    if (!write_path(path_name, &p) || !write_bowl(bowl_name, x, y, n))
      fprintf(stderr, "%s or %s cannot be written\n", path_name, bowl_name);
    else
      printf("\nThe path is in %s, the bowl in %s.\n", path_name, bowl_name);
  }
  if (err.code > 0)
    fprintf(stderr, "%s\n", err.message);
  gradus_fit_free(descent);
  gradus_fit_free(best);
  gradus_frame_free(cars);
  return same ? 0 : 1;
}
