// SPDX-License-Identifier: GPL-3.0-or-later
/* JSON values as all commands write them; only where jansson is. */
#ifndef GRADUS_TOOLS_JSON_H
#define GRADUS_TOOLS_JSON_H

#include <jansson.h>

/* null for what is not finite. */
json_t *json_of_number(double value);
/* An integer where the count is one. */
json_t *json_of_count(double value);
/* Text that is no UTF-8 has no place in JSON: its bytes are read as Latin-1. NULL is null. */
json_t *json_of_text(const char *bytes);
/* Prints the object with every digit and gives up its reference; returns an exit status. */
int json_print(json_t *root);

#endif
