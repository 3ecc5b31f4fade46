"""fedproof chain: an embedded chain, the contracts on a chain, where a chain stands."""

from __future__ import annotations

from pathlib import Path
from time import sleep
from typing import Annotated

import typer
from rich.panel import Panel

from fedproof.cli import show
from fedproof.federation.keys import ask_passphrase, open_identity

app = typer.Typer(help="The chain: an embedded one for trials, and our contracts on any.", no_args_is_help=True)

RPC = "FEDPROOF_RPC"
GWEI = 10**9

Rpc = Annotated[
    str, typer.Option("--rpc", envvar=RPC, help="URL of a node; it may hold a secret: it is never shown or kept.")
]
Contracts = Annotated[Path, typer.Option(help="File of the contracts' addresses.")]


@app.callback()
def main() -> None:
    """The chain: an embedded one for trials, and our contracts on any."""


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Port on this machine; 0: a free one.", min=0, max=65535)] = 8545,
    state: Annotated[
        Path | None, typer.Option(help="Keep the chain in this file over restarts; by default it is forgotten.")
    ] = None,
    block_time: Annotated[
        int | None, typer.Option(help="Seconds between blocks; by default every transaction makes one.", min=1)
    ] = None,
) -> None:
    """Run an embedded chain (anvil) until Ctrl-C. For trials only: everybody knows the keys of its accounts."""
    from fedproof.chain.node import CHAIN_ID, Anvil

    with Anvil(port=port, state=state, block_time=block_time) as node:
        kept = f"kept in {state}" if state is not None else "forgotten at the end"
        lines = [
            f"RPC       {node.url}",
            f"chain id  {CHAIN_ID}",
            f"state     {kept}",
            f"accounts  {len(node.ask('eth_accounts'))} with play money, unlocked: the node signs for them",
        ]
        show.err.print(Panel("\n".join(lines), title="embedded chain", subtitle="Ctrl-C ends it", expand=False))
        while node.running:
            sleep(0.2)
        show.warn("anvil has ended")
        raise typer.Exit(1)


@app.command()
def deploy(
    rpc: Rpc,
    keystore: Annotated[Path, typer.Option(help="Keystore (JSON) of the account that pays.")],
    out: Contracts = Path("contracts.json"),
    journal: Annotated[
        Path | None, typer.Option(help="Folder of the account's transactions; by default beside the keystore.")
    ] = None,
    confirmations: Annotated[int, typer.Option(help="Blocks that count as settled.", min=1)] = 1,
    json: show.Json = False,
) -> None:
    """Put the contracts on a chain and write their addresses. Called again, it goes on where it stopped."""
    from fedproof.chain.deploy import deploy as put
    from fedproof.chain.rpc import Chain
    from fedproof.chain.sender import Sender

    account = open_identity(keystore, ask_passphrase(keystore.name)).account()
    chain = Chain.connect(rpc, confirmations)
    lines: list[tuple[str, str]] = []
    used = 0

    def told(name: str, address: str, gas: int) -> None:
        nonlocal used
        used += gas
        lines.append((name, f"{address}  [dim]{gas:,} gas[/]"))

    folder = journal or keystore.with_name(f"{keystore.name}.{chain.chain_id}.sent")
    with Sender(chain, account, folder) as sender:
        deployment = put(chain, sender, told=told)
    deployment.save(out)
    if json:
        show.print_json({"chain": chain.chain_id, "gas": used, "contracts": dict(deployment.addresses)})
    else:
        show.facts(
            f"contracts on chain {chain.chain_id}", [*lines, ("together", f"{used:,} gas"), ("written to", str(out))]
        )


@app.command()
def status(
    rpc: Rpc,
    contracts: Contracts = Path("contracts.json"),
    json: show.Json = False,
) -> None:
    """Show where a chain stands, and whether the contracts on it are this package's."""
    from fedproof.chain.deploy import Deployment, verify
    from fedproof.chain.rpc import Chain

    chain = Chain.connect(rpc)
    block = chain.block()
    found = {
        "chain": chain.chain_id, "block": block.number, "block_hash": block.hash, "time": block.time,
        "base_fee": block.base_fee, "contracts": None,
    }  # fmt: skip
    if contracts.exists():
        deployment = Deployment.load(contracts)
        verify(chain, deployment)
        found["contracts"] = dict(deployment.addresses)
    if json:
        show.print_json(found)
        return
    lines = [
        ("chain", str(chain.chain_id)),
        ("block", f"{block.number}  [dim]{block.hash.hex()[:16]}…[/]"),
        ("base fee", f"{block.base_fee / GWEI:.3f} gwei"),
    ]
    if contracts.exists():
        lines.append(("contracts", f"[green]all {len(deployment.addresses)} have this package's code[/]"))
        lines += [(name, address) for name, address in deployment.addresses.items()]
    else:
        lines.append(("contracts", f"unknown: there is no {contracts}"))
    show.facts(chain.shown, lines)
