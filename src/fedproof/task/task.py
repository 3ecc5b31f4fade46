"""`Task`: what a sponsor publishes and everybody agrees on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import ConfigDict, Field, ValidationError, model_validator

from fedproof.errors import TaskError
from fedproof.task.check import check_names, check_sizes
from fedproof.task.digest import task_digest
from fedproof.task.fields import ProgramFields
from fedproof.task.integers import program_fields
from fedproof.task.message import explain
from fedproof.task.outputs import check_outputs
from fedproof.task.precision import Precision
from fedproof.task.sections import About, Model, Proof, Schema, Section, Training
from fedproof.task.toml import write_toml


class Task(Section):
    """A task: schema, model, training, precision. Immutable; `Task.parse` and `load_task` give one clear error."""

    model_config = ConfigDict(populate_by_name=True)

    about: About = Field(alias="task")
    model: Model
    training: Training
    data: Schema
    precision: Precision = Precision()
    proof: Proof = Proof()

    @classmethod
    def parse(cls, content: Mapping[str, Any], source: str = "task") -> Task:
        """Task from the sections of a task file as nested dictionaries. Raises TaskError naming the field."""
        try:
            return cls.model_validate(dict(content))
        except ValidationError as error:
            raise explain(error, source) from None
        except TaskError as error:
            raise error.at(source) from None

    @model_validator(mode="after")
    def _whole(self) -> Task:
        check_names(self)
        check_outputs(self)
        check_sizes(self)
        program_fields(self)
        return self

    @property
    def name(self) -> str:
        """Name of the task."""
        return self.about.name

    @property
    def rounds(self) -> int:
        """Federated rounds."""
        return self.about.rounds

    @property
    def seed(self) -> bytes:
        """32 bytes the initial model is expanded from."""
        return self.about.seed

    @property
    def min_records(self) -> int:
        """Fewest real records of a participant."""
        return self.about.min_records

    @property
    def min_accepted(self) -> int:
        """Fewest updates in a published sum."""
        return self.about.min_accepted

    @property
    def steps(self) -> int:
        """SGD steps of a participant in one round."""
        return self.training.steps

    @property
    def batch(self) -> int:
        """Records of one step."""
        return self.training.batch

    @property
    def blocks(self) -> int:
        """Blocks of `batch` records in every dataset, a power of two."""
        if self.training.blocks is not None:
            return self.training.blocks
        return 1 << (self.training.steps - 1).bit_length()

    @property
    def slots(self) -> int:
        """Records a dataset is filled up to: blocks * batch."""
        return self.blocks * self.batch

    @cached_property
    def fields(self) -> ProgramFields:
        """The integers of the program."""
        return program_fields(self)

    @property
    def dims(self) -> tuple[int, ...]:
        """d_0 features, then the units of every layer."""
        return self.fields.dims

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; empty without any."""
        return self.data.classes or ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the columns of 0 and 1; empty without any."""
        return self.data.labels or ()

    @property
    def nominal_rate(self) -> float:
        """Learning rate as asked for."""
        return self.training.learning_rate

    @property
    def snapped_rate(self) -> float:
        """Learning rate as the program uses it in a first step: batch * k * 2^(fa + fd - F)."""
        ahead = 1 + (self.training.momentum or 0.0) if self.training.optimiser == "nesterov" else 1.0
        return self.batch * self.fields.first_rate / ahead

    @cached_property
    def digest(self) -> bytes:
        """keccak256 of the canonical encoding (`digest.py`): same digest, same training on the same schema."""
        return task_digest(self)

    def to_toml(self) -> str:
        """A task file that loads as this task."""
        return write_toml(self)
