"""The aggregator collects registrations, nonces and submissions, judges each as it comes, and records the verdict.

A verdict counts once it is recorded, and stays as it is: after a crash what is in the record is taken from there, and
only who is not in it yet is waited for. An accepted update is on the disk before it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from time import perf_counter

from fedproof.errors import BadInput, Rejected
from fedproof.federation.aggregation import Opening, check_opening
from fedproof.federation.canonical import Json, hex_field, int_field, printable
from fedproof.federation.draw import Draw
from fedproof.federation.jobs import AggregatorJob
from fedproof.federation.judge import MAX_MS, Verdict, judge_nonce, judge_registration, judge_submission
from fedproof.federation.messages import Message
from fedproof.federation.openings import Openings
from fedproof.federation.record import Event, Record
from fedproof.federation.roster import Member, Roster
from fedproof.federation.rules import Schedule
from fedproof.federation.store import Store
from fedproof.federation.terms import Terms
from fedproof.proof import Modes, RegistrationFields

Append = Callable[..., Event]


class Collector:
    """One per run; whoever is refused or missing in a round may be there again in the next."""

    def __init__(
        self,
        terms: Terms,
        run: bytes,
        job: AggregatorJob,
        store: Store,
        openings: Openings,
        roster: Roster,
        record: Record,
        append: Append,
    ) -> None:
        self._terms = terms
        self._run = run
        self._job = job
        self._modes = Modes(job.mode, terms.task.rounds, job.prove_rounds)
        self._store = store
        self._openings = openings
        self._roster = roster
        self._record = record
        self._append = append
        self._limit = 4096 + 2 * int(terms.costs["proof_bytes"]) + 2 * int(terms.costs["registration_bytes"])
        self._opening_limit = 8 * int(terms.costs["parameters"]) + 4 + 64 * 64 * int(terms.costs["weight_vectors"])

    @property
    def registered(self) -> list[Member]:
        """Members with an accepted registration."""
        return [member for member in self._roster.members.values() if member.registered]

    def register(self) -> None:
        """Waits for the registration of everybody expected."""
        waiting = list(self._roster.members)
        for member, event in self._recorded(("registration", "missing"), None, waiting):
            if event.kind == "registration":
                self._enter(member, self._registered_before(event) if event["accepted"] else None)
                self._tell_verdict(member, None, event.fields)
        for member, message, reason in self._roster.wait("registration", {}, waiting, self._job.timeout):
            if message is None:
                self._missing(None, member, "registration", reason)
                continue
            start = perf_counter()
            proof = self._proof(message)
            fields, verdict = judge_registration(self._terms, self._run, message, proof, self._modes.registration)
            self._enter(member, fields)
            self._judged("registration", None, member, message, proof, verdict, start)

    def present(self, number: int, members: Collection[Member]) -> list[Member]:
        """Those of `members` that can be asked in round `number`: whoever is gone is recorded as missing."""
        here = [member.address for member in members]
        for _ in self._recorded(("missing",), number, here):
            pass
        for address in list(here) if not self._record.past else []:
            member = self._roster.members[address]
            if member.gone:
                here.remove(address)
                self._missing(number, member, "nonce", member.gone)
        return [self._roster.members[address] for address in here]

    def nonces(self, draw: Draw, members: Collection[Member]) -> dict[str, bytes]:
        """The nonces of `draw` by address, of those of its members who reveal theirs."""
        waiting = [member.address for member in members]
        place = {"round": draw.number, "attempt": draw.attempt}
        self._roster.order(list(waiting), {"type": "reveal", **place, "members": draw.ids})
        revealed = {}
        for member, event in self._recorded(("nonce", "missing"), draw.number, waiting):
            if event.kind == "nonce":
                revealed[member.address] = hex_field(event["body"], "nonce", 32)
        for member, message, reason in self._roster.wait("nonce", place, waiting, self._job.timeout):
            if message is None or member.fields is None:
                self._missing(draw.number, member, "nonce", reason)
                continue
            try:
                nonce = judge_nonce(self._terms, draw, member.fields, message)
            except (Rejected, BadInput) as error:
                self._missing(draw.number, member, "nonce", str(error))
                continue
            self._append(
                "nonce", **place, participant=member.address, body=message.body, signature=message.signature.hex()
            )
            revealed[member.address] = nonce
        return revealed

    def submissions(
        self, number: int, addresses: Collection[str], weights: bytes, plan: Schedule
    ) -> Iterator[tuple[Member, Json, Opening]]:
        """Yields what is accepted: member, signed body and opened update. weights: [W_0]."""
        waiting, about = list(addresses), {"round": number}
        for member, event in self._recorded(("submission", "missing"), number, waiting):
            if event.kind == "submission":
                self._tell_verdict(member, number, event.fields)
                if event["accepted"]:
                    yield member, event["body"], self._openings.get(number, member.address, self._terms.task.dims)
        for member, message, reason in self._roster.wait("submission", about, waiting, self._job.timeout):
            if message is None or member.fields is None:
                self._missing(number, member, "training", reason)
                continue
            start = perf_counter()
            proof = self._proof(message)
            fields = self._terms.training(member.fields, number, weights, plan.pi, plan.beta)
            verdict = judge_submission(self._terms, self._run, fields, plan, message, proof, self._modes.of(number))
            opening = None
            if verdict.accepted:
                opening, verdict = self._open(message, verdict)
            if opening is not None:
                self._openings.keep(number, member.address, opening)
            self._judged("submission", number, member, message, proof, verdict, start)
            if opening is not None:
                yield member, message.body, opening

    def _recorded(
        self, kinds: Collection[str], number: int | None, waiting: list[str]
    ) -> Iterator[tuple[Member, Event]]:
        """What was recorded of those `waiting` before a crash; they are waited for no longer."""
        while (event := self._record.take(kinds, number, waiting)) is not None:
            waiting.remove(event["participant"])
            yield self._roster.members[event["participant"]], event

    def _registered_before(self, event: Event) -> RegistrationFields:
        """What an accepted registration in the own record registers."""
        message = Message("registration", event["body"], hex_field(event.fields, "signature", 65))
        proof = self._store.get(message.body["proof"])
        fields, verdict = judge_registration(self._terms, self._run, message, proof, "off")
        if fields is None:
            raise BadInput(f"line {event.index + 1}: {verdict.reason}: the run cannot be resumed")
        return fields

    def _enter(self, member: Member, fields: RegistrationFields | None) -> None:
        if fields is not None:
            member.fields, member.dataset_id = fields, fields.dataset_id(self._terms.key)

    def _open(self, message: Message, verdict: Verdict) -> tuple[Opening | None, Verdict]:
        """The update behind the proven commitment."""
        try:
            opening = Opening.decode(message.attachment("opening", self._opening_limit), self._terms.task.dims)
            check_opening(self._terms.key, opening, bytes.fromhex(message.body["commitment"]))
        except (BadInput, Rejected) as error:
            return None, Verdict(False, "opening", "OpeningMismatch", str(error))
        return opening, verdict

    def _proof(self, message: Message) -> bytes:
        """The attached proof; empty if there is none of a sensible size (then its hash will not fit)."""
        try:
            return message.attachment("proof", self._limit)
        except BadInput:
            return b""

    def _judged(
        self,
        kind: str,
        number: int | None,
        member: Member,
        message: Message,
        proof: bytes,
        verdict: Verdict,
        start: float,
    ) -> None:
        self._store.put(proof)
        self._append(
            kind,
            **({} if number is None else {"round": number}),
            participant=member.address,
            name=member.name,
            body=message.body,
            signature=message.signature.hex(),
            proof_bytes=len(proof),
            prove_ms=_milliseconds(message.body),
            verify_ms=round(1000 * (perf_counter() - start), 1),
            **verdict.fields(),
        )
        self._tell_verdict(member, number, verdict.fields())

    def _tell_verdict(self, member: Member, number: int | None, verdict: Json) -> None:
        """To whom it is about. Also a refused participant may go on in the next round."""
        self._roster.order([member.address], verdict_order(number, verdict))

    def _missing(self, number: int | None, member: Member, phase: str, reason: str) -> None:
        self._append(
            "missing", round=number, participant=member.address, name=member.name, phase=phase, reason=printable(reason)
        )


def verdict_order(number: int | None, verdict: Json) -> Json:
    """What somebody is told of a registration (number: None) or a submission: verdict as in the record."""
    return {"type": "verdict", "round": number, **{name: verdict[name] for name in Verdict(True).fields()}}


def _milliseconds(body: Json) -> int:
    """What the participant says its proof took, for the screen; 0 if that makes no sense."""
    try:
        return int_field(body, "prove_ms", 0, MAX_MS)
    except BadInput:
        return 0
