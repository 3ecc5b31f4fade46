"""All contracts behind a hub, read from the chain, and whether they are this package's."""

from __future__ import annotations

from typing import Any

from fedproof.chain.deploy import PLAN, Deployment, Part, verify
from fedproof.chain.errors import ChainError
from fedproof.chain.rpc import Chain, checksummed

VERSION = 1
"""Of the verifiers, in a router of this package."""
MADE_BY_HUB = (Part("StakeVault", ("FedHub",)), Part("HubParts", own_address=True))


def discover(chain: Chain, hub: bytes, beacon: bytes, gate: bytes) -> Deployment:
    """Addresses of a hub's contracts, as they name each other. Raises ChainError."""
    router = _read(chain, "FedHub", hub, "router")
    keys = _read(chain, "FedHub", hub, "keys")
    contract = chain.contract("VerifierRouter", router)
    found = chain.logs(contract, ("VersionAnnounced",), first=0, where={"version": VERSION})
    announced = next(iter(found), None)
    if announced is None:
        raise ChainError(f"{chain.shown}: the router at {router} has no version {VERSION}")
    addresses = {
        "FedHub": str(checksummed(hub)),
        "HubParts": _read(chain, "FedHub", hub, "parts"),
        "StakeVault": _read(chain, "FedHub", hub, "vault"),
        "VerifierRouter": router,
        "VerifyingKeys": keys,
        "ProgramReader": _read(chain, "VerifyingKeys", keys, "reader"),
        "TrainingVerifier": str(announced["training"]),
        "TrainingWeights": _read(chain, "TrainingVerifier", str(announced["training"]), "weights"),
        "RegistrationVerifier": str(announced["registration"]),
        "CloseVerifier": str(announced["close"]),
        "CommitRevealBeacon": str(checksummed(beacon)),
        "OpenGate": str(checksummed(gate)),
    }
    return Deployment(chain.chain_id, chain.genesis, announced.block, addresses)


def verify_hub(chain: Chain, hub: bytes, beacon: bytes, gate: bytes) -> None:
    """Raises ChainError naming the first contract that is not this package's, or is made of others."""
    verify(chain, discover(chain, hub, beacon, gate), (*PLAN, *MADE_BY_HUB))


def _read(chain: Chain, name: str, address: str | bytes, field: str) -> str:
    value: Any = chain.call(chain.contract(name, address).functions[field]())
    return str(checksummed(value))
