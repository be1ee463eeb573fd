// SPDX-License-Identifier: GPL-3.0-or-later
/* Where a number of a batch stands, for messages. */
#include "sequences.h"

/* Which step of the sequence ends in that row of the frame is step t; the row itself if none is. */
static size_t row_of_step(const gradus_i_sequence_index *sequences, size_t last, size_t t) {
  for (size_t s = 0; s < sequences->count; s++) {
    size_t begin = sequences->begin[s], end = sequences->begin[s + 1];
    if (sequences->row[end - 1] == last)
      return begin + t < end ? sequences->row[begin + t] : last;
  }
  return last;
}

void gradus_i_origin_name(const gradus_i_origin *origin, size_t row, size_t j, char *text,
                          size_t size) {
  if (!origin->frame) {
    gradus_i_snprintf(text, size, "row %zu", row + 1);
    return;
  }
  size_t width = gradus_design_columns(origin->design);
  if (origin->sequences)
    row = row_of_step(origin->sequences, row, j / width);
  gradus_i_snprintf(text, size, "%.100s:%zu: column \"%.100s\"", gradus_i_frame_name(origin->frame),
                    gradus_i_frame_line(origin->frame, row),
                    gradus_design_column_name(origin->design, j % width));
}
