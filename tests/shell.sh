# SPDX-License-Identifier: GPL-3.0-or-later
# What the shell tests share: a work folder, counting, checks. To be sourced.
# `run ARGUMENT...` runs the command; then status, ./out and ./err hold what it did.

passed=0
failed=0
top=$(cd "${builddir:-.}" && pwd)
source=$(cd "${srcdir:-.}" && pwd)
gradus=$top/tools/gradus
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1

pass() {
  passed=$((passed + 1))
}

fail() {
  failed=$((failed + 1))
  echo "FAIL: $1"
  shift
  for line in "$@"; do echo "      $line"; done
}

# check TEXT COMMAND...: passes if the command succeeds.
check() {
  text=$1
  shift
  if "$@" >check.out 2>&1; then pass; else fail "$text" "$(tail -n 5 check.out)"; fi
}

run() {
  "$gradus" "$@" >out 2>err </dev/null
  status=$?
  what="gradus $*"
}

exits() {
  if [ "$status" -eq "$1" ]; then pass; else
    fail "$what: exit status $status, must be $1" "$(head -n 3 err)"
  fi
}

# says TEXT...: each on standard error; prints TEXT...: each on standard output.
says() {
  for text in "$@"; do
    if grep -qF -e "$text" err; then pass; else
      fail "$what: standard error must say: $text" "$(head -n 3 err)"
    fi
  done
}

prints() {
  for text in "$@"; do
    if grep -qF -e "$text" out; then pass; else
      fail "$what: standard output must have: $text" "$(head -n 30 out)"
    fi
  done
}

silent() {
  if [ -s err ]; then fail "$what: standard error must be empty" "$(head -n 3 err)"; else pass; fi
}

prints_nothing() {
  if [ -s out ]; then fail "$what: standard output must be empty" "$(head -n 3 out)"; else pass; fi
}

# Whether JSON and model files are there: not if configured without jansson.
has_json() {
  "$gradus" describe @mtcars --json >/dev/null 2>&1
}

# refuses STATUS TEXT...: that status, nothing on standard output, the texts on standard error.
refuses() {
  exits "$1"
  shift
  prints_nothing
  says "gradus: error: " "$@"
}

# close NAME ACTUAL EXPECTED TOLERANCE: relative, absolute where 0 is expected.
close() {
  if awk -v a="$2" -v e="$3" -v t="$4" 'BEGIN {
      if (a == "") exit 1
      d = a - e; if (d < 0) d = -d
      s = e < 0 ? -e : e; if (s == 0) s = 1
      exit !(d <= t * s)
    }'; then pass; else fail "$what: $1 is $2, must be $3 within $4"; fi
}

# estimate TERM [FIELD]: from ./out, a CSV of term rows; field 2 is the estimate.
estimate() {
  awk -F, -v term="$1" -v field="${2:-2}" '$1 == term { print $field }' out
}

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}
