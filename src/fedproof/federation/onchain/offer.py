"""The section [chain] of a run file: on which chain a task is run, and on what terms.

[chain]
# rpc = "https://…"        # else a chain of its own, kept in the run's folder, on which nothing is worth anything
# deployment = "deployment.json"    # of contracts that are there already; else they are deployed
# token = "0x…"            # of stake and rewards; on a chain of its own play money
# sponsor = "sponsor"      # folder with the key that pays; on a chain of its own made as needed
# aggregator = "aggregator"
# store = "s3://…"         # of artefacts; else the run's folder
# mode = "eager"           # every proof is verified on submission; or "bonded": only contested ones
# reward = 100             # of a round, in equal parts for the accepted updates, in units of the token
# closer_fee = 10          # of a round, for the aggregator
# stake = 100              # of a member; penalties are taken from it
# reveal_penalty = 10      # for a nonce withheld
# absence_penalty = 50     # for a round entered and no update
# claim_bond = 100         # bonded: for a claim that does not hold
# demand_deposit = 10      # bonded: for demanding a proof
# windows = { join = 3600, reveal = 600, submit = 3600, challenge = 3600, answer = 3600, close = 3600 }    # seconds
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fedproof.chain.task import ChainTask, Mode
from fedproof.federation.onchain.conditions import Conditions, key_id
from fedproof.federation.terms import Terms

Amount = Annotated[int, Field(ge=0, lt=2**96)]
Seconds = Annotated[int, Field(ge=1, le=365 * 24 * 3600)]
Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Windows(_Section):
    """Seconds of each phase. challenge, answer: of bonded tasks."""

    join: Seconds = 3600
    reveal: Seconds = 600
    submit: Seconds = 3600
    challenge: Seconds = 3600
    answer: Seconds = 3600
    close: Seconds = 3600


class ChainConfig(_Section):
    """See the module's doc. pause: seconds between two looks at the chain, for those who look."""

    rpc: str = ""
    deployment: Path | None = None
    token: Address | None = None
    sponsor: Path | None = None
    aggregator: Path | None = None
    store: str = ""
    mode: Literal["eager", "bonded"] = "eager"
    reward: Amount = 100
    closer_fee: Amount = 10
    stake: Amount = 100
    reveal_penalty: Amount = 10
    absence_penalty: Amount = 50
    claim_bond: Annotated[int, Field(ge=1, lt=2**96)] = 100
    demand_deposit: Amount = 10
    windows: Windows = Windows()
    confirmations: Annotated[int, Field(ge=1, le=1000)] = 1
    pause: Annotated[float, Field(gt=0, le=3600)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> ChainConfig:
        if self.rpc and (self.sponsor is None or self.aggregator is None or self.token is None):
            raise ValueError("with rpc, sponsor, aggregator and token must be given too")
        if not self.rpc and (self.sponsor or self.aggregator or self.token or self.deployment):
            raise ValueError("sponsor, aggregator, token and deployment are for a chain given by rpc")
        return self

    @property
    def embedded(self) -> bool:
        """A chain of its own?"""
        return not self.rpc

    @property
    def look(self) -> float:
        """Seconds between two looks."""
        return self.pause if self.pause is not None else (0.1 if self.embedded else 2.0)

    def at(self, base: Path) -> ChainConfig:
        """The same with folders relative to `base`."""
        folders = {"sponsor": self.sponsor, "aggregator": self.aggregator, "deployment": self.deployment}
        return self.model_copy(update={name: base / path for name, path in folders.items() if path is not None})

    def conditions(self) -> Conditions:
        """What the run's own participants accept."""
        token = "" if self.token is None else self.token[2:].lower()
        windows = self.windows
        window = min(windows.reveal, windows.submit, windows.challenge, windows.answer)
        return Conditions(self.stake, self.reward, token, window)

    def task(
        self,
        terms: Terms,
        members: int,
        *,
        sponsor: bytes,
        token: bytes,
        gate: bytes,
        beacon: bytes,
        aggregator: bytes,
        task_file: bytes,
        start: bytes,
        salt: bytes,
    ) -> ChainTask:
        """What the hub is asked to open. members: at most. start: hash of [W_0]."""
        bonded = self.mode == "bonded"
        return ChainTask(
            sponsor=sponsor,
            task_digest=terms.task.digest,
            task_file=task_file,
            key_id=key_id(terms),
            verifier=1,
            start=start,
            mode=Mode.BONDED if bonded else Mode.EAGER,
            rounds=terms.task.rounds,
            min_accepted=terms.task.min_accepted,
            max_members=members,
            token=token,
            reward=self.reward,
            closer_fee=self.closer_fee,
            stake=self.stake,
            reveal_penalty=self.reveal_penalty,
            absence_penalty=self.absence_penalty,
            claim_bond=self.claim_bond if bonded else 0,
            demand_deposit=self.demand_deposit if bonded else 0,
            gate=gate,
            beacon=beacon,
            aggregator=aggregator,
            join_window=self.windows.join,
            reveal_window=self.windows.reveal,
            submit_window=self.windows.submit,
            challenge_window=self.windows.challenge if bonded else 0,
            answer_window=self.windows.answer if bonded else 0,
            close_window=self.windows.close,
            salt=salt,
        )
