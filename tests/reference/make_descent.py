#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of PyTorch's optimisers, step for step (Debian: apt-get install python3-torch).

Run from the top of the tree: /usr/bin/python3 tests/reference/make_descent.py
Writes tests/data/descent/problem.csv, a small logistic problem, and paths.csv: for every case of the
list below the parameters after each step (or epoch), made by torch.optim in float64.
tests/test_descent.c has the same list."""
import math
import torch

STEPS = 30
L2 = 0.02
ROWS = 23

torch.set_default_dtype(torch.float64)


def make_problem():
    """Fixed numbers, not from a generator whose stream might change."""
    x = [[round(math.sin(1.7 * i + 0.3) * 1.5, 3), round(math.cos(0.9 * i) + 0.02 * i, 3),
          round(math.sin(0.37 * i * i), 3)] for i in range(ROWS)]
    y = [1 if math.sin(2.3 * i) + 0.8 * row[0] - 0.5 * row[1] > 0 else 0 for i, row in enumerate(x)]
    return x, y


def loss(x, y, weight, bias):
    eta = x @ weight + bias
    fit = torch.nn.functional.binary_cross_entropy_with_logits(eta, y)
    return fit + 0.5 * L2 * (weight @ weight)


SGD, AdaGrad, RMSprop, Adam, AdamW = (torch.optim.SGD, torch.optim.Adagrad, torch.optim.RMSprop,
                                      torch.optim.Adam, torch.optim.AdamW)
# (optimiser, its options, rows of a mini-batch in the order of the rows; 0: all)
CASES = [
    (SGD, dict(lr=0.5), 0),
    (SGD, dict(lr=0.2, momentum=0.9), 0),
    (SGD, dict(lr=0.2, momentum=0.8, nesterov=True), 0),
    (AdaGrad, dict(lr=0.3), 0),
    (AdaGrad, dict(), 0),
    (RMSprop, dict(lr=0.05), 0),
    (RMSprop, dict(lr=0.05, alpha=0.9, eps=1e-4), 0),
    (Adam, dict(), 0),
    (Adam, dict(lr=0.1, betas=(0.8, 0.95), eps=1e-3), 0),
    (AdamW, dict(lr=0.1, weight_decay=0.1), 0),
    (SGD, dict(lr=0.1, momentum=0.9), 6),
    (Adam, dict(lr=0.02), 6),
]


def path(optimiser, options, size):
    rows, responses = make_problem()
    x, y = torch.tensor(rows), torch.tensor([float(v) for v in responses])
    weight = torch.tensor([0.3, -0.2, 0.1], requires_grad=True)
    bias = torch.tensor(0.5, requires_grad=True)
    # The decay of AdamW is for weights; biases are a group without it.
    plain = dict(params=[bias], weight_decay=0) if "weight_decay" in options else dict(params=[bias])
    rule = optimiser([dict(params=[weight]), plain], **{"lr": 0.01, **options}
                     if optimiser is SGD else options)
    result = []
    for _ in range(STEPS):
        for first in range(0, ROWS, size or ROWS):
            last = first + (size or ROWS)
            rule.zero_grad()
            loss(x[first:last], y[first:last], weight, bias).backward()
            rule.step()
        result.append([*weight.tolist(), bias.item()])
    return result


def main():
    with open("tests/data/descent/problem.csv", "w") as out:
        print("y,x1,x2,x3", file=out)
        for row, y in zip(*make_problem()):
            print(y, *row, sep=",", file=out)
    with open("tests/data/descent/paths.csv", "w") as out:
        print("case,step,w1,w2,w3,b", file=out)
        for number, case in enumerate(CASES):
            for step, theta in enumerate(path(*case)):
                print(number, step + 1, *(f"{v:.17g}" for v in theta), sep=",", file=out)


if __name__ == "__main__":
    main()
