// SPDX-License-Identifier: GPL-3.0-or-later
/* The checks of test_planes.c over REAL. */

static void NAME(fill)(REAL *values, size_t count, size_t from) {
  for (size_t i = 0; i < count; i++)
    values[i] = (REAL)whole_number(i + from);
}

static void NAME(check_forward)(const NAME(gradus_i_planes_kernels) * kernels,
                                const gradus_i_planes *p, bool has_bias) {
  static REAL image[IMAGE + UNIT], weight[TAPS * FILTERS], bias[FILTERS], out[FILTERS * PITCH];
  NAME(fill)(image, IMAGE, 0);
  NAME(fill)(weight, TAPS * FILTERS, 3);
  NAME(fill)(bias, FILTERS, 7);
  kernels->forward(p, image, weight, has_bias ? bias : NULL, out);
  for (size_t f = 0; f < p->filters; f++)
    for (size_t place = 0; place < p->places; place++) {
      REAL sum = has_bias ? bias[f] : 0;
      for (size_t k = 0; k < p->taps; k++)
        sum += image[place + taps[k]] * weight[k * p->filters + f];
      CU_ASSERT_EQUAL(out[f * PITCH + place], sum);
    }
}

static REAL NAME(total)(const REAL *sums) {
  REAL total = 0;
  for (size_t i = 0; i < UNIT; i++)
    total += sums[i];
  return total;
}

/* Called twice, so that it must add. */
static void NAME(check_weights)(const NAME(gradus_i_planes_kernels) * kernels,
                                const gradus_i_planes *p) {
  static REAL image[IMAGE + UNIT], slope[FILTERS * PITCH];
  static REAL sums[TAPS * FILTERS * UNIT], bias[FILTERS * UNIT];
  NAME(fill)(image, IMAGE, 0);
  memset(slope, 0, sizeof slope);
  memset(sums, 0, sizeof sums);
  memset(bias, 0, sizeof bias);
  for (size_t f = 0; f < p->filters; f++)
    NAME(fill)(slope + f * PITCH, p->places, f + 5);
  kernels->weights(p, image, slope, sums, bias);
  kernels->weights(p, image, slope, sums, bias);
  kernels->weights(p, image, slope, sums, NULL);
  for (size_t f = 0; f < p->filters; f++) {
    REAL sum = 0;
    for (size_t place = 0; place < p->places; place++)
      sum += slope[f * PITCH + place];
    CU_ASSERT_EQUAL(NAME(total)(bias + f * UNIT), 2 * sum);
    for (size_t k = 0; k < p->taps; k++) {
      sum = 0;
      for (size_t place = 0; place < p->places; place++)
        sum += slope[f * PITCH + place] * image[place + taps[k]];
      CU_ASSERT_EQUAL(NAME(total)(sums + (k * p->filters + f) * UNIT), 3 * sum);
    }
  }
}

/* What is split and joined is what it was, between places of others that stay as they are. */
static void NAME(check_split)(const NAME(gradus_i_planes_kernels) * kernels, size_t count,
                              size_t channels, size_t step) {
  static REAL from[40 * 40], planes[FILTERS * PITCH], back[40 * 40];
  NAME(fill)(from, 40 * 40, 1);
  memset(planes, 0, sizeof planes);
  memset(back, 0, sizeof back);
  kernels->split(count, channels, from, step, planes, PITCH);
  for (size_t c = 0; c < channels; c++)
    for (size_t i = 0; i < PITCH; i++)
      CU_ASSERT_EQUAL(planes[c * PITCH + i], i < count ? from[i * step + c] : 0);
  kernels->join(count, channels, planes, PITCH, false, back, step);
  for (int twice = 0; twice < 2; twice++) {
    for (size_t i = 0; i < 40 * 40; i++) {
      bool there = i / step < count && i % step < channels;
      CU_ASSERT_EQUAL(back[i], there ? from[i] * (REAL)(1 + twice) : 0);
    }
    kernels->join(count, channels, planes, PITCH, true, back, step);
  }
}

static void NAME(check)(const NAME(gradus_i_planes_kernels) * kernels) {
  static const size_t counts[] = {1, 3, 4, 7, 16, 23, 33};
  for (size_t i = 0; i < PLACE_COUNTS * FILTER_COUNTS; i++) {
    gradus_i_planes p = {.places = place_counts[i / FILTER_COUNTS],
                         .pitch = PITCH,
                         .taps = 1 + i % TAPS,
                         .tap = taps,
                         .filters = filter_counts[i % FILTER_COUNTS]};
    NAME(check_forward)(kernels, &p, i % 2 == 0);
    NAME(check_weights)(kernels, &p);
  }
  for (size_t i = 0; i < 7 * 7; i++)
    if (counts[i % 7] <= FILTERS)
      NAME(check_split)(kernels, counts[i / 7], counts[i % 7], counts[i % 7] + i % 3 * 2);
}

static void NAME(sums_are_those_by_hand)(void) {
  for (int set = 0; set < GRADUS_I_INSTRUCTIONS; set++) {
    const NAME(gradus_i_planes_kernels) *kernels =
        NAME(gradus_i_planes_table)((gradus_i_instructions)set);
    CU_ASSERT_TRUE(kernels || set > GRADUS_I_PLAIN);
    if (kernels)
      NAME(check)(kernels);
  }
}
