// SPDX-License-Identifier: GPL-3.0-or-later
/* What the commands that fit share of solvers: options, a model to start from, the trace. */
#include "command.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MEMBER(name) offsetof(command_options, name)

const option_spec options_solver[] = {
    {"l2", 0, OPTION_NUMBER, "LAMBDA", MEMBER(l2),
     "ridge: add LAMBDA/2 times the sum of squared weights (not the intercept) to the mean loss, "
     "which is half the mean squared error or half the mean deviance"},
    {"l2-bias", 0, OPTION_FLAG, NULL, MEMBER(l2_bias), "--l2 is for the intercept as well"},
    {"start", 0, OPTION_TEXT, "MODEL", MEMBER(start),
     "start from the weights of this model file, of a model of the same shape"},
    {"max-iterations", 0, OPTION_LARGE, "N", MEMBER(max_iterations),
     "give up after that many iterations (epochs, with --batch-size), with exit status 3; by "
     "default 300, with levenberg-marquardt 1000, with lbfgs 10000, with gradient-descent 100000 "
     "or 100 epochs; gradus network takes more where 100 are fewer than 3000 steps"},
    {"epochs", 0, OPTION_LARGE, "N", MEMBER(max_iterations), "the same as --max-iterations"},
    {"tolerance", 0, OPTION_NUMBER, "T", MEMBER(tolerance),
     "converged where the certificate (the gradient beside the scale of the problem) is at most T; "
     "by default 1e-12, and where irls and newton stand still"},
    {"trace", 0, OPTION_TEXT, "FILE.csv", MEMBER(trace),
     "write a row for every iteration: iteration, loss, gradient_norm, step, certificate, of a "
     "network validation_loss and for every block of parameters its norm, that of its gradient (of "
     "mini-batches: in the last one) and how long the iteration's update is beside it; and the "
     "parameters (of a network as it has them, in standardised units, and up to 1000)"},
    {"seed", 0, OPTION_LARGE, "N", MEMBER(seed),
     "seed of the order of rows in mini-batches, and of all else that is random in a network"},
    {0}};

/* The first of rule and schedule is the default. */
const option_spec options_descent[] = {
    {"rule", 0, OPTION_CHOICE, "auto|plain|momentum|nesterov|adagrad|rmsprop|adam|adamw",
     MEMBER(rule),
     "how gradient-descent steps; auto finds its step by itself, accelerates and restarts; for a "
     "network it is adam"},
    {"learning-rate", 0, OPTION_NUMBER, "RATE", MEMBER(learning_rate),
     "of all rules but auto; 0.001 for adam and adamw, else 0.01 by default. Columns are "
     "standardised within the solver"},
    {"batch-size", 0, OPTION_LARGE, "ROWS", MEMBER(batch_size),
     "rows of a mini-batch; all rows at once by default, for a network 64 or, "
     "of few rows, fewer"},
    {"schedule", 0, OPTION_CHOICE, "constant|step|exponential|cosine|inverse-time",
     MEMBER(schedule), "how the learning rate falls"},
    {"decay", 0, OPTION_NUMBER, "D", MEMBER(decay),
     "of the schedule: step and exponential multiply by D (0.1 and 0.99 by default), inverse-time "
     "divides by 1 + D*t (0.1 by default)"},
    {"period", 0, OPTION_LARGE, "N", MEMBER(period),
     "iterations between the falls of the schedule step; 10 by default"},
    {"warm-up", 0, OPTION_LARGE, "N", MEMBER(warm_up),
     "let the learning rate grow over the first N iterations"},
    {"momentum", 0, OPTION_NUMBER, "BETA", MEMBER(momentum),
     "of momentum and nesterov, and adam's first; 0.9 by default"},
    {"weight-decay", 0, OPTION_NUMBER, "D", MEMBER(weight_decay), "of adamw"},
    {"clip-norm", 0, OPTION_NUMBER, "NORM", MEMBER(clip_norm), "shorten longer gradients to NORM"},
    {"clip-value", 0, OPTION_NUMBER, "SIZE", MEMBER(clip_value),
     "cut larger entries of a gradient to SIZE"},
    {0}};

/* A network descends unless told otherwise. */
static bool descends_by_options(const command_options *options, const command_spec *command) {
  const char *solver = options->solver ? options->solver : "auto";
  return strcmp(solver, "gradient-descent") == 0 ||
         (command == &command_network && strcmp(solver, "auto") == 0);
}

/* ---- the trace: rows are kept until the names of the parameters are known ---- */

struct solver_trace {
  char *rows;
  size_t length;
  FILE *stream;
  double *before; /* a network's parameters an iteration ago */
};

/* Of a larger network none: a row for every epoch would be longer than the data. */
static size_t traced_parameters(size_t size, bool network) {
  enum { NETWORK_MOST = 1000 };
  return network && size > NETWORK_MOST ? 0 : size;
}

static bool write_row(void *context, const gradus_progress *progress) {
  solver_trace *trace = context;
  FILE *file = trace->stream;
  const double numbers[] = {progress->loss, progress->gradient_norm, progress->step,
                            progress->certificate};
  fprintf(file, "%zu", progress->iteration);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    putc(',', file);
    write_number(file, numbers[i]);
  }
  bool network = progress->rows > 0;
  if (network) {
    putc(',', file);
    write_number(file, progress->validation_loss);
    trace_blocks(file, progress, &trace->before);
  }
  for (size_t i = 0; i < traced_parameters(progress->size, network); i++) {
    putc(',', file);
    write_number(file, progress->theta[i]);
  }
  putc('\n', file);
  return true;
}

/* Names in the order of the parameters: weights response by response, then the intercepts. */
static void write_head(FILE *file, const gradus_fit *fit) {
  size_t k = gradus_fit_responses(fit), q = gradus_fit_coefficients(fit);
  bool intercept = q > 0 && strcmp(gradus_fit_coefficient_name(fit, 0), "(Intercept)") == 0;
  size_t first = intercept ? 1 : 0;
  fputs("iteration,loss,gradient_norm,step,certificate", file);
  for (size_t i = 0; i < k * (q - first) + (intercept ? k : 0); i++) {
    bool weight = i < k * (q - first);
    size_t response = weight ? i / (q - first) : i - k * (q - first);
    const char *term = gradus_fit_coefficient_name(fit, weight ? first + i % (q - first) : 0);
    char name[512];
    snprintf(name, sizeof name, "%s%s%s", k > 1 ? gradus_fit_response_name(fit, response) : "",
             k > 1 ? ":" : "", term);
    putc(',', file);
    write_name(file, name);
  }
  putc('\n', file);
}

/* "hidden1.weight[2,1]": row and column from 1. */
static void write_network_head(FILE *file, const gradus_fit *fit) {
  const gradus_params *params = gradus_fit_params(fit);
  fputs("iteration,loss,gradient_norm,step,certificate,validation_loss", file);
  trace_block_heads(file, params);
  if (traced_parameters(gradus_params_size(params), true) > 0)
    for (size_t b = 0; b < gradus_params_blocks(params); b++) {
      const gradus_block *block = gradus_params_block(params, b);
      size_t columns = block->rank > 1 ? block->size / block->shape[0] : 1;
      for (size_t i = 0; i < block->size; i++) {
        char name[512];
        if (block->rank > 1)
          snprintf(name, sizeof name, "%s[%zu,%zu]", block->name, i / columns + 1, i % columns + 1);
        else
          snprintf(name, sizeof name, "%s[%zu]", block->name, i + 1);
        putc(',', file);
        write_name(file, name);
      }
    }
  putc('\n', file);
}

static bool copy_to(const char *path, const solver_trace *trace, const gradus_fit *fit) {
  FILE *file = fopen(path, "w");
  if (!file)
    return false;
  if (gradus_fit_layers(fit) > 0)
    write_network_head(file, fit);
  else
    write_head(file, fit);
  fwrite(trace->rows, 1, trace->length, file);
  bool written = !ferror(file);
  return fclose(file) == 0 && written;
}

/* A link, a pipe or a device is written to, not replaced by a file. */
static bool is_replaceable(const char *path) {
  struct stat there;
  return lstat(path, &there) != 0 || S_ISREG(there.st_mode);
}

static bool replace(const char *path, const char *temporary, const solver_trace *trace,
                    const gradus_fit *fit) {
  bool written = copy_to(temporary, trace, fit) && rename(temporary, path) == 0;
  if (!written) {
    int reason = errno;
    remove(temporary);
    errno = reason;
  }
  return written;
}

static int write_trace(fit_run *r) {
  const char *path = r->options->trace;
  size_t length = strlen(path);
  char *temporary = malloc(length + 6);
  errno = 0;
  bool written = temporary && fflush(r->trace->stream) == 0;
  if (written) {
    snprintf(temporary, length + 6, "%s.part", path);
    written = is_replaceable(path) ? replace(path, temporary, r->trace, r->fit)
                                   : copy_to(path, r->trace, r->fit);
  }
  if (!written)
    fprintf(stderr, "gradus: error: %s: the trace cannot be written: %s\n", path,
            errno ? strerror(errno) : "a write failed");
  free(temporary);
  return written ? DONE : AT_FAULT;
}

/* ---- from options to a fit ---- */

/* Options that one rule or schedule heeds and another does not. */
static int check_tuning(const command_options *o, const command_spec *command) {
  bool has_momentum = o->rule == GRADUS_RULE_MOMENTUM || o->rule == GRADUS_RULE_NESTEROV ||
                      o->rule == GRADUS_RULE_ADAM || o->rule == GRADUS_RULE_ADAMW;
  bool falls = o->schedule == GRADUS_SCHEDULE_STEP || o->schedule == GRADUS_SCHEDULE_EXPONENTIAL ||
               o->schedule == GRADUS_SCHEDULE_INVERSE_TIME;
  const struct {
    const char *name, *with;
    bool unheeded;
  } all[] = {
      {"momentum", "--rule momentum, nesterov, adam or adamw", o->momentum != 0 && !has_momentum},
      {"weight-decay", "--rule adamw (--l2 with any rule)",
       o->weight_decay != 0 && o->rule != GRADUS_RULE_ADAMW},
      {"decay", "--schedule step, exponential or inverse-time", o->decay != 0 && !falls},
      {"period", "--schedule step", o->period != 0 && o->schedule != GRADUS_SCHEDULE_STEP}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i].unheeded)
      return fail_usage(command, "option --%s goes with %s", all[i].name, all[i].with);
  return DONE;
}

static int check_options(const command_options *o, const command_spec *command) {
  bool descends = descends_by_options(o, command);
  if (o->l2 < 0)
    return fail_usage(command, "option --l2: %g is below 0", o->l2);
  if (o->tolerance < 0)
    return fail_usage(command, "option --tolerance: %g is below 0", o->tolerance);
  if (o->l2_bias && o->l2 == 0)
    return fail_usage(command, "option --l2-bias goes with --l2");
  const struct {
    const char *name;
    bool given;
  } of_descent[] = {{"rule", o->rule != 0},
                    {"learning-rate", o->learning_rate != 0},
                    {"batch-size", o->batch_size != 0},
                    {"schedule", o->schedule != 0},
                    {"decay", o->decay != 0},
                    {"period", o->period != 0},
                    {"warm-up", o->warm_up != 0},
                    {"momentum", o->momentum != 0},
                    {"weight-decay", o->weight_decay != 0},
                    {"clip-norm", o->clip_norm != 0},
                    {"clip-value", o->clip_value != 0}};
  for (size_t i = 0; !descends && i < sizeof of_descent / sizeof *of_descent; i++)
    if (of_descent[i].given)
      return fail_usage(command, "option --%s goes with --solver gradient-descent",
                        of_descent[i].name);
  return check_tuning(o, command);
}

int solver_prepare(fit_run *r, gradus_fit_options *fit_options) {
  const command_options *o = r->options;
  gradus_error err = {0};
  int exit_status = check_options(o, r->command);
  if (exit_status != DONE)
    return exit_status;
  fit_options->solver = o->solver;
  fit_options->l2 = o->l2;
  fit_options->l2_bias = o->l2_bias != 0;
  fit_options->max_iterations = o->max_iterations;
  fit_options->tolerance = o->tolerance;
  fit_options->seed = o->seed;
  fit_options->descent = (gradus_descent_options){.rule = (gradus_rule)o->rule,
                                                  .learning_rate = o->learning_rate,
                                                  .schedule = (gradus_schedule)o->schedule,
                                                  .decay = o->decay,
                                                  .period = o->period,
                                                  .warm_up = o->warm_up,
                                                  .momentum = o->momentum,
                                                  .weight_decay = o->weight_decay,
                                                  .clip_norm = o->clip_norm,
                                                  .clip_value = o->clip_value,
                                                  .batch_size = o->batch_size};
  if (o->start) {
    if (gradus_fit_load(&r->start, o->start, &err) > 0)
      return fail_with(&err);
    fit_options->start = gradus_fit_params(r->start);
  }
  if (o->trace) {
    r->trace = calloc(1, sizeof *r->trace);
    if (r->trace)
      r->trace->stream = open_memstream(&r->trace->rows, &r->trace->length);
    if (!r->trace || !r->trace->stream)
      return fail_usage(NULL, "out of memory");
    fit_options->progress = write_row;
    fit_options->progress_context = r->trace;
  }
  return DONE;
}

int solver_finish(fit_run *r) {
  return r->trace ? write_trace(r) : DONE;
}

void solver_clear(fit_run *r) {
  if (r->trace) {
    if (r->trace->stream)
      fclose(r->trace->stream);
    free(r->trace->rows);
    free(r->trace->before);
    free(r->trace);
  }
  gradus_fit_free(r->start);
}
