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

# ---- the fitted rows: sandwich's vcovHC, influence.glm and its kin ----
run glm 'Volume ~ Girth + Height' @trees --family gamma --robust HC3 --csv; exits 0; silent
close "HC3 error" "$(estimate Girth 3)" 0.00087564031009153818 1e-10
run logistic 'low ~ age + lwt + smoke' @birthwt --robust HC0 --augment rows.csv; exits 0; silent
prints "Standard errors: HC0, heteroscedasticity-consistent (White 1980)" "z value"
check "observation rows have their heads" grep -qx \
  row,hat,fitted,resid,std_resid,student_resid,cooksd,dffits,pearson_resid,working_resid rows.csv
close "dffits of row 1" "$(sed -n 2p rows.csv | cut -d, -f8)" -0.094623059407709403 1e-10
check "one line per row" test "$(wc -l <rows.csv)" -eq 190
run glm 'cbind(ncases, ncontrols) ~ agegp' @esoph --family binomial --robust HC2 --augment rows.csv; exits 0
run logistic 'low ~ age' @birthwt --max-iterations 1 --robust HC1 --augment none.csv; exits 3
says "no observation rows"; check "and none are" test ! -e none.csv

# ---- ratios: exp(cbind(coef(fit), confint.default(fit))) ----
run logistic 'low ~ age + lwt + smoke' @birthwt --exponentiate --csv; exits 0; silent
close "odds ratio" "$(estimate smoke)" 1.955730421401733 1e-12
close "its lower bound" "$(estimate smoke 6)" 1.032574320227700 1e-12
close "its upper bound" "$(estimate smoke 7)" 3.704219063236778 1e-12
close "the standard error stays" "$(estimate lwt 3)" 0.006134863920525158 1e-12
run logistic 'low ~ age' @birthwt --exponentiate; exits 0; prints "odds ratio" "(Wald)"
run logistic 'low ~ age' @birthwt --exponentiate --link probit -o none.safetensors
refuses 2 "--exponentiate" "probit" "logit, log or cloglog"; check "nothing is written" test ! -e none.safetensors
run linear 'mpg ~ wt' @mtcars --exponentiate; refuses 2 "--exponentiate"

# ---- what is at fault ----
run logistic 'Species ~ .' @iris; refuses 1 Species "3 levels"
run linear 'wool ~ breaks' @warpbreaks; refuses 1 "gradus logistic"
run glm 'low ~ age' @birthwt --family beta; refuses 2 '"beta" is none of'
run glm 'low ~ age' @birthwt --family poisson --link logit; refuses 2 logit "log, identity, sqrt"
run logistic 'low ~ age' @birthwt --link inverse; refuses 2 '"inverse" is none of'
run logistic 'low ~ age' @birthwt --max-iterations 0; refuses 2 max-iterations
run logistic 'low ~ age' @birthwt --l2 -1; refuses 2 '--l2'
run logistic 'low ~ age' @birthwt --l2 1 --solver irls; refuses 1 'penalty'
run logistic 'low ~' @birthwt; refuses 2 formula
run logistic 'bwt ~ age' @birthwt; refuses 1 "row 1" 2523

# ---- no answer that stands: exit status 3 ----
run glm 'breaks ~ wool*tension' @warpbreaks --family poisson --max-iterations 1; exits 3
says "did not converge in 1 iteration (the maximum number of iterations)"; prints "*** NOT CONVERGED after 1 iteration" "No standard errors"
run glm 'breaks ~ wool*tension' @warpbreaks --family poisson --max-iterations 1 --csv; exits 3
check "what did not converge has no standard error" test -z "$(estimate woolB 3)"
printf 'y,x\n0,1\n0,2\n1,3\n1,4\n' >separated.csv
run logistic 'y ~ x' separated.csv; exits 3; says "separation" "infinite" "x"

for name in glm logistic; do
  run help $name; exits 0; prints "--link" "--max-iterations" "--weights" "--robust" "--augment"
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
run summary probit.safetensors --exponentiate; refuses 2 "probit"
run glm 'breaks ~ wool' @warpbreaks --family poisson --exponentiate --json -o rates.safetensors; exits 0
prints '"exponentiated": true'; cp out fit.json
run summary rates.safetensors --exponentiate --json; check "a summary has the same rates" cmp out fit.json
run summary rates.safetensors --json; prints '"exponentiated": false' '"r_squared_mcfadden": 0.0'
run predict probit.safetensors new.csv --type class; exits 0; silent
check "classes of numbers" test "$(tr '\n' ' ' <out)" = "fit 0 0 NA "
run predict probit.safetensors new.csv --type class --threshold 0.2; exits 0
check "classes at another threshold" test "$(tr '\n' ' ' <out)" = "fit 1 0 NA "
run predict probit.safetensors new.csv --type class --threshold 2; refuses 2 "--threshold" "2"
run predict probit.safetensors new.csv --type class --se; refuses 2 "standard error"
run logistic 'low ~ age + lwt' @birthwt -o two.safetensors --csv; exits 0
run predict two.safetensors @birthwt --type terms --se; exits 0
check "as many terms as classes are still terms" \
  test "$(head -n 1 out)" = "constant,age.fit,lwt.fit,age.std_error,lwt.std_error"
run predict probit.safetensors new.csv --type terms; exits 0; prints "constant,age.fit,lwt.fit,smoke.fit" "NA"
run logistic 'wool ~ breaks' @warpbreaks -o wool.safetensors; exits 0
printf 'breaks\n20\nNA\n70\n' >breaks.csv
run predict wool.safetensors breaks.csv --type class; exits 0; silent
check "classes are levels" test "$(tr '\n' ' ' <out)" = "fit B NA A "
# R: predict(lm(mpg ~ wt + factor(cyl) + poly(hp, 2), mtcars), type = "terms", se.fit = TRUE)
run linear 'mpg ~ wt + factor(cyl) + poly(hp, 2)' @mtcars -o cars.safetensors; exits 0
run predict cars.safetensors @mtcars --type terms --se; exits 0; silent
prints 'constant,wt.fit,factor(cyl).fit,"poly(hp, 2).fit",wt.std_error,factor(cyl).std_error,"poly(hp, 2).std_error"'
close "the constant" "$(field 2 1)" 20.090624999999992 1e-12
close "the term wt in row 1" "$(field 2 2)" 1.7416737220294547 1e-11
close "its standard error" "$(field 2 5)" 0.42766654453155245 1e-11
run predict cars.safetensors @mtcars --type class; refuses 1 "linear model"
run glm 'breaks ~ wool' @warpbreaks --family poisson --max-iterations 1 -o no.safetensors; exits 3
run summary no.safetensors; exits 3; prints "*** NOT CONVERGED"
run predict no.safetensors @warpbreaks; exits 0; says "did not converge"

finish
