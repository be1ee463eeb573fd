// SPDX-License-Identifier: GPL-3.0-or-later
/* What the commands that fit do with the fitted rows: the means that a model file keeps, robust
   errors, observation rows. */
#include "command.h"

#include <errno.h>
#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

const option_spec options_inference[] = {
    {"robust", 0, OPTION_CHOICE, "none|HC0|HC1|HC2|HC3", MEMBER(robust),
     "heteroscedasticity-consistent standard errors"},
    {"augment", 0, OPTION_TEXT, "FILE.csv", MEMBER(augment),
     "write the observation rows: row (from 1), hat, fitted, resid, std_resid, student_resid, "
     "cooksd, dffits; of a generalised linear model fitted is the mean, resid the deviance "
     "residual, and pearson_resid and working_resid follow"},
    {0}};

/* Columns of the observation rows beside row and hat; those without values are left out. */
typedef struct observation_column {
  const char *name;
  const double *values;
} observation_column;

enum { COLUMNS = 8 };

static size_t list_columns(observation_column columns[COLUMNS], const gradus_diagnostics *d) {
  const observation_column all[COLUMNS] = {{"fitted", d->fitted},
                                           {"resid", d->resid},
                                           {"std_resid", d->std_resid},
                                           {"student_resid", d->student_resid},
                                           {"cooksd", d->cooksd},
                                           {"dffits", d->dffits},
                                           {"pearson_resid", d->pearson_resid},
                                           {"working_resid", d->working_resid}};
  size_t count = 0;
  for (size_t i = 0; i < COLUMNS; i++)
    if (all[i].values)
      columns[count++] = all[i];
  return count;
}

static void write_heads(FILE *file, const fit_run *r, const observation_column *columns,
                        size_t count) {
  size_t k = gradus_fit_responses(r->fit);
  fputs("row,hat", file);
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < k; j++) {
      char name[256];
      if (k > 1)
        snprintf(name, sizeof name, "%s.%s", gradus_fit_response_name(r->fit, j), columns[i].name);
      putc(',', file);
      write_name(file, k > 1 ? name : columns[i].name);
    }
  putc('\n', file);
}

static void write_rows(FILE *file, const gradus_diagnostics *d, const observation_column *columns,
                       size_t count) {
  for (size_t i = 0; i < d->rows; i++) {
    fprintf(file, "%zu,", d->row[i] + 1);
    write_number(file, d->hat[i]);
    for (size_t c = 0; c < count; c++)
      for (size_t j = 0; j < d->responses; j++) {
        putc(',', file);
        write_number(file, columns[c].values[i * d->responses + j]);
      }
    putc('\n', file);
  }
}

static int write_augment(const fit_run *r) {
  const char *path = r->options->augment;
  gradus_diagnostics *diagnostics;
  gradus_error err = {0};
  gradus_status status = gradus_fit_diagnostics(r->fit, r->source, &diagnostics, &err);
  if (status > 0)
    return fail_with(&err);
  if (status < 0 && !r->options->quiet)
    warn(err.message);
  errno = 0;
  FILE *file = fopen(path, "w");
  bool written = file != NULL;
  if (file) {
    observation_column columns[COLUMNS];
    size_t count = list_columns(columns, diagnostics);
    write_heads(file, r, columns, count);
    write_rows(file, diagnostics, columns, count);
    written = !ferror(file);
    written = fclose(file) == 0 && written;
  }
  if (!written)
    fprintf(stderr, "gradus: error: %s: the observation rows cannot be written: %s\n", path,
            errno ? strerror(errno) : "a write failed");
  gradus_diagnostics_free(diagnostics);
  return written ? DONE : AT_FAULT;
}

int fit_rows(fit_run *r) {
  gradus_error err = {0};
  if (!r->source && gradus_fit_source(&r->source, r->fit, r->frame, &err) > 0)
    return fail_with(&err);
  return DONE;
}

int fit_inference(fit_run *r) {
  const command_options *o = r->options;
  gradus_error err = {0};
  bool hidden = gradus_fit_layers(r->fit) > 0 && gradus_fit_coefficients(r->fit) == 0;
  if (hidden || (!o->output && !o->augment && o->robust == GRADUS_ROBUST_NONE))
    return DONE;
  int exit_status = fit_rows(r);
  if (exit_status == DONE && o->output && gradus_fit_set_means(r->fit, r->source, &err) > 0)
    exit_status = fail_with(&err);
  if (!gradus_fit_solver(r->fit)->converged) { /* the report says so */
    if (o->augment && !o->quiet)
      warn("the fit did not converge: no observation rows are written");
    return exit_status;
  }
  if (exit_status == DONE && o->robust != GRADUS_ROBUST_NONE &&
      gradus_fit_set_robust(r->fit, r->source, (gradus_robust)o->robust, &err) > 0)
    exit_status = fail_with(&err);
  if (exit_status == DONE && o->augment)
    exit_status = write_augment(r);
  return exit_status;
}
