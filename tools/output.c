// SPDX-License-Identifier: GPL-3.0-or-later
#include "command.h"

#include <math.h>
#include <string.h>

void write_name(FILE *stream, const char *name) {
  size_t length = strlen(name);
  bool plain = length > 0 && strcmp(name, "NA") != 0 && !strpbrk(name, ",\"\r\n") &&
               name[0] != ' ' && name[length - 1] != ' ';
  if (plain) {
    fputs(name, stream);
    return;
  }
  putc('"', stream);
  for (; *name; name++) {
    if (*name == '"')
      putc('"', stream);
    putc(*name, stream);
  }
  putc('"', stream);
}

void write_number(FILE *stream, double value) {
  if (isnan(value))
    fputs("NA", stream);
  else if (isinf(value))
    fputs(value > 0 ? "Inf" : "-Inf", stream);
  else
    fprintf(stream, "%.17g", value);
}
