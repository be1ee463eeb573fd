// SPDX-License-Identifier: GPL-3.0-or-later
/** Status codes and the caller's own error. Layer: base.
 *
 *  Every function that can fail returns a gradus_status and takes a `gradus_error *` last. The sign
 * tells:
 *
 *      status == 0   done
 *      status >  0   an error: there is no answer, out-handles are NULL, nothing was written
 *      status <  0   a warning: the answer stands, and the caller should know something about it
 *
 *  The error struct belongs to the caller, starts as `{0}`, and may be NULL. The first error wins;
 * an error replaces a warning. A fit that warned lists all its warnings (gradus_fit_warning). */
#ifndef GRADUS_ERROR_H
#define GRADUS_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__GNUC__) || defined(__clang__)
#define GRADUS_API __attribute__((visibility("default")))
#else
#define GRADUS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** All codes and their short texts: X(name, value, text). Values are part of the ABI. */
#define GRADUS_STATUS_LIST(X)                                                                      \
  X(OK, 0, "success")                                                                              \
  X(ERROR_INVALID_ARGUMENT, 1, "invalid argument")                                                 \
  X(ERROR_OUT_OF_MEMORY, 2, "out of memory")                                                       \
  X(ERROR_TOO_LARGE, 3, "a size does not fit the index type of the machine or of LAPACK")          \
  X(ERROR_IO, 4, "a file cannot be opened, read or written")                                       \
  X(ERROR_SHAPE, 5, "shapes do not match")                                                         \
  X(ERROR_NUMERICAL, 6, "a numerical routine failed")                                              \
  X(ERROR_UNSUPPORTED, 7, "not supported for this model or source")                                \
  X(ERROR_CANCELLED, 8, "stopped by the caller")                                                   \
  X(ERROR_CSV_EMPTY, 20, "the file is empty")                                                      \
  X(ERROR_CSV_NO_ROWS, 21, "the file has a header and no rows")                                    \
  X(ERROR_CSV_RAGGED, 22, "a row has another number of fields than the header")                    \
  X(ERROR_CSV_QUOTE, 23, "a quote is out of place or never closed")                                \
  X(ERROR_CSV_NUL, 24, "a NUL byte in a text file")                                                \
  X(ERROR_CSV_ENCODING, 25, "text in an unsupported encoding")                                     \
  X(ERROR_CSV_DUPLICATE_NAME, 26, "two columns have the same name")                                \
  X(ERROR_CSV_RANGE, 27, "a number is outside the range of double precision")                      \
  X(ERROR_NOT_NUMERIC, 28, "a cell that should be a number is not")                                \
  X(ERROR_ARRAY_FILE, 29, "the array file is damaged, truncated or of another format")             \
  X(ERROR_FORMULA, 40, "the formula cannot be understood")                                         \
  X(ERROR_UNKNOWN_COLUMN, 41, "no such column")                                                    \
  X(ERROR_UNKNOWN_LEVEL, 42, "a factor level that is not known")                                   \
  X(ERROR_NO_COMPLETE_ROWS, 43, "no row has a value in every used column")                         \
  X(ERROR_NON_FINITE, 44, "an infinite value in the data")                                         \
  X(ERROR_BAD_RESPONSE, 45, "the response is outside what the model allows")                       \
  X(ERROR_BAD_WEIGHT, 46, "a weight is missing, negative, not finite, or of undeclared kind")      \
  X(ERROR_UNDERDETERMINED, 47, "fewer rows than parameters")                                       \
  X(ERROR_COLLINEAR, 48, "a column is a linear combination of others")                             \
  X(ERROR_UNKNOWN_DATASET, 49, "no bundled data set of that name")                                 \
  X(ERROR_SEPARATION, 50, "the columns separate the response: the estimates are infinite")         \
  X(ERROR_BAD_INPUT, 51, "a length, a token or a step of a sequence is outside what there may be") \
  X(ERROR_MODEL_FILE, 60, "the model file is damaged, truncated or of a newer format")             \
  X(WARNING_RANK_DEFICIENT, -1, "columns that others determine were dropped")                      \
  X(WARNING_ILL_CONDITIONED, -2, "the design is nearly collinear")                                 \
  X(WARNING_OVERFLOW, -3, "a statistic is outside the range of double precision")                  \
  X(WARNING_CONSTANT_RESPONSE, -4, "the response is constant")                                     \
  X(WARNING_LEVERAGE_ONE, -5, "a row determines its own fitted value")                             \
  X(WARNING_PERFECT_FIT, -6, "the fit is essentially perfect")                                     \
  X(WARNING_NO_RESIDUAL_DF, -7,                                                                    \
    "as many parameters as rows: nothing left to estimate errors from")                            \
  X(WARNING_UNDEFINED, -8, "a metric is undefined for these rows")                                 \
  X(WARNING_SEPARATION, -9, "the columns separate the response: some estimates are infinite")      \
  X(WARNING_NOT_OVERDISPERSED, -11, "the counts are not more spread than Poisson ones")            \
  X(WARNING_DIVERGED, -12, "the training left the finite numbers")                                 \
  X(WARNING_DIAGNOSIS, -13, "the network's diagnosis found something")

typedef enum gradus_status {
#define GRADUS_X(name, value, text) GRADUS_##name = value,
  GRADUS_STATUS_LIST(GRADUS_X)
#undef GRADUS_X
} gradus_status;

/** What went wrong: a code and one sentence that says what, where and what to do. */
typedef struct gradus_error {
  gradus_status code;
  char message[512];
} gradus_error;

/** The short text of a code ("unknown status" for a number that is none). Static storage. */
GRADUS_API const char *gradus_status_text(gradus_status status);

/** The name of a code without prefix, for example "ERROR_SHAPE" ("UNKNOWN" for a number that is
 * none). */
GRADUS_API const char *gradus_status_name(gradus_status status);

/** Replaces malloc, realloc and free for all that the library allocates from now on; call it before
 *  any other function, with all three or, for the C library's own, with three NULLs. The three must
 *  be safe to call from several threads at once, as malloc is; this function itself is not. */
GRADUS_API void gradus_set_allocator(void *(*allocate)(size_t), void *(*reallocate)(void *, size_t),
                                     void (*release)(void *));

/** Frees what a gradus function returned as text or array that the caller owns. NULL is legal. */
GRADUS_API void gradus_free(void *memory);

/** The version of the library that runs, "0.1.0". */
GRADUS_API const char *gradus_version(void);

#ifdef __cplusplus
}
#endif
#endif
