#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the benchmarks in one go, peers beside them where they are installed. `make bench` calls it in the build folder.
# Usage: run.sh SOURCE_FOLDER
set -eu
source=${1:-.}
folder=${TMPDIR:-/tmp}
file=$folder/gradus_bench.csv

has_r() {
  command -v Rscript >/dev/null 2>&1
}

has_fread() {
  has_r && Rscript -e 'library(data.table)' >/dev/null 2>&1
}

# Debian's scikit-learn belongs to Debian's python.
has_sklearn() {
  /usr/bin/python3 -c 'import sklearn' >/dev/null 2>&1
}

# Seconds of one command, output thrown away.
seconds() {
  start=$(date +%s.%N)
  "$@" >/dev/null 2>&1
  end=$(date +%s.%N)
  echo "$start $end" | awk '{ printf "%.4f\n", $2 - $1 }'
}

median() {
  sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

echo "== Least squares against its floor"
bench/bench_ols
if has_r; then
  Rscript "$source/bench/peers/ols.R"
fi

echo "== Kernels: one pass over the rows against its floors"
bench/bench_kernels

echo "== Logistic regression: 500,000 x 30, with full inference"
bench/bench_logistic "$folder/gradus_logistic.bin"
if has_sklearn; then
  for threads in 1 2; do
    echo "$threads thread(s):"
    OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads \
      /usr/bin/python3 "$source/bench/peers/logistic.py" "$folder/gradus_logistic.bin"
  done
fi
if has_r; then
  Rscript "$source/bench/peers/logistic.R" "$folder/gradus_logistic.bin"
fi
rm -f "$folder/gradus_logistic.bin"

echo "== Multinomial regression: 100,000 x 50, 10 classes"
bench/bench_multinomial "$folder/gradus_multinomial.bin"
if has_sklearn; then
  for threads in 1 2; do
    echo "$threads thread(s):"
    OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads \
      /usr/bin/python3 "$source/bench/peers/multinomial.py" "$folder/gradus_multinomial.bin"
  done
fi
rm -f "$folder/gradus_multinomial.bin"

echo "== Mini-batches beside the full gradient"
bench/bench_descent

echo "== Networks by mini-batches against sgemm and loops by hand"
bench/bench_network
if /usr/bin/python3 -c 'import torch' >/dev/null 2>&1; then
  for threads in 1 2; do
    OMP_NUM_THREADS=$threads /usr/bin/python3 "$source/bench/peers/network.py" $threads
  done
fi

echo "== Convolutions: an epoch of LeNet"
bench/bench_convolution
if /usr/bin/python3 -c 'import torch' >/dev/null 2>&1; then
  for threads in 1 2; do
    OMP_NUM_THREADS=$threads /usr/bin/python3 "$source/bench/peers/convolution.py" $threads
  done
fi

echo "== Recurrent networks by mini-batches"
bench/bench_recurrent
if /usr/bin/python3 -c 'import torch' >/dev/null 2>&1; then
  for threads in 1 2; do
    OMP_NUM_THREADS=$threads /usr/bin/python3 "$source/bench/peers/recurrent.py" $threads
  done
fi

if has_sklearn; then
  echo "== Networks on real data beside scikit-learn's"
  /usr/bin/python3 "$source/bench/peers/classifiers.py" tools/gradus
fi

echo "== The adding problem: which recurrent layers learn it"
bench/bench_adding

echo "== CSV: 1,000,000 x 51 decimals"
bench/bench_csv "$file"
if has_fread; then
  Rscript "$source/bench/peers/csv_fread.R" "$file"
fi

echo "== From file to printed summary (wall clock, whole process, median of 5)"
: >"$folder/gradus_bench_own"
: >"$folder/gradus_bench_peer"
for round in 1 2 3 4 5; do
  seconds tools/gradus linear 'x0 ~ .' "$file" >>"$folder/gradus_bench_own"
  if has_fread && [ "$round" -le 3 ]; then
    seconds Rscript "$source/bench/peers/file_to_report.R" "$file" >>"$folder/gradus_bench_peer"
  fi
done
echo "gradus $(median <"$folder/gradus_bench_own") s"
if has_fread; then
  echo "fread + summary(lm()) $(median <"$folder/gradus_bench_peer") s"
fi
rm -f "$folder/gradus_bench_own" "$folder/gradus_bench_peer"
