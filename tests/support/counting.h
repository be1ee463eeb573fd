// SPDX-License-Identifier: GPL-3.0-or-later
/* A user's own source over the rows of a problem, which knows no other way than reading, and counts
   how often each row is read. */
#ifndef GRADUS_TESTS_COUNTING_H
#define GRADUS_TESTS_COUNTING_H

#include "model_rows.h"

typedef struct counting {
  const model_rows *q;
  size_t *reads; /* n */
} counting;

/* In any order and of known length, or a stream of unknown length; c->reads is the caller's to
   free, the source as well. */
gradus_source *make_counting(counting *c, const model_rows *q, bool stream);

#endif
