#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# IDX and .npy files as FILE, and --labels: the numbers are those of the same data as CSV.
. "${srcdir:-.}/tests/shell.sh"
arrays=$source/tests/data/arrays

# bytes NUMBER...: as bytes.
bytes() {
  for number in "$@"; do printf "\\$(printf '%03o' "$number")"; done
}

# The bundled digits as IDX files: pixels 0 to 16 of 8×8 images, and the digit.
run datasets digits; exits 0
sed 1d out >digits.rows
rows=$(wc -l <digits.rows | tr -d ' ')
# as_bytes FIRST LAST: those columns of digits.rows, a byte for each cell.
as_bytes() {
  awk -F, -v first="$1" -v last="$2" '{
    line = ""
    for (j = first; j <= last; j++) line = line sprintf("\\%03o", $j)
    print line
  }' digits.rows | while IFS= read -r line; do printf "$line"; done
}
{ bytes 0 0 8 3 0 0 $((rows / 256)) $((rows % 256)) 0 0 0 8 0 0 0 8; as_bytes 1 64; } >images
{ bytes 0 0 8 1 0 0 $((rows / 256)) $((rows % 256)); as_bytes 65 65; } >labels
check "every pixel is a byte" test "$(wc -c <images | tr -d ' ')" -eq $((16 + 64 * rows))

# ---- describe ----
run describe images --labels labels; exits 0; silent
prints "$rows rows, 65 columns" "pixel_0_0  numeric       0  0 to 0" \
  "pixel_7_7  numeric       0  0 to 16" "label      factor        0  10 levels: 0 (178), 1 (182)"
sed '/^label/d' out >own
run describe @digits; exits 0
sed '/^digit/d' out >theirs
check "columns are those of the CSV" cmp own theirs

# ---- from a pipe ----
# piped FILE ARGUMENT...: the command reads FILE through a pipe as its standard input.
piped() {
  file=$1
  shift
  cat "$file" | "$gradus" "$@" >out 2>err
  status=$?
  what="cat $file | gradus $*"
}
run describe images --labels labels --json
cp out own
piped images describe - --labels labels --json; exits 0; silent
sed 's/standard input/images/' out >theirs
check "a pipe of an IDX file is read as the file is" cmp own theirs
run linear 'x1 ~ x2' "$arrays/matrix.npy" --csv
cp out own
piped "$arrays/matrix.npy" linear 'x1 ~ x2' - --csv; exits 0
check "a pipe of a .npy file is read as the file is" cmp own out
head -c 100 images >short
piped short describe -; refuses 1 'standard input: says 1797×8×8 unsigned bytes = 115008 bytes, but 84'
gzip -c images >images.gz
piped images.gz describe -; refuses 1 'standard input: the file is compressed; run gunzip on it first'
printf 'a,b\n1,\0002\n' >nul.csv
piped nul.csv describe -; refuses 1 'standard input:2: a NUL byte'

# ---- a regression ----
run linear 'pixel_3_3 ~ pixel_3_4 + pixel_4_4 + label' images --labels labels --csv; exits 0; silent
sed 's/label/factor(digit)/' out >own
run linear 'pixel_3_3 ~ pixel_3_4 + pixel_4_4 + factor(digit)' @digits --csv; exits 0
check "estimates are those of the CSV" cmp own out
run linear 'x1 ~ x2' "$arrays/matrix.npy" --csv; exits 0
close "the slope of a matrix" "$(estimate x2)" 1 1e-12
run linear 'x1 ~ label' "$arrays/matrix_fortran.npy" --labels "$arrays/matrix.npy"
refuses 1 "2 dimensions (4×3), labels have one"
run linear 'label ~ .' images; refuses 1 "the labels of images are missing: --labels names them"
run linear 'x ~ a' @mtcars --labels "$arrays/vector.npy"
refuses 1 "vector.npy has 3 labels, but @mtcars has 32 rows"

# ---- a network: fit, predict, evaluate ----
if has_json; then
  run network --hidden 16 'label ~ .' images --labels labels --epochs 3 --seed 1 --quiet -o m.safetensors
  exits 0; prints "modelling P(label = level)"
  run predict m.safetensors images --type class; exits 0
  cp out own
  check "a prediction for every image" test "$(wc -l <own | tr -d ' ')" -eq $((rows + 1))
  run network --hidden 16 'factor(digit) ~ .' @digits --epochs 3 --seed 1 --quiet -o csv.safetensors
  exits 0
  run predict csv.safetensors @digits --type class; exits 0
  check "the network is that of the CSV" cmp own out
  run summary m.safetensors; exits 0
  prints 'network(label ~ pixel_0_0 + pixel_0_1 + ' ' + ... + pixel_7_7 (64 terms))'
  run evaluate m.safetensors images --labels labels; exits 0; prints "ccuracy" '(64 terms))'
  run diagnose m.safetensors images; refuses 1 "the labels of images are missing"
  run diagnose m.safetensors images --labels labels; exits 0
  run evaluate m.safetensors images
  refuses 1 "the labels of images are missing: --labels names them"
  run network --hidden 2 'label ~ .' images --epochs 1
  refuses 1 "the labels of images are missing: --labels names them"
  run network --hidden 2 'x1 ~ .' "$arrays/matrix.npy" --epochs 1 --quiet \
    --validation "$arrays/matrix_fortran.npy"
  exits 0
  # Rows held out that are the training's: their metrics are those of the training.
  run network --hidden 2 'label ~ .' images --labels labels --epochs 1 --seed 1 \
    --validation images --validation-labels labels --test images --test-labels labels
  exits 0
  awk '$1 == "Train" { $1 = ""; print }' out >own
  awk '$1 == "Validation" { $1 = ""; print }' out >theirs
  check "validation rows have their labels" cmp own theirs
  awk '$1 == "Test" { $1 = ""; print }' out >theirs
  check "test rows have their labels" cmp own theirs
  printf 'x,y\n' >rows.csv
  awk 'BEGIN { for (i = 1; i <= 3; i++) print i "," i * i }' >>rows.csv
  run network --hidden 2 'label ~ x' rows.csv --labels "$arrays/vector.npy" --epochs 1 --quiet \
    --validation rows.csv --validation-labels "$arrays/vector.npy"
  exits 0
  run network --hidden 2 'label ~ .' images --labels labels --epochs 1 --validation images
  refuses 2 "the labels of images are missing: --validation-labels names them"
  run network --hidden 2 'label ~ .' images --labels labels --epochs 1 --test images
  refuses 2 "the labels of images are missing: --test-labels names them"
  run network --hidden 2 'label ~ .' images --labels labels --test-labels labels
  refuses 2 "option --test-labels goes with --test FILE"
  run network --hidden 2 'label ~ .' images --labels labels --validation 0.2 --validation-labels labels
  refuses 2 "option --validation-labels goes with --validation FILE"
  run network --hidden 2 'label ~ .' images --labels labels --test images \
    --test-labels "$arrays/vector.npy"
  refuses 1 "vector.npy has 3 labels, but images has $rows rows"
fi

# ---- bad input ----
head -c 1016 images >cut
run describe cut; refuses 1 "cut: says ${rows}×8×8 unsigned bytes = $((64 * rows)) bytes, but 1000 bytes follow"
run describe "$arrays/objects.npy"; refuses 1 "Python objects"
bytes 147 78 85 77 80 88 1 0 >wrong.npy
run describe wrong.npy; refuses 1 "wrong.npy: a .npy file begins with the byte 0x93 and NUMPY"
bytes 31 139 8 0 >images.gz
run describe images.gz; refuses 1 "gunzip"
run describe images --labels images.gz; refuses 1 "images.gz: the file is compressed"
run describe images --labels -; refuses 2 '"-" is no array file'
run describe images --labels @digits; refuses 2 '"@digits" is no array file'
run describe images --labels nowhere; refuses 1 nowhere
printf 'a,b\n1,2\n' >small.csv
run describe images --labels small.csv; refuses 1 "small.csv: neither an IDX nor a .npy file"


finish
