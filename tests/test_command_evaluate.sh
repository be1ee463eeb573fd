#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command evaluate. Numbers are R 4.2.2's: glm() with epsilon = 1e-15, then table(),
# prop.test(correct = FALSE) for Wilson's interval, pROC for the area and DeLong's interval, plain
# arithmetic for losses, quantile() and cut() for bins; rates, MCC and average precision are
# scikit-learn 1.2.1's, for R's probabilities.
. "${srcdir:-.}/tests/shell.sh"
has_json || exit 77

# value NAME: the first member of that name in ./out.
value() {
  sed -n "s/^ *\"$1\": \([^,]*\),\{0,1\}\$/\1/p" out | head -n 1
}
# cell TRUTH PREDICTED: the count in the confusion matrix.
cell() {
  awk -v truth="\"$1\"," -v predicted="\"$2\"," '$1 == "\"truth\":" { t = $2 }
    $1 == "\"predicted\":" { p = $2 }
    $1 == "\"count\":" && t == truth && p == predicted { print $2 }' out
}
expect() {
  while read -r name expected; do close "$name" "$(value "$name")" "$expected" "${1:-1e-12}"; done
}
is() {
  if [ "$2" = "$3" ]; then pass; else fail "$what: $1 is $2, must be $3"; fi
}

# ---- two outcomes ----
run logistic 'low ~ age + lwt + smoke' @birthwt -o low.safetensors; exits 0
run evaluate low.safetensors @birthwt --json; exits 0; silent
prints '"family": "binomial"' '"formula": "low ~ age + lwt + smoke"' '"modelled_level": "1"' \
  '"nobs": 189,' '"dropped_rows": 0,' '"warnings": []'
is "true negatives" "$(cell 0 0)" 123; is "false positives" "$(cell 0 1)" 7
is "false negatives" "$(cell 1 0)" 53; is "true positives" "$(cell 1 1)" 6
expect <<'END'
threshold 0.5
conf_level 0.95
prevalence 0.31216931216931215
accuracy 0.68253968253968256
accuracy_conf_low 0.61310421915119717
accuracy_conf_high 0.74470265713963657
sensitivity 0.1016949152542373
specificity 0.9461538461538461
precision 0.46153846153846156
f1 0.16666666666666666
balanced_accuracy 0.5239243807040417
mcc 0.08760731540158918
log_loss 0.58962791792458913
brier 0.20265001024552484
auc 0.65312907431551503
auc_std_error 0.041768559542370236
auc_conf_low 0.57126420192635263
auc_conf_high 0.73499394670467744
average_precision 0.44287038582296645
groups 10
statistic 7.2254492920623221
df 8
p_value 0.5125153959322285
low 0.073643176790673351
high 0.17048570612696637
observed 0.052631578947368418
END
is "bins of calibration" "$(grep -c '"observed":' out)" 10
run evaluate low.safetensors @birthwt --json --threshold 0.3 --level 0.9; exits 0; silent
is "true negatives at 0.3" "$(cell 0 0)" 76; is "true positives at 0.3" "$(cell 1 1)" 40
expect <<'END'
accuracy_conf_low 0.55428752252550395
accuracy_conf_high 0.67001480710585848
sensitivity 0.6779661016949152
specificity 0.5846153846153846
precision 0.425531914893617
f1 0.5228758169934641
mcc 0.24335263594868667
auc_conf_low 0.58442590765970881
auc_conf_high 0.72183224097132115
END
run evaluate low.safetensors @birthwt; exits 0; silent
prints "glm(low ~ age + lwt + smoke), family binomial, link logit" "189 observations" \
  "0             123           7" "(95 % Wilson interval 0.613104 to 0.744703)" \
  "X-squared = 7.22545, df = 8, p-value = 0.512515" "df = 10, p-value = 0.704" "for new rows"
run evaluate low.safetensors @birthwt --threshold 0; exits 0; prints "at least 0" "Specificity                  0"

# Groups of trials count as their trials (R: the rows written out).
run glm 'cbind(ncases, ncontrols) ~ agegp' @esoph --family binomial -o counts.safetensors; exits 0
run evaluate counts.safetensors @esoph --json; exits 0; says "precision (no row is predicted 1)"
is "failures" "$(cell failure failure)" 775; is "successes" "$(cell success failure)" 200
expect <<'END'
nobs 975
auc 0.71227096774193543
brier 0.14682315309976321
log_loss 0.44535584462605082
END
printf 'p,n,x\n0.2,10,1\n0.5,8,2\n0.75,4,3\n0.6,5,4\n' >trials.csv
printf 's,f,x\n2,8,1\n4,4,2\n3,1,3\n3,2,4\n' >pairs.csv
run logistic 'p ~ x' trials.csv --weights prior:n -o trials.safetensors; exits 0
run logistic 'cbind(s, f) ~ x' pairs.csv -o pairs.safetensors; exits 0
run evaluate trials.safetensors trials.csv --weights prior:n --json; exits 0; first=$(value log_loss); is nobs "$(value nobs)" 27
run evaluate pairs.safetensors pairs.csv --json; exits 0; close "log-loss of pairs" "$(value log_loss)" "$first" 1e-14

run evaluate trials.safetensors trials.csv; refuses 1 "row 1" "--weights prior:COLUMN"
# Frequencies are repeated rows.
printf 'y,x,n\n0,1,2\n1,2,1\n0,3,1\n1,4,3\n,9,1\n' >often.csv
printf 'y,x\n0,1\n0,1\n1,2\n0,3\n1,4\n1,4\n1,4\n' >rows.csv
run logistic 'y ~ x' often.csv --weights frequency:n -o often.safetensors; exits 0
run logistic 'y ~ x' rows.csv -o rows.safetensors; exits 0
run evaluate rows.safetensors rows.csv --json; first=$(value auc_std_error)
run evaluate often.safetensors often.csv --weights frequency:n --json; exits 0; is nobs "$(value nobs)" 7
is "rows left out" "$(value dropped_rows)" 1; close "standard error of the area" "$(value auc_std_error)" "$first" 1e-14

run evaluate often.safetensors often.csv --weights frequency:m; refuses 1 '"m"'
run evaluate often.safetensors often.csv --weights analytic:n; refuses 2 analytic
run evaluate often.safetensors often.csv --weights n; refuses 2 frequency:COLUMN
printf 'y,x,n\n0,1,2\n1,2,-1\n' >minus.csv
run evaluate often.safetensors minus.csv --weights frequency:n; refuses 1 "row 2" "-1"

# ---- levels ----
run logistic 'wool ~ breaks' @warpbreaks -o wool.safetensors; exits 0
run evaluate wool.safetensors @warpbreaks --json; exits 0; prints '"modelled_level": "B"' '"truth": "A"'
# A file of one level only, and not the first: the fit's levels count.
printf 'wool,breaks\nB,30\nB,10\n,20\nB,NA\n' >one.csv
run evaluate wool.safetensors one.csv --json; exits 0
is "rows of level A" "$(cell A A)$(cell A B)" 00; is "rows left out" "$(value dropped_rows)" 2
says "undefined" "specificity" "AUC"; prints '"code": "WARNING_UNDEFINED"'
for name in specificity balanced_accuracy mcc auc auc_conf_low df p_value; do is $name "$(value $name)" null; done
run evaluate wool.safetensors one.csv --quiet; exits 0; silent; prints "Specificity                 NA"
printf 'wool,breaks\nA,30\nC,10\n' >unknown.csv
run evaluate wool.safetensors unknown.csv; refuses 1 '"C"' "row 2" '"A", "B"'
printf 'breaks\n30\n' >none.csv; run evaluate wool.safetensors none.csv; refuses 1 '"wool"'
printf 'wool,breaks\n,30\n' >empty.csv; run evaluate wool.safetensors empty.csv; refuses 1 wool
printf 'low,age,lwt,smoke\n0,30,120,0\n2,20,100,1\n' >two.csv
run evaluate low.safetensors two.csv; refuses 1 "row 2" "the response low is 2"

# ---- numbers: lm() and glm(), metrics by plain arithmetic ----
"$gradus" datasets mtcars | head -n 21 >old.csv
"$gradus" datasets mtcars | sed 2,21d >new.csv
run linear 'mpg ~ wt + factor(cyl)' old.csv -o mpg.safetensors; exits 0
run evaluate mpg.safetensors new.csv --json; exits 0; silent; is nobs "$(value nobs)" 12
expect <<'END'
rmse 3.1485669106443002
mae 2.8283807543428399
r_squared 0.64297481834725034
mean_error -2.3640264808157734
END
run evaluate mpg.safetensors new.csv; exits 0; prints "linear(mpg ~ wt + factor(cyl))" "Response mpg:" "RMSE                   3.14857"
run linear 'mpg ~ wt' @mtcars --l2 1 -o ridge.safetensors; run evaluate ridge.safetensors new.csv; exits 0
run evaluate mpg.safetensors new.csv --weights prior:carb; refuses 1 "binomial"
printf 'mpg,wt,cyl\n20,3,4\n20,4,6\n' >same.csv
run evaluate mpg.safetensors same.csv --json; exits 0; is R² "$(value r_squared)" null; says "undefined"
run linear 'cbind(mpg, disp) ~ wt' @mtcars -o both.safetensors; exits 0
run evaluate both.safetensors @mtcars --json; prints '"response": "mpg"' '"response": "disp"'
run glm 'breaks ~ wool*tension' @warpbreaks --family poisson -o breaks.safetensors; exits 0
run evaluate breaks.safetensors @warpbreaks --json; exits 0; silent; prints '"link": "log"'
expect 1e-8 <<'END'
rmse 10.314598707756769
mae 8.32098765431987
r_squared 0.3777508564460097
END
# R: deviance(fit), fit$null.deviance
expect 1e-10 <<'END'
deviance 182.30513128584676
mean_deviance 3.376020949737903
null_deviance 297.37221180460534
d_squared 0.38694631156177373
END
run evaluate breaks.safetensors @warpbreaks; exits 0; prints "D-squared             0.386946"
printf 'breaks,wool,tension\n2.5,A,L\n3,B,M\n' >odd.csv
run evaluate breaks.safetensors odd.csv --json; exits 0; says "row 1" "2.5" poisson; is deviance "$(value deviance)" null
is nobs "$(value nobs)" 2
run evaluate mpg.safetensors new.csv --json; is "deviance of a linear model" "$(value deviance)" ""

# ---- the command line ----
"$gradus" evaluate low.safetensors - <two.csv >out 2>err; status=$?; what="evaluate -"; refuses 1 "standard input"
run evaluate low.safetensors; refuses 2 '"evaluate" needs MODEL FILE'
run multinomial 'race ~ age + smoke' @birthwt -o race.safetensors --csv; exits 0
run evaluate race.safetensors @birthwt; exits 0
says 'precision of "black" (it is never predicted)'
run evaluate race.safetensors @birthwt --threshold 0.3; refuses 2 --threshold "the likeliest"
run predict race.safetensors @birthwt --type class --threshold 0.3; refuses 2 --threshold "the likeliest"
run predict low.safetensors @birthwt --threshold 0.3; refuses 2 "--threshold goes with --type class"
run linear 'bwt ~ age' @birthwt -o bwt.safetensors --csv; exits 0
run evaluate bwt.safetensors @birthwt --threshold 0.3; refuses 2 --threshold "is a number"
printf 'low,age,lwt,smoke\n1,20,100,0\n' >one.csv
run evaluate low.safetensors one.csv; exits 0; prints "1 observation"
check "one row is one observation" test "$(grep -c observations out)" = 0
run evaluate low.safetensors @birthwt --threshold 1.5; refuses 2 "--threshold" "1.5"
run evaluate low.safetensors @birthwt --level 95; refuses 2 "--level" "95"
run evaluate nowhere @birthwt; refuses 1 nowhere
run help evaluate; exits 0; prints "--threshold" "--json" "--level" "Hosmer"
run glm 'breaks ~ wool*tension' @warpbreaks --family poisson --max-iterations 1 -o no.safetensors; exits 3
run evaluate no.safetensors @warpbreaks; exits 0; says "did not converge"

finish
