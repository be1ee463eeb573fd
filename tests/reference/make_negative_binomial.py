#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Negative binomial regression in 60-digit arithmetic: the joint maximum of the likelihood over the coefficients and theta.

Usage: make_negative_binomial.py ROOT, the source tree. Writes tests/data/negative_binomial/: exposure.csv, weighted.csv, huge.csv
and nearly_poisson.csv (simulated, with a fixed seed), expected.csv (id, quantity, value), and forms.csv (the functions of one
observation, with 400 digits). The maximum is found by Newton's method on all parameters; standard errors of the coefficients are
those of the expected information at the given theta, that of theta of the observed information at the given coefficients, as
MASS's glm.nb has them."""
import csv
import math
import random
import sys

from mpmath import mp, mpf, matrix, log, exp, sqrt, loggamma, digamma, polygamma, lu_solve, nstr

mp.dps = 60
ROOT = sys.argv[1]
FOLDER = ROOT + "/tests/data/negative_binomial/"


def poisson(rng, mean):
    if mean > 500:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, k, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        product *= rng.random()
        k += 1
    return k


def simulate(name, header, rows, make):
    rng = random.Random(name)
    with open(FOLDER + name + ".csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for _ in range(rows):
            writer.writerow(make(rng))


def exposure_row(rng):
    x, group, time = round(rng.gauss(0, 1), 3), rng.choice("abc"), round(rng.uniform(0.1, 20), 2)
    mean = time * math.exp(0.4 + 0.6 * x + {"a": 0, "b": 0.5, "c": -1}[group])
    return [poisson(rng, mean * rng.gammavariate(0.7, 1 / 0.7)), x, group, time]


def weighted_row(rng):
    x1, x2, weight = round(rng.uniform(-2, 2), 3), round(rng.expovariate(1), 3), round(rng.uniform(0.2, 5), 2)
    mean = math.exp(1.5 - 0.5 * x1 + 0.3 * x2)
    return [poisson(rng, mean * rng.gammavariate(3, 1 / 3)), x1, x2, weight]


def nearly_poisson_row(rng):
    x = round(rng.uniform(0, 1), 3)
    return [poisson(rng, math.exp(4 + x) * rng.gammavariate(400, 1 / 400)), x]


def huge_row(rng):
    x = round(rng.uniform(-1, 1), 3)
    return [round(1e9 * math.exp(0.5 * x) * rng.gammavariate(2, 0.5)) if rng.random() < 0.9 else rng.randrange(3), x]


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


LINKS = {
    "log": (lambda e: exp(e), lambda e: exp(e), lambda e: exp(e), lambda m: log(m)),
    "sqrt": (lambda e: e * e, lambda e: 2 * e, lambda e: mpf(2), lambda m: sqrt(m)),
    "identity": (lambda e: e, lambda e: mpf(1), lambda e: mpf(0), lambda m: m),
}


class Model:
    def __init__(self, rows, response, columns, link, offset=None, weight=None, theta=None):
        self.y = [mpf(r[response]) for r in rows]
        self.names = [name for name, _ in columns]
        self.x = [[mpf(f(r)) for _, f in columns] for r in rows]
        self.offset = [offset(r) if offset else mpf(0) for r in rows]
        self.w = [mpf(r[weight]) if weight else mpf(1) for r in rows]
        self.link, self.fixed = LINKS[link], theta

    def eta(self, beta):
        return [o + sum(b * v for b, v in zip(beta, x)) for o, x in zip(self.offset, self.x)]

    def loglik(self, beta, t):
        total = mpf(0)
        for y, w, e in zip(self.y, self.w, self.eta(beta)):
            m = self.link[0](e)
            total += w * (loggamma(t + y) - loggamma(t) - loggamma(y + 1) + t * log(t / (t + m)) + (y * log(m / (t + m)) if y else 0))
        return total

    def derivatives(self, beta, t):
        """Gradient and Hessian over (beta, log theta), the expected information of beta, the observed one of theta."""
        q = len(beta)
        g, h, expected = matrix(q + 1, 1), matrix(q + 1, q + 1), matrix(q, q)
        gt = ht = mpf(0)
        for y, w, e, x in zip(self.y, self.w, self.eta(beta), self.x):
            m, s, c = self.link[0](e), self.link[1](e), self.link[2](e)
            v = m + m * m / t
            lm = (y - m) / v
            lmm = -1 / v - (y - m) * (1 + 2 * m / t) / v**2
            lmt = (y - m) / (m + t) ** 2
            gt += w * (digamma(t + y) - digamma(t) + log(t) + 1 - log(t + m) - (y + t) / (m + t))
            ht += w * (polygamma(1, t + y) - polygamma(1, t) + 1 / t - 2 / (m + t) + (y + t) / (m + t) ** 2)
            for i in range(q):
                g[i] += w * lm * s * x[i]
                h[i, q] += w * lmt * s * x[i] * t
                for j in range(q):
                    h[i, j] += w * (lmm * s * s + lm * c) * x[i] * x[j]
                    expected[i, j] += w * s * s / v * x[i] * x[j]
        g[q] = t * gt
        h[q, q] = t * t * ht + t * gt
        for i in range(q):
            h[q, i] = h[i, q]
        return g, h, expected, -ht

    def solve(self, beta, t):
        """Newton's method on what is not fixed, with halving."""
        free = len(beta) + (0 if self.fixed else 1)
        t = mpf(self.fixed or t)
        for _ in range(200):
            g, h, _, _ = self.derivatives(beta, t)
            step = lu_solve(h[0:free, 0:free], -g[0:free, 0])
            if sum(step[i] * g[i] for i in range(free)) <= 0:  # not a direction of ascent: the expected information's
                step = lu_solve(self.derivatives(beta, t)[2], g[0 : len(beta), 0])
                step = matrix(list(step) + ([g[len(beta)] / (1 + abs(h[len(beta), len(beta)]))] if free > len(beta) else []))
            old, size = self.loglik(beta, t), mpf(1)
            while True:
                new = [b + size * step[i] for i, b in enumerate(beta)]
                new_t = t * exp(size * step[len(beta)]) if free > len(beta) else t
                good = all(self.link[0](e) > 0 for e in self.eta(new)) and self.loglik(new, new_t) >= old - mpf(10) ** -30
                if good or size < mpf(10) ** -12:
                    break
                size /= 2
            beta, t = new, new_t
            if max(abs(step[i]) for i in range(free)) < mpf(10) ** -32:
                return beta, t
        raise SystemExit("no maximum found")

    def deviance(self, beta, t):
        total = mpf(0)
        for y, w, e in zip(self.y, self.w, self.eta(beta)):
            m = self.link[0](e)
            total += 2 * w * ((y * log(y / m) if y else 0) - (y + t) * log((y + t) / (m + t)))
        return total

    def results(self):
        mean = sum(w * y for w, y in zip(self.w, self.y)) / sum(self.w)
        start = [self.link[3](mean) - sum(self.offset) / len(self.offset)] + [mpf(0)] * (len(self.names) - 1)
        beta, t = self.solve(start, 1)
        _, _, expected, observed = self.derivatives(beta, t)
        covariance = expected**-1
        for i, name in enumerate(self.names):
            yield "coef:" + name, beta[i]
            yield "se:" + name, sqrt(covariance[i, i])
        yield "theta", t
        if not self.fixed:
            yield "theta_se", 1 / sqrt(observed)
        likelihood = self.loglik(beta, t)
        yield "logLik", likelihood
        yield "AIC", -2 * likelihood + 2 * (len(beta) + (0 if self.fixed else 1))
        yield "deviance", self.deviance(beta, t)
        null = Model([], "", [], "log")
        null.y, null.w, null.offset, null.link, null.fixed = self.y, self.w, self.offset, self.link, t
        null.names, null.x = ["(Intercept)"], [[mpf(1)] for _ in self.y]
        yield "null_deviance", null.deviance(null.solve(start[:1], t)[0], t)


def one(_):
    return 1


def is_level(column, level):
    return (column + level, lambda r: 1 if r[column] == level else 0)


def value(column):
    return (column, lambda r: r[column])


def forms():
    """Deviance, log density, and the log density's first and minus its second derivative by theta."""
    mp.dps = 400
    with open(FOLDER + "forms.csv", "w") as file:
        file.write("y,mean,theta,deviance,log_density,score,information\n")
        for t in map(mpf, ("1e-8", "1e-3", "0.5", "3", "14.75", "15", "40", "1e4", "1e8", "1e12")):
            for y in map(mpf, (0, 1, 2, 17, 1000, 10**9)):
                for m in [mpf(v) for v in ("1e-300", "1e-6", "0.75", "16.5", "1e9")] + ([y * mpf(1025) / 1024] if y else []):
                    m = mpf(float(m))
                    tt = mpf(float(t))
                    deviance = 2 * ((y * log(y / m) if y else 0) - (y + tt) * log((y + tt) / (m + tt)))
                    density = loggamma(tt + y) - loggamma(tt) - loggamma(y + 1) + tt * log(tt / (tt + m)) + y * log(m / (tt + m))
                    score = digamma(tt + y) - digamma(tt) + log(tt) + 1 - log(tt + m) - (y + tt) / (m + tt)
                    information = -(polygamma(1, tt + y) - polygamma(1, tt) + 1 / tt - 2 / (m + tt) + (y + tt) / (m + tt) ** 2)
                    numbers = (float(m), float(tt), nstr(deviance, 20), nstr(density, 20), nstr(score, 20), nstr(information, 20))
                    file.write(f"{int(y)}," + ",".join(map(str, numbers)) + "\n")


def main():
    simulate("exposure", ["y", "x", "group", "time"], 90, exposure_row)
    simulate("weighted", ["y", "x1", "x2", "w"], 70, weighted_row)
    simulate("nearly_poisson", ["y", "x"], 120, nearly_poisson_row)
    simulate("huge", ["y", "x"], 60, huge_row)
    quine, intercept = read(ROOT + "/data/quine.csv"), ("(Intercept)", one)
    ages = [is_level("Age", level) for level in ("F1", "F2", "F3")]
    all_columns = [intercept, is_level("Eth", "N"), is_level("Sex", "M")] + ages + [is_level("Lrn", "SL")]
    models = {
        "quine_log": Model(quine, "Days", all_columns, "log"),
        "quine_sqrt": Model(quine, "Days", [intercept, is_level("Eth", "N")] + ages, "sqrt"),
        "quine_identity": Model(quine, "Days", [intercept, is_level("Eth", "N"), is_level("Sex", "M")], "identity"),
        "quine_fixed": Model(quine, "Days", all_columns, "log", theta=mpf(2)),
        "exposure": Model(read(FOLDER + "exposure.csv"), "y", [intercept, value("x"), is_level("group", "b"), is_level("group", "c")],
                          "log", offset=lambda r: log(mpf(r["time"]))),
        "weighted": Model(read(FOLDER + "weighted.csv"), "y", [intercept, value("x1"), value("x2")], "log", weight="w"),
        "huge": Model(read(FOLDER + "huge.csv"), "y", [intercept, value("x")], "log"),
        "nearly_poisson": Model(read(FOLDER + "nearly_poisson.csv"), "y", [intercept, value("x")], "log"),
    }
    with open(FOLDER + "expected.csv", "w") as file:
        file.write("id,quantity,value\n")
        for name, model in models.items():
            for quantity, number in model.results():
                file.write(f"{name},{quantity},{nstr(number, 25)}\n")
    forms()


main()
