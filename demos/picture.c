// SPDX-License-Identifier: GPL-3.0-or-later
#include "picture.h"

#include <math.h>
#include <stdio.h>

void picture_draw(picture *p, size_t row, size_t column, const double *values, size_t side,
                  size_t stride) {
  size_t size = side * p->zoom, top = 4 + row * (size + 4), left = 4 + column * (size + 4);
  for (size_t i = 0; i < size; i++)
    for (size_t j = 0; j < size; j++) {
      double value = values[(i / p->zoom * side + j / p->zoom) * stride];
      p->grey[(top + i) * p->width + left + j] = (int)lround(255 * fmin(1, fmax(0, value)));
    }
}

bool picture_write(const char *name, const picture *p) {
  char temporary[64];
  snprintf(temporary, sizeof temporary, "%s.new", name);
  FILE *file = fopen(temporary, "w");
  if (!file)
    return false;
  fprintf(file, "P2\n%zu %zu\n255\n", p->width, p->height);
  for (size_t i = 0; i < p->width * p->height; i++)
    fprintf(file, "%d%c", p->grey[i], i % 16 == 15 ? '\n' : ' ');
  bool good = !ferror(file);
  good = fclose(file) == 0 && good && rename(temporary, name) == 0;
  if (!good)
    remove(temporary);
  return good;
}

void picture_clear(picture *p, size_t width, size_t height, size_t zoom) {
  p->zoom = zoom;
  p->width = width;
  p->height = height;
  for (size_t i = 0; i < width * height; i++)
    p->grey[i] = 90;
}
