#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The commands logistic and glm. Numbers without another source are those of glm() in R 4.2.2 with
# epsilon = 1e-15, restarted at its own estimates until they stood still.
. "${srcdir:-.}/tests/shell.sh"

# ---- estimates ----
run logistic 'low ~ age + lwt + smoke' @birthwt --csv; exits 0; silent
close "intercept" "$(estimate '(Intercept)')" 1.36822526850730330 1e-12
close "age" "$(estimate age)" -0.03899458274348228 1e-12
close "standard error of lwt" "$(estimate lwt 3)" 0.006134863920525158 1e-12
close "z of smoke" "$(estimate smoke 4)" 2.058329156563310 1e-12
close "p of smoke" "$(estimate smoke 5)" 0.03955854716425915 1e-11
cp out logit.csv
run glm 'low ~ age + lwt + smoke' @birthwt --csv --family binomial; exits 0
check "logistic is glm with the family binomial" cmp out logit.csv
run logistic 'low ~ age + lwt + smoke' @birthwt --csv --link=probit; exits 0
close "age, probit" "$(estimate age)" -0.02440740762533369 1e-12
close "standard error of age, probit" "$(estimate age 3)" 0.019426249839266677 1e-12
for threads in 1 3; do
  run logistic 'low ~ age + lwt + smoke' @birthwt --csv --threads $threads
  check "$threads threads give the same" cmp out logit.csv
done

# ---- every family and link; a word in capitals is taken too ----
for link in default logit probit cloglog cauchit Logit; do
  run logistic 'low ~ age' @birthwt --link $link; exits 0; prints "modelling P(low = 1)"
done
for family in gaussian poisson quasipoisson Gamma inverse_gaussian; do
  run glm 'Volume ~ log(Girth)' @trees --family $family --link log
  case $family in
  poisson) refuses 1 "quasipoisson" ;;
  *) exits 0; prints "Dispersion parameter for " ;;
  esac
done
for link in inverse identity log; do
  run glm 'Volume ~ Girth' @trees --family gamma --link $link; exits 0
done
run glm 'breaks ~ wool' @warpbreaks --family poisson --link sqrt; exits 0; prints "Link: sqrt"
run glm 'Volume ~ Girth' @trees --family inverse_gaussian --link '1/mu^2'; exits 0
run glm 'mpg ~ wt' @mtcars; exits 0; prints "Dispersion parameter for gaussian family taken to be 9.277398"
run glm 'low ~ age' @birthwt --family quasibinomial; exits 0; prints "t value" "AIC: NA"


# ---- negative binomial ----
run glm 'Days ~ Eth + Sex + Age + Lrn' @quine --family negative_binomial -o quine.safetensors
exits 0; prints "Negative Binomial(1.2749)" "Theta:  1.275" "Std. Err.:  0.161" "2 x log-likelihood:  -1093.151"
run summary quine.safetensors --json; exits 0; prints '"theta": 1.27489264506228' '"theta_std_error": 0.1610356617149'
run predict quine.safetensors @quine; exits 0
run evaluate quine.safetensors @quine; exits 0
run glm 'Days ~ Eth' @quine --family negative_binomial --theta 2; exits 0; prints "Theta:  2 (given)"
run glm 'Days ~ Eth' @quine --family poisson --theta 2; refuses 2 "the family poisson has no theta"
run glm 'Days ~ Eth' @quine --family negative_binomial --theta -2; refuses 2 "theta must be above 0"
printf 'y,x\n1,1\n2,2\n2,3\n3,4\n4,5\n5,6\n' >even.csv
run glm 'y ~ x' even.csv --family negative_binomial; exits 0; prints "Theta:  Inf"; says "not more spread than Poisson"

# ---- options ----
run glm 'cbind(ncases, ncontrols) ~ agegp' @esoph --family binomial --intervals --level 0.9
exits 0; prints "modelling the proportion ncases / (ncases + ncontrols)" "95 %" "Weights: prior"
run logistic 'wool ~ breaks' @warpbreaks; exits 0; prints 'modelling P(wool = "B")'
run logistic 'wool ~ breaks' @warpbreaks --levels wool=B,A; exits 0; prints 'modelling P(wool = "A")'
run glm 'breaks ~ tension' @warpbreaks --family poisson --reference tension=M; prints tensionH tensionL
run logistic 'low ~ age + I(2*age)' @birthwt; exits 0
says "gradus: warning: " "I(2 * age) = 2*age"; prints "1 not defined because of singularities"
run logistic 'low ~ age + I(2*age)' @birthwt --quiet; exits 0; silent
run logistic 'low ~ age + I(2*age)' @birthwt --collinear error; refuses 1 "I(2 * age)"
printf 'p,n,x\n0.2,10,1\n0.5,8,2\n0.75,4,3\n0.6,5,4\n' >trials.csv
run logistic 'p ~ x' trials.csv --weights prior:n; exits 0; prints "modelling the proportion p"

run glm 'breaks ~ wool' @warpbreaks --family poisson --weights prior:breaks; exits 0
prints "Weights: prior (the variance of row i is divided by w_i)"

# ---- what is at fault ----
run logistic 'Species ~ .' @iris; refuses 1 Species "3 levels"
run linear 'wool ~ breaks' @warpbreaks; refuses 1 "gradus logistic"
run glm 'low ~ age' @birthwt --family beta; refuses 2 '"beta" is none of'
run glm 'low ~ age' @birthwt --family poisson --link logit; refuses 2 logit "log, identity, sqrt"
run logistic 'low ~ age' @birthwt --link inverse; refuses 2 '"inverse" is none of'
run logistic 'low ~ age' @birthwt --max-iterations 0; refuses 2 max-iterations
run logistic 'low ~ age' @birthwt --l2 1; refuses 2 '--l2'
run logistic 'low ~' @birthwt; refuses 2 formula
run logistic 'bwt ~ age' @birthwt; refuses 1 "row 1" 2523

# ---- no answer that stands: exit status 3 ----
run glm 'breaks ~ wool*tension' @warpbreaks --family poisson --max-iterations 1; exits 3
says "did not converge in 1 iteration (the maximum number of iterations)"; prints "*** NOT CONVERGED after 1 iteration" "No standard errors"
run glm 'breaks ~ wool*tension' @warpbreaks --family poisson --max-iterations 1 --csv; exits 3
check "what did not converge has no standard error" test -z "$(estimate woolB 3)"
printf 'y,x\n0,1\n0,2\n1,3\n1,4\n' >separated.csv
run logistic 'y ~ x' separated.csv; refuses 3 "separation" "infinite" "x"

for name in glm logistic; do
  run help $name; exits 0; prints "--link" "--max-iterations" "--weights"
done
run --help; prints "logistic" "glm" "its estimates do not exist"

# ---- model files and predictions ----
has_json || {
  finish
  exit
}
run logistic 'low ~ age + lwt + smoke' @birthwt --link probit -o probit.safetensors --json
exits 0; prints '"type": "glm"' '"family": "binomial"' '"link": "probit"' '"modelled_level": null'
cp out fit.json
run summary probit.safetensors --json; check "a summary has every digit of the fit" cmp out fit.json
run summary probit.safetensors; exits 0; prints "glm(low ~ age + lwt + smoke)" "Link: probit"
printf 'age,lwt,smoke\n20,110,1\n30,150,0\nNA,100,0\n' >new.csv
field() {
  sed -n "$1p" out | cut -d, -f"$2"
}
run predict probit.safetensors new.csv --interval confidence --se; exits 0; silent
prints "fit,std_error,conf_low,conf_high" "NA,NA,NA,NA"
close "probability" "$(field 2 1)" 0.4815492240725734 1e-12
close "its standard error" "$(field 2 2)" 0.0658602417397290 1e-12
close "its lower bound" "$(field 2 3)" 0.3556252775466595 1e-12
close "upper bound in row 2" "$(field 3 4)" 0.2705300768318962 1e-12
run predict probit.safetensors new.csv --type link --se; exits 0; silent
close "linear predictor" "$(field 2 1)" -0.0462657367738576 1e-11
close "its standard error" "$(field 3 2)" 0.1962801900776947 1e-12
run predict probit.safetensors new.csv --interval prediction; refuses 1 "prediction interval"
run glm 'breaks ~ wool' @warpbreaks --family poisson --max-iterations 1 -o no.safetensors; exits 3
run summary no.safetensors; exits 3; prints "*** NOT CONVERGED"
run predict no.safetensors @warpbreaks; exits 0; says "did not converge"

finish
