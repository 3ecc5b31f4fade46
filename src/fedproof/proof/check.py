"""Statements as plain data, and their verification."""

from __future__ import annotations

from dataclasses import dataclass

from fedproof import _core
from fedproof._core import Key
from fedproof.errors import core_errors


@dataclass(frozen=True)
class RegistrationFields:
    """What a registration proof is about. hub, task: 32 bytes; submitter: 20 bytes; dataset: points of 64 bytes."""

    chain_id: int
    hub: bytes
    submitter: bytes
    task: bytes
    nonce_commitment: bytes
    dataset: bytes
    count: int

    def statement(self) -> _core.RegistrationStatement:
        """The core's statement. Raises BadInput for a field of the wrong length or a number out of range."""
        with core_errors("registration statement"):
            return _core.RegistrationStatement(**vars(self))

    def dataset_id(self, key: Key) -> bytes:
        """32 bytes: keccak256 over the whole statement."""
        with core_errors("registration statement"):
            return self.statement().dataset_id(key)


@dataclass(frozen=True)
class TrainingFields:
    """What a training proof is about. weights: [W_0]; dataset: [D]; pi, beta: the round's schedule."""

    chain_id: int
    hub: bytes
    submitter: bytes
    task: bytes
    round: int
    weights: bytes
    dataset_id: bytes
    dataset: bytes
    pi: tuple[int, ...]
    beta: int
    count: int

    def statement(self) -> _core.TrainingStatement:
        """The core's statement. Raises BadInput for a field of the wrong length or a number out of range."""
        with core_errors("training statement"):
            return _core.TrainingStatement(**{**vars(self), "pi": list(self.pi)})


@dataclass(frozen=True)
class CloseFields:
    """What a round-close proof is about. submitter: whoever closes; summed: [S], the sum of the accepted updates;
    weights: the commitment of the next model; count: how many updates were accepted.
    """

    chain_id: int
    hub: bytes
    submitter: bytes
    task: bytes
    round: int
    summed: bytes
    weights: bytes
    count: int

    def statement(self) -> _core.CloseStatement:
        """The core's statement. Raises BadInput for a field of the wrong length or a number out of range."""
        with core_errors("round-close statement"):
            return _core.CloseStatement(**vars(self))


def verify_registration(key: Key, fields: RegistrationFields, proof: bytes) -> None:
    """Raises Rejected, its `code` and `check` naming what failed."""
    statement = fields.statement()
    with core_errors("registration proof"):
        _core.verify_registration(key, statement, proof)


def verify_training(key: Key, fields: TrainingFields, proof: bytes) -> bytes:
    """[W_out], the commitment of the proven update. Raises Rejected, its `code` and `check` naming what failed."""
    statement = fields.statement()
    with core_errors("training proof"):
        return _core.verify_training(key, statement, proof)


def verify_close(key: Key, fields: CloseFields, proof: bytes) -> None:
    """Raises Rejected, its `code` and `check` naming what failed; BadInput for a program that has no such proof."""
    statement = fields.statement()
    with core_errors("round-close proof"):
        _core.verify_close(key, statement, proof)
