// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus multinomial */
#include "command.h"

#define MEMBER(name) offsetof(command_options, name)

static const option_spec options_multinomial[] = {
    {"solver", 0, OPTION_WORD, "auto|newton|levenberg-marquardt|lbfgs|gradient-descent",
     MEMBER(solver), "how to solve; auto (the default) is newton, or lbfgs above 300 parameters"},
    {"firth", 0, OPTION_FLAG, NULL, MEMBER(firth),
     "Firth's bias-reduced estimates (Jeffreys' prior), which are finite for separated responses "
     "too"},
    {0}};

static const option_spec *const groups[] = {options_fit,
                                            options_collinear,
                                            options_multinomial,
                                            options_solver,
                                            options_descent,
                                            options_report,
                                            options_ratios,
                                            options_level,
                                            options_input,
                                            options_messages,
                                            NULL};

static int run_multinomial(const command_options *options, const char *const *operands,
                           size_t count) {
  (void)count;
  fit_run r = {.command = &command_multinomial,
               .options = options,
               .formula = operands[0],
               .path = operands[1]};
  int exit_status =
      fit_data(&r, gradus_multinomial_fit, (gradus_fit_options){.firth = options->firth != 0});
  if (exit_status == DONE)
    exit_status = fit_finish(&r);
  fit_clear(&r);
  return exit_status;
}

const command_spec command_multinomial = {
    .name = "multinomial",
    .operands = "FORMULA FILE",
    .operands_min = 2,
    .operands_max = 2,
    .summary = "fit a multinomial (softmax) regression",
    .description =
        "Fits the probabilities of two or more classes: for every level of the response but the "
        "first, the reference, a row of weights and an intercept, whose linear predictor is the "
        "logarithm of the level's probability over the reference's; softmax turns predictors into "
        "probabilities. The report is in the shape of "
        "R's summary of nnet's multinom(...), level by level.\n\n"
        "The response of FORMULA is a column of text, or factor(COLUMN); --levels and --reference "
        "say which level comes first. Weights are of the kind frequency or prior (cases).\n\n"
        "Where the columns separate some of the classes some estimates are infinite. The report "
        "then is that of the likelihood's limit: infinite estimates stand as Inf and -Inf, without "
        "errors and tests (in JSON null, beside a member infinite that is 1, -1, or 0 for a "
        "direction that is not determined), and the exit status is 3. Against a --reference that "
        "is apart from all other levels everything is infinite; against one that overlaps with "
        "some, what tells these apart is finite. With --firth, or --l2, all estimates are finite.",
    .examples = "gradus multinomial 'Sat ~ Infl + Type + Cont' @housing --weights frequency:Freq "
                "--levels Sat=Low,Medium,High\n"
                "gradus multinomial 'Species ~ .' @iris --l2 0.01 -o model.safetensors\n"
                "gradus multinomial 'Species ~ Petal.Length' @iris --firth\n"
                "gradus multinomial 'factor(cyl) ~ qsec' @mtcars --reference cyl=8 --json\n",
    .groups = groups,
    .run = run_multinomial};
