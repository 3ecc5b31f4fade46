"""The model that a round starts from: published weights, bound to the chain by their commitment."""

from __future__ import annotations

from pathlib import Path

from fedproof._core import keccak256
from fedproof.errors import Rejected
from fedproof.federation.onchain.history import History
from fedproof.federation.onchain.site import Site
from fedproof.federation.publish import MODEL
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms
from fedproof.files import write_file
from fedproof.proof.weights import IntArray, decode_weights
from fedproof.registry import export_model


def start_of(terms: Terms, history: History, number: int, store: Store) -> tuple[list[IntArray], bytes]:
    """W_0 of round `number` (one more than the last: the final model) and [W_0].

    Raises Rejected if the published weights are not the ones the chain committed to, BadInput if they are missing.
    """
    if number == 0:
        return terms.initial()
    closed = history.rounds[number - 1].closed if number <= len(history.rounds) else None
    if closed is None:
        raise Rejected(f"round {number - 1} is not closed on the chain", check="start")
    weights = decode_weights(store.get(closed.weights.hex()), terms.task.dims)
    if terms.key.commit_weights(weights) != closed.next:
        raise Rejected(f"the weights published for round {number} are not those committed to", check="start")
    return weights, closed.next


def check_start(commitment: bytes, start: bytes, number: int) -> None:
    """Raises Rejected unless `start` is the chain's hash of [W_0]."""
    if keccak256(commitment) != start:
        raise Rejected(f"round {number} does not start on the chain from the model that follows", check="start")


def provenance(terms: Terms, site: Site, history: History) -> dict[str, str]:
    """Metadata of the model that a finished task ends with: `record` is the id of the task."""
    last = history.rounds[-1].closed
    if last is None:
        raise Rejected("the last round is not closed on the chain", check="start")
    return {
        "task_digest": terms.task.digest.hex(),
        "program_digest": terms.program.digest.hex(),
        "weights": last.next.hex(),
        "rounds": str(len(history.rounds)),
        "record": site.task,
        "chain_id": str(site.chain_id),
        "hub": site.hub,
    }


def publish_final(terms: Terms, site: Site, history: History, store: Store, folder: Path) -> None:
    """Writes model/model.safetensors and model/model.npz."""
    weights, _ = start_of(terms, history, len(history.rounds), store)
    for name, content in export_model(terms.task, weights, provenance(terms, site, history)).items():
        write_file(folder / MODEL / name, content)
