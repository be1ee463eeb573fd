// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus diagnose */
#include "diagnose.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MEMBER(name) offsetof(command_options, name)
static const option_spec options_diagnose[] = {
    {"json", 0, OPTION_FLAG, NULL, MEMBER(json), "print one JSON object"}, {0}};
#undef MEMBER
static const option_spec *const groups[] = {options_diagnose, options_input, options_messages,
                                            NULL};

static double share(size_t part, size_t whole) {
  return 100 * (double)part / (double)whole;
}

static void print_blocks(const gradus_diagnosis *d) {
  printf("%-24s %10s %12s %12s %12s\n", "Block", "Parameters", "Norm", "Gradient", "Ratio");
  for (size_t b = 0; b < d->blocks; b++) {
    const gradus_block_diagnosis *block = &d->block[b];
    printf("%-24s %10zu %12.4g %12.4g ", block->name, block->size, block->norm, block->gradient);
    if (isfinite(block->ratio))
      printf("%12.4g\n", block->ratio);
    else
      printf("%12s\n", "NA");
  }
}

static void print_layers(const gradus_diagnosis *d) {
  if (d->layers == 0)
    return;
  printf("\n%-16s %-12s %6s %7s %10s %10s %10s %12s %12s\n", "Layer", "Activation", "Units", "Dead",
         "Saturated", "Mean", "Variance", "Grad. mean", "Grad. var.");
  for (size_t l = 0; l < d->layers; l++) {
    const gradus_layer_diagnosis *layer = &d->layer[l];
    printf("%-16s %-12s %6zu %5.0f %% %8.0f %% %10.3g %10.3g %12.3g %12.3g\n", layer->name,
           layer->activation, layer->units, share(layer->dead, layer->units),
           share(layer->saturated, layer->units), layer->mean, layer->variance,
           layer->gradient_mean, layer->gradient_variance);
  }
}

/* Of a recurrence with so many lags those that a line has room for. */
static const size_t lags[] = {0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

static void print_lags(const gradus_recurrence_diagnosis *r, bool head) {
  char name[80];
  snprintf(name, sizeof name, "%s%s", r->name, r->reverse ? " (reverse)" : "");
  printf("%-24s", head ? "Steps back" : name);
  for (size_t i = 0; i < sizeof lags / sizeof *lags && lags[i] + 1 < r->lags; i++)
    if (head)
      printf(" %9zu", lags[i]);
    else
      printf(" %9.3g", r->gradient_norm[lags[i]]);
  if (head)
    printf(" %9zu\n", r->lags - 1);
  else
    printf(" %9.3g\n", r->gradient_norm[r->lags - 1]);
}

static void print_recurrences(const gradus_diagnosis *d) {
  for (size_t i = 0; i < d->recurrences; i++) {
    const gradus_recurrence_diagnosis *r = &d->recurrence[i];
    if (i == 0)
      printf("\nNorm of the gradient by the state\n");
    if (i == 0 || r->lags != d->recurrence[i - 1].lags)
      print_lags(r, true);
    print_lags(r, false);
  }
}

static void print_text(const gradus_diagnosis *d) {
  printf("Diagnosis over %zu row%s; mean loss %.6g\n\n", d->rows, d->rows == 1 ? "" : "s", d->loss);
  print_blocks(d);
  print_layers(d);
  print_recurrences(d);
  printf("\n");
  for (size_t i = 0; i < d->findings; i++)
    printf("* %s\n", d->finding[i]);
  if (d->findings == 0)
    printf("Nothing is conspicuous.\n");
}

static int diagnose_frame(const gradus_fit *fit, const gradus_frame *frame, const char *path,
                          const command_options *options) {
  gradus_source *source = NULL;
  gradus_diagnosis *diagnosis = NULL;
  gradus_error err = {0};
  int exit_status = DONE;
  gradus_status status = gradus_fit_source(&source, fit, frame, &err);
  if (status <= 0)
    status = gradus_diagnose(&diagnosis, fit, source, options->threads, &err);
  if (status > 0)
    exit_status = fail_with_file(&err, path, options);
  else if (options->json)
    exit_status = diagnose_json(diagnosis);
  else
    print_text(diagnosis);
  gradus_diagnosis_free(diagnosis);
  gradus_source_free(source);
  return exit_status;
}

static int run_diagnose(const command_options *options, const char *const *operands, size_t count) {
  (void)count;
  gradus_fit *fit = NULL;
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  if (gradus_fit_load(&fit, operands[0], &err) > 0)
    return fail_with(&err);
  int exit_status = DONE;
  if (gradus_fit_layers(fit) == 0 || !gradus_fit_design(fit)) {
    fprintf(stderr,
            "gradus: error: %s: a %s model%s has nothing to diagnose; give a network that was "
            "fitted to a formula\n",
            operands[0], gradus_fit_model(fit), gradus_fit_design(fit) ? "" : " of matrices");
    exit_status = AT_FAULT;
  }
  if (exit_status == DONE)
    exit_status = read_frame(&frame, operands[1], options, &command_diagnose);
  if (exit_status == DONE)
    exit_status = diagnose_frame(fit, frame, operands[1], options);
  gradus_frame_free(frame);
  gradus_fit_free(fit);
  return exit_status;
}

const command_spec command_diagnose = {
    .name = "diagnose",
    .operands = "MODEL FILE",
    .operands_min = 2,
    .operands_max = 2,
    .summary = "tell what is wrong with a network",
    .description =
        "Sends the complete rows of FILE (a CSV, IDX or .npy file, - for standard input, or @NAME "
        "for a bundled "
        "data set), which have a response, through a network that a fit wrote with --output, and "
        "back.\n\n"
        "Of every block of parameters it prints the norm, the norm of the mean loss' gradient, and "
        "the ratio of the two. Of every layer of activations: the share of dead units (a relu that "
        "is 0 in every row; of a convolution: filters, at all places) and of saturated ones "
        "(sigmoid and tanh near an end of their range in "
        "most rows), mean and variance of the activations, and of the gradients that come back to "
        "them. Of every recurrence: the norm of the gradient that goes back from the last step to "
        "the state so many steps before. Then it says in words what it sees, and what helps.",
    .examples = "gradus diagnose network.safetensors train.csv\n"
                "gradus diagnose network.safetensors train.csv --json\n",
    .groups = groups,
    .run = run_diagnose};
