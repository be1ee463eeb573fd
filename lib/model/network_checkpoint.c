// SPDX-License-Identifier: GPL-3.0-or-later
/* Checkpoints: a line that says what they are, the training in words, numbers, a checksum. */
#include "network_checkpoint.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char mark[] = "gradus checkpoint ", version[] = "1\n";
enum { MARK = sizeof mark - 1, VERSION = sizeof version - 1, EPOCH = 3 };
enum { LOSS, BEST, WAITED, EVALUATION_LOW, EVALUATION_HIGH, ITERATION, DIM, EPOCHS, MEMORY, HEAD };

static uint64_t checksum(const char *bytes, size_t length) { /* FNV-1a */
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
  return hash;
}

/* ---- writing ---- */

static void put_word(gradus_i_text *file, uint64_t word) {
  char bytes[8];
  for (int i = 0; i < 8; i++)
    bytes[i] = (char)(word >> 8 * i & 0xFF);
  gradus_i_text_append(file, bytes, sizeof bytes);
}

static void put_numbers(gradus_i_text *file, const double *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint64_t word;
    memcpy(&word, &values[i], sizeof word);
    put_word(file, word);
  }
}

gradus_status gradus_i_checkpoint_write(const gradus_i_checkpoint *c, const char *path,
                                        gradus_error *err) {
  gradus_i_text file = {0};
  const double head[HEAD] = {[LOSS] = c->best_loss,
                             [BEST] = (double)c->best_epoch,
                             [WAITED] = (double)c->waited,
                             [EVALUATION_LOW] = (double)(c->evaluation & 0xFFFFFFFFu),
                             [EVALUATION_HIGH] = (double)(c->evaluation >> 32),
                             [ITERATION] = (double)c->memory->iteration,
                             [DIM] = (double)c->dim,
                             [EPOCHS] = (double)c->made->epochs,
                             [MEMORY] = (double)c->memory->count};
  size_t length = strlen(c->training);
  gradus_i_text_append(&file, mark, MARK);
  gradus_i_text_append(&file, version, VERSION);
  put_word(&file, length);
  gradus_i_text_append(&file, c->training, length);
  put_numbers(&file, head, HEAD);
  put_numbers(&file, c->theta, c->dim);
  if (c->best_epoch > 0)
    put_numbers(&file, c->best, c->dim);
  for (size_t i = 0; i < c->made->epochs; i++) {
    const gradus_epoch *epoch = &c->made->history[i];
    put_numbers(&file, (const double[]){epoch->loss, epoch->validation_loss, epoch->learning_rate},
                EPOCH);
  }
  put_numbers(&file, c->memory->values, c->memory->count);
  if (!file.failed)
    put_word(&file, checksum(file.data, file.length));
  gradus_status status = file.failed ? gradus_i_out_of_memory(err)
                                     : gradus_i_write_file(path, file.data, file.length, err);
  gradus_i_text_clear(&file);
  return status;
}

/* ---- reading ---- */

typedef struct reader {
  const char *path;
  const char *bytes;
  size_t length, at; /* length: without the checksum */
} reader;

static gradus_status refuse(const reader *r, gradus_status code, const char *what,
                            gradus_error *err) {
  return gradus_i_fail(err, code, "%s: %s", r->path, what);
}

static uint64_t word_at(const char *bytes) {
  uint64_t word = 0;
  for (int i = 7; i >= 0; i--)
    word = word << 8 | (unsigned char)bytes[i];
  return word;
}

/* Room was checked before. */
static void take_numbers(reader *r, double *values, size_t count) {
  for (size_t i = 0; i < count; i++, r->at += 8) {
    uint64_t word = word_at(r->bytes + r->at);
    memcpy(&values[i], &word, sizeof word);
  }
}

static gradus_status check_frame(reader *r, gradus_error *err) {
  if (r->length < MARK || memcmp(r->bytes, mark, MARK) != 0)
    return refuse(r, GRADUS_ERROR_MODEL_FILE, "this is no checkpoint of a training", err);
  if (r->length < MARK + VERSION || memcmp(r->bytes + MARK, version, VERSION) != 0)
    return refuse(r, GRADUS_ERROR_MODEL_FILE,
                  "the checkpoint is of another version: train anew, or use the gradus that wrote "
                  "it",
                  err);
  r->at = MARK + VERSION;
  if (r->length < r->at + 16 ||
      checksum(r->bytes, r->length - 8) != word_at(r->bytes + r->length - 8))
    return refuse(r, GRADUS_ERROR_MODEL_FILE,
                  "the checkpoint is truncated or damaged: its checksum does not match", err);
  r->length -= 8;
  return GRADUS_OK;
}

/* Where two lists part: the begin of the first item that differs. */
static size_t first_difference(const char *a, size_t length, const char *b) {
  size_t item = 0;
  for (size_t i = 0; i < length && a[i] == b[i]; i++)
    if (a[i] == ' ' && i > 0 && (a[i - 1] == ',' || a[i - 1] == ';'))
      item = i + 1;
  return item;
}

static gradus_status check_training(reader *r, const gradus_i_checkpoint *c, gradus_error *err) {
  uint64_t length = word_at(r->bytes + r->at);
  r->at += 8;
  if (length > r->length - r->at)
    return refuse(r, GRADUS_ERROR_MODEL_FILE, "the checkpoint is damaged", err);
  const char *text = r->bytes + r->at;
  r->at += (size_t)length;
  if (length == strlen(c->training) && memcmp(text, c->training, (size_t)length) == 0)
    return GRADUS_OK;
  size_t from = first_difference(text, (size_t)length, c->training), rest = (size_t)length - from;
  const char *dots = from > 0 ? "…" : "";
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "%s: the checkpoint is of another training, %s%.*s; this one is %s%.180s",
                       r->path, dots, rest < 180 ? (int)rest : 180, text + from, dots,
                       c->training + from);
}

/* A whole number of a file, if it is one that may count something in it. */
static bool is_count(double value, const reader *r) {
  return value >= 0 && value <= (double)r->length && value == floor(value);
}

static gradus_status check_head(const reader *r, const gradus_i_checkpoint *c, const double *head,
                                gradus_error *err) {
  bool good = is_count(head[EPOCHS], r) && is_count(head[MEMORY], r) &&
              head[DIM] == (double)c->dim && head[ITERATION] >= 0 && head[ITERATION] < 1e15 &&
              head[BEST] >= 0 && head[BEST] <= head[EPOCHS] && head[WAITED] >= 0 &&
              head[WAITED] < 1e15 && head[EVALUATION_LOW] >= 0 &&
              head[EVALUATION_LOW] < 4294967296.0 && head[EVALUATION_HIGH] >= 0 &&
              head[EVALUATION_HIGH] < 4294967296.0;
  double numbers = head[DIM] * (head[BEST] > 0 ? 2 : 1) + EPOCH * head[EPOCHS] + head[MEMORY];
  if (good && numbers * 8 == (double)(r->length - r->at))
    return GRADUS_OK;
  return refuse(r, GRADUS_ERROR_MODEL_FILE, "the checkpoint is damaged: its sizes do not fit", err);
}

static gradus_status take(reader *r, gradus_i_checkpoint *c, gradus_error *err) {
  double head[HEAD];
  if (r->length - r->at < HEAD * sizeof(double))
    return refuse(r, GRADUS_ERROR_MODEL_FILE, "the checkpoint is damaged", err);
  take_numbers(r, head, HEAD);
  gradus_status status = check_head(r, c, head, err);
  if (status > 0)
    return status;
  size_t epochs = (size_t)head[EPOCHS], count = (size_t)head[MEMORY];
  gradus_epoch *history = gradus_i_allocate(epochs, sizeof *history);
  double *values = gradus_i_allocate(count, sizeof *values);
  if (!history || !values) {
    gradus_i_release(history);
    gradus_i_release(values);
    return gradus_i_out_of_memory(err);
  }
  c->best_loss = head[LOSS];
  c->best_epoch = (size_t)head[BEST];
  c->waited = (size_t)head[WAITED];
  c->evaluation = (uint64_t)head[EVALUATION_HIGH] << 32 | (uint64_t)head[EVALUATION_LOW];
  take_numbers(r, c->theta, c->dim);
  if (c->best_epoch > 0)
    take_numbers(r, c->best, c->dim);
  for (size_t i = 0; i < epochs; i++) {
    double epoch[EPOCH];
    take_numbers(r, epoch, EPOCH);
    history[i] = (gradus_epoch){i + 1, epoch[0], epoch[1], epoch[2]};
  }
  take_numbers(r, values, count);
  gradus_i_release(c->made->history);
  c->made->history = history;
  c->made->epochs = c->made->capacity = epochs;
  gradus_i_release(c->memory->values);
  *c->memory =
      (gradus_i_memory){.values = values, .count = count, .iteration = (size_t)head[ITERATION]};
  return GRADUS_OK;
}

static gradus_status read_all(const char *path, gradus_i_text *bytes, gradus_error *err) {
  char block[16384];
  size_t length;
  errno = 0;
  FILE *file = fopen(path, "rb");
  if (!file)
    return gradus_i_fail(err, GRADUS_ERROR_IO, "%s: the checkpoint cannot be read: %s", path,
                         strerror(errno));
  while ((length = fread(block, 1, sizeof block, file)) > 0)
    gradus_i_text_append(bytes, block, length);
  bool failed = ferror(file) != 0;
  fclose(file);
  if (failed)
    return gradus_i_fail(err, GRADUS_ERROR_IO, "%s: the checkpoint cannot be read", path);
  return bytes->failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
}

gradus_status gradus_i_checkpoint_read(gradus_i_checkpoint *c, const char *path,
                                       gradus_error *err) {
  gradus_i_text bytes = {0};
  gradus_status status = read_all(path, &bytes, err);
  reader r = {.path = path, .bytes = bytes.data, .length = bytes.length};
  if (status <= 0)
    status = check_frame(&r, err);
  if (status <= 0)
    status = check_training(&r, c, err);
  if (status <= 0)
    status = take(&r, c, err);
  gradus_i_text_clear(&bytes);
  return status;
}
