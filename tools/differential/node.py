"""A node of its own for the Solidity side: anvil from npm, and JSON-RPC with the standard library."""

from __future__ import annotations

import http.client
import json
import platform
import re
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[2]
# more than any batch takes
GAS = 1 << 40


def binary() -> Path:
    """The anvil that npm installed. Raises FileNotFoundError if there is none."""
    machine = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), platform.machine())
    name = f"anvil-{platform.system().lower()}-{machine}"
    path = ROOT / "node_modules" / "@foundry-rs" / name / "bin" / "anvil"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: run npm ci")
    return path


class Node:
    """A chain in memory, on a free port, for as long as the block lasts."""

    def __enter__(self) -> Node:
        options = ["--port", "0", "--gas-limit", str(GAS), "--no-request-size-limit", "--prune-history"]
        self.process = subprocess.Popen(
            [binary(), *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.local = threading.local()
        lines = []
        for line in self.process.stdout or []:
            lines.append(line)
            if found := re.search(r"Listening on 127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                # nobody reads on: the pipe must not fill up
                threading.Thread(target=self._drain, daemon=True).start()
                return self
        self.__exit__(None, None, None)
        raise RuntimeError("anvil did not start: " + "".join(lines))

    def _drain(self) -> None:
        for _ in self.process.stdout or []:
            pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def ask(self, requests: Sequence[tuple[str, list[Any]]]) -> list[dict[str, Any]]:
        """Answers to requests (method, parameters) in their order: each has a "result" or an "error"."""
        body = [{"jsonrpc": "2.0", "id": n, "method": m, "params": p} for n, (m, p) in enumerate(requests)]
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        self.local.connection.request("POST", "/", json.dumps(body), {"Content-Type": "application/json"})
        answers = json.loads(self.local.connection.getresponse().read())
        if not isinstance(answers, list):
            raise RuntimeError(f"anvil: {answers}")
        return sorted(answers, key=lambda answer: int(answer["id"]))

    def send(self, data: bytes, to: str | None = None) -> dict[str, Any]:
        """The receipt of a transaction; without `to` it deploys a contract."""
        sender = self.value("eth_accounts", [])[0]
        fields = {"from": sender, "data": "0x" + data.hex(), "gas": hex(GAS)} | ({"to": to} if to else {})
        sent, receipt = self.value("eth_sendTransaction", [fields]), None
        while receipt is None:
            receipt = self.value("eth_getTransactionReceipt", [sent])
        if receipt["status"] != "0x1":
            raise RuntimeError(f"a transaction failed: {receipt}")
        return dict(receipt)

    def value(self, method: str, parameters: list[Any]) -> Any:
        """The result of one request."""
        answer = self.ask([(method, parameters)])[0]
        if "result" not in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]
