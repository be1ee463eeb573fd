#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command multinomial, and predict and evaluate of its models. Numbers are those of R 4.2.2's
# nnet (tests/r/multinomial.R, tests/data/oracles), metrics plain arithmetic with its probabilities.
. "${srcdir:-.}/tests/shell.sh"
has_json || exit 77

# term RESPONSE TERM FIELD: from ./out, a CSV of term rows; field 3 is the estimate.
term() {
  awk -F, -v response="$1" -v term="$2" -v field="$3" '$1 == response && $2 == term { print $field }' out
}
# value NAME: the first member of that name in ./out.
value() {
  sed -n "s/^ *\"$1\": \([^,]*\),\{0,1\}\$/\1/p" out | head -n 1
}
is() {
  if [ "$2" = "$3" ]; then pass; else fail "$what: $1 is $2, must be $3"; fi
}

# ---- the report ----
run multinomial 'Sat ~ Infl + Type + Cont' @housing --weights frequency:Freq \
  --levels Sat=Low,Medium,High --levels Infl=Low,Medium,High \
  --levels Type=Tower,Apartment,Atrium,Terrace --levels Cont=Low,High -o housing.safetensors
exits 0; silent
prints 'modelling P(Sat = level); reference level: Low' 'Level Medium against Low:' \
  'Level High against Low:' 'Estimate Std. Error z value Pr(>|z|)' \
  'InflHigh        0.6649     0.1863   3.568 0.000359 ***' 'Residual Deviance: 3470.084' \
  'AIC: 3498.084' '(df=14)' 'Pseudo R-squared: McFadden 0.049,' 'Weights: frequency' "Newton's method"
cp out first
run summary housing.safetensors; exits 0
sed 1,4d first >first.rest; sed 1,4d out >out.rest
check "the summary of the model file is the fit's report" cmp first.rest out.rest
run summary housing.safetensors --csv; exits 0
prints 'response,term,estimate,std_error,statistic,p_value,conf_low,conf_high'
close "Medium InflHigh" "$(term Medium InflHigh 3)" 0.66493532771143686 1e-11
close "its error" "$(term Medium InflHigh 4)" 0.18633752484163049 1e-10
close "High ContHigh" "$(term High ContHigh 3)" 0.48182700262211856 1e-11
run summary housing.safetensors --json; exits 0
prints '"type": "multinomial"' '"reference_level": "Low"' '"response": "Medium"' '"response": "High"'
close "AIC" "$(value aic)" 3498.083866341122 1e-12
is "the number of term rows" "$(grep -c '"term"' out)" 14
check "the covariance in the file is that of all coefficients" \
  grep -q '"covariance":{"dtype":"F64","shape":\[14,14\]' housing.safetensors

# ---- predictions ----
run multinomial 'race ~ age + lwt + smoke' @birthwt -o race.safetensors; exits 0; silent
run predict race.safetensors @birthwt --se; exits 0; silent
is "the head" "$(head -n 1 out)" \
  "black.fit,other.fit,white.fit,black.std_error,other.std_error,white.std_error"
births=$source/tests/data/multinomial/births.csv
column=0
for level in black other white; do
  column=$((column + 1))
  for row in 1 50 100; do
    for quantity in probability probability_se; do
      field=$column
      [ "$quantity" = probability_se ] && field=$((column + 3))
      close "$quantity of $level in row $row" \
        "$(sed -n "$((row + 1))p" out | cut -d, -f$field)" \
        "$(sed -n "s/^$quantity,$row,$level,//p" "$births")" 1e-10
    done
  done
done
run predict race.safetensors @birthwt --type link; exits 0
is "the head" "$(head -n 1 out)" "other.fit,white.fit"
run predict race.safetensors @birthwt --type class; exits 0
is "the head" "$(head -n 1 out)" fit
is "predicted white" "$(grep -c '^white$' out)" 107
is "predicted black" "$(grep -c '^black$' out)" 7
printf 'age,lwt,smoke\n19,182,0\n,130,1\n' >new.csv
run predict race.safetensors new.csv --type class; exits 0
is "a row with a missing value" "$(sed -n 3p out)" NA
run predict race.safetensors new.csv; exits 0
is "a row with a missing value" "$(sed -n 3p out)" NA,NA,NA
run predict race.safetensors new.csv --type terms; refuses 1 "terms"
run predict race.safetensors new.csv --interval prediction; refuses 1 "prediction intervals"

# ---- evaluate ----
run evaluate race.safetensors @birthwt --json; exits 0; silent
while read -r name expected; do close "$name" "$(value "$name")" "$expected" 1e-12; done <<'END'
nobs 189
accuracy 0.661375661375661
accuracy_conf_low 0.591290677659871
accuracy_conf_high 0.725031343408837
balanced_accuracy 0.549902729940043
log_loss 0.84528552290979
precision 0.714285714285714
recall 0.192307692307692
f1 0.303030303030303
END
close brier "$(value brier)" "$(sed -n 's/^brier,,,//p' "$births")" 1e-12
prints '"level": "white"' '"average": "macro"' '"average": "weighted"'
is "cells of the confusion matrix" "$(grep -c '"truth"' out)" 9
run evaluate race.safetensors @birthwt; exits 0
prints 'other                      0             46             21' \
  'macro mean       0.673069    0.549903    0.559994         189' \
  'micro mean       0.661376    0.661376    0.661376         189' \
  'weighted mean     0.66697    0.661376    0.641679         189'
sed 's/white/martian/' "$source/data/birthwt.csv" >martian.csv
run evaluate race.safetensors martian.csv; refuses 1 martian

# ---- two classes, references, penalties, solvers ----
run multinomial 'factor(low) ~ age + lwt' @birthwt --csv; exits 0
prints 'response,term,'
multinomial=$(term 1 lwt 3)
run logistic 'low ~ age + lwt' @birthwt --csv; exits 0
close "two classes: lwt" "$multinomial" "$(estimate lwt)" 1e-12
run multinomial 'race ~ lwt' @birthwt --reference race=white; exits 0
prints 'reference level: white' 'Level black against white:'
run multinomial 'Species ~ .' @iris --l2 0.1 --csv; exits 0
close "penalised" "$(term virginica Petal.Width 3)" \
  "$(sed -n 's/^coef,virginica,Petal.Width,//p' "$source/tests/data/multinomial/iris_penalised.csv")" 1e-11
run multinomial 'Species ~ .' @iris --l2 0.1 --csv --solver lbfgs; exits 0
close "penalised, by lbfgs" "$(term virginica Petal.Width 3)" \
  "$(sed -n 's/^coef,virginica,Petal.Width,//p' "$source/tests/data/multinomial/iris_penalised.csv")" 1e-9
run multinomial 'race ~ lwt' @birthwt --trace trace.csv; exits 0
is "the head of the trace" "$(head -n 1 trace.csv)" \
  'iteration,loss,gradient_norm,step,certificate,other:lwt,white:lwt,other:(Intercept),white:(Intercept)'

run multinomial 'race ~ smoke' @birthwt --exponentiate; exits 0; prints 'Odds ratio, exp(Estimate)'
run multinomial 'race ~ smoke' @birthwt --exponentiate --csv; exits 0
close "an odds ratio: 12 of 55 others smoke, 10 of 16 blacks" "$(term other smoke 3)" \
  "$(awk 'BEGIN { print 12 / 55 / (10 / 16) }')" 1e-5

# ---- refusals ----
run multinomial 'low ~ age' @birthwt; refuses 1 'factor(low)'
run multinomial 'race ~ age + offset(lwt)' @birthwt; refuses 1 offset
run multinomial 'race ~ age' @birthwt --weights analytic:lwt; refuses 1 analytic
run multinomial 'race ~ age' @birthwt --solver irls; refuses 2 solver
run multinomial 'race ~ age + lwt' @birthwt --max-iterations 2; exits 3
says 'did not converge'; prints 'NOT CONVERGED' 'No standard errors'
run multinomial 'race ~ age + I(2*age)' @birthwt; exits 0
says '2*age'; prints '1 not defined because of singularities'
run help multinomial; exits 0; prints 'softmax' '--l2'
finish
