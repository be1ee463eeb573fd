#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# gradus diagnose. dead_units.safetensors: tests/reference/make_dead_units.c.
. "${srcdir:-.}/tests/shell.sh"

has_json || {
  finish
  exit
}
model=$source/tests/data/dead_units.safetensors

run diagnose "$model" @mtcars; exits 0; silent
prints "Diagnosis over 32 rows" "hidden1.weight" "output.bias" \
  "* hidden2: 40 % of its units never activate; lower the learning rate or initialise with He"
check "every block has its row" test "$(grep -c '\.weight\|\.bias' out)" -eq 6
check "the layer's row has its dead units" grep -q '^hidden2 *relu *5 *40 %' out

run diagnose "$model" @mtcars --json; exits 0; silent
prints '"nobs": 32' '"dead": 2' '"block": "hidden2.bias"' '"activation": "relu"' '"findings": ['
check "it is JSON" python3 -m json.tool out

# ---- bad input ----
run diagnose; refuses 2 MODEL
run diagnose nothing.safetensors @mtcars; refuses 1 nothing.safetensors
run diagnose "$model" @iris; refuses 1 mpg
run linear 'mpg ~ wt' @mtcars -o linear.safetensors --quiet; exits 0
run diagnose linear.safetensors @mtcars; refuses 1 linear.safetensors "nothing to diagnose"

finish
