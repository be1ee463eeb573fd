// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures in shades of grey, made of square tiles, that any viewer opens. */
#ifndef GRADUS_DEMOS_PICTURE_H
#define GRADUS_DEMOS_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

enum { PICTURE_MOST = 500000 };

typedef struct picture {
  size_t width, height, zoom; /* pixels of a value's square */
  int grey[PICTURE_MOST];
} picture;

/* A dark ground of width × height pixels, PICTURE_MOST at most. */
void picture_clear(picture *p, size_t width, size_t height, size_t zoom);
/* Tile (row, column) with side × side values from 0, black, to 1, every `stride` values one. */
void picture_draw(picture *p, size_t row, size_t column, const double *values, size_t side,
                  size_t stride);
/* Plain PGM; no half-written file takes the place of a whole one. */
bool picture_write(const char *name, const picture *p);

#endif
