"""JSON-RPC over HTTP, in bounds: of time, of bytes, of attempts."""

from __future__ import annotations

import json
import random
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

from fedproof.chain.errors import BadAnswer, ChainError, RpcUnavailable
from fedproof.errors import BadInput
from fedproof.reading import is_flat

ANSWER = 1 << 25
"""Most bytes of an answer: 32 MiB."""
CHUNK = 1 << 16
TIMEOUT = 30.0
"""Seconds that one request may take."""
PATIENCE = 20.0
"""Seconds in which a request that failed is made again."""
BUSY = {408, 425, 429, 500, 502, 503, 504}
"""Answers of a server that may do better later."""
WRITES = {"eth_sendRawTransaction", "eth_sendTransaction"}
"""Never repeated here: whoever sends decides what a missing answer means."""


class TooLong(BadAnswer):
    """An answer of more than ANSWER bytes."""


class Transport:
    """One node. Safe to use in several threads. `shown` names it without what may be secret in its URL."""

    def __init__(self, url: str, timeout: float = TIMEOUT, patience: float = PATIENCE) -> None:
        import urllib3

        try:
            parts = urlsplit(url)
            self.shown = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"
        except ValueError:
            raise BadInput("RPC URL: is not a URL") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput("RPC URL: must begin with http:// or https:// and name a host")
        self._url = url
        self._timeout = timeout
        self._patience = patience
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=8)

    def ask(self, method: str, body: bytes) -> dict[str, Any]:
        """The answer, an object. Reads are repeated for PATIENCE seconds. Raises RpcUnavailable, BadAnswer,
        ChainError.
        """
        deadline, pause = monotonic() + self._patience, 0.05
        while True:
            try:
                return self._parse(self._post(body))
            except RpcUnavailable:
                pause *= 2
                wait = pause * random.uniform(0.5, 1)  # many participants must not come back at the same time
                if method in WRITES or monotonic() + wait > deadline:
                    raise
                sleep(wait)

    def _post(self, body: bytes) -> bytes:
        import urllib3

        deadline = monotonic() + self._timeout
        try:
            response = self._pool.request(
                "POST", self._url, body=body, headers={"Content-Type": "application/json"}, preload_content=False,
                redirect=False, retries=False, timeout=urllib3.Timeout(total=self._timeout),
            )  # fmt: skip
            try:
                status, answer = response.status, bytearray()
                for part in response.stream(CHUNK, decode_content=True):
                    answer += part
                    if len(answer) > ANSWER:
                        raise TooLong(f"{self.shown} answers with more than {ANSWER} bytes")
                    if monotonic() > deadline:
                        raise RpcUnavailable(f"{self.shown} did not answer in {self._timeout:.0f} seconds")
            except BaseException:
                response.close()
                raise
            response.release_conn()
        except urllib3.exceptions.NewConnectionError:  # a TimeoutError for urllib3
            raise RpcUnavailable(f"{self.shown} cannot be reached") from None
        except urllib3.exceptions.TimeoutError:
            raise RpcUnavailable(f"{self.shown} did not answer in {self._timeout:.0f} seconds") from None
        except (urllib3.exceptions.HTTPError, OSError):
            raise RpcUnavailable(f"{self.shown} cannot be reached") from None
        if status in BUSY:
            raise RpcUnavailable(f"{self.shown} is too busy (HTTP status {status})")
        # some nodes give JSON-RPC errors a status of their own
        if status != 200 and not answer.lstrip().startswith(b"{"):
            raise ChainError(f"{self.shown} is no node of a chain, or does not let us in (HTTP status {status})")
        return bytes(answer)

    def _parse(self, answer: bytes) -> dict[str, Any]:
        try:
            value = json.loads(answer) if is_flat(answer) else None
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict) or ("result" in value) == ("error" in value and value["error"] is not None):
            raise BadAnswer(f"{self.shown} answers with something that is not JSON-RPC")
        return value
