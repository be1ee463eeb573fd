// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of a source as the scaled columns of a least-squares problem. */
#include "internal.h"

#include <math.h>

size_t gradus_i_batch_row(const gradus_batch *batch, size_t i) {
  return (batch->row ? batch->row[i] : batch->first + i) + 1;
}

bool gradus_i_weighs_residuals(const gradus_source *source) {
  gradus_weight_kind kind = gradus_source_get_shape(source)->weight_kind;
  return kind == GRADUS_WEIGHT_ANALYTIC || kind == GRADUS_WEIGHT_PRIOR;
}

size_t gradus_i_panel_size(const gradus_i_layout *layout, const gradus_source_shape *shape,
                           size_t capacity) {
  size_t columns = layout->q * (shape->has_low ? 2 : 1) + layout->k * (shape->has_offset ? 2 : 1) +
                   (shape->has_offset ? 1 : 0) + (shape->weight_kind ? 1 : 0);
  return columns * capacity;
}

gradus_i_panel gradus_i_panel_in(double *block, const gradus_i_layout *layout,
                                 const gradus_source_shape *shape, size_t capacity) {
  gradus_i_panel panel = {.capacity = capacity};
  panel.z = block;
  block += layout->q * capacity;
  if (shape->has_low) {
    panel.z_low = block;
    block += layout->q * capacity;
  }
  panel.y = block;
  block += layout->k * capacity;
  if (shape->has_offset) {
    panel.y_low = block;
    block += layout->k * capacity;
    panel.offset = block;
    block += capacity;
  }
  if (shape->weight_kind)
    panel.weight = block;
  return panel;
}

static gradus_status fail_value(const gradus_batch *batch, size_t i, const char *what,
                                size_t column, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_NON_FINITE,
                       "row %zu, %s column %zu: the value is not finite; remove or mend the row",
                       gradus_i_batch_row(batch, i), what, column + 1);
}

gradus_status gradus_i_check_weights(const gradus_batch *batch, gradus_error *err) {
  for (size_t i = 0; batch->weight && i < batch->rows; i++)
    if (!(batch->weight[i] >= 0) || isinf(batch->weight[i]))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_WEIGHT,
                           "row %zu: the weight is %g; weights must be finite and at least 0",
                           gradus_i_batch_row(batch, i), batch->weight[i]);
  return GRADUS_OK;
}

/* Appends the weights above 0; returns their number. */
static size_t append_weights(gradus_i_panel *panel, const gradus_batch *batch) {
  size_t count = 0;
  for (size_t i = 0; i < batch->rows; i++) {
    double w = batch->weight ? batch->weight[i] : 1;
    if (w > 0)
      panel->weight[panel->rows + count++] = w;
  }
  return count;
}

/* Copies one column of the batch (values with a stride) below the panel's rows; false at a value
 * that is not finite. */
static bool copy_column(const double *values, size_t stride, const gradus_batch *batch,
                        double scale, double *target, size_t *bad) {
  const double *weight = batch->weight;
  double check = 0;
  size_t count = 0;
  for (size_t i = 0; i < batch->rows; i++) {
    if (weight && weight[i] == 0)
      continue;
    double value = values[i * stride];
    check += value * 0;
    target[count++] = value * scale;
  }
  if (check == 0)
    return true;
  for (*bad = 0; *bad < batch->rows; ++*bad)
    if (!isfinite(values[*bad * stride]) && !(weight && weight[*bad] == 0))
      break;
  return false;
}

static gradus_status append_inputs(gradus_i_panel *panel, const gradus_i_layout *layout,
                                   const gradus_batch *batch, size_t count, gradus_error *err) {
  size_t first = layout->intercept ? 1 : 0, bad;
  for (size_t i = 0; first && i < count; i++)
    panel->z[panel->rows + i] = layout->scale[0];
  for (size_t i = 0; first && panel->z_low && i < count; i++)
    panel->z_low[panel->rows + i] = 0;
  for (size_t j = 0; j < layout->p; j++) {
    size_t column = first + j, at = column * panel->capacity + panel->rows;
    double scale = layout->scale[column];
    if (!copy_column(batch->x + j, batch->x_stride, batch, scale, panel->z + at, &bad))
      return fail_value(batch, bad, "input", j, err);
    if (!panel->z_low)
      continue;
    if (!batch->x_low)
      for (size_t i = 0; i < count; i++)
        panel->z_low[at + i] = 0;
    else if (!copy_column(batch->x_low + j, batch->x_stride, batch, scale, panel->z_low + at, &bad))
      return fail_value(batch, bad, "input", j, err);
  }
  return GRADUS_OK;
}

/* y - offset, exactly: the part below double precision goes to y_low. */
static void subtract_offset(gradus_i_panel *panel, size_t at, size_t count, double scale) {
  for (size_t i = 0; i < count; i++) {
    double offset = panel->offset[panel->rows + i] * scale;
    gradus_i_extended value = gradus_i_two_sum(panel->y[at + i], -offset);
    panel->y[at + i] = value.hi;
    panel->y_low[at + i] = value.lo;
  }
}

static gradus_status append_responses(gradus_i_panel *panel, const gradus_i_layout *layout,
                                      const gradus_batch *batch, size_t count, gradus_error *err) {
  size_t bad;
  for (size_t r = 0; r < layout->k; r++) {
    size_t at = r * panel->capacity + panel->rows;
    double scale = layout->scale[layout->q + r];
    if (!copy_column(batch->y + r, batch->y_stride, batch, scale, panel->y + at, &bad))
      return fail_value(batch, bad, "response", r, err);
    if (panel->y_low)
      subtract_offset(panel, at, count, scale);
  }
  return GRADUS_OK;
}

static gradus_status append_offset(gradus_i_panel *panel, const gradus_batch *batch,
                                   gradus_error *err) {
  size_t count = 0;
  for (size_t i = 0; i < batch->rows; i++) {
    double offset = batch->offset ? batch->offset[i] : 0;
    if (batch->weight && batch->weight[i] == 0)
      continue;
    if (!isfinite(offset))
      return gradus_i_fail(err, GRADUS_ERROR_NON_FINITE, "row %zu: the offset is %g",
                           gradus_i_batch_row(batch, i), offset);
    panel->offset[panel->rows + count++] = offset;
  }
  return GRADUS_OK;
}

gradus_status gradus_i_panel_append(gradus_i_panel *panel, const gradus_i_layout *layout,
                                    const gradus_batch *batch, gradus_error *err) {
  size_t count = batch->rows;
  gradus_status status = gradus_i_check_weights(batch, err);
  if (status <= 0 && panel->weight)
    count = append_weights(panel, batch);
  if (status <= 0)
    status = append_inputs(panel, layout, batch, count, err);
  if (status <= 0)
    status = panel->offset ? append_offset(panel, batch, err) : GRADUS_OK;
  if (status <= 0)
    status = append_responses(panel, layout, batch, count, err);
  if (status <= 0)
    panel->rows += count;
  return status;
}
