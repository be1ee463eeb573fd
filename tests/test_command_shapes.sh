#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command network of images and sequences: shapes, layers in short form, wide and long format.
# The same model said in two ways must predict the same.
. "${srcdir:-.}/tests/shell.sh"
has_json || exit 77

# same FILE FILE [TOLERANCE]: one column of numbers and NA each.
same() {
  paste -d, "$1" "$2" >both
  if awk -F, -v t="${3:-1e-9}" 'NR > 1 {
      if (($1 == "NA") != ($2 == "NA")) exit 1
      d = $1 - $2; if (d < 0) d = -d
      if (d > t) exit 1
      n += $1 != "NA" } END { if (n < 2) exit 1 }' both; then pass; else
    fail "$what: $1 and $2 differ" "$(diff "$1" "$2" | head -n 4)"
  fi
}
# equals NAME ACTUAL EXPECTED
equals() {
  if [ "$2" = "$3" ]; then pass; else fail "$what: $1 is $2, must be $3"; fi
}
# metric NAME: a number of ./out, the text of evaluate.
metric() {
  awk -v name="$1" '$1 == name { print $2; exit }' out
}

# ---- images ----
layers='conv 8 3x3, relu, maxpool 2, dense 32, relu'
run network --input-shape 8x8x1 --layers "$layers" 'factor(digit) ~ .' @digits --seed 1 \
  --max-iterations 15 --validation 0.2 -o cnn.safetensors
exits 0
prints 'conv1         conv2d    8x8x1     6x6x8           80' \
  'max_pool1   max_pool    6x6x8     3x3x8            0' \
  'hidden1        dense    3x3x8        32         2336' \
  'output         dense       32         9          297'
sed 1,4d out >report
run summary cnn.safetensors; exits 0
sed 1,4d out >report.again
check "the summary of a network of images is the fit's report" cmp report report.again
run evaluate cnn.safetensors @digits; exits 0
prints 'Data:  @digits, 1797 observations'
if awk -v a="$(metric Accuracy)" 'BEGIN { exit !(a > 0.93) }'; then pass; else
  fail "accuracy $(metric Accuracy) on the digits"
fi
run summary cnn.safetensors --json; exits 0
check "the shapes stand in the JSON" sh -c \
  'tr -d " \n" <out | grep -q "\"input_shape\":\[8,8,1\],\"output_shape\":\[6,6,8\]"'

cat >cnn.json <<'END'
{"layers": [{"type": "conv2d", "filters": 8, "kernel": 3},
  {"type": "activation", "activation": "relu"}, {"type": "max_pool", "kernel": 2},
  {"type": "dense", "units": 32}, {"type": "activation", "activation": "relu"},
  {"type": "dense", "name": "output"}]}
END
run predict cnn.safetensors @digits; exits 0
cp out short
run network --input-shape 8x8x1 --architecture cnn.json 'factor(digit) ~ .' @digits --seed 1 \
  --max-iterations 15 --validation 0.2 -o json.safetensors
exits 0
run predict json.safetensors @digits; exits 0
check "the short form is the architecture" cmp short out

# Two channels, either way round: 3x2x2 images.
awk 'BEGIN { srand(3); n = split("a b c d e f", place, " ")
  for (i = 1; i <= n; i++) last = last (i > 1 ? "," : "") place[i] "1," place[i] "2"
  for (c = 1; c <= 2; c++) for (i = 1; i <= n; i++) first = first (c * i > 1 ? "," : "") place[i] c
  print last ",y" >"last.csv"; print first ",y" >"first.csv"
  for (r = 0; r < 40; r++) { last = first = ""; y = 0
    for (i = 1; i <= n; i++) for (c = 1; c <= 2; c++) v[i, c] = c * int(1000 * rand())
    for (i = 1; i <= n; i++) for (c = 1; c <= 2; c++) last = last v[i, c] ","
    for (c = 1; c <= 2; c++) for (i = 1; i <= n; i++) first = first v[i, c] ","
    y = v[1, 1] - v[6, 2]; print last y >"last.csv"; print first y >"first.csv" } }'
small='conv 3 2x2, tanh, globalavgpool, dense 4, swish'
run network --input-shape 3x2x2 --layers "$small" 'y ~ .' last.csv --seed 2 --max-iterations 20 \
  -o last.safetensors
exits 0
run predict last.safetensors last.csv; exits 0
cp out last
run network --input-shape 2x3x2 --channels first --layers "$small" 'y ~ .' first.csv --seed 2 \
  --max-iterations 20 -o first.safetensors
exits 0
prints 'channels_last1  ' '    2x3x2     3x2x2            0'
run predict first.safetensors first.csv; exits 0
same last out

# ---- sequences: wide with lengths, and long ----
# The response is the first value of a, carried over the length.
awk 'BEGIN { srand(5)
  head = "a1,b1,a2,b2,a3,b3,a4,b4"
  print head ",steps,y" >"wide.csv"; print "id,day,a,b,y,running" >"long.csv"
  for (s = 1; s <= 60; s++) { n = 2 + s % 3; line = ""; sum = 0
    for (t = 1; t <= 4; t++) { a[t] = int(2000 * rand()) / 1000 - 1; b[t] = int(2000 * rand()) / 1000
      line = line (t <= n ? a[t] "," b[t] : "99,-99") "," }
    print line n "," a[1] >"wide.csv"
    for (t = 1; t <= n; t++) { sum += a[t]
      print s "," 10 * t "," a[t] "," b[t] "," a[1] "," sum >"long.csv" } } }'
common='--seed 4 --max-iterations 60 --layers'
# shellcheck disable=SC2086
run network --sequence 4x2 --lengths steps $common 'lstm 6' 'y ~ .' wide.csv -o wide.safetensors
exits 0
prints 'lstm1' ' 4x2 '
run predict wide.safetensors wide.csv; exits 0
cp out wide
run evaluate wide.safetensors wide.csv; exits 0
wide_rmse=$(metric RMSE)
prints 'Data:  wide.csv, 60 observations'
# Cells beyond the length may be missing.
sed 's/99,-99/NA,/g' wide.csv >padded.csv
check "cells are missing" grep -q 'NA,,' padded.csv
# shellcheck disable=SC2086
run network --sequence 4x2 --lengths steps $common 'lstm 6' 'y ~ .' padded.csv -o padded.safetensors
exits 0
run predict padded.safetensors wide.csv; exits 0
same wide out
run predict wide.safetensors padded.csv; exits 0
same wide out
run evaluate wide.safetensors padded.csv; exits 0
prints 'padded.csv, 60 observations'
close RMSE "$(metric RMSE)" "$wide_rmse" 1e-12
# Others not: the row is left out, and counted.
awk -F, 'BEGIN { OFS = "," } NR == 4 { $1 = "NA" } { print }' padded.csv >lacking.csv
# shellcheck disable=SC2086
run network --sequence 4x2 --lengths steps $common 'lstm 6' 'y ~ .' lacking.csv
exits 0
prints '(1 observation deleted due to missingness)' 'Train     59'
run predict wide.safetensors lacking.csv; exits 0
equals "rows without a prediction" "$(grep -c NA out)" 1
# shellcheck disable=SC2086
run network --id id --time day $common 'lstm 6' 'y ~ a + b' long.csv -o long.safetensors
exits 0
run predict long.safetensors long.csv; exits 0
equals "rows of predictions" "$(wc -l <out | tr -d ' ')" "$(wc -l <long.csv | tr -d ' ')"
awk 'NR == 1 || $1 != "NA"' out >ends
same wide ends
paste -d, long.csv out >beside
check "predictions stand in the last row of each sequence alone" awk -F, '
  NR > 1 { if (id != "" && ($1 != id) == (last == "NA")) exit 1; id = $1; last = $7 }' beside
run evaluate long.safetensors long.csv; exits 0
prints 'Data:  long.csv, 60 observations, one for each sequence'
close RMSE "$(metric RMSE)" "$wide_rmse" 1e-6
run evaluate long.safetensors long.csv --json; exits 0
run diagnose long.safetensors long.csv; exits 0
prints 'Diagnosis over 60 rows' 'lstm1.weight_ih'
run summary long.safetensors; exits 0

# The order of the rows of a file does not matter where there is a time.
(head -n 1 long.csv; sed 1d long.csv | sort -t, -k5,5 -k3,3) >mixed.csv
# shellcheck disable=SC2086
run network --id id --time day $common 'lstm 6' 'y ~ a + b' mixed.csv -o mixed.safetensors
exits 0
run predict mixed.safetensors long.csv; exits 0
run predict long.safetensors mixed.csv; exits 0
equals "predictions" "$(grep -vc -e NA -e fit out)" 60

# Rows of their own to validate on, and to test with.
awk -F, 'NR == 1 || $1 <= 40' long.csv >train.csv
awk -F, 'NR == 1 || $1 > 40' long.csv >held.csv
# shellcheck disable=SC2086
run network --id id --time day $common 'gru 5' 'y ~ a + b' train.csv --validation held.csv \
  --test held.csv
exits 0
prints 'Train' 'Validation     20 ' 'Test'

# ---- a response at each step ----
# shellcheck disable=SC2086
run network --id id --time day --each-step $common 'rnn 6, dense 4, tanh' 'running ~ a + b' \
  long.csv -o steps.safetensors
exits 0
prints ' 4x6 ' ' 4x1 '
run predict steps.safetensors long.csv; exits 0
equals "rows without a prediction" "$(grep -c NA out)" 0
paste -d, long.csv out | awk -F, 'NR > 1 { e += ($6 - $7) ^ 2; n++ } END { print sqrt(e / n) }' >rmse
run evaluate steps.safetensors long.csv; exits 0
prints "long.csv, $(($(wc -l <long.csv) - 1)) observations, one for each step"
close RMSE "$(metric RMSE)" "$(cat rmse)" 1e-4

# Wide: as many predictions as steps, those beyond the length NA.
awk -F, 'BEGIN { OFS = "," } NR == 1 { print $0, "r1", "r2", "r3", "r4"; next }
  { print $0, $1, $1 + $3, $1 + $3 + $5, $1 + $3 + $5 + $7 }' wide.csv >responses.csv
# shellcheck disable=SC2086
run network --sequence 4x2 --lengths steps --each-step $common 'rnn 6, dense 4, tanh' \
  'cbind(r1, r2, r3, r4) ~ a1 + b1 + a2 + b2 + a3 + b3 + a4 + b4' responses.csv \
  -o wide-steps.safetensors
exits 0
run predict wide-steps.safetensors responses.csv; exits 0
equals "predictions" "$(wc -l <out | tr -d ' ')" 241
grep -v NA out >counted
cp out wide_steps
awk -F, 'BEGIN { OFS = "," } NR == 1 { print; next }
  { for (t = $9 + 1; t <= 4; t++) { $(2 * t - 1) = "NA"; $(10 + t) = "" } print }' responses.csv >gaps.csv
check "responses are missing" grep -q ',$' gaps.csv
# shellcheck disable=SC2086
run network --sequence 4x2 --lengths steps --each-step $common 'rnn 6, dense 4, tanh' \
  'cbind(r1, r2, r3, r4) ~ a1 + b1 + a2 + b2 + a3 + b3 + a4 + b4' gaps.csv -o gaps.safetensors
exits 0
run predict gaps.safetensors gaps.csv; exits 0
same wide_steps out
run evaluate gaps.safetensors gaps.csv; exits 0
prints "$(($(wc -l <long.csv) - 1)) observations, one for each step"
run predict steps.safetensors long.csv; exits 0
cp out steps
same steps counted
run evaluate wide-steps.safetensors responses.csv; exits 0
prints "$(($(wc -l <long.csv) - 1)) observations, one for each step"
close RMSE "$(metric RMSE)" "$(cat rmse)" 1e-4

# Outcomes at each of two steps are no counts of successes and failures; and classes.
awk 'BEGIN { srand(9); print "id,a,b,outcome,class" >"long2.csv"; print "a1,b1,a2,b2,n,y1,y2" >"wide2.csv"
  for (s = 1; s <= 50; s++) { n = 1 + s % 2; line = outcomes = ""; k = int(3 * rand())
    for (t = 1; t <= 2; t++) { a = int(100 * (rand() + k)); b = int(100 * rand()); y = rand() < a / 300
      line = line a "," b ","; outcomes = outcomes "," y
      if (t <= n) print "s" s % 10 s "," a "," b "," y ",c" k >"long2.csv" }
    print line n outcomes >"wide2.csv" } }'
for format in long wide; do
  case $format in
  long) set -- --id id 'outcome ~ a + b' ;;
  wide) set -- --sequence 2x2 --lengths n 'cbind(y1, y2) ~ a1 + b1 + a2 + b2' ;;
  esac
  # shellcheck disable=SC2086
  run network --each-step --family binomial -o "$format.two" "$@" $format'2.csv' $common 'gru 3' --solver lbfgs
  if [ "$status" -eq 3 ]; then status=0; fi
  exits 0
  run evaluate "$format.two" "${format}2.csv"; exits 0
  prints "Data:  ${format}2.csv, 75 observations, one for each step" 'predicting 1 where'
  metric Log-loss >"$format.loss"
done
close "log-loss" "$(cat wide.loss)" "$(cat long.loss)" 1e-3
# shellcheck disable=SC2086
run network --id id $common 'gru 4' 'class ~ a + b' long2.csv -o classes.safetensors
exits 0
run predict classes.safetensors long2.csv --type class; exits 0
equals "classes" "$(grep -c '^c' out)" 50
run evaluate classes.safetensors long2.csv; exits 0
prints 'Data:  long2.csv, 50 observations, one for each sequence'

# ---- other layers ----
run network --sequence 4x2 --seed 1 --max-iterations 2 'y ~ . - steps' wide.csv --layers \
  'conv 4 2 pad 1 stride 2, batchnorm, relu, avgpool 2 stride 1, dropout 0.1, lstm 3 all bidirectional, gru 3 truncate 2'
exits 0
prints 'conv1' ' 4x2       3x4 ' ' 3x4       2x4 ' ' 2x4       2x6 ' ' 2x6         3 '
awk 'BEGIN { print "t1,t2,t3,y"; for (i = 0; i < 30; i++) print i % 4 "," i % 3 "," i % 5 "," i % 4 - i % 3 }' \
  >tokens.csv
run network --layers 'embedding 5 3, gru 4' 'y ~ .' tokens.csv --seed 1 --max-iterations 5
exits 0
prints 'embedding1' ' 3x3 '
run network --sequence 3x1 --layers 'embedding 5 3, gru 4' 'y ~ .' tokens.csv --seed 1 --max-iterations 5
exits 0
prints 'embedding1' ' 3x1 ' ' 3x3 '
run network --layers 'embedding 4 3, gru 4' 'y ~ .' tokens.csv --seed 1
refuses 1 'tokens.csv:6: column "t3": the token is 4: it must be a whole number from 0 to 3'
# Rows that are held out are checked before anything is trained, and those of the other commands too.
awk 'BEGIN { print "t1,t2,t3,y\n0,1,2,1\n0,99,2,2" }' >outside.csv
for held in validation test; do
  run network --layers 'embedding 5 3, gru 4' 'y ~ .' tokens.csv --$held outside.csv
  refuses 1 'outside.csv:3: column "t2": the token is 99: it must be a whole number from 0 to 4'
done
run network --layers 'embedding 5 3, gru 4' 'y ~ .' tokens.csv --validation 0.2 --seed 1 --epochs 2 \
  -o tokens.safetensors
exits 0
for command in predict evaluate diagnose; do
  run $command tokens.safetensors outside.csv
  refuses 1 'outside.csv:3: column "t2": the token is 99: it must be a whole number from 0 to 4'
done
# In the long format the line is that of the step.
awk 'BEGIN { print "id,t,u,y"; for (i = 0; i < 12; i++) print i % 4 "," (i == 6 ? 9 : i % 3) "," i % 2 "," i % 4 }' \
  >steps.csv
run network --id id --layers 'embedding 5 3, gru 4' 'y ~ u + t' steps.csv
refuses 1 'steps.csv:8: column "t": the token is 9: it must be a whole number from 0 to 4'

# A checkpoint is of the same places and pieces.
for layers in 'conv 2 3 pad 1|conv 2 3 pad 2 dilation 2' 'gru 2 truncate 2|gru 2 truncate 1'; do
  rm -f checkpoint
  run network --sequence 4x2 --seed 1 --max-iterations 1 'y ~ . - steps' wide.csv \
    --layers "${layers%|*}" --checkpoint checkpoint
  exits 0
  run network --sequence 4x2 --seed 1 --max-iterations 2 'y ~ . - steps' wide.csv \
    --layers "${layers#*|}" --checkpoint checkpoint --resume
  refuses 1 'the checkpoint is of another training, …'
done

# ---- what is refused ----
# layers_refused STATUS LAYERS TEXT: of the digits as images.
layers_refused() {
  expected=$1
  list=$2
  shift 2
  run network --input-shape 8x8x1 --layers "$list" 'factor(digit) ~ .' @digits
  refuses "$expected" "$@"
}
layers_refused 2 'conv 8 3x3, relu, maxpol 2' \
  'layers: item 3 "maxpol 2": there is no such layer; there are: conv, maxpool, ' 'relu, '
layers_refused 1 'conv 8 9x9' 'the kernel of layer "conv1" covers 9 rows: its input has 8'
layers_refused 1 'conv 6 3, conv 8 3 groups 4' \
  'the layer "conv2" has 4 groups, which its 6 channels and 8 filters must be multiples of'
layers_refused 2 'conv 8 3 stride 2 pad same' 'the padding "same" goes with a stride of 1'
layers_refused 2 'conv 8' 'a size such as 3 or 3x5 is missing at its end; it is written conv FILTERS'
layers_refused 2 'conv 8 3x' '"3x" is not a size such as 3 or 3x5'
layers_refused 2 'conv 0 3' '"0" is not a whole number of 1 or more'
layers_refused 2 'conv 8 3 pad 1 pad 1' '"pad" is there twice'
layers_refused 2 'dense 8 relu' 'item 1 "dense 8 relu": "relu" is too much; it is written dense UNITS'
layers_refused 2 'dense 99999999999' 'is not a whole number'
layers_refused 2 'dense 8, relu 2' 'item 2 "relu 2": an activation is written as its name alone'
layers_refused 2 'dense 8,' 'item 2 "": it is empty'
layers_refused 2 'dropout 1' '"1" is not a share of at least 0 and below 1'
layers_refused 2 'dense 8, conv 8 3' 'item 2 "conv 8 3": it takes an image or a sequence, and a list'
layers_refused 2 'lstm 8' 'item 1 "lstm 8": it takes a sequence, and an image comes to it'
run network --layers 'conv 8 3' 'factor(digit) ~ .' @digits
refuses 2 'a list of numbers comes to it: say which shape the input has'
run network --sequence 8x8 --layers 'lstm 8, lstm 4' 'factor(digit) ~ .' @digits
refuses 2 'item 2 "lstm 4": it takes a sequence' 'write "all" after the recurrent layer before'
run network --input-shape 8x8x2 --layers 'conv 8 3' 'factor(digit) ~ .' @digits
refuses 1 "the input's shape 8x8x2 has 128 values: the model has 64 columns"

# usage TEXT OPTION...: of the options alone.
usage() {
  text=$1
  shift
  run network 'y ~ .' wide.csv "$@"
  refuses 2 "$text"
}
usage 'option --input-shape: "8y8" is not one to three whole numbers' --input-shape 8y8
usage 'option --input-shape: "0x8" is not one to three' --input-shape 0x8
usage 'option --input-shape: "1x2x3x4" is not one to three' --input-shape 1x2x3x4
usage 'option --sequence: "8" is not steps x features' --sequence 8
usage 'options --input-shape and --sequence both say' --sequence 4x2 --input-shape 4x2
usage 'option --sequence is for rows that are whole' --id steps --sequence 4x2
usage 'option --lengths is for rows that are whole' --id steps --lengths steps
usage 'option --time goes with --id' --time steps
usage 'option --lengths goes with --sequence' --lengths steps
usage 'option --each-step goes with --sequence or --id' --each-step
usage 'option --effects: steps of sequences have no marginal effects' --id steps --effects
usage 'option --channels first goes with --input-shape' --channels first
usage 'option --channels first goes with --layers' --channels first --input-shape 4x2
usage 'option --layers takes the place of' --layers 'dense 4' --hidden 4
run network --sequence 4x2 --lengths nothing 'y ~ .' wide.csv
exits 1; says 'nothing'
sed '5s/,[0-9],/,5,/' wide.csv >beyond.csv
run network --sequence 4x2 --lengths steps --layers 'lstm 2' 'y ~ .' beyond.csv
refuses 1 'beyond.csv:5: column "steps": the length of the sequence is 5: it must be a whole number from 1 to 4'
sed '5s/,[0-9],/,0,/' wide.csv >zero.csv
run network --sequence 4x2 --lengths steps --layers 'lstm 2' 'y ~ .' zero.csv
refuses 1 'zero.csv:5: column "steps": the length of the sequence is 0: it must be a whole number from 1 to 4'
run network --id id --time day --layers 'lstm 2' 'running ~ a + b' long.csv
exits 1; says 'the response of the sequence 1 changes: ask for a response at each step'
run network --id ident --layers 'lstm 2' 'running ~ a + b' long.csv
exits 1; says 'has no column "ident"; did you mean'
awk -F, 'NR == 5 { print } { print }' long.csv >twice.csv
run network --id id --time day --layers 'lstm 2' 'running ~ a + b' twice.csv
exits 1; says 'lines 5 and 6 are both at the time'
sed '5s/^[^,]*,/NA,/' long.csv >missing.csv
run network --id id --time day --layers 'lstm 2' 'running ~ a + b' missing.csv
exits 1; says 'missing.csv:5: the id in column "id" is missing'
awk -F, 'BEGIN { OFS = "," } { print } NR > 1 && $1 == 3 && $2 == 20 { print $1, 70, $3, $4, $5, $6
  print $1, 80, $3, $4, $5, $6; print $1, 90, $3, $4, $5, $6 }' long.csv >longer.csv
run predict long.safetensors longer.csv
exits 1; says 'the sequence 3 has 5 steps: 4 are the most that the network takes'

finish
