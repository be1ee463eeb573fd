#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command: JSON, model files, predictions.
. "${srcdir:-.}/tests/shell.sh"
has_json || exit 77
"$gradus" datasets mtcars >cars.csv

# ---- JSON ----
run linear 'mpg ~ wt' @mtcars --json; exits 0; silent
prints '"nobs": 32,' '"estimate": -5.3444715727226' '"converged": true' '"warnings": []'
run linear 'mpg ~ wt + I(2*wt)' @mtcars --json; exits 0
prints '"code": "WARNING_RANK_DEFICIENT"' '"estimate": null'; says "gradus: warning:"
run describe @iris --json; exits 0; prints '"level": "setosa"' '"count": 50'

# ---- models ----
run linear 'mpg ~ wt + factor(cyl)' @mtcars -o model.safetensors --json; exits 0; cp out fit.json
run summary model.safetensors; exits 0; silent; prints "linear(mpg ~ wt + factor(cyl))" "wt            -3.2056"
run summary model.safetensors --json; check "a summary has every digit of the fit" cmp out fit.json
run summary model.safetensors --csv --level 0.99; exits 0; prints "term,"
run summary nowhere; refuses 1 nowhere
run summary cars.csv; refuses 1 "this is no model file"
head -c 400 model.safetensors >short; run summary short; refuses 1 truncated
run linear 'mpg ~ wt' @mtcars -o nowhere/model; refuses 1 nowhere/model

printf 'cyl,wt\n4,2.5\n8,NA\n,3\n6,3\n' >new.csv
run predict model.safetensors new.csv; exits 0; silent
check "predictions are aligned with the rows" sh -c 'test "$(wc -l <out)" -eq 5 &&
  test "$(sed -n 3p out)" = NA && test "$(sed -n 4p out)" = NA'
# predict(lm(mpg ~ wt + factor(cyl), mtcars), data.frame(wt = 2.5, cyl = 4)) in R
close "prediction" "$(sed -n 2p out)" 25.9767608686503 1e-12
run predict model.safetensors new.csv --interval prediction --level 0.9 --se
prints "fit,std_error,conf_low,conf_high" "NA,NA,NA,NA"
run predict model.safetensors new.csv --interval confidence; prints "fit,conf_low,conf_high"
run predict model.safetensors @mtcars; exits 0
run predict model.safetensors; refuses 2 '"predict" needs MODEL FILE'
printf 'wt\n2\n' >no.csv; run predict model.safetensors no.csv; refuses 1 '"cyl"'
printf 'cyl,wt\n5,2\n' >five.csv; run predict model.safetensors five.csv; refuses 1 '"5"' "row 1" '"4", "6", "8"'
run linear 'cbind(mpg, disp) ~ wt' @mtcars -o two.safetensors; exits 0
run predict two.safetensors new.csv --se; prints "mpg.fit,disp.fit,mpg.std_error,disp.std_error"
run linear 'mpg ~ wt' @mtcars --l2 1 -o ridge.safetensors; exits 0
run predict ridge.safetensors new.csv; exits 0
run predict ridge.safetensors new.csv --se; refuses 1 "standard errors"

finish
