// SPDX-License-Identifier: GPL-3.0-or-later
/* From the rows of a frame to those of a network: a design, and sequences. */
#include "network.h"

#include <string.h>

gradus_status gradus_i_network_design(gradus_design **design, const char *formula,
                                      const gradus_frame *frame,
                                      const gradus_network_options *options,
                                      const gradus_fit_options *own, gradus_error *err) {
  const char *leave_out[3], **codes = NULL;
  if (options->embedding_count > 0) {
    codes = gradus_i_allocate(options->embedding_count, sizeof *codes);
    if (!codes)
      return gradus_i_out_of_memory(err);
  }
  for (size_t i = 0; i < options->embedding_count; i++)
    codes[i] = options->embeddings[i].name;
  gradus_design_options columns = {.weight_kind = own->weight_kind,
                                   .codes = codes,
                                   .code_count = options->embedding_count,
                                   .weights = own->weights,
                                   .leave_out = leave_out,
                                   .last = options->lengths_column,
                                   .step_responses = options->each_step};
  const char *const extra[] = {options->lengths_column, options->sequence_id,
                               options->sequence_time};
  for (size_t i = 0; i < sizeof extra / sizeof *extra; i++)
    if (extra[i])
      leave_out[columns.leave_out_count++] = extra[i];
  if (options->input_shape && options->input_rank > 1)
    columns.steps = options->input_shape[0];
  gradus_formula *parsed = NULL;
  gradus_status status = gradus_formula_parse(&parsed, formula, err);
  if (status <= 0)
    status = gradus_design_new(design, parsed, frame, &columns, err);
  gradus_formula_free(parsed);
  gradus_i_release(codes);
  size_t last = status <= 0 ? gradus_design_columns(*design) : 0;
  if (status <= 0 && options->lengths_column &&
      (last == 0 ||
       strcmp(gradus_design_column_name(*design, last - 1), options->lengths_column) != 0)) {
    gradus_design_free(*design);
    *design = NULL;
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the lengths in column \"%.100s\" must be numbers, and the formula must "
                         "not name the column",
                         options->lengths_column);
  }
  return status;
}

void gradus_i_network_mark_steps(gradus_fit *fit) {
  const gradus_i_network_fit *made = fit->network;
  const gradus_i_shape *input = &made->network->nodes[made->network->entry].out;
  if (made->network->lengths && !made->sequences.id && input->rank > 1)
    gradus_i_design_set_steps(fit->design, input->extent[0], made->steps > 0);
}

gradus_status gradus_i_network_frame_rows(gradus_source **source, gradus_i_sequence_index *index,
                                          const gradus_i_network_sequences *sequences,
                                          const gradus_design *design, const gradus_frame *frame,
                                          bool without_response, gradus_error *err) {
  gradus_frame_source_options without = {.without_response = without_response};
  gradus_source *rows = NULL;
  if (index)
    *index = (gradus_i_sequence_index){0};
  *source = NULL;
  gradus_status status = gradus_source_from_frame(&rows, design, frame, &without, err);
  if (status > 0 || !sequences->id) {
    *source = rows;
    return status;
  }
  gradus_i_sequence_options options = {.id = sequences->id,
                                       .time = sequences->time,
                                       .steps = sequences->steps,
                                       .each_step = sequences->each_step};
  status = gradus_i_sequences_new(source, index, rows, frame, &options, err);
  gradus_source_free(rows);
  return status;
}

void gradus_fit_sequences(const gradus_fit *fit, gradus_sequences *sequences) {
  const gradus_i_network_fit *network = fit->network;
  *sequences = (gradus_sequences){0};
  if (!network)
    return;
  sequences->id = network->sequences.id;
  sequences->time = network->sequences.time;
  sequences->steps = network->steps ? network->steps : network->sequences.steps;
  sequences->each_step = network->steps > 0;
}

gradus_status gradus_fit_source(gradus_source **source, const gradus_fit *fit,
                                const gradus_frame *frame, gradus_error *err) {
  static const gradus_i_network_sequences none;
  *source = NULL;
  if (!fit->design)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "this fit came from matrices and knows no column names: make a source of "
                         "matrices");
  return gradus_i_network_frame_rows(source, NULL, fit->network ? &fit->network->sequences : &none,
                                     fit->design, frame, false, err);
}
