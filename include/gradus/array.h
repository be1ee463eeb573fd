// SPDX-License-Identifier: GPL-3.0-or-later
/** Arrays in binary files as data: IDX (the format of MNIST) and NumPy's .npy. Layer: data. */
#ifndef GRADUS_ARRAY_H
#define GRADUS_ARRAY_H

#include <gradus/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Reads an IDX or .npy file into a new frame; the first bytes of the file tell which it is.
 *
 *  The first dimension n₀ of the array counts the rows. The others, of which the last runs fastest
 *  whatever the order in the file, become numeric columns:
 *
 *      shape              columns
 *      n₀                 x
 *      n₀×n₁              x1, x2, … x<n₁>
 *      n₀×n₁×n₂           pixel_0_0, pixel_0_1, … pixel_<n₁-1>_<n₂-1>
 *      n₀×n₁×n₂×1         the same, of a single channel
 *      n₀×1×n₁×n₂         the same
 *      n₀×n₁×n₂×n₃, …     pixel_0_0_0, … : as many numbers from 0 as there are dimensions left
 *
 *  so that images of n₀×height×width and n₀×height×width×channels are as a network takes them
 *  (row-major, channels last), and n₀×channels×height×width row-major with channels first.
 *
 *  IDX (http://yann.lecun.com/exdb/mnist): bytes, signed bytes, 16 and 32 bit integers, 32 and 64
 *  bit floating point, all big-endian. NPY (numpy.lib.format): versions 1.0, 2.0 and 3.0; types u1,
 *  i1, b1 (0 and 1), u2, i2, u4, i4, u8, i8, f2, f4, f8 in either order of bytes and of dimensions.
 *  Integers beyond 2^53 are rounded to the nearest double; NaN is a missing cell. At most 32
 *  dimensions.
 *
 *  `path` is a file: "-" and "@name" are refused ("./@name" is a file). Messages begin with the
 *  path; a later one about a row calls it `path:row`, from 1.
 *
 *  Errors: GRADUS_ERROR_IO; _ARRAY_FILE (neither format; a header that is cut off or cannot be
 *  understood; a size that is not that of the file, with both numbers; no dimension, row or
 *  column); _UNSUPPORTED (compressed by gzip; objects, records, complex numbers, text and other
 *  types; a later version); _TOO_LARGE; _INVALID_ARGUMENT (path); _OUT_OF_MEMORY. Nothing is
 *  allocated for what a header says before the size of the file has confirmed it.
 *
 *  Memory: the frame (8 bytes per number), beside the file, which is mapped and must not change
 *  while it is read. Time: linear. */
GRADUS_API gradus_status gradus_frame_read_array(gradus_frame **frame, const char *path,
                                                 gradus_error *err);

/** Reads a data file of either kind, an array or CSV, as its first bytes say, also from "-"
 *  (standard input) and from a pipe, whose bytes are held in memory beside the frame; "@name" is a
 *  bundled data set. options are those of gradus_frame_read_csv, and an array has no use for them.
 *
 *  Errors: those of gradus_frame_read_array and gradus_frame_read_csv; messages about "-" call it
 *  "standard input", or as options->name says. */
GRADUS_API gradus_status gradus_frame_read(gradus_frame **frame, const char *path,
                                           const gradus_csv_options *options, gradus_error *err);

/** Adds column `name` from an IDX or .npy file of one dimension (or n×1), one number per row of the
 *  frame.
 *  Integers become a factor, its levels ascending as numbers (they are classes); floating point
 *  numbers stay numbers.
 *
 *  Errors: as gradus_frame_read_array, and GRADUS_ERROR_SHAPE (more than one number a row; another
 *  number of rows than the frame's: names both), _TOO_LARGE (an integer of more than 15 digits:
 *  names the row), _CSV_DUPLICATE_NAME, _INVALID_ARGUMENT (name). After an error the frame is as it
 *  was. */
GRADUS_API gradus_status gradus_frame_add_labels(gradus_frame *frame, const char *name,
                                                 const char *path, gradus_error *err);

/** Whether the first bytes of a regular file are those of IDX, .npy, gzip or zip (which
 *  gradus_frame_read_array refuses with advice), or its name ends in .npy; false for all else, and
 *  where it cannot be read. */
GRADUS_API bool gradus_is_array_file(const char *path);

#ifdef __cplusplus
}
#endif
#endif
