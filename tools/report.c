// SPDX-License-Identifier: GPL-3.0-or-later
/* Prints a fit as the options say; shared by the commands that fit and by summary. */
#include "command.h"

#include <string.h>

/* What to do about a fit that did not converge; "" where its stop reason says it all. */
static const char *advice(const gradus_solver_report *solver, const command_options *options) {
  static const char *const all[][2] = {
      {"the maximum number of iterations",
       ": raise --max-iterations, start nearer (--start), or take another --solver"},
      {"the loss or its gradient is no longer finite",
       ": lower --learning-rate, or clip gradients (--clip-norm)"},
      {"no step lowers the deviance", ": start elsewhere (--start), or take another --solver"},
      {"no step lowers the loss", ": start elsewhere (--start), or take another --solver"}};
  if (options->batch_size > 0)
    return ": mini-batches stay about the optimum; let the rate fall (--schedule), run more "
           "--epochs, "
           "or go on from the model file (--start) with another --solver";
  for (size_t i = 0; solver->stop && i < sizeof all / sizeof *all; i++)
    if (strcmp(solver->stop, all[i][0]) == 0)
      return all[i][1];
  return "";
}

int report_fit(const gradus_fit *fit, const command_options *options) {
  gradus_report_options report = {.format = options->json  ? GRADUS_FORMAT_JSON
                                            : options->csv ? GRADUS_FORMAT_CSV
                                                           : GRADUS_FORMAT_TEXT,
                                  .level = options->level,
                                  .intervals = options->intervals != 0 ||
                                               gradus_fit_intervals(fit) != GRADUS_INTERVALS_WALD,
                                  .exponentiate = options->exponentiate != 0,
                                  .call = options->call};
  gradus_error err = {0};
  if (gradus_fit_print(fit, stdout, &report, &err) > 0)
    return fail_with(&err);
  bool failed = false;
  for (size_t i = 0; i < gradus_fit_warnings(fit); i++) {
    const gradus_error *warning = gradus_fit_warning(fit, i);
    if (warning->code == GRADUS_WARNING_SEPARATION || warning->code == GRADUS_WARNING_DIVERGED) {
      failed = true; /* not silenced: it is why the exit status is not 0 */
      fprintf(stderr, "gradus: error: %s\n", warning->message);
    } else if (!options->quiet)
      warn(warning->message);
  }
  const gradus_solver_report *solver = gradus_fit_solver(fit);
  bool trained = gradus_fit_layers(fit) > 0; /* it ends with its epochs, and that is no fault */
  if (solver->converged || trained)
    return failed ? NOT_CONVERGED : DONE;
  fprintf(stderr, "gradus: error: the fit did not converge in %zu iteration%s (%s)%s\n",
          solver->iterations, solver->iterations == 1 ? "" : "s", solver->stop,
          advice(solver, options));
  return NOT_CONVERGED;
}

void warn_of_fit(const gradus_fit *fit) {
  if (!gradus_fit_solver(fit)->converged && gradus_fit_layers(fit) == 0)
    warn("the fit of this model did not converge: its predictions are not to be relied on");
}
