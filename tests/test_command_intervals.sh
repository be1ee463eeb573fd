#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --interval-method of logistic and glm: the numbers are those of tests/data/profile.csv.
. "${srcdir:-.}/tests/shell.sh"

run logistic 'low ~ age + lwt + smoke' @birthwt --csv --interval-method profile; exits 0; silent
close "low limit of smoke" "$(estimate smoke 6)" 0.03267609327000468 1e-9
close "high limit of age" "$(estimate age 7)" 0.02378538600210967 1e-9
close "the test is still Wald's" "$(estimate smoke 4)" 2.058329156563310 1e-12
run logistic 'low ~ age + lwt + smoke' @birthwt --csv --interval-method lr; exits 0; silent
close "likelihood ratio of smoke" "$(estimate smoke 4)" 4.24403546161752843 1e-10
close "its p-value" "$(estimate smoke 5)" 0.0393884378670747 1e-10
run logistic 'low ~ age + lwt + smoke' @birthwt --interval-method lr; exits 0
prints "LR Chisq" "Pr(>Chisq)" "Tests: likelihood ratio, chi-square with 1 df" "Confidence intervals (profile likelihood):"
run glm 'Volume ~ Girth' @trees --family gamma --interval-method lr; exits 0; prints "LR F" "F with 1 and residual df"
run logistic 'low ~ age' @birthwt --interval-method wald --intervals; exits 0; prints "Confidence intervals (Wald):"
run logistic 'low ~ age' @birthwt --interval-method profile --exponentiate; exits 0
prints "Odds ratio, exp(Estimate), with confidence intervals (profile likelihood):"
run logistic 'low ~ age' @birthwt --firth --exponentiate; exits 0
prints "Odds ratio, exp(Estimate), with confidence intervals (profile penalised likelihood):"
run logistic 'low ~ age' @birthwt --interval-method lr --robust HC1; refuses 2 --robust "--interval-method wald"
run logistic 'low ~ age' @birthwt --interval-method lr --l2 0.1; refuses 1 "this one is penalised"
run logistic 'low ~ age' @birthwt --interval-method exact; refuses 2 '"exact" is none of'
run glm 'breaks ~ wool' @warpbreaks --family poisson --max-iterations 1 --interval-method lr; exits 3
says "did not converge"
run logistic 'y ~ x + z' "$source/tests/data/separated/tie.csv" --csv --interval-method lr; exits 3
check "an infinite estimate has a limit on one side" test "$(estimate x 7)" = Inf
close "and one on the other" "$(estimate x 6)" 0.74684211480771467 1e-8

has_json || {
  finish
  exit
}
run glm 'breaks ~ wool' @warpbreaks --family poisson --interval-method lr --level 0.99 --json -o m.safetensors
exits 0; prints '"interval_method": "lr"'
cp out fit.json
run summary m.safetensors --level 0.99 --json; exits 0; check "a summary has every digit" cmp out fit.json
run summary m.safetensors; exits 0; prints "0.5 %" "99.5 %"
run summary m.safetensors --json; exits 0; check "without --level too" cmp out fit.json
run summary m.safetensors --level 0.9; exits 2; says "are of level 0.99"

finish
