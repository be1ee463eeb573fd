#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/tails.csv: distribution tails by mpmath with 60 digits, from probability 0.5 down to 1e-300 and degrees of
freedom up to 1e9. Usage: make_tails.py > tails.csv"""
from mpmath import mp, mpf, betainc, gammainc, erfc, sqrt, nstr, log

mp.dps = 60


def t_two_sided(t, df):
    # P(|T| > t) = I_x(df/2, 1/2), x = df/(df + t^2); the regularised incomplete beta by its series or its quadrature.
    return beta_lower(mpf(df) / 2, mpf(1) / 2, mpf(df) / (df + t * t))


def f_upper(f, a, b):
    return beta_lower(mpf(b) / 2, mpf(a) / 2, mpf(b) / (b + a * f))


def beta_lower(a, b, x):
    """I_x(a, b) by the continued fraction (Lentz), good on the side where x is below the mean."""
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_lower(b, a, 1 - x)
    front = mp.exp(mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b) + a * log(x) + b * mp.log1p(-x)) / a
    tiny = mpf(10) ** -3000
    c, d = mpf(1), 1 - (a + b) * x / (a + 1)
    d = 1 / (d if d != 0 else tiny)
    h = d
    for m in range(1, 200000):
        for step in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                     -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 / (1 + step * d)
            c = 1 + step / c
            h *= d * c
        if abs(d * c - 1) < mpf(10) ** -50:
            return front * h
    raise ValueError("no convergence")


def emit(kind, x, a, b, p):
    if p > mpf(10) ** -305:
        print(f"{kind},{nstr(mpf(x), 20)},{a},{b},{nstr(p, 25)}")


print("kind,x,df1,df2,p")
for df in (1, 2, 3, 7, 30, 100, 1000, 100000, 1000000000):
    for t in (0.25, 1, 2, 5, 10, 20, 30, 37, 100, 1e4, 1e10):
        if df > 1000 and t > 37:
            continue
        emit("t", t, df, 0, t_two_sided(mpf(t), df))
for a, b in ((1, 1), (1, 10), (3, 20), (5, 1000), (10, 100000), (50, 1000000), (2, 1000000000), (200, 50)):
    for f in (0.5, 1, 1.5, 3, 10, 30, 100, 300):
        if b > 1000 and f > 100:
            continue
        emit("f", f, a, b, f_upper(mpf(f), a, b))
for z in (0.1, 1, 2, 5, 8, 12, 20, 30, 36, 37):
    emit("normal", z, 0, 0, erfc(mpf(z) / sqrt(mpf(2))))
for df in (1, 2, 5, 30, 300):
    for x in (0.5, 1, 5, 20, 100, 500, 1000, 1300):
        emit("chi_squared", x, df, 0, gammainc(mpf(df) / 2, mpf(x) / 2, regularized=True))
