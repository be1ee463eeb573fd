#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A file includes only headers of its own layer and of those below it.
. "${srcdir:-.}/tests/shell.sh"

# From the bottom up.
layers="base linalg data params layer objective solver model inference report tools"

# The layer that a public header belongs to.
layer_of_header() {
  case $1 in
  error) echo base ;;
  array | frame | design | source) echo data ;;
  params) echo params ;;
  layer) echo layer ;;
  solver) echo solver ;;
  fit | network) echo model ;;
  inference | metrics | network_inference | diagnosis) echo inference ;;
  report | gradus) echo report ;;
  *) echo unknown ;;
  esac
}

rank() {
  place=0
  for layer in $layers; do
    place=$((place + 1))
    [ "$layer" = "$1" ] && echo $place && return
  done
  echo 99
}

# check_file FILE LAYER: every include of it, as "FILE -> LAYER" if it points upwards.
check_file() {
  own=$(rank "$2")
  bad=
  for include in $(sed -n 's/^ *# *include *[<"]\([^>"]*\)[>"].*/\1/p' "$1"); do
    case $include in
    gradus/*.h) to=$(layer_of_header "$(basename "$include" .h)") ;;
    ../*/*.h) to=${include#../} to=${to%%/*} ;;
    *) continue ;;
    esac
    [ "$(rank "$to")" -le "$own" ] || bad="$bad $include ($to)"
  done
  if [ -z "$bad" ]; then pass; else fail "${1#"$source"/} ($2) includes from above:$bad"; fi
}

count=0
for layer in $layers; do
  for file in "$source/lib/$layer"/*.[ch]; do
    [ -e "$file" ] && check_file "$file" "$layer" && count=$((count + 1))
  done
done
for file in "$source"/tools/*.[ch]; do
  check_file "$file" tools
  # The command is a user like any other: public headers only.
  check "${file##*/} includes no internal header" sh -c "! grep -q 'include.*\.\./lib' '$file'"
done
for file in "$source"/include/gradus/*.h; do
  check_file "$file" "$(layer_of_header "$(basename "$file" .h)")"
done
check "there are sources to look at" test "$count" -gt 10
check "every layer folder is in the list" sh -c "
  for folder in '$source'/lib/*/; do
    case \" $layers \" in *\" \$(basename \"\$folder\") \"*) ;; *) echo \"\$folder\"; exit 1 ;; esac
  done"

finish
