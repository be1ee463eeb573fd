# SPDX-License-Identifier: GPL-3.0-or-later
"""convolution.py THREADS [ROWS [EPOCHS]]: median seconds of an epoch of PyTorch on the networks of bench_convolution, float32,
batch 64, SGD. Takes memory formats in turns and prints each; needs an OpenBLAS built with OpenMP."""
import sys
import time

import torch
from torch import nn

threads, rows, epochs = (int(a) for a in (sys.argv[1:] + ["1", "60000", "3"][len(sys.argv) - 1:]))
torch.set_num_threads(threads)


def epoch(model, rule, loss, x, y):
    order = torch.randperm(len(x))
    start = time.perf_counter()
    for first in range(0, len(x), 64):
        batch = order[first:first + 64]
        rule.zero_grad(set_to_none=True)
        loss(model(x[batch]), y[batch]).backward()
        rule.step()
    return time.perf_counter() - start


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def separable():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2), nn.ReLU(), nn.Conv2d(16, 16, 3, groups=16), nn.Conv2d(16, 32, 1), nn.ReLU(),
        nn.Conv2d(32, 32, 3, groups=32), nn.Conv2d(32, 32, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(32, 10))


def wide():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3),
        nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10))


for make in (lenet, separable, wide):
    for form in (torch.contiguous_format, torch.channels_last):
        model = make().to(memory_format=form)
        x = (2 * torch.rand(rows, 1, 28, 28) - 1).to(memory_format=form)
        y = torch.randint(10, (rows,))
        rule = torch.optim.SGD(model.parameters(), lr=1e-3)
        seconds = sorted(epoch(model, rule, nn.CrossEntropyLoss(), x, y) for _ in range(epochs))
        print(f"PyTorch {torch.__version__}, {threads} thread(s), {form}: {make.__name__}, {rows} rows: "
              f"{seconds[len(seconds) // 2]:.3f} s", flush=True)
