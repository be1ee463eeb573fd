// SPDX-License-Identifier: GPL-3.0-or-later
/* Mini-batches: every row once an epoch, in an order that the seed alone decides. */
#include "descent_rules.h"

#include <string.h>

/* ---- random order ---- */

/* GSL's generator on memory of ours: gsl_rng_alloc would call GSL's error handler when there is
   none. L'Ecuyer's three combined Tausworthe generators (1996): 32 bits a number, and a shuffle
   costs half of what it does by the Mersenne twister. */
static const gsl_rng_type *generator(void) {
  return gsl_rng_taus2;
}

static uint64_t random_word(void *state) {
  return generator()->get(state);
}

/* Uniform among 0 .. bound - 1, without a division but for rare ones (Lemire 2019). */
static size_t random_below(void *state, size_t bound) {
  if (bound > UINT32_MAX) { /* by rejection from twice the bits */
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound, word;
    do
      word = random_word(state) << 32 | random_word(state);
    while (word >= limit);
    return (size_t)(word % bound);
  }
  uint64_t product = random_word(state) * bound;
  if ((uint32_t)product < bound) {
    uint32_t least = (uint32_t)(0x100000000u % bound);
    while ((uint32_t)product < least)
      product = random_word(state) * bound;
  }
  return (size_t)(product >> 32);
}

static void shuffle(void *state, size_t *order, size_t count) {
  for (size_t i = count; i > 1; i--) {
    size_t j = random_below(state, i), held = order[i - 1];
    order[i - 1] = order[j];
    order[j] = held;
  }
}

/* ---- opening ---- */

void gradus_i_minibatches_close(gradus_i_minibatches *m) {
  gradus_cursor_free(m->cursor);
  gradus_i_release(m->random);
  gradus_i_release(m->order);
  gradus_i_row_buffer_clear(&m->buffer);
  gradus_i_row_buffer_clear(&m->batch);
  *m = (gradus_i_minibatches){0};
}

static gradus_status open_stream(gradus_i_minibatches *m, const gradus_source_shape *shape,
                                 gradus_error *err) {
  enum { ROWS = 16384 };
  size_t batches = ROWS / m->size; /* whole ones: only the last may be short */
  if (!gradus_i_multiply(batches < 2 ? 2 : batches, m->size, &m->capacity))
    return gradus_i_out_of_memory(err);
  m->rows = m->capacity;
  gradus_status status = gradus_i_row_buffer_make(&m->buffer, shape, m->capacity, err);
  if (status <= 0 && !m->keep_order)
    status = gradus_i_row_buffer_make(&m->batch, shape, m->size, err);
  return status;
}

gradus_status gradus_i_minibatches_open(gradus_i_minibatches *m, const gradus_source *source,
                                        const gradus_descent_options *options, unsigned long seed,
                                        gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  *m = (gradus_i_minibatches){.size = options->batch_size,
                              .keep_order = options->keep_order,
                              .stream = !gradus_source_random_access(source) || shape->rows == 0,
                              .rows = shape->rows};
  if (!m->stream && m->size > shape->rows)
    m->size = shape->rows;
  gradus_status status = m->stream ? open_stream(m, shape, err) : GRADUS_OK;
  if (status <= 0)
    status = gradus_cursor_open(&m->cursor, source, m->size, err);
  if (status <= 0 && !m->keep_order) {
    m->random = gradus_i_allocate(1, generator()->size);
    m->order = gradus_i_allocate_raw(m->rows, sizeof *m->order);
    if (!m->random || !m->order)
      status = gradus_i_out_of_memory(err);
  }
  if (status > 0) {
    gradus_i_minibatches_close(m);
    return status;
  }
  if (m->random)
    generator()->set(m->random, seed);
  for (size_t i = 0; m->order && i < m->rows; i++)
    m->order[i] = i;
  return GRADUS_OK;
}

/* ---- to be continued later ---- */

/* The generator's state is whole numbers of 32 bits, which doubles hold. */
static size_t generator_words(void) {
  return generator()->size / sizeof(unsigned long);
}

size_t gradus_i_minibatches_memory_size(const gradus_i_minibatches *m) {
  if (m->keep_order)
    return 0;
  return generator_words() + (m->stream ? 0 : m->rows);
}

void gradus_i_minibatches_save(const gradus_i_minibatches *m, double *values) {
  const unsigned long *words = m->random;
  if (m->keep_order)
    return;
  for (size_t i = 0; i < generator_words(); i++)
    values[i] = (double)words[i];
  for (size_t i = 0; !m->stream && i < m->rows; i++)
    values[generator_words() + i] = (double)m->order[i];
}

/* Whether values are whole numbers below a bound: they may come from a file. */
static bool are_below(const double *values, size_t count, double bound) {
  for (size_t i = 0; i < count; i++)
    if (!(values[i] >= 0 && values[i] < bound))
      return false;
  return true;
}

void gradus_i_minibatches_restore(gradus_i_minibatches *m, const double *values, size_t count) {
  unsigned long *words = m->random;
  size_t own = generator_words();
  if (m->keep_order || count < own || !are_below(values, own, 4294967296.0))
    return;
  for (size_t i = 0; i < own; i++)
    words[i] = (unsigned long)values[i];
  bool same =
      !m->stream && count == own + m->rows && are_below(values + own, m->rows, (double)m->rows);
  for (size_t i = 0; same && i < m->rows; i++)
    m->order[i] = (size_t)values[own + i];
}

/* ---- an epoch ---- */

bool gradus_i_minibatches_are_over(gradus_i_minibatches *m) {
  m->stopped = m->stopped || (m->stop && m->stop(m->stop_context));
  return m->stopped;
}

void gradus_i_minibatches_rewind(gradus_i_minibatches *m) {
  m->next = 0;
  m->position = 0;
  m->ended = false;
  if (m->stream)
    m->rows = 0;
  else if (!m->keep_order)
    shuffle(m->random, m->order, m->rows);
}

/* The next rows of the stream into the buffer, and a new order of them. */
static gradus_status fill(gradus_i_minibatches *m, gradus_error *err) {
  gradus_status status = GRADUS_OK;
  m->next = m->rows = 0;
  while (status <= 0 && !m->ended && m->rows < m->capacity) {
    gradus_batch batch;
    size_t room = m->capacity - m->rows;
    status =
        gradus_cursor_read(m->cursor, m->position, room < m->size ? room : m->size, &batch, err);
    if (status > 0)
      break;
    for (size_t i = 0; i < batch.rows; i++)
      gradus_i_row_buffer_copy(&m->buffer, m->rows++, &batch, i);
    m->position += batch.rows;
    m->ended = batch.rows == 0;
  }
  for (size_t i = 0; !m->keep_order && i < m->rows; i++)
    m->order[i] = i;
  if (!m->keep_order)
    shuffle(m->random, m->order, m->rows);
  return status;
}

static gradus_status next_of_stream(gradus_i_minibatches *m, gradus_batch *batch,
                                    gradus_error *err) {
  gradus_status status = m->next == m->rows ? fill(m, err) : GRADUS_OK;
  size_t left = m->rows - m->next, rows = left < m->size ? left : m->size;
  *batch = (gradus_batch){0};
  if (status > 0 || rows == 0)
    return status;
  if (m->keep_order) {
    gradus_i_row_buffer_batch(&m->buffer, m->next, rows, batch);
  } else {
    gradus_batch all;
    gradus_i_row_buffer_batch(&m->buffer, 0, m->rows, &all);
    for (size_t i = 0; i < rows; i++)
      gradus_i_row_buffer_copy(&m->batch, i, &all, m->order[m->next + i]);
    gradus_i_row_buffer_batch(&m->batch, 0, rows, batch);
  }
  m->next += rows;
  return GRADUS_OK;
}

gradus_status gradus_i_minibatches_next(gradus_i_minibatches *m, gradus_batch *batch,
                                        gradus_error *err) {
  *batch = (gradus_batch){0};
  if (gradus_i_minibatches_are_over(m))
    return GRADUS_OK;
  if (m->stream)
    return next_of_stream(m, batch, err);
  size_t left = m->rows - m->next, rows = left < m->size ? left : m->size;
  size_t ahead = left - rows < m->size ? left - rows : m->size;
  gradus_status status = GRADUS_OK;
  if (rows > 0 && m->keep_order)
    status = gradus_cursor_read(m->cursor, m->next, rows, batch, err);
  else if (rows > 0)
    status = gradus_cursor_gather(m->cursor, m->order + m->next, rows, ahead, batch, err);
  m->next += batch->rows;
  return status;
}
