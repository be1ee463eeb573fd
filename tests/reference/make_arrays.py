#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small .npy files by NumPy (Debian: apt-get install python3-numpy).

Run from the top of the tree: /usr/bin/python3 tests/reference/make_arrays.py
Writes tests/data/arrays/*.npy, and arrays.txt: a line for every file that can be read, with its
name, rows, columns and the elements in row-major order, as doubles with 17 digits; and refused.txt:
the files of types that are refused, and a word of the message."""
import os
import numpy as np
from numpy.lib import format as npy

FOLDER = "tests/data/arrays/"
os.makedirs(FOLDER, exist_ok=True)
lines, refused = [], []


def write(name, array, version=None):
    with open(FOLDER + name, "wb") as file:
        npy.write_array(file, array, version=version)


def save(name, array, version=None):
    write(name, array, version)
    cells = array.reshape(len(array), -1)  # row-major whatever the order in memory
    values = " ".join("%.17g" % float(v) for v in cells.ravel())
    lines.append(f"{name} {cells.shape[0]} {cells.shape[1]} {values}")


def numbers(kind):
    """3×2×2 numbers with the extremes of the type among them."""
    if kind == "b1":
        return np.arange(12).reshape(3, 2, 2) % 3 == 0
    if kind == "f2":
        values = np.array([0, -0.5, 1 / 3, 2.5e-3, -7, 65504, -(2.0**-24), np.nan, np.inf, 6.1e-5, 2, 3])
        return values.reshape(3, 2, 2).astype(kind)
    if kind[0] == "f":
        values = np.array([0, -0.5, 1 / 3, 2.5e-3, -7, 1e30, -1e-30, np.nan, np.inf, 1, 2, 3])
        return values.reshape(3, 2, 2).astype(kind)
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    values = [low, high, 0, 1, 2, 3, 100, 127, high - 1, low + 1, high // 2, 5]
    return np.array(values, dtype=kind).reshape(3, 2, 2)


for kind in ["u1", "i1", "b1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]:
    for byte_order, order_name in [("<", "little"), (">", "big")]:
        if kind[1] == "1" and byte_order == ">":
            continue
        array = numbers(kind).astype(byte_order + kind if kind[1] != "1" else numbers(kind).dtype)
        save(f"{kind}_{order_name}.npy", array)
        save(f"{kind}_{order_name}_fortran.npy", np.asfortranarray(array))
save("vector.npy", np.array([3.5, -1, 2]))
save("matrix.npy", np.arange(12.0).reshape(4, 3))
save("matrix_fortran.npy", np.asfortranarray(np.arange(12.0).reshape(4, 3)))
save("rank4.npy", np.arange(24, dtype="i2").reshape(2, 2, 3, 2))
save("rank4_fortran.npy", np.asfortranarray(np.arange(24, dtype="i2").reshape(2, 2, 3, 2)))
save("gray_last.npy", np.arange(12, dtype="u1").reshape(2, 2, 3, 1))
save("gray_first.npy", np.arange(12, dtype="u1").reshape(2, 1, 2, 3))
save("version2.npy", np.arange(6.0).reshape(3, 2), version=(2, 0))
save("version3.npy", np.arange(6.0).reshape(3, 2), version=(3, 0))

for name, array, word in [
    ("objects.npy", np.array([None, 1], dtype=object), "Python objects"),
    ("records.npy", np.zeros(2, dtype=[("a", "<i4"), ("b", "<f8")]), "records"),
    ("complex.npy", np.zeros(2, dtype="<c16"), "complex numbers"),
    ("text.npy", np.array(["a", "bc"]), "text"),
    ("bytes.npy", np.array([b"a", b"bc"]), "text"),
    ("times.npy", np.zeros(2, dtype="<M8[s]"), "times"),
    ("long.npy", np.zeros(2, dtype=np.longdouble), '"<f16"'),
    ("scalar.npy", np.array(3.0), "no dimensions"),
    ("none.npy", np.zeros((0, 3)), "0×3"),
    ("narrow.npy", np.zeros((3, 0)), "3×0"),
]:
    write(name, array)
    refused.append(f"{name} {word}")

for name, text in [("arrays.txt", lines), ("refused.txt", refused)]:
    with open(FOLDER + name, "w", encoding="utf-8") as file:
        file.write("\n".join(text) + "\n")
