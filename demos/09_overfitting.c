// SPDX-License-Identifier: GPL-3.0-or-later
/* Overfitting: a network that knows its data by heart has not understood them.
 *
 * Fifteen noisy points of a sine, and a network of some hundreds of parameters. Three sets of rows,
 * each with its own office: the training rows are learnt from; the validation rows, never learnt
 * from, say when to stop and which penalty to take; the test rows are looked at once, at the end,
 * for by choosing with the validation rows we have, a little, fitted to them too.
 *
 * Two cures: stop when the validation loss no longer falls, and keep the best epoch; or a penalty
 * on the weights, which makes a wild curve expensive. */
#include <gradus/gradus.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>

static const double noise = 0.35;

static double truth(double x) {
  return sin(3 * x);
}

static gradus_status make_rows(gradus_frame **frame, size_t rows, unsigned long seed,
                               gradus_error *err) {
  enum { MOST = 1000 };
  double x[MOST], y[MOST];
  gsl_rng *random = gsl_rng_alloc(gsl_rng_taus2);
  gsl_rng_set(random, seed);
  for (size_t i = 0; i < rows; i++) {
    x[i] = gsl_ran_flat(random, -1.5, 1.5);
    y[i] = truth(x[i]) + gsl_ran_gaussian(random, noise);
  }
  gsl_rng_free(random);
  gradus_status status = gradus_frame_new(frame, rows, err);
  if (status <= 0)
    status = gradus_frame_add_numeric(*frame, "x", x, 1, err);
  return status <= 0 ? gradus_frame_add_numeric(*frame, "y", y, 1, err) : status;
}

typedef struct data {
  gradus_frame *train, *validation, *test;
} data;

/* ---- one network, trained in one of three ways ---- */

typedef struct trained {
  const char *name;
  size_t patience;
  double l2;
  gradus_fit *fit;
  double rmse[3]; /* train, validation, test */
} trained;

static gradus_status rmse_on(double *rmse, const gradus_fit *fit, const gradus_frame *frame,
                             gradus_error *err) {
  gradus_prediction *p = NULL;
  gradus_regression m;
  size_t y;
  gradus_status status = gradus_predict(&p, fit, frame, NULL, err);
  if (status <= 0 && gradus_frame_find(frame, "y", &y))
    status = gradus_regression_evaluate(&m, gradus_frame_numeric(frame, y), p->fitted, NULL,
                                        p->rows, err);
  if (status <= 0)
    *rmse = m.rmse;
  gradus_prediction_free(p);
  return status;
}

/* The validation rows are given to be looked at; only with patience do they decide. */
static gradus_status train(trained *t, const data *d, bool watch, gradus_error *err) {
  static const size_t hidden[] = {40, 40};
  gradus_network_options options = {
      .fit = {.solver = "gradient-descent",
              .seed = 4,
              .max_iterations = 3000,
              .l2 = t->l2,
              .descent = {.rule = GRADUS_RULE_ADAM, .learning_rate = 0.01, .batch_size = 15}},
      .hidden = hidden,
      .hidden_count = 2,
      .activation = "tanh",
      .validation_frame = watch ? d->validation : NULL,
      .patience = t->patience};
  gradus_status status = gradus_network_fit(&t->fit, "y ~ x", d->train, &options, err);
  if (status <= 0)
    status = rmse_on(&t->rmse[0], t->fit, d->train, err);
  if (status <= 0)
    status = rmse_on(&t->rmse[1], t->fit, d->validation, err);
  return status <= 0 ? rmse_on(&t->rmse[2], t->fit, d->test, err) : status;
}

/* ---- what is shown ---- */

/* The two losses of the training, on a common logarithmic scale. */
static gradus_status draw_history(const gradus_fit *fit, gradus_error *err) {
  enum { WIDTH = 64, LINES = 16 };
  static const double low = 1e-3, high = 1;
  char lines[LINES][WIDTH + 1];
  size_t epochs = gradus_fit_epochs(fit);
  for (size_t i = 0; i < LINES; i++)
    snprintf(lines[i], sizeof lines[i], "%*s", WIDTH, "");
  for (size_t column = 0; column < WIDTH; column++) {
    gradus_epoch e;
    gradus_status status = gradus_fit_epoch(fit, column * epochs / WIDTH, &e, err);
    if (status > 0)
      return status;
    const double losses[] = {e.loss, e.validation_loss};
    for (size_t s = 0; s < 2; s++) {
      double at = log(fmin(fmax(losses[s], low), 0.999 * high) / low) / log(high / low);
      lines[LINES - 1 - (size_t)(at * LINES)][column] = s == 0 ? 't' : 'v';
    }
  }
  printf("Loss by epoch, t of the training rows, v of the validation rows:\n\n");
  for (size_t i = 0; i < LINES; i++)
    printf("%7.3f |%s\n", low * pow(high / low, 1 - ((double)i + 0.5) / LINES), lines[i]);
  printf("   loss   epoch 1 %*zu\n\n", WIDTH - 8, epochs);
  return GRADUS_OK;
}

/* The curve of a fit between the points that it has learnt from, and the truth. */
static gradus_status draw_curve(const trained *t, const data *d, gradus_error *err) {
  enum { WIDTH = 64, LINES = 18 };
  char lines[LINES][WIDTH + 1];
  double at[WIDTH];
  gradus_prediction *p = NULL;
  size_t x, y;
  for (size_t i = 0; i < WIDTH; i++)
    at[i] = -1.5 + 3.0 * ((double)i + 0.5) / WIDTH;
  gradus_frame *grid = NULL;
  gradus_status status = gradus_frame_new(&grid, WIDTH, err);
  if (status <= 0)
    status = gradus_frame_add_numeric(grid, "x", at, 1, err);
  if (status <= 0)
    status = gradus_predict(&p, t->fit, grid, NULL, err);
  for (size_t i = 0; i < LINES; i++)
    snprintf(lines[i], sizeof lines[i], "%*s", WIDTH, "");
  for (size_t i = 0; status <= 0 && i < WIDTH; i++) {
    const double heights[] = {truth(at[i]), p->fitted[i]};
    for (size_t s = 0; s < 2; s++)
      if (fabs(heights[s]) < 1.8)
        lines[(size_t)((1.8 - heights[s]) / 3.6 * LINES)][i] = s == 0 ? '.' : '*';
  }
  if (status <= 0 && gradus_frame_find(d->train, "x", &x) && gradus_frame_find(d->train, "y", &y))
    for (size_t i = 0; i < gradus_frame_rows(d->train); i++) {
      double height = gradus_frame_numeric(d->train, y)[i];
      size_t column = (size_t)((gradus_frame_numeric(d->train, x)[i] + 1.5) / 3 * WIDTH);
      if (fabs(height) < 1.8)
        lines[(size_t)((1.8 - height) / 3.6 * LINES)][column] = 'o';
    }
  if (status <= 0) {
    printf("%s: * the network, . the truth, o what it has learnt from\n\n", t->name);
    for (size_t i = 0; i < LINES; i++)
      printf("%5.1f |%s\n", 1.8 - 3.6 * ((double)i + 0.5) / LINES, lines[i]);
    printf("\n");
  }
  gradus_prediction_free(p);
  gradus_frame_free(grid);
  return status;
}

static void print_table(const trained *all, size_t count) {
  printf("RMSE %31s %12s %12s\n", "train", "validation", "test");
  for (size_t i = 0; i < count; i++)
    printf("%-24s %11.3f %12.3f %12.3f\n", all[i].name, all[i].rmse[0], all[i].rmse[1],
           all[i].rmse[2]);
  printf("%-24s %11s %12s %12.3f\n\n", "the noise itself", "", "", noise);
}

/* ---- the whole ---- */

/* The loss that goes on falling and the one that does not, seen in one training. */
static gradus_status watch(const data *d, gradus_error *err) {
  trained t = {.name = "watched"};
  gradus_status status = train(&t, d, true, err);
  if (status <= 0)
    status = draw_history(t.fit, err);
  gradus_fit_free(t.fit);
  return status;
}

static bool judge(const trained *all, size_t count) {
  size_t best = 1;
  for (size_t i = 1; i < count; i++)
    best = all[i].rmse[1] < all[best].rmse[1] ? i : best;
  printf(
      "By the validation rows we take \"%s\". Only now the test rows: %.3f, and %.3f for the one "
      "that knew\nits data by heart.\n",
      all[best].name, all[best].rmse[2], all[0].rmse[2]);
  return all[0].rmse[0] < all[best].rmse[0] && all[best].rmse[2] < all[0].rmse[2];
}

int main(void) {
  enum { WAYS = 5 };
  trained all[WAYS] = {{.name = "to the end"},
                       {.name = "early stopping", .patience = 200},
                       {.name = "l2 = 0.001", .l2 = 0.001},
                       {.name = "l2 = 0.01", .l2 = 0.01},
                       {.name = "l2 = 0.1", .l2 = 0.1}};
  data d = {0};
  gradus_error err = {0};
  bool right = false;
  gradus_status status = make_rows(&d.train, 15, 1, &err);
  if (status <= 0)
    status = make_rows(&d.validation, 30, 2, &err);
  if (status <= 0)
    status = make_rows(&d.test, 1000, 3, &err);
  if (status <= 0)
    status = watch(&d, &err);
  for (size_t i = 0; status <= 0 && i < WAYS; i++)
    status = train(&all[i], &d, all[i].patience > 0, &err);
  for (size_t i = 0; status <= 0 && i < 2; i++)
    status = draw_curve(&all[i], &d, &err);
  if (status <= 0) {
    print_table(all, WAYS);
    right = judge(all, WAYS);
  } else
    fprintf(stderr, "%s\n", err.message);
  for (size_t i = 0; i < WAYS; i++)
    gradus_fit_free(all[i].fit);
  gradus_frame_free(d.train);
  gradus_frame_free(d.validation);
  gradus_frame_free(d.test);
  return right ? 0 : 1;
}
