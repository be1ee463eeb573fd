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
  "* hidden2: 40 % of its units never activate; lower the learning rate or take leaky_relu"
check "every block has its row" test "$(grep -c '\.weight\|\.bias' out)" -eq 6
check "the layer's row has its dead units" grep -q '^hidden2 *relu *5 *40 %' out

run diagnose "$model" @mtcars --json; exits 0; silent
prints '"nobs": 32' '"dead": 2' '"block": "hidden2.bias"' '"activation": "relu"' '"findings": ['
check "it is JSON" python3 -m json.tool out

# ---- advice is what the training has not done ----
# advises TEXT OPTION...: of hidden units that start where none of them responds, fitted and read back.
advises() {
  advice=$1
  shift
  run network --hidden 4 --initial-bias -50 'mpg ~ wt' @mtcars --seed 1 --epochs 2 -o dead.safetensors "$@"
  says "hidden1: $advice"
  run diagnose dead.safetensors @mtcars; exits 0
  prints "* hidden1: $advice"
}
dead='100 % of its units never activate;'
advises "$dead lower the learning rate or take leaky_relu" --activation relu
advises "$dead lower the learning rate or take leaky_relu" --activation relu --initialiser he
advises "$dead lower the learning rate, initialise with He, or take leaky_relu" --activation relu \
  --initialiser normal
advises "$dead take leaky_relu" --activation relu --solver lbfgs
saturated='100 % of its units are saturated in most rows;'
advises "$saturated lower the learning rate or penalise the weights" --activation tanh
advises "$saturated initialise with Glorot, lower the learning rate, or penalise the weights" \
  --activation tanh --initialiser normal
advises "$saturated standardise the inputs or lower the learning rate" --activation tanh --raw-inputs \
  --l2 0.001

# ---- filters and recurrences ----
formula='mpg ~ cyl + disp + hp + drat + wt + qsec + vs + am + gear + carb'
cat >shapes.json <<'END'
{"input": [10, 1], "layers": [
  {"type": "conv1d", "filters": 4, "kernel": 2, "padding": "same"},
  {"type": "activation", "activation": "relu"},
  {"type": "rnn", "units": 3, "bidirectional": true},
  {"type": "dense", "name": "output"}]}
END
run network --architecture shapes.json "$formula" @mtcars --epochs 1 --seed 1 -o shapes.safetensors
exits 0
run diagnose shapes.safetensors @mtcars; exits 0; silent
prints 'Norm of the gradient by the state' 'Steps back                       0         1         2         5         9'
check "there is a row for each run" test "$(grep -c '^rnn1  *[0-9]\|^rnn1 (reverse) ' out)" -eq 2
run diagnose shapes.safetensors @mtcars --json; exits 0; silent
check "lags and filters are in the JSON" python3 -c "
import json
d = json.load(open('out'))
assert [(r['layer'], r['type'], r['reverse']) for r in d['recurrences']] == [
    ('rnn1', 'rnn', False), ('rnn1', 'rnn', True)]
assert all(len(r['gradient_norm']) == len(r['share']) == 10 for r in d['recurrences'])
assert all(r['share'][0] == 1 for r in d['recurrences'])
assert d['layers'][0]['same_as'] == [1, 2, 3, 4] and d['layers'][0]['places'] == 10"
run network --architecture shapes.json "$formula" @mtcars --epochs 1 --initial-bias -30 --seed 1
exits 0; says 'warning: conv1: 4 of its 4 filters never respond'

# ---- bad input ----
run diagnose; refuses 2 MODEL
run diagnose nothing.safetensors @mtcars; refuses 1 nothing.safetensors
run diagnose "$model" @iris; refuses 1 mpg
run linear 'mpg ~ wt' @mtcars -o linear.safetensors --quiet; exits 0
run diagnose linear.safetensors @mtcars; refuses 1 linear.safetensors "nothing to diagnose"

finish
