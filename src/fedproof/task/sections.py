"""The sections of a task file, each checked on its own; what spans sections is checked in `check.py`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, field_validator

from fedproof.task.kernel import Optimiser
from fedproof.task.precision import Preference

Name = Annotated[str, Field(min_length=1, max_length=200)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Activation = Literal["identity", "relu", "leaky-relu", "sigmoid", "tanh", "gelu", "silu"]
Loss = Literal["sigmoid-cross-entropy", "softmax-cross-entropy", "squared-error", "huber"]
MAX = 65536


class Section(BaseModel):
    """No unknown keys, no conversion between types, no infinity: what the file says is what is meant."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class About(Section):
    """Section [task]."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    rounds: Annotated[int, Field(ge=1, le=MAX)]
    seed: bytes
    """32 bytes the initial model is expanded from; in the file 64 hex digits or an integer."""
    min_records: Annotated[int, Field(ge=1, le=MAX * MAX)]
    """Fewest real records with which a participant may take part."""
    min_accepted: Annotated[int, Field(ge=1, le=MAX)] = 3
    """Fewest updates in a published sum: with one it would be that update, with two each knows the other's."""

    @field_validator("seed", mode="before")
    @classmethod
    def _seed(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            if not 0 <= value < 2**256:
                raise ValueError("must be between 0 and 2^256 - 1")
            return value.to_bytes(32, "big")
        if isinstance(value, str):
            digits = value.removeprefix("0x")
            try:
                raw = bytes.fromhex(digits)
            except ValueError:
                raw = b""
            if len(raw) != 32 or len(digits) != 64:
                raise ValueError("must be 64 hex digits or an integer")
            return raw
        if isinstance(value, bytes) and len(value) == 32:
            return value
        raise ValueError("must be 64 hex digits or an integer")


class Layer(Section):
    """One dense layer; the last one's activation is the identity (the loss adds its own)."""

    units: Annotated[int, Field(ge=1, le=MAX)]
    activation: Activation = "identity"


Weights = Annotated[tuple[NotNegative, ...], Strict(False), Field(min_length=1, max_length=MAX)]


class Model(Section):
    """Section [model]."""

    layers: Annotated[tuple[Layer, ...], Strict(False), Field(min_length=1, max_length=16)]
    loss: Loss
    huber_delta: Positive | None = None
    """Threshold of the Huber loss, in normalised units of the targets."""
    class_weights: Weights | None = None
    """How much a record of each class counts; the mean over a batch is over records, not over weights."""
    positive_weights: Weights | None = None
    """How much a 1 of each label counts beside a 0 (`pos_weight` of torch's BCEWithLogitsLoss)."""


def power_of_two(value: int) -> int:
    """Raises ValueError unless `value` is a power of two."""
    if value & (value - 1):
        raise ValueError("must be a power of two")
    return value


class Training(Section):
    """Section [training]: one round of a participant."""

    optimiser: Optimiser = "sgd"
    """As torch.optim.SGD has them; the momentum's buffer is zero at the start of every round."""
    learning_rate: Positive
    """Nominal rate; the program uses the nearest multiple it can represent (`Task.snapped_rate`)."""
    momentum: Annotated[float, Field(gt=0, lt=1)] | None = None
    weight_decay: NotNegative = 0.0
    """Added to the gradient, times the weight (coupled, as in torch.optim.SGD)."""
    proximal: NotNegative = 0.0
    """FedProx: added to the gradient, times the distance from the round's first weight."""
    steps: Annotated[int, Field(ge=1, le=MAX)]
    batch: Annotated[int, Field(ge=1, le=MAX)]
    blocks: Annotated[int, Field(ge=1, le=MAX)] | None = None
    """Blocks of `batch` records in a dataset; by default the least power of two that is at least `steps`."""

    @field_validator("batch", "blocks")
    @classmethod
    def _power(cls, value: int | None) -> int | None:
        return None if value is None else power_of_two(value)


class Scaled(Section):
    """A numeric column with public normalisation constants: normalised value = (value - mean) / scale."""

    name: Name
    mean: float = 0.0
    scale: Positive = 1.0


class Feature(Scaled):
    """An input column; `impute` (in the column's own unit) stands in for missing values."""

    impute: float | None = None


class Schema(Section):
    """Section [data]: a class column (`target`, `classes`), columns of 0 and 1 (`labels`) or numeric `targets`."""

    features: Annotated[tuple[Feature, ...], Strict(False), Field(min_length=1, max_length=MAX)]
    target: Name | None = None
    classes: Annotated[tuple[Name, ...], Strict(False), Field(min_length=2, max_length=MAX)] | None = None
    labels: Annotated[tuple[Name, ...], Strict(False), Field(min_length=1, max_length=MAX)] | None = None
    targets: Annotated[tuple[Scaled, ...], Strict(False), Field(min_length=1, max_length=MAX)] | None = None

    @property
    def numeric(self) -> tuple[str, ...]:
        """Columns of numbers to predict: targets or labels."""
        return self.labels or tuple(target.name for target in self.targets or ())


class Proof(Section):
    """Section [proof]: what the proof's shape is chosen for; numbers that are given are kept."""

    prefer: Preference = "time"
    group: Annotated[int, Field(ge=2, le=12)] | None = None
    """Most lookup units in one helper column."""
    limb_bits: Annotated[int, Field(ge=4, le=20)] | None = None
    """Bits of the limbs of rounding."""
    vector_bits: Annotated[int, Field(ge=4, le=24)] | None = None
    """Committed vectors have 2^vector_bits cells."""
