#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The examples of README.md, run anew: every `$ gradus ...` line prints what the page shows. Words
# must be equal, numbers within 1e-8 (last digits differ between machines), and certificates, which
# are rounding errors, are not looked at.
. "${srcdir:-.}/tests/shell.sh"
has_json || exit 77
PATH=$top/tools:$PATH
export PATH

# page N: what the page shows under its command N; without N: the commands.
page() {
  awk -v wanted="${1:-0}" '
    /^    \$ / {
      n++; inside = 1; command = substr($0, 7)
      while (command ~ /\\$/ && (getline line) > 0) {
        sub(/\\$/, "", command); sub(/^ +/, "", line); command = command line
      }
      if (!wanted) print command
      next
    }
    /^[^ ]/ { inside = 0 }
    inside && n == wanted { print substr($0, 5) }' "$source/README.md"
}

same() { # FILE FILE
  awk 'function number(w) { return w ~ /^[-+]?[0-9]+\.?[0-9]*(e[-+]?[0-9]+)?$/ }
    function near(a, b,  d, s) {
      d = a - b; s = (a < 0 ? -a : a) + (b < 0 ? -b : b)
      return (d < 0 ? -d : d) <= 1e-8 * s + 1e-9
    }
    { sub(/certificate [^, ]*/, "certificate"); gsub(/[(),;%]/, " & ") }
    FNR == NR { for (i = 1; i <= NF; i++) word[++count] = $i; next }
    { for (i = 1; i <= NF; i++) {
        w = word[++at]
        if (w != $i && !(number(w) && number($i) && near(w, $i))) {
          printf "\"%s\" is \"%s\" on the page (line %d)\n", $i, w, FNR; bad = 1; exit } } }
    END { exit bad || count != at }' "$1" "$2"
}

printf 'wt,cyl\n2.5,4\n3.0,6\nNA,8\n' >new.csv
total=$(page | wc -l)
check "the page has examples" test "$total" -gt 15
i=0
while [ "$i" -lt "$total" ]; do
  i=$((i + 1))
  command=$(page | sed -n "${i}p")
  page "$i" >shown
  # Where the signal is ignored, a pipe that head has closed is a failed write.
  sh -c "$command" 2>&1 </dev/null | grep -v 'Broken pipe' >printed
  check "README.md: $command" same shown printed
done

finish
