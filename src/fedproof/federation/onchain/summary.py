"""A finished run on a chain in numbers: what a run without one has, and gas and money beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from fedproof.chain.rpc import Chain
from fedproof.data import Records
from fedproof.errors import BadInput
from fedproof.federation.baseline import float_run
from fedproof.federation.canonical import Json
from fedproof.federation.onchain.history import History, RoundHistory
from fedproof.federation.onchain.money import Money, follow_money
from fedproof.federation.onchain.site import Site
from fedproof.federation.onchain.told import told
from fedproof.federation.store import Store
from fedproof.federation.summary import Account, Refusal, RoundSummary, RunSummary, by_name, score
from fedproof.program import compile_task, float_model
from fedproof.proof.weights import decode_weights
from fedproof.task import Task


def summarise_chain(
    chain: Chain,
    site: Site,
    folder: Path,
    task: Task,
    names: Mapping[bytes, str],
    title: str,
    test: Records,
    records: Mapping[str, Records],
    notes: tuple[str, ...] = (),
) -> RunSummary:
    """Summary of a task and of what its run's folder has been told. names: of the members' addresses.

    records: of every participant, by name (for the float32 comparison).
    """
    hub, store = site.open(chain), Store(site.store)
    events = list(hub.events(site.id, site.block))
    history = History.of(events)
    money = follow_money(history, events, list(hub.vault.cuts(site.id, site.block)))
    said = told(folder)
    closed = [current for current in history.rounds if current.closed is not None]
    accepted = [sorted(names[entry.member] for entry in current.accepted) for current in closed]
    seeds = [current.seeded.seed for current in closed if current.seeded is not None]
    floats = float_run(task, compile_task(task), records, seeds, accepted)
    registrations = [len(store.get(entry.proof.hex())) for entry in history.joined]
    summary = RunSummary(
        title,
        task.name,
        task.dims,
        sorted(names.values()),
        test.count,
        score(task, floats[0], test),
        max(registrations, default=0),
        "",
        notes,
    )
    for current, counted in zip(closed, accepted, strict=True):
        if current.closed is None:
            continue
        number = current.number
        weights = decode_weights(store.get(current.closed.weights.hex()), task.dims)
        mine = [event for event in said if event.get("round") == number]
        trained = [event for event in mine if event["tell"] == "trained"]
        summary.rounds.append(
            RoundSummary(
                number,
                "prove",
                score(task, float_model.from_integers(task, weights), test),
                score(task, floats[number + 1], test),
                counted,
                _refusals(current, mine, names),
                by_name(trained, lambda event: event["prove_ms"] / 1000),
                {},
                by_name(trained, lambda event: event["proof_bytes"]),
                gas=sum(event.get("gas", 0) for event in mine),
                share=current.closed.share,
                lost=_lost(history, number, names),
            )
        )
    summary.accounts.extend(_accounts(history, money, said, names))
    return summary


def _refusals(current: RoundHistory, said: list[Json], names: Mapping[bytes, str]) -> list[Refusal]:
    """Whoever entered and is not counted, and why."""
    refused = {event["name"]: event for event in said if event["tell"] == "refused"}
    contested = {event["member"]: event for event in said if event["tell"] == "contested"}
    counted = {entry.member for entry in current.accepted}
    found = []
    for member in sorted(current.entered - counted, key=lambda m: names[m]):
        event = refused.get(names[member]) or contested.get(member.hex())
        if event is None:
            found.append(Refusal(names[member], "", "no update"))
        else:
            found.append(Refusal(names[member], event["check"] or event["code"], event["reason"]))
    return found


def _lost(history: History, number: int, names: Mapping[bytes, str]) -> dict[str, int]:
    lost: Counter[str] = Counter()
    for entry in history.slashed:
        if entry.round == number:
            lost[names[entry.member]] += entry.amount
    return dict(lost)


def _accounts(history: History, money: Money, said: list[Json], names: Mapping[bytes, str]) -> list[Account]:
    if history.opened is None:
        raise BadInput("the chain has no event of the task")
    task = history.opened.task
    gas: Counter[str] = Counter()
    for event in said:
        gas[event.get("name", "sponsor")] += event.get("gas", 0)
    accounts = [
        Account(name, task.stake, money.lost[member], money.earned[member], gas[name])
        for member, name in sorted(names.items(), key=lambda item: item[1])
        if member in history.members
    ]
    closers = sum(amount for address, amount in money.earned.items() if address not in names)
    return [
        *accounts,
        Account("aggregator", 0, 0, closers, gas["aggregator"]),
        Account("sponsor", 0, 0, 0, gas["sponsor"]),
    ]
