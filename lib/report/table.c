// SPDX-License-Identifier: GPL-3.0-or-later
/* A table of text with columns as wide as their widest cell. */
#include "internal.h"

#include <string.h>

gradus_status gradus_i_table_init(gradus_i_table *table, size_t rows, size_t columns,
                                  gradus_error *err) {
  *table = (gradus_i_table){.rows = rows, .columns = columns};
  size_t count;
  if (gradus_i_multiply(rows, columns, &count))
    table->cells = gradus_i_allocate(count, sizeof *table->cells);
  return table->cells ? GRADUS_OK : gradus_i_out_of_memory(err);
}

void gradus_i_table_set(gradus_i_table *table, size_t row, size_t column, const char *text) {
  char **cell = &table->cells[row * table->columns + column];
  gradus_i_release(*cell);
  *cell = gradus_i_string_copy(text);
  table->failed = table->failed || !*cell;
}

/* Characters of UTF-8 text: bytes that do not continue one. */
static size_t display_width(const char *text) {
  size_t width = 0;
  for (; *text; text++)
    width += ((unsigned char)*text & 0xC0) != 0x80;
  return width;
}

static const char *cell_text(const gradus_i_table *table, size_t row, size_t column) {
  const char *text = table->cells[row * table->columns + column];
  return text ? text : "";
}

static void write_cell(gradus_i_text *out, const char *text, size_t width, bool left) {
  size_t shown = display_width(text);
  int padding = (int)(width > shown ? width - shown : 0);
  if (!left)
    gradus_i_text_format(out, "%*s", padding, "");
  gradus_i_text_string(out, text);
  if (left)
    gradus_i_text_format(out, "%*s", padding, "");
}

gradus_status gradus_i_table_write(const gradus_i_table *table, bool left_last, gradus_i_text *text,
                                   gradus_error *err) {
  size_t *width = gradus_i_allocate(table->columns, sizeof *width);
  if (!width || table->failed) {
    gradus_i_release(width);
    return gradus_i_out_of_memory(err);
  }
  for (size_t i = 0; i < table->rows; i++)
    for (size_t j = 0; j < table->columns; j++) {
      size_t shown = display_width(cell_text(table, i, j));
      width[j] = shown > width[j] ? shown : width[j];
    }
  for (size_t i = 0; i < table->rows; i++) {
    for (size_t j = 0; j < table->columns; j++) {
      bool left = j == 0 || (left_last && j + 1 == table->columns);
      if (j > 0)
        gradus_i_text_string(text, " ");
      write_cell(text, cell_text(table, i, j), width[j], left);
    }
    gradus_i_text_string(text, "\n");
  }
  gradus_i_release(width);
  return text->failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
}

void gradus_i_table_clear(gradus_i_table *table) {
  for (size_t i = 0; table->cells && i < table->rows * table->columns; i++)
    gradus_i_release(table->cells[i]);
  gradus_i_release(table->cells);
  *table = (gradus_i_table){0};
}
