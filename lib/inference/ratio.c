// SPDX-License-Identifier: GPL-3.0-or-later
/* What e to the power of an estimate is. */
#include "internal.h"

#include <string.h>

const char *gradus_fit_ratio(const gradus_fit *fit) {
  static const char *const positive[] = {"gaussian", "gamma", "inverse_gaussian"};
  const gradus_i_family *family = gradus_i_family_find(fit->family);
  if (!family)
    return NULL;
  bool is_log = strcmp(fit->link, "log") == 0;
  if (family->is_binomial)
    return strcmp(fit->link, "logit") == 0     ? "odds ratio"
           : strcmp(fit->link, "cloglog") == 0 ? "hazard ratio"
           : is_log                            ? "risk ratio"
                                               : NULL;
  for (size_t i = 0; is_log && i < sizeof positive / sizeof *positive; i++)
    if (strcmp(family->name, positive[i]) == 0)
      return "ratio of means";
  return is_log ? "rate ratio" : NULL;
}
