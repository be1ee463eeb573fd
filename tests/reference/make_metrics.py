#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/metrics/*.csv but for those that tests/r/metrics.R writes from them: rows to compute metrics from, and
the metrics by scikit-learn 1.2.1 and scipy 1.10 (Debian 12: python3-sklearn, python3-scipy), or, where digits could be lost,
by 50-digit decimals, which scikit-learn must then agree with. Usage, in the top folder: /usr/bin/python3 tests/reference/make_metrics.py"""
import csv
import math
import warnings
from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
from scipy.stats import binomtest
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

getcontext().prec = 50
warnings.simplefilter("ignore")
folder = "tests/data/metrics/"
random = np.random.RandomState(3)
nan = float("nan")


def write(name, header, rows):
    with open(folder + name, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        for row in rows:
            out.writerow([repr(float(v)) if isinstance(v, (float, np.floating, Decimal)) else v for v in row])


def agree(exact, other, tolerance=1e-12):
    assert math.isclose(float(exact), float(other), rel_tol=tolerance, abs_tol=tolerance), (exact, other)
    return float(exact)


def decimal(x):
    return Decimal(x.numerator) / Decimal(x.denominator) if isinstance(x, Fraction) else Decimal(float(x))


def mean(values, w):
    """Weighted mean of decimals."""
    return sum(v * decimal(u) for v, u in zip(values, w)) / sum(map(decimal, w))


def ratio(a, b):
    return float(a) / float(b) if b else nan


def wilson(right, total, level):
    interval = binomtest(int(right), int(total)).proportion_ci(level, method="wilson")
    return interval.low, interval.high


# ---- two classes ----

def logistic(n, slope, digits=None):
    x = random.normal(size=n)
    p = 1 / (1 + np.exp(-slope * x))
    y = (random.uniform(size=n) < p).astype(float)
    return y, np.round(p * 20) / 20 if digits else p


binary = {}
y, p = logistic(150, 1.5)
binary["smooth"] = y, p, np.round(random.uniform(0.1, 5, size=150), 6)
y, p = logistic(80, 1.2, 2)
binary["ties"] = y, np.clip(p, 0.05, 0.95), random.randint(0, 4, size=80).astype(float)
y = (np.arange(400) % 160 == 7).astype(float)
binary["rare"] = y, random.uniform(0, 0.2, size=400) + 0.05 * y, random.randint(1, 3, size=400).astype(float)
binary["separated"] = np.repeat([0.0, 1.0], 10), np.linspace(0.02, 0.98, 20), np.arange(1.0, 21)
binary["reversed"] = np.repeat([1.0, 0.0], 6), np.linspace(0.1, 0.9, 12), np.ones(12)
binary["ones"] = np.ones(5), np.array([0.2, 0.4, 0.6, 0.8, 0.8]), np.arange(1.0, 6)
binary["zeros"] = np.zeros(4), np.array([0.2, 0.4, 0.4, 0.8]), np.arange(1.0, 5)
binary["single"] = np.ones(1), np.array([0.75]), np.array([2.0])
binary["flat"] = np.array([0, 1, 1, 0, 1.0]), np.full(5, 0.5), np.array([0.1, 0.3, 0.7, 0.2, 1.1])
binary["extreme"] = (np.array([1, 0, 0, 1, 1, 0, 0, 1.0]),
                     np.array([1e-300, 1e-300, 1e-17, 1 - 2.0**-53, 1 - 1e-12, 1 - 1e-9, 5e-324, 0.5]),
                     np.array([1, 1e6, 1, 1e-6, 3, 2, 1, 1.0]))
binary["certain"] = np.array([1, 0, 1, 0, 1.0]), np.array([1, 0, 0.5, 0.25, 1]), np.ones(5)


def rates(y, p, w, threshold):
    label = (p >= threshold).astype(float)
    tn, fp, fn, tp = (float(v) for v in sk.confusion_matrix(y, label, labels=[0, 1], sample_weight=w).ravel())
    both = len(set(y[w > 0])) == 2
    yield from zip(("tp", "fp", "tn", "fn"), (tp, fp, tn, fn))
    yield "accuracy", sk.accuracy_score(y, label, sample_weight=w)
    yield "prevalence", np.average(y, weights=w)
    yield "sensitivity", sk.recall_score(y, label, sample_weight=w) if tp + fn else nan
    yield "specificity", sk.recall_score(y, label, pos_label=0, sample_weight=w) if tn + fp else nan
    yield "precision", sk.precision_score(y, label, sample_weight=w) if tp + fp else nan
    yield "npv", sk.precision_score(y, label, pos_label=0, sample_weight=w) if tn + fn else nan
    yield "f1", sk.f1_score(y, label, sample_weight=w) if tp + fp + fn else nan
    yield "balanced_accuracy", sk.balanced_accuracy_score(y, label, sample_weight=w) if both else nan
    yield "mcc", sk.matthews_corrcoef(y, label, sample_weight=w) if both and tp + fp and tn + fn else nan
    if (w == np.round(w)).all():
        for level in (0.95, 0.8):
            low, high = wilson(tp + tn, w.sum(), level)
            yield f"wilson_low_{level}", low
            yield f"wilson_high_{level}", high


def probability_scores(y, p, w):
    losses = []
    for truth, q in zip(y, p):
        given = decimal(q) if truth == 1 else 1 - decimal(q)
        losses.append(-given.ln())
    log_loss, brier = mean(losses, w), mean([(decimal(q) - decimal(t)) ** 2 for t, q in zip(y, p)], w)
    if ((p > 1e-15) & (p < 1 - 1e-15)).all():  # within scikit-learn's clipping
        agree(log_loss, sk.log_loss(y, p, sample_weight=w, labels=[0, 1]))
    yield "log_loss", float(log_loss)
    yield "brier", agree(brier, sk.brier_score_loss(y, p, sample_weight=w, pos_label=1))


def ranking(y, p, w):
    positive, both = (y[w > 0] == 1).any(), len(set(y[w > 0])) == 2
    yield "auc", sk.roc_auc_score(y, p, sample_weight=w) if both else nan
    yield "average_precision", sk.average_precision_score(y, p, sample_weight=w) if positive else nan


def write_binary():
    values, roc, curve, calibration = [], [], [], []
    for name, (y, p, weights) in binary.items():
        for weighted, w in ((0, np.ones(len(y))), (1, weights)):
            for threshold in (0.5, 0.05, 0.8):
                values += [(name, weighted, threshold, *v) for v in rates(y, p, w, threshold)]
            values += [(name, weighted, 0.0, *v) for v in probability_scores(y, p, w)]
            values += [(name, weighted, 0.0, *v) for v in ranking(y, p, w)]
            if name not in ("smooth", "ties", "separated", "ones", "zeros"):
                continue
            false, true, threshold = sk.roc_curve(y, p, sample_weight=w, drop_intermediate=False)
            threshold[0] = math.inf
            roc += [(name, weighted, *v) for v in zip(threshold, false, true)]
            precision, recall, threshold = sk.precision_recall_curve(y, p, sample_weight=w)
            recall = recall if y.any() else recall * nan
            # The last point, precision 1 at recall 0, is made up.
            curve += [(name, weighted, *v) for v in zip(threshold[::-1], precision[-2::-1], recall[-2::-1])]
            if weighted and name == "smooth":
                continue
            count = w.astype(int)
            for kind, strategy, bins in ((0, "quantile", 10), (0, "quantile", 3), (1, "uniform", 8), (1, "uniform", 1)):
                if len(set(y)) < 2:
                    continue
                observed, predicted = calibration_curve(np.repeat(y, count), np.repeat(p, count), n_bins=bins, strategy=strategy)
                calibration += [(name, weighted, kind, bins, *v) for v in zip(predicted, observed)]
    write("binary.csv", ("set", "y", "p", "w"), [(name, *row) for name, (y, p, w) in binary.items() for row in zip(y, p, w)])
    write("binary_expected.csv", ("set", "weighted", "threshold", "metric", "value"), values)
    write("roc.csv", ("set", "weighted", "threshold", "false_positive_rate", "true_positive_rate"), roc)
    write("precision_recall.csv", ("set", "weighted", "threshold", "precision", "recall"), curve)
    write("calibration.csv", ("set", "weighted", "kind", "bins", "predicted", "observed"), calibration)


def write_counts():
    """Matthews' coefficient of large counts in exact arithmetic."""
    rows = []
    big = 10**9
    for tp, fp, tn, fn in ((big, big, big, big + 1), (big, 1, big, 1), (7 * big, 3 * big, 9 * big, 2 * big),
                           (1, big, big, 1), (1, 1, big, big), (big + 1, big - 1, big - 1, big + 1),
                           (999999937, 999999929, 999999893, 999999883), (3, 1, 4, 1), (0, 5, 0, 5), (10**15, 1, 10**15, 1),
                           (1e12, 2e-6, 3e-6, 1e-6), (1e12, 1e12, 1e-6, 1.5e-6), (0.1, 1e-9, 1e9, 0.3)):
        a, b, c, d = map(Fraction, (tp, fp, tn, fn))
        square = (a + b) * (a + d) * (c + b) * (c + d)
        rows.append((tp, fp, tn, fn, decimal(a * c - b * d) / decimal(square).sqrt()))
    write("counts.csv", ("tp", "fp", "tn", "fn", "mcc"), rows)


# ---- more classes ----

def write_multiclass():
    data, values = [], []
    sets = {"four": (200, 4, 4), "absent": (40, 4, 4), "never": (60, 4, 3), "short": (6, 4, 2)}
    for name, (n, k, used) in sets.items():
        logits = random.normal(size=(n, k)) * 1.5
        logits[:, used:] -= 60
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        y = np.array([random.choice(k, p=row) for row in p])
        if name == "absent":
            y[y == 2] = 0
        if name == "never":
            y[::9] = 3
        predicted = p.argmax(axis=1)
        weights = random.randint(0 if name == "four" else 1, 4, size=n).astype(float)
        data += [(name, t, q, w, *row) for t, q, w, row in zip(y, predicted, weights, p)]
        for weighted, w in ((0, np.ones(n)), (1, weights)):
            values += [(name, weighted, *v) for v in multiclass(y, predicted, w, p, k)]
    write("multiclass.csv", ("set", "y", "predicted", "w", "p0", "p1", "p2", "p3"), data)
    write("multiclass_expected.csv", ("set", "weighted", "metric", "value"), values)


def multiclass(y, predicted, w, p, k):
    labels = list(range(k))
    table = sk.confusion_matrix(y, predicted, labels=labels, sample_weight=w)
    truth, chosen = table.sum(axis=1), table.sum(axis=0)
    each = np.array(sk.precision_recall_fscore_support(y, predicted, labels=labels, sample_weight=w)[:3])
    each[0, chosen == 0] = each[1, truth == 0] = each[2, truth + chosen == 0] = nan
    for i in labels:
        for j in labels:
            yield f"confusion_{i}_{j}", float(table[i, j])
        yield from ((f"{what}_{i}", each[row, i]) for row, what in enumerate(("precision", "recall", "f1")))
        yield f"support_{i}", float(truth[i])
    for how in ("macro", "micro", "weighted"):
        found = sk.precision_recall_fscore_support(y, predicted, labels=labels, sample_weight=w, average=how)[:3]
        for row, what in enumerate(("precision", "recall", "f1")):
            missing = np.isnan(each[row] if how == "macro" else each[row, truth > 0]).any() and how != "micro"
            yield f"{how}_{what}", nan if missing else found[row]
    yield "accuracy", sk.accuracy_score(y, predicted, sample_weight=w)
    low, high = wilson(table.trace(), table.sum(), 0.95)
    yield "accuracy_low", low
    yield "accuracy_high", high
    yield "balanced_accuracy", nan if (truth == 0).any() else sk.balanced_accuracy_score(y, predicted, sample_weight=w)
    yield "mcc", agree(gorodkin(table), sk.matthews_corrcoef(y, predicted, sample_weight=w))
    losses = [-decimal(row[t]).ln() for t, row in zip(y, p)]
    log_loss = mean(losses, w)
    if p[np.arange(len(y)), y].min() > 1e-14:  # not clipped by scikit-learn
        agree(log_loss, sk.log_loss(y, p, sample_weight=w, labels=labels))
    yield "log_loss", float(log_loss)
    squares = [sum((decimal(q) - (j == t)) ** 2 for j, q in enumerate(row)) for t, row in zip(y, p)]
    yield "brier", float(mean(squares, w))


def gorodkin(table):
    t = [[Fraction(float(v)) for v in row] for row in table]
    s, c = sum(map(sum, t)), sum(t[i][i] for i in range(len(t)))
    truth, chosen = [sum(row) for row in t], [sum(column) for column in zip(*t)]
    top = c * s - sum(a * b for a, b in zip(truth, chosen))
    square = (s * s - sum(a * a for a in truth)) * (s * s - sum(b * b for b in chosen))
    return decimal(top) / decimal(square).sqrt()


# ---- numbers ----

def write_regression():
    x = random.normal(size=60)
    sets = {"plain": (3 + 2 * x + random.normal(size=60), 3 + 2 * x)}
    sets["worse than the mean"] = sets["plain"][0], -sets["plain"][1]
    sets["far from zero"] = 1e9 + np.round(sets["plain"][0], 3), 1e9 + np.round(sets["plain"][1], 3)
    sets["huge"] = sets["plain"][0] * 1e200, sets["plain"][1] * 1e200
    sets["tiny"] = sets["plain"][0] * 1e-200, sets["plain"][1] * 1e-200
    sets["exact"] = sets["plain"][0], sets["plain"][0]
    sets["constant"] = np.full(3, 0.1), np.array([0.1, 0.2, 0.3])
    sets["single"] = np.array([2.0]), np.array([3.5])
    data, values = [], []
    for name, (y, predicted) in sets.items():
        weights = np.round(random.uniform(0.1, 9, size=len(y)), 4)
        weights[1:2] = 0
        data += [(name, *row) for row in zip(y, predicted, weights)]
        for weighted, w in ((0, np.ones(len(y))), (1, weights)):
            exact = regression(y, predicted, w)
            if 1e-100 < abs(y[0]) < 1e100:
                agree(exact["rmse"], sk.mean_squared_error(y, predicted, sample_weight=w, squared=False), 1e-9)
                agree(exact["mae"], sk.mean_absolute_error(y, predicted, sample_weight=w), 1e-9)
                if not math.isnan(exact["r_squared"]):
                    agree(exact["r_squared"], sk.r2_score(y, predicted, sample_weight=w), 1e-9)
            values += [(name, weighted, *v) for v in exact.items()]
    write("regression.csv", ("set", "y", "predicted", "w"), data)
    write("regression_expected.csv", ("set", "weighted", "metric", "value"), values)


def regression(y, predicted, w):
    y, predicted, w = ([Fraction(float(v)) for v in values] for values in (y, predicted, w))
    total = sum(w)
    centre = sum(u * v for u, v in zip(w, y)) / total
    errors = [a - b for a, b in zip(y, predicted)]
    sse = sum(u * e * e for u, e in zip(w, errors))
    sst = sum(u * (v - centre) ** 2 for u, v in zip(w, y))
    return {"nobs": float(total), "mean_error": float(sum(u * e for u, e in zip(w, errors)) / total),
            "mae": float(sum(u * abs(e) for u, e in zip(w, errors)) / total),
            "rmse": float(decimal(sse / total).sqrt()), "r_squared": float(1 - sse / sst) if sst else nan}


write_binary()
write_counts()
write_multiclass()
write_regression()
