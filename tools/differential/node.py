"""A node of its own for the Solidity side: anvil from npm, and JSON-RPC with the standard library."""

from __future__ import annotations

import http.client
import json
import platform
import re
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
GAS = 1 << 40
"""Of a block, and so of a call."""
SENT = 1 << 27
"""Of a transaction: many must fit into a block, or some wait for ever for the next."""


def binary() -> Path:
    """The anvil that npm installed. Raises FileNotFoundError if there is none."""
    machine = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), platform.machine())
    name = f"anvil-{platform.system().lower()}-{machine}"
    path = ROOT / "node_modules" / "@foundry-rs" / name / "bin" / "anvil"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: run npm ci")
    return path


class Node:
    """A chain in memory, on a free port, until it is closed."""

    def __init__(self) -> None:
        options = ["--port", "0", "--gas-limit", str(GAS), "--no-request-size-limit", "--prune-history", "256"]
        options += ["--balance", str(1 << 60)]
        self.process = subprocess.Popen(
            [binary(), *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        # reads on to the end: the pipe must not fill up
        self.reader = threading.Thread(target=lambda: deque(self.process.stdout or [], maxlen=0), daemon=True)
        lines = []
        for line in self.process.stdout or []:
            lines.append(line)
            if found := re.search(r"Listening on 127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                self.reader.start()
                return
        self.close()
        raise RuntimeError("anvil did not start: " + "".join(lines))

    def close(self) -> None:
        """Ends the process."""
        self.process.terminate()
        self.process.wait(timeout=30)
        if self.reader.is_alive():
            self.reader.join()
        if self.process.stdout:
            self.process.stdout.close()

    def ask(self, requests: Sequence[tuple[str, list[Any]]]) -> list[dict[str, Any]]:
        """Answers to requests (method, parameters) in their order: each has a "result" or an "error"."""
        if not requests:
            return []
        body = [{"jsonrpc": "2.0", "id": n, "method": m, "params": p} for n, (m, p) in enumerate(requests)]
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)) as connection:
            connection.request("POST", "/", json.dumps(body), {"Content-Type": "application/json"})
            answers = json.loads(connection.getresponse().read())
        if not isinstance(answers, list):
            raise RuntimeError(f"anvil: {answers}")
        return sorted(answers, key=lambda answer: int(answer["id"]))

    def send(self, transactions: Sequence[tuple[bytes, str | None]]) -> dict[str, Any]:
        """The last receipt of transactions (data, address); without an address one deploys a contract."""
        sender = self.value("eth_accounts", [])[0]
        # requests of one batch are served at the same time: each needs a nonce of its own
        first = int(self.value("eth_getTransactionCount", [sender, "latest"]), 16)
        fields = [
            {"from": sender, "data": "0x" + data.hex(), "gas": hex(SENT), "nonce": hex(first + n)}
            | ({"to": to} if to else {})
            for n, (data, to) in enumerate(transactions)
        ]
        answers = self.ask([("eth_sendTransaction", [field]) for field in fields])
        if refused := [answer for answer in answers if "error" in answer]:
            raise RuntimeError(f"transactions refused: {refused}")
        hashes = [answer["result"] for answer in answers]
        receipts: list[Any] = [None]
        while None in receipts:
            receipts = [a["result"] for a in self.ask([("eth_getTransactionReceipt", [sent]) for sent in hashes])]
        if failed := [receipt for receipt in receipts if receipt["status"] != "0x1"]:
            raise RuntimeError(f"transactions failed: {failed}")
        return dict(receipts[-1])

    def value(self, method: str, parameters: list[Any]) -> Any:
        """The result of one request."""
        answer = self.ask([(method, parameters)])[0]
        if "result" not in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]
