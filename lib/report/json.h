// SPDX-License-Identifier: GPL-3.0-or-later
/* What JSON reports and model files share. */
#ifndef GRADUS_REPORT_JSON_H
#define GRADUS_REPORT_JSON_H

#include "internal.h"

#include <jansson.h>

/* Sets a member (the value's reference is taken); a NULL value, which is a failed allocation, sets
   `failed`. */
void gradus_i_json_put(json_t *object, const char *key, json_t *value, bool *failed);
void gradus_i_json_append(json_t *array, json_t *value, bool *failed);

/* null for NaN and infinities. */
json_t *gradus_i_json_number(double value);
/* An integer where the count is one. */
json_t *gradus_i_json_count(double value);
/* Text for people: bytes that are no UTF-8 are read as Latin-1. */
json_t *gradus_i_json_text(const char *text);

/* Layers, history, metrics and effects of a network, and its model row (network_json.c). */
gradus_status gradus_i_json_put_network(json_t *root, const gradus_fit *fit, double level,
                                        bool *failed, gradus_error *err);
/* Names of the classes, the reference first. */
void gradus_i_json_put_levels(json_t *model, const gradus_fit *fit, bool *failed);

gradus_status gradus_i_json_write(gradus_i_text *text, const json_t *json, size_t flags,
                                  gradus_error *err);

#endif
