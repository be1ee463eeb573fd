// SPDX-License-Identifier: GPL-3.0-or-later
/* Steps of BFGS (Nocedal 1980, Mathematics of Computation 35:773-782) about a matrix that is known
   but for a part: the last steps, and how the score fell along them, tell of that part. */
#ifndef GRADUS_SOLVER_SECANTS_H
#define GRADUS_SOLVER_SECANTS_H

#include "internal.h"

enum { GRADUS_I_SECANTS_MOST = 10 };

typedef struct gradus_i_secants {
  size_t n, count;
  /* The newest first, n each: GRADUS_I_SECANTS_MOST*n doubles of the caller's. */
  double *steps, *falls;
} gradus_i_secants;

/* step = what the known matrix alone makes of a score; n each. */
typedef void (*gradus_i_scoring)(void *context, const double *score, double *step);

/* direction of ascent from the score; rest (n) is written over. */
void gradus_i_secants_direct(gradus_i_secants *s, gradus_i_scoring scoring, void *context,
                             const double *score, double *rest, double *direction);
/* Learns from a step from θ `old` to `now`, its scores at both. What leads where the objective is
   not concave is forgotten, as is a step too short to tell (not `long_enough`). */
void gradus_i_secants_learn(gradus_i_secants *s, const double *old, const double *now,
                            const double *old_score, const double *score, bool long_enough);

#endif
