#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# From an installed prefix a program of C and one of C++ are compiled by pkg-config's flags and run.
. "${srcdir:-.}/tests/shell.sh"

value() { # of a variable of the build's Makefile
  sed -n "s/^$1 = //p" "$top/Makefile" | head -n 1
}

prefix=$work/prefix
cc=$(value CC) cxx=$(value CXX_FOR_TESTS) extra=$(value EXTRA_FLAGS)
[ "$cxx" != none ] || cxx=

if ! (cd "$top" && make install prefix="$prefix" exec_prefix="$prefix" >"$work/install.log" 2>&1); then
  fail "make install works" "$(tail -n 5 install.log)"
  finish
  exit 1
fi
pass
# The sanitizers must be in the program that loads such a library.
flags() {
  # shellcheck disable=SC2046
  echo $(PKG_CONFIG_PATH="$prefix/lib/pkgconfig:$PKG_CONFIG_PATH" pkg-config \
    --define-variable=prefix="$prefix" --define-variable=exec_prefix="$prefix" \
    --define-variable=libdir="$prefix/lib" --define-variable=includedir="$prefix/include" \
    "$@" gradus) $extra
}

cat >line.c <<'PROGRAM'
#include <gradus/gradus.h>
#include <math.h>
#include <stdio.h>

int main(void) {
  double x_values[] = {0, 1, 2, 3}, y_values[] = {1, 3, 5, 7};
  gsl_matrix_view x = gsl_matrix_view_array(x_values, 4, 1);
  gsl_vector_view y = gsl_vector_view_array(y_values, 4);
  gradus_error err = {GRADUS_OK, ""};
  gradus_fit *fit;
  if (gradus_linear_fit_vector(&fit, &x.matrix, &y.vector, NULL, NULL, &err) > 0)
    return fprintf(stderr, "%s\n", err.message), 1;
  double bias = gradus_fit_coefficient(fit, 0, 0), weight = gradus_fit_coefficient(fit, 0, 1);
  gradus_fit_free(fit);
  printf("%g %g\n", bias, weight);
  return fabs(bias - 1) < 1e-12 && fabs(weight - 2) < 1e-12 ? 0 : 1;
}
PROGRAM
cp line.c line.cc

# compile NAME COMPILER SOURCE FLAGS...: builds and runs.
compile() {
  name=$1 compiler=$2 file=$3
  shift 3
  # shellcheck disable=SC2086
  if $compiler -Wall -Wextra -Werror -o program "$file" "$@" >compile.log 2>&1; then pass; else
    fail "$name: compiles" "$(tail -n 8 compile.log)"
    return
  fi
  check "$name: runs" env LD_LIBRARY_PATH="$prefix/lib:$LD_LIBRARY_PATH" ./program
}

# shellcheck disable=SC2046
compile "C, shared" "$cc" line.c $(flags --cflags --libs)
if [ -n "$cxx" ]; then
  # shellcheck disable=SC2046
  compile "C++, shared" "$cxx -Wno-unused-command-line-argument" line.cc $(flags --cflags --libs)
fi
if [ -e "$prefix/lib/libgradus.a" ]; then
  # The archive by its name, and what it needs by --static: a linker prefers the shared library.
  # shellcheck disable=SC2046
  compile "C, static" "$cc" line.c $(flags --cflags) "$prefix/lib/libgradus.a" \
    $(flags --libs --static | sed 's/-lgradus//')
fi

check "the command is installed and runs" env LD_LIBRARY_PATH="$prefix/lib:$LD_LIBRARY_PATH" \
  "$prefix/bin/gradus" linear 'mpg ~ wt' @mtcars
for file in lib/pkgconfig/gradus.pc include/gradus/gradus.h share/man/man1/gradus.1 \
  share/bash-completion/completions/gradus share/doc/gradus/network.md; do
  check "$file is installed" test -s "$prefix/$file"
done
check "the completion is shell" sh -c "! command -v bash || bash -n '$prefix/share/bash-completion/completions/gradus'"

finish
