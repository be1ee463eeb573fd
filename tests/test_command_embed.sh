#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command network with --embed: a factor's levels as trained numbers, in model files, beside
# predict, summary, evaluate, diagnose and checkpoints.
. "${srcdir:-.}/tests/shell.sh"
has_json || exit 77

common='--seed 1 --epochs 30'
formula='breaks ~ wool + tension'

# ---- a fit, and what is made of its model file ----
# shellcheck disable=SC2086
run network --embed tension=2 --embed wool --hidden 5 $common "$formula" @warpbreaks --effects \
  -o m.safetensors
exits 0
prints 'wool        embedding        2         2            2' \
  'tension     embedding        2         3            6' \
  'hidden1         dense        3         5           20' \
  'An embedded factor has no marginal effect (NaN): nothing lies between its levels'
sed 1,4d out >report
run summary m.safetensors; exits 0
sed 1,4d out >again
check "the summary is the fit's report" cmp report again
run evaluate m.safetensors @warpbreaks --json; exits 0
close "the RMSE of evaluate" "$(tr ',{' '\n\n' <out | sed -n 's/.*"rmse": *//p' | head -n 1)" \
  "$(awk '$1 == "Train" { print $4 }' report)" 1e-3
run diagnose m.safetensors @warpbreaks; exits 0
prints 'tension.weight                    6' 'wool.weight                       2'
run predict m.safetensors @warpbreaks --se; exits 0
cp out predicted

# The same by a comma list, by layers, by an architecture, and with three threads.
echo '{"input": [3], "layers": [{"type": "dense", "units": 5},
  {"type": "activation", "activation": "relu"}, {"type": "dense", "name": "output"}]}' >net.json
same_by() {
  # shellcheck disable=SC2086
  run network --embed 'tension=2, wool' "$@" $common "$formula" @warpbreaks -o other.safetensors
  exits 0
  run predict other.safetensors @warpbreaks --se; exits 0
  check "$* predicts the same" cmp predicted out
}
same_by --hidden 5
same_by --hidden 5 --threads 3
same_by --layers 'dense 5, relu'
same_by --architecture net.json

# ---- without hidden layers: linear regression, where the units are enough to tell levels apart ----
run network --embed wool,tension=2 --solve-output --epochs 5 --seed 1 "$formula" @warpbreaks -o flat.safetensors
exits 0
run predict flat.safetensors @warpbreaks; exits 0
cp out flat
run linear "$formula" @warpbreaks -o linear.safetensors; exits 0
run predict linear.safetensors @warpbreaks; exits 0
paste -d, flat out >both
check "the fitted values are those of linear regression" awk -F, '
  NR > 1 { d = $1 - $2; if (d < 0) d = -d; if (d > 1e-9) exit 1; n++ } END { exit !(n == 54) }' both

# ---- rows to predict ----
printf 'wool,tension\nB,M\n,L\nA,H\n' >new.csv
run predict m.safetensors new.csv; exits 0
check "a missing level has no prediction" test "$(sed -n 3p out)" = NA
first=$(awk -F, 'NR > 1 && $2 == "B" && $3 == "M" { print NR; exit }' <<END
$("$gradus" datasets warpbreaks)
END
)
check "a level is found by its text" test "$(sed -n 2p out)" = "$(sed -n "${first}p" predicted | cut -d, -f1)"
printf 'wool,tension\nB,XL\n' >new.csv
run predict m.safetensors new.csv
refuses 1 'row 1: "XL" is no level of tension that the model knows; it knows "H", "L", "M"'

# ---- a training that goes on, and a function of a column ----
cars="--embed factor(cyl)=2 --hidden 4 --seed 2"
# shellcheck disable=SC2086
run network $cars --epochs 20 'mpg ~ factor(cyl) + wt' @mtcars -o whole.safetensors
exits 0
prints 'factor(cyl) embedding'
# shellcheck disable=SC2086
run network $cars --epochs 8 'mpg ~ factor(cyl) + wt' @mtcars --checkpoint half; exits 0
# shellcheck disable=SC2086
run network $cars --epochs 20 'mpg ~ factor(cyl) + wt' @mtcars --checkpoint half --resume -o resumed.safetensors
exits 0
run predict whole.safetensors @mtcars; exits 0
cp out whole
run predict resumed.safetensors @mtcars; exits 0
check "a resumed training ends where the whole one does" cmp whole out
# shellcheck disable=SC2086
run network --embed 'factor(cyl)=3' --hidden 4 --seed 2 --epochs 20 'mpg ~ factor(cyl) + wt' @mtcars \
  --checkpoint half --resume
refuses 1 "the checkpoint is of another training"

# ---- what is refused ----
run network --embed woll --hidden 3 "$formula" @warpbreaks
refuses 2 'the formula has no factor "woll" to embed; it has: wool, tension'
run network --embed wool --hidden 3 'breaks ~ wool * tension' @warpbreaks
refuses 2 'the embedded factor wool stands in the interaction wool:tension'
run network --embed cyl --hidden 3 'mpg ~ cyl' @mtcars
refuses 2 'write factor(cyl) there, and embed "factor(cyl)"'
run network --embed cyl --hidden 3 'mpg ~ log(cyl) + wt' @mtcars; refuses 2 'only within log(cyl)'
run network --embed wool=0 --hidden 3 "$formula" @warpbreaks
refuses 2 'option --embed: wool=0: the units must be a whole number from 1'
run network --embed wool=2.5 --hidden 3 "$formula" @warpbreaks; refuses 2 'wool=2.5: the units must be'
run network --embed wool,,tension --hidden 3 "$formula" @warpbreaks; refuses 2 'FACTOR=UNITS'
run network --embed wool,wool --hidden 3 "$formula" @warpbreaks; refuses 2 'wool is to be embedded twice'
echo '{"input": [4], "layers": [{"type": "dense", "name": "output"}]}' >net.json
run network --embed tension=2,wool --architecture net.json "$formula" @warpbreaks
refuses 1 "the architecture's input has the shape 4: the columns, with the units of those that are embedded, have 3"
run network --embed wool --hidden 3 --sequence 1x2 "$formula" @warpbreaks
refuses 2 'a factor is one column'
run datasets warpbreaks; exits 0
sed '1s/wool/hidden1/' out >named.csv
run network --embed hidden1 --hidden 3 'breaks ~ hidden1 + tension' named.csv
refuses 2 'the embedded factor "hidden1" has the name of a layer: give the column or the layer another one'

finish
