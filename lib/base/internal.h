// SPDX-License-Identifier: GPL-3.0-or-later
/* Base layer: errors, memory, text in the C locale, threads. */
#ifndef GRADUS_BASE_INTERNAL_H
#define GRADUS_BASE_INTERNAL_H

#include <gradus/error.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__) || defined(__clang__)
#define GRADUS_I_PRINTF(a, b) __attribute__((format(printf, a, b)))
#else
#define GRADUS_I_PRINTF(a, b)
#endif

/* Stores code and sentence unless an error is stored already (an error replaces a warning); returns
   code. Numbers are written with a point whatever the host's locale. */
gradus_status gradus_i_fail(gradus_error *err, gradus_status code, const char *format, ...)
    GRADUS_I_PRINTF(3, 4);
gradus_status gradus_i_out_of_memory(gradus_error *err);

/* Allocation: overflow of count*size is a failed allocation. All start zeroed; release(NULL) is
 * legal. */
void *gradus_i_allocate(size_t count, size_t size);
/* As above, without zeroing: for large arrays that are written whole. */
void *gradus_i_allocate_raw(size_t count, size_t size);
/* Grows (or makes, memory NULL); on failure the old block stays valid and NULL is returned. Not
 * zeroed. */
void *gradus_i_reallocate(void *memory, size_t count, size_t size);
void gradus_i_release(void *memory);
char *gradus_i_string_copy(const char *text);
char *gradus_i_string_copy_length(const char *text, size_t length);
/* Bytes that the process may have: the memory of the machine, or a limit on it that is known.
   SIZE_MAX: nothing is. */
size_t gradus_i_machine_memory(void);
/* a*b, or false when it overflows. */
bool gradus_i_multiply(size_t a, size_t b, size_t *product);

/* A growing string. After a failed allocation `failed` is true and further appends do nothing. */
typedef struct gradus_i_text {
  char *data; /* never NULL after the first successful append; NUL-terminated */
  size_t length, capacity;
  bool failed;
} gradus_i_text;
void gradus_i_text_append(gradus_i_text *text, const char *bytes, size_t length);
void gradus_i_text_string(gradus_i_text *text, const char *string);
void gradus_i_text_format(gradus_i_text *text, const char *format, ...) GRADUS_I_PRINTF(2, 3);
void gradus_i_text_clear(gradus_i_text *text); /* frees */

/* snprintf, vsnprintf and strtod with a decimal point, whatever locale the host program has set. */
int gradus_i_snprintf(char *buffer, size_t size, const char *format, ...) GRADUS_I_PRINTF(3, 4);
int gradus_i_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments);
double gradus_i_strtod(const char *text, char **end);

/* How many threads to use: `requested` if positive, else what OpenMP would take (1 without OpenMP).
 */
int gradus_i_threads(int requested);

/* Between begin and end, BLAS calls of the calling thread stay on that thread (OpenBLAS on OpenMP
   asks OpenMP, and the setting is the calling thread's own), so that results have the same bits for
   any number of threads; the library's own parallel regions ask for `threads`. */
typedef struct gradus_i_thread_scope {
  int threads, saved;
} gradus_i_thread_scope;
gradus_i_thread_scope gradus_i_threads_begin(int requested);
void gradus_i_threads_end(gradus_i_thread_scope scope);

/* Threads of one parallel region that work on one thing together, stage by stage. They wait for
   each other by looking a while and then leaving the core to others: a barrier of OpenMP's looks on
   for milliseconds, in which on a busy machine the one waited for cannot run. */
typedef struct gradus_i_meeting {
  atomic_uint arrived, round;
} gradus_i_meeting;
/* One of them; threads 0 or 1: alone. */
typedef struct gradus_i_team {
  size_t thread, threads;
  gradus_i_meeting *meeting; /* zero at first */
} gradus_i_team;
/* Its share of `count` things: first .. end - 1. */
void gradus_i_team_share(gradus_i_team team, size_t count, size_t *first, size_t *end);
/* Waits for all others to come to the same point. */
void gradus_i_team_wait(gradus_i_team team);
/* Calls work for every thread of a team of so many. */
void gradus_i_team_run(int threads, void (*work)(void *context, gradus_i_team team), void *context);

/* Writes `length` bytes to `path` by way of a temporary file in the same folder and a rename: the
   old file stays whole on any failure. A link, a pipe or a device is written to as it is.
   GRADUS_ERROR_IO names the path and the reason. */
gradus_status gradus_i_write_file(const char *path, const void *bytes, size_t length,
                                  gradus_error *err);

#endif
