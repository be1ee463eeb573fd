#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Solvers, penalties, starts and traces at the command line. Ridge numbers: exact minimisers in
# tests/data/oracles/ridge_glm.csv; the others are R's.
. "${srcdir:-.}/tests/shell.sh"

# ---- every solver, the same numbers ----
for solver in auto irls newton levenberg-marquardt lbfgs gradient-descent; do
  run logistic 'low ~ age + lwt + smoke' @birthwt --csv --solver $solver; exits 0; silent
  close "age by $solver" "$(estimate age)" -0.03899458274348228 1e-11
  close "standard error of lwt by $solver" "$(estimate lwt 3)" 0.006134863920525158 1e-11
done
for solver in auto newton levenberg-marquardt lbfgs gradient-descent; do
  run linear 'mpg ~ wt + hp' @mtcars --csv --solver $solver; exits 0; silent
  case $solver in gradient-descent | levenberg-marquardt) within=1e-10 ;; *) within=1e-12 ;; esac
  close "wt by $solver" "$(estimate wt)" -3.877830742404680731 $within
  close "standard error of hp by $solver" "$(estimate hp 3)" 0.0090297096758557207 1e-12
done
formula='low ~ age + lwt + race + smoke + ptl + ht + ui + ftv'
for solver in auto newton levenberg-marquardt lbfgs gradient-descent; do
  run logistic "$formula" @birthwt --levels race=white,black,other --csv --solver $solver --l2 0.2397; exits 0; silent
  close "penalised age by $solver" "$(estimate age)" -0.03707783523578308022546 1e-11
  check "a penalised estimate has no standard error" test -z "$(estimate age 3)"
done
run logistic "$formula" @birthwt --l2 0.2397; exits 0
prints "No standard errors: the estimates are penalised (l2 = 0.2397)"
run linear 'mpg ~ wt' @mtcars --l2 0.5 --l2-bias --csv; exits 0
estimate '(Intercept)' >closed
run linear 'mpg ~ wt' @mtcars --l2 0.5 --l2-bias --csv --solver newton; exits 0
close "the penalised intercept" "$(estimate '(Intercept)')" "$(cat closed)" 1e-11

# ---- traces ----
for solver in irls newton levenberg-marquardt lbfgs gradient-descent; do
  run logistic 'low ~ age + lwt' @birthwt --solver $solver --trace trace.csv --csv; exits 0; silent
  check "the trace names its columns" \
    test "$(head -1 trace.csv)" = "iteration,loss,gradient_norm,step,certificate,age,lwt,(Intercept)"
  close "the last row has the estimate" "$(tail -1 trace.csv | cut -d, -f6)" "$(estimate age)" 1e-11
done
run linear 'mpg ~ wt' @mtcars --trace trace.csv --csv; exits 0; silent
check "a closed form's trace has one row" test "$(wc -l <trace.csv)" = 2
close "its loss is half the mean square" "$(tail -1 trace.csv | cut -d, -f2)" 4.348780274114742 1e-12
close "its parameters are the estimates" "$(tail -1 trace.csv | cut -d, -f6)" "$(estimate wt)" 1e-15
for options in "logistic low~age+lwt @birthwt --firth" "glm Days~Sex @quine --family negative_binomial"; do
  run $options --trace trace.csv --csv; exits 0
  check "the trace of $options has rows" test "$(wc -l <trace.csv)" -gt 3
done
run multinomial 'race ~ age' @birthwt --solver lbfgs --trace trace.csv --csv; exits 0
check "there is a gradient in every row" awk -F, '$3 == "NA" { exit 1 }' trace.csv
check "the columns are of levels" \
  test "$(head -1 trace.csv | cut -d, -f6-)" = "other:age,white:age,other:(Intercept),white:(Intercept)"
mkfifo pipe
timeout 20 cat pipe >read.csv &
run logistic 'low ~ age' @birthwt --trace pipe --csv; exits 0
wait
check "a trace goes into a pipe, which stays one" test -p pipe
check "and comes out of it" grep -q '^iteration,loss' read.csv
check "a trace leaves no temporary file" test ! -e trace.csv.part
run logistic 'low ~ age' @birthwt --trace nowhere/trace.csv; refuses 1 "nowhere/trace.csv" "trace"
echo kept >trace.csv
run logistic 'nothing ~ age' @birthwt --trace trace.csv; refuses 1 nothing
check "a fit that fails leaves an old trace alone" test "$(cat trace.csv)" = kept

# ---- when to stop ----
run logistic 'low ~ age + lwt' @birthwt --solver newton --max-iterations 1; exits 3
prints "NOT CONVERGED" "No standard errors"
run logistic 'low ~ age + lwt' @birthwt --solver newton --max-iterations 3 --tolerance 0.001; exits 0
prints "the gradient is within the tolerance"

run linear 'mpg ~ wt + hp' @mtcars --solver gradient-descent --rule adam --batch-size 8 --epochs 50
exits 3; prints "*** NOT CONVERGED after 50 iterations" "No standard errors" "1 - RSS/TSS: -11"
says "did not converge in 50 iterations" "--schedule" "--epochs" "--start"
check "what did not converge has no F test" test "$(grep -c -e F-statistic -e p-value out)" = 0
run linear 'mpg ~ wt' @mtcars --solver lbfgs --max-iterations 1 --csv; exits 3; says "raise --max-iterations"
run linear 'mpg ~ wt' @mtcars --solver gradient-descent --rule plain --learning-rate 1e9 --csv
exits 3; says "lower --learning-rate"
run logistic 'low ~ age' @birthwt --solver gradient-descent --rule adam --learning-rate 1e300 --max-iterations 20
exits 3; prints "NOT CONVERGED after" "No standard errors"
run logistic 'low ~ age' @birthwt --firth --max-iterations 1; exits 3
check "nor a word about tests" test "$(grep -c '^Tests:' out)" = 0

# ---- what is at fault ----
run linear 'mpg ~ wt' @mtcars --solver gradient-descent --learning-rate 0.1
refuses 2 "the rule auto finds its step by itself and heeds no learning rate"
run linear 'mpg ~ wt' @mtcars --solver gradient-descent --rule adam --momentum 1; refuses 2 "the momentum must be below 1, not 1"
run linear 'mpg ~ wt' @mtcars --solver irls; refuses 2 '"irls" is none of'
run glm 'mpg ~ wt' @mtcars --solver qr; refuses 2 '"qr" is none of'
run linear 'mpg ~ wt' @mtcars --rule adam; refuses 2 --rule "gradient-descent"
run linear 'mpg ~ wt' @mtcars --solver gradient-descent --rule adam --weight-decay 0.1; refuses 2 "--weight-decay goes with --rule adamw"
run linear 'mpg ~ wt' @mtcars --solver gradient-descent --rule plain --momentum 0.5; refuses 2 "--momentum goes with --rule momentum"
run linear 'mpg ~ wt' @mtcars --solver gradient-descent --rule adam --decay 0.5; refuses 2 "--decay goes with --schedule"
run linear 'mpg ~ wt' @mtcars --solver gradient-descent --rule adam --schedule cosine --period 5; refuses 2 "--period goes with --schedule step"
run linear 'mpg ~ wt' @mtcars --l2-bias; refuses 2 --l2-bias
run linear 'mpg ~ wt' @mtcars --max-iterations 2.5; refuses 2 --max-iterations
run linear 'mpg ~ wt' @mtcars --seed -1; refuses 2 --seed
run linear 'mpg ~ wt' @mtcars --tolerance -1; refuses 2 tolerance
run linear 'mpg ~ wt' @mtcars --start nothing.safetensors; refuses 1 nothing.safetensors

# ---- a model file to start from ----
has_json || {
  finish
  exit
}
run logistic 'low ~ age + lwt' @birthwt -o fit.safetensors; exits 0
ln -s target.safetensors link.safetensors
run logistic 'low ~ age + lwt' @birthwt -o link.safetensors; exits 0
check "a model file goes where a link leads" cmp target.safetensors fit.safetensors
check "and the link stays one" test -L link.safetensors
run logistic 'low ~ age + lwt' @birthwt --start fit.safetensors --solver newton --trace trace.csv; exits 0
check "a start at the solution takes two steps at most" test "$(wc -l <trace.csv)" -le 4
run logistic 'low ~ age' @birthwt --start fit.safetensors; refuses 1 "start" "2 weights"

finish
