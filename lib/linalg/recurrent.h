// SPDX-License-Identifier: GPL-3.0-or-later
/* What recurrent layers do at each step, over a few rows: a product with weights that the cache
   holds, and the gates. Of double (_d) and float (_f), compiled for several instruction sets. The
   products of a step are too small for a BLAS, which packs the weights again at every call. */
#ifndef GRADUS_LINALG_RECURRENT_H
#define GRADUS_LINALG_RECURRENT_H

#include "elementwise.h"

/* The recurrences h' = f(a, h) of PyTorch, where a is the sum of the inputs' and the state's
   products with their weights and of the biases:
     tanh, relu  h' = tanh(a), max(a, 0)
     gru         gates r, z, u, n: r and z sigmoids, n = tanh(a_n + r·u), h' = (1 - z)·n + z·h; u
                 has what the state adds to the candidate, a_n what the inputs add
     lstm        gates i, f, g, o: sigmoids, but g a tanh; c' = f·c + i·g, h' = o·tanh(c') */
typedef enum gradus_i_cell {
  GRADUS_I_CELL_TANH,
  GRADUS_I_CELL_RELU,
  GRADUS_I_CELL_GRU,
  GRADUS_I_CELL_LSTM,
  GRADUS_I_CELLS
} gradus_i_cell;

#define GRADUS_I_RECURRENT_TABLE(real, suffix)                                                       \
  /* One step of `rows` rows; all arrays are contiguous, rows×units, but where it is said. */       \
  typedef struct gradus_i_step_##suffix {                                                            \
    size_t rows, units;                                                                              \
    /* rows×(gates·units). Forward: the sums, which become the gates; of tanh and relu they become \
       the state, and are where it is. */                                                            \
    real *gates;                                                                                     \
    const real *before;        /* the state before the step */                                       \
    real *state;               /* and after it */                                                    \
    const real *memory_before; /* lstm: c, c' and tanh(c') */                                        \
    real *memory, *squashed;                                                                         \
    /* Backward: the derivatives by h' (and by c'), which become what goes back to h (and c)         \
       beside the sums; and those by the sums. */                                                    \
    real *carry, *memory_carry;                                                                      \
    real *slope; /* as gates */                                                                      \
  } gradus_i_step_##suffix;                                                                          \
  typedef struct gradus_i_recurrent_##suffix {                                                       \
    /* C (rows×n) += A (rows×k)·B (k×n), all row-major with strides. */                          \
    void (*multiply)(size_t rows, size_t k, size_t n, const real *a, size_t a_stride,                \
                     const real *b, size_t b_stride, real *c, size_t c_stride);                      \
    /* sums (n) += the rows of A, in their order. */                                                 \
    void (*sum)(size_t rows, size_t n, const real *a, size_t stride, real *sums);                    \
    void (*forward[GRADUS_I_CELLS])(const gradus_i_step_##suffix *step);                             \
    void (*backward[GRADUS_I_CELLS])(const gradus_i_step_##suffix *step);                            \
  } gradus_i_recurrent_##suffix;                                                                     \
  /* NULL if this machine or this build lacks the instruction set. */                                \
  const gradus_i_recurrent_##suffix *gradus_i_recurrent_table_##suffix(                              \
      gradus_i_instructions instructions);

GRADUS_I_RECURRENT_TABLE(double, d)
GRADUS_I_RECURRENT_TABLE(float, f)

#undef GRADUS_I_RECURRENT_TABLE
#endif
