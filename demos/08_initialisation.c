// SPDX-License-Identifier: GPL-3.0-or-later
/* Where a network starts decides whether it learns.
 *
 * Points of a square, those within a circle are 1. Three ways to start badly:
 *
 * Symmetry. Units that start alike get the same gradient and stay alike for ever: many units are
 * one. From zero weights not even that one learns, for nothing comes through to it.
 *
 * Vanishing. Every layer on the way back multiplies the gradient by its weights and by the slope of
 * its activation. With small weights, or sigmoids, whose slope is ¼ at most, little arrives at the
 * first of many layers; with large ones it grows from layer to layer, and steps become leaps.
 *
 * Dead units. A ReLU that is off for every row has no gradient: it can never come back. */
#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 256, INPUTS = 2 };

/* Halton's points: evenly spread, and the same everywhere. */
static double halton(size_t index, size_t base) {
  double sum = 0, digit = 1;
  for (; index > 0; index /= base)
    sum += (digit /= (double)base) * (double)(index % base);
  return sum;
}

static void make_rows(double *x, double *y) {
  for (size_t i = 0; i < ROWS; i++) {
    x[2 * i] = 2 * halton(i + 1, 2) - 1;
    x[2 * i + 1] = 2 * halton(i + 1, 3) - 1;
    y[i] = x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1] < 0.6;
  }
}

static gradus_status train(gradus_fit **fit, const gradus_network_options *options,
                           gradus_error *err) {
  double x[ROWS * INPUTS], y[ROWS];
  make_rows(x, y);
  gsl_matrix_view inputs = gsl_matrix_view_array(x, ROWS, INPUTS);
  gsl_matrix_view responses = gsl_matrix_view_array(y, ROWS, 1);
  gradus_network_options o = *options;
  o.fit.family = "binomial";
  o.raw_inputs = true;
  return gradus_network_fit_matrix(fit, &inputs.matrix, &responses.matrix, NULL, &o, err);
}

static const gradus_block *block(const gradus_fit *fit, const char *name, const double **values) {
  const gradus_params *params = gradus_fit_params(fit);
  const gradus_block *b = gradus_params_find(params, name);
  *values = gradus_params_const_values(params) + b->offset;
  return b;
}

/* ---- symmetry ---- */

/* Units of the first layer that differ from all before them. */
static size_t different_units(const gradus_fit *fit) {
  const double *w;
  const gradus_block *b = block(fit, "hidden1.weight", &w);
  size_t different = 0;
  for (size_t u = 0; u < b->shape[0]; u++) {
    bool alone = true;
    for (size_t v = 0; v < u; v++)
      alone = alone && fabs(w[2 * u] - w[2 * v]) + fabs(w[2 * u + 1] - w[2 * v + 1]) > 1e-9;
    different += alone;
  }
  return different;
}

static gradus_status show_symmetry(bool *right, gradus_error *err) {
  static const size_t hidden[] = {16};
  static const struct {
    const char *name;
    gradus_initialiser how;
    double scale;
  } starts[] = {{"zero", GRADUS_INITIALISE_ZERO, 0},
                {"constant 0.5", GRADUS_INITIALISE_CONSTANT, 0.5},
                {"glorot", GRADUS_INITIALISE_GLOROT, 0}};
  double accuracy[3];
  size_t different[3];
  gradus_status status = GRADUS_OK;
  printf("Symmetry: 16 tanh units, 200 epochs.\n\n%-14s %10s %10s %16s\n", "start", "loss",
         "accuracy", "different units");
  for (size_t i = 0; status <= 0 && i < 3; i++) {
    gradus_fit *fit = NULL;
    gradus_network_metrics m;
    gradus_network_options options = {
        .fit = {.max_iterations = 200, .seed = 1, .descent = {.learning_rate = 0.02}},
        .hidden = hidden,
        .hidden_count = 1,
        .activation = "tanh",
        .initialiser = starts[i].how,
        .initial_scale = starts[i].scale};
    status = train(&fit, &options, err);
    if (status <= 0)
      status = gradus_fit_network_metrics(fit, GRADUS_SET_TRAIN, &m, err);
    if (status <= 0) {
      accuracy[i] = m.accuracy;
      different[i] = different_units(fit);
      printf("%-14s %10.4f %10.4f %16zu\n", starts[i].name, m.loss, m.accuracy, different[i]);
    }
    gradus_fit_free(fit);
  }
  *right = status <= 0 && different[0] == 1 && different[1] == 1 && different[2] == 16 &&
           accuracy[2] > accuracy[1];
  return status;
}

/* ---- vanishing ---- */

enum { LAYERS = 8, WIDTH = 16, MOST = 4096 };

/* θ before and after one plain step over all rows: their difference is the gradient. */
typedef struct steps {
  double theta[2][MOST];
} steps;

static bool remember(void *context, const gradus_progress *progress) {
  steps *s = context;
  if (progress->iteration < 2 && progress->size <= MOST)
    memcpy(s->theta[progress->iteration], progress->theta, progress->size * sizeof(double));
  return true;
}

static double gradient_norm(const gradus_fit *fit, const steps *s, const char *name) {
  const double *unused;
  const gradus_block *b = block(fit, name, &unused);
  double sum = 0;
  for (size_t i = b->offset; i < b->offset + b->size; i++)
    sum += (s->theta[0][i] - s->theta[1][i]) * (s->theta[0][i] - s->theta[1][i]);
  return sqrt(sum);
}

static gradus_status norms_at(double *norm, const char *activation, gradus_initialiser how,
                              double scale, gradus_error *err) {
  static const size_t hidden[LAYERS] = {WIDTH, WIDTH, WIDTH, WIDTH, WIDTH, WIDTH, WIDTH, WIDTH};
  static steps s;
  gradus_fit *fit = NULL;
  gradus_network_options options = {
      .fit = {.solver = "gradient-descent",
              .max_iterations = 1,
              .seed = 1,
              .descent = {.rule = GRADUS_RULE_PLAIN, .learning_rate = 1, .batch_size = ROWS},
              .progress = remember,
              .progress_context = &s},
      .hidden = hidden,
      .hidden_count = LAYERS,
      .activation = activation,
      .initialiser = how,
      .initial_scale = scale};
  gradus_status status = train(&fit, &options, err);
  for (int l = 0; status <= 0 && l < LAYERS; l++) {
    char name[32];
    snprintf(name, sizeof name, "hidden%d.weight", l + 1);
    norm[l] = gradient_norm(fit, &s, name);
  }
  gradus_fit_free(fit);
  return status;
}

static gradus_status show_vanishing(bool *right, gradus_error *err) {
  static const struct {
    const char *name, *activation;
    gradus_initialiser how;
    double scale;
  } starts[] = {{"tanh, normal 0.05", "tanh", GRADUS_INITIALISE_NORMAL, 0.05},
                {"sigmoid, glorot", "sigmoid", GRADUS_INITIALISE_GLOROT, 0},
                {"tanh, normal 5", "tanh", GRADUS_INITIALISE_NORMAL, 5},
                {"tanh, glorot", "tanh", GRADUS_INITIALISE_GLOROT, 0},
                {"relu, he", "relu", GRADUS_INITIALISE_HE, 0}};
  enum { STARTS = sizeof starts / sizeof *starts };
  double norm[STARTS][LAYERS] = {{0}};
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < STARTS; i++)
    status = norms_at(norm[i], starts[i].activation, starts[i].how, starts[i].scale, err);
  printf("\nVanishing: norm of the loss' gradient by the weights of 8 layers, at the start.\n\n"
         "%-20s",
         "start");
  for (int l = 0; l < LAYERS; l++)
    printf(" %9s%d", "hidden", l + 1);
  for (size_t i = 0; status <= 0 && i < STARTS; i++) {
    printf("\n%-20s", starts[i].name);
    for (size_t l = 0; l < LAYERS; l++)
      printf(" %10.1e", norm[i][l]);
  }
  printf("\n");
  *right = status <= 0 && norm[0][0] < 1e-3 * norm[3][0] && norm[1][0] < 1e-3 * norm[3][0];
  return status;
}

/* ---- dead units ---- */

/* Units of the first layer that are off for every row. */
static size_t dead_units(const gradus_fit *fit) {
  double x[ROWS * INPUTS], y[ROWS];
  const double *w, *bias;
  const gradus_block *b = block(fit, "hidden1.weight", &w);
  size_t dead = 0;
  block(fit, "hidden1.bias", &bias);
  make_rows(x, y);
  for (size_t u = 0; u < b->shape[0]; u++) {
    size_t on = 0;
    for (size_t i = 0; i < ROWS; i++)
      on += w[2 * u] * x[2 * i] + w[2 * u + 1] * x[2 * i + 1] + bias[u] > 0;
    dead += on == 0;
  }
  return dead;
}

static gradus_status show_dead(bool *right, gradus_error *err) {
  static const size_t hidden[] = {16};
  static const struct {
    const char *name, *activation;
    double bias, rate;
  } starts[] = {{"relu", "relu", 0, 0.02},
                {"relu, biases at -3", "relu", -3, 0.02},
                {"relu, steps of 3", "relu", 0, 3},
                {"elu, biases at -3", "elu", -3, 0.02}};
  enum { STARTS = sizeof starts / sizeof *starts };
  size_t dead[STARTS] = {0};
  gradus_status status = GRADUS_OK;
  printf("\nDead units: 16 units from he, 200 epochs of adam.\n\n%-20s %10s %10s %16s\n", "start",
         "loss", "accuracy", "off everywhere");
  for (size_t i = 0; status <= 0 && i < STARTS; i++) {
    gradus_fit *fit = NULL;
    gradus_network_metrics m;
    gradus_network_options options = {
        .fit = {.max_iterations = 200, .seed = 1, .descent = {.learning_rate = starts[i].rate}},
        .hidden = hidden,
        .hidden_count = 1,
        .activation = starts[i].activation,
        .initialiser = GRADUS_INITIALISE_HE,
        .initial_bias = starts[i].bias};
    status = train(&fit, &options, err);
    if (status <= 0)
      status = gradus_fit_network_metrics(fit, GRADUS_SET_TRAIN, &m, err);
    if (status <= 0) {
      dead[i] = dead_units(fit);
      printf("%-20s %10.4f %10.4f %9zu of 16\n", starts[i].name, m.loss, m.accuracy, dead[i]);
    }
    gradus_fit_free(fit);
  }
  if (status <= 0)
    printf("\nAn ELU that is off everywhere still has a slope, and learns on.\n");
  *right = status <= 0 && dead[0] <= 2 && dead[1] > 8;
  return status;
}

int main(void) {
  gradus_error err = {0};
  bool symmetry = false, vanishing = false, dead = false;
  gradus_status status = show_symmetry(&symmetry, &err);
  if (status <= 0)
    status = show_vanishing(&vanishing, &err);
  if (status <= 0)
    status = show_dead(&dead, &err);
  if (status > 0)
    fprintf(stderr, "%s\n", err.message);
  return symmetry && vanishing && dead ? 0 : 1;
}
