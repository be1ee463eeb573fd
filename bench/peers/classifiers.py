# SPDX-License-Identifier: GPL-3.0-or-later
"""classifiers.py GRADUS [SEEDS [DATA]]: test accuracy and AUC of networks by GRADUS, the command, and by scikit-learn's MLPClassifier.

Both learn from the same rows with the same architecture, loss, rule, batches and number of epochs; a fifth of the rows, with the
classes in their proportions, is the test set. The seed decides the split and each one's first weights and order of rows.
scikit-learn has standardised inputs, as its documentation asks for and as gradus has by itself. Its alpha is divided by the rows
of a batch, which gives the l2 of gradus. AUC of more than two classes is the mean over one class against the rest. The last
columns are the mean difference, gradus less scikit-learn, with its standard error over the seeds, which are pairs."""
import csv
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ALPHA = 1e-4  # scikit-learn's default
CASES = [  # data, response, hidden units, learning rate, epochs: scikit-learn's defaults, then enough of both to converge
    ("iris", "Species", 8, 0.001, 200),
    ("iris", "Species", 8, 0.01, 1000),
    ("breast_cancer", "diagnosis", 16, 0.001, 200),
    ("breast_cancer", "diagnosis", 16, 0.01, 200),
    ("digits", "factor(digit)", 64, 0.001, 200),
    ("digits", "factor(digit)", 64, 0.01, 200),
]


def write(path, head, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([head] + rows)


def score(truth, probability, classes):
    predicted = classes[np.argmax(probability, axis=1)]
    if len(classes) == 2:
        area = roc_auc_score(truth == classes[1], probability[:, 1])
    else:
        area = roc_auc_score(truth, probability, multi_class="ovr", average="macro", labels=classes)
    return accuracy_score(truth, predicted), area


def by_gradus(command, head, train, test, response, hidden, rate, epochs, batch, seed):
    with tempfile.TemporaryDirectory() as folder:
        train_file, test_file, model = (os.path.join(folder, name) for name in ("train.csv", "test.csv", "model.safetensors"))
        write(train_file, head, train)
        write(test_file, head, test)
        subprocess.run([command, "network", f"{response} ~ .", train_file, "--hidden", str(hidden), "--activation", "relu",
                        "--solver", "gradient-descent", "--rule", "adam", "--learning-rate", str(rate), "--schedule", "constant",
                        "--epochs", str(epochs), "--batch-size", str(batch), "--l2", str(ALPHA / batch), "--seed", str(seed),
                        "--quiet", "--csv", "-o", model], check=True, stdout=subprocess.DEVNULL)
        out = subprocess.run([command, "predict", model, test_file], check=True, capture_output=True, text=True).stdout
    probability = np.loadtxt(out.splitlines()[1:], delimiter=",", ndmin=2)
    return np.column_stack([1 - probability, probability]) if probability.shape[1] == 1 else probability


def by_sklearn(train, truth, test, hidden, rate, epochs, batch, seed):
    network = MLPClassifier((hidden,), activation="relu", solver="adam", alpha=ALPHA, batch_size=batch, learning_rate_init=rate,
                            max_iter=epochs, n_iter_no_change=epochs, tol=0, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that all epochs were used
        model = make_pipeline(StandardScaler(), network).fit(train, truth)
    return model.predict_proba(test)


def compare(command, case, seeds):
    name, response, hidden, rate, epochs = case
    listing = subprocess.run([command, "datasets", name], check=True, capture_output=True, text=True).stdout
    head, *rows = csv.reader(listing.splitlines())
    truth = np.array([row[-1] for row in rows])
    inputs = np.array([row[:-1] for row in rows], dtype=float)
    classes = np.unique(truth)
    scores = np.empty((2, seeds, 2))
    for seed in range(seeds):
        train, test = train_test_split(np.arange(len(rows)), test_size=0.2, stratify=truth, random_state=seed)
        batch = min(200, len(train))
        scores[0, seed] = score(truth[test], by_gradus(command, head, [rows[i] for i in train], [rows[i] for i in test], response,
                                                       hidden, rate, epochs, batch, seed), classes)
        scores[1, seed] = score(truth[test], by_sklearn(inputs[train], truth[train], inputs[test], hidden, rate, epochs, batch,
                                                        seed), classes)
    return scores


def main():
    command, seeds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    print(f"Test sets of {seeds} seeds, mean ± standard deviation; difference of pairs ± its standard error")
    print("| data | hidden | rate, epochs | | gradus | scikit-learn | difference |\n|---|---|---|---|---|---|---|")
    for case in CASES:
        if len(sys.argv) > 3 and case[0] != sys.argv[3]:
            continue
        scores = compare(command, case, seeds)
        mean, spread = scores.mean(axis=1), scores.std(axis=1, ddof=1)
        difference = scores[0] - scores[1]
        error = difference.std(axis=0, ddof=1) / np.sqrt(seeds)
        for i, what in enumerate(("accuracy", "AUC")):
            print(f"| {case[0]} | {case[2]} | {case[3]:g}, {case[4]} | {what} | {mean[0, i]:.4f} ± {spread[0, i]:.4f} | "
                  f"{mean[1, i]:.4f} ± {spread[1, i]:.4f} | {difference[:, i].mean():+.4f} ± {error[i]:.4f} |", flush=True)


if __name__ == "__main__":
    main()
