"""Contracts are put on a chain once, and told from others that only look like them."""

from __future__ import annotations

import dataclasses
import json

import pytest

from fedproof.chain.artefacts import artefact
from fedproof.chain.deploy import NOBODY, PLAN, VERIFIERS, Deployment, NotOurs, deploy, verify
from fedproof.chain.errors import WrongChain
from fedproof.chain.node import Anvil
from fedproof.chain.rpc import Chain, checksummed
from fedproof.chain.sender import Sender
from fedproof.errors import BadInput
from tests.chain.conftest import ETHER, HASTE
from tests.federation.faults import Died


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    """A chain of its own, the sender, the deployment."""
    from eth_account import Account

    account = Account.from_key(b"\x0a" * 32)
    with Anvil() as node:
        node.fund(account.address, ETHER)
        chain = Chain.connect(node.url)
        with Sender(chain, account, tmp_path_factory.mktemp("deploy") / "journal", patience=HASTE) as sender:
            yield chain, sender, deploy(chain, sender)


def other(deployment: Deployment, **addresses: str) -> Deployment:
    return dataclasses.replace(deployment, addresses={**deployment.addresses, **addresses})


def create(sender: Sender, name: str, *arguments) -> str:
    receipt = sender.send(sender.chain.creation(name, *arguments), f"create {name} {arguments}")
    assert receipt.contract is not None
    return str(checksummed(receipt.contract))


def test_every_contract_is_there(deployed):
    chain, _, deployment = deployed
    verify(chain, deployment)
    assert list(deployment.addresses) == [part.name for part in PLAN]
    hub = chain.contract("FedHub", deployment["FedHub"])
    assert chain.call(hub.functions.vault()) == deployment["StakeVault"]
    assert deployment.block == 2  # after the block that funded the account


def test_again_is_nothing_new(deployed):
    chain, sender, deployment = deployed
    before = chain.block().number
    told = []
    assert deploy(chain, sender, told=lambda *what: told.append(what)) == deployment
    assert chain.block().number == before
    assert [name for name, _, _ in told] == [part.name for part in PLAN if part.made_by is None]
    assert all(gas < 16_777_216 for _, _, gas in told)


def test_a_deployment_that_died_goes_on(chain, open_sender, account, node):
    node.fund(account.address, ETHER)

    def die(name, *_):
        if name == "TrainingVerifier":
            raise Died

    with pytest.raises(Died):
        deploy(chain, open_sender(), told=die)
    nonce = int(node.ask("eth_getTransactionCount", account.address, "latest"), 16)
    deploy(chain, open_sender())
    created = [part for part in PLAN if part.made_by is None]
    assert nonce == 4
    assert int(node.ask("eth_getTransactionCount", account.address, "latest"), 16) == len(created)


def test_the_file_of_a_deployment(deployed, tmp_path):
    _, _, deployment = deployed
    deployment.save(tmp_path / "contracts.json")
    assert Deployment.load(tmp_path / "contracts.json") == deployment
    with pytest.raises(BadInput, match="has no Nobody"):
        deployment["Nobody"]
    content = json.loads((tmp_path / "contracts.json").read_text())
    for change in ({}, {"chain": "x"}, {"genesis": 1}, {"contracts": []}, {"contracts": {"FedHub": "0x12"}}):
        (tmp_path / "bad.json").write_text(json.dumps({**content, **change}) if change else "[" * 100_000)
        with pytest.raises(BadInput):
            Deployment.load(tmp_path / "bad.json")


def test_an_address_without_code(deployed):
    chain, _, deployment = deployed
    with pytest.raises(NotOurs, match="OpenGate: there is no contract at"):
        verify(chain, other(deployment, OpenGate=checksummed(b"\x01" * 20)))
    with pytest.raises(BadInput, match="has no FedHub"):
        verify(
            chain,
            dataclasses.replace(deployment, addresses={k: v for k, v in deployment.addresses.items() if k != "FedHub"}),
        )


def test_other_code(deployed):
    chain, _, deployment = deployed
    with pytest.raises(NotOurs, match="OpenGate: the contract at .* has other code"):
        verify(chain, other(deployment, OpenGate=deployment["ProgramReader"]))


def test_other_arguments(deployed):
    chain, sender, deployment = deployed
    keys = create(sender, "VerifyingKeys", deployment["OpenGate"])
    with pytest.raises(NotOurs, match="VerifyingKeys: the contract at .* was made with other arguments"):
        verify(chain, other(deployment, VerifyingKeys=keys))


def test_a_router_of_other_verifiers(deployed):
    """Which the router's code does not show."""
    chain, sender, deployment = deployed
    verifiers = [deployment[name] for name in VERIFIERS]
    for i in range(3):
        false = [deployment["OpenGate"] if i == j else address for j, address in enumerate(verifiers)]
        router = create(sender, "VerifierRouter", deployment["VerifyingKeys"], *false, NOBODY, 0)
        with pytest.raises(NotOurs, match="VerifierRouter: verifiersOf .* is not as deployed"):
            verify(chain, other(deployment, VerifierRouter=router))
    owned = create(sender, "VerifierRouter", deployment["VerifyingKeys"], *verifiers, sender.address, 0)
    with pytest.raises(NotOurs, match="VerifierRouter: announcer .* is not as deployed"):
        verify(chain, other(deployment, VerifierRouter=owned))


def test_a_hub_of_another_router_and_a_vault_of_another_hub(deployed):
    chain, sender, deployment = deployed
    hub = create(sender, "FedHub", deployment["OpenGate"], deployment["VerifyingKeys"])
    with pytest.raises(NotOurs, match="FedHub: router"):
        verify(chain, other(deployment, FedHub=hub))
    hub = create(sender, "FedHub", deployment["VerifierRouter"], deployment["OpenGate"])
    with pytest.raises(NotOurs, match="FedHub: keys"):
        verify(chain, other(deployment, FedHub=hub))
    vault = create(sender, "StakeVault", deployment["FedHub"])
    with pytest.raises(NotOurs, match="StakeVault: the contract at .* is not the one of FedHub"):
        verify(chain, other(deployment, StakeVault=vault))


@pytest.mark.parametrize("other_chain", [{"chain_id": 1}, {"genesis": bytes(32)}], ids=["id", "genesis"])
def test_another_chain(deployed, other_chain):
    chain, _, deployment = deployed
    with pytest.raises(WrongChain, match="is not of the chain that the contracts were put on"):
        verify(chain, dataclasses.replace(deployment, **other_chain))


def test_a_contract_that_is_none():
    with pytest.raises(BadInput, match="there is none of this name"):
        artefact("Nothing")
