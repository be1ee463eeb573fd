#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recurrent layers and embeddings forward and backward (Debian: apt-get install python3-torch).

Run from the top of the tree: /usr/bin/python3 tests/reference/make_recurrent.py
Writes tests/data/recurrent/reference.csv: for every case its architecture (doc/network.md), and by
torch's own RNN, GRU and LSTM in float64 (padded sequences by pack_padded_sequence) the inputs x (the
length last, where there are lengths), the outputs, and the derivatives of sum(factor * output) by x
and by theta, the parameters in the order of gradus' blocks; theta[i] is 0.8 sin(1.3 i + 0.4),
factor[i] cos(0.9 i + 0.1). Truncated back-propagation is by torch's cells, row by row, with detach()
at the boundaries."""
import csv
import json
import math
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)

OUTPUT = {"type": "dense", "name": "output"}
EACH = {**OUTPUT, "each": True}
GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def of(kind, units, **options):
    return {"type": kind, "units": units, **options}


ALL = {"sequences": True}
BOTH = {"bidirectional": True}
SIX = [7, 1, 3, 7, 2, 6]
# (name, input shape, layers, outputs, rows, lengths)
CASES = []
for cell in GATES:
    CASES += [
        (cell, [7, 3], [of(cell, 5), OUTPUT], 2, 6, None),
        (cell + "_all", [7, 3], [of(cell, 5, **ALL), EACH], 2, 6, None),
        (cell + "_both", [5, 2], [of(cell, 3, **BOTH), OUTPUT], 3, 4, None),
        (cell + "_both_all", [5, 2], [of(cell, 3, **BOTH, **ALL), EACH], 1, 4, None),
        (cell + "_one_step", [1, 4], [of(cell, 3), OUTPUT], 2, 3, None),
        (cell + "_one_row", [4, 1], [of(cell, 17, **ALL), EACH], 1, 1, None),
        (cell + "_one_unit", [3, 2], [of(cell, 1, **BOTH), OUTPUT], 1, 2, None),
        (cell + "_stacked", [5, 3], [of(cell, 4, **ALL), of(cell, 3), OUTPUT], 2, 5, None),
        (cell + "_lengths", [7, 3], [of(cell, 5), OUTPUT], 2, 6, SIX),
        (cell + "_lengths_all", [7, 3], [of(cell, 5, **ALL), EACH], 2, 6, SIX),
        (cell + "_lengths_both", [7, 2], [of(cell, 3, **BOTH), OUTPUT], 2, 6, SIX),
        (cell + "_lengths_both_all", [7, 2], [of(cell, 3, **BOTH, **ALL), EACH], 1, 6, SIX),
        (cell + "_lengths_stacked", [7, 2], [of(cell, 3, **BOTH, **ALL), of(cell, 2, **BOTH), OUTPUT], 1,
         6, SIX),
        (cell + "_truncated", [7, 3], [of(cell, 4, truncate=3), OUTPUT], 2, 3, None),
        (cell + "_truncated_all", [7, 2], [of(cell, 3, truncate=2, **BOTH, **ALL), EACH], 1, 6, SIX),
        (cell + "_truncated_one", [4, 2], [of(cell, 3, truncate=1, **BOTH), OUTPUT], 1, 2, None),
    ]
CASES += [
    ("relu", [7, 3], [of("rnn", 5, activation="relu"), OUTPUT], 2, 6, None),
    ("relu_both_all", [5, 2], [of("rnn", 3, activation="relu", **BOTH, **ALL), EACH], 1, 6, [5, 2, 1, 4, 5, 3]),
    ("tokens", [6], [{"type": "embedding", "levels": 5, "units": 3}, of("gru", 4), OUTPUT], 2, 5, None),
    ("one_token", [1], [{"type": "embedding", "levels": 4, "units": 3}, OUTPUT], 2, 5, None),
    ("tokens_and_numbers", [4], [
        {"type": "columns", "first": 0, "shape": [1], "name": "which"},
        {"type": "embedding", "levels": 3, "units": 2, "name": "level"},
        {"type": "columns", "first": 1, "shape": [3], "name": "numbers", "inputs": ["input"]},
        {"type": "concat", "inputs": ["numbers", "level"]}, OUTPUT], 2, 6, None),
    ("reshaped", [6], [{"type": "reshape", "shape": [3, 2]}, of("rnn", 4, **ALL),
                       {"type": "lstm", "units": 2, "sequences": True, "name": "two"},
                       {"type": "concat", "inputs": ["rnn1", "two"]}, OUTPUT], 2, 3, None),
]


def text_of(shape, layers, lengths):
    return json.dumps({"input": shape, **({"lengths": True} if lengths else {}), "layers": layers})


def declare(kind, layer, name, shape, outputs):
    """Blocks of a layer, and the shape that comes out."""
    if kind == "dense":
        size = shape[-1] if layer.get("each") else math.prod(shape)
        units = layer.get("units", outputs)
        return ({name + ".weight": (units, size), name + ".bias": (units,)},
                shape[:-1] + [units] if layer.get("each") else [units])
    if kind == "embedding":
        units = layer["units"]
        return {name + ".weight": (layer["levels"], units)}, shape * (shape[0] > 1) + [units]
    if kind not in GATES:
        return {}, layer.get("shape")
    blocks, units, rows = {}, layer["units"], GATES[kind] * layer["units"]
    for end in ["", "_reverse"][:1 + bool(layer.get("bidirectional"))]:
        blocks.update({f"{name}.weight_ih{end}": (rows, shape[1]),
                       f"{name}.weight_hh{end}": (rows, units), f"{name}.bias{end}": (rows,)})
        if kind == "gru":
            blocks[f"{name}.bias_hn{end}"] = (units,)
    width = units * (1 + bool(layer.get("bidirectional")))
    return blocks, [shape[0], width] if layer.get("sequences") else [width]


def weights(theta, name, kind, end):
    """weight_ih, weight_hh, bias_ih and bias_hh as torch has them."""
    bias = theta[f"{name}.bias{end}"]
    other = torch.zeros_like(bias)
    if kind == "gru":
        apart = theta[f"{name}.bias_hn{end}"]
        other = torch.cat([torch.zeros(2 * len(apart)), apart])
    return [theta[f"{name}.weight_ih{end}"], theta[f"{name}.weight_hh{end}"], bias, other]


def recur(layer, kind, name, x, theta, lengths):
    both = bool(layer.get("bidirectional"))
    options = {"nonlinearity": layer.get("activation", "tanh")} if kind == "rnn" else {}
    module = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind](
        x.shape[2], layer["units"], batch_first=True, bidirectional=both, **options)
    module._flat_weights = [block for end in ["", "_reverse"][:1 + both]
                            for block in weights(theta, name, kind, end)]
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False) if lengths else x
    states, last = module(packed)
    if lengths:
        states = pad_packed_sequence(states, batch_first=True, total_length=x.shape[1])[0]
    last = last[0] if kind == "lstm" else last
    return states if layer.get("sequences") else torch.cat(list(last), dim=1)


def recur_truncated(layer, kind, name, x, theta, lengths):
    """Step by step; the state is cut from its past before every step whose number is a multiple."""
    rows, steps, _ = x.shape
    units, every, directions = layer["units"], layer["truncate"], []
    for end in ["", "_reverse"][:1 + bool(layer.get("bidirectional"))]:
        blocks, all_rows = weights(theta, name, kind, end), []
        for i in range(rows):
            length = lengths[i] if lengths else steps
            h, c = torch.zeros(1, units), torch.zeros(1, units)
            states = [torch.zeros(units)] * steps
            for number in range(length):
                time = length - 1 - number if end else number
                if number % every == 0:
                    h, c = h.detach(), c.detach()
                if kind == "lstm":
                    h, c = torch._VF.lstm_cell(x[i:i + 1, time], (h, c), *blocks)
                elif kind == "gru":
                    h = torch._VF.gru_cell(x[i:i + 1, time], h, *blocks)
                else:
                    h = torch._VF.rnn_tanh_cell(x[i:i + 1, time], h, *blocks)
                states[time] = h[0]
            all_rows.append(torch.stack(states) if layer.get("sequences") else h[0])
        directions.append(torch.stack(all_rows))
    return torch.cat(directions, dim=-1)


def run(shape, layers, outputs, rows, lengths):
    theta, shapes, steps, last, counts = {}, {"input": shape}, [], "input", {}
    for layer in layers:
        kind = layer["type"]
        counts[kind] = counts.get(kind, 0) + 1
        name = layer.get("name", f"{kind}{counts[kind]}")
        sources = layer.get("inputs", [last])
        if kind == "concat":
            first = shapes[sources[0]]
            out = first[:-1] + [sum(shapes[source][-1] for source in sources)]
            blocks = {}
        else:
            blocks, out = declare(kind, layer, name, shapes[sources[0]], outputs)
        for block, size in blocks.items():
            n = sum(b.numel() for b in theta.values())
            theta[block] = torch.tensor([0.8 * math.sin(1.3 * (n + i) + 0.4) for i in range(math.prod(size))]
                                        ).reshape(size).requires_grad_()
        shapes[name], last = out, name
        steps.append((name, sources, kind, layer))
    count = math.prod(shape)
    values = [[1.5 * math.sin(0.7 * i * i + 2.1 * j + 0.2) for j in range(count)] for i in range(rows)]
    for i in range(rows):
        for j in range(count):
            if lengths and j // shape[1] >= lengths[i]:
                values[i][j] = 1e3 * (1 + i + j)  # padding has no influence
            if layers[0]["type"] == "embedding" or layers[0].get("name") == "which" and j == 0:
                values[i][j] = float((3 * i * i + 2 * j) % next(l["levels"] for l in layers if "levels" in l))
    x = torch.tensor(values, requires_grad=True)
    flows = {"input": x.reshape([rows] + shape)}
    for name, sources, kind, layer in steps:
        given = [flows[source] for source in sources]
        if kind == "dense":
            into = given[0] if layer.get("each") else given[0].flatten(1)
            flows[name] = F.linear(into, theta[name + ".weight"], theta[name + ".bias"])
        elif kind == "embedding":
            found = F.embedding(given[0].long(), theta[name + ".weight"])
            flows[name] = found if found.shape[1] > 1 else found[:, 0]
        elif kind == "columns":
            flows[name] = given[0][:, layer["first"]:layer["first"] + layer["shape"][0]]
        elif kind == "concat":
            flows[name] = torch.cat(given, dim=-1)
        elif kind == "reshape":
            flows[name] = given[0].reshape([rows] + layer["shape"])
        else:
            way = recur_truncated if "truncate" in layer else recur
            flows[name] = way(layer, kind, name, given[0], theta, lengths)
    out = flows[last]
    factor = torch.tensor([math.cos(0.9 * i + 0.1) for i in range(out.numel())]).reshape(out.shape)
    (factor * out).sum().backward()
    slope = (x.grad if x.grad is not None else torch.zeros_like(x)).tolist()
    if lengths:
        values = [row + [float(length)] for row, length in zip(values, lengths)]
        slope = [row + [0.0] for row in slope]
    flat = lambda blocks: [v for block in blocks for v in block.detach().flatten().tolist()]
    return (sum(values, []), flat([out]), sum(slope, []), flat(block.grad for block in theta.values()))


with open("tests/data/recurrent/reference.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["case", "rows", "inputs", "outputs", "steps", "architecture", "x", "out", "dx", "dtheta"])
    for name, shape, layers, outputs, rows, lengths in CASES:
        steps = shape[0] if layers[-1].get("each") else 0
        found = run(shape, layers, outputs, rows, lengths)
        writer.writerow([name, rows, math.prod(shape) + bool(lengths), outputs, steps,
                         text_of(shape, layers, lengths)] + [" ".join(map(repr, values)) for values in found])
