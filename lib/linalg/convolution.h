// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions of one image at a time, by loops of their own: what a place takes of the input is
   read where it lies, so that no matrix of all places is formed. Sums have a fixed order on a
   machine. */
#ifndef GRADUS_LINALG_CONVOLUTION_H
#define GRADUS_LINALG_CONVOLUTION_H

#include "elementwise.h"

/* Filters, and runs of taps, are padded with zeros to a multiple of it; as many values after the
   end of an output are read, or written with whatever it may be. */
enum { GRADUS_I_CONVOLUTION_UNIT = 16 };

typedef struct gradus_i_convolution {
  size_t rows, columns; /* places of the output */
  size_t row_step,
      column_step;   /* from a place to the next below and beside, in the input's values */
  size_t taps;       /* values of the input that a place takes */
  const size_t *tap; /* each one's distance from the place's own */
  size_t run;        /* they lie side by side in runs of so many */
  size_t filters;
  size_t step; /* from place to place in the output; where it is `filters`, what is after the
                  output's end is overwritten, else not */
} gradus_i_convolution;

/* n up to a multiple of the unit. */
size_t gradus_i_convolution_padded(size_t n);

/* Windows of rows×columns that lie whole in the image, for their largest values. */
typedef struct gradus_i_windows {
  size_t rows, columns;         /* of windows */
  size_t row_step, column_step; /* from a window to the next below and beside, in places */
  size_t kernel[2], width;      /* a window's height and width, and the image's width, in places */
  size_t channels;
} gradus_i_windows;

/* With F the padded filters and R the padded run:
   forward  out = bias (F) + Σ weight (taps×F) · what the place takes of the image;
   weights  sums (taps + 1)×F += derivatives by the weights, and in the last row by the bias;
   inputs   image += Σ slope · weight (filters × runs·R). UNIT values after the image's end too:
            they get zeros added;
   largest  out and where (windows×channels): the first of the largest values, or the last of those
            that are no numbers, and which place it is, counted from the window's first. UNIT values
            after the ends of out and where are overwritten, and as many of the image read;
   spread   of windows that lie side by side and fill the image's width: slope where the largest
            values are, else 0, into the image. UNIT values after its end are overwritten, and as
            many of slope and where read. */
#define GRADUS_I_CONVOLUTION_KERNELS(real, suffix)                                                 \
  typedef struct gradus_i_convolution_kernels_##suffix {                                           \
    void (*forward)(const gradus_i_convolution *c, const real *image, const real *weight,          \
                    const real *bias, real *out);                                                  \
    void (*weights)(const gradus_i_convolution *c, const real *image, const real *slope,           \
                    real *sums);                                                                   \
    void (*inputs)(const gradus_i_convolution *c, const real *slope, const real *weight,           \
                   real *image);                                                                   \
    void (*largest)(const gradus_i_windows *w, const real *image, real *out, real *where);         \
    void (*spread)(const gradus_i_windows *w, const real *slope, const real *where, real *image);  \
  } gradus_i_convolution_kernels_##suffix;                                                         \
  /* NULL if this machine or this build lacks the instruction set. */                              \
  const gradus_i_convolution_kernels_##suffix *gradus_i_convolution_table_##suffix(                \
      gradus_i_instructions instructions);                                                         \
  const gradus_i_convolution_kernels_##suffix *gradus_i_convolution_best_##suffix(void);
GRADUS_I_CONVOLUTION_KERNELS(double, d)
GRADUS_I_CONVOLUTION_KERNELS(float, f)
#undef GRADUS_I_CONVOLUTION_KERNELS

#endif
