// SPDX-License-Identifier: GPL-3.0-or-later
#include "secants.h"

#include <string.h>

static double dot(size_t n, const double *a, const double *b) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

void gradus_i_secants_direct(gradus_i_secants *s, gradus_i_scoring scoring, void *context,
                             const double *score, double *rest, double *direction) {
  double part[GRADUS_I_SECANTS_MOST];
  size_t n = s->n;
  memcpy(rest, score, n * sizeof *rest);
  for (size_t k = 0; k < s->count; k++) {
    const double *step = s->steps + k * n, *fall = s->falls + k * n;
    part[k] = dot(n, step, rest) / dot(n, step, fall);
    for (size_t j = 0; j < n; j++)
      rest[j] -= part[k] * fall[j];
  }
  scoring(context, rest, direction);
  for (size_t k = s->count; k-- > 0;) {
    const double *step = s->steps + k * n, *fall = s->falls + k * n;
    double times = part[k] - dot(n, fall, direction) / dot(n, step, fall);
    for (size_t j = 0; j < n; j++)
      direction[j] += times * step[j];
  }
  if (s->count > 0 && !(dot(n, score, direction) > 0)) {
    s->count = 0;
    scoring(context, score, direction);
  }
}

void gradus_i_secants_learn(gradus_i_secants *s, const double *old, const double *now,
                            const double *old_score, const double *score, bool long_enough) {
  size_t n = s->n, kept = s->count < GRADUS_I_SECANTS_MOST ? s->count : GRADUS_I_SECANTS_MOST - 1;
  memmove(s->steps + n, s->steps, kept * n * sizeof *s->steps);
  memmove(s->falls + n, s->falls, kept * n * sizeof *s->falls);
  for (size_t j = 0; j < n; j++) {
    s->steps[j] = now[j] - old[j];
    s->falls[j] = old_score[j] - score[j];
  }
  s->count = kept + 1;
  if (long_enough && dot(n, s->steps, s->falls) > 0)
    return;
  memmove(s->steps, s->steps + n, kept * n * sizeof *s->steps);
  memmove(s->falls, s->falls + n, kept * n * sizeof *s->falls);
  s->count = kept;
}
