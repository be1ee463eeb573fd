// SPDX-License-Identifier: GPL-3.0-or-later
/** Reports and model files. Layer: report. */
#ifndef GRADUS_REPORT_H
#define GRADUS_REPORT_H

#include <gradus/inference.h>
#include <gradus/layer.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gradus_format {
  GRADUS_FORMAT_TEXT = 0, /**< the shape of R's summary() */
  GRADUS_FORMAT_JSON,     /**< one object: model, terms, solver, warnings; 17 digits */
  GRADUS_FORMAT_CSV       /**< the term rows, 17 digits */
} gradus_format;

typedef struct gradus_report_options {
  gradus_format format;
  double level;      /**< of confidence intervals; 0: 0.95, or that of gradus_fit_set_intervals */
  bool intervals;    /**< text: show the intervals too */
  bool exponentiate; /**< exp of estimates and intervals (gradus_fit_ratio): in JSON and CSV they
                        take their place, while std_error and the test stay those of the link's
                        scale, as R's broom has it; in text they follow the coefficients */
  const char *call;  /**< text: what stands under "Call:"; NULL: made from the fit */
} gradus_report_options;

/** The report as text, to be freed with gradus_free. Errors: _INVALID_ARGUMENT (level; exponentiate
 * where that has no meaning), _OUT_OF_MEMORY. */
GRADUS_API gradus_status gradus_fit_report(char **text, const gradus_fit *fit,
                                           const gradus_report_options *options, gradus_error *err);

/** Writes the report to a stream. Errors: also _IO. */
GRADUS_API gradus_status gradus_fit_print(const gradus_fit *fit, FILE *stream,
                                          const gradus_report_options *options, gradus_error *err);

/** Writes a model file (safetensors; see doc/model-file.md) by way of a temporary name. Errors:
 * _IO, _OUT_OF_MEMORY, _UNSUPPORTED (configured without jansson). */
GRADUS_API gradus_status gradus_fit_save(const gradus_fit *fit, const char *path,
                                         gradus_error *err);

/** Reads a model file back: all of the fit but its data. Errors: _IO, _MODEL_FILE (damaged,
 * truncated, no model of gradus, a newer format: the message says which), _OUT_OF_MEMORY;
 * _UNSUPPORTED (a network with a layer, an activation or a loss of a user's own: names it). */
GRADUS_API gradus_status gradus_fit_load(gradus_fit **fit, const char *path, gradus_error *err);

/** The same for a network whose layers, activations or loss are a user's own: their tables, found
 * by their names, are borrowed as long as the fit lives; NULL: none. */
GRADUS_API gradus_status gradus_fit_load_custom(gradus_fit **fit, const char *path,
                                                const gradus_custom *custom, gradus_error *err);

#ifdef __cplusplus
}
#endif
#endif
