"""All contracts behind a hub, read from the chain, and whether they are this package's."""

from __future__ import annotations

from typing import Any

from fedproof.chain.deploy import Deployment, verify
from fedproof.chain.rpc import Chain, checksummed

VERSION = 1
"""Of the verifiers, in a router of this package."""


def discover(chain: Chain, hub: bytes, beacon: bytes, gate: bytes) -> Deployment:
    """Addresses of a hub's contracts, as they name each other. Raises ChainError."""
    router = _read(chain, "FedHub", hub, "router")
    keys = _read(chain, "FedHub", hub, "keys")
    verifiers: Any = chain.call(chain.contract("VerifierRouter", router).functions.verifiersOf(VERSION))
    training, _usable_at, registration, close = tuple(verifiers)
    addresses = {
        "FedHub": str(checksummed(hub)),
        "HubParts": _read(chain, "FedHub", hub, "parts"),
        "StakeVault": _read(chain, "FedHub", hub, "vault"),
        "VerifierRouter": router,
        "VerifyingKeys": keys,
        "ProgramReader": _read(chain, "VerifyingKeys", keys, "reader"),
        "TrainingVerifier": str(checksummed(training)),
        "TrainingWeights": _read(chain, "TrainingVerifier", training, "weights"),
        "RegistrationVerifier": str(checksummed(registration)),
        "CloseVerifier": str(checksummed(close)),
        "CommitRevealBeacon": str(checksummed(beacon)),
        "OpenGate": str(checksummed(gate)),
    }
    return Deployment(chain.chain_id, chain.genesis, 0, addresses)


def verify_hub(chain: Chain, hub: bytes, beacon: bytes, gate: bytes) -> None:
    """Raises ChainError naming the first contract that is not this package's, or is made of others."""
    verify(chain, discover(chain, hub, beacon, gate))


def _read(chain: Chain, name: str, address: str | bytes, field: str) -> str:
    value: Any = chain.call(chain.contract(name, address).functions[field]())
    return str(checksummed(value))
