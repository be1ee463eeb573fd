// SPDX-License-Identifier: GPL-3.0-or-later
/* What is seen of a training on a terminal, and how an interrupt ends it: after the mini-batch,
   with what has been learnt so far. */
#include "command.h"

#include <math.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 24 };
static const double interval = 0.05; /* seconds between two looks of the bar */

static volatile sig_atomic_t interrupted;
static struct sigaction before; /* what an interrupt did before */

/* The second interrupt ends the program: the first takes the handler away (SA_RESETHAND). */
static void on_interrupt(int number) {
  (void)number;
  interrupted = 1;
}

bool training_interrupted(void) {
  return interrupted != 0;
}

static bool is_interrupted(void *context) {
  (void)context;
  return interrupted != 0;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void draw(const training *t, const gradus_progress *progress, double elapsed) {
  char bar[BAR + 1] = {0};
  size_t done = progress->iteration;
  for (size_t i = 0; i < BAR; i++)
    bar[i] = i * t->epochs < done * BAR ? '#' : '.';
  fprintf(stderr, "\repoch %zu/%zu [%s] loss %.5g", done, t->epochs, bar, progress->loss);
  if (!isnan(progress->validation_loss))
    fprintf(stderr, ", validation %.5g", progress->validation_loss);
  if (done > 0 && elapsed > 0)
    fprintf(stderr, ", %.3g rows/s", (double)progress->rows * (double)done / elapsed);
  fputs("\033[K", stderr);
  fflush(stderr);
}

static bool watch(void *context, const gradus_progress *progress) {
  training *t = context;
  double now = seconds();
  t->epochs = progress->max_iterations;
  if (progress->iteration == 0)
    t->began = now;
  if (t->bar && (now - t->drawn >= interval || progress->iteration == t->epochs)) {
    draw(t, progress, now - t->began);
    t->drawn = now;
  }
  return !t->progress || t->progress(t->progress_context, progress);
}

void training_watch(training *t, gradus_network_options *options, bool quiet) {
  gradus_fit_options *fit_options = &options->fit;
  struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
  *t = (training){.bar = !quiet && isatty(STDERR_FILENO),
                  .began = seconds(),
                  .progress = fit_options->progress,
                  .progress_context = fit_options->progress_context};
  fit_options->progress = watch;
  fit_options->progress_context = t;
  options->stop = is_interrupted;
  sigemptyset(&action.sa_mask);
  /* In the background of a shell interrupts are ignored, and stay so. */
  if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
    sigaction(SIGINT, &action, NULL);
}

void training_end(const training *t) {
  sigaction(SIGINT, &before, NULL);
  if (t->bar)
    fputs("\r\033[K", stderr);
}
