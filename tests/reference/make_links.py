#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/links.csv: the links into (0, 1) from tail to tail by mpmath, with digits enough for both.
Usage: make_links.py > links.csv"""
from mpmath import mp, mpf, atan, erfc, exp, log, nstr, pi, sqrt

mp.dps = 700
LINKS = {
    "logit": (lambda e: 1 / (1 + exp(-e)), lambda e: 1 / (1 + exp(e)), lambda e: exp(-e) / (1 + exp(-e)) ** 2),
    "probit": (lambda e: erfc(-e / sqrt(2)) / 2, lambda e: erfc(e / sqrt(2)) / 2, lambda e: exp(-e * e / 2) / sqrt(2 * pi)),
    "cloglog": (lambda e: 1 - exp(-exp(e)), lambda e: exp(-exp(e)), lambda e: exp(e - exp(e))),
    "cauchit": (lambda e: atan(e) / pi + mpf(1) / 2, lambda e: mpf(1) / 2 - atan(e) / pi, lambda e: 1 / (pi * (1 + e * e))),
    "log": (exp, lambda e: 1 - exp(e), exp),
}
ETAS = "-690 -300 -40 -37.5 -30.5 -29.5 -10 -5 -2 -1.01 -0.99 -0.5 -0.01 0 0.3 1 1.7 2.5 3.5 4.5 6 8 20 24 26 40 300 690".split()


def shown(x):
    """Without what no double holds."""
    return nstr(x, 20, min_fixed=1, max_fixed=1) if x == 0 or abs(x) > mpf(10) ** -300 else "0"


print("link,eta,log_mean,log_complement,rate_up,rate_down")
for name, (mean, complement, slope) in LINKS.items():
    for eta in ETAS:
        e = mpf(float(eta))
        if name == "log" and e >= 0 or name == "cloglog" and e > 8:
            continue
        m, c, s = mean(e), complement(e), slope(e)
        if name == "probit" and abs(e) > 50:  # 1 - tiny has no digits left: the logarithm of it is minus the tiny
            small = erfc(abs(e) / sqrt(2)) / 2
            m, c = (small, 1 - small) if e < 0 else (1 - small, small)
        values = [log(m), log(c), s / m, s / c]
        print(name, eta, *(shown(v) for v in values), sep=",")
