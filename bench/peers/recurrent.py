# SPDX-License-Identifier: GPL-3.0-or-later
"""recurrent.py THREADS [CELL]: median seconds of an epoch of PyTorch on the networks of bench_recurrent, float32, time first (its
faster layout). Needs an OpenBLAS built with OpenMP; that on pthreads is several times slower at two threads."""
import sys
import time

import torch
from torch import nn

threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
torch.set_num_threads(threads)
CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class Network(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.layer = cell(16, 64)
        self.output = nn.Linear(64, 1)

    def forward(self, x):
        return self.output(self.layer(x)[0][-1])


def epoch(model, rule, loss, x, y):
    order = torch.randperm(len(y))
    start = time.perf_counter()
    for first in range(0, len(y), 32):
        rows = order[first:first + 32]
        rule.zero_grad(set_to_none=True)
        loss(model(x[:, rows]), y[rows]).backward()
        rule.step()
    return time.perf_counter() - start


for name in sys.argv[2:] or CELLS:
    model = Network(CELLS[name])
    x = 2 * torch.rand(50, 10000, 16) - 1
    y = torch.rand(10000, 1)
    rule = torch.optim.SGD(model.parameters(), lr=1e-3)
    seconds = sorted(epoch(model, rule, nn.MSELoss(), x, y) for _ in range(3))
    print(f"PyTorch {torch.__version__}, {threads} thread(s): {name} 16 -> 64, T = 50, batch 32: {seconds[1]:.4f} s", flush=True)
