// SPDX-License-Identifier: GPL-3.0-or-later
/* The header of an IDX file: 0, 0, a type, the number of dimensions, and each of them in 4 bytes.
 */
#include "array.h"

enum { MAGIC = 4, DIMENSION = 4 };

/* The types in the file's own numbers. */
static bool find_type(unsigned char code, gradus_i_array *array) {
  static const struct {
    unsigned char code, element;
    gradus_i_array_type type;
  } types[] = {{0x08, 1, GRADUS_I_ARRAY_u1}, {0x09, 1, GRADUS_I_ARRAY_i1},
               {0x0B, 2, GRADUS_I_ARRAY_i2}, {0x0C, 4, GRADUS_I_ARRAY_i4},
               {0x0D, 4, GRADUS_I_ARRAY_f4}, {0x0E, 8, GRADUS_I_ARRAY_f8}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].code == code) {
      array->type = types[i].type;
      array->element = types[i].element;
      return true;
    }
  return false;
}

gradus_status gradus_i_array_idx(gradus_i_array *array, gradus_error *err) {
  const unsigned char *bytes = (const unsigned char *)array->input.text;
  size_t length = array->input.length;
  if (length < MAGIC)
    return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                         "%s: the header of an IDX file begins with 4 bytes, but there are %zu; "
                         "the file is cut off",
                         array->name, length);
  if (!find_type(bytes[2], array))
    return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                         "%s: the type of an IDX file is one of 0x08, 0x09, 0x0B, 0x0C, 0x0D and "
                         "0x0E, here it is 0x%02X; the file is damaged",
                         array->name, (unsigned)bytes[2]);
  array->rank = bytes[3];
  if (array->rank > GRADUS_I_ARRAY_RANK)
    return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                         "%s: the header says %zu dimensions, and there may be %d; the file is "
                         "damaged",
                         array->name, array->rank, GRADUS_I_ARRAY_RANK);
  size_t header = MAGIC + DIMENSION * array->rank;
  if (length < header)
    return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                         "%s: the header of an IDX file of %zu dimensions has %zu bytes, but there "
                         "are %zu; the file is cut off",
                         array->name, array->rank, header, length);
  for (size_t i = 0; i < array->rank; i++) {
    const unsigned char *b = bytes + MAGIC + DIMENSION * i;
    array->shape[i] = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
  }
  array->big_endian = true;
  array->data = bytes + header;
  return GRADUS_OK;
}
