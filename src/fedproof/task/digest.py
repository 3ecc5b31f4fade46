"""The task digest: keccak256 over one canonical encoding.

Strings are u32 length and UTF-8, lists u32 length and entries, integers u64, numbers IEEE 754 binary64, all big-endian,
a missing imputation constant is a zero byte (a present one: 1, then the number). In order:

    "fedproof/task/2"  name  rounds  seed(32)  min_records  min_accepted
    loss  one_hot  dims  activations  steps  batch  blocks  bits  limb_bits  weight_bits  activation_bits  delta_bits
    kernel: a byte 0 and k, or a byte 1, extra_bits, the kappas and the c_t as lists of signed 64-bit integers
    bound_bits  openings  group  vector_bits  huber  weights  prefer
    features: (name, mean, scale, impute)   target  classes  labels   targets: (name, mean, scale)

Nominal parameters of the optimiser are left out: only the rounded kernel is ever used.
"""

from __future__ import annotations

import struct
from dataclasses import fields
from typing import TYPE_CHECKING

from fedproof._core import keccak256
from fedproof.task.kernel import Kernel

if TYPE_CHECKING:
    from fedproof.task.task import Task

DOMAIN = b"fedproof/task/2"


def encode_task(task: Task) -> bytes:
    """The canonical encoding of everything that gives a task its meaning."""
    schema = task.data
    out = [DOMAIN, _text(task.name), _int(task.rounds), task.seed, _int(task.min_records), _int(task.min_accepted)]
    for field in fields(task.fields):
        value = getattr(task.fields, field.name)
        if field.name == "kernel":
            out.append(_kernel(value))
        elif isinstance(value, str):
            out.append(_text(value))
        elif isinstance(value, tuple):
            out.append(struct.pack(">I", len(value)))
            out += [_text(entry) if isinstance(entry, str) else _int(entry) for entry in value]
        else:
            out.append(_int(value))
    out.append(struct.pack(">I", len(schema.features)))
    for feature in schema.features:
        out += [_text(feature.name), _number(feature.mean), _number(feature.scale)]
        out.append(b"\0" if feature.impute is None else b"\1" + _number(feature.impute))
    out += [_text(schema.target or ""), struct.pack(">I", len(task.classes)), *map(_text, task.classes)]
    out += [struct.pack(">I", len(task.labels)), *map(_text, task.labels)]
    targets = schema.targets or ()
    out.append(struct.pack(">I", len(targets)))
    out += [_text(target.name) + _number(target.mean) + _number(target.scale) for target in targets]
    return b"".join(out)


def task_digest(task: Task) -> bytes:
    """32 bytes."""
    return keccak256(encode_task(task))


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">I", len(raw)) + raw


def _int(value: int) -> bytes:
    return struct.pack(">Q", value)


def _kernel(kernel: int | Kernel) -> bytes:
    if not isinstance(kernel, Kernel):
        return b"\0" + _int(kernel)
    lists = [struct.pack(f">I{len(values)}q", len(values), *values) for values in (kernel.kappas, kernel.starts)]
    return b"\1" + _int(kernel.extra_bits) + b"".join(lists)


def _number(value: float) -> bytes:
    return struct.pack(">d", value + 0.0)  # -0.0 + 0.0 is 0.0: one encoding for zero
