#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --firth through the command: the numbers are those of tests/data/firth.csv.
. "${srcdir:-.}/tests/shell.sh"
data=$source/tests/data/firth/endometrial.csv

run logistic 'HG ~ NV + PI + EH' "$data" --firth --csv; exits 0; silent
close "NV" "$(estimate NV)" 2.929273353197116236 1e-11
close "its standard error" "$(estimate NV 3)" 1.5507637294530480787 1e-11
close "its penalised likelihood ratio" "$(estimate NV 4)" 6.79845724866606815 1e-10
close "its low limit" "$(estimate NV 6)" 0.609724436303195061 1e-9
close "its high limit" "$(estimate NV 7)" 7.8546317138773673605 1e-9
run logistic 'HG ~ NV + PI + EH' "$data" --firth; exits 0; silent
prints "PLR Chisq" "Estimates: Firth's bias reduction" "Tests: penalised likelihood ratio"
prints "Confidence intervals (profile penalised likelihood):" "Penalised log-likelihood: -24.03727"
run logistic 'HG ~ NV + PI + EH' "$data" --firth --interval-method wald --csv; exits 0
close "Wald's statistic, if asked for" "$(estimate NV 4)" 1.888923049696466 1e-11
run logistic 'HG ~ NV + PI + EH' "$data"; exits 3; says "NV (+Inf)" "--firth"; prints "--firth"
run glm 'low ~ age' @birthwt --family binomial --firth; exits 0; prints "PLR Chisq"
run glm 'low ~ age' @birthwt --family poisson --firth; refuses 1 "binomial with the link logit"
run logistic 'low ~ age' @birthwt --link probit --firth; refuses 1 "binomial with the link logit"

has_json || {
  finish
  exit
}
run logistic 'HG ~ NV + PI + EH' "$data" --firth --json -o firth.safetensors; exits 0
prints '"firth": true' '"penalised_log_lik": -24.03726780069' '"interval_method": "lr"'
cp out fit.json
run summary firth.safetensors --json; exits 0; check "a summary has every digit" cmp out fit.json
run summary firth.safetensors; exits 0; prints "Estimates: Firth's bias reduction"
run predict firth.safetensors "$data" --se; exits 0; silent

finish
