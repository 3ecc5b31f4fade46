"""Whatever a store or a node lies about is found, and named."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import replace

import pytest

from fedproof._core import keccak256
from fedproof.chain.hub import Beacon, Hub, Vault
from fedproof.chain.hub_events import (
    BeaconBegun,
    Claimed,
    Cut,
    Joined,
    Revealed,
    RoundBegun,
    RoundClosed,
    RoundSeeded,
    Slashed,
    Submitted,
    TaskOpened,
)
from fedproof.chain.task import Phase
from fedproof.errors import BadInput
from fedproof.federation.onchain.audit import audit_chain, find_task
from fedproof.federation.onchain.inspection import CHAIN_CHECKS
from fedproof.federation.onchain.place import open_place
from fedproof.federation.onchain.site import Site
from fedproof.federation.store import Store


@pytest.fixture(scope="module")
def place(finished):
    """The finished run's chain and site."""
    with ExitStack() as stack:
        yield stack.enter_context(open_place(finished[0]))


@pytest.fixture
def events(place):
    chain, site = place
    return list(site.open(chain).events(site.id, site.block))


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def audited(place, **options):
    return audit_chain(*place, **options)


def checks(report):
    return {finding.check for finding in report.findings}


def test_an_untouched_run_passes_and_says_who_was_punished(place, finished):
    report = audited(place, folder=finished[0])
    assert report.ok and report.finished and (report.rounds, report.participants) == (2, 3)
    assert report.proofs == 3 + 4 + 2 and report.insecure_setup
    assert [(r.check, r.round) for r in report.refused] == [("absence", 0)]


def test_another_task_file_than_the_one_asked_for_is_a_finding(place):
    assert checks(audited(place, task_digest=b"x" * 32)) == {"task"}


def test_a_task_that_the_hub_does_not_know_is_bad_input(place):
    chain, site = place
    with pytest.raises(BadInput, match="has opened no task"):
        audit_chain(chain, replace(site, task="00" * 32))
    with pytest.raises(BadInput, match="has opened no task"):
        find_task(chain, bytes(32), bytes.fromhex(site.hub), 0, site.store)
    assert find_task(chain, site.id, bytes.fromhex(site.hub), 0, site.store).task == site.task
    with pytest.raises(BadInput, match="the task is on chain 5"):
        audit_chain(chain, replace(site, chain_id=5))


# --- the store ---


def store_with(place, tmp_path, name, content):
    """A copy of the site whose store has something else, or nothing, under a name."""
    chain, site = place
    shutil.copytree(site.store, tmp_path / "store")
    file = tmp_path / "store" / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    return chain, replace(site, store=str(tmp_path / "store"))


def artefacts(events):
    closed = of(events, RoundClosed)[0]
    return {
        "task file": of(events, TaskOpened)[0].task.task_file,
        "registration proof": of(events, Joined)[0].proof,
        "training proof": of(events, Submitted)[0].proof,
        "close proof": closed.proof,
        "weights": closed.weights,
    }


@pytest.mark.parametrize("what", ["task file", "registration proof", "close proof", "weights"])
@pytest.mark.parametrize("content", [b"something else", None])
def test_artefacts_that_are_changed_or_missing_are_found(place, events, tmp_path, what, content):
    name = artefacts(events)[what].hex()
    report = audited(store_with(place, tmp_path, name, content))
    assert "artefact" in checks(report) and not report.ok
    assert name[:16] in str(report.findings[0])


def test_a_training_proof_that_is_missing_leaves_its_update_unproven(place, events, tmp_path):
    report = audited(store_with(place, tmp_path, artefacts(events)["training proof"].hex(), None))
    assert checks(report) == {"submission"} and report.findings[0].round == 0


# --- the node ---


def lie(monkeypatch, source, change):
    """Makes the events of `source` (a class of contracts) other ones."""
    honest = source.cuts if source is Vault else source.events
    name = "cuts" if source is Vault else "events"
    monkeypatch.setattr(source, name, lambda *a, **k: iter(change(list(honest(*a, **k)))))


def first(kind, **changes):
    """A change of the first event of a kind."""

    def change(events):
        index = next(i for i, event in enumerate(events) if isinstance(event, kind))
        values = {n: v(events[index]) if callable(v) else v for n, v in changes.items()}
        return [*events[:index], replace(events[index], **values), *events[index + 1 :]]

    return change


def without(kind):
    """The first event of a kind is left out."""

    def change(events):
        index = next(i for i, event in enumerate(events) if isinstance(event, kind))
        return [*events[:index], *events[index + 1 :]]

    return change


def flipped(data):
    return bytes([data[0] ^ 1]) + data[1:]


def first_points(other):
    return lambda event: getattr(event, other)


LIES = {
    "a registration of somebody else": (Hub, first(Joined, member=b"m" * 20), "registration"),
    "another registration proof": (Hub, first(Joined, proof=b"p" * 32), "artefact"),
    "another tip of nonces": (Hub, first(Joined, nonce_commitment=b"t" * 32), "nonce"),
    "another dataset id": (Hub, first(Joined, dataset_id=b"d" * 32), "registration"),
    "a member left out": (Hub, without(Joined), "events"),
    "a round that begins elsewhere": (Hub, first(RoundBegun, start=b"s" * 32), "initial"),
    "more in the round than entered": (Hub, first(RoundBegun, entered=9), "events"),
    "another seed": (Hub, first(RoundSeeded, seed=b"s" * 32), "schedule"),
    "a seed left out": (Hub, without(RoundSeeded), "submission"),
    "an update of somebody else": (Hub, first(Submitted, member=b"m" * 20), "submission"),
    "an update left out": (Hub, without(Submitted), "events"),
    "another sum": (Hub, first(RoundClosed, summed=first_points("next")), "sum"),
    "another next model": (Hub, first(RoundClosed, next=first_points("summed")), "close"),
    "another closer": (Hub, first(RoundClosed, closer=b"c" * 20), "close"),
    "other weights": (Hub, first(RoundClosed, weights=first_points("proof")), "weights"),
    "another count": (Hub, first(RoundClosed, accepted=3), "sum"),
    "another share": (Hub, first(RoundClosed, share=99), "money"),
    "a larger claim": (Hub, first(Claimed, amount=1), "money"),
    "a harder punishment": (Hub, first(Slashed, amount=100), "absence"),
    "a punishment of somebody else": (Hub, first(Slashed, member=b"m" * 20), "absence"),
    "another fault": (Hub, first(Slashed, fault="nonce"), "absence"),
    "a close left out": (Hub, without(RoundClosed), "events"),
    "another start of the task": (Hub, first(TaskOpened, start=first_points("id")), "initial"),
    "another nonce": (Beacon, first(Revealed, nonce=b"n" * 32), "nonce"),
    "a nonce that does not count": (Beacon, first(Revealed, added=False), "nonce"),
    "a nonce left out": (Beacon, without(Revealed), "schedule"),
    "another randomness": (Beacon, first(BeaconBegun, prevrandao=b"r" * 32), "schedule"),
    "a beacon that says nothing": (Beacon, without(BeaconBegun), "schedule"),
    "a cut left out": (Vault, without(Cut), "money"),
}


@pytest.mark.parametrize("what", LIES)
def test_a_node_that_lies_is_found_out(place, monkeypatch, what):
    source, change, check = LIES[what]
    lie(monkeypatch, source, change)
    report = audited(place)
    assert check in checks(report), report.findings


def test_other_terms_than_the_id_says_are_found(place, monkeypatch, events):
    opened = of(events, TaskOpened)[0]
    lie(monkeypatch, Hub, first(TaskOpened, task=replace(opened.task, reward=1)))
    assert checks(audited(place)) == {"task"}


def test_a_key_of_another_setup_is_found(place, monkeypatch):
    monkeypatch.setattr("fedproof.federation.onchain.audit.key_id", lambda terms: keccak256(b"another"))
    assert checks(audited(place)) == {"program"}


def test_contracts_that_are_not_the_packages_are_found(place, monkeypatch):
    chain, site = place
    code = type(chain).code
    hub = site.open(chain)

    def other(self, address):
        found = code(self, address)
        return found[:-1] + b"\x00" if str(address).lower().endswith(hub.vault.address.hex()[-8:]) else found

    monkeypatch.setattr(type(chain), "code", other)
    report = audited(place)
    assert checks(report) == {"contracts"} and "StakeVault" in str(report.findings[0])


def test_a_hub_that_denies_the_end_is_found(place, monkeypatch):
    progress = Hub.progress
    monkeypatch.setattr(Hub, "progress", lambda self, id: replace(progress(self, id), phase=Phase.CLOSING))
    report = audited(place)
    assert report.ok and not report.finished and report.notes == ["the task is not over: closing"]
    monkeypatch.setattr(Hub, "progress", progress)
    lie(monkeypatch, Hub, lambda events: events[: events.index(of(events, RoundClosed)[1])])
    assert "end" in checks(audited(place))


def test_an_exported_model_that_was_changed_is_found(place, finished, tmp_path):
    shutil.copytree(finished[0] / "model", tmp_path / "model")
    file = tmp_path / "model" / "model.npz"
    shutil.copyfile(tmp_path / "model" / "model.safetensors", tmp_path / "kept")
    file.write_bytes(flipped(file.read_bytes()))
    assert checks(audited(place, folder=tmp_path)) == {"model"}


def test_a_claim_removed_though_its_proof_holds_is_found(place, monkeypatch, events):
    from fedproof.chain.hub_events import Settled

    entry = of(events, Submitted)[0]

    def settle(found):
        index = found.index(entry) if entry in found else 0
        unverified = replace(entry, verified=False)
        removed = Settled(entry.spot, entry.id, 0, entry.index, False)
        return [*found[:index], unverified, removed, *found[index + 1 :]]

    lie(monkeypatch, Hub, settle)
    assert "claim" in checks(audited(place))


def test_every_check_has_a_test_that_fails_it():
    proven = {check for _, _, check in LIES.values()}
    proven |= {"contracts", "artefact", "task", "program", "end", "model", "claim"}
    assert proven == set(CHAIN_CHECKS)


def test_a_chain_that_was_lost_is_bad_input(finished, tmp_path):
    site = Site.read(finished[0])
    site.write(tmp_path)
    with pytest.raises(BadInput, match="holds no chain"), open_place(tmp_path):
        pass
    assert Store(site.store)
