// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernels of planes of one instruction set: both types. Tiles of up to WIDE filters fill the
   registers with sums: PLACES_n vectors of places, or TAPS_n taps. */
#if LANES == 8
#define WIDE 6
#define PLACES_1 8
#define PLACES_2 8
#define PLACES_3 8
#define PLACES_4 6
#define PLACES_5 4
#define PLACES_6 4
#define TAPS_1 8
#define TAPS_2 8
#define TAPS_3 8
#define TAPS_4 5
#define TAPS_5 4
#define TAPS_6 4
#else
#define WIDE 3
#define PLACES_1 8
#define PLACES_2 5
#define PLACES_3 3
#define TAPS_1 8
#define TAPS_2 6
#define TAPS_3 4
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
#undef PLACES_1
#undef PLACES_2
#undef PLACES_3
#undef PLACES_4
#undef PLACES_5
#undef PLACES_6
#undef TAPS_1
#undef TAPS_2
#undef TAPS_3
#undef TAPS_4
#undef TAPS_5
#undef TAPS_6
