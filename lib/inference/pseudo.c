// SPDX-License-Identifier: GPL-3.0-or-later
/* Pseudo-R². McFadden (1974), Frontiers in Econometrics; Cox and Snell (1989), Analysis of Binary
   Data; Nagelkerke (1991), Biometrika 78:691-692. */
#include "internal.h"

#include <math.h>

void gradus_i_set_pseudo(const gradus_fit *fit, gradus_summary *s) {
  s->null_log_lik = s->r_squared_mcfadden = s->r_squared_cox_snell = s->r_squared_nagelkerke = NAN;
  if (!fit->family || !fit->has_likelihood || !fit->solver.converged)
    return;
  s->null_log_lik = fit->null_log_lik;
  s->r_squared_cox_snell = -expm1(2 * (s->null_log_lik - s->log_lik) / fit->nobs);
  if (!fit->dispersion_known) /* a density, not a probability: 1 is not the largest likelihood */
    return;
  s->r_squared_mcfadden = 1 - s->log_lik / s->null_log_lik;
  s->r_squared_nagelkerke = s->r_squared_cox_snell / -expm1(2 * s->null_log_lik / fit->nobs);
}
