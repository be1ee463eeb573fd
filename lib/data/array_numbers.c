// SPDX-License-Identifier: GPL-3.0-or-later
/* Elements of an array file as doubles: a loop for each type. */
#include "array.h"

#include <string.h>

/* The bytes of an element as one number, whatever the machine's own order; size is a constant where
   this is called, so that compilers make one load of it. */
static inline uint64_t load(const unsigned char *bytes, size_t size, bool big_endian) {
  uint64_t bits = 0;
  for (size_t i = 0; i < size; i++)
    bits |= (uint64_t)bytes[big_endian ? size - 1 - i : i] << 8 * i;
  return bits;
}

static inline double from_signed(uint64_t bits, size_t size) {
  uint64_t sign = (uint64_t)1 << (8 * size - 1);
  return bits & sign ? -(double)((sign << 1) - bits) : (double)bits;
}

/* Widened to single precision, of whose numbers those of half precision are a part: the exponent's
   bias is 127 in place of 15. Numbers below the normal ones are multiples of 2^-24. */
static inline double from_half(uint64_t bits) {
  uint32_t sign = ((uint32_t)bits & 0x8000u) << 16, rest = (uint32_t)bits & 0x7FFFu, wide;
  float number;
  if (rest < 0x0400u)
    return (sign ? -1.0 : 1.0) * (double)rest * 0x1p-24;
  wide = sign | (rest >= 0x7C00u ? 0x7F800000u | (rest & 0x03FFu) << 13 : (rest + 0x1C000u) << 13);
  memcpy(&number, &wide, sizeof number);
  return (double)number;
}

static inline double from_single(uint64_t bits) {
  uint32_t half = (uint32_t)bits;
  float number;
  memcpy(&number, &half, sizeof number);
  return (double)number;
}

static inline double from_double(uint64_t bits) {
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

#define CONVERT(name, size, value)                                                                 \
  static void convert_##name(const unsigned char *from, size_t stride, size_t count,               \
                             bool big_endian, double *to) {                                        \
    for (size_t i = 0; i < count; i++) {                                                           \
      uint64_t bits = load(from + i * stride, size, big_endian);                                   \
      to[i] = value;                                                                               \
    }                                                                                              \
  }
CONVERT(u1, 1, (double)bits)
CONVERT(i1, 1, from_signed(bits, 1))
CONVERT(b1, 1, bits ? 1 : 0)
CONVERT(u2, 2, (double)bits)
CONVERT(i2, 2, from_signed(bits, 2))
CONVERT(u4, 4, (double)bits)
CONVERT(i4, 4, from_signed(bits, 4))
CONVERT(u8, 8, (double)bits)
CONVERT(i8, 8, from_signed(bits, 8))
CONVERT(f2, 2, from_half(bits))
CONVERT(f4, 4, from_single(bits))
CONVERT(f8, 8, from_double(bits))

void gradus_i_array_numbers(const gradus_i_array *array, const unsigned char *from, size_t stride,
                            size_t count, double *to) {
  static void (*const convert[])(const unsigned char *from, size_t stride, size_t count,
                                 bool big_endian, double *to) = {
#define GRADUS_I_X(name, text) convert_##name,
      GRADUS_I_ARRAY_TYPES(GRADUS_I_X)
#undef GRADUS_I_X
  };
  convert[array->type](from, stride, count, array->big_endian, to);
}

const char *gradus_i_array_type_text(gradus_i_array_type type) {
  static const char *const texts[] = {
#define GRADUS_I_X(name, text) text,
      GRADUS_I_ARRAY_TYPES(GRADUS_I_X)
#undef GRADUS_I_X
  };
  return texts[type];
}
