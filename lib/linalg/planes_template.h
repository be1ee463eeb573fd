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

/* Filters in tiles as wide as there are: what is done for `count` from f on. */
#if WIDE == 6
#define EACH_TILE(filters, DO)                                                                     \
  do {                                                                                             \
    size_t f = 0;                                                                                  \
    for (; f + 6 <= (filters); f += 6)                                                             \
      DO(6);                                                                                       \
    EACH_NARROW_TILE(filters, DO)                                                                  \
  } while (0)
#else
#define EACH_TILE(filters, DO)                                                                     \
  do {                                                                                             \
    size_t f = 0;                                                                                  \
    EACH_NARROW_TILE(filters, DO)                                                                  \
  } while (0)
#endif
#define EACH_NARROW_TILE(filters, DO)                                                              \
  for (; f + 3 <= (filters); f += 3)                                                               \
    DO(3);                                                                                         \
  if (f + 2 <= (filters)) {                                                                        \
    DO(2);                                                                                         \
    f += 2;                                                                                        \
  }                                                                                                \
  if (f < (filters))                                                                               \
    DO(1);

TARGET static void KERNEL(forward)(const gradus_i_planes *p, const REAL *image, const REAL *weight,
                                   const REAL *bias, REAL *out) {
#define TILE(count)                                                                                \
  KERNEL(forward_tiles)                                                                            \
  (p, count, PLACES_##count, image, weight + f, bias ? bias + f : NULL, out + f * p->pitch)
  EACH_TILE(p->filters, TILE);
#undef TILE
}

/* ---- derivatives by the weights ---- */

TARGET INLINE void KERNEL(weights_tile)(const gradus_i_planes *p, size_t filters, size_t taps,
                                        const size_t *tap, const REAL *image, const REAL *slope,
                                        REAL *sums) {
  VECTOR sum[8][WIDE];
  const REAL *from[8];
  size_t line = p->filters * GRADUS_I_CONVOLUTION_UNIT;
  UNROLL
  for (size_t k = 0; k < taps; k++) {
    from[k] = image + tap[k];
    UNROLL
    for (size_t f = 0; f < filters; f++)
      sum[k][f] = READ(sums + k * line + f * GRADUS_I_CONVOLUTION_UNIT);
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
      WRITE(sums + k * line + f * GRADUS_I_CONVOLUTION_UNIT) = sum[k][f];
  }
}

TARGET INLINE void KERNEL(weights_tiles)(const gradus_i_planes *p, size_t filters, size_t most,
                                         const REAL *image, const REAL *by, REAL *sums) {
  size_t k = 0, line = p->filters * GRADUS_I_CONVOLUTION_UNIT;
  for (; most == 8 && k + 8 <= p->taps; k += 8)
    KERNEL(weights_tile)(p, filters, 8, p->tap + k, image, by, sums + k * line);
  for (; k + 4 <= p->taps; k += 4)
    KERNEL(weights_tile)(p, filters, 4, p->tap + k, image, by, sums + k * line);
  for (; k + 2 <= p->taps; k += 2)
    KERNEL(weights_tile)(p, filters, 2, p->tap + k, image, by, sums + k * line);
  if (k < p->taps)
    KERNEL(weights_tile)(p, filters, 1, p->tap + k, image, by, sums + k * line);
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

TARGET static void KERNEL(weights)(const gradus_i_planes *p, const REAL *image, const REAL *slope,
                                   REAL *sums, REAL *bias) {
#define TILE(count)                                                                                \
  KERNEL(weights_tiles)                                                                            \
  (p, count, TAPS_##count, image, slope + f * p->pitch, sums + f * GRADUS_I_CONVOLUTION_UNIT)
  EACH_TILE(p->filters, TILE);
#undef TILE
  for (size_t f = 0; bias && f < p->filters; f++)
    KERNEL(plane_sum)(p->places, slope + f * p->pitch, bias + f * GRADUS_I_CONVOLUTION_UNIT);
}
#undef EACH_TILE
#undef EACH_NARROW_TILE

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
