// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading and writing safetensors. A file is material from outside: every number in it is checked
   before it is used as a size or as a place. */
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

/* The format's own limit (huggingface/safetensors: 100 MB). */
enum { PREFIX = 8, HEADER_MAX = 100000000 };

static void append_bits(gradus_i_text *file, uint64_t bits) {
  char bytes[8];
  for (int i = 0; i < 8; i++)
    bytes[i] = (char)(bits >> 8 * i & 0xFF);
  gradus_i_text_append(file, bytes, sizeof bytes);
}

static uint64_t read_bits(const unsigned char *bytes) {
  uint64_t bits = 0;
  for (int i = 7; i >= 0; i--)
    bits = bits << 8 | bytes[i];
  return bits;
}

double gradus_i_tensor_value(const gradus_i_tensor *tensor, size_t index) {
  uint64_t bits = read_bits(tensor->bytes + 8 * index);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* ---- checksum: FNV-1a, 64 bits. It finds every single changed byte. ---- */

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length) {
  const unsigned char *byte = bytes;
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
  return hash;
}

static uint64_t hash_start(const char *metadata, size_t length) {
  return hash_bytes(UINT64_C(0xcbf29ce484222325), metadata, length + 1);
}

static uint64_t hash_name(uint64_t hash, const char *name) {
  return hash_bytes(hash, name, strlen(name) + 1);
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const gradus_i_tensor *)a)->name, ((const gradus_i_tensor *)b)->name);
}

static int by_place(const void *a, const void *b) {
  const gradus_i_tensor *left = a, *right = b;
  if (left->bytes != right->bytes)
    return left->bytes < right->bytes ? -1 : 1;
  return (left->size > right->size) - (left->size < right->size);
}

/* ---- writing ---- */

static json_t *describe(const gradus_i_tensor *tensor, size_t begin, bool *failed) {
  json_t *entry = json_object(), *shape = json_array(), *offsets = json_array();
  for (size_t i = 0; i < tensor->rank; i++)
    gradus_i_json_append(shape, json_integer((json_int_t)tensor->shape[i]), failed);
  gradus_i_json_append(offsets, json_integer((json_int_t)begin), failed);
  gradus_i_json_append(offsets, json_integer((json_int_t)(begin + 8 * tensor->size)), failed);
  gradus_i_json_put(entry, "dtype", json_string("F64"), failed);
  gradus_i_json_put(entry, "shape", shape, failed);
  gradus_i_json_put(entry, "data_offsets", offsets, failed);
  return entry;
}

static json_t *make_header(const gradus_i_tensor *tensors, size_t count, const char *metadata,
                           uint64_t checksum, bool *failed) {
  char digits[24];
  snprintf(digits, sizeof digits, "%016llx", (unsigned long long)checksum);
  json_t *header = json_object(), *texts = json_object();
  gradus_i_json_put(texts, "format", json_string("gradus"), failed);
  gradus_i_json_put(texts, "gradus", json_string(metadata), failed);
  gradus_i_json_put(texts, "gradus.checksum", json_string(digits), failed);
  gradus_i_json_put(header, "__metadata__", texts, failed);
  size_t begin = 0;
  for (size_t i = 0; i < count; i++) {
    gradus_i_json_put(header, tensors[i].name, describe(&tensors[i], begin, failed), failed);
    begin += 8 * tensors[i].size;
  }
  return header;
}

/* The checksum is of what the file says, not of how it is laid out: a program that writes the same
   tensors in another order keeps it valid. `tensors` are in order of their names. */
static uint64_t checksum_of_values(const gradus_i_tensor *tensors, size_t count,
                                   const char *metadata) {
  uint64_t hash = hash_start(metadata, strlen(metadata));
  for (size_t i = 0; i < count; i++) {
    hash = hash_name(hash, tensors[i].name);
    for (size_t j = 0; j < tensors[i].size; j++) {
      uint64_t bits;
      memcpy(&bits, &tensors[i].values[j], sizeof bits);
      unsigned char bytes[8];
      for (int b = 0; b < 8; b++)
        bytes[b] = (unsigned char)(bits >> 8 * b);
      hash = hash_bytes(hash, bytes, sizeof bytes);
    }
  }
  return hash;
}

static void append_padded_header(gradus_i_text *file, const gradus_i_text *header) {
  /* The tensors start at a multiple of 8, so that a mapped file can be read in place. */
  size_t padding = (8 - header->length % 8) % 8;
  append_bits(file, header->length + padding);
  gradus_i_text_append(file, header->data, header->length);
  gradus_i_text_append(file, "        ", padding);
}

gradus_status gradus_i_safetensors_write(gradus_i_text *file, const gradus_i_tensor *tensors,
                                         size_t count, const char *metadata, gradus_error *err) {
  gradus_i_tensor *sorted = gradus_i_allocate(count, sizeof *sorted);
  if (!sorted)
    return gradus_i_out_of_memory(err);
  memcpy(sorted, tensors, count * sizeof *sorted);
  qsort(sorted, count, sizeof *sorted, by_name);
  bool failed = false;
  uint64_t checksum = checksum_of_values(sorted, count, metadata);
  gradus_i_release(sorted);

  json_t *json = make_header(tensors, count, metadata, checksum, &failed);
  gradus_i_text header = {0};
  gradus_status status =
      failed ? gradus_i_out_of_memory(err) : gradus_i_json_write(&header, json, JSON_COMPACT, err);
  json_decref(json);
  if (status == GRADUS_OK && header.length > HEADER_MAX)
    status = gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                           "the names and levels of this model are too long for a model file");
  if (status == GRADUS_OK) {
    append_padded_header(file, &header);
    for (size_t i = 0; i < count; i++)
      for (size_t j = 0; j < tensors[i].size; j++) {
        uint64_t bits;
        memcpy(&bits, &tensors[i].values[j], sizeof bits);
        append_bits(file, bits);
      }
    status = file->failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
  }
  gradus_i_text_clear(&header);
  return status;
}

/* ---- reading ---- */

static gradus_status damaged(const char *path, gradus_error *err, const char *what) {
  return gradus_i_fail(err, GRADUS_ERROR_MODEL_FILE, "%s: the model file is damaged: %s", path,
                       what);
}

static size_t count_containers(const char *text, size_t length) {
  size_t count = 0;
  bool in_string = false;
  for (size_t i = 0; i < length; i++) {
    if (in_string && text[i] == '\\')
      i++;
    else if (text[i] == '"')
      in_string = !in_string;
    else if (!in_string)
      count += text[i] == '[' || text[i] == '{';
  }
  return count;
}

json_t *gradus_i_json_parse(const char *path, const char *what, const char *text, size_t length,
                            gradus_error *err) {
  if (count_containers(text, length) > 64 + length / 8) {
    gradus_i_fail(err, GRADUS_ERROR_MODEL_FILE,
                  "%s: the model file is damaged: %s nests more than any model does", path, what);
    return NULL;
  }
  json_error_t problem;
  json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
  if (!json)
    gradus_i_fail(err, GRADUS_ERROR_MODEL_FILE, "%s: the model file is damaged: %s: %.120s", path,
                  what, problem.text);
  return json;
}

/* A place or a dimension in the header; false for what is none. */
static bool read_size(const json_t *json, size_t *size) {
  if (!json_is_integer(json) || json_integer_value(json) < 0)
    return false;
  *size = (size_t)json_integer_value(json);
  return true;
}

static const char *read_shape(gradus_i_tensor *tensor, const json_t *shape) {
  tensor->rank = json_array_size(shape);
  if (!json_is_array(shape) || tensor->rank > GRADUS_RANK_MAX)
    return "the shape of a tensor is no list of at most 4 dimensions";
  tensor->size = 1;
  for (size_t i = 0; i < tensor->rank; i++)
    if (!read_size(json_array_get(shape, i), &tensor->shape[i]) ||
        !gradus_i_multiply(tensor->size, tensor->shape[i], &tensor->size) ||
        tensor->size > SIZE_MAX / 8)
      return "the shape of a tensor is impossible";
  return NULL;
}

static const char *read_tensor(gradus_i_tensor *tensor, const json_t *entry,
                               const unsigned char *data, size_t data_length) {
  const json_t *dtype = json_object_get(entry, "dtype");
  const json_t *offsets = json_object_get(entry, "data_offsets");
  if (!json_is_string(dtype) || strcmp(json_string_value(dtype), "F64") != 0)
    return "a tensor is not of type F64";
  const char *problem = read_shape(tensor, json_object_get(entry, "shape"));
  if (problem)
    return problem;
  size_t begin, end;
  if (json_array_size(offsets) != 2 || !read_size(json_array_get(offsets, 0), &begin) ||
      !read_size(json_array_get(offsets, 1), &end) || begin > end)
    return "the data_offsets of a tensor are no two places in order";
  if (end > data_length)
    return "a tensor lies beyond the end of the file: it is truncated";
  if (end - begin != 8 * tensor->size)
    return "the shape of a tensor does not match its data_offsets";
  tensor->bytes = data + begin;
  return NULL;
}

/* No overlap, no gap, nothing left over. */
static const char *check_places(const gradus_i_container *c, const unsigned char *data,
                                size_t data_length) {
  const unsigned char *place = data;
  qsort(c->tensors, c->count, sizeof *c->tensors, by_place);
  for (size_t i = 0; i < c->count; i++) {
    if (c->tensors[i].bytes != place)
      return "its tensors overlap or leave gaps";
    place += 8 * c->tensors[i].size;
  }
  return place == data + data_length ? NULL : "bytes are left over behind the tensors";
}

static const char *check_sum(const gradus_i_container *c) {
  const json_t *texts = json_object_get(c->header, "__metadata__");
  const char *expected = json_string_value(json_object_get(texts, "gradus.checksum"));
  uint64_t hash = hash_start(c->metadata, c->metadata_length);
  qsort(c->tensors, c->count, sizeof *c->tensors, by_name);
  for (size_t i = 0; i < c->count; i++)
    hash = hash_bytes(hash_name(hash, c->tensors[i].name), c->tensors[i].bytes,
                      8 * c->tensors[i].size);
  char digits[24];
  snprintf(digits, sizeof digits, "%016llx", (unsigned long long)hash);
  return expected && strcmp(expected, digits) == 0
             ? NULL
             : "its checksum does not match; make it anew with gradus";
}

static gradus_status read_tensors(gradus_i_container *c, const unsigned char *data,
                                  size_t data_length, gradus_error *err) {
  c->tensors = gradus_i_allocate(json_object_size(c->header), sizeof *c->tensors);
  if (!c->tensors)
    return gradus_i_out_of_memory(err);
  const char *name, *problem = NULL;
  json_t *entry;
  json_object_foreach(c->header, name, entry) {
    if (strcmp(name, "__metadata__") == 0)
      continue;
    gradus_i_tensor *tensor = &c->tensors[c->count];
    tensor->name = name;
    problem = read_tensor(tensor, entry, data, data_length);
    if (problem)
      break;
    c->count++;
  }
  if (!problem)
    problem = check_places(c, data, data_length);
  if (!problem)
    problem = check_sum(c);
  return problem ? damaged(c->path, err, problem) : GRADUS_OK;
}

static gradus_status read_header(gradus_i_container *c, const unsigned char *bytes, size_t length,
                                 size_t *header_length, gradus_error *err) {
  uint64_t claimed = length >= PREFIX ? read_bits(bytes) : 0;
  if (length < PREFIX || claimed > HEADER_MAX || claimed < 2 ||
      (length > PREFIX && bytes[PREFIX] != '{'))
    return gradus_i_fail(err, GRADUS_ERROR_MODEL_FILE,
                         "%s: this is no model file: it does not begin as a safetensors file does",
                         c->path);
  if (claimed > length - PREFIX)
    return gradus_i_fail(err, GRADUS_ERROR_MODEL_FILE,
                         "%s: the model file is truncated: its header has %zu bytes, the file %zu",
                         c->path, (size_t)claimed, length);
  *header_length = (size_t)claimed;
  c->header =
      gradus_i_json_parse(c->path, "its header", (const char *)bytes + PREFIX, *header_length, err);
  if (!c->header)
    return GRADUS_ERROR_MODEL_FILE;
  const json_t *text = json_object_get(json_object_get(c->header, "__metadata__"), "gradus");
  c->metadata = json_string_value(text);
  c->metadata_length = json_string_length(text);
  if (!c->metadata)
    return gradus_i_fail(err, GRADUS_ERROR_MODEL_FILE,
                         "%s: this safetensors file holds no model of gradus", c->path);
  return GRADUS_OK;
}

gradus_status gradus_i_safetensors_read(gradus_i_container *c, const char *path,
                                        const unsigned char *bytes, size_t length,
                                        gradus_error *err) {
  *c = (gradus_i_container){.path = path};
  size_t header_length = 0;
  gradus_status status = read_header(c, bytes, length, &header_length, err);
  if (status == GRADUS_OK)
    status = read_tensors(c, bytes + PREFIX + header_length, length - PREFIX - header_length, err);
  if (status > 0)
    gradus_i_container_clear(c);
  return status;
}

void gradus_i_container_clear(gradus_i_container *c) {
  json_decref(c->header);
  gradus_i_release(c->tensors);
  *c = (gradus_i_container){0};
}

const gradus_i_tensor *gradus_i_container_find(const gradus_i_container *c, const char *name) {
  gradus_i_tensor key = {.name = name};
  return c->count ? bsearch(&key, c->tensors, c->count, sizeof key, by_name) : NULL;
}
