#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# count.sh BUILD...: adds up what the last `make check` in each build folder found, from automake's
# logs: the tests of each CUnit program, and one for each other program or script. Fails if a test
# failed, or if none ran.
passed=0
failed=0

show() { # a failed program, and the end of its log
  echo "failed: ${1%.trs}" >&2
  grep -e 'FAIL' -e 'had failures' -A 3 "${1%.trs}.log" | head -n 40 >&2
}

add() { # PASSED FAILED
  passed=$((passed + $1))
  failed=$((failed + $2))
}

for build in "$@"; do
  for result in "$build"/*/*.trs; do
    [ -e "$result" ] || continue
    log=${result%.trs}.log
    # "tests  <total> <ran> <passed> <failed> <inactive>"
    counts=$(awk '$1 == "tests" && NF == 6 { print $4, $2 - $4 }' "$log")
    status=$(sed -n 's/^:test-result: *//p' "$result")
    case $status:$counts in
    SKIP*) ;;
    PASS*:) add 1 0 ;;
    *:) add 0 1 && show "$result" ;;
    *)
      # shellcheck disable=SC2086
      add $counts
      # A program that says all is well and then dies has not passed.
      case $counts:$status in *' 0:PASS') ;; *' 0:'*) add 0 1 ;; esac
      case $status in PASS) ;; *) show "$result" ;; esac
      ;;
    esac
  done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
