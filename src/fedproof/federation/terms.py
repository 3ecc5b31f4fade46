"""What everybody in a run agrees on, computed from the task by each on their own."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from fedproof._core import Key, Program, Setup
from fedproof.errors import BadInput, core_errors
from fedproof.federation.nonces import ATTEMPTS
from fedproof.program import compile_task
from fedproof.proof import CloseFields, Modes, RegistrationFields, TrainingFields, setup_for
from fedproof.proof.weights import IntArray
from fedproof.task import Task

CHAIN_ID = 0
"""Of runs without a chain: then hub and task id are the task digest."""


@dataclass(frozen=True)
class Venue:
    """Where statements hold and nowhere else. hub: address, left-padded to 32 bytes. task: id of the task, 32 bytes.
    attempts: at the randomness of a round.
    """

    chain_id: int
    hub: bytes
    task: bytes
    attempts: int = ATTEMPTS


NOBODY = bytes(20)
"""Closer of a round without a chain: anybody may close, the record says the rest."""


@dataclass(frozen=True)
class Terms:
    """Task, program, setup and key, and the statements made of them. venue: by default that of runs without a chain."""

    task: Task
    program: Program
    setup: Setup
    key: Key
    venue: Venue

    @classmethod
    def of(cls, task: Task, ptau: str | os.PathLike[str] | None = None) -> Terms:
        """Compiles the task and takes the setup: the development setup unless a .ptau file is given."""
        program = compile_task(task)
        setup = setup_for(program, ptau)
        with core_errors("key"):
            return cls(task, program, setup, Key(program, setup), Venue(CHAIN_ID, task.digest, task.digest))

    def at(self, venue: Venue) -> Terms:
        """The same terms with statements that hold there."""
        return replace(self, venue=venue)

    @property
    def id(self) -> bytes:
        """Of the task where it is run, 32 bytes."""
        return self.venue.task

    @cached_property
    def costs(self) -> dict[str, Any]:
        """`Program.describe()`."""
        return self.program.describe()

    def initial(self) -> tuple[list[IntArray], bytes]:
        """W_0 of round 0, expanded from the task's seed, and its commitment."""
        weights = self.program.init_weights(self.task.seed)
        return weights, self.key.commit_weights(weights)

    def registration(self, submitter: bytes, nonce_commitment: bytes, dataset: bytes, count: int) -> RegistrationFields:
        """What a participant's registration proof is about."""
        return RegistrationFields(
            chain_id=self.venue.chain_id,
            hub=self.venue.hub,
            submitter=submitter,
            task=self.venue.task,
            nonce_commitment=nonce_commitment,
            dataset=dataset,
            count=count,
        )

    def training(
        self, registered: RegistrationFields, number: int, weights: bytes, pi: tuple[int, ...], beta: int
    ) -> TrainingFields:
        """What a registered participant's training proof of round `number` is about. weights: [W_0] of the round.

        Every slot of a registered dataset holds a record, so a round always processes steps * batch of them.
        """
        return TrainingFields(
            chain_id=registered.chain_id,
            hub=registered.hub,
            submitter=registered.submitter,
            task=registered.task,
            round=number,
            weights=weights,
            dataset_id=registered.dataset_id(self.key),
            dataset=registered.dataset,
            pi=pi,
            beta=beta,
            count=self.task.steps * self.task.batch,
        )

    def check_closes(self, modes: Modes) -> None:
        """Raises BadInput if a round is to be proven and this program's vectors are too short for proofs of closes."""
        if modes.registration == "prove" and self.costs["close_bytes"] is None:
            raise BadInput("vector_bits: vectors are too short to prove the close of a round: raise it")

    def close(self, number: int, summed: bytes, weights: bytes, count: int, submitter: bytes = NOBODY) -> CloseFields:
        """What the proof of round `number`'s close is about.

        summed: sum of the accepted commitments; weights: commitment of the next model; count: how many were accepted;
        submitter: whoever closes it on a chain.
        """
        return CloseFields(
            chain_id=self.venue.chain_id,
            hub=self.venue.hub,
            submitter=submitter,
            task=self.venue.task,
            round=number,
            summed=summed,
            weights=weights,
            count=count,
        )
