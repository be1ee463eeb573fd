// SPDX-License-Identifier: GPL-3.0-or-later
/* Backpropagation: the chain rule, from the loss back to every weight.
 *
 * A network of two inputs, two hidden units and one output, for one row x with response y:
 *
 *     aᵤ = wᵤ₁ x₁ + wᵤ₂ x₂ + bᵤ      hᵤ = tanh(aᵤ)      η = v₁ h₁ + v₂ h₂ + c      ℓ = ½ (η - y)²
 *
 * Forward computes these from left to right. Backward computes from right to left how much ℓ
 * changes with each of them, every step with what the step before has found:
 *
 *     ∂ℓ/∂η = η - y      ∂ℓ/∂vᵤ = ∂ℓ/∂η hᵤ      ∂ℓ/∂c = ∂ℓ/∂η
 *     ∂ℓ/∂hᵤ = ∂ℓ/∂η vᵤ      ∂ℓ/∂aᵤ = ∂ℓ/∂hᵤ (1 - hᵤ²)
 *     ∂ℓ/∂wᵤⱼ = ∂ℓ/∂aᵤ xⱼ      ∂ℓ/∂bᵤ = ∂ℓ/∂aᵤ
 *
 * All nine derivatives cost about as much as one more forward pass; nine differences would cost
 * nine. The loss of several rows is the mean, and so is its gradient. */
#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INPUTS = 2, UNITS = 2, ROWS = 4, SIZE = UNITS * INPUTS + UNITS + UNITS + 1 };

/* θ in the library's order: hidden1.weight, hidden1.bias, output.weight, output.bias. */
typedef struct parameters {
  double w[UNITS][INPUTS], b[UNITS], v[UNITS], c;
} parameters;
_Static_assert(sizeof(parameters) == SIZE * sizeof(double), "θ is one vector");

static const char *const names[SIZE] = {"w11", "w12", "w21", "w22", "b1", "b2", "v1", "v2", "c"};
static const double x[ROWS][INPUTS] = {{0.5, -1.0}, {1.5, 0.25}, {-0.75, 2.0}, {-1.0, -0.5}};
static const double y[ROWS] = {1.0, -0.5, 0.75, 2.0};

typedef struct pass {
  double h[UNITS], eta, loss;
} pass;

static pass forward(const parameters *p, const double *row, double response) {
  pass f = {.eta = p->c};
  for (size_t u = 0; u < UNITS; u++) {
    f.h[u] = tanh(p->w[u][0] * row[0] + p->w[u][1] * row[1] + p->b[u]);
    f.eta += p->v[u] * f.h[u];
  }
  f.loss = 0.5 * (f.eta - response) * (f.eta - response);
  return f;
}

/* Adds this row's part of the mean. */
static void backward(parameters *gradient, const parameters *p, const pass *f, const double *row,
                     double response) {
  double by_eta = (f->eta - response) / ROWS;
  gradient->c += by_eta;
  for (size_t u = 0; u < UNITS; u++) {
    double by_a = by_eta * p->v[u] * (1 - f->h[u] * f->h[u]);
    gradient->v[u] += by_eta * f->h[u];
    gradient->b[u] += by_a;
    for (size_t j = 0; j < INPUTS; j++)
      gradient->w[u][j] += by_a * row[j];
  }
}

static double mean_loss(const double *theta) {
  parameters p;
  double sum = 0;
  memcpy(&p, theta, sizeof p);
  for (size_t i = 0; i < ROWS; i++)
    sum += forward(&p, x[i], y[i]).loss;
  return sum / ROWS;
}

static void by_chain_rule(double *gradient, const double *theta) {
  parameters p, g = {0};
  memcpy(&p, theta, sizeof p);
  for (size_t i = 0; i < ROWS; i++) {
    pass f = forward(&p, x[i], y[i]);
    backward(&g, &p, &f, x[i], y[i]);
  }
  memcpy(gradient, &g, sizeof g);
}

/* Up and down a little, parameter by parameter. */
static void by_differences(double *gradient, const double *theta) {
  const double step = 1e-5;
  for (size_t i = 0; i < SIZE; i++) {
    double moved[SIZE];
    memcpy(moved, theta, sizeof moved);
    moved[i] = theta[i] + step;
    double above = mean_loss(moved);
    moved[i] = theta[i] - step;
    gradient[i] = (above - mean_loss(moved)) / (2 * step);
  }
}

/* The library shows θ before and after one plain step over all rows, θ ← θ - rate·gradient: what
   lies between them is its gradient. */
static const double rate = 0.5;

typedef struct steps {
  double theta[2][SIZE], loss[2];
} steps;

static bool remember(void *context, const gradus_progress *progress) {
  steps *s = context;
  if (progress->iteration < 2 && progress->size == SIZE) {
    memcpy(s->theta[progress->iteration], progress->theta, sizeof s->theta[0]);
    s->loss[progress->iteration] = progress->loss;
  }
  return true;
}

static gradus_status step_of_library(steps *s, gradus_error *err) {
  static const size_t hidden[] = {UNITS};
  gradus_fit *fit = NULL;
  double inputs[ROWS * INPUTS], responses[ROWS];
  memcpy(inputs, x, sizeof inputs);
  memcpy(responses, y, sizeof responses);
  gsl_matrix_view inputs_view = gsl_matrix_view_array(inputs, ROWS, INPUTS);
  gsl_matrix_view responses_view = gsl_matrix_view_array(responses, ROWS, 1);
  gradus_network_options options = {
      .fit = {.solver = "gradient-descent",
              .seed = 7,
              .max_iterations = 1,
              .descent = {.rule = GRADUS_RULE_PLAIN, .learning_rate = rate, .batch_size = ROWS},
              .progress = remember,
              .progress_context = s},
      .hidden = hidden,
      .hidden_count = 1,
      .activation = "tanh",
      .raw_inputs = true,
      .raw_response = true};
  gradus_status status = gradus_network_fit_matrix(&fit, &inputs_view.matrix,
                                                   &responses_view.matrix, NULL, &options, err);
  gradus_fit_free(fit);
  return status;
}

static void print_row(const parameters *p) {
  pass f = forward(p, x[0], y[0]);
  double by_eta = f.eta - y[0];
  printf("forward:  x = (%.2f, %.2f)  h = (%.4f, %.4f)  η = %.4f  y = %.2f  ℓ = %.4f\n", x[0][0],
         x[0][1], f.h[0], f.h[1], f.eta, y[0], f.loss);
  printf("backward: ∂ℓ/∂η = %.4f  ∂ℓ/∂h = (%.4f, %.4f)  ∂ℓ/∂a = (%.4f, %.4f)\n\n", by_eta,
         by_eta * p->v[0], by_eta * p->v[1], by_eta * p->v[0] * (1 - f.h[0] * f.h[0]),
         by_eta * p->v[1] * (1 - f.h[1] * f.h[1]));
}

/* The library's check of derivatives takes any function: here the chain rule as written above. */
static double value(const double *theta, double *gradient, void *data) {
  (void)data;
  if (gradient)
    by_chain_rule(gradient, theta);
  return mean_loss(theta);
}

static bool check(const double *theta, gradus_error *err) {
  gradus_gradient_check found;
  gradus_function function = {.size = SIZE, .at = theta, .value = value};
  gradus_gradient_subject subject = {.function = &function};
  if (gradus_check_gradient(&found, &subject, err) > 0)
    return false;
  printf("gradus_check_gradient compares %zu derivatives with better differences: the worst is "
         "%.1e off.\n",
         found.compared, found.error);
  return found.error < 1e-9;
}

static bool compare(const steps *s) {
  double chain[SIZE], differences[SIZE], from_differences = 0, from_library = 0;
  by_chain_rule(chain, s->theta[0]);
  by_differences(differences, s->theta[0]);
  printf("%-4s %13s %16s %16s %16s\n", "", "θ", "chain rule", "differences", "the library");
  for (size_t i = 0; i < SIZE; i++) {
    double library = (s->theta[0][i] - s->theta[1][i]) / rate;
    printf("%-4s %12.6f %16.12f %16.12f %16.12f\n", names[i], s->theta[0][i], chain[i],
           differences[i], library);
    from_differences = fmax(from_differences, fabs(chain[i] - differences[i]));
    from_library = fmax(from_library, fabs(chain[i] - library));
  }
  printf("\nThe chain rule is %.1e from the differences, which are rounded and bent, and %.1e from "
         "the\nlibrary. One step of rate %.1f took the loss from %.6f to %.6f.\n",
         from_differences, from_library, rate, mean_loss(s->theta[0]), mean_loss(s->theta[1]));
  return from_differences < 1e-8 && from_library < 1e-13;
}

int main(void) {
  steps s = {0};
  parameters p;
  gradus_error err = {0};
  if (step_of_library(&s, &err) > 0) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  memcpy(&p, s.theta[0], sizeof p);
  print_row(&p);
  bool right = compare(&s) && check(s.theta[0], &err);
  return right ? 0 : 1;
}
