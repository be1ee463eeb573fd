// SPDX-License-Identifier: GPL-3.0-or-later
/* Fits filled in with numbers that R 4.2.2 printed with 17 digits, for tests of what comes after
   the fitting. To be freed with gradus_fit_free; NULL without memory. */
#ifndef GRADUS_TESTS_MADE_FITS_H
#define GRADUS_TESTS_MADE_FITS_H

#include "../../lib/model/internal.h"

gradus_fit *made_mtcars(void);  /* lm(mpg ~ wt + factor(cyl), mtcars) */
gradus_fit *made_longley(void); /* lm(Employed ~ ., longley) */
gradus_fit *
made_dropped(void);         /* lm(mpg ~ wt + wt2 + hp - 1, mtcars, weights = qsec), wt2 = 2 wt */
gradus_fit *made_two(void); /* lm(cbind(mpg, disp) ~ wt, mtcars) */
gradus_fit *made_penalised(void); /* one made up: what a ridge fit leaves out */

#endif
