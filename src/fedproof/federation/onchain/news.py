"""What happens on the chain, for whoever watches a run: each thing once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fedproof.chain.hub import Hub
from fedproof.federation.canonical import Json
from fedproof.federation.onchain.history import History, RoundHistory
from fedproof.federation.onchain.site import Site
from fedproof.federation.onchain.told import Told


class News:
    """names: of the members' addresses."""

    def __init__(self, site: Site, hub: Hub, names: Mapping[bytes, str], told: Told) -> None:
        self._site = site
        self._names = names
        self._task = hub.task(site.id)
        self._told = told

    def of(self, history: History) -> Iterator[Json]:
        """All there is to tell; what was told before is passed over by `Told`."""
        task = self._task
        yield {
            "tell": "task",
            "id": self._site.task,
            "chain_id": self._site.chain_id,
            "hub": self._site.hub,
            "mode": task.mode.name.lower(),
            "rounds": task.rounds,
            "reward": task.reward,
            "closer_fee": task.closer_fee,
            "stake": task.stake,
            "escrow": task.escrow,
        }
        for current in history.rounds:
            yield {"tell": "begun", "round": current.number, "entered": current.begun.entered}
            if current.seeded is not None:
                yield {"tell": "seeded", "round": current.number, "present": current.seeded.present}
            if current.closed is not None:
                yield self._closed(current, history)
        for entry in history.slashed:
            yield {
                "tell": "slashed",
                "name": self._name(entry.member),
                "round": entry.round,
                "amount": entry.amount,
                "what": entry.fault,
            }

    def _closed(self, current: RoundHistory, history: History) -> Json:
        closed = current.closed
        accepted = [self._name(entry.member) for entry in current.accepted]
        return {
            "tell": "round",
            "round": current.number,
            "accepted": accepted,
            "share": closed.share if closed is not None else 0,
            "slashed": sum(entry.amount for entry in history.slashed if entry.round == current.number),
        }

    def _name(self, address: bytes) -> str:
        return self._names.get(address, f"0x{address.hex()}")
