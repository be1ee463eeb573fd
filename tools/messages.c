// SPDX-License-Identifier: GPL-3.0-or-later
#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

int fail_with(const gradus_error *err) {
  fprintf(stderr, "gradus: error: %s\n",
          err->message[0] ? err->message : gradus_status_text(err->code));
  if (err->code == GRADUS_ERROR_SEPARATION)
    return NOT_CONVERGED;
  return err->code == GRADUS_ERROR_INVALID_ARGUMENT ? USAGE : AT_FAULT;
}

int fail_usage(const command_spec *command, const char *format, ...) {
  va_list arguments;
  fputs("gradus: error: ", stderr);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "; see \"gradus help%s%s\"\n", command ? " " : "", command ? command->name : "");
  return USAGE;
}

void warn(const char *message) {
  fprintf(stderr, "gradus: warning: %s\n", message);
}

int finish_output(int status) {
  errno = 0;
  bool failed = ferror(stdout) != 0;
  if (fclose(stdout) == 0 && !failed)
    return status;
  fprintf(stderr, "gradus: error: standard output cannot be written: %s\n",
          errno ? strerror(errno) : "a write failed");
  return status == DONE || status == NOT_CONVERGED ? AT_FAULT : status;
}
