"""Puts the contracts on a chain, and checks those that somebody else has put there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedproof._core import keccak256
from fedproof.chain.artefacts import artefact
from fedproof.chain.errors import ChainError, WrongChain
from fedproof.chain.rpc import Chain, checksummed
from fedproof.chain.sender import Sender
from fedproof.errors import BadInput
from fedproof.files import read_file, write_file
from fedproof.reading import TEXT, is_flat


@dataclass(frozen=True)
class Read:
    """What a view function answers. The name of a contract stands for its address, None for anything; of several
    answers the first count.
    """

    function: str
    answer: tuple[Any, ...]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Part:
    """One contract of a deployment.

    arguments: of its constructor. The name of a contract above stands for its address; everything else for itself.
    own_address: its code holds its own address, so that it differs from that of an equal contract. made_by: a contract
    above that creates it, and the function there that names it. reads: what must hold besides, of what the code does
    not show.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    own_address: bool = False
    made_by: tuple[str, str] | None = None
    reads: tuple[Read, ...] = ()


NOBODY = "0x" + "0" * 40
VERIFIERS = ("TrainingVerifier", "RegistrationVerifier", "CloseVerifier")

PLAN = (
    Part("ProgramReader"),
    Part("VerifyingKeys", ("ProgramReader",)),
    Part("TrainingWeights"),
    Part("TrainingVerifier", ("VerifyingKeys", "TrainingWeights")),
    Part("RegistrationVerifier", ("VerifyingKeys",)),
    Part("CloseVerifier", ("VerifyingKeys",)),
    Part(
        "VerifierRouter",
        ("VerifyingKeys", *VERIFIERS, NOBODY, 0),
        reads=(
            Read("verifiersOf", (VERIFIERS[0], None, *VERIFIERS[1:]), (1,)),  # None: since when it can be used
            Read("versions", (1,)),
            Read("announcer", (NOBODY,)),
        ),
    ),
    Part("CommitRevealBeacon"),
    Part("OpenGate"),
    Part(
        "FedHub",
        ("VerifierRouter", "VerifyingKeys"),
        own_address=True,
        reads=(Read("router", ("VerifierRouter",)), Read("keys", ("VerifyingKeys",))),
    ),
    Part("StakeVault", ("FedHub",), made_by=("FedHub", "vault")),
    Part(
        "HubParts",
        ("VerifierRouter", "VerifyingKeys", "StakeVault"),
        own_address=True,
        made_by=("FedHub", "parts"),
        reads=(
            Read("router", ("VerifierRouter",)),
            Read("keys", ("VerifyingKeys",)),
            Read("vault", ("StakeVault",)),
        ),
    ),
)
"""What `deploy` makes, parts before what is made of them. Nobody can add a version to its router."""
PLAY = (Part("DevToken"),)
"""Play money, for demonstrations and tests."""


class NotOurs(ChainError):
    """At the address of a deployment there is no code, or other code than the package's."""


@dataclass(frozen=True)
class Deployment:
    """Addresses (checksummed) by the names of the contracts. block: the first one with any of them."""

    chain_id: int
    genesis: bytes
    block: int
    addresses: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Address of a contract. Raises BadInput."""
        if name not in self.addresses:
            raise BadInput(f"deployment: has no {name}")
        return self.addresses[name]

    def save(self, file: Path) -> None:
        """Writes a JSON file. Raises BadInput."""
        fields = {"chain": self.chain_id, "genesis": self.genesis.hex(), "block": self.block}
        text = json.dumps({**fields, "contracts": dict(self.addresses)}, indent=1) + "\n"
        write_file(file, text.encode())

    @classmethod
    def load(cls, file: Path) -> Deployment:
        """The inverse. Raises BadInput."""
        try:
            content = read_file(file, TEXT)
            value = json.loads(content) if is_flat(content) else {}
            addresses = {str(name): str(checksummed(address)) for name, address in value["contracts"].items()}
            return cls(int(value["chain"]), bytes.fromhex(value["genesis"]), int(value["block"]), addresses)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadInput(f"{file}: is not the file of a deployment") from None


def deploy(
    chain: Chain, sender: Sender, plan: tuple[Part, ...] = PLAN, told: Callable[[str, str, int], None] | None = None
) -> Deployment:
    """Creates the contracts of a plan that the sender has not created yet, and checks all of them.

    told: called with name, address and gas of each. Raises ChainError; what is done stays done: the same call goes on.
    """
    addresses: dict[str, str] = {}
    blocks: list[int] = []
    for part in plan:
        if part.made_by is not None:
            addresses[part.name] = _made(chain, addresses, part.made_by)
            continue
        function = chain.creation(part.name, *_meant(part.arguments, addresses))
        # the same contract with other arguments, or of another build, is another purpose
        content = keccak256(bytes.fromhex(str(function.data_in_transaction).removeprefix("0x"))).hex()[:16]
        receipt = sender.send(function, f"deploy {part.name} {content}")
        if receipt.contract is None:
            raise ChainError(f"{chain.shown}: created no {part.name}")
        addresses[part.name] = str(checksummed(receipt.contract))
        blocks.append(receipt.block)
        if told is not None:
            told(part.name, addresses[part.name], receipt.gas_used)
    deployment = Deployment(chain.chain_id, chain.genesis, min(blocks, default=0), addresses)
    verify(chain, deployment, plan)
    return deployment


def verify(chain: Chain, deployment: Deployment, plan: tuple[Part, ...] = PLAN) -> None:
    """Is the code on the chain the package's, made of each other and of nothing else?

    Raises NotOurs naming the contract, WrongChain, BadInput if one is missing.
    """
    if (chain.chain_id, chain.genesis) != (deployment.chain_id, deployment.genesis):
        raise WrongChain(f"{chain.shown} is not of the chain that the contracts were put on")
    for part in plan:
        address = deployment[part.name]
        code = chain.code(address)
        if not code:
            raise NotOurs(f"{part.name}: there is no contract at {address}")
        if not artefact(part.name).is_code(code):
            raise NotOurs(f"{part.name}: the contract at {address} has other code than this package's")
        if part.made_by is not None and _made(chain, deployment.addresses, part.made_by) != address:
            raise NotOurs(f"{part.name}: the contract at {address} is not the one of {part.made_by[0]}")
        creation = chain.creation(part.name, *_meant(part.arguments, deployment.addresses)).data_in_transaction
        # a creation that is only called returns the code that it would put there, with what the constructor fills in
        if not part.own_address and chain.ask(lambda w: w.eth.call({"data": creation})) != code:  # noqa: B023
            raise NotOurs(f"{part.name}: the contract at {address} was made with other arguments")
        for read in part.reads:
            function = chain.contract(part.name, address).functions[read.function]
            found = chain.call(function(*read.arguments))
            answer = tuple(found) if isinstance(found, (tuple, list)) else (found,)
            meant = _meant(read.answer, deployment.addresses)
            if len(answer) < len(meant) or any(m not in (None, a) for m, a in zip(meant, answer, strict=False)):
                raise NotOurs(f"{part.name}: {read.function} of the contract at {address} is not as deployed")


def _meant(values: tuple[Any, ...], addresses: Mapping[str, str]) -> tuple[Any, ...]:
    """Values, addresses in place of names of contracts."""
    return tuple(addresses.get(value, value) if isinstance(value, str) else value for value in values)


def _made(chain: Chain, addresses: Mapping[str, str], made_by: tuple[str, str]) -> str:
    maker, function = made_by
    return str(checksummed(chain.call(chain.contract(maker, addresses[maker]).functions[function]())))
