// SPDX-License-Identifier: GPL-3.0-or-later
/* Arrays in binary files: what their readers share.
 *
 *  1. array_idx.c and array_npy.c understand the headers.
 *  2. array_file.c opens the file, tells which it is, and checks that it is as long as it says.
 *  3. array_numbers.c turns elements into doubles.
 *  4. array.c makes columns of them. */
#ifndef GRADUS_DATA_ARRAY_H
#define GRADUS_DATA_ARRAY_H

#include "csv_internal.h"
#include <gradus/array.h>

enum { GRADUS_I_ARRAY_RANK = 32 };

/* The types of elements: X(name in .npy, text). */
#define GRADUS_I_ARRAY_TYPES(X)                                                                    \
  X(u1, "unsigned bytes")                                                                          \
  X(i1, "signed bytes")                                                                            \
  X(b1, "truth values")                                                                            \
  X(u2, "16 bit unsigned integers")                                                                \
  X(i2, "16 bit integers")                                                                         \
  X(u4, "32 bit unsigned integers")                                                                \
  X(i4, "32 bit integers")                                                                         \
  X(u8, "64 bit unsigned integers")                                                                \
  X(i8, "64 bit integers")                                                                         \
  X(f2, "16 bit numbers")                                                                          \
  X(f4, "32 bit numbers")                                                                          \
  X(f8, "64 bit numbers")

typedef enum gradus_i_array_type {
#define GRADUS_I_X(name, text) GRADUS_I_ARRAY_##name,
  GRADUS_I_ARRAY_TYPES(GRADUS_I_X)
#undef GRADUS_I_X
} gradus_i_array_type;

typedef struct gradus_i_array {
  gradus_i_csv_input input;
  const char *name;          /* for messages */
  const unsigned char *data; /* the elements */
  gradus_i_array_type type;
  size_t element; /* its bytes */
  bool big_endian;
  bool first_fastest; /* Fortran's order of dimensions */
  size_t rank, shape[GRADUS_I_ARRAY_RANK];
  size_t rows, columns; /* columns: the product of all dimensions but the first */
} gradus_i_array;

/* Opens the file and fills the struct; data lie within the file as the shape says. */
gradus_status gradus_i_array_open(gradus_i_array *array, const char *path, gradus_error *err);
void gradus_i_array_close(gradus_i_array *array);
/* The same of an input that is open already, with a name; and whether its first bytes are those of
   an array (or a compressed one). */
gradus_status gradus_i_array_understand(gradus_i_array *array, gradus_error *err);
bool gradus_i_array_begins(const gradus_i_csv_input *input);

/* From the header: type, element, orders, rank, shape and where the data begin. */
gradus_status gradus_i_array_idx(gradus_i_array *array, gradus_error *err);
gradus_status gradus_i_array_npy(gradus_i_array *array, gradus_error *err);

/* `count` elements, `stride` bytes apart, as doubles. */
void gradus_i_array_numbers(const gradus_i_array *array, const unsigned char *from, size_t stride,
                            size_t count, double *to);

/* "60000×28×28" */
enum { GRADUS_I_ARRAY_SHAPE_TEXT = 160 };
void gradus_i_array_shape_text(const gradus_i_array *array, char text[GRADUS_I_ARRAY_SHAPE_TEXT]);
const char *gradus_i_array_type_text(gradus_i_array_type type);

#endif
