#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# NIST's eleven linear sets through the command, by default settings: log relative errors against
# the exact solutions, as tests/test_nist.c has them through the library.
. "${srcdir:-.}/tests/shell.sh"
exact=$source/tests/data/nist/exact.csv

# digits LEAST: the worst of the lines "SET,QUANTITY,VALUE" on standard input has so many digits.
digits() {
  awk -F, -v least="$1" '
    function size(x) { return x < 0 ? -x : x }
    NR == FNR { exact[$1 "," $2] = $4; next }
    {
      count++
      e = exact[$1 "," $2]
      if (e == "" || $3 == "") { print "no value: " $0; bad = 1; next }
      error = size($3 - e)
      if (e + 0 != 0) error /= size(e + 0)
      d = error > 0 ? -log(error) / log(10) : 15
      if (d < least) { printf "%s: %.2f digits, must have %s\n", $0, d, least; bad = 1 }
    }
    END { exit bad || !count }' "$exact" - >digits.out
}

# quantity SET PREFIX FIELD FIRST: the values of one column of the term rows, counted from the right
# (names may hold commas): 6 estimate, 5 std_error.
quantity() {
  awk -F, -v set="$1" -v prefix="$2" -v field="$3" -v first="$4" \
    'NR > 1 { print set "," prefix (NR - 2 + first) "," $(NF - field + 1) }' out
}

passes() { # TEXT STATUS-OF-digits
  if [ "$2" -eq 0 ]; then pass; else fail "$1" "$(cat digits.out)"; fi
}

nist() { # SET FORMULA FIRST DIGITS
  run linear "$2" "@$1" --csv; exits 0
  quantity "$1" B 6 "$3" | digits "$4"; passes "coefficients of $1" $?
  quantity "$1" SE_B 5 "$3" | digits 13.5; passes "standard errors of $1" $?
  run linear "$2" "@$1" --json
  [ "$status" -eq 0 ] || return # configured without jansson
  sed -n "s/^ *\"sigma\": \(.*\),/$1,residual_sd,\1/p" out | digits 13; passes "sigma of $1" $?
  sed -n "s/^ *\"r_squared\": \(.*\),/$1,r_squared,\1/p" out | digits 13; passes "R² of $1" $?
  case $1 in
  Wampler1 | Wampler2) ;; # F is infinite
  *) sed -n "s/^    \"statistic\": \(.*\),/$1,F,\1/p" out | digits 13; passes "F of $1" $? ;;
  esac
}

nist Norris 'y ~ x' 0 13
nist Pontius 'y ~ x + I(x^2)' 0 13
nist NoInt1 'y ~ x - 1' 1 13
nist NoInt2 'y ~ x - 1' 1 13
nist Filip 'y ~ poly(x, 10, raw)' 0 13.5
nist Longley 'y ~ .' 0 13
for set in Wampler1 Wampler2 Wampler3 Wampler4 Wampler5; do
  nist $set 'y ~ poly(x, 5, raw)' 0 13
done

finish
