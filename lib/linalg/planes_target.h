// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernels of planes of one instruction set: both types. Tiles of six (where there are 32
   registers), three, two or one filters fill the registers with sums: of PLACES_n vectors of
   places, or TAPS_n taps, and fewer where these are not left. */
#if LANES == 8
#define WIDE 6
#define PLACES_6 4
#define PLACES_3 8
#define PLACES_2 8
#define PLACES_1 8
#define TAPS_6 4
#define TAPS_3 8
#define TAPS_2 8
#define TAPS_1 8
#else
#define WIDE 3
#define PLACES_3 3
#define PLACES_2 5
#define PLACES_1 8
#define TAPS_3 4
#define TAPS_2 4
#define TAPS_1 8
#endif

#define SINGLE 0
#include "vectors.h"
#define TABLE gradus_i_planes_kernels_d
#include "planes_template.h"

#include "vectors_end.h"
#undef SINGLE
#undef TABLE

#define SINGLE 1
#include "vectors.h"
#define TABLE gradus_i_planes_kernels_f
#include "planes_template.h"

#include "vectors_end.h"
#undef SINGLE
#undef TABLE

#undef WIDE
#undef PLACES_6
#undef PLACES_3
#undef PLACES_2
#undef PLACES_1
#undef TAPS_6
#undef TAPS_3
#undef TAPS_2
#undef TAPS_1
