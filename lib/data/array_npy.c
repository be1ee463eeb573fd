// SPDX-License-Identifier: GPL-3.0-or-later
/* The header of a .npy file: 6 bytes, a version of 2, a length of 2 (version 1) or 4, and then as
   text a dictionary of Python with the keys descr, fortran_order and shape in any order. */
#include "array.h"

#include <string.h>

enum { MAGIC = 6, VERSION = 2, TYPE_TEXT = 24 };

/* What is left of the header's text. */
typedef struct reading {
  const char *at, *end;
} reading;

static void skip_blanks(reading *r) {
  while (r->at < r->end && memchr(" \t\n\r", *r->at, 4))
    r->at++;
}

/* Skips blanks, and then the text if it is next. */
static bool take(reading *r, const char *text) {
  size_t length = strlen(text);
  skip_blanks(r);
  if ((size_t)(r->end - r->at) < length || memcmp(r->at, text, length) != 0)
    return false;
  r->at += length;
  return true;
}

/* 'text' or "text", without escapes: none that is known has one. Shortened to the size. */
static bool take_string(reading *r, char *text, size_t size) {
  char quote[2] = "'";
  if (!take(r, quote)) {
    quote[0] = '"';
    if (!take(r, quote))
      return false;
  }
  const char *begin = r->at, *close = memchr(begin, quote[0], (size_t)(r->end - begin));
  if (!close)
    return false;
  size_t length = (size_t)(close - begin);
  r->at = close + 1;
  length = length < size ? length : size - 1;
  memcpy(text, begin, length);
  text[length] = '\0';
  return true;
}

/* A whole number, with the L that Python 2 wrote; false also where it is beyond size_t. */
static bool take_size(reading *r, size_t *size) {
  skip_blanks(r);
  const char *begin = r->at;
  *size = 0;
  for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
    size_t digit = (size_t)(*r->at - '0');
    if (*size > (SIZE_MAX - digit) / 10)
      return false;
    *size = 10 * *size + digit;
  }
  if (r->at == begin)
    return false;
  if (r->at < r->end && *r->at == 'L')
    r->at++;
  return true;
}

static gradus_status fail_header(const gradus_i_array *array, const char *what, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                       "%s: the header of a .npy file says descr, fortran_order and shape, each "
                       "once; here %s cannot be understood; the file is damaged",
                       array->name, what);
}

static gradus_status fail_type(const gradus_i_array *array, const char *type, gradus_error *err) {
  const char *kind = strchr(type, 'O')                        ? "Python objects"
                     : strchr(type, 'c')                      ? "complex numbers"
                     : strchr(type, 'S') || strchr(type, 'U') ? "text"
                     : strchr(type, 'M') || strchr(type, 'm') ? "times"
                                                              : "a type that is not read";
  return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                       "%s: its elements are \"%s\", %s; save it as one of |u1 |i1 |b1 <u2 <i2 <u4 "
                       "<i4 <u8 <i8 <f2 <f4 <f8",
                       array->name, type, kind);
}

/* "<f8": order of bytes, and a type. */
static gradus_status read_type(gradus_i_array *array, reading *r, gradus_error *err) {
  static const char *const names[] = {
#define GRADUS_I_X(name, text) #name,
      GRADUS_I_ARRAY_TYPES(GRADUS_I_X)
#undef GRADUS_I_X
  };
  char type[TYPE_TEXT];
  if (take(r, "["))
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "%s: its elements are records (a structured dtype); save their fields as "
                         "arrays of numbers",
                         array->name);
  if (!take_string(r, type, sizeof type))
    return fail_header(array, "descr", err);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (type[0] && strcmp(type + 1, names[i]) == 0) {
      array->type = (gradus_i_array_type)i;
      array->element = (size_t)(names[i][1] - '0');
      array->big_endian = type[0] == '>';
      if (strchr(array->element == 1 ? "<>|" : "<>", type[0]))
        return GRADUS_OK;
    }
  return fail_type(array, type, err);
}

static gradus_status read_order(gradus_i_array *array, reading *r, gradus_error *err) {
  array->first_fastest = take(r, "True");
  return array->first_fastest || take(r, "False") ? GRADUS_OK
                                                  : fail_header(array, "fortran_order", err);
}

/* "(60000, 28, 28)", "(3,)" or "()". */
static gradus_status read_shape(gradus_i_array *array, reading *r, gradus_error *err) {
  array->rank = 0;
  bool good = take(r, "("), more = true;
  while (good && !take(r, ")")) {
    if (array->rank == GRADUS_I_ARRAY_RANK)
      return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                           "%s: the header says more than %d dimensions; the file is damaged",
                           array->name, GRADUS_I_ARRAY_RANK);
    good = more && take_size(r, &array->shape[array->rank]);
    array->rank += good;
    more = take(r, ",");
  }
  return good ? GRADUS_OK : fail_header(array, "shape", err);
}

static gradus_status read_dictionary(gradus_i_array *array, reading r, gradus_error *err) {
  static const struct {
    const char *key;
    gradus_status (*read)(gradus_i_array *array, reading *r, gradus_error *err);
  } parts[] = {{"descr", read_type}, {"fortran_order", read_order}, {"shape", read_shape}};
  enum { PARTS = sizeof parts / sizeof *parts };
  bool seen[PARTS] = {false}, more = true;
  if (!take(&r, "{"))
    return fail_header(array, "its begin", err);
  while (!take(&r, "}")) {
    char key[TYPE_TEXT];
    size_t part = 0;
    if (!more || !take_string(&r, key, sizeof key) || !take(&r, ":"))
      return fail_header(array, "a key", err);
    while (part < PARTS && strcmp(key, parts[part].key) != 0)
      part++;
    if (part == PARTS || seen[part])
      return fail_header(array, key, err);
    seen[part] = true;
    gradus_status status = parts[part].read(array, &r, err);
    if (status)
      return status;
    more = take(&r, ",");
  }
  for (size_t i = 0; i < PARTS; i++)
    if (!seen[i])
      return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                           "%s: the header of the .npy file does not say %s; the file is damaged",
                           array->name, parts[i].key);
  skip_blanks(&r);
  return r.at == r.end ? GRADUS_OK : fail_header(array, "its end", err);
}

gradus_status gradus_i_array_npy(gradus_i_array *array, gradus_error *err) {
  const unsigned char *bytes = (const unsigned char *)array->input.text;
  size_t length = array->input.length;
  unsigned version = length > MAGIC ? bytes[MAGIC] : 1;
  if (version < 1 || version > 3 || (length > MAGIC + 1 && bytes[MAGIC + 1] != 0))
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "%s: version %u.%u of the .npy format; 1.0, 2.0 and 3.0 are read",
                         array->name, version, length > MAGIC + 1 ? (unsigned)bytes[MAGIC + 1] : 0);
  size_t digits = version == 1 ? 2 : 4, begin = MAGIC + VERSION + digits, text = 0;
  if (length < begin)
    return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                         "%s: the header of a .npy file begins with %zu bytes, but there are %zu; "
                         "the file is cut off",
                         array->name, begin, length);
  for (size_t i = 0; i < digits; i++)
    text |= (size_t)bytes[MAGIC + VERSION + i] << 8 * i;
  if (text > length - begin)
    return gradus_i_fail(err, GRADUS_ERROR_ARRAY_FILE,
                         "%s: the header says that it has %zu bytes, but %zu follow; the file is "
                         "cut off or damaged",
                         array->name, text, length - begin);
  const char *header = array->input.text + begin;
  array->data = bytes + begin + text;
  return read_dictionary(array, (reading){header, header + text}, err);
}
