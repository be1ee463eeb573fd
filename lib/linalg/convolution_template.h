// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernels of convolution.h for one type and one instruction set. Tiles are always inlined with
   constant counts. */

/* Where `count` neighbouring places begin in the image, from the one at *row and *column on, which
   moves behind them; places beyond the last one are the last one again. */
INLINE void KERNEL(find)(const gradus_i_convolution *c, size_t count, size_t *row, size_t *column,
                         size_t *from) {
  size_t last = *row * c->row_step + *column * c->column_step;
  if (*column + count < c->columns) { /* all in a row, and more after them */
    UNROLL
    for (size_t r = 0; r < count; r++)
      from[r] = last + r * c->column_step;
    *column += count;
    return;
  }
  UNROLL
  for (size_t r = 0; r < count; r++) {
    bool beyond = *row == c->rows;
    from[r] = last = beyond ? last : *row * c->row_step + *column * c->column_step;
    *column += !beyond;
    if (*column == c->columns) {
      *column = 0;
      ++*row;
    }
  }
}

/* ---- forward; few filters are taken by narrower vectors ---- */

/* Where vectors may not be written whole: `width` filters of one. */
TARGET static void KERNEL(put)(const KERNEL(unaligned) * sum, size_t width, REAL *out) {
  for (size_t l = 0; l < width && l < VALUES; l++)
    out[l] = (*sum)[l];
}

TARGET INLINE void KERNEL(forward_tiles)(const gradus_i_convolution *c, size_t tile, size_t vectors,
                                         bool whole, const REAL *image, const REAL *weight,
                                         const REAL *bias, size_t width, REAL *out) {
  size_t places = c->rows * c->columns, row = 0, column = 0, taps = c->taps, at[MOST];
  size_t padded = gradus_i_convolution_padded(c->filters), step = c->step;
  for (size_t place = 0; place < places; place += tile) {
    const REAL *from[MOST];
    VECTOR sum[MOST][2];
    KERNEL(find)(c, tile, &row, &column, at);
    UNROLL
    for (size_t r = 0; r < tile; r++) {
      from[r] = image + at[r];
      UNROLL
      for (size_t v = 0; v < vectors; v++)
        sum[r][v] = READ(bias + v * VALUES);
    }
    const REAL *w = weight;
    for (size_t k = 0; k < taps; k++, w += padded) {
      size_t tap = c->tap[k];
      UNROLL
      for (size_t r = 0; r < tile; r++) {
        VECTOR x = BROADCAST(from[r][tap]);
        UNROLL
        for (size_t v = 0; v < vectors; v++)
          sum[r][v] = ADD_PRODUCT(x, READ(w + v * VALUES), sum[r][v]);
      }
    }
    size_t count = places - place;
    UNROLL
    for (size_t r = 0; r < tile; r++) {
      UNROLL
      for (size_t v = 0; v < vectors; v++) {
        REAL *to = out + (place + r) * step + v * VALUES;
        KERNEL(unaligned) one = sum[r][v];
        if (whole && r < count)
          WRITE(to) = one;
        else if (r < count)
          KERNEL(put)(&one, width - v * VALUES, to);
      }
    }
  }
}

/* From the last filters to the first, so that what is written after them is overwritten by what
   belongs there. */
TARGET static void KERNEL(forward)(const gradus_i_convolution *c, const REAL *image,
                                   const REAL *weight, const REAL *bias, REAL *out) {
#if LANES == 8
  if (2 * c->filters <= VALUES) {
    NARROW(forward)(c, image, weight, bias, out);
    return;
  }
#endif
  size_t panels = (c->filters + 2 * VALUES - 1) / (2 * VALUES);
  for (size_t panel = panels; panel-- > 0;) {
    size_t first = panel * 2 * VALUES, width = c->filters - first;
    bool whole = c->step == c->filters || width >= 2 * VALUES || width == VALUES;
    const REAL *w = weight + first, *b = bias + first;
    if (width > VALUES && whole)
      KERNEL(forward_tiles)(c, TWO, 2, true, image, w, b, width, out + first);
    else if (width > VALUES)
      KERNEL(forward_tiles)(c, TWO, 2, false, image, w, b, width, out + first);
    else if (whole)
      KERNEL(forward_tiles)(c, ONE, 1, true, image, w, b, width, out + first);
    else
      KERNEL(forward_tiles)(c, ONE, 1, false, image, w, b, width, out + first);
  }
}

/* ---- derivatives by the weights ---- */

TARGET INLINE void KERNEL(weights_tile)(const gradus_i_convolution *c, size_t count, size_t vectors,
                                        const size_t *tap, const REAL *image, const REAL *slope,
                                        REAL *sums, size_t padded) {
  VECTOR sum[MOST][2];
  size_t at[MOST], columns = c->columns;
  UNROLL
  for (size_t r = 0; r < count; r++) {
    at[r] = tap[r];
    UNROLL
    for (size_t v = 0; v < vectors; v++)
      sum[r][v] = READ(sums + r * padded + v * VALUES);
  }
  for (size_t row = 0; row < c->rows; row++) {
    const REAL *from = image + row * c->row_step, *by = slope + row * columns * c->step;
    for (size_t column = 0; column < columns; column++) {
      UNROLL
      for (size_t r = 0; r < count; r++) {
        VECTOR x = BROADCAST(from[at[r]]);
        UNROLL
        for (size_t v = 0; v < vectors; v++)
          sum[r][v] = ADD_PRODUCT(x, READ(by + v * VALUES), sum[r][v]);
      }
      from += c->column_step;
      by += c->step;
    }
  }
  UNROLL
  for (size_t r = 0; r < count; r++) {
    UNROLL
    for (size_t v = 0; v < vectors; v++)
      WRITE(sums + r * padded + v * VALUES) = sum[r][v];
  }
}

/* By the biases: every fourth place has a sum of its own. */
TARGET static void KERNEL(bias_sums)(const gradus_i_convolution *c, const REAL *slope, REAL *sums) {
  size_t places = c->rows * c->columns, place = 0;
  VECTOR sum[4] = {{0}};
  for (; place + 4 <= places; place += 4) {
    UNROLL
    for (size_t i = 0; i < 4; i++)
      sum[i] += READ(slope + (place + i) * c->step);
  }
  for (; place < places; place++)
    sum[0] += READ(slope + place * c->step);
  WRITE(sums) = READ(sums) + ((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

#define CASE(count, vectors)                                                                       \
  case count:                                                                                      \
    KERNEL(weights_tile)                                                                           \
    (c, count, vectors, c->tap + k, image, slope + first, sums + k * padded + first, padded);      \
    break;
#define CASES4(vectors) CASE(4, vectors) CASE(3, vectors) CASE(2, vectors) CASE(1, vectors)
#define CASES6(vectors) CASE(6, vectors) CASE(5, vectors) CASES4(vectors)
#define CASES12(vectors)                                                                           \
  CASE(12, vectors) CASE(11, vectors) CASE(10, vectors) CASE(9, vectors) CASES8(vectors)
#define CASES8(vectors) CASE(8, vectors) CASE(7, vectors) CASES6(vectors)
#define CASES_OF(count) CASES##count
#define CASES(count) CASES_OF(count)

/* Taps in tiles of nearly the same size. */
TARGET static void KERNEL(weights_panel)(const gradus_i_convolution *c, const REAL *image,
                                         const REAL *slope, size_t first, REAL *sums) {
  size_t padded = gradus_i_convolution_padded(c->filters);
  bool two = c->filters - first > VALUES;
  size_t most = two ? TWO : ONE, tiles = (c->taps + most - 1) / most;
  for (size_t tile = 0; tile < tiles; tile++) {
    size_t k = tile * c->taps / tiles, count = (tile + 1) * c->taps / tiles - k;
    if (two)
      switch (count) { CASES(TWO)(2) }
    else
      switch (count) { CASES(ONE)(1) }
  }
}
#undef CASE
#undef CASES4
#undef CASES6
#undef CASES8
#undef CASES12
#undef CASES_OF
#undef CASES

TARGET static void KERNEL(weights)(const gradus_i_convolution *c, const REAL *image,
                                   const REAL *slope, REAL *sums) {
#if LANES == 8
  if (2 * c->filters <= VALUES) {
    NARROW(weights)(c, image, slope, sums);
    return;
  }
#endif
  size_t padded = gradus_i_convolution_padded(c->filters);
  for (size_t first = 0; first < c->filters; first += VALUES)
    KERNEL(bias_sums)(c, slope + first, sums + c->taps * padded + first);
  for (size_t first = 0; first < c->filters; first += 2 * VALUES)
    KERNEL(weights_panel)(c, image, slope, first, sums);
}

/* ---- derivatives by the inputs ---- */

/* A vector of the input that a place adds to: where it is, and its weights. */
typedef struct KERNEL(piece) {
  size_t at, weight;
} KERNEL(piece);

/* Places go down the columns: neighbours in a row would wait for each other's sums in the image. */
TARGET INLINE void KERNEL(inputs_tiles)(const gradus_i_convolution *c, size_t vectors,
                                        const KERNEL(piece) * pieces, const REAL *slope,
                                        const REAL *weight, size_t width, REAL *image) {
  size_t places = c->rows * c->columns, row = 0, column = 0, filters = c->filters;
  for (size_t place = 0; place < places; place += BACK_PLACES) {
    size_t from[BACK_PLACES];
    const REAL *by[BACK_PLACES];
    VECTOR sum[BACK_PLACES][BACK_VECTORS];
    UNROLL
    for (size_t r = 0; r < BACK_PLACES; r++) {
      bool last = place + r + 1 >= places;
      from[r] = row * c->row_step + column * c->column_step;
      by[r] = slope + (row * c->columns + column) * c->step;
      row += !last;
      column += row == c->rows;
      row = row == c->rows ? 0 : row;
      UNROLL
      for (size_t v = 0; v < vectors; v++)
        sum[r][v] = (VECTOR){0};
    }
    for (size_t f = 0; f < filters; f++) {
      VECTOR w[BACK_VECTORS];
      UNROLL
      for (size_t v = 0; v < vectors; v++)
        w[v] = READ(weight + f * width + pieces[v].weight);
      UNROLL
      for (size_t r = 0; r < BACK_PLACES; r++) {
        VECTOR x = BROADCAST(by[r][f]);
        UNROLL
        for (size_t v = 0; v < vectors; v++)
          sum[r][v] = ADD_PRODUCT(x, w[v], sum[r][v]);
      }
    }
    UNROLL
    for (size_t r = 0; r < BACK_PLACES; r++)
      if (place + r < places) {
        UNROLL
        for (size_t v = 0; v < vectors; v++)
          WRITE(image + from[r] + pieces[v].at) = READ(image + from[r] + pieces[v].at) + sum[r][v];
      }
  }
}

#define CASE(count)                                                                                \
  case count:                                                                                      \
    KERNEL(inputs_tiles)(c, count, pieces, slope, weight, width, image);                           \
    break;
TARGET static void KERNEL(inputs)(const gradus_i_convolution *c, const REAL *slope,
                                  const REAL *weight, REAL *image) {
  size_t runs = c->taps / c->run, padded = gradus_i_convolution_padded(c->run);
  size_t width = runs * padded, per = (c->run + VALUES - 1) / VALUES, all = runs * per;
  size_t tiles = (all + BACK_VECTORS - 1) / BACK_VECTORS;
  for (size_t tile = 0; tile < tiles; tile++) {
    size_t first = tile * all / tiles, count = (tile + 1) * all / tiles - first;
    KERNEL(piece) pieces[BACK_VECTORS];
    for (size_t v = 0; v < count; v++) {
      size_t run = (first + v) / per, offset = (first + v) % per * VALUES;
      pieces[v] = (KERNEL(piece)){c->tap[run * c->run] + offset, run * padded + offset};
    }
    switch (count) {
#if BACK_VECTORS == 5
      CASE(5)
      CASE(4)
      CASE(3)
#endif
      CASE(2) CASE(1)
    }
  }
}
#undef CASE

/* ---- largest values ---- */

/* `a` where `there` is all ones, else `b`. */
#define SELECT(there, a, b)                                                                        \
  ((VECTOR)(((there) & (KERNEL(mask))(a)) | (~(there) & (KERNEL(mask))(b))))

TARGET INLINE void KERNEL(window)(const gradus_i_windows *w, const REAL *x, REAL line, REAL *out,
                                  REAL *where) {
  VECTOR most = READ(x), at = {0};
  REAL first = 0;
  for (size_t i = 0; i < w->kernel[0]; i++, first += line) {
    const REAL *from = x + i * w->width * w->channels;
    REAL here = first;
    for (size_t j = 0; j < w->kernel[1]; j++, here += 1, from += w->channels) {
      VECTOR value = READ(from);
      KERNEL(mask) larger = (value > most) | (value != value);
      most = SELECT(larger, value, most);
      at = SELECT(larger, BROADCAST(here), at);
    }
  }
  WRITE(out) = most;
  WRITE(where) = at;
}

TARGET static void KERNEL(largest)(const gradus_i_windows *w, const REAL *image, REAL *out,
                                   REAL *where) {
#if LANES == 8
  if (2 * w->channels <= VALUES) {
    NARROW(largest)(w, image, out, where);
    return;
  }
#endif
  size_t channels = w->channels;
  for (size_t row = 0; row < w->rows; row++)
    for (size_t column = 0; column < w->columns; column++) {
      const REAL *x = image + (row * w->row_step + column * w->column_step) * channels;
      for (size_t c = 0; c < channels; c += VALUES)
        KERNEL(window)(w, x + c, (REAL)(int32_t)w->width, out + c, where + c);
      out += channels;
      where += channels;
    }
}

/* Row by row of the image, so that what is written after a place is overwritten by the next. */
TARGET static void KERNEL(spread)(const gradus_i_windows *w, const REAL *slope, const REAL *where,
                                  REAL *image) {
#if LANES == 8
  if (2 * w->channels <= VALUES) {
    NARROW(spread)(w, slope, where, image);
    return;
  }
#endif
  size_t channels = w->channels, line = w->columns * channels;
  for (size_t row = 0; row < w->rows; row++, slope += line, where += line)
    for (size_t i = 0; i < w->kernel[0]; i++) {
      REAL first = (REAL)(int32_t)(i * w->width);
      for (size_t column = 0; column < line; column += channels) {
        REAL here = first;
        for (size_t j = 0; j < w->kernel[1]; j++, image += channels, here += 1)
          for (size_t c = 0; c < channels; c += VALUES)
            WRITE(image + c) = SELECT(READ(where + column + c) == BROADCAST(here),
                                      READ(slope + column + c), (VECTOR){0});
      }
    }
}
#undef SELECT

static const TABLE KERNEL(convolution) = {KERNEL(forward), KERNEL(weights), KERNEL(inputs),
                                          KERNEL(largest), KERNEL(spread)};
