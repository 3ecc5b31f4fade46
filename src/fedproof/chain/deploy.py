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
from fedproof.reading import TEXT


@dataclass(frozen=True)
class Part:
    """One contract of a deployment.

    arguments: of its constructor. The name of a contract above stands for its address; everything else for itself.
    own_address: its code holds its own address, so that it differs from that of an equal contract.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    own_address: bool = False


NOBODY = "0x" + "0" * 40

PLAN = (
    Part("ProgramReader"),
    Part("VerifyingKeys", ("ProgramReader",)),
    Part("TrainingWeights"),
    Part("TrainingVerifier", ("VerifyingKeys", "TrainingWeights")),
    Part("RegistrationVerifier", ("VerifyingKeys",)),
    Part("CloseVerifier", ("VerifyingKeys",)),
    Part("VerifierRouter", ("VerifyingKeys", "TrainingVerifier", "RegistrationVerifier", "CloseVerifier", NOBODY, 0)),
    Part("CommitRevealBeacon"),
    Part("OpenGate"),
    Part("FedHub", ("VerifierRouter", "VerifyingKeys"), own_address=True),
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
            value = json.loads(read_file(file, TEXT))
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
        arguments = [addresses.get(value, value) if isinstance(value, str) else value for value in part.arguments]
        function = chain.creation(part.name, *arguments)
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

    Raises NotOurs naming the contract, WrongChain.
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
        arguments = [deployment.addresses.get(v, v) if isinstance(v, str) else v for v in part.arguments]
        creation = chain.creation(part.name, *arguments).data_in_transaction
        # a creation that is only called returns the code that it would put there, with what the constructor fills in
        if not part.own_address and chain.ask(lambda w: w.eth.call({"data": creation})) != code:  # noqa: B023
            raise NotOurs(f"{part.name}: the contract at {address} was made with other arguments")
