// SPDX-License-Identifier: GPL-3.0-or-later
#include "internal.h"

#include <string.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

const char *gradus_status_text(gradus_status status) {
  switch (status) {
#define GRADUS_X(name, value, text)                                                                \
  case GRADUS_##name:                                                                              \
    return text;
    GRADUS_STATUS_LIST(GRADUS_X)
#undef GRADUS_X
  }
  return "unknown status";
}

const char *gradus_status_name(gradus_status status) {
  switch (status) {
#define GRADUS_X(name, value, text)                                                                \
  case GRADUS_##name:                                                                              \
    return #name;
    GRADUS_STATUS_LIST(GRADUS_X)
#undef GRADUS_X
  }
  return "UNKNOWN";
}

const char *gradus_version(void) {
  return PACKAGE_VERSION;
}

gradus_status gradus_i_fail(gradus_error *err, gradus_status code, const char *format, ...) {
  bool taken = err == NULL || err->code > 0 || (err->code < 0 && code < 0);
  if (taken)
    return code;
  err->code = code;
  va_list arguments;
  va_start(arguments, format);
  gradus_i_vsnprintf(err->message, sizeof err->message, format, arguments);
  va_end(arguments);
  return code;
}

gradus_status gradus_i_out_of_memory(gradus_error *err) {
  return gradus_i_fail(
      err, GRADUS_ERROR_OUT_OF_MEMORY,
      "out of memory: an allocation failed; use fewer rows or columns, or a machine "
      "with more memory");
}
