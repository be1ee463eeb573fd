#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers forward and backward (Debian: apt-get install python3-torch).

Run from the top of the tree: /usr/bin/python3 tests/reference/make_layers.py
Writes tests/data/layers/reference.csv: for every case of the list below, by torch in float64, the
inputs x, the parameters theta in the order of the blocks, the outputs, the derivatives of
sum(factor * output) by x and theta, and where there is batch norm, theta after the batch. The
architectures are those of gradus (doc/network.md); tests/test_layers.c has the same list. And
tests/data/layers/losses.csv: losses of given outputs, their weighted sums and derivatives."""
import csv
import json
import math
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

ACTIVATIONS = ["identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "softplus", "swish",
               "softmax"]


def hidden(*between):
    return json.dumps({"layers": [{"type": "dense", "units": 6, "name": "hidden1"}, *between,
                                  {"type": "dense", "name": "output"}]})


BATCH_NORM = {"type": "batch_norm", "name": "norm"}
LAYER_NORM = {"type": "layer_norm", "name": "norm"}
TANH = {"type": "activation", "activation": "tanh"}
RESIDUAL = json.dumps({"layers": [
    {"type": "dense", "units": 4, "name": "hidden1"}, {**TANH, "name": "a1"},
    {"type": "dense", "units": 4, "name": "hidden2"}, {**TANH, "name": "a2"},
    {"type": "add", "name": "residual", "inputs": ["a2", "a1"]},
    {"type": "dense", "name": "output"},
    {"type": "dense", "name": "skip", "inputs": ["input"], "bias": False},
    {"type": "add", "name": "sum", "inputs": ["output", "skip"]}]})
# (name, architecture, rows, inputs, outputs, training)
CASES = [("dense", '{"layers": [{"type": "dense", "name": "output"}]}', 7, 5, 3, False)]
CASES += [(name, hidden({"type": "activation", "activation": name}), 7, 5, 3, False)
          for name in ACTIVATIONS]
CASES += [
    ("layer_norm", hidden(LAYER_NORM, TANH), 7, 5, 3, False),
    ("layer_norm_one", hidden(LAYER_NORM, TANH), 1, 5, 1, True),
    ("batch_norm", hidden(BATCH_NORM, TANH), 7, 5, 3, True),
    ("batch_norm_options", hidden({**BATCH_NORM, "epsilon": 0.01, "momentum": 0.3}, TANH), 3, 1, 2,
     True),
    ("batch_norm_predicting", hidden(BATCH_NORM, TANH), 7, 5, 3, False),
    ("residual", RESIDUAL, 5, 3, 2, False),
]


def function(name, x):
    own = {"identity": lambda v: v, "swish": F.silu, "softmax": lambda v: F.softmax(v, dim=-1)}
    return (own.get(name) or getattr(torch, name, None) or getattr(F, name))(x)


def run(architecture, rows, inputs, outputs, training):
    """Blocks by name, in order, with how each layer is called on them."""
    layers = json.loads(architecture)["layers"]
    blocks, sizes, last = {}, {"input": inputs}, "input"
    steps = []
    for number, layer in enumerate(layers):
        name = layer.get("name", f"layer{number}")
        sources = layer.get("inputs", [last])
        size = sizes[sources[0]]
        if layer["type"] == "dense":
            units = layer.get("units", outputs)
            blocks[name + ".weight"] = (units, size)
            if layer.get("bias", True):
                blocks[name + ".bias"] = (units,)
            size = units
        elif layer["type"] in ("layer_norm", "batch_norm"):
            for part in ["weight", "bias"] + ["running_mean", "running_var"] * (
                    layer["type"] == "batch_norm"):
                blocks[f"{name}.{part}"] = (size,)
        sizes[name], last = size, name
        steps.append((name, sources, layer))
    theta, n = {}, 0
    for name, shape in blocks.items():
        count = math.prod(shape)
        values = [math.sin(1.3 * (n + i) + 0.4) for i in range(count)]
        n += count
        if name.endswith("running_var"):
            values = [1.5 + v for v in values]
        frozen = "running" in name
        theta[name] = torch.tensor(values).reshape(shape).requires_grad_(not frozen)
    start = {name: block.detach().clone() for name, block in theta.items()}
    x = torch.tensor([[1.5 * math.sin(0.7 * i * i + 2.1 * j + 0.2) for j in range(inputs)]
                      for i in range(rows)], requires_grad=True)
    values = {"input": x}
    for name, sources, layer in steps:
        of = [values[source] for source in sources]
        kind = layer["type"]
        if kind == "dense":
            values[name] = F.linear(of[0], theta[name + ".weight"], theta.get(name + ".bias"))
        elif kind == "activation":
            values[name] = function(layer["activation"], of[0])
        elif kind == "add":
            values[name] = of[0] + of[1]
        elif kind == "layer_norm":
            values[name] = F.layer_norm(of[0], of[0].shape[1:], theta[name + ".weight"],
                                        theta[name + ".bias"])
        else:
            values[name] = F.batch_norm(
                of[0], theta[name + ".running_mean"], theta[name + ".running_var"],
                theta[name + ".weight"], theta[name + ".bias"], training=training,
                momentum=layer.get("momentum", 0.1), eps=layer.get("epsilon", 1e-5))
    out = values[last]
    factor = torch.tensor([math.cos(0.9 * i + 0.1) for i in range(out.numel())]).reshape(out.shape)
    (factor * out).sum().backward()
    flat = lambda d: [v for block in d.values() for v in block.detach().flatten().tolist()]
    gradient = {name: block.grad if block.grad is not None else torch.zeros(block.shape)
                for name, block in theta.items()}
    return {"x": x.detach().flatten().tolist(), "theta": flat(start),
            "factor": factor.flatten().tolist(), "out": out.detach().flatten().tolist(),
            "dx": x.grad.flatten().tolist(), "dtheta": flat(gradient), "after": flat(theta)}


with open("tests/data/layers/reference.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["case", "quantity", "value"])
    for name, *case in CASES:
        for quantity, values in run(*case).items():
            writer.writerows([name, quantity, repr(v)] for v in values)


def squares(eta, y):
    return 0.5 * F.mse_loss(eta, y, reduction="none").sum(dim=1)


def softmax(eta, y):
    """Class 0 has the predictor 0."""
    return F.cross_entropy(F.pad(eta, (1, 0)), y[:, 0].long(), reduction="none")


def logistic(eta, y):
    return F.binary_cross_entropy_with_logits(eta, y, reduction="none")[:, 0]


def poisson(eta, y):
    """Half the deviance: less what the loss has at its best."""
    best = torch.where(y > 0, y - torch.xlogy(y, y), torch.zeros(()))
    return (F.poisson_nll_loss(eta, y, log_input=True, full=False, reduction="none") - best)[:, 0]


# (name, loss, outputs, how many values the response has: 0 numbers)
LOSSES = [("gaussian", squares, 1, 0), ("gaussian3", squares, 3, 0), ("binomial", logistic, 1, 2),
          ("poisson", poisson, 1, 4), ("softmax1", softmax, 1, 2), ("softmax4", softmax, 4, 5)]
LOSS_ROWS = 9

with open("tests/data/layers/losses.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["case", "quantity", "value"])
    for name, loss, outputs, values in LOSSES:
        eta = torch.tensor([[3 * math.sin(1.1 * i + 2.3 * j) for j in range(outputs)]
                            for i in range(LOSS_ROWS)], requires_grad=True)
        columns = outputs if loss is squares else 1
        y = torch.tensor([[float(i % values) if values else math.cos(1.9 * i + j)
                           for j in range(columns)] for i in range(LOSS_ROWS)])
        weight = torch.tensor([0.5 + 0.25 * (i % 4) for i in range(LOSS_ROWS)])
        total = (weight * loss(eta, y)).sum()
        total.backward()
        for quantity, tensor in [("eta", eta.detach()), ("y", y), ("weight", weight),
                                 ("loss", total.detach()), ("deta", eta.grad)]:
            writer.writerows([name, quantity, repr(v)] for v in tensor.flatten().tolist())
