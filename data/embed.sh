#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# embed.sh FOLDER > bundled.c: the data sets that FOLDER/SOURCES names, as a C file.
# A text becomes an array of bytes, for string literals may be too long for a compiler.
set -eu
LC_ALL=C
export LC_ALL
folder=$1

names() {
  sed -n 's/^\([A-Za-z][A-Za-z0-9_]*\): .*/\1/p' "$folder/SOURCES" | sort -f
}

# NIST's sets have a folder of their own: longley and Longley are one name to some file systems.
file() {
  if test -f "$folder/nist/$1.csv"; then
    echo "$folder/nist/$1.csv"
  else
    echo "$folder/$1.csv"
  fi
}

echo '/* Made by data/embed.sh from data/SOURCES and the CSV files beside it. */'
echo '#include <gradus/frame.h>'
for name in $(names); do
  echo "static const char csv_$name[] = {"
  od -A n -v -t u1 "$(file "$name")" | sed 's/^ *//; s/  */,/g; s/$/,/'
  echo '0};'
done
echo 'const gradus_dataset gradus_i_bundled[] = {'
for name in $(names); do
  source=$(sed -n "s/^$name: //p" "$folder/SOURCES" | sed 's/[\\"]/\\&/g')
  size=$(awk -F , 'NR == 1 { columns = NF } END { print NR - 1 ", " columns }' "$(file "$name")")
  echo "  {\"$name\", \"$source\", csv_$name, sizeof csv_$name - 1, $size},"
done
echo '};'
echo 'const size_t gradus_i_bundled_count = sizeof gradus_i_bundled / sizeof *gradus_i_bundled;'
