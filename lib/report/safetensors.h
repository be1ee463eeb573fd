// SPDX-License-Identifier: GPL-3.0-or-later
/* The safetensors container: 8 bytes of header length (little-endian), a JSON header, then the
   bytes of the tensors without gaps. Only tensors of doubles (F64). */
#ifndef GRADUS_REPORT_SAFETENSORS_H
#define GRADUS_REPORT_SAFETENSORS_H

#include "json.h"

typedef struct gradus_i_tensor {
  const char *name;
  size_t rank, shape[GRADUS_RANK_MAX];
  size_t size;                /* number of values */
  const double *values;       /* to be written; not owned */
  const unsigned char *bytes; /* as read: little-endian; points into the container's file */
} gradus_i_tensor;

/* Appends a whole file; `metadata` is the value of "gradus" in __metadata__. */
gradus_status gradus_i_safetensors_write(gradus_i_text *file, const gradus_i_tensor *tensors,
                                         size_t count, const char *metadata, gradus_error *err);

typedef struct gradus_i_container {
  const char *path; /* for messages; borrowed */
  json_t *header;
  const char *metadata; /* owned by header */
  size_t metadata_length;
  gradus_i_tensor *tensors; /* sorted by name */
  size_t count;
} gradus_i_container;

/* Reads a file in memory, which must outlive the container. GRADUS_ERROR_MODEL_FILE for whatever is
   wrong with it. */
gradus_status gradus_i_safetensors_read(gradus_i_container *container, const char *path,
                                        const unsigned char *bytes, size_t length,
                                        gradus_error *err);
void gradus_i_container_clear(gradus_i_container *container);

/* The tensor of that name, or NULL. */
const gradus_i_tensor *gradus_i_container_find(const gradus_i_container *container,
                                               const char *name);
/* Value `index` of a tensor as read. */
double gradus_i_tensor_value(const gradus_i_tensor *tensor, size_t index);

/* Parses JSON of a file that nobody vouches for: duplicate keys and text with more containers than
   a model file ever has (they cost the parser many times their own size) are refused. NULL, with
   the sentence in err. */
json_t *gradus_i_json_parse(const char *path, const char *what, const char *text, size_t length,
                            gradus_error *err);

#endif
