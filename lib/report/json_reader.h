// SPDX-License-Identifier: GPL-3.0-or-later
/* Values out of the JSON text of a model file. The first problem is kept and what follows it
   returns zeros, so that the reading code needs no check after every line. */
#ifndef GRADUS_REPORT_JSON_READER_H
#define GRADUS_REPORT_JSON_READER_H

#include "safetensors.h"
#include <gradus/layer.h>

typedef struct gradus_i_reader {
  const char *path;
  gradus_error *err;
  gradus_status status;
  const gradus_i_container *container;
  const json_t *root;
  const gradus_custom *custom; /* the caller's tables, or NULL */
} gradus_i_reader;

bool gradus_i_reader_ok(const gradus_i_reader *r);
/* `path: the model file is damaged: WHAT "NAME"`. */
void gradus_i_reader_refuse(gradus_i_reader *r, const char *what, const char *name);
void gradus_i_reader_out_of_memory(gradus_i_reader *r);

double gradus_i_reader_to_number(gradus_i_reader *r, const json_t *json, const char *name);
double gradus_i_reader_number(gradus_i_reader *r, const json_t *object, const char *name);
size_t gradus_i_reader_size(gradus_i_reader *r, const json_t *object, const char *name);
bool gradus_i_reader_boolean(gradus_i_reader *r, const json_t *object, const char *name);
const json_t *gradus_i_reader_list(gradus_i_reader *r, const json_t *object, const char *name);
/* Text, byte for byte; owned by the caller, NULL after a refusal. */
char *gradus_i_reader_to_text(gradus_i_reader *r, const json_t *json, const char *name);
char *gradus_i_reader_text(gradus_i_reader *r, const json_t *object, const char *name);
/* The index of a name among those that choice(0), choice(1), … gives until NULL. */
size_t gradus_i_reader_choice(gradus_i_reader *r, const json_t *object, const char *name,
                              const char *(*choice)(size_t));

/* The tensor of exactly this shape, or NULL after a refusal. */
const gradus_i_tensor *gradus_i_reader_tensor(gradus_i_reader *r, const char *name, size_t rank,
                                              const size_t *shape);
void gradus_i_reader_copy_tensor(gradus_i_reader *r, double *values, const char *name, size_t rank,
                                 const size_t *shape);

/* Whether a model of this kind, of the file, has classes: multinomial ones, and networks of them.
 */
bool gradus_i_reader_is_of_classes(const gradus_i_reader *r, const char *model);
/* What a generalised linear or multinomial model's fit keeps (model_load_glm.c). */
void gradus_i_reader_glm(gradus_i_reader *r, gradus_fit *fit);

#endif
