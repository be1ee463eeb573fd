#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generalised linear models of extreme but legal data, by Fisher scoring with 80 digits (700 where probabilities of 1e-300 ask
for it). Usage: make_extreme.py FOLDER writes FOLDER/ID.csv (y, x, z, w, o: response, two inputs, weight, offset) and
FOLDER/expected.csv (id, family, link, weights, then estimates, standard errors, deviance, log-likelihood)."""
import math
import random
import sys

from mpmath import mp, mpf, matrix, log, exp, sqrt, loggamma, erfc, erf, pi, lu_solve, nstr, inf

FOLDER = sys.argv[1]
LINKS = {
    "identity": (lambda e: e, lambda e: mpf(1)),
    "log": (exp, exp),
    "inverse": (lambda e: 1 / e, lambda e: -1 / e**2),
    "logit": (lambda e: 1 / (1 + exp(-e)), lambda e: exp(-e) / (1 + exp(-e)) ** 2),
    "probit": (lambda e: erfc(-e / sqrt(2)) / 2, lambda e: exp(-e * e / 2) / sqrt(2 * pi)),
    "cloglog": (lambda e: 1 - exp(-exp(e)), lambda e: exp(e - exp(e))),
}


def xlogy(x, y):
    return x * log(y) if x else mpf(0)


def choose(n, k):
    return loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1)


class Family:
    """variance, unit deviance, and the log density of an observation of some weight."""

    def __init__(self, name):
        self.name = name

    def variance(self, m):
        return {"gaussian": mpf(1), "binomial": m * (1 - m), "poisson": m, "gamma": m * m}[self.name]

    def deviance(self, y, m):
        if self.name == "gaussian":
            return (y - m) ** 2
        if self.name == "binomial":
            return 2 * (xlogy(y, y / m) + xlogy(1 - y, (1 - y) / (1 - m)))
        if self.name == "poisson":
            return 2 * (xlogy(y, y / m) - (y - m))
        return 2 * ((y - m) / m - log(y / m))

    def density(self, y, m, w, phi, frequency):
        times, w = (w, mpf(1)) if frequency else (mpf(1), w)
        if self.name == "gaussian":
            value = (log(w) - log(2 * pi * phi) - w * (y - m) ** 2 / phi) / 2
        elif self.name == "binomial":
            n, k = mp.nint(w), mp.nint(w * y)
            value = choose(n, k) + xlogy(k, m) + xlogy(n - k, 1 - m)
        elif self.name == "poisson":
            value = w * (xlogy(y, m) - m - loggamma(y + 1))
        else:
            k = 1 / phi
            value = w * ((k - 1) * log(y) - y * k / m - k * log(m / k) - loggamma(k))
        return times * value


def fit(family, link, rows, frequency, start):
    mean, slope = LINKS[link]
    beta = [mpf(s) for s in start]
    x = [[mpf(1), r[1], r[2]] for r in rows]

    def eta(b):
        return [r[4] + sum(c * v for c, v in zip(b, row)) for r, row in zip(rows, x)]

    def deviance(b):
        e = eta(b)
        if link in ("inverse",) and min(e) <= 0:
            return inf
        return sum(r[3] * family.deviance(r[0], mean(v)) for r, v in zip(rows, e))

    before = deviance(beta)
    for _ in range(400):
        h, g = matrix(3, 3), matrix(3, 1)
        for r, row, e in zip(rows, x, eta(beta)):
            m, s = mean(e), slope(e)
            v = family.variance(m)
            for i in range(3):
                g[i] += r[3] * (r[0] - m) * s / v * row[i]
                for j in range(3):
                    h[i, j] += r[3] * s * s / v * row[i] * row[j]
        step = lu_solve(h, g)
        size = mpf(1)
        while True:
            new = [b + size * d for b, d in zip(beta, step)]
            after = deviance(new)
            if after <= before * (1 + mpf(10) ** -60) or size < mpf(10) ** -20:
                break
            size /= 2
        done = max(abs(d) / (abs(b) + mpf(10) ** -40) for b, d in zip(new, step)) < mpf(10) ** -30
        beta, before = new, after
        if done:
            break
    else:
        raise SystemExit("not converged: " + family.name + " " + link)
    weight = sum(r[3] for r in rows)
    n = weight if frequency else mpf(len(rows))
    pearson = sum(r[3] * (r[0] - mean(e)) ** 2 / family.variance(mean(e)) for r, e in zip(rows, eta(beta)))
    known = family.name in ("binomial", "poisson")
    phi = mpf(1) if known else pearson / (n - 3)
    scale = mpf(1) if known else before / (n if family.name == "gaussian" and not frequency else weight)
    covariance = h**-1
    likelihood = sum(family.density(r[0], mean(e), r[3], scale, frequency) for r, e in zip(rows, eta(beta)))
    return beta + [sqrt(phi * covariance[i, i]) for i in range(3)] + [before, likelihood]


def poisson(rng, mean):
    return round(max(0, rng.gauss(mean, math.sqrt(mean)))) if mean > 50 else sum(rng.random() < mean / 1000 for _ in range(1000))


def base(rng, i):
    return round(i / 10 - 1, 3), round(rng.gauss(0, 1), 3)


def tiny_probabilities(low):
    """Ordinary rows, and some whose probability is next to nothing, without a success among them."""
    rng, rows = random.Random(1), []
    for i in range(24):
        x, z = base(rng, i)
        rows.append((int(rng.random() < 1 / (1 + math.exp(-x - 0.5 * z))) if i % 4 else 0, x, z, 1, 0 if i % 4 else low))
    return rows


def huge_counts():
    rng, rows = random.Random(2), []
    for i in range(20):
        x, z = base(rng, i)
        rows.append((poisson(rng, 1e9 * math.exp(0.3 * x - 0.2 * z)), x, z, 1, 0))
    return rows


def weights(make, whole):
    """Over 12 orders of magnitude."""
    rng, rows = random.Random(3), []
    for i in range(26):
        x, z = base(rng, i)
        w = float(f"{10 ** (i * 12 / 25):.0f}") if whole else float(f"{10 ** (i * 12 / 25 - 6):.4g}")
        rows.append((make(rng, x, z, w), x, z, w, 0))
    return rows


def trials(rng, x, z, w):
    p = 1 / (1 + math.exp(-0.4 * x + z))
    k = min(w, max(0, round(rng.gauss(w * p, math.sqrt(w * p * (1 - p)) + 1e-3 * w * p))))
    return k / w


def gaussian_response(rng, x, z, w):
    return round(2 + x - z + rng.gauss(0, 1) / math.sqrt(w), 6)


def gamma_response(rng, x, z, w):
    """With a relative spread of about w^-1/2 where that is less than 1."""
    factor = max(0.01, 1 + rng.gauss(0, 0.3) / math.sqrt(w)) if w > 1 else rng.gammavariate(2, 0.5)
    return float(f"{math.exp(x - z) * factor:.6g}")


def wide_responses():
    """From 1e-60 to 1e60."""
    return [(float(f"{10 ** (60 * r[1]) * (1 + 0.3 * math.sin(7 * i)):.6g}"),) + r[1:] for i, r in enumerate(huge_counts())]


CASES = [
    ("tiny_logit", "binomial", "logit", "none", lambda: tiny_probabilities(-690)),
    ("tiny_probit", "binomial", "probit", "none", lambda: tiny_probabilities(-37)),
    ("tiny_cloglog", "binomial", "cloglog", "none", lambda: tiny_probabilities(-690)),
    ("huge_counts", "poisson", "log", "none", huge_counts),
    ("trials", "binomial", "logit", "prior", lambda: weights(trials, True)),
    ("weights_gaussian", "gaussian", "identity", "analytic", lambda: weights(gaussian_response, False)),
    ("weights_gamma", "gamma", "log", "analytic", lambda: weights(gamma_response, False)),
    ("weights_poisson", "poisson", "log", "frequency", lambda: weights(lambda r, x, z, w: poisson(r, math.exp(1 + x)), True)),
    ("wide_gamma", "gamma", "log", "none", wide_responses),
]


def main():
    with open(FOLDER + "/expected.csv", "w") as file:
        file.write("id,family,link,weights,b0,b1,b2,se0,se1,se2,deviance,log_lik\n")
        for name, family, link, kind, make in CASES:
            mp.dps = 700 if "tiny" in name else 80
            rows = make()
            with open(f"{FOLDER}/{name}.csv", "w") as data:
                data.write("y,x,z,w,o\n")
                for row in rows:
                    data.write(",".join(repr(v) for v in row) + "\n")
            start = [log(sum(mpf(r[0]) for r in rows) / len(rows)) if link == "log" else 0, 0, 0]
            result = fit(Family(family), link, [[mpf(v) for v in r] for r in rows], kind == "frequency", start)
            file.write(",".join([name, family, link, kind] + [nstr(v, 20) for v in result]) + "\n")


main()
