// SPDX-License-Identifier: GPL-3.0-or-later
/* Opens an array file: which format it is, and whether it is as long as it says. */
#include "array.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum format { FORMAT_NONE, FORMAT_IDX, FORMAT_NPY, FORMAT_GZIP, FORMAT_ZIP } format;

enum { FIRST_BYTES = 6 };

/* IDX has little to be known by: two zeros and a type. No text begins so. */
static format find_format(const char *bytes, size_t length) {
  const unsigned char *b = (const unsigned char *)bytes;
  if (length >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0)
    return FORMAT_NPY;
  if (length >= 2 && b[0] == 0x1F && b[1] == 0x8B)
    return FORMAT_GZIP;
  if (length >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
    return FORMAT_ZIP;
  if (length >= 3 && b[0] == 0 && b[1] == 0 && b[2] >= 0x08 && b[2] <= 0x0E)
    return FORMAT_IDX;
  return FORMAT_NONE;
}

/* Whose name says that it is one. */
static bool is_npy_name(const char *path) {
  size_t length = strlen(path), end = strlen(".npy");
  return length > end && strcmp(path + length - end, ".npy") == 0;
}

bool gradus_is_array_file(const char *path) {
  struct stat status;
  /* Bytes that are read from a pipe are gone for its reader. */
  if (!path || strcmp(path, "-") == 0 || path[0] == '@' || stat(path, &status) != 0 ||
      !S_ISREG(status.st_mode))
    return false;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return false;
  char bytes[FIRST_BYTES];
  ssize_t count = pread(descriptor, bytes, sizeof bytes, 0);
  close(descriptor);
  return is_npy_name(path) || (count > 0 && find_format(bytes, (size_t)count) != FORMAT_NONE);
}

void gradus_i_array_shape_text(const gradus_i_array *array, char text[GRADUS_I_ARRAY_SHAPE_TEXT]) {
  size_t length = 0;
  text[0] = '\0';
  for (size_t i = 0; i < array->rank && length < GRADUS_I_ARRAY_SHAPE_TEXT - 30; i++)
    length += (size_t)gradus_i_snprintf(text + length, GRADUS_I_ARRAY_SHAPE_TEXT - length, "%s%zu",
                                        i ? "×" : "", array->shape[i]);
}

static gradus_status read_header(gradus_i_array *array, gradus_error *err) {
  switch (find_format(array->input.text, array->input.length)) {
  case FORMAT_IDX:
    return gradus_i_array_idx(array, err);
  case FORMAT_NPY:
    return gradus_i_array_npy(array, err);
  case FORMAT_GZIP:
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "%s: the file is compressed; run gunzip on it first", array->name);
  case FORMAT_ZIP:
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "%s: the file is a zip archive, as NumPy's .npz are; unzip it, or save "
                         "each array by numpy.save",
                         array->name);
  case FORMAT_NONE:
    break;
  }
  if (is_npy_name(array->name))
    return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                         "%s: a .npy file begins with the byte 0x93 and NUMPY, this one does not; "
                         "the file is damaged, or no .npy file",
                         array->name);
  return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                       "%s: neither an IDX nor a .npy file by its first bytes", array->name);
}

/* The shape against the bytes that there are. */
static gradus_status check_size(gradus_i_array *array, gradus_error *err) {
  char shape[GRADUS_I_ARRAY_SHAPE_TEXT];
  gradus_i_array_shape_text(array, shape);
  if (array->rank == 0)
    return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                         "%s: the array has no dimensions (a single number); the first one counts "
                         "the rows",
                         array->name);
  for (size_t i = 0; i < array->rank; i++)
    if (array->shape[i] == 0)
      return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE, "%s: the array has %s elements, none",
                           array->name, shape);
  size_t bytes = array->element;
  size_t follow =
      array->input.length - (size_t)(array->data - (const unsigned char *)array->input.text);
  bool fits = true;
  for (size_t i = 0; i < array->rank && fits; i++)
    fits = gradus_i_multiply(bytes, array->shape[i], &bytes);
  if (!fits)
    return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                         "%s: says %s %s, which is beyond any file, and %zu bytes follow; the file "
                         "is damaged",
                         array->name, shape, gradus_i_array_type_text(array->type), follow);
  if (bytes != follow)
    return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                         "%s: says %s %s = %zu bytes, but %zu bytes follow; the file is %s",
                         array->name, shape, gradus_i_array_type_text(array->type), bytes, follow,
                         bytes > follow ? "cut off or damaged" : "damaged, or has more at its end");
  array->rows = array->shape[0];
  array->columns = bytes / array->element / array->rows;
  return GRADUS_OK;
}

bool gradus_i_array_begins(const gradus_i_csv_input *input) {
  return find_format(input->text, input->length) != FORMAT_NONE;
}

gradus_status gradus_i_array_understand(gradus_i_array *array, gradus_error *err) {
  gradus_status status = read_header(array, err);
  return status ? status : check_size(array, err);
}

gradus_status gradus_i_array_open(gradus_i_array *array, const char *path, gradus_error *err) {
  *array = (gradus_i_array){.name = path};
  if (!path || !*path || strcmp(path, "-") == 0 || path[0] == '@')
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "\"%s\" is no array file; give the path of an IDX or .npy file",
                         path ? path : "");
  gradus_status status = gradus_i_csv_open(&array->input, path, path, err);
  if (!status)
    status = gradus_i_array_understand(array, err);
  if (status)
    gradus_i_array_close(array);
  return status;
}

void gradus_i_array_close(gradus_i_array *array) {
  gradus_i_csv_close(&array->input);
}
