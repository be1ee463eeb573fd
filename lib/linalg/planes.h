// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions with few filters, or few channels to a group, of one image at a time: channel by
   channel in planes, so that a vector holds neighbouring places of one channel. Sums have a fixed
   order on a machine. Planes are padded to a multiple of GRADUS_I_CONVOLUTION_UNIT. */
#ifndef GRADUS_LINALG_PLANES_H
#define GRADUS_LINALG_PLANES_H

#include "convolution.h"

#include <stdbool.h>

/* The output's places are counted along the rows of the plane that they are read from, and what
   stands between the end of an output's row and the next one's begin is computed too. */
typedef struct gradus_i_planes {
  size_t places;     /* of a plane of the output */
  size_t pitch;      /* from plane to plane of it: places, padded, at least */
  size_t taps;       /* values of the input that a place takes */
  const size_t *tap; /* where the first place's are */
  size_t filters;
} gradus_i_planes;

/* forward  out (filters×pitch) = bias (NULL: 0) + Σ weight (taps×filters) · image at the tap;
   weights  sums (taps×filters×UNIT) += slope (filters×pitch) · image at the tap, and bias
            (filters×UNIT; NULL: not) += slope, each of which the UNIT adds up to; slope is 0
   between rows and up to the next multiple of UNIT; split    to plane c, of `pitch`, at i:
   from[i·step + c], of count×channels; join     the reverse; `add`: to what is there. Up to a UNIT
   of values after the end of images are read, and written after outputs' planes up to their
   padding. */
#define GRADUS_I_PLANES_KERNELS(real, suffix)                                                      \
  typedef struct gradus_i_planes_kernels_##suffix {                                                \
    void (*forward)(const gradus_i_planes *p, const real *image, const real *weight,               \
                    const real *bias, real *out);                                                  \
    void (*weights)(const gradus_i_planes *p, const real *image, const real *slope, real *sums,    \
                    real *bias);                                                                   \
    void (*split)(size_t count, size_t channels, const real *from, size_t step, real *to,          \
                  size_t pitch);                                                                   \
    void (*join)(size_t count, size_t channels, const real *from, size_t pitch, bool add,          \
                 real *to, size_t step);                                                           \
  } gradus_i_planes_kernels_##suffix;                                                              \
  /* NULL if this machine or this build lacks the instruction set. */                              \
  const gradus_i_planes_kernels_##suffix *gradus_i_planes_table_##suffix(                          \
      gradus_i_instructions instructions);                                                         \
  const gradus_i_planes_kernels_##suffix *gradus_i_planes_best_##suffix(void);
GRADUS_I_PLANES_KERNELS(double, d)
GRADUS_I_PLANES_KERNELS(float, f)
#undef GRADUS_I_PLANES_KERNELS

#endif
