#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What gradus network reports beside layers and losses: standard errors, effects, test rows, what
# the diagnosis finds, the trace of its blocks. Without hidden layers it is what the regressions
# say, which other tests check against R.
. "${srcdir:-.}/tests/shell.sh"
has_json || exit 77
data=$source/tests/data

# same_numbers FILE FILE: two CSV tables whose words are the same and numbers within 1e-8.
same_numbers() {
  paste -d '\n' "$1" "$2" | awk -F, 'NR % 2 { n = split($0, a); next }
    { if (split($0, b) != n) exit 1
      for (i = 1; i <= n; i++) {
        d = a[i] - b[i]; if (d < 0) d = -d
        s = a[i] < 0 ? -a[i] : a[i]
        if (a[i] != b[i] && !(a[i] + 0 != 0 && d <= 1e-8 * s)) exit 1
      } }'
}
# member NAME N: the N-th member of that name in ./out.
member() {
  sed -n "s/^ *\"$1\": \([^,]*\),\{0,1\}\$/\1/p" out | sed -n "${2:-1}p"
}

# ---- no hidden layer: the regressions, term by term ----
# compare REGRESSION-ARGUMENTS -- NETWORK-ARGUMENTS
compare() {
  "$gradus" $1 "$3" "$4" --csv >theirs 2>err || fail "gradus $1 $3" "$(cat err)"
  run network $2 "$3" "$4" -o shallow.safetensors --csv
  exits 0; silent
  check "$what: its terms are those of gradus $1" same_numbers theirs out
  run summary shallow.safetensors --csv
  check "$what: its terms are those of gradus $1" same_numbers theirs out
}
compare linear '' 'mpg ~ wt + hp' @mtcars
run network 'mpg ~ wt + hp' @mtcars --intervals
prints '(Intercept) 37.22727    1.59879  23.285  < 2e-16 ***' 'Confidence intervals' '33.95738245 40.49715778' \
  'Dispersion: 6.726 on 29 degrees of freedom'
run linear 'mpg ~ wt + hp' @mtcars -o line.safetensors
for options in '--se' '--interval confidence' '--interval prediction --level 0.9'; do
  "$gradus" predict line.safetensors @mtcars $options >theirs
  run predict shallow.safetensors @mtcars $options
  check "$what: as of gradus linear" same_numbers theirs out
done
compare 'linear --weights frequency:cyl' '--weights frequency:cyl' 'mpg ~ wt + hp' @mtcars
compare logistic '--family binomial' 'low ~ age + lwt + race' @birthwt
compare 'glm --family poisson' '--family poisson --solver lbfgs' 'breaks ~ wool + tension' @warpbreaks
compare 'glm --family gamma' '--family gamma' 'mpg ~ wt + hp' @mtcars
compare multinomial '' 'race ~ age + lwt' @birthwt
run multinomial 'race ~ age + lwt' @birthwt -o classes.safetensors
"$gradus" predict classes.safetensors @birthwt --se --interval confidence >theirs
run predict shallow.safetensors @birthwt --se --interval confidence
check "$what: as of gradus multinomial" same_numbers theirs out
run network 'mpg ~ wt + hp' @mtcars --json
close "the standard error in JSON" "$(member std_error 2)" 0.63273349437739435 1e-8
run network 'mpg ~ wt + hp' @mtcars --l2 0.1 -o ridge.safetensors; exits 0
prints 'No standard errors: the estimates are penalised (l2 = 0.1)'
run predict ridge.safetensors @mtcars --type terms; exits 0; silent
check "terms of a penalised network" sh -c '! grep -q NA out'
run predict ridge.safetensors @mtcars --se; refuses 1 'has no standard errors of predictions'

# ---- one hidden unit: R's nls (tests/r/network_nls.R) ----
of_nls() {
  sed -n "s/^$1,$2,//p" "$data/network_nls.csv"
}
run network --hidden 1 --activation tanh 'mpg ~ wt + I(hp/100)' @mtcars --solver levenberg-marquardt \
  --seed 2 --tolerance 1e-13 --effects --json -o nls.safetensors
exits 0; prints '"effects": [' '"inference": {' '"output_only": false' '"parameters": 5'
cp out first
for model in fit summary; do
  [ $model = fit ] || run summary nls.safetensors --json
  for effect in 0 1; do
    close "effect $effect" "$(sed -n '/"effects"/,$p' out | sed -n 's/^ *"estimate": \(.*\),/\1/p' | sed -n $((effect + 1))p)" \
      "$(of_nls effect $effect)" 1e-6
    close "error of effect $effect" "$(member std_error $((effect + 1)))" "$(of_nls effect_error $effect)" 1e-6
  done
done
close "the dispersion" "$(member dispersion)" "$(awk "BEGIN { printf \"%.15g\", $(of_nls deviance 0) / 27 }")" 1e-8
run summary nls.safetensors
prints 'Standard errors: of all 5 parameters (Gauss-Newton matrix)' '  Dispersion: 4.655 on 27 degrees of freedom' \
  'Average marginal effects:' 'a minimum of the loss'
run predict nls.safetensors @mtcars --se --interval confidence; exits 0; silent
is_head=$(head -n 1 out)
check "the head is that of regressions" test "$is_head" = fit,std_error,conf_low,conf_high
for row in 0 7 31; do
  close "prediction $row" "$(sed -n "$((row + 2))p" out | cut -d, -f1)" "$(of_nls fitted $row)" 1e-6
  close "its error" "$(sed -n "$((row + 2))p" out | cut -d, -f2)" "$(of_nls fitted_error $row)" 1e-6
done

# ---- errors where they are asked for, or none ----
run network --hidden 40 --activation tanh 'medv ~ .' @nothing --errors; exits 1
run network --hidden 30 'hp ~ wt + mpg' @mtcars --family poisson --errors --epochs 5; exits 0
prints 'Standard errors: of all 121 parameters, of which the rows identify'
run network --hidden 20 'mpg ~ wt + hp + qsec' @mtcars --epochs 5 -o wide.safetensors; exits 0; silent
prints 'No standard errors: 32 rows and 32 identified parameters'
run predict wide.safetensors @mtcars --se; refuses 1 '32 identified parameters'
run network --hidden 20 'mpg ~ wt + hp + qsec' @mtcars --epochs 5 --errors; exits 0; says 'warning: 32 rows'
run network --hidden 20,20 'Species ~ .' @iris --epochs 2 -o large.safetensors; exits 0
check "without --errors none of 562 parameters" sh -c '! grep -q "tandard errors" out'
run predict large.safetensors @iris --se; refuses 1 'fit it with --errors'
run network --hidden 2 'am ~ wt' @mtcars --family binomial --class-weights --quiet; exits 0
prints 'No standard errors: the classes were weighted'
run network --hidden 4 'mpg ~ wt' @mtcars --l2 0.1 --effects; refuses 2 '--effects'
run network --hidden 4 'mpg ~ wt' @mtcars --l1 0.1 --errors; refuses 2 '--errors'

# ---- train, validation and test ----
head -n 25 "$source/data/mtcars.csv" >train.csv
{ head -n 1 "$source/data/mtcars.csv"; tail -n +26 "$source/data/mtcars.csv"; } >test.csv
run network --hidden 4 --activation tanh 'mpg ~ wt + hp' train.csv --test test.csv --seed 1 --json \
  -o tested.safetensors
exits 0; prints '"test": {' '"validation": null'
rmse=$(sed -n '/"test": {/,$p' out | sed -n 's/^ *"rmse": \(.*\),/\1/p' | head -n 1)
run evaluate tested.safetensors test.csv --json
close "RMSE of the test rows" "$rmse" "$(member rmse)" 1e-12
"$gradus" predict tested.safetensors test.csv >with
run network --hidden 4 --activation tanh 'mpg ~ wt + hp' train.csv --seed 1 -o untested.safetensors; exits 0
"$gradus" predict untested.safetensors test.csv >without
check "test rows have no part in the training" cmp with without
run summary tested.safetensors; prints 'Train     24 ' 'Test       8 '
run network --hidden 4 'Species ~ .' @iris --validation 0.2 --test 0.1 --seed 1 -o shares.safetensors; exits 0
prints 'Train         105 ' 'Validation     30 ' 'Test           15 '
run network --hidden 4 'mpg ~ wt' @mtcars --test 1; refuses 2 'option --test'
run network --hidden 4 'mpg ~ wt' @mtcars --test nowhere.csv; refuses 1 nowhere.csv
run network --hidden 4 'mpg ~ wt' @mtcars --validation 0.5 --test 0.5; refuses 2 'leave no rows'
printf 'mpg,wt\n' >empty.csv
run network --hidden 4 'mpg ~ wt' @mtcars --test empty.csv; refuses 1 empty.csv

# ---- the diagnosis' findings ----
run network --hidden 6 --initialiser constant --initial-scale 0.1 'mpg ~ wt + hp' @mtcars --epochs 2 --json \
  -o alike.safetensors
exits 0; says 'warning: hidden1: all its units have the same weights'
prints '"code": "WARNING_DIAGNOSIS"' 'all its units have the same weights'
run summary alike.safetensors; prints 'Warning: hidden1: all its units have the same weights'
run network --hidden 6 'mpg ~ wt + hp' @mtcars --seed 1 --epochs 2 --quiet; exits 0; silent

# ---- the trace: norms of blocks from the parameters that stand behind them ----
for options in '--solver lbfgs' '--batch-size 8' '--batch-size 8 --precision float32 --clip-norm 0.1' \
  '--batch-size 8 --l1 0.001'; do
  run network --hidden 3 'mpg ~ wt + hp' @mtcars --epochs 6 --seed 1 --activation tanh --trace trace.csv $options
  exits 0
  # 12 columns of four blocks after 6 others; then 6 weights, 3 biases, 3 weights, 1 bias.
  check "$options: norms are those of the parameters" awk -F, 'NR > 1 {
      s = 0; for (i = 19; i <= 24; i++) s += $i * $i
      d = sqrt(s) - $7; if (d * d > 1e-20) exit 1
      if (NR > 2) {
        u = 0; for (i = 19; i <= 24; i++) u += ($i - last[i]) ^ 2
        d = sqrt(u) / norm - $9; if (d * d > 1e-20) exit 1
      } else if ($9 != "NA") exit 1
      if (!($8 > 0 && $17 > 0)) exit 1
      for (i = 19; i <= 24; i++) last[i] = $i
      norm = $7
    }' trace.csv
done
run network --hidden 3 'mpg ~ wt + hp' @mtcars --seed 1 --solver lbfgs --epochs 6 --trace trace.csv
check "gradients of the blocks make up the whole" awk -F, 'NR > 1 {
  d = sqrt($8 ^ 2 + $11 ^ 2 + $14 ^ 2 + $17 ^ 2) / $3 - 1; if (d * d > 1e-20) exit 1 }' trace.csv
run network --hidden 3 'mpg ~ wt + hp' @mtcars --seed 1 --epochs 4 --rule plain --clip-norm 0.01 \
  --learning-rate 0.1 --batch-size 100 --trace trace.csv
check "of a batch of all rows an update is the rate times the gradient" awk -F, 'NR > 2 {
    d = $9 * norm / (0.1 * $8) - 1; if (d * d > 1e-16) exit 1 } { norm = $7 }' trace.csv
run network --hidden 3 --normalisation batch 'mpg ~ wt + hp' @mtcars --epochs 2 --trace trace.csv; exits 0
check "running statistics are no blocks to learn" sh -c '! head -n 1 trace.csv | grep -q running_mean.norm'
finish
