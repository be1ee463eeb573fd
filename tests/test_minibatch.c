// SPDX-License-Identifier: GPL-3.0-or-later
/* Mini-batches: rows in any order from every kind of source, and descent on them. */
#include "../lib/model/internal.h"
#include "../lib/solver/descent_rules.h"
#include "support/matrix_problem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  static const test_case cases[] = {{0}};
  return test_main("minibatch", cases, 0 * sizeof cases);
}
