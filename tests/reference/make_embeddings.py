#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Embedded columns beside numbers, forward and backward (Debian: apt-get install python3-torch).

Run from the top of the tree: /usr/bin/python3 tests/reference/make_embeddings.py
Writes tests/data/layers/embeddings.csv: for every case of the list below, by torch's nn.Embedding,
nn.Linear and nn.GRU in float64, the inputs x (an embedded column holds level numbers), the parameters
theta in the order of gradus' blocks, the factors, the outputs, and the derivatives of
sum(factor * output) by x (0 by level numbers) and theta. tests/test_embeddings.c has the same list,
as architectures."""
import csv
import math
import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)

# (name, rows, shape of a row, {column: (levels, units)}, what follows, outputs)
CASES = [
    ("one", 7, [3], {0: (3, 2)}, "tanh", 3),
    ("between", 9, [6], {1: (4, 3), 4: (2, 1), 5: (5, 4)}, "tanh", 2),
    ("alone", 5, [2], {0: (3, 3), 1: (4, 2)}, "tanh", 1),
    ("one_row", 1, [4], {2: (3, 5)}, "tanh", 2),
    ("linear", 6, [3], {1: (4, 2)}, "output", 2),
    ("steps", 5, [4, 3], {1: (3, 2)}, "gru", 2),
    ("steps_first", 3, [3, 2], {0: (4, 3), 1: (2, 2)}, "gru", 1),
]
UNITS = 5


def concatenate(x, tables):
    """Columns in their order, an embedded one as its units."""
    parts = [tables[j](x[..., j].detach().long()) if j in tables else x[..., j:j + 1]
             for j in range(x.shape[-1])]
    return torch.cat(parts, dim=-1)


def values_of(shape, start):
    return torch.tensor([0.8 * math.sin(1.3 * (start + i) + 0.4) for i in range(math.prod(shape))]
                        ).reshape(shape).requires_grad_()


def run(rows, shape, embedded, follows, outputs):
    """Parameters are gradus' blocks; torch's modules are given them."""
    width = shape[-1] + sum(units - 1 for _, units in embedded.values())
    sizes = [size for _, size in sorted(embedded.items())]
    if follows == "tanh":
        sizes += [(UNITS, width), (UNITS,), (outputs, UNITS), (outputs,)]
    elif follows == "output":
        sizes += [(outputs, width), (outputs,)]
    else:  # one bias, and the candidate's second one in a block of its own
        sizes += [(3 * UNITS, width), (3 * UNITS, UNITS), (3 * UNITS,), (UNITS,), (outputs, UNITS), (outputs,)]
    blocks = []
    for size in sizes:
        blocks.append(values_of(size, sum(block.numel() for block in blocks)))
    tables, rest = {}, list(blocks)
    for j in sorted(embedded):
        tables[j] = nn.Embedding(*embedded[j])
        del tables[j].weight  # a parameter would be a leaf of its own
        tables[j].weight = rest.pop(0)
    count = math.prod(shape)
    values = [[1.5 * math.sin(0.7 * i * i + 2.1 * j + 0.2) for j in range(count)] for i in range(rows)]
    for i in range(rows):
        for j in range(count):
            if j % shape[-1] in embedded:
                values[i][j] = float((3 * i * i + 2 * j + i) % embedded[j % shape[-1]][0])
    x = torch.tensor(values, requires_grad=True)
    flow = concatenate(x.reshape([rows] + shape), tables)
    if follows == "tanh":
        flow = torch.tanh(F.linear(flow, *rest[:2]))
    elif follows == "gru":
        gru = nn.GRU(width, UNITS, batch_first=True)
        gru._flat_weights = rest[:3] + [torch.cat([torch.zeros(2 * UNITS), rest[3]])]
        flow = gru(flow)[1][0]
    out = F.linear(flow, *rest[-2:])
    factor = torch.tensor([math.cos(0.9 * i + 0.1) for i in range(out.numel())]).reshape(out.shape)
    (factor * out).sum().backward()
    flat = lambda blocks: [v for block in blocks for v in block.detach().flatten().tolist()]
    slope = x.grad if x.grad is not None else torch.zeros_like(x)
    return {"x": flat([x]), "theta": flat(blocks), "factor": flat([factor]), "out": flat([out]),
            "dx": flat([slope]), "dtheta": flat(block.grad for block in blocks)}


with open("tests/data/layers/embeddings.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["case", "quantity", "value"])
    for name, *case in CASES:
        for quantity, values in run(*case).items():
            writer.writerows([name, quantity, repr(v)] for v in values)
