#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command network, and summary, predict and evaluate of its models. Without hidden layers the
# numbers are those of the regressions, which the other tests check against R.
. "${srcdir:-.}/tests/shell.sh"
has_json || exit 77

# value NAME: the first member of that name in ./out.
value() {
  sed -n "s/^ *\"$1\": \([^,]*\),\{0,1\}\$/\1/p" out | head -n 1
}
is() {
  if [ "$2" = "$3" ]; then pass; else fail "$what: $1 is $2, must be $3"; fi
}
# at_least NAME ACTUAL LEAST
at_least() {
  if awk -v a="$2" -v l="$3" 'BEGIN { exit !(a != "" && a >= l) }'; then pass; else
    fail "$what: $1 is $2, must be at least $3"
  fi
}

# ---- the report ----
run network --hidden 16,8 'Species ~ .' @iris --validation 0.2 --seed 1 -o iris.safetensors
exits 0
prints 'Standard errors: of all 234 parameters, of which the rows identify' 'standard errors from a minimum' \
  'modelling P(Species = level); reference level: setosa' 'hidden1     dense        4        16           80' \
  'activation1  relu       16        16            0' 'output      dense        8         2           18' \
  'in all                                        234' 'Loss (cross-entropy of softmax), epochs 1 to 215' 'Family: multinomial, link logit' '  train ' '  validation ' \
  'Best epoch: ' 'Train         120 ' 'Validation     30 ' 'Solver: gradient descent (the maximum number of iterations)'
cp out first
run network --hidden 8 --initial-bias -30 --epochs 2 'Species ~ .' @iris
exits 0; says 'warning: hidden1: 100 % of its units never activate'
prints 'Warning: hidden1: 100 % of its units never activate'
run summary iris.safetensors; exits 0
sed 1,4d first >first.rest; sed 1,4d out >out.rest
check "the summary of the model file is the fit's report" cmp first.rest out.rest
run network --hidden 16,8 'Species ~ .' @iris --validation 0.2 --seed 1 --threads 2; exits 0
sed 1,4d out >out.rest
check "two threads give the same report" cmp first.rest out.rest
run network --hidden 16,8 'Species ~ .' @iris --validation 0.2 --seed 2; exits 0
sed 1,4d out >out.rest
check "another seed gives another one" sh -c '! cmp -s first.rest out.rest'

# ---- JSON ----
run summary iris.safetensors --json; exits 0
prints '"layers": [' '"history": [' '"metrics": {' '"train": {' '"validation": {' '"solver": {' \
  '"warnings": [' '"type": "network"' '"family": "multinomial"' '"reference_level": "setosa"' \
  '"activation": "relu"' '"parameters": 234' '"formula": "Species ~ ' '"learning_rate": 0.001'
is "rows of the history" "$(grep -c '"validation_loss"' out)" 215
is "layers" "$(grep -c '"inputs"' out)" 5
is "terms of a network with hidden layers" "$(grep -c '"terms"' out)" 0
at_least "accuracy on the training rows" "$(value accuracy)" 0.95
run summary iris.safetensors --csv; exits 0
is "the head of the epochs" "$(head -n 1 out)" 'epoch,loss,validation_loss,learning_rate'
is "rows of epochs" "$(wc -l <out | tr -d ' ')" 216

# ---- predict and evaluate ----
run predict iris.safetensors @iris; exits 0; silent
is "the head" "$(head -n 1 out)" "setosa.fit,versicolor.fit,virginica.fit"
check "probabilities add up to 1" awk -F, 'NR > 1 { s = $1 + $2 + $3 - 1
  if (s * s > 1e-24) exit 1 }' out
run predict iris.safetensors @iris --type class; exits 0
is "the first flower" "$(sed -n 2p out)" setosa
printf 'Sepal.Length,Sepal.Width,Petal.Length,Petal.Width\n5,3.4,1.5,NA\n' >new.csv
run predict iris.safetensors new.csv --type class; exits 0
is "a row with a missing value" "$(sed -n 2p out)" NA
run evaluate iris.safetensors @iris --json; exits 0; silent
at_least "accuracy on all rows" "$(value accuracy)" 0.95
run evaluate iris.safetensors @iris; exits 0
prints 'predicting the likeliest level' 'Balanced accuracy'

# ---- other responses ----
run network --hidden 8 --activation tanh 'mpg ~ wt + hp' @mtcars --epochs 500 --learning-rate 0.01 \
  --seed 3 -o mpg.safetensors --json
exits 0; silent
prints '"family": "gaussian"' '"validation": null' '"accuracy": null'
at_least "R-squared of a numeric response" "$(value r_squared)" 0.85
r_squared=$(value r_squared)
run evaluate mpg.safetensors @mtcars --json; exits 0
close "R-squared of evaluate" "$(value r_squared)" "$r_squared" 1e-9
run network --hidden 4 --family poisson 'breaks ~ wool*tension' @warpbreaks --epochs 200 \
  --learning-rate 0.01 -o breaks.safetensors
exits 0; silent; prints 'RMSE' 'Family: poisson, link log' 'Loss (half the deviance)'
run predict breaks.safetensors @warpbreaks; exits 0
check "means of counts are above 0" awk 'NR > 1 && $1 <= 0 { exit 1 }' out
printf 'a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n' >xor.csv
run network --hidden 4 --activation tanh --family binomial 'y ~ a + b' xor.csv --solver lbfgs \
  --l2 0.0001 --seed 1 -o xor.safetensors
exits 0; silent; prints 'modelling P(y = 1)'
run predict xor.safetensors xor.csv --type class; exits 0
is "xor" "$(tr '\n' ' ' <out)" 'fit 0 1 1 0 '
run evaluate xor.safetensors xor.csv --json; exits 0
close "accuracy of xor" "$(value accuracy)" 1 0

# ---- no hidden layer: the regressions ----
run linear 'mpg ~ wt + hp' @mtcars --csv; linear=$(estimate wt)
run network 'mpg ~ wt + hp' @mtcars --csv; exits 0; silent
close "linear: wt" "$(estimate wt)" "$linear" 1e-8
run network 'mpg ~ wt + hp' @mtcars --json; exits 0
prints '"terms": [' '"layers": [' '"term": "wt"'
run network 'mpg ~ wt + hp' @mtcars; exits 0; prints 'Coefficients:' 'Estimate'
run logistic 'low ~ age + lwt' @birthwt --csv; logistic=$(estimate lwt)
run network --family binomial 'low ~ age + lwt' @birthwt --csv; exits 0
close "logistic: lwt" "$(estimate lwt)" "$logistic" 1e-8
run glm --family poisson 'breaks ~ wool + tension' @warpbreaks --csv; poisson=$(estimate woolB)
run network --family poisson 'breaks ~ wool + tension' @warpbreaks --csv --solver lbfgs; exits 0
close "poisson: woolB" "$(estimate woolB)" "$poisson" 1e-8

# ---- validation, patience, start, trace ----
run network --hidden 8 'mpg ~ wt + hp' @mtcars --validation 0.25 --patience 5 --epochs 5000 \
  --learning-rate 0.05 --json
exits 0; prints '"stop": "the validation loss no longer falls"'
epochs=$(value epochs) best=$(value best_epoch)
is "epochs after the best one" $((epochs - best)) 5
head -n 25 "$source/data/mtcars.csv" >train.csv
{ head -n 1 "$source/data/mtcars.csv"; tail -n +26 "$source/data/mtcars.csv"; } >held.csv
run network --hidden 8 'mpg ~ wt + hp' train.csv --validation held.csv --json; exits 0
is "rows held out" "$(sed -n '/"validation": {/,$s/^ *"nobs": \([0-9]*\),/\1/p' out | head -n 1)" 8
run linear 'mpg ~ wt + hp' @mtcars -o linear.safetensors; exits 0
run network --hidden 8 --skip 'mpg ~ wt + hp' @mtcars --start linear.safetensors --trace trace.csv \
  --epochs 3
exits 0; prints 'skip'
is "the head of the trace" "$(head -n 1 trace.csv | cut -d, -f1-9)" \
  'iteration,loss,gradient_norm,step,certificate,validation_loss,hidden1.weight.norm,hidden1.weight.gradient_norm,hidden1.weight.update_ratio'
run network 'mpg ~ wt + hp' @mtcars --start linear.safetensors --trace line.csv; exits 0
close "the loss at the start is the regression's" "$(sed -n 2p trace.csv | cut -d, -f2)" \
  "$(sed -n 2p line.csv | cut -d, -f2)" 1e-12
run network --hidden 8 'mpg ~ wt' @mtcars --start linear.safetensors; refuses 1 'the regression to start from'
run network --hidden 8 'mpg ~ wt' @mtcars --start mpg.safetensors; refuses 2 'no regression to start from'
run network --hidden 8 'mpg ~ wt + hp' @mtcars --precision float32 --solve-output --epochs 20; exits 0
run network --hidden 8 'Species ~ .' @iris --dropout 0.2 --normalisation batch --class-weights --l1 0.001 \
  --rule momentum --learning-rate 0.05 --schedule cosine --epochs 30
exits 0; prints 'dropout' 'batch'
run network --hidden 8,8 --residual --initialiser orthogonal 'Species ~ .' @iris --epochs 5
exits 0; prints 'residual'
printf '{"layers": [{"type": "dense", "units": 5}, {"type": "activation", "activation": "tanh"},
  {"type": "dense", "name": "output"}]}' >net.json
run network --architecture net.json 'Species ~ .' @iris --epochs 5; exits 0
prints 'tanh' 'in all'

# ---- interrupt: the best so far is kept ----
if env --default-signal=INT true 2>/dev/null; then
  env --default-signal=INT "$gradus" network --hidden 4 'mpg ~ wt + hp' @mtcars --epochs 100000000 \
    -o stopped.safetensors >out 2>err </dev/null &
  process=$!
  sleep 0.5
  kill -INT $process
  wait $process
  status=$? what="an interrupt"
  exits 3; says 'interrupted after'; prints 'Train'
  run predict stopped.safetensors @mtcars; exits 0
  # One epoch takes seconds: it is not waited for.
  env --default-signal=INT "$gradus" network --hidden 1500,1500 'Species ~ .' @iris --batch-size 1 \
    --threads 1 >out 2>err </dev/null &
  process=$!
  sleep 0.4
  kill -INT $process
  wait $process
  status=$? what="an interrupt within an epoch"
  exits 3; says 'interrupted after 0 epochs'; prints 'Train'
fi

# ---- checkpoint and resume ----
common="--hidden 6 --seed 4 --learning-rate 0.01"
run network $common 'mpg ~ wt + hp' @mtcars --epochs 40 --csv; exits 0; tail -n 1 out >whole
run network $common 'mpg ~ wt + hp' @mtcars --epochs 15 --checkpoint point --csv; exits 0
run network $common 'mpg ~ wt + hp' @mtcars --epochs 40 --checkpoint point --resume --csv; exits 0
tail -n 1 out >resumed
check "a training that was resumed ends as one that never stopped" cmp whole resumed
cp point point.kept
run network --hidden 7 'mpg ~ wt + hp' @mtcars --checkpoint point --resume; refuses 1 point
check "a checkpoint that does not fit is not overwritten" cmp point point.kept

# ---- bad input ----
for widths in '64,,32' '64,' ',64' '0' '64,x' '-3' '1.5' '64 32' ''; do
  run network --hidden "$widths" 'mpg ~ wt' @mtcars; refuses 2 'option --hidden'
done
run network --hidden 4 --activation sinus 'mpg ~ wt' @mtcars; refuses 2 '"sinus" is none of'
run network --hidden 4 --normalisation group 'mpg ~ wt' @mtcars; refuses 2 '"group" is none of'
run network --hidden 4 --initialiser best 'mpg ~ wt' @mtcars; refuses 2 '"best" is none of'
run network --hidden 4 --precision float16 'mpg ~ wt' @mtcars; refuses 2 '"float16" is none of'
run network --hidden 4 --family cauchy 'mpg ~ wt' @mtcars; refuses 2 '"cauchy" is none of'
run network --hidden 4 --dropout 1 'mpg ~ wt' @mtcars; refuses 2 'option --dropout'
run network --hidden 4 --validation 1.5 'mpg ~ wt' @mtcars; refuses 2 'option --validation'
run network --hidden 4 --validation nowhere.csv 'mpg ~ wt' @mtcars; refuses 1 'nowhere.csv'
run network --hidden 4 --patience 3 'mpg ~ wt' @mtcars; refuses 2 '--patience goes with --validation'
run network --hidden 4 --resume 'mpg ~ wt' @mtcars; refuses 2 '--resume goes with --checkpoint'
run network --hidden 4 --solver irls 'mpg ~ wt' @mtcars; refuses 2 '"irls" is none of'
run network --hidden 4 --solver lbfgs --batch-size 8 'mpg ~ wt' @mtcars; refuses 2 '--batch-size goes with'
run network --hidden 4 --architecture net.json 'mpg ~ wt' @mtcars; refuses 2 'takes the place of'
run network --architecture nowhere.json 'mpg ~ wt' @mtcars; refuses 1 'nowhere.json'
echo '{"layers": [' >torn.json
run network --architecture torn.json 'mpg ~ wt' @mtcars; refuses 2 'JSON'
echo '{"layers": [{"type": "convolute"}]}' >unknown.json
run network --architecture unknown.json 'mpg ~ wt' @mtcars; refuses 2 'convolute'
run network --hidden 4 --family binomial 'mpg ~ wt' @mtcars; refuses 1 'row 1' 'the response is 21'
run network --hidden 4 --family poisson 'I(0 - mpg) ~ wt' @mtcars; refuses 1 'row 1'
run network --hidden 4 --family multinomial 'digit ~ .' @digits; refuses 1 'of numbers factor() makes one'
run network --hidden 4 'weight ~ wt' @mtcars; refuses 1 'weight'
run network --hidden 4 'mpg ~ wt' nowhere.csv; refuses 1 'nowhere.csv'
run network --hidden 4 'mpg ~ wt' @mtcars --learning-rate 1e300 --rule plain; exits 3
says 'gradus: error: the training ended in epoch 1, batch 2'
run help network; exits 0
prints '--hidden=64,32' '--architecture' '--patience' 'Ctrl-C'
finish
