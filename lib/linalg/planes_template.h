// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernels of planes.h for one type and one instruction set. Tiles are always inlined with
   constant counts. */

/* ---- forward ---- */

TARGET INLINE void KERNEL(forward_tile)(const gradus_i_planes *p, size_t filters, size_t vectors,
                                        const REAL *image, const REAL *weight, const REAL *bias,
                                        REAL *out) {
  VECTOR sum[WIDE][8];
  UNROLL
  for (size_t f = 0; f < filters; f++) {
    UNROLL
    for (size_t v = 0; v < vectors; v++)
      sum[f][v] = BROADCAST(bias ? bias[f] : 0);
  }
  for (size_t k = 0; k < p->taps; k++, weight += p->filters) {
    const REAL *from = image + p->tap[k];
    VECTOR x[8];
    UNROLL
    for (size_t v = 0; v < vectors; v++)
      x[v] = READ(from + v * VALUES);
    UNROLL
    for (size_t f = 0; f < filters; f++) {
      VECTOR w = BROADCAST(weight[f]);
      UNROLL
      for (size_t v = 0; v < vectors; v++)
        sum[f][v] = ADD_PRODUCT(w, x[v], sum[f][v]);
    }
  }
  UNROLL
  for (size_t f = 0; f < filters; f++) {
    UNROLL
    for (size_t v = 0; v < vectors; v++)
      WRITE(out + f * p->pitch + v * VALUES) = sum[f][v];
  }
}

TARGET INLINE void KERNEL(forward_tiles)(const gradus_i_planes *p, size_t filters, size_t most,
                                         const REAL *image, const REAL *weight, const REAL *bias,
                                         REAL *out) {
  size_t v = 0, vectors = (p->places + VALUES - 1) / VALUES;
  for (; v + most <= vectors; v += most)
    KERNEL(forward_tile)(p, filters, most, image + v * VALUES, weight, bias, out + v * VALUES);
  for (; v + 2 <= vectors; v += 2)
    KERNEL(forward_tile)(p, filters, 2, image + v * VALUES, weight, bias, out + v * VALUES);
  if (v < vectors)
    KERNEL(forward_tile)(p, filters, 1, image + v * VALUES, weight, bias, out + v * VALUES);
}

#define CASE(count)                                                                                \
  case count:                                                                                      \
    KERNEL(forward_tiles)(p, count, PLACES_##count, image, w, b, to);                              \
    break;
TARGET static void KERNEL(forward)(const gradus_i_planes *p, const REAL *image, const REAL *weight,
                                   const REAL *bias, REAL *out) {
  size_t tiles = (p->filters + WIDE - 1) / WIDE;
  for (size_t tile = 0; tile < tiles; tile++) {
    size_t first = tile * p->filters / tiles, count = (tile + 1) * p->filters / tiles - first;
    const REAL *w = weight + first, *b = bias ? bias + first : NULL;
    REAL *to = out + first * p->pitch;
    switch (count) {
#if WIDE == 6
      CASE(6)
      CASE(5)
      CASE(4)
#endif
      CASE(3) CASE(2) CASE(1)
    }
  }
}
#undef CASE

/* ---- derivatives by the weights ---- */

TARGET INLINE void KERNEL(weights_tile)(const gradus_i_planes *p, size_t filters, size_t taps,
                                        const size_t *tap, const REAL *image, const REAL *slope,
                                        REAL *sums) {
  VECTOR sum[8][WIDE];
  const REAL *from[8];
  size_t line = p->filters * GRADUS_I_PLANE_UNIT;
  UNROLL
  for (size_t k = 0; k < taps; k++) {
    from[k] = image + tap[k];
    UNROLL
    for (size_t f = 0; f < filters; f++)
      sum[k][f] = READ(sums + k * line + f * GRADUS_I_PLANE_UNIT);
  }
  for (size_t place = 0; place < p->places; place += VALUES) {
    VECTOR by[WIDE];
    UNROLL
    for (size_t f = 0; f < filters; f++)
      by[f] = READ(slope + f * p->pitch + place);
    UNROLL
    for (size_t k = 0; k < taps; k++) {
      VECTOR x = READ(from[k] + place);
      UNROLL
      for (size_t f = 0; f < filters; f++)
        sum[k][f] = ADD_PRODUCT(x, by[f], sum[k][f]);
    }
  }
  UNROLL
  for (size_t k = 0; k < taps; k++) {
    UNROLL
    for (size_t f = 0; f < filters; f++)
      WRITE(sums + k * line + f * GRADUS_I_PLANE_UNIT) = sum[k][f];
  }
}

/* Taps in tiles of nearly the same size. */
TARGET INLINE void KERNEL(weights_tiles)(const gradus_i_planes *p, size_t filters, size_t most,
                                         const REAL *image, const REAL *by, REAL *sums) {
  size_t tiles = (p->taps + most - 1) / most;
  for (size_t tile = 0; tile < tiles; tile++) {
    size_t k = tile * p->taps / tiles, count = (tile + 1) * p->taps / tiles - k;
    const size_t *tap = p->tap + k;
    REAL *to = sums + k * p->filters * GRADUS_I_PLANE_UNIT;
    if (count == 1)
      KERNEL(weights_tile)(p, filters, 1, tap, image, by, to);
    else if (count == 2)
      KERNEL(weights_tile)(p, filters, 2, tap, image, by, to);
    else if (count == 3)
      KERNEL(weights_tile)(p, filters, 3, tap, image, by, to);
    else if (count == 4)
      KERNEL(weights_tile)(p, filters, 4, tap, image, by, to);
    else if (most >= 5 && count == 5)
      KERNEL(weights_tile)(p, filters, 5, tap, image, by, to);
    else if (most >= 6 && count == 6)
      KERNEL(weights_tile)(p, filters, 6, tap, image, by, to);
    else if (most >= 7 && count == 7)
      KERNEL(weights_tile)(p, filters, 7, tap, image, by, to);
    else if (most >= 8)
      KERNEL(weights_tile)(p, filters, 8, tap, image, by, to);
  }
}

/* Every fourth vector has a sum of its own. */
TARGET static void KERNEL(plane_sum)(size_t places, const REAL *slope, REAL *sums) {
  VECTOR sum[4] = {{0}};
  size_t place = 0;
  for (; place + 4 * VALUES <= places; place += 4 * VALUES) {
    UNROLL
    for (size_t i = 0; i < 4; i++)
      sum[i] += READ(slope + place + i * VALUES);
  }
  for (; place < places; place += VALUES)
    sum[0] += READ(slope + place);
  WRITE(sums) = READ(sums) + ((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

#define CASE(count)                                                                                \
  case count:                                                                                      \
    KERNEL(weights_tiles)(p, count, TAPS_##count, image, by, to);                                  \
    break;
TARGET static void KERNEL(weights)(const gradus_i_planes *p, const REAL *image, const REAL *slope,
                                   REAL *sums, REAL *bias) {
  size_t tiles = (p->filters + WIDE - 1) / WIDE;
  for (size_t tile = 0; tile < tiles; tile++) {
    size_t first = tile * p->filters / tiles, count = (tile + 1) * p->filters / tiles - first;
    const REAL *by = slope + first * p->pitch;
    REAL *to = sums + first * GRADUS_I_PLANE_UNIT;
    switch (count) {
#if WIDE == 6
      CASE(6)
      CASE(5)
      CASE(4)
#endif
      CASE(3) CASE(2) CASE(1)
    }
  }
  for (size_t f = 0; bias && f < p->filters; f++)
    KERNEL(plane_sum)(p->places, slope + f * p->pitch, bias + f * GRADUS_I_PLANE_UNIT);
}
#undef CASE

/* ---- from channels side by side to planes, and back ---- */

typedef REAL KERNEL(four)
    __attribute__((vector_size(4 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));
typedef INTEGER KERNEL(places) __attribute__((vector_size(4 * sizeof(REAL))));
#define FOUR KERNEL(four)
#define TAKE(a, b, i, j, k, l) PICK(KERNEL(places), a, b, i, j, k, l)

/* Rows of a square become its columns. */
INLINE void KERNEL(turn)(FOUR *row) {
  FOUR ab = TAKE(row[0], row[1], 0, 4, 1, 5), cd = TAKE(row[2], row[3], 0, 4, 1, 5);
  FOUR AB = TAKE(row[0], row[1], 2, 6, 3, 7), CD = TAKE(row[2], row[3], 2, 6, 3, 7);
  row[0] = TAKE(ab, cd, 0, 1, 4, 5);
  row[1] = TAKE(ab, cd, 2, 3, 6, 7);
  row[2] = TAKE(AB, CD, 0, 1, 4, 5);
  row[3] = TAKE(AB, CD, 2, 3, 6, 7);
}

INLINE void KERNEL(split_square)(const REAL *from, size_t step, REAL *to, size_t pitch) {
  FOUR row[4];
  UNROLL
  for (size_t r = 0; r < 4; r++)
    row[r] = *(const FOUR *)(from + r * step);
  KERNEL(turn)(row);
  UNROLL
  for (size_t r = 0; r < 4; r++)
    *(FOUR *)(to + r * pitch) = row[r];
}

/* The last squares overlap those before them. */
TARGET static void KERNEL(split)(size_t count, size_t channels, const REAL *from, size_t step,
                                 REAL *to, size_t pitch) {
  if (channels == 1 && step == 1) {
    memcpy(to, from, count * sizeof *to);
    return;
  }
  if (count < 4 || channels < 4) {
    for (size_t c = 0; c < channels; c++)
      for (size_t i = 0; i < count; i++)
        to[c * pitch + i] = from[i * step + c];
    return;
  }
  for (size_t i = 0; i < count; i += 4) {
    size_t place = i + 4 <= count ? i : count - 4;
    for (size_t c = 0; c < channels; c += 4) {
      size_t channel = c + 4 <= channels ? c : channels - 4;
      KERNEL(split_square)
      (from + place * step + channel, step, to + channel * pitch + place, pitch);
    }
  }
}

TARGET static void KERNEL(join_slowly)(size_t count, size_t channels, const REAL *from,
                                       size_t pitch, bool add, REAL *to, size_t step) {
  for (size_t i = 0; i < count; i++)
    for (size_t c = 0; c < channels; c++)
      to[i * step + c] = (add ? to[i * step + c] : 0) + from[c * pitch + i];
}

TARGET static void KERNEL(join)(size_t count, size_t channels, const REAL *from, size_t pitch,
                                bool add, REAL *to, size_t step) {
  if (add || count < 4 || channels < 4) {
    KERNEL(join_slowly)(count, channels, from, pitch, add, to, step);
    return;
  }
  KERNEL(split)(channels, count, from, pitch, to, step);
}
#undef FOUR
#undef TAKE

static const TABLE KERNEL(planes) = {KERNEL(forward), KERNEL(weights), KERNEL(split), KERNEL(join)};
