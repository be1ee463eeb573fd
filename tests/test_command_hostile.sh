#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Hostile data through the command: every case of reading, of predict, and of linear models; the
# values are those of tests/data/hostile/expected_fit.csv.
. "${srcdir:-.}/tests/shell.sh"
hostile=$source/tests/data/hostile

# fits FORMULA FILE OPTION...: a report without a warning; fits_warning: with one that says TEXT.
fits() {
  run linear "$1" "$hostile/$2.csv" --csv; exits 0; silent
}

fits_warning() {
  formula=$1 file=$2
  shift 2
  run linear "$formula" "$hostile/$file.csv" --csv; exits 0; says "gradus: warning: " "$@"
}

refuses_fit() {
  formula=$1 file=$2
  shift 2
  run linear "$formula" "$hostile/$file.csv"; refuses 1 "$@"
}

value() { # the number NAME of a case's expected values
  awk -v id="$1" -v name="$2" 'index($0, id ",") == 1 {
    n = split($0, f, ","); n = split(f[n], v, ";")
    for (i = 1; i <= n; i++) { split(v[i], p, "="); if (p[1] == name) print p[2] }
  }' "$hostile/expected_fit.csv"
}

# coefficients ID TOLERANCE NAME...: against b0, b1, ...
coefficients() {
  id=$1 tolerance=$2 i=0
  shift 2
  for name in "$@"; do
    close "$id: $name" "$(estimate "$name")" "$(value "$id" b$i)" "$tolerance"
    i=$((i + 1))
  done
}

# ---- fits ----
fits_warning 'y ~ x1 + x2 + x3' collinear_exact 'x2 = 2*x1'
check "the aliased column is empty" grep -qx 'x2,,,,,,' out
fits_warning 'y ~ x1 + x2' collinear_near_1e-10 "nearly collinear" "condition number"
coefficients collinear_near_1e-10 1e-5 '(Intercept)' x1 x2
refuses_fit 'y ~ x1 + x2 + x3 + x4 + x5 + x6' more_cols_than_rows "4 rows for 7 parameters"
fits_warning 'y ~ x1 + x2' const_col_with_intercept 'x2 = 5*(Intercept)'
refuses_fit 'y ~ x' n1 "1 row for 2 parameters"
refuses_fit 'y ~ x1 + x2' all_na_column '"x2" has no value'
refuses_fit 'y ~ x' inf_in_x "row 5" '"x"' infinite
fits 'y ~ x1 + x2' scale_1e300; coefficients scale_1e300 1e-12 '(Intercept)' x1 x2
fits_warning 'y ~ x1 + x2' scale_y_1e200 "not representable"
coefficients scale_y_1e200 1e-12 '(Intercept)' x1 x2
fits_warning 'y ~ x' y_constant "response y is constant"; coefficients y_constant 0 '(Intercept)' x
run linear 'y ~ x' "$hostile/y_constant.csv"
prints "Multiple R-squared:    NaN" "F-statistic:   NaN on 1 and 18 DF,  p-value: NA"
run linear 'y ~ x' "$hostile/weights_some_zero.csv" --weights analytic:w --csv; exits 0; silent
coefficients weights_some_zero 1e-12 '(Intercept)' x
run linear 'y ~ x' "$hostile/weights_some_zero.csv" --weights analytic:w
prints "on 13 degrees of freedom"
run linear 'y ~ x' "$hostile/weights_nan.csv" --weights analytic:w; refuses 1 "weight" "row 4" '"w"'
awk 'BEGIN { print "y,x"; for (i = 0; i < 250000; i++) print "1,0\n3,1\n4,2\n8,3" }' >million.csv
run linear 'y ~ x' million.csv --csv; exits 0; silent
coefficients duplicate_rows_1e6 1e-12 '(Intercept)' x
fits 'y ~ x' large_offset_1e12; coefficients large_offset_1e12 1e-10 '(Intercept)' x
run linear 'y ~ f + x' "$hostile/factor_single_row_level.csv"; exits 0; silent
for type in HC2 HC3; do
  run linear 'y ~ f + x' "$hostile/factor_single_row_level.csv" --robust $type
  exits 0; says "gradus: warning: " "hat value 1"; prints "NaN"
done
run linear 'y ~ f + x' "$hostile/factor_single_row_level.csv" --augment rows.csv
exits 0; says "hat value 1"
check "the row's studentised residual is missing" grep -q '^6,1,.*,NA,NA,NA,NA$' rows.csv

# ---- predict ----
if has_json; then
  file=$hostile/missing_level_at_predict.csv
  { head -n 1 "$file"; grep '^train,' "$file"; } >train.csv
  { head -n 1 "$file"; grep '^new,' "$file"; } >new.csv
  run linear 'y ~ f + x' train.csv -o model.safetensors --csv; exits 0
  b0=$(estimate '(Intercept)') b1=$(estimate fb) b2=$(estimate x)
  run predict model.safetensors new.csv; exits 0; silent
  x=$(awk -F, 'NR == 2 { print $4 }' new.csv)
  close "codes come from the fit's levels" "$(sed -n 2p out)" \
    "$(awk -v a="$b0" -v b="$b1" -v c="$b2" -v x="$x" 'BEGIN { printf "%.17g", a + b + c * x }')" 1e-12
fi

# ---- reading ----
refuses_reading() { # ID TEXT...
  id=$1
  shift
  run describe "$hostile/csv_$id.csv"; refuses 1 "csv_$id.csv" "$@"
}

reads() { # ID TEXT...
  run describe "$hostile/csv_$1.csv"; exits 0; silent
  shift
  prints "$@"
}

refuses_reading empty_file empty
refuses_reading header_only "ends behind its header"
refuses_reading ragged_short ":3:"
reads quoted_comma "a,b (1), c (1)"
reads quote_doubled 'say "hi" (1)'
reads crlf "a (1), b (1)"
reads bom_utf8; check "the mark is no part of the name" grep -q '^y ' out
reads no_final_newline "2 rows" "2 to 4"
reads latin1_level "$(printf '\351')"
refuses_reading nul_in_number NUL
run describe "$hostile/csv_semicolon_decimal_comma.csv" --separator ';' --decimal ,; exits 0; prints 1.5
refuses_reading duplicate_names '"x"'
reads scientific "-0 to 100000"
reads spaces_around "1 to 3" "2 to 4"
run linear 'y ~ x' "$hostile/csv_thousands_quoted.csv"; refuses 1 "is not a number"
refuses_reading overflow_literal 1e999
reads blank_line_inside "2 rows"
run linear 'y ~ x' "$hostile/csv_text_in_numeric.csv"; refuses 1 ":4:" abc "is not a number"
reads na_spellings "4 rows"
run linear 'y ~ x' "$hostile/csv_number_1.2.3.csv"; refuses 1 1.2.3 "is not a number"
refuses_reading header_too_long
LC_ALL=de_DE.UTF-8 run describe "$hostile/csv_locale_decimal_point.csv"; prints "1.5 to 2.25"
run linear 'y ~ x' "$hostile/csv_tab_separated.csv"; refuses 1 'no column "y"'

# ---- networks that no machine has the memory for: told before any of it is touched ----
for i in $(seq 0 2999); do echo "l$((i % 1000)),$((i % 7))"; done | sed '1i f,y' >levels.csv
run network --embed f=1000000 --hidden 1000000 'y ~ f' levels.csv
refuses 1 'is too large: with its' 'a fit takes about 130 bytes for each' 'GiB; take fewer units'
run network --hidden 1000000,1000000 'mpg ~ wt' @mtcars
refuses 1 'parameter block "hidden2.weight" is too large: with its 1000000000000 values (7450.6 GiB)'
run network --hidden 2000,2000 --solver levenberg-marquardt 'mpg ~ wt' @mtcars
refuses 1 'a fit of 4008001 parameters' 'takes about 239373.8 GiB' 'the solver lbfgs or gradient-descent'
if has_json; then
  run network --input-shape 8x8x1 --layers 'conv 1000000 3, relu, globalavgpool' 'digit ~ .' @digits \
    --batch-size 1797
  refuses 1 'a fit of 11000001 parameters, whose layers have 73000065 values a row' 'GiB, and there are' 'take fewer units or filters, or smaller mini-batches'
  run network --input-shape 8x8x1 --layers 'conv 900000000 3, relu, globalavgpool' 'digit ~ .' @digits
  refuses 1 'the layer "conv1" would have more than 2147483647 values a row'
fi

finish
