"""An embedded chain for demonstrations and tests: anvil, started and ended by whoever uses it."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Any

from fedproof.chain import warden
from fedproof.chain.errors import ChainError
from fedproof.chain.transport import Transport
from fedproof.errors import BadInput
from fedproof.files import make_folder

BINARY = "FEDPROOF_ANVIL"
"""Environment variable with the path of anvil."""
CHAIN_ID = 31337
START = 30.0
"""Seconds in which anvil must answer."""
END = warden.GRACE + 5.0
INTERVAL = 5
"""Seconds between copies of the state, for the case that anvil itself is killed."""
HOST = "127.0.0.1"


class Anvil:
    """A chain on this machine, which ends with this process, however that ends.

    port: 0 takes a free one. state: file (in a folder made if need be) in which the chain is kept over restarts; None:
    in memory. block_time: seconds between blocks; None: a block for every transaction. Raises BadInput if there is no
    anvil, the port is taken or the state is damaged.
    """

    def __init__(
        self, *, port: int = 0, state: Path | None = None, block_time: int | None = None, binary: Path | None = None
    ) -> None:
        program = binary or find()
        if state is not None:
            try:
                make_folder(state.absolute().parent)
            except OSError as error:
                raise BadInput(f"{state}: cannot be written: {error.strerror or error}") from None
        if port and not _is_free(port):
            raise BadInput(f"port {port}: is in use")
        self.state = state
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
            [sys.executable, "-I", "-S", warden.__file__, str(program), *_arguments(port, state, block_time)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # no settings of other programs, no secrets of this one
            env={name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ},
            start_new_session=True,  # Ctrl-C is this process's to handle
        )
        try:
            self.port = self._listening(self._process)
            self.url = f"http://{HOST}:{self.port}"
            self._transport = Transport(self.url, timeout=10.0, patience=0.0)
            self.ask("anvil_setLoggingEnabled", False)
        except BaseException:
            self.stop()
            raise

    def _listening(self, process: subprocess.Popen[bytes]) -> int:
        """The port that it says it listens on. Raises BadInput."""
        assert process.stdout is not None and process.stderr is not None
        deadline, line = monotonic() + START, b""
        while not line.endswith(b"\n"):
            if not select.select([process.stdout], [], [], max(0.0, deadline - monotonic()))[0]:
                raise BadInput(f"anvil did not start in {START:g} seconds")
            words = os.read(process.stdout.fileno(), 1024)
            if not words:
                said = process.stderr.read(1 << 16).decode(errors="replace").strip().splitlines()
                raise BadInput(f"anvil did not start: {said[-1] if said else 'it said nothing'}")
            line += words
        return int(line.rsplit(b":", 1)[1])

    @property
    def running(self) -> bool:
        """Has it not ended?"""
        return self._process is not None and self._process.poll() is None

    def ask(self, method: str, *params: Any) -> Any:
        """The result of a JSON-RPC method, also of anvil's own. Raises RpcUnavailable, ChainError."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        answer = self._transport.ask(method, body)
        if answer.get("error") is not None:
            raise ChainError(f"anvil refuses {method}: {answer['error'].get('message', '')}")
        return answer["result"]

    def fund(self, address: str | bytes, wei: int) -> None:
        """Tops an account up to `wei`, out of anvil's own first account."""
        to = address if isinstance(address, str) else "0x" + address.hex()
        missing = wei - int(self.ask("eth_getBalance", to, "latest"), 16)
        if missing > 0:
            bank = self.ask("eth_accounts")[0]
            sent = self.ask("eth_sendTransaction", {"from": bank, "to": to, "value": hex(missing)})
            deadline = monotonic() + START
            while self.ask("eth_getTransactionReceipt", sent) is None:
                if monotonic() > deadline:
                    raise ChainError("anvil does not make blocks")
                sleep(0.05)

    def stop(self) -> None:
        """Ends it, the state written. Nothing happens if it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        try:
            process.wait(END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self) -> Anvil:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def find() -> Path:
    """The program anvil: FEDPROOF_ANVIL, PATH, or node_modules of the checkout. Raises BadInput."""
    given = os.environ.get(BINARY)
    if given:
        if not os.access(given, os.X_OK) or Path(given).is_dir():
            raise BadInput(f"{BINARY}: {given} is no program")
        return Path(given)
    on_path = shutil.which("anvil")
    if on_path:
        return Path(on_path)
    # the program itself, not its node wrapper, which would not pass signals on
    for found in sorted(Path(__file__).parents[3].glob("node_modules/@foundry-rs/anvil-*/bin/anvil*")):
        if os.access(found, os.X_OK):
            return found
    raise BadInput(f"anvil is not installed: get Foundry (getfoundry.sh), or name the program in {BINARY}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _arguments(port: int, state: Path | None, block_time: int | None) -> list[str]:
    fixed = ["--host", HOST, "--port", str(port), "--chain-id", str(CHAIN_ID), "--enable-tx-gas-limit"]
    kept = ["--state", str(state.absolute()), "--state-interval", str(INTERVAL)] if state is not None else []
    return [*fixed, *kept, *(["--block-time", str(block_time)] if block_time is not None else [])]
