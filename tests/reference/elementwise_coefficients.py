# SPDX-License-Identifier: GPL-3.0-or-later
# The polynomials of lib/linalg/elementwise_types.h, with the largest relative error each brings to the function; needs mpmath.
#   exp:    (e^r - 1 - r)/r^2, |r| <= log(2)/2
#   log:    (2 atanh(s)/s - 2)/z, z = s^2, 1 + f in [sqrt(1/2), sqrt(2)], s = f/(2 + f)
#   log1p:  the same for f in [0, 1]
# Interpolation at Chebyshev nodes in 50 digits. The constant term of exp's in double was set to 1/2.
import struct
from mpmath import atanh, cos, exp, log, lu_solve, matrix, mp, mpf, pi, sqrt

mp.dps = 50


def interpolate(f, low, high, degree):
    n = degree + 1
    a, b = matrix(n, n), matrix(n, 1)
    for i in range(n):
        x = (low + high) / 2 + (high - low) / 2 * cos((2 * i + 1) * pi / (2 * n))
        for j in range(n):
            a[i, j] = x**j
        b[i] = f(x)
    return list(lu_solve(a, b))


def exp_part(r):
    return (exp(r) - 1 - r) / r**2 if abs(r) > mpf("1e-10") else mpf(1) / 2 + r / 6


def log_part(z):
    s = sqrt(z)
    return (2 * atanh(s) / s - 2) / z if z > mpf("1e-20") else mpf(2) / 3 + 2 * z / 5


def rounded(x, single):
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0] if single else float(x))


def show(name, f, low, high, degree, weight, single):
    c = [rounded(x, single) for x in interpolate(f, low, high, degree)]
    grid = [low + (high - low) * mpf(k) / 997 for k in range(998)]
    error = max(abs(sum(a * x**i for i, a in enumerate(c)) - f(x)) * weight(x) for x in grid)
    print(name, "float" if single else "double", "error 2^%.1f" % float(log(error, 2)))
    print("  " + ", ".join(float(x).hex() for x in c))


half = log(mpf(2)) / 2 * mpf("1.0005")
far = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf("1.001")
for single, degrees in ((False, (9, 6, 9)), (True, (4, 2, 4))):
    show("exp", exp_part, -half, half, degrees[0], lambda r: r * r / exp(r), single)
    show("log", log_part, mpf(0), far, degrees[1], lambda z: z / 2, single)
    show("log1p", log_part, mpf(0), mpf(1) / 9, degrees[2], lambda z: z / 2, single)
