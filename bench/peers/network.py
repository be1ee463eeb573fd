# SPDX-License-Identifier: GPL-3.0-or-later
"""network.py THREADS [CASE]: median seconds of an epoch of PyTorch on the networks of bench_network, float32. Needs an OpenBLAS
built with OpenMP; that on pthreads is several times slower at two threads."""
import sys
import time

import torch
from torch import nn

threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
torch.set_num_threads(threads)
CASES = [
    ("784-128-10 relu, batch 64, sgd", 60000, [784, 128, 10], 64, torch.optim.SGD, nn.ReLU),
    ("784-128-10 relu, batch 64, adam", 60000, [784, 128, 10], 64, torch.optim.Adam, nn.ReLU),
    ("784-128-10 relu, batch 128, sgd", 60000, [784, 128, 10], 128, torch.optim.SGD, nn.ReLU),
    ("784-512-512-10 relu, batch 64, sgd", 60000, [784, 512, 512, 10], 64, torch.optim.SGD, nn.ReLU),
    ("784-512-512-10 relu, batch 64, adam", 60000, [784, 512, 512, 10], 64, torch.optim.Adam, nn.ReLU),
    ("2-8-1 tanh, 1,000 rows, batch 1, sgd", 1000, [2, 8, 1], 1, torch.optim.SGD, nn.Tanh),
]


def epoch(model, rule, loss, x, y, batch):
    order = torch.randperm(len(x))
    start = time.perf_counter()
    for first in range(0, len(x), batch):
        rows = order[first:first + batch]
        rule.zero_grad(set_to_none=True)
        loss(model(x[rows]), y[rows]).backward()
        rule.step()
    return time.perf_counter() - start


for name, rows, widths, batch, make_rule, activation in CASES[int(sys.argv[2]):int(sys.argv[2]) + 1] if len(sys.argv) > 2 else CASES:
    layers = []
    for inputs, units in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, units), activation()]
    model = nn.Sequential(*layers[:-1])
    x = 2 * torch.rand(rows, widths[0]) - 1
    y = torch.randint(widths[-1], (rows,)) if widths[-1] > 1 else torch.rand(rows, 1)
    loss = nn.CrossEntropyLoss() if widths[-1] > 1 else nn.MSELoss()
    rule = make_rule(model.parameters(), lr=1e-3)
    repeats = 1 if widths[1] > 128 else 3
    seconds = sorted(epoch(model, rule, loss, x, y, batch) for _ in range(repeats + 1))
    print(f"PyTorch {torch.__version__}, {threads} thread(s): {name}: {seconds[len(seconds) // 2]:.4f} s")
