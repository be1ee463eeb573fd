#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command: every command and option, exit statuses, streams.
. "${srcdir:-.}/tests/shell.sh"

# ---- help and version ----
run --version; exits 0; prints "gradus "; silent
run --help; exits 0; prints "Usage: gradus COMMAND" "linear" "describe"; silent
run help; exits 0; prints "Usage: gradus COMMAND"
for command in linear logistic glm multinomial predict evaluate summary datasets describe design help; do
  run help "$command"; exits 0; prints "Usage: gradus $command" "--help" "Examples:"; silent
  run "$command" --help; exits 0; prints "Usage: gradus $command"; silent
  run "$command" --nonsense; refuses 2 'unknown option "--nonsense"' "see \"gradus help $command\""
done
run; refuses 2 "no command given"
run liner; refuses 2 'unknown command "liner"; the nearest is linear'
run help glm; prints "|gamma|" "inverse_gaussian|negative_binomial" "1/mu^2 "
check "no line of help is wider than a terminal" awk '!/^  gradus/ && length > 79 { exit 1 }' out
run help; prints "  glm         FORMULA" "  multinomial FORMULA"
run help liner; refuses 2 "the nearest is linear"
run --versoin; refuses 2 "the nearest is --version"
run --man-page; exits 0; prints ".TH GRADUS 1" ".SS gradus linear" "EXIT STATUS"
run --bash-completion; exits 0; prints "complete -o default -F _gradus gradus" "cholesky"

# ---- the command line at fault ----
run linear; refuses 2 '"linear" needs FORMULA FILE'
run linear 'y ~ x'; refuses 2 '"linear" needs FORMULA FILE'
run linear 'y ~ x' a b; refuses 2 '"b" is one argument too many'
run linear --levle=2 'mpg ~ wt' @mtcars; refuses 2 'unknown option "--levle=2"' "the nearest is --level"
run linear --le=2 'mpg ~ wt' @mtcars; refuses 2 "ambiguous option"
run linear 'mpg ~ wt' @mtcars --level; refuses 2 "option --level needs a value"
run linear 'mpg ~ wt' @mtcars --json=3; refuses 2 "option --json takes no value"
run linear 'mpg ~ wt' @mtcars --json --csv; refuses 2 "exclude each other"
run linear 'mpg ~ wt' @mtcars --level x; refuses 2 'option --level: "x" is not a number'
run linear 'mpg ~ wt' @mtcars --level 1.5; exits 2; says "between 0 and 1"
run linear 'mpg ~ wt' @mtcars --threads 0; refuses 2 "option --threads: 0"
run linear 'mpg ~ wt' @mtcars --l2 -1; refuses 2 "l2"
run linear 'mpg ~ wt' @mtcars --solver magic; refuses 2 '"magic" is none of auto|cholesky|qr|svd'
run linear 'mpg ~ wt' @mtcars --robust HC9; refuses 2 "none|HC0|HC1|HC2|HC3"
run linear 'mpg ~ wt' @mtcars --weights hp; refuses 2 frequency:COLUMN analytic:COLUMN prior:COLUMN
run linear 'mpg ~ wt' @mtcars --weights heavy:hp; refuses 2 "what kind of weight"
run linear 'mpg ~ wt' @mtcars --weights analytic:; refuses 2 "what kind of weight"
run linear 'mpg ~ wt' @mtcars --levels cyl; refuses 2 'option --levels: "cyl" has not the form'
run linear 'mpg ~ wt' @mtcars --reference cyl=; refuses 2 'has not the form COLUMN=LEVEL'
run linear 'mpg ~ wt' @mtcars --separator ab; refuses 2 "is not one byte"
run linear 'mpg ~ wt +' @mtcars; refuses 2 "formula"
run linear @mtcars 'mpg ~ wt'; refuses 2 "the formula comes first, then the file"

# ---- the data at fault ----
run linear 'mpg ~ wt' nowhere.csv; refuses 1 "nowhere.csv"
run linear 'mpg ~ wt' @mtcar; refuses 1 "@mtcars"
run linear 'mpg ~ weight' @mtcars; refuses 1 'no column "weight"'
run linear 'Species ~ Sepal.Width' @iris; refuses 1 "is a factor"
run linear 'mpg ~ wt' @mtcars --levels cyl=4,6; refuses 1 "8"
run linear 'mpg ~ wt' @mtcars --reference cyl=5; refuses 1 '"5"'
run linear 'mpg ~ wt + I(2*wt)' @mtcars --collinear error; refuses 1 "I(2 * wt) = 2*wt"

# ---- linear: the main job ----
run linear 'mpg ~ wt + factor(cyl)' @mtcars
exits 0; silent
prints "Call:" "gradus linear 'mpg ~ wt + factor(cyl)' @mtcars" \
  "-4.5890 -1.2357 -0.5159  1.3845  5.7915" \
  "wt            -3.2056     0.7539  -4.252 0.000213 ***" \
  "Residual standard error: 2.557 on 28 degrees of freedom" \
  "F-statistic: 48.08 on 3 and 28 DF,  p-value: 3.594e-11"
run linear 'breaks ~ wool * tension' @warpbreaks --levels tension=L,M,H --intervals --level 0.9
exits 0; prints "woolB:tensionM   21.111      7.294   2.895 0.005698 **" "5 %" "95 %"
run linear 'Ozone ~ Wind' @airquality; exits 0; prints "(37 observations deleted due to missingness)"

"$gradus" datasets mtcars >cars.csv
run linear 'mpg ~ wt' cars.csv --csv; cp out one.csv
exits 0; prints "term,estimate,std_error,statistic,p_value,conf_low,conf_high"
close wt "$(estimate wt)" -5.3444715727226777 1e-14
close "std_error of wt" "$(estimate wt 3)" 0.55910104509932335 1e-13
"$gradus" linear 'mpg ~ wt' - --csv <cars.csv >out; check "standard input is a file" cmp out one.csv
tr ',.' ';,' <cars.csv >german.csv
run linear 'mpg ~ wt' german.csv --separator ';' --decimal , --csv
check "separator and decimal are options" cmp out one.csv
tr ',' '\t' <cars.csv >tabs.csv
run linear 'mpg ~ wt' tabs.csv --separator tab --csv; check "tab is a separator" cmp out one.csv
for threads in 1 2 3; do
  run linear 'mpg ~ wt' cars.csv --csv --threads $threads
  check "$threads threads give the same" cmp out one.csv
done
for solver in auto cholesky qr svd; do
  run linear 'mpg ~ wt' @mtcars --csv --solver $solver; exits 0
  close "wt by $solver" "$(estimate wt)" -5.3444715727226777 1e-13
done
run linear 'mpg ~ wt + I(2*wt)' @mtcars --collinear drop
exits 0; says "gradus: warning: " "I(2 * wt) = 2*wt"; prints "1 not defined because of singularities"
run linear 'mpg ~ wt + I(2*wt)' @mtcars --quiet; exits 0; silent
run linear 'mpg ~ wt' @mtcars --l2 0.5; exits 0; prints "No standard errors"
run linear 'mpg ~ wt' @mtcars --weights analytic:qsec; exits 0; prints "Weighted Residuals:" "Weights: analytic"
run linear 'mpg ~ wt' @mtcars --weights frequency:carb; exits 0; prints "Weights: frequency" "on 88 degrees of freedom"
run linear 'mpg ~ wt' @mtcars --reference cyl=6; exits 0
run linear 'mpg ~ wt + cyl' @mtcars --reference cyl=6; exits 0; prints cyl4 cyl8
# The sandwich formulas of White (1980) and of MacKinnon and White (1985), written out in R.
for pair in HC0:0.633701005725328 HC1:0.654483584439756 HC2:0.683276355290442 HC3:0.738106446236618; do
  run linear 'mpg ~ wt' @mtcars --robust "${pair%:*}" --csv; exits 0
  close "${pair%:*} of wt" "$(estimate wt 3)" "${pair#*:}" 1e-12
done
run linear 'mpg ~ wt' @mtcars --robust HC3; prints "Standard errors: HC3, heteroscedasticity-consistent"
run linear 'cbind(mpg, disp) ~ wt' @mtcars --csv; exits 0; prints "response,term," "disp,wt,"

run linear 'mpg ~ wt' @mtcars --augment rows.csv; exits 0
check "the observation rows have their names" \
  grep -qx 'row,hat,fitted,resid,std_resid,student_resid,cooksd,dffits' rows.csv
check "there is one observation row per row" test "$(wc -l <rows.csv)" -eq 33
run linear 'mpg ~ wt' @mtcars --augment nowhere/rows.csv; refuses 1 nowhere/rows.csv

# ---- data ----
run datasets; exits 0; silent; prints "@mtcars" "@longley" "@warpbreaks" "rows"
run datasets mtcars; exits 0; prints "mpg,cyl,disp"
run datasets mtcar; refuses 1 "the nearest is @mtcars"
run describe @airquality; exits 0; silent
prints "153 rows, 6 columns" "Ozone    numeric      37  1 to 168, mean 42.12931"
run describe @iris; prints "3 levels: setosa (50), versicolor (50), virginica (50)"
printf 'a,b\n1,x\nq,\n' >mixed.csv; run describe mixed.csv; exits 0; prints "mixed" "2 levels: "
run design 'mpg ~ wt + factor(cyl)' @mtcars; exits 0; silent
prints "(Intercept),wt,factor(cyl)6,factor(cyl)8" "1,2.6200000000000001,1,0"
check "the design has every row" test "$(wc -l <out)" -eq 33
run design '~ wt - 1' @mtcars; exits 0; check "no intercept, no column" test "$(head -n 1 out)" = wt
run design 'wt +' @mtcars; refuses 2 formula
run design '~ nothing' @mtcars; refuses 1 nothing

# ---- streams ----
if [ -w /dev/full ]; then
  for arguments in "datasets" "linear mpg~wt @mtcars" "design mpg~wt @mtcars" "help" "--version"; do
    # shellcheck disable=SC2086
    "$gradus" $arguments >/dev/full 2>err; status=$?; what="gradus $arguments >/dev/full"
    exits 1; says "gradus: error: "
  done
fi
"$gradus" datasets >&- 2>err; status=$?; what="closed standard output"; exits 1
("$gradus" datasets mtcars; echo $? >pipe.status) 2>err | :
check "a closed pipe gives 0 (all was written) or 1, never a signal" \
  grep -qx '[01]' pipe.status
LC_ALL=de_DE.UTF-8 "$gradus" linear 'mpg ~ wt' cars.csv --csv >out 2>err
check "the locale changes no number" cmp out one.csv

finish
