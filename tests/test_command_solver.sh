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

# ---- what is at fault ----
run linear 'mpg ~ wt' @mtcars --solver irls; refuses 2 '"irls" is none of'
run glm 'mpg ~ wt' @mtcars --solver qr; refuses 2 '"qr" is none of'
run linear 'mpg ~ wt' @mtcars --rule adam; refuses 2 --rule "gradient-descent"
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
run logistic 'low ~ age + lwt' @birthwt --start fit.safetensors --solver newton --trace trace.csv; exits 0
check "a start at the solution takes two steps at most" test "$(wc -l <trace.csv)" -le 4
run logistic 'low ~ age' @birthwt --start fit.safetensors; refuses 1 "start" "2 weights"

finish
