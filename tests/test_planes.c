// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernels of planes by every instruction set, beside sums by hand of whole numbers, which are
   exact in any order. */
#include "../lib/linalg/planes.h"
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

enum { TAPS = 11, FILTERS = 13, PITCH = 336, IMAGE = 500, UNIT = GRADUS_I_CONVOLUTION_UNIT };
static const size_t taps[TAPS] = {0, 1, 2, 20, 21, 22, 60, 61, 62, 100, 163};
static const size_t place_counts[] = {1, 5, 16, 31, 50, 128, 131, 330};
static const size_t filter_counts[] = {1, 2, 3, 4, 5, 6, 7, 11, 13};
enum { PLACE_COUNTS = 8, FILTER_COUNTS = 9 };

static double whole_number(size_t i) {
  return (double)(i * i * 31 % 17) - 8;
}

#define TEMPLATE "../../tests/support/planes_template.h"
#include "../lib/layer/each_precision.h"

int main(void) {
  static const test_case cases[] = {
      {"sums are those by hand, in double", sums_are_those_by_hand_d},
      {"sums are those by hand, in float", sums_are_those_by_hand_f},
  };
  return test_main("planes", cases, sizeof cases / sizeof *cases);
}
