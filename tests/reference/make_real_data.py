# SPDX-License-Identifier: GPL-3.0-or-later
"""make_real_data.py > tests/data/real_data.csv: accuracy and AUC of scikit-learn's MLPClassifier on bundled data sets, each a mean
over five folds (the rows 1, 6, 11, … are the test rows of the first, and so on); of them mean and standard deviation over the
seeds 0 to 9. The settings are those of tests/test_command_real_data.sh."""
import csv
import os
import sys

import numpy as np

sys.dont_write_bytecode = True  # bench/peers is distributed as it lies
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "../../bench/peers"))
from classifiers import by_sklearn, score  # noqa: E402

print("data,hidden,rate,epochs,batch,accuracy,accuracy_sd,auc,auc_sd")
for name, hidden, rate, epochs, batch in (("iris", 8, 0.01, 500, 120), ("breast_cancer", 16, 0.001, 200, 200),
                                          ("digits", 64, 0.01, 30, 200)):
    with open(os.path.join(here, f"../../data/{name}.csv"), newline="") as file:
        rows = list(csv.reader(file))[1:]
    truth = np.array([row[-1] for row in rows])
    inputs = np.array([row[:-1] for row in rows], dtype=float)
    fold = np.arange(len(rows)) % 5
    classes = np.unique(truth)
    scores = np.zeros((10, 2))
    for seed in range(10):
        for test in (fold == f for f in range(5)):
            probability = by_sklearn(inputs[~test], truth[~test], inputs[test], hidden, rate, epochs, batch, seed)
            scores[seed] += np.array(score(truth[test], probability, classes)) / 5
    mean, spread = scores.mean(axis=0), scores.std(axis=0, ddof=1)
    print(f"{name},{hidden},{rate:g},{epochs},{batch},{mean[0]:.6f},{spread[0]:.6f},{mean[1]:.6f},{spread[1]:.6f}", flush=True)
