"""What a task comes down to: the numbers a sponsor wants to see before publishing it."""

from __future__ import annotations

import os
import tomllib
from dataclasses import asdict, dataclass
from typing import Any

from fedproof.program.compile import compile_task
from fedproof.task import Kernel, Task
from fedproof.task.precision import PREFERENCES, Preference

PROCESS_BYTES = 80_000_000
"""What a Python process with the package takes before it proves anything."""


@dataclass(frozen=True)
class Shape:
    """What a proof would cost if it were made for one preference; `chosen` by this task."""

    prefer: str
    chosen: bool
    limb_bits: int
    group: int
    vectors: int
    """Of a column."""
    vector_bits: int
    core_seconds: float
    """Proving, estimated, on one core."""
    proof_bytes: int
    gas: int


@dataclass(frozen=True)
class Inspection:
    """All about one task; `to_dict` for machines, `sections` for people."""

    task: str
    task_digest: str
    program_digest: str
    dims: tuple[int, ...]
    parameters: int
    steps: int
    batch: int
    blocks: int
    bits: int
    activation_bits: int
    delta_bits: int
    weight_bits: int
    bound_bits: int
    nominal_rate: float
    snapped_rate: float
    optimiser: str
    kernel: str
    loss: str
    limb_bits: int
    vector_bits: int
    group: int
    extra_bits: int
    excess_limbs: int
    remainder_limbs: int
    rows: int
    trace_rows: int
    lanes: int
    columns: int
    helpers: int
    vectors: int
    data_vectors: int
    weight_vectors: int
    mask_length: int
    setup_powers: int
    proof_bytes: int
    registration_bytes: int
    close_bytes: int | None
    """None if the vectors are too short for proofs of a round's close."""
    soundness_bits: float
    proving_seconds: float
    """Estimate, on `cores`."""
    memory_bytes: int
    """Estimate."""
    gas: int
    """Counted, of one verification on a chain."""
    cores: int
    shapes: tuple[Shape, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values only."""
        return asdict(self)

    def sections(self) -> dict[str, list[tuple[str, str]]]:
        """Titles, and under each the lines (what, value with unit)."""
        low, high = -(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1
        off = self.snapped_rate / self.nominal_rate - 1
        return {
            "Task": [
                ("task", self.task),
                ("task digest", self.task_digest),
                ("program digest", self.program_digest),
                ("model", f"{'-'.join(map(str, self.dims))}, {self.parameters} parameters"),
                ("loss", self.loss),
                ("optimiser", self.optimiser),
                ("round", f"{self.steps} steps of {self.batch} records out of {self.blocks} blocks"),
            ],
            "Fixed point": [
                ("features, activations", _scale(low, high, self.activation_bits)),
                ("targets, deltas", _scale(low, high, self.delta_bits)),
                ("weights", f"steps of 2^-{self.weight_bits}, |W_0| < {2.0 ** (self.bound_bits - self.weight_bits):g}"),
                (
                    "learning rate",
                    f"{self.snapped_rate:.6g} (asked for {self.nominal_rate:g}, {off:+.2%}; {self.kernel})",
                ),
                (
                    "saturation distance",
                    f"{self.excess_limbs * self.limb_bits} bits ({_count(self.excess_limbs, 'limb')})",
                ),
                (
                    "rounding remainder",
                    f"{self.weight_bits + self.extra_bits} bits ({_count(self.remainder_limbs, 'limb')})",
                ),
            ],
            "Proof": [
                ("rows", f"{self.rows} ({self.trace_rows} of the trace, {_count(self.lanes, 'table lane')})"),
                ("columns", f"{self.columns}, of them {_count(self.helpers, 'helper')}"),
                (
                    "vectors",
                    f"of 2^{self.vector_bits} cells: {self.vectors} a column, {self.data_vectors} of data, "
                    f"{self.weight_vectors} of weights",
                ),
                ("shape", f"limbs of {self.limb_bits} bits, up to {self.group} lookups a helper"),
                ("setup", f"{self.setup_powers} powers"),
                ("training proof", f"{self.proof_bytes / 1000:.1f} kB"),
                ("registration proof", f"{self.registration_bytes / 1000:.1f} kB"),
                ("round-close proof", "none" if self.close_bytes is None else f"{self.close_bytes / 1000:.1f} kB"),
                ("soundness error", f"at most 2^-{int(self.soundness_bits)}, before the curve's about 100 bits"),
                ("proving time, estimated", f"{self.proving_seconds:.2g} s on {_count(self.cores, 'core')}"),
                ("memory, estimated", f"{self.memory_bytes / 1e6:.0f} MB"),
                ("gas, counted", f"{self.gas:,}"),
            ],
        }


def prefer(task: Task, preference: Preference) -> Task:
    """The task with another preference for the shape of its proofs: another task, with another digest."""
    content = tomllib.loads(task.to_toml())
    content["proof"] = content.get("proof", {}) | {"prefer": preference}
    return Task.parse(content, task.name)


def _shapes(task: Task) -> tuple[Shape, ...]:
    shapes = []
    for preference in PREFERENCES:
        sizes = compile_task(prefer(task, preference)).describe()
        shapes.append(
            Shape(
                prefer=preference,
                chosen=preference == task.proof.prefer,
                limb_bits=sizes["limb_bits"],
                group=sizes["group"],
                vectors=sizes["vectors"],
                vector_bits=sizes["vector_bits"],
                core_seconds=sizes["cost"]["core_seconds"],
                proof_bytes=sizes["proof_bytes"],
                gas=sizes["cost"]["gas"],
            )
        )
    return tuple(shapes)


def inspect_task(task: Task, *, cores: int | None = None) -> Inspection:
    """Compiles the task and reports on it; estimates are for `cores`, by default all there are. Raises TaskError."""
    cores = cores or os.cpu_count() or 1
    program = compile_task(task)
    sizes = program.describe()
    fields = task.fields
    layout = {key: sizes[key] for key in Inspection.__annotations__ if key in sizes and not hasattr(fields, key)}
    return Inspection(
        task=task.name,
        task_digest=task.digest.hex(),
        program_digest=program.digest.hex(),
        dims=fields.dims,
        steps=fields.steps,
        batch=fields.batch,
        blocks=fields.blocks,
        bits=fields.bits,
        activation_bits=fields.activation_bits,
        delta_bits=fields.delta_bits,
        weight_bits=fields.weight_bits,
        bound_bits=fields.bound_bits,
        nominal_rate=task.nominal_rate,
        snapped_rate=task.snapped_rate,
        optimiser=_optimiser(task),
        kernel=_kernel(fields.kernel),
        loss=_loss(task),
        limb_bits=sizes["limb_bits"],
        vector_bits=sizes["vector_bits"],
        group=sizes["group"],
        extra_bits=fields.extra_bits,
        proving_seconds=sizes["cost"]["core_seconds"] / cores,
        memory_bytes=PROCESS_BYTES + sizes["cost"]["memory"],
        gas=sizes["cost"]["gas"],
        cores=cores,
        shapes=_shapes(task),
        **layout,
    )


def _optimiser(task: Task) -> str:
    training = task.training
    parameters = [
        f"{name} {value:g}"
        for name, value in (
            ("momentum", training.momentum),
            ("weight decay", training.weight_decay),
            ("proximal", training.proximal),
        )
        if value
    ]
    return ", ".join([training.optimiser, *parameters])


def _kernel(kernel: int | Kernel) -> str:
    if not isinstance(kernel, Kernel):
        return f"k = {kernel}"
    return f"kappa = {kernel.kappas[0]} .. {kernel.kappas[-1]} over {_count(len(kernel.kappas), 'step')}"


def _loss(task: Task) -> str:
    model = task.model
    extras = [f"delta {model.huber_delta:g}"] if model.huber_delta is not None else []
    extras += ["weights " + ", ".join(f"{value:g}" for value in model.class_weights or model.positive_weights or ())]
    return ", ".join([model.loss, *(extra for extra in extras if extra != "weights ")])


def _scale(low: int, high: int, fraction: int) -> str:
    return f"{low / 2**fraction:g} .. {high / 2**fraction:.6g} in steps of 2^-{fraction}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
