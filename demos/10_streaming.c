// SPDX-License-Identifier: GPL-3.0-or-later
/* Streaming: rows come a handful at a time, are learnt from, and are gone.
 *
 * A fit goes on learning with gradus_fit_partial: its parameters, the optimiser's running means
 * and its random generator go on where they were. Every handful is first predicted and only then
 * learnt from, so that each error is one of rows that the network had not seen (Dawid 1984 calls it
 * prequential). Half-way the world changes. A network that was trained once does not notice; the
 * one that goes on learning is surprised, and then comes round. */
#include <gradus/gradus.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>

enum { HANDFULS = 60, ROWS = 100, CHANGE = 30 };
static const double noise = 0.1;

static double world(double x, size_t handful) {
  return handful < CHANGE ? sin(3 * x) : sin(3 * x + 1.5) / 2;
}

static gradus_status make_rows(gradus_frame **frame, gsl_rng *random, size_t handful,
                               gradus_error *err) {
  double x[ROWS], y[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    x[i] = gsl_ran_flat(random, -1.5, 1.5);
    y[i] = world(x[i], handful) + gsl_ran_gaussian(random, noise);
  }
  gradus_status status = gradus_frame_new(frame, ROWS, err);
  if (status <= 0)
    status = gradus_frame_add_numeric(*frame, "x", x, 1, err);
  return status <= 0 ? gradus_frame_add_numeric(*frame, "y", y, 1, err) : status;
}

static gradus_status first_fit(gradus_fit **fit, const gradus_frame *rows, gradus_error *err) {
  static const size_t hidden[] = {20};
  gradus_network_options options = {
      .fit = {.seed = 1,
              .max_iterations = 200,
              .descent = {.rule = GRADUS_RULE_ADAM, .learning_rate = 0.01, .batch_size = 20}},
      .hidden = hidden,
      .hidden_count = 1,
      .activation = "tanh"};
  return gradus_network_fit(fit, "y ~ x", rows, &options, err);
}

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

typedef struct networks {
  gradus_fit *once, *streaming;
  double once_rmse[HANDFULS], streaming_rmse[HANDFULS];
} networks;

/* Predicted first, then learnt from: ten times over, and thrown away. */
static gradus_status meet(networks *n, const gradus_frame *rows, size_t handful,
                          gradus_error *err) {
  gradus_status status = GRADUS_OK;
  if (handful == 0) {
    status = first_fit(&n->once, rows, err);
    return status <= 0 ? first_fit(&n->streaming, rows, err) : status;
  }
  status = rmse_on(&n->once_rmse[handful], n->once, rows, err);
  if (status <= 0)
    status = rmse_on(&n->streaming_rmse[handful], n->streaming, rows, err);
  if (status <= 0)
    status = gradus_fit_partial(n->streaming, rows, &(gradus_partial_options){.epochs = 10}, err);
  return status;
}

static void draw(const networks *n) {
  enum { LINES = 14 };
  static const double high = 0.8;
  printf("Error on rows not seen before: o of the network that was trained once, * of the one that "
         "goes on\n\n");
  for (size_t line = 0; line < LINES; line++) {
    double top = high * (double)(LINES - line) / LINES, bottom = top - high / LINES;
    printf("%5.2f |", 0.5 * (top + bottom));
    for (size_t h = 1; h < HANDFULS; h++) {
      bool once = n->once_rmse[h] >= bottom && n->once_rmse[h] < top;
      bool streaming = n->streaming_rmse[h] >= bottom && n->streaming_rmse[h] < top;
      putchar(streaming ? '*' : once ? 'o' : h == CHANGE ? '|' : ' ');
    }
    putchar('\n');
  }
  printf(" RMSE   handful 2 %*s %d\n\n", HANDFULS - 15, "", HANDFULS);
}

static double mean(const double *values, size_t first, size_t end) {
  double sum = 0;
  for (size_t i = first; i < end; i++)
    sum += values[i] / (double)(end - first);
  return sum;
}

static bool judge(const networks *n) {
  double before = mean(n->streaming_rmse, CHANGE - 10, CHANGE);
  double shock = n->streaming_rmse[CHANGE];
  double after = mean(n->streaming_rmse, HANDFULS - 10, HANDFULS);
  double stuck = mean(n->once_rmse, HANDFULS - 10, HANDFULS);
  printf(
      "Noise %.2f. Going on: %.3f before the change, %.3f in the first handful after it, %.3f at "
      "the end.\nTrained once: %.3f at the end. The one that went on has seen %zu epochs,\n"
      "never of more than %d rows at a time.\n",
      noise, before, shock, after, stuck, gradus_fit_epochs(n->streaming), ROWS);
  return before < 1.5 * noise && shock > 3 * before && after < 1.5 * noise && stuck > 3 * after;
}

int main(void) {
  networks n = {0};
  gradus_error err = {0};
  gradus_status status = GRADUS_OK;
  bool right = false;
  gsl_rng *random = gsl_rng_alloc(gsl_rng_taus2);
  gsl_rng_set(random, 1);
  for (size_t h = 0; status <= 0 && h < HANDFULS; h++) {
    gradus_frame *rows = NULL;
    status = make_rows(&rows, random, h, &err);
    if (status <= 0)
      status = meet(&n, rows, h, &err);
    gradus_frame_free(rows);
  }
  if (status <= 0) {
    draw(&n);
    right = judge(&n);
  } else
    fprintf(stderr, "%s\n", err.message);
  gsl_rng_free(random);
  gradus_fit_free(n.once);
  gradus_fit_free(n.streaming);
  return right ? 0 : 1;
}
