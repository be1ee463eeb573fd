// SPDX-License-Identifier: GPL-3.0-or-later
/* Compiles TEMPLATE (the name of a header, in quotes) for double and for float: REAL is the type,
   NAME(f) is f_d and f_f, and LINALG(f) what linalg calls the one and the other. No include guard:
   it may be included once for every template. */
#define REAL double
#define NAME(name) name##_d
#define LINALG(name) name
#include TEMPLATE
#undef REAL
#undef NAME
#undef LINALG
#define REAL float
#define NAME(name) name##_f
#define LINALG(name) name##_f
#include TEMPLATE
#undef REAL
#undef NAME
#undef LINALG
#undef TEMPLATE
