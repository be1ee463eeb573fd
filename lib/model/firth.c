// SPDX-License-Identifier: GPL-3.0-or-later
/* Firth's method as a way to solve a generalised linear model. */
#include "../solver/firth.h"
#include "glm.h"

#include <string.h>

static gradus_status check_firth(const gradus_i_irls_options *irls_options,
                                 const gradus_fit_options *options, gradus_error *err) {
  if (strcmp(irls_options->family->name, "binomial") != 0 ||
      strcmp(irls_options->link->name, "logit") != 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "Firth's method is for the family binomial with the link logit, not for "
                         "%s with %s",
                         irls_options->family->name, irls_options->link->name);
  if (!gradus_i_solver_is_automatic(options))
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "Firth's method is a solver of its own: it cannot be \"%s\" too",
                         options->solver);
  if (options->l2 != 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "Firth's method is a penalty already: it takes no other (l2) beside it");
  return GRADUS_OK;
}

gradus_status gradus_i_glm_firth(gradus_i_irls **solution, const gradus_source *source,
                                 const gradus_i_irls_options *irls_options,
                                 const gradus_fit_options *options, gradus_error *err) {
  gradus_i_irls_options own = *irls_options;
  gradus_i_firth_options firth = {.glm = &own};
  gradus_i_glm_watch watch;
  *solution = NULL;
  gradus_status status = check_firth(irls_options, options, err);
  if (status > 0)
    return status;
  status = gradus_i_glm_watch_begin(&watch, &own, source, options, err);
  if (status <= 0)
    status = gradus_i_firth_solve(solution, source, &firth, err);
  gradus_i_glm_watch_end(&watch);
  if (status <= 0) {
    (*solution)->name = gradus_i_solver_words[GRADUS_I_WORD_IRLS];
    (*solution)->how = gradus_i_solver_words[GRADUS_I_WORD_HOW_FIRTH];
  }
  return status;
}

void gradus_i_take_firth(gradus_fit *fit, const gradus_i_irls *irls) {
  fit->firth = true;
  fit->half_log_determinant = irls->half_log_determinant;
}
