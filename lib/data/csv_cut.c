// SPDX-License-Identifier: GPL-3.0-or-later
#include "csv_internal.h"

#include <string.h>

/* What a chunk of the text holds, for both answers to the question whether it begins inside quotes
 * (index 1) or not (index 0); the chunks before it know. */
typedef struct chunk {
  const char *begin, *end;
  bool odd;            /* an odd number of quotes */
  size_t ends[2];      /* line feeds that end a record or an empty line */
  size_t empty[2];     /* empty lines among them */
  const char *last[2]; /* behind the last of them */
  const char *nul;     /* the first NUL byte */
} chunk;

/* Is the line that ends at `feed` empty? There is always a line before it, the header. */
static bool is_empty_line(const char *feed) {
  return feed[-1] == '\n' || (feed[-1] == '\r' && feed[-2] == '\n');
}

static void count_line(chunk *counts, const char *feed, bool inside) {
  counts->ends[inside]++;
  counts->empty[inside] += is_empty_line(feed);
  counts->last[inside] = feed + 1;
}

static void count_chunk(chunk *counts) {
  const char *p = counts->begin, *end = counts->end;
  size_t length = (size_t)(end - p);
  counts->nul = memchr(p, '\0', length);
  if (!memchr(p, '"', length)) {
    for (; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
      count_line(counts, p, false);
    return;
  }
  /* A line feed that is outside quotes when the chunk begins outside is inside when it begins
   * inside, and the other way round. */
  bool inside = false;
  for (; p < end; p++) {
    inside ^= *p == '"';
    if (*p == '\n')
      count_line(counts, p, inside);
  }
  counts->odd = inside;
}

/* Chunks of equal size over the body; NULL: out of memory. */
static chunk *count_chunks(const gradus_i_csv_reader *reader, size_t block_size, size_t *count) {
  const char *begin = reader->text + reader->body, *end = reader->text + reader->length;
  size_t length = (size_t)(end - begin), n = length / block_size + 1;
  chunk *chunks = gradus_i_allocate(n, sizeof *chunks);
  if (!chunks)
    return NULL;
#pragma omp parallel for schedule(dynamic) num_threads(reader->threads)
  for (size_t i = 0; i < n; i++) {
    chunks[i].begin = begin + i * block_size;
    chunks[i].end = i + 1 < n ? chunks[i].begin + block_size : end;
    count_chunk(&chunks[i]);
  }
  *count = n;
  return chunks;
}

static gradus_status check_nul(const gradus_i_csv_reader *reader, const chunk *chunks, size_t count,
                               gradus_error *err) {
  for (size_t i = 0; i < count; i++)
    if (chunks[i].nul) {
      gradus_i_csv_fault fault = {.kind = CSV_FAULT_NUL,
                                  .position = (size_t)(chunks[i].nul - reader->text)};
      return gradus_i_csv_fail(reader, &fault, err);
    }
  return GRADUS_OK;
}

static void add_block(gradus_i_csv_reader *reader, const char *begin, const char *end,
                      size_t rows) {
  gradus_i_csv_block *block = &reader->blocks[reader->block_count++];
  *block = (gradus_i_csv_block){.text = begin,
                                .length = (size_t)(end - begin),
                                .offset = (size_t)(begin - reader->text),
                                .first_row = reader->frame->rows,
                                .rows = rows};
  reader->frame->rows += rows;
}

/* The last record; the text has been cut behind it. Reading numbers needs a byte that ends them. */
static gradus_status add_tail(gradus_i_csv_reader *reader, const char *begin, gradus_error *err) {
  const char *end = reader->text + reader->length;
  if (reader->ended) {
    add_block(reader, begin, (const char *)memchr(end, '\n', 2) + 1, 1);
    return GRADUS_OK;
  }
  size_t length = (size_t)(end - begin);
  reader->tail = gradus_i_allocate_raw(length + 1, 1);
  if (!reader->tail)
    return gradus_i_out_of_memory(err);
  memcpy(reader->tail, begin, length);
  reader->tail[length] = '\n';
  add_block(reader, begin, end, 1);
  reader->blocks[reader->block_count - 1].text = reader->tail;
  reader->blocks[reader->block_count - 1].length = length + 1;
  return GRADUS_OK;
}

gradus_status gradus_i_csv_cut(gradus_i_csv_reader *reader, size_t block_size, gradus_error *err) {
  size_t count;
  chunk *chunks = count_chunks(reader, block_size, &count);
  if (!chunks)
    return gradus_i_out_of_memory(err);
  gradus_status status = check_nul(reader, chunks, count, err);
  reader->blocks = status ? NULL : gradus_i_allocate(count + 1, sizeof *reader->blocks);
  if (!status && !reader->blocks)
    status = gradus_i_out_of_memory(err);
  const char *begin = reader->text + reader->body;
  bool inside = false;
  for (size_t i = 0; !status && i < count; i++) {
    size_t rows = chunks[i].ends[inside];
    if (reader->columns > 1)
      rows -= chunks[i].empty[inside];
    if (chunks[i].ends[inside]) {
      add_block(reader, begin, chunks[i].last[inside], rows);
      begin = chunks[i].last[inside];
    }
    inside ^= chunks[i].odd;
  }
  gradus_i_release(chunks);
  return status ? status : add_tail(reader, begin, err);
}
