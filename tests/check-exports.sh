#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The shared library exports the functions of the list, and nothing else.
. "${srcdir:-.}/tests/shell.sh"

library=$(ls "$top"/lib/.libs/libgradus.so 2>/dev/null)
if [ -z "$library" ]; then
  echo "no shared library was built"
  exit 77
fi
# Sanitizers, coverage and gcc's named critical sections add symbols of their own.
nm -D --defined-only "$library" | awk '{ print $3 }' |
  grep -v -e '^\.gomp' -e '^__asan' -e '^__odr_asan' -e '^__ubsan' -e '^__gcov' -e '^_init$' -e '^_fini$' |
  sed 's/@.*//' | sort >exports
LC_ALL=C sort "$source/tests/exports.txt" >expected
LC_ALL=C sort -o exports exports
check "the exported symbols are those of tests/exports.txt: $(diff expected exports | sed -n '/^[<>]/p' | tr '\n' ' ')" \
  cmp expected exports
check "every name begins with gradus_" sh -c '! grep -qv "^gradus_" exports'
check "none is internal" sh -c '! grep -q "^gradus_i_" exports'

# Every exported function is in a public header, and every function there is exported.
sed -n 's/^GRADUS_API.*[ *]\(gradus_[a-z0-9_]*\)(.*/\1/p' "$source"/include/gradus/*.h |
  LC_ALL=C sort -u >declared
check "the headers declare what is exported: $(diff declared exports | sed -n '/^[<>]/p' | tr '\n' ' ')" \
  cmp declared exports

finish
