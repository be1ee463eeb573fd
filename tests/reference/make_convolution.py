#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolutions and poolings forward and backward (Debian: apt-get install python3-torch).

Run from the top of the tree: /usr/bin/python3 tests/reference/make_convolution.py
Writes tests/data/layers/convolution_cases.csv (case, rows, architecture) and convolution.csv: for
every case, by torch in float64, the inputs x as gradus has them (channels last), the parameters
theta in the order of the blocks, the outputs, and the derivatives of sum(factor * output) by x and
theta. Padding "same" of poolings, which torch does not have, is padding by hand."""
import csv
import json
import math
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
OUTPUT = {"type": "dense", "name": "output"}
TANH = {"type": "activation", "activation": "tanh"}


def conv(dimensions, filters, kernel, **options):
    return {"type": f"conv{dimensions}d", "filters": filters, "kernel": kernel, **options}


def pool(kind, kernel=None, **options):
    return {"type": kind + "_pool", **({"kernel": kernel} if kernel else {}), **options}


# (name, rows, input, layers before the output[, lengths])
CASES = [
    ("odd", 3, [6, 5, 3], [conv(2, 4, [3, 2])]),
    ("row", 1, [5, 4, 2], [conv(2, 3, 3), TANH]),
    ("strides", 2, [7, 6, 2], [conv(2, 3, 3, stride=[2, 3], padding=[1, 2])]),
    ("apart", 2, [8, 7, 1], [conv(2, 2, 2, stride=3)]),
    ("dilated", 2, [9, 8, 2], [conv(2, 3, [3, 2], dilation=[2, 3], padding=1)]),
    ("same", 2, [5, 4, 2], [conv(2, 3, [2, 4], padding="same")]),
    ("same_d", 2, [5, 6, 2], [conv(2, 2, 3, padding="same", dilation=2)]),
    ("groups", 2, [5, 4, 4], [conv(2, 6, 3, groups=2, padding=1)]),
    ("depth", 2, [4, 5, 3], [conv(2, 6, 3, groups=3)]),
    ("bare", 2, [4, 4, 2], [conv(2, 3, 2, bias=False)]),
    ("whole", 2, [4, 3, 2], [conv(2, 3, [4, 3])]),
    ("whole_p", 2, [2, 3, 2], [conv(2, 2, [4, 5], padding=1)]),
    ("one", 2, [3, 3, 5], [conv(2, 17, 1)]),
    ("filters", 2, [3, 3, 2], [conv(2, 37, 2)]),
    ("channels", 2, [3, 3, 19], [conv(2, 3, 2)]),
    ("many_d", 2, [7, 5, 3], [conv(2, 18, [3, 2], dilation=[2, 3], stride=[2, 1], padding=2)]),
    ("many_g", 2, [5, 4, 4], [conv(2, 34, 3, groups=2, stride=2, padding=1)]),
    ("depth_s", 2, [7, 9, 5], [conv(2, 10, 3, groups=5, stride=[2, 3], padding=[1, 2])]),
    ("depth_d", 2, [8, 11, 5], [conv(2, 5, [2, 3], groups=5, dilation=[3, 2], bias=False)]),
    ("groups_w", 2, [3, 7, 12], [conv(2, 12, 3, groups=3, padding="same")]),
    ("gaps", 2, [11, 13, 2], [conv(2, 7, 2, stride=[4, 5], padding=1)]),
    ("two", 2, [7, 7, 1],
     [conv(2, 3, 3, name="first"), TANH, pool("max", 2), conv(2, 4, 2, name="second"), TANH]),
    ("seq", 3, [9, 2], [conv(1, 3, 3, stride=2, padding=1)]),
    ("seq_s", 2, [7, 3], [conv(1, 4, 4, padding="same"), TANH, conv(1, 2, 3)]),
    ("seq_g", 2, [9, 4], [conv(1, 4, 3, groups=2, dilation=3)]),
    ("seq_l", 2, [40, 2], [conv(1, 8, 9, stride=3, padding=4, dilation=2)]),
    ("max", 3, [5, 7, 3], [pool("max", 2)]),
    ("max_o", 2, [5, 6, 2], [pool("max", [3, 2], stride=1)]),
    ("max_p", 2, [5, 6, 2], [pool("max", 3, stride=2, padding=1)]),
    ("max_s", 2, [4, 5, 2], [pool("max", [2, 3], stride=1, padding="same")]),
    ("max_q", 2, [7, 3], [pool("max", 3, stride=2)]),
    ("mean", 3, [5, 7, 3], [pool("average", 2)]),
    ("mean_p", 2, [5, 6, 2], [pool("average", [3, 4], stride=[2, 3], padding=[1, 2])]),
    ("mean_s", 2, [4, 5, 2], [pool("average", [2, 3], stride=1, padding="same")]),
    ("mean_q", 2, [7, 3], [pool("average", 3, stride=2, padding=1)]),
    ("all_max", 2, [3, 4, 3], [pool("global_max")]),
    ("all_mean", 2, [3, 4, 3], [pool("global_average")]),
    ("len_max", 4, [5, 2], [pool("global_max")], True),
    ("len_mean", 4, [5, 2], [conv(1, 3, 3, padding="same"), pool("global_average")],
     True),
    ("flat", 2, [3, 2, 2], [{"type": "flatten"}]),
    ("last", 2, [3, 4, 2], [{"type": "channels_last"}, conv(2, 2, 2)]),
    ("last_q", 2, [3, 5], [{"type": "channels_last"}, conv(1, 2, 2)]),
]


def first(x):
    """Channels first, as torch has them."""
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


def pair(value, count):
    return tuple(value) if isinstance(value, list) else (value,) * count


def pooled(layer, x):
    count = x.dim() - 2
    largest = layer["type"].startswith("max")
    kernel = pair(layer["kernel"], count)
    stride = pair(layer.get("stride", list(kernel)), count)
    padding = layer.get("padding", 0)
    if padding == "same":
        sides = [side for k in reversed(kernel) for side in ((k - 1) // 2, k - 1 - (k - 1) // 2)]
        x, padding = F.pad(x, sides, value=-math.inf if largest else 0), 0
    of = getattr(F, f"{'max' if largest else 'avg'}_pool{count}d")
    return of(x, kernel, stride, pair(padding, count))


def over_all(layer, x, lengths):
    flat = x.flatten(2)
    counts = lengths if lengths is not None else [flat.shape[2]] * len(flat)
    of = (lambda v: v.max(dim=1).values) if "max" in layer["type"] else (lambda v: v.mean(dim=1))
    return torch.stack([of(v[:, :n]) for v, n in zip(flat, counts)])


def run(rows, shape, layers, with_lengths=False):
    size = math.prod(shape)
    theta, n = {}, 0

    def block(name, *dimensions):
        nonlocal n
        count = math.prod(dimensions)
        theta[name] = torch.tensor([round(math.sin(1.3 * (n + i) + 0.4), 3) for i in range(count)]).reshape(
            dimensions).requires_grad_(True)
        n += count
        return theta[name]

    x = torch.tensor([[round(1.5 * math.sin(0.7 * i * i + 2.1 * j + 0.3 * j * j + 0.2), 3)
                       for j in range(size)] for i in range(rows)], requires_grad=True)
    lengths = [1 + (3 * i + 4) % shape[0] for i in range(rows)] if with_lengths else None
    v = x.reshape(rows, *shape)
    for number, layer in enumerate(layers):
        kind, name = layer["type"], layer.get("name", f"layer{number}")
        if kind in ("conv1d", "conv2d"):
            count = int(kind[4])
            groups = layer.get("groups", 1)
            weight = block(name + ".weight", layer["filters"], v.shape[-1] // groups,
                           *pair(layer["kernel"], count))
            bias = block(name + ".bias", layer["filters"]) if layer.get("bias", True) else None
            padding = layer.get("padding", 0)
            v = last(getattr(F, kind)(
                first(v), weight, bias, stride=pair(layer.get("stride", 1), count),
                padding=padding if padding == "same" else pair(padding, count),
                dilation=pair(layer.get("dilation", 1), count), groups=groups))
        elif kind == "activation":
            v = getattr(torch, layer["activation"])(v)
        elif kind.startswith("global"):
            v = over_all(layer, first(v), lengths)
        elif kind.endswith("pool"):
            v = last(pooled(layer, first(v)))
        elif kind == "flatten":
            v = v.reshape(rows, -1)
        else:
            v = last(v)
    v = v.reshape(rows, -1)
    out = F.linear(v, block("output.weight", 2, v.shape[1]), block("output.bias", 2))
    factor = torch.tensor([round(math.cos(0.9 * i + 0.1), 3) for i in range(out.numel())]).reshape(out.shape)
    (factor * out).sum().backward()
    flat = lambda blocks: [value for b in blocks for value in b.detach().flatten().tolist()]

    def columns(values, extra):
        """With the lengths behind each row."""
        return [value for row, end in zip(values.tolist(), extra) for value in row + end]

    zeros = [[0.0]] * rows if with_lengths else [[]] * rows
    ends = [[float(length)] for length in lengths] if with_lengths else zeros
    return {"x": columns(x.detach(), ends), "theta": flat(theta.values()),
            "factor": factor.flatten().tolist(), "out": out.detach().flatten().tolist(),
            "dx": columns(x.grad, zeros), "dtheta": flat(b.grad for b in theta.values())}


with open("tests/data/layers/convolution_cases.csv", "w", newline="") as cases, \
        open("tests/data/layers/convolution.csv", "w", newline="") as numbers:
    list_of_cases = csv.writer(cases, lineterminator="\n")
    writer = csv.writer(numbers, lineterminator="\n")
    list_of_cases.writerow(["case", "rows", "architecture"])
    writer.writerow(["case", "quantity", "value"])
    for name, rows, shape, layers, *lengths in CASES:
        architecture = {"input": shape, **({"lengths": True} if lengths else {}),
                        "layers": layers + [OUTPUT]}
        list_of_cases.writerow([name, rows, json.dumps(architecture)])
        for quantity, values in run(rows, shape, layers, *lengths).items():
            writer.writerows([name, quantity, repr(v)] for v in values)
