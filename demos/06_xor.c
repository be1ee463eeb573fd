// SPDX-License-Identifier: GPL-3.0-or-later
/* XOR: what one neuron cannot say, and two hidden ones can.
 *
 * y is 1 where exactly one of two inputs is 1. The boundary of one neuron is a straight line, and
 * no straight line has (0,1) and (1,0) on one side and (0,0) and (1,1) on the other. Two neurons
 * in a hidden layer draw two lines; a third one reads where a point lies with respect to both. The
 * parameters are the same as ever, only in more blocks: hidden1.weight, hidden1.bias,
 * output.weight, output.bias. */
#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>

enum { POINTS = 4, UNITS = 2 };
static const double x1[POINTS] = {0, 0, 1, 1}, x2[POINTS] = {0, 1, 0, 1}, y[POINTS] = {0, 1, 1, 0};

static gradus_status make_points(gradus_frame **frame, gradus_error *err) {
  gradus_status status = gradus_frame_new(frame, POINTS, err);
  if (status <= 0)
    status = gradus_frame_add_numeric(*frame, "x1", x1, 1, err);
  if (status <= 0)
    status = gradus_frame_add_numeric(*frame, "x2", x2, 1, err);
  return status <= 0 ? gradus_frame_add_numeric(*frame, "y", y, 1, err) : status;
}

static double without_rounding(double value) {
  return fabs(value) < 1e-9 ? 0 : value;
}

/* The likelihood is highest where the neuron says nothing: all weights 0, all probabilities ½. */
static gradus_status one_neuron(const gradus_frame *points, gradus_error *err) {
  gradus_fit *fit = NULL;
  gradus_status status = gradus_logistic_fit(&fit, "y ~ x1 + x2", points, NULL, err);
  if (status <= 0)
    printf("One neuron: η = %.2f %+.2f x1 %+.2f x2, so that every point has p = %.2f.\n\n",
           without_rounding(gradus_fit_coefficient(fit, 0, 0)),
           without_rounding(gradus_fit_coefficient(fit, 0, 1)),
           without_rounding(gradus_fit_coefficient(fit, 0, 2)),
           1 / (1 + exp(-gradus_fit_coefficient(fit, 0, 0))));
  gradus_fit_free(fit);
  return status;
}

/* A small penalty keeps the weights finite: four points are easily told apart. The loss has more
   than one valley, and the seed says where the search starts. */
static gradus_status two_units(gradus_fit **fit, const gradus_frame *points, unsigned long seed,
                               gradus_error *err) {
  static const size_t hidden[] = {UNITS};
  gradus_network_options options = {
      .fit = {.family = "binomial", .solver = "lbfgs", .l2 = 1e-4, .seed = seed},
      .hidden = hidden,
      .hidden_count = 1,
      .activation = "tanh",
      .raw_inputs = true};
  return gradus_network_fit(fit, "y ~ x1 + x2", points, &options, err);
}

static const double *block(const gradus_fit *fit, const char *name) {
  const gradus_params *params = gradus_fit_params(fit);
  return gradus_params_const_values(params) + gradus_params_find(params, name)->offset;
}

/* The network by hand: two lines, bent, and a line through what comes out. */
typedef struct outputs {
  double hidden[UNITS], probability;
} outputs;

static outputs network(const gradus_fit *fit, double a, double b) {
  const double *w = block(fit, "hidden1.weight"), *bias = block(fit, "hidden1.bias");
  const double *v = block(fit, "output.weight");
  outputs o;
  double eta = block(fit, "output.bias")[0];
  for (size_t u = 0; u < UNITS; u++) {
    o.hidden[u] = tanh(w[2 * u] * a + w[2 * u + 1] * b + bias[u]);
    eta += v[u] * o.hidden[u];
  }
  o.probability = 1 / (1 + exp(-eta));
  return o;
}

static void print_units(const gradus_fit *fit) {
  const double *w = block(fit, "hidden1.weight"), *bias = block(fit, "hidden1.bias");
  for (size_t u = 0; u < UNITS; u++)
    printf("unit %c: h = tanh(%.2f x1 %+.2f x2 %+.2f), boundary x2 = %.2f %+.2f x1\n",
           (int)('A' + u), w[2 * u], w[2 * u + 1], bias[u], -bias[u] / w[2 * u + 1],
           -w[2 * u] / w[2 * u + 1]);
  printf("output: η = %.2f %+.2f hA %+.2f hB\n\n", block(fit, "output.bias")[0],
         block(fit, "output.weight")[0], block(fit, "output.weight")[1]);
}

/* '.' where the network says 1; A and B along the boundaries of the two units; the points as they
   are. */
static void draw(const gradus_fit *fit) {
  enum { WIDTH = 64, HEIGHT = 24 };
  for (int row = HEIGHT - 1; row >= 0; row--) {
    char line[WIDTH + 1] = {0};
    double b = -0.5 + 2.0 * (row + 0.5) / HEIGHT;
    for (int column = 0; column < WIDTH; column++) {
      double a = -0.5 + 2.0 * (column + 0.5) / WIDTH;
      outputs here = network(fit, a, b), right = network(fit, a + 2.0 / WIDTH, b),
              above = network(fit, a, b + 2.0 / HEIGHT);
      line[column] = here.probability >= 0.5 ? '.' : ' ';
      for (size_t u = 0; u < UNITS; u++)
        if (here.hidden[u] * right.hidden[u] < 0 || here.hidden[u] * above.hidden[u] < 0)
          line[column] = (char)('A' + u);
    }
    for (size_t i = 0; i < POINTS; i++)
      if ((int)((x2[i] + 0.5) / 2 * HEIGHT) == row)
        line[(int)((x1[i] + 0.5) / 2 * WIDTH)] = y[i] > 0 ? '1' : '0';
    printf("%5.2f |%s\n", b, line);
  }
  printf("   x2   x1: -0.5 %*s 1.5\n\n", WIDTH - 14, "");
}

/* Hidden units are coordinates: in those the points can be told apart by a line. */
static bool print_points(const gradus_fit *fit, const gradus_prediction *p) {
  bool right = true, same = true;
  printf("%4s %4s %4s %9s %9s %12s %12s\n", "x1", "x2", "y", "hA", "hB", "p", "by hand");
  for (size_t i = 0; i < POINTS; i++) {
    outputs o = network(fit, x1[i], x2[i]);
    printf("%4.0f %4.0f %4.0f %9.4f %9.4f %12.6f %12.6f\n", x1[i], x2[i], y[i], o.hidden[0],
           o.hidden[1], p->fitted[i], o.probability);
    right = right && (p->fitted[i] >= 0.5) == (y[i] > 0);
    same = same && fabs(p->fitted[i] - o.probability) < 1e-12;
  }
  printf("\n");
  return right && same;
}

static gradus_status try_seeds(gradus_fit **best, const gradus_frame *points, gradus_error *err) {
  enum { SEEDS = 20 };
  double least = INFINITY;
  size_t found = 0;
  gradus_status status = GRADUS_OK;
  for (unsigned long seed = 0; status <= 0 && seed < SEEDS; seed++) {
    gradus_fit *fit = NULL;
    gradus_network_metrics m = {0};
    status = two_units(&fit, points, seed, err);
    if (status <= 0)
      status = gradus_fit_network_metrics(fit, GRADUS_SET_TRAIN, &m, err);
    found += status <= 0 && m.accuracy > 0.99;
    if (status <= 0 && m.loss < least) {
      gradus_fit *worse = *best;
      least = m.loss;
      *best = fit;
      fit = worse;
    }
    gradus_fit_free(fit);
  }
  if (status <= 0)
    printf(
        "Two hidden units, from %d random starts: %zu get all four points right; the others end\n"
        "in a valley that is not the deepest. More units leave fewer such valleys. The best "
        "one:\n\n",
        SEEDS, found);
  return status;
}

int main(void) {
  gradus_frame *points = NULL;
  gradus_fit *fit = NULL;
  gradus_prediction *prediction = NULL;
  gradus_error err = {0};
  bool right = false;
  gradus_status status = make_points(&points, &err);
  if (status <= 0)
    status = one_neuron(points, &err);
  if (status <= 0)
    status = try_seeds(&fit, points, &err);
  if (status <= 0)
    status = gradus_predict(&prediction, fit, points, NULL, &err);
  if (status <= 0) {
    print_units(fit);
    draw(fit);
    right = print_points(fit, prediction);
  } else
    fprintf(stderr, "%s\n", err.message);
  gradus_prediction_free(prediction);
  gradus_fit_free(fit);
  gradus_frame_free(points);
  return right ? 0 : 1;
}
