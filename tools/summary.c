// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus summary */
#include "command.h"

static const option_spec *const groups[] = {options_report, options_ratios, options_level,
                                            options_messages, NULL};

static int run_summary(const command_options *given, const char *const *operands, size_t count) {
  (void)count;
  gradus_fit *fit;
  gradus_error err = {0};
  if (gradus_fit_load(&fit, operands[0], &err) > 0)
    return fail_with(&err);
  command_options shown = *given;
  shown.call = NULL; /* the call is the fit's, not this command line */
  int exit_status = report_fit(fit, &shown);
  gradus_fit_free(fit);
  return exit_status;
}

const command_spec command_summary = {
    .name = "summary",
    .operands = "MODEL",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "print the report of a model file again",
    .description = "Prints the report of a model that a fit wrote with --output.",
    .examples = "gradus summary model.safetensors\n"
                "gradus summary model.safetensors --csv --level 0.99\n",
    .groups = groups,
    .run = run_summary};
