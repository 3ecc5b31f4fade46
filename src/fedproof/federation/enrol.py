"""Registration: a participant's dataset is committed and proven well-formed before any randomness is known."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fedproof import _core
from fedproof._core import Dataset
from fedproof.data import Records, fill_blocks
from fedproof.data.npy import read_npz
from fedproof.errors import BadInput, core_errors
from fedproof.federation import nonces
from fedproof.federation.canonical import Json, hex_field
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import Identity
from fedproof.federation.messages import Message, signed
from fedproof.federation.terms import Terms
from fedproof.proof import Mode, RegistrationFields

if TYPE_CHECKING:
    from fedproof._core import Progress

LABEL = b"dataset blinds and nonces"


@dataclass(frozen=True)
class Enrolment:
    """A registered dataset, as its owner sees it. root: secret start of the nonce chain."""

    fields: RegistrationFields
    dataset_id: bytes
    dataset: Dataset = field(repr=False)
    features: NDArray[np.int64] = field(repr=False)
    targets: NDArray[np.int64] = field(repr=False)
    root: bytes = field(repr=False)
    body: Json = field(repr=False)
    proof: bytes = field(repr=False)

    def message(self, identity: Identity, run: bytes) -> Message:
        """The registration, signed for one run and no other."""
        return signed(identity, "registration", {**self.body, "run": run.hex()}, proof=self.proof)


def enrol(
    folder: ParticipantFolder,
    identity: Identity,
    name: str,
    terms: Terms,
    records: Records,
    *,
    mode: Mode = "prove",
    progress: Progress | None = None,
) -> Enrolment:
    """Commits to `records` (filled up to the task's slots), proves the registration, keeps both in the folder."""
    filled = fill_blocks(records, terms.task.slots)
    root = os.urandom(32)
    with core_errors("dataset"):
        dataset = Dataset(terms.program, filled.features, filled.targets)
        committed = dataset.commit(terms.key)
    tip = nonces.commitment(root, terms.task.rounds, terms.venue.attempts)
    fields = terms.registration(identity.address, tip, committed, dataset.count)
    proof = b""
    if mode == "prove":
        statement = fields.statement()
        with core_errors("registration proof"):
            proof = _core.prove_registration(terms.key, statement, dataset, secret=identity.secret, progress=progress)
    body: Json = {
        "participant": identity.address.hex(),
        "name": name,
        "task": terms.id.hex(),
        "key": terms.key.digest.hex(),
        "setup": terms.setup.digest.hex(),
        "nonce_commitment": tip.hex(),
        "dataset": committed.hex(),
        "count": dataset.count,
        "proof": folder.store.put(proof),
    }
    folder.remember(
        terms.id,
        registration=body,
        arrays=folder.store.put(_pack(filled)),
        sealed=identity.seal(root + dataset.blinds, LABEL).hex(),
        mode=mode,
        run="",
    )
    return Enrolment(fields, fields.dataset_id(terms.key), dataset, filled.features, filled.targets, root, body, proof)


def open_enrolment(folder: ParticipantFolder, identity: Identity, terms: Terms) -> Enrolment:
    """The registration kept in the folder. Raises BadInput if there is none for this task, key and setup."""
    state = folder.state(terms.id)
    body = state.get("registration", {})
    found = (body.get("participant"), body.get("key"), body.get("setup"))
    wanted = (identity.address.hex(), terms.key.digest.hex(), terms.setup.digest.hex())
    if found != wanted:
        raise BadInput(f"{folder.path}: no dataset is registered for this task and setup: run `fedproof data commit`")
    with _as_written(folder):
        secret = identity.unseal(hex_field(state, "sealed", len(state["sealed"]) // 2), LABEL)
        root, blinds = secret[:32], secret[32:]
        features, targets = _unpack(folder.store.get(state["arrays"]))
        with core_errors("dataset"):
            dataset = Dataset(terms.program, features, targets, blinds)
            committed = dataset.commit(terms.key)
        fields = terms.registration(identity.address, hex_field(body, "nonce_commitment", 32), committed, dataset.count)
        if committed.hex() != body["dataset"]:
            raise BadInput(f"{folder.path}: the stored dataset is not the registered one")
        proof = folder.store.get(body["proof"])
    return Enrolment(fields, fields.dataset_id(terms.key), dataset, features, targets, root, body, proof)


@contextmanager
def _as_written(folder: ParticipantFolder) -> Iterator[None]:
    """Turns what a damaged state file or artefact leads to into BadInput."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError):
        raise BadInput(f"{folder.state_file}: is damaged: `fedproof data commit` starts anew") from None


def stored_records(folder: ParticipantFolder, terms: Terms) -> Records | None:
    """The records registered for this task before, if any: a new run registers them anew, with fresh secrets."""
    name = folder.state(terms.id).get("arrays") or folder.state(terms.task.digest).get("arrays")
    if name is None:
        return None
    with _as_written(folder):
        features, targets = _unpack(folder.store.get(name))
    scale = terms.task.fields
    x, y = features / 2.0**scale.activation_bits, targets / 2.0**scale.delta_bits
    return Records(features, targets, x.astype(np.float32), y.astype(np.float32))


def is_unused(folder: ParticipantFolder, terms: Terms, mode: Mode) -> bool:
    """Is there a registration that no run has seen yet?"""
    state = folder.state(terms.id)
    body = state.get("registration", {})
    return (
        state.get("run") == ""
        and state.get("mode") == mode
        and body.get("key") == terms.key.digest.hex()
        and body.get("setup") == terms.setup.digest.hex()
    )


def _pack(records: Records) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, features=records.features, targets=records.targets)
    return buffer.getvalue()


def _unpack(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    arrays = read_npz(io.BytesIO(data))
    return arrays["features"], arrays["targets"]
