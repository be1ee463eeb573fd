#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Separated responses through the command: the numbers are those of tests/data/separated.
. "${srcdir:-.}/tests/shell.sh"
data=$source/tests/data/separated

value() { # CASE TERM FIELD, from the end: of the expected values, with the link logit
  awk -F, -v c="$1" -v t="$2" -v f="$3" '$1 == c && $2 == "logit" && $(NF - 5) == t { print $(NF - f) }' \
    "$data/expected.csv"
}

run logistic 'y ~ x + z' "$data/tie.csv" --csv; exits 3
says "gradus: error: quasi-complete separation" "(Intercept) (-Inf), x (+Inf)"
check "the intercept is -Inf, without errors" grep -qx '(Intercept),-Inf,,,,,' out
check "x is Inf, without errors" grep -qx 'x,Inf,,,,,' out
close "z" "$(estimate z)" "$(value tie z 4)" 1e-11
close "standard error of z" "$(estimate z 3)" "$(value tie z 3)" 1e-11
run logistic 'y ~ x + z' "$data/tie.csv" --quiet; exits 3; says "gradus: error: quasi-complete"
prints "*** SEPARATED" "-Inf" "Residual deviance: 18.973  on 17  degrees of freedom"
run glm 'cbind(s, m) ~ g + x' "$data/grouped.csv" --family binomial --csv; exits 3
close "x, grouped" "$(estimate x)" "$(value grouped x 4)" 1e-11
run glm 'y ~ f + x' "$data/level.csv" --family quasibinomial --csv; exits 3
close "x, quasibinomial" "$(estimate x)" "$(value level x 4)" 1e-11
printf 'y,x\n1,1\n1,2\n1,4\n' >ones.csv
run logistic 'y ~ x' ones.csv; exits 3; says "every response is 1" "x (undetermined)"
prints "NaN: the likelihood determines neither" "Residual deviance:"

# ---- several classes: setosa is apart, the other two are a logistic regression ----
classes=$source/tests/data/separated_classes
class_value() { # CASE LEVEL TERM FIELD, from the end
  awk -F, -v c="$1" -v l="$2" -v t="$3" -v f="$4" \
    '$1 == c && $(NF - 5) == l && $(NF - 4) == t { print $(NF - f) }' "$classes/expected.csv"
}
class_estimate() { awk -F, -v l="$1" -v t="$2" -v f="$3" '$1 == l && $2 == t { print $f }' out; }
run multinomial 'Species ~ Petal.Length' @iris; exits 3
says "gradus: error: quasi-complete separation" "(Intercept) (versicolor -Inf, virginica -Inf)" \
  'Petal.Length (versicolor +Inf, virginica +Inf)'
prints "*** SEPARATED" "Residual Deviance: 33.43192  on 296 degrees of freedom"
run multinomial 'y ~ length + width' "$classes/iris.csv" --csv --quiet; exits 3
says "length (b -Inf)"
check "b is apart" grep -qx 'b,length,-Inf,,,,,' out
for term in '(Intercept)' length width; do
  close "$term of c" "$(class_estimate c "$term" 3)" "$(class_value iris c "$term" 2)" 1e-11
  close "standard error" "$(class_estimate c "$term" 4)" "$(class_value iris c "$term" 1)" 1e-11
done
run multinomial 'y ~ f + x' "$classes/chain.csv"; exits 3
says "fs (b undetermined, c -Inf)" "--firth"
prints "NaN: the likelihood determines neither"
run multinomial 'y ~ f + x' "$classes/chain.csv" --l2 0.01; exits 0; silent
run multinomial 'y ~ f + x' "$classes/chain.csv" --firth --csv; exits 0; silent
firth_value() { # LEVEL TERM FIELD, from the end
  awk -F, -v l="$1" -v t="$2" -v f="$3" '$1 == "separated_classes/chain.csv" && $(NF - 5) == l &&
    $(NF - 4) == t { print $(NF - f) }' "$source/tests/data/firth_classes.csv"
}
for term in '(Intercept)' fq fs x; do
  close "$term of b" "$(class_estimate b "$term" 3)" "$(firth_value b "$term" 3)" 1e-10
  close "standard error" "$(class_estimate c "$term" 4)" "$(firth_value c "$term" 2)" 1e-11
done
run multinomial 'y ~ f + x' "$classes/chain.csv" --firth; exits 0; silent
prints "Penalised log-likelihood: -15.84497" "Estimates: Firth's bias reduction" "Tests: Wald's"
run multinomial 'y ~ f + x' "$classes/chain.csv" --firth --l2 1; exits 1; says "a penalty already"

has_json || {
  finish
  exit
}
run logistic 'y ~ x + z' "$data/tie.csv" --json -o tie.safetensors; exits 3
prints '"infinite": -1' '"infinite": 1' '"code": "WARNING_SEPARATION"'
check "only what is infinite says so" test "$(grep -c '"infinite"' out)" -eq 2
cp out fit.json
run summary tie.safetensors --json; exits 3; check "the model file has all of it" cmp out fit.json
run summary tie.safetensors; exits 3; prints "*** SEPARATED"
run predict tie.safetensors "$data/tie.csv" --se; exits 0; silent
check "separated rows have no standard error" test "$(grep -c '^[01],NA$' out)" -eq 6
printf 'x,z\n3,0\n2,0\n' >new.csv
run predict tie.safetensors new.csv --se --type link; exits 0; silent
check "what is left is finite" test "$(sed -n 2p out | grep -c -e Inf -e NA)" -eq 0
check "below, it is -Inf" grep -qx -e '-Inf,NA' out
run logistic 'y ~ x' ones.csv --json; prints '"infinite": 0'
printf 'y,x\n0,1\n0,2\n1,3\n1,4\n' >complete.csv
run logistic 'y ~ x' complete.csv -o complete.safetensors; exits 3; says "complete separation"
printf 'x\n1\n2.5\n9\n' >new.csv
run predict complete.safetensors new.csv; exits 0; says "gradus: warning: row 2" "cancel"
check "0, none, 1" test "$(tr '\n' ' ' <out)" = "fit 0 NA 1 "
run multinomial 'Species ~ Petal.Length' @iris --json -o iris.safetensors; exits 3
check "what is infinite says so" test "$(grep -c '"infinite"' out)" -eq 4
cp out fit.json
run summary iris.safetensors --json; exits 3; check "the model file has all of it" cmp out fit.json
run predict iris.safetensors @iris --se; exits 0; silent
check "setosa is certain" test "$(grep -c '^1,0,0,NA,NA,NA$' out)" -eq 50
check "the others are not setosa" test "$(grep -c '^0,[^N]*,NA,[^N]*$' out)" -eq 100
run predict iris.safetensors @iris --type class; exits 0; silent
check "the class is setosa" test "$(grep -c setosa out)" -eq 50
printf 'y,x\na,1\na,2\nb,3\nb,4\n' >two.csv
run multinomial 'y ~ x' two.csv -o two.safetensors; exits 3; says "complete separation"
printf 'y,x\na,1\na,2.5\nb,9\n' >new.csv
run evaluate two.safetensors new.csv; exits 1; says "row 2: the prediction is not a number"
run multinomial 'Species ~ Petal.Length' @iris --firth --json -o firth.safetensors; exits 0
cp out fit.json; prints '"firth": true' '"penalised_log_lik": -17.768'
run summary firth.safetensors --json; exits 0; check "the model file has all of it" cmp out fit.json
run evaluate iris.safetensors @iris --json; exits 0; silent
close "log-loss" "$(sed -n 's/.*"log_loss": \(.*\),/\1/p' out)" 0.11143974082734791 1e-12

finish
