"""Runs with real processes on a chain of their own."""

import os
import signal

import pytest

from fedproof.errors import BadInput
from fedproof.federation import run_federation
from fedproof.federation.onchain.audit import audit_chain
from fedproof.federation.onchain.history import History
from fedproof.federation.onchain.offer import ChainConfig
from fedproof.federation.onchain.place import open_place
from fedproof.federation.onchain.told import PASSING, told
from fedproof.registry import load_model
from tests.federation.helpers import make_run, make_task


def of(events, kind):
    return [event for event in events if event["tell"] == kind]


def audited(folder):
    with open_place(folder) as (chain, site):
        report = audit_chain(chain, site, folder=folder)
        return report, History.of(site.open(chain).events(site.id, site.block))


def test_a_cheat_is_refused_by_the_contract_pays_and_the_others_are_paid(finished):
    folder, events = finished
    (refused,) = of(events, "refused")
    assert (refused["name"], refused["round"]) == ("carol", 0)
    assert (refused["code"], refused["check"]) == ("OpeningFailed", "V11") and "OpeningFailed" in refused["reason"]
    assert [(e["name"], e["amount"], e["what"]) for e in of(events, "slashed")] == [("carol", 50, "update")]
    assert [(e["round"], e["accepted"], e["share"]) for e in of(events, "round")] == [
        (0, of(events, "round")[0]["accepted"], 60),  # (100 + 40 % of what carol lost) / 2
        (1, of(events, "round")[1]["accepted"], 50),
    ]
    assert all(sorted(e["accepted"]) == ["alice", "bob"] for e in of(events, "round"))
    assert {e["name"] for e in of(events, "withdrawn")} == {"alice", "bob", "carol"}
    assert {e["code"] for e in of(events, "exit")} == {0}
    assert not (folder / "private").exists() and load_model(folder).rounds == 2
    assert told(folder) == [e for e in events if e["tell"] not in PASSING | {"process", "exit", "restart"}]


def test_no_update_leaves_the_machine_of_its_owner_but_to_the_aggregator(finished):
    folder, _ = finished
    with open_place(folder) as (chain, site):
        history = History.of(site.open(chain).events(site.id, site.block))
    named = {entry.proof.hex() for entry in history.joined} | {history.opened.task.task_file.hex()}
    for current in history.rounds:
        named |= {entry.proof.hex() for entry in current.submissions}
        named |= {current.closed.proof.hex(), current.closed.weights.hex()}
    extra = {file.name for file in (folder / "store").iterdir()} - named
    assert len(extra) == 1  # carol's refused proof, which says nothing of her update


def test_processes_that_are_killed_start_again_and_nothing_is_lost(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(), ["alice", "bob", "carol"], chain=ChainConfig())
    pids, events, kills = {}, [], []

    def watch(event):
        events.append(event)
        if event["tell"] == "process":
            pids[event["name"]] = event["pid"]
        for name, kind, who in (
            ("alice", "joined", "alice"), ("bob", "revealed", "bob"), ("carol", "trained", "carol"),
            ("aggregator", "submitted", "alice"),
        ):  # fmt: skip
            if event["tell"] == kind and event.get("name") == who and (name, kind) not in kills:
                kills.append((name, kind))
                os.kill(pids[name], signal.SIGKILL)

    assert run_federation(config, passphrases, watch=watch).finished
    assert len(kills) == 4 and {e["name"] for e in of(events, "restart")} >= {"alice", "bob", "carol", "aggregator"}
    report, history = audited(config.out)
    assert report.ok and [len(current.accepted) for current in history.rounds] == [3, 3]
    assert history.slashed == []


def test_a_run_that_was_interrupted_goes_on_with_its_chain(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(), ["alice", "bob"], chain=ChainConfig())

    class Interrupted(BaseException):
        pass

    def watch(event):
        if event["tell"] == "round" and event["round"] == 0:
            raise Interrupted

    with pytest.raises(Interrupted):
        run_federation(config, passphrases, watch=watch)
    with pytest.raises(BadInput, match="it can be resumed"):
        run_federation(config, passphrases)
    events = []
    assert run_federation(config, passphrases, watch=events.append, resume=True).finished
    assert of(events, "resumed") and [e["round"] for e in of(events, "round")] == [1]
    report, history = audited(config.out)
    assert report.ok and len(history.rounds) == 2
    assert run_federation(config, passphrases, resume=True).finished  # nothing is left to do


def test_somebody_who_is_gone_is_reported_and_the_task_goes_on(tmp_path):
    config, passphrases = make_run(tmp_path, make_task(), ["alice", "bob", "gone"], restarts=0, chain=ChainConfig())
    pids = {}

    def watch(event):
        if event["tell"] == "process":
            pids[event["name"]] = event["pid"]
        if event["tell"] == "begun" and event["round"] == 0:
            os.kill(pids["gone"], signal.SIGKILL)

    assert run_federation(config, passphrases, watch=watch).finished
    report, history = audited(config.out)
    assert report.ok and len(history.slashed) == 1
    assert all(len(current.accepted) == 2 for current in history.rounds)


def test_a_task_that_nobody_can_close_is_cancelled(tmp_path):
    config, passphrases = make_run(
        tmp_path, make_task(), ["alice", "bob"], {"bob": "skipped-step"}, chain=ChainConfig()
    )
    result = run_federation(config, passphrases)
    assert not result.finished and result.failure == "updates"
    report, _ = audited(config.out)
    assert report.ok and not report.finished and report.notes == ["the task was cancelled: updates"]
