#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Networks on real data do as well as scikit-learn's of the same architecture, rule, batches and epochs, each on test rows of five
# folds. tests/data/real_data.csv has the mean of ten seeds of those and its standard deviation from seed to seed
# (tests/reference/make_real_data.py); the mean of two seeds must be no more than two standard deviations below, for the last bits
# of a machine move a training about as much as a seed does.
. "${srcdir:-.}/tests/shell.sh"
has_json || exit 77

# auc TRUTH PREDICTIONS: the area under the ROC curve, the mean over one class against the rest. A single column of predictions is the
# probability of the second class.
auc() {
  paste -d , "$1" "$2" | awk -F , '
    NR == 1 { for (c = 2; c <= NF; c++) { level[c] = $c; sub(/[.]fit$/, "", level[c]) } columns = NF; next }
    { truth[NR] = $1; classes[$1]; for (c = 2; c <= NF; c++) p[NR, c] = $c }
    END {
      if (columns == 2) { level[2] = ""; for (k in classes) if (k > level[2]) level[2] = k }
      for (c = 2; c <= columns; c++) {
        pairs = won = 0
        for (i = 2; i <= NR; i++) if (truth[i] == level[c])
          for (j = 2; j <= NR; j++) if (truth[j] != level[c]) {
            pairs++; won += p[i, c] > p[j, c] ? 1 : p[i, c] == p[j, c] ? 0.5 : 0
          }
        sum += won / pairs
      }
      printf "%.6f\n", sum / (columns - 1)
    }'
}

# mean FILE: of as many numbers as there were trainings.
mean() {
  awk '{ sum += $1 } END { if (NR == 10) printf "%.6f\n", sum / NR }' "$1"
}

# reaches NAME FOUND MEAN DEVIATION
reaches() {
  check "$1: $2 must reach $3 less twice $4" awk -v found="$2" -v mean="$3" -v deviation="$4" \
    'BEGIN { exit !(found != "" && found >= mean - 2 * deviation) }'
}

response() {
  case $1 in iris) echo Species ;; breast_cancer) echo diagnosis ;; *) echo 'factor(digit)' ;; esac
}

tail -n +2 "$source/tests/data/real_data.csv" >cases
while IFS=, read -r data hidden rate epochs batch accuracy accuracy_sd area area_sd; do
  "$gradus" datasets "$data" >all.csv
  : >accuracies
  : >areas
  for fold in 0 1 2 3 4; do
    awk -v fold=$fold 'NR == 1 || (NR - 2) % 5 == fold' all.csv >test.csv
    awk -v fold=$fold 'NR == 1 || (NR - 2) % 5 != fold' all.csv >train.csv
    awk -F , '{ print $NF }' test.csv >truth
    for seed in 1 2; do
      run network --hidden "$hidden" --activation relu "$(response "$data") ~ ." train.csv --solver gradient-descent --rule adam \
        --learning-rate "$rate" --schedule constant --batch-size "$batch" --epochs "$epochs" \
        --l2 "$(awk -v rows="$batch" 'BEGIN { print 1e-4 / rows }')" --seed $seed --threads 1 -o model.safetensors
      exits 0
      run evaluate model.safetensors test.csv --json --quiet
      exits 0
      sed -n 's/^ *"accuracy": \([0-9.e-]*\),*$/\1/p' out | head -n 1 >>accuracies
      run predict model.safetensors test.csv
      exits 0
      cp out predicted
      auc truth predicted >>areas
    done
  done
  reaches "accuracy on $data" "$(mean accuracies)" "$accuracy" "$accuracy_sd"
  reaches "AUC on $data" "$(mean areas)" "$area" "$area_sd"
done <cases

finish
