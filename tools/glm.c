// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus glm, gradus logistic */
#include "command.h"

#define MEMBER(name) offsetof(command_options, name)

/* The first of each is the default. */
static const option_spec options_family[] = {
    {"family", 0, OPTION_CHOICE,
     "gaussian|binomial|quasibinomial|poisson|quasipoisson|gamma|inverse_gaussian|negative_"
     "binomial",
     MEMBER(family),
     "how the response spreads about its mean; gaussian by default. The quasi families estimate "
     "the dispersion"},
    {0}};
static const option_spec options_link[] = {
    {"link", 0, OPTION_CHOICE,
     "default|logit|probit|cloglog|cauchit|log|identity|inverse|sqrt|1/mu^2", MEMBER(link),
     "what of the mean is linear in the columns; by default that of the family in R: logit, log "
     "for poisson and negative_binomial, inverse for gamma, 1/mu^2 for inverse_gaussian, identity "
     "for gaussian"},
    {0}};
static const option_spec options_binary_link[] = {
    {"link", 0, OPTION_CHOICE, "default|logit|probit|cloglog|cauchit|log", MEMBER(link),
     "what of the probability is linear in the columns; logit by default"},
    {0}};
static const option_spec options_iteration[] = {
    {"solver", 0, OPTION_WORD, "auto|irls|newton|levenberg-marquardt|lbfgs|gradient-descent",
     MEMBER(solver),
     "how to solve; auto (the default) is irls, or newton where there is a penalty"},
    {0}};

static const option_spec options_theta[] = {
    {"theta", 0, OPTION_NUMBER, "T", MEMBER(theta),
     "fix the T of the negative binomial, whose variance is mu + mu^2/T; by default it is "
     "estimated by maximum likelihood (as MASS's glm.nb in R)"},
    {0}};

static const option_spec options_intervals[] = {
    {"interval-method", 0, OPTION_CHOICE, "default|wald|profile|lr", MEMBER(interval_method),
     "confidence intervals from the standard errors (wald, the default) or by the profile "
     "likelihood; lr (the default with --firth): by the profile, and likelihood-ratio tests of the "
     "terms"},
    {"firth", 0, OPTION_FLAG, NULL, MEMBER(firth),
     "Firth's bias-reduced estimates of a logistic regression, which are finite for separated "
     "responses too; tests and intervals by the penalised likelihood"},
    {0}};

static const option_spec *const groups[] = {
    options_family,    options_theta,     options_link,      options_fit,
    options_collinear, options_inference, options_intervals, options_iteration,
    options_solver,    options_descent,   options_report,    options_ratios,
    options_level,     options_input,     options_messages,  NULL,
};
static const option_spec *const logistic_groups[] = {
    options_binary_link, options_fit,
    options_collinear,   options_inference,
    options_intervals,   options_iteration,
    options_solver,      options_descent,
    options_report,      options_ratios,
    options_level,       options_input,
    options_messages,    NULL,
};

enum { WORD = 32 };

/* What did not converge has no intervals, and says so in its report. */
static int set_intervals(fit_run *r) {
  enum { DEFAULT, WALD };
  int choice = r->options->interval_method;
  gradus_intervals method = choice == DEFAULT
                                ? (r->options->firth ? GRADUS_INTERVALS_LR : GRADUS_INTERVALS_WALD)
                                : (gradus_intervals)(choice - WALD);
  gradus_error err = {0};
  if (method != GRADUS_INTERVALS_WALD && r->options->robust != GRADUS_ROBUST_NONE)
    return fail_usage(r->command, "option --robust goes with intervals by standard errors: write "
                                  "--interval-method wald as well");
  if (method == GRADUS_INTERVALS_WALD || !gradus_fit_solver(r->fit)->converged)
    return DONE;
  int exit_status = fit_rows(r);
  if (exit_status == DONE &&
      gradus_fit_set_intervals(r->fit, r->source, method, r->options->level, &err) > 0)
    exit_status = fail_with(&err);
  return exit_status;
}

static int run_fit(const command_spec *command, fit_function function, const option_spec *family,
                   const option_spec *link, const command_options *options,
                   const char *const *operands) {
  fit_run r = {.command = command, .options = options, .formula = operands[0], .path = operands[1]};
  char family_word[WORD], link_word[WORD];
  gradus_fit_options fit_options = {.theta = options->theta, .firth = options->firth != 0};
  if (family) {
    option_word(family_word, sizeof family_word, family, options->family);
    fit_options.family = family_word;
  }
  if (options->link > 0) {
    option_word(link_word, sizeof link_word, link, options->link);
    fit_options.link = link_word;
  }
  int exit_status = fit_data(&r, function, fit_options);
  if (exit_status == DONE)
    exit_status = set_intervals(&r);
  if (exit_status == DONE)
    exit_status = fit_finish(&r);
  fit_clear(&r);
  return exit_status;
}

static int run_glm(const command_options *options, const char *const *operands, size_t count) {
  (void)count;
  return run_fit(&command_glm, gradus_glm_fit, options_family, options_link, options, operands);
}

static int run_logistic(const command_options *options, const char *const *operands, size_t count) {
  (void)count;
  return run_fit(&command_logistic, gradus_logistic_fit, NULL, options_binary_link, options,
                 operands);
}

const command_spec command_glm = {
    .name = "glm",
    .operands = "FORMULA FILE",
    .operands_min = 2,
    .operands_max = 2,
    .summary = "fit a generalised linear model",
    .description =
        "Fits FORMULA to the rows of FILE by iteratively reweighted least squares and prints a "
        "report in the shape of R's summary(glm(...)).\n\n"
        "FORMULA and FILE are those of gradus linear. A binomial response is 0 or 1, a factor of "
        "two levels (the first is failure), cbind(SUCCESSES, FAILURES), or a proportion with "
        "--weights prior:TRIALS.",
    .examples = "gradus glm 'breaks ~ wool*tension' @warpbreaks --family poisson\n"
                "gradus glm 'Days ~ Sex + Age' @quine --family negative_binomial\n"
                "gradus glm 'Volume ~ log(Girth) + log(Height)' @trees --family gamma --link log\n"
                "gradus glm 'cbind(ncases, ncontrols) ~ agegp' @esoph --family binomial -o "
                "model.safetensors\n",
    .groups = groups,
    .run = run_glm};

const command_spec command_logistic = {
    .name = "logistic",
    .operands = "FORMULA FILE",
    .operands_min = 2,
    .operands_max = 2,
    .summary = "fit a logistic regression",
    .description =
        "Fits the probability of one of two outcomes: gradus glm with the family binomial. The "
        "response of FORMULA is 0 or 1, a factor of two levels (the first is failure; the report "
        "says which level is modelled, and --levels turns them round), cbind(SUCCESSES, "
        "FAILURES), or a proportion with --weights prior:TRIALS.\n\n"
        "Where the columns separate the two outcomes some estimates are infinite. The report then "
        "is that of the likelihood's limit: infinite estimates stand as Inf and -Inf, without "
        "errors and tests (in JSON null, beside a member infinite that is 1, -1, or 0 for a "
        "direction that is not determined), and the exit status is 3. With --firth all estimates "
        "are finite.",
    .examples = "gradus logistic 'low ~ age + lwt + smoke' @birthwt\n"
                "gradus logistic 'low ~ age + lwt + smoke' @birthwt --firth\n"
                "gradus logistic 'low ~ age + lwt + smoke' @birthwt --link probit --intervals\n"
                "gradus logistic 'am ~ wt' @mtcars -o model.safetensors\n",
    .groups = logistic_groups,
    .run = run_logistic};
