"""Gas and size of real transactions, measured on anvil: writes src/fedproof/chain/gas.json for `fedproof
cost`.

`--check` only compares, to a hundredth: the code of a contract is not the same in every build.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_typing import HexStr

from fedproof.chain.cost import FILE, Operation, Per, load
from fedproof.chain.deploy import PLAN, Deployment, deploy
from fedproof.chain.node import Anvil
from fedproof.chain.rpc import Chain
from fedproof.chain.sender import Sender

ROOT = Path(__file__).parents[1]
VECTORS = {"30-16-2": "gas-30-16-2", "30-1": "gas-30-1"}
"""Golden proofs by what `fedproof cost` calls their programs."""
NEEDED = ("ProgramReader", "VerifyingKeys", "TrainingWeights", "TrainingVerifier", "RegistrationVerifier")
MEMBERS, ROUNDS = 4, 2
FEDERATION: dict[str, tuple[Per, tuple[str, ...]]] = {
    "key": ("task", ("store",)),
    "open": ("task", ("open",)),
    "join": ("member", ("approve", "join")),
    "reveal": ("update", ("reveal",)),
    "submit": ("update", ("submit",)),
    "close": ("round", ("advance", "close")),
    "claim and leave": ("member", ("claim", "quit", "withdraw")),
}
"""What the functions of the contracts are called for, as part of what."""
PLAY_MONEY = {"mint"}
"""What nobody does with real money."""
KEY = b"\x0b" * 32
"""Of an account that exists on the embedded chain only."""


def measure() -> dict[str, list[Operation]]:
    """Operations by program."""
    plan = tuple(part for part in PLAN if part.name in NEEDED)
    account = Account.from_key(KEY)
    with tempfile.TemporaryDirectory() as folder, Anvil() as node:
        node.fund(account.address, 10**20)
        chain = Chain.connect(node.url)
        with Sender(chain, account, Path(folder)) as sender:
            deployment = deploy(chain, sender, plan)
            keys = chain.contract("VerifyingKeys", deployment["VerifyingKeys"])
            verifiers = {kind: chain.contract(name, deployment[name]) for kind, name in (
                ("registration", "RegistrationVerifier"), ("training", "TrainingVerifier"))}  # fmt: skip
            found = {}
            for program, vector in VECTORS.items():
                cases = {case["kind"]: case for case in json.loads((ROOT / "vectors" / f"{vector}.json").read_text())}
                stored = keys.functions.store(*_key(cases["training"]))
                (event,) = (e for e in sender.send(stored, f"store {program}").logs if e.name == "KeyStored")
                operations = [Operation("key", "task", *_used(chain, sender, stored, f"store {program}"))]
                for kind, per in (("registration", "member"), ("training", "update")):
                    arguments = (event["keyId"], _hex(cases[kind]["statement"]), _hex(cases[kind]["proof"]))
                    verified = verifiers[kind].get_function_by_name(f"verify{kind.title()}")(*arguments)
                    used = _used(chain, sender, verified, f"{kind} {program}")
                    operations.append(Operation(f"{kind} proof", per, *used))
                found[program] = operations
    return found


def _used(chain: Chain, sender: Sender, function: Any, purpose: str) -> tuple[int, int]:
    """Gas of a transaction, bytes of its calldata."""
    receipt = sender.send(function, purpose)
    return receipt.gas_used, len(chain.ask(lambda w: w.eth.get_transaction(HexStr("0x" + receipt.hash.hex())))["input"])


def _key(case: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
    setup = _hex(case["setup"]["tau_g1"]) + _hex(case["setup"]["tau_g2"])
    return _hex(case["program"]), b"".join(map(_hex, case["table"])), setup


def _hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def measure_federation() -> list[Operation]:
    """All transactions of a demonstration in which everybody is honest, by what they do; a task of MEMBERS and
    ROUNDS.
    """
    units = {"task": 1, "member": MEMBERS, "update": MEMBERS * ROUNDS, "round": ROUNDS}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "demo"
        numbers = ["--participants", str(MEMBERS), "--rounds", str(ROUNDS)]
        command = [
            sys.executable,
            "-m",
            "fedproof.cli.main",
            "demo",
            "--out",
            str(out),
            "--chain",
            "--cheat",
            "",
            *numbers,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        used = _by_function(out / "honest")
    return [
        Operation(name, per, round(gas / units[per]), round(size / units[per]))
        for name, (per, functions) in FEDERATION.items()
        for gas, size in [tuple(map(sum, zip(*(used[function] for function in functions), strict=True)))]
    ]


def _by_function(run: Path) -> dict[str, tuple[int, int]]:
    """Gas and bytes of calldata of all transactions to the contracts of a run, by the function's name."""
    deployment = Deployment.load(run / "deployment.json")
    names = {address: name for name, address in deployment.addresses.items()}
    found: dict[str, tuple[int, int]] = {}
    with Anvil(state=run / "chain" / "state.json") as node:
        chain = Chain.connect(node.url)
        for number in range(deployment.block, chain.block().number + 1):
            for sent in chain.ask(lambda w: w.eth.get_block(number, True))["transactions"]:  # noqa: B023
                if sent["to"] is None or not chain.code(sent["to"]):
                    continue  # creations, and ether for gas
                names.setdefault(sent["to"], "DevToken")  # the money, which is not part of a deployment
                contract = chain.contract(names[sent["to"]], sent["to"])
                function = contract.get_function_by_selector(sent["input"][:4]).fn_name
                if function in PLAY_MONEY:
                    continue
                gas, size = found.get(function, (0, 0))
                receipt = chain.ask(lambda w: w.eth.get_transaction_receipt(sent["hash"]))  # noqa: B023
                found[function] = gas + receipt["gasUsed"], size + len(sent["input"])
    unknown = set(found) - {function for _, functions in FEDERATION.values() for function in functions}
    if unknown:
        raise ValueError(f"nobody says what these are for: {', '.join(sorted(unknown))}")
    return found


def is_stale(found: dict[str, list[Operation]], known: dict[str, list[Operation]]) -> bool:
    """Is anything new, gone or more than a hundredth off?"""

    def flat(measured: dict[str, list[Operation]]) -> dict[tuple[str, str, str], tuple[int, int]]:
        return {(program, o.name, o.per): (o.gas, o.size) for program, all_ in measured.items() for o in all_}

    new, old = flat(found), flat(known)
    return set(new) != set(old) or any(
        abs(a - b) * 100 > b for what in new for a, b in zip(new[what], old[what], strict=True)
    )


def main(arguments: list[str]) -> int:
    """Writes the file, or compares it. Returns the exit code."""
    found = measure()
    if arguments == ["--check"]:
        if is_stale(found, {name: load()[name] for name in VECTORS}):
            print(f"{FILE} is not what the contracts use; run: python -m tools.gas")
            return 1
        return 0
    found["federation"] = measure_federation()
    value = {name: [vars(operation) for operation in operations] for name, operations in found.items()}
    (ROOT / "src" / "fedproof" / "chain" / FILE).write_text(json.dumps(value, indent=1) + "\n")
    print(f"wrote {FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
