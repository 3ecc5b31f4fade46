"""A node that is slow, busy, long-winded or no node at all."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep

import pytest

from fedproof.chain import transport
from fedproof.chain.errors import BadAnswer, ChainError, ContractRejected, NotEnoughFunds, RpcRefused, RpcUnavailable
from fedproof.chain.rpc import Chain
from fedproof.chain.transport import TooLong, Transport
from fedproof.errors import BadInput

Reply = Callable[[BaseHTTPRequestHandler, bytes], None]


class Server:
    """Answers requests as told; counts them."""

    def __init__(self) -> None:
        self.reply: Reply = lambda handler, _: say(handler, {"result": "0x1"})
        self.count = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.count += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    server.reply(self, body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/secret-key"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def say(handler: BaseHTTPRequestHandler, value: object, status: int = 200) -> None:
    content = value if isinstance(value, bytes) else json.dumps({"jsonrpc": "2.0", "id": 1, **value}).encode()
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.stop()


def ask(server: Server, method: str = "eth_chainId", timeout: float = 5.0, patience: float = 0.0) -> dict[str, object]:
    return Transport(server.url, timeout, patience).ask(method, b"{}")


def test_an_answer(server):
    assert ask(server)["result"] == "0x1"


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://host", "http://", "file:///etc/passwd", "http://host:port", "ws://host"]
)
def test_a_url_that_is_none(url):
    with pytest.raises(BadInput, match="RPC URL: "):
        Chain.connect(url)


def test_nobody_there_and_no_secret_of_the_url_shown(server):
    server.stop()
    for _ in range(2):
        with pytest.raises(RpcUnavailable, match="127.0.0.1:[0-9]+ cannot be reached") as caught:
            ask(server)
        assert "secret-key" not in str(caught.value)
    server.__init__()  # so that there is something to stop


def test_a_read_that_failed_is_repeated(server):
    def at_the_third(handler, _):
        say(handler, {"result": "0x1"}, 200 if server.count == 3 else 503)

    server.reply = at_the_third
    assert ask(server, patience=5)["result"] == "0x1" and server.count == 3
    server.reply, server.count = lambda handler, _: say(handler, b"", 429), 0
    with pytest.raises(RpcUnavailable, match="too busy"):
        ask(server, patience=0.4)
    assert server.count > 1


def test_a_write_is_not_repeated(server):
    server.reply = lambda handler, _: say(handler, b"", 503)
    with pytest.raises(RpcUnavailable):
        ask(server, "eth_sendRawTransaction", patience=5)
    assert server.count == 1


def test_a_node_that_is_silent(server):
    done = threading.Event()
    server.reply = lambda *_: done.wait(10)
    start = monotonic()
    with pytest.raises(RpcUnavailable, match="did not answer"):
        ask(server, timeout=0.3)
    assert monotonic() - start < 5
    done.set()


def test_a_node_that_drips(server):
    """Every byte comes in time, the whole does not."""

    def drip(handler, _):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" " * 70_000)
            sleep(0.05)

    server.reply = drip
    start = monotonic()
    with pytest.raises(RpcUnavailable, match="did not answer"):
        ask(server, timeout=0.5)
    assert monotonic() - start < 4


def test_an_answer_without_end(server, monkeypatch):
    monkeypatch.setattr(transport, "ANSWER", 100_000)

    def endless(handler, _):
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b" " * 65_536)

    server.reply = endless
    with pytest.raises(TooLong, match="more than 100000 bytes"):
        ask(server)


def test_an_answer_that_swells(server, monkeypatch):
    """Compressed, it is small."""
    import gzip

    monkeypatch.setattr(transport, "ANSWER", 100_000)
    small = gzip.compress(b" " * 10_000_000)

    def swell(handler, _):
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(small)))
        handler.end_headers()
        handler.wfile.write(small)

    server.reply = swell
    with pytest.raises(TooLong):
        ask(server)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"result": 1, "error": {}}',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"result": ' * 65 + b"1" + b"}" * 65,
        b"\xff",
        b'{"jsonrpc": "2.0"}',
        b"null",
    ],
)
def test_an_answer_that_is_none(server, content):
    server.reply = lambda handler, _: say(handler, content)
    with pytest.raises(BadAnswer, match="not JSON-RPC"):
        ask(server)


def test_many_lists_beside_each_other_are_no_depth(server):
    result = [{"topics": ["[[{", '\\"]', "\\"], "x": [[[1]]]} for _ in range(1000)]
    server.reply = lambda handler, _: say(handler, {"result": result})
    assert ask(server)["result"] == result


@pytest.mark.parametrize("status", [301, 401, 403, 404])
def test_a_server_that_is_no_node_or_does_not_let_us_in(server, status):
    def reply(handler, _):
        handler.send_response(status)
        handler.send_header("Location", "http://127.0.0.1:1/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.reply = reply
    with pytest.raises(ChainError, match=f"HTTP status {status}"):
        ask(server)
    assert server.count == 1


@pytest.mark.parametrize("result", ["nonsense", None, [], {}, "0x", -1, "0xzz", {"number": "x"}])
def test_results_of_another_kind_are_bad_answers(server, result):
    server.reply = lambda handler, _: say(handler, {"result": "0x1"})
    chain = Chain.connect(server.url)
    server.reply = lambda handler, _: say(handler, {"result": result})
    address = "0x" + "11" * 20
    for question in (
        lambda: chain.block(1),
        lambda: chain.genesis,
        lambda: chain.balance(address),
        lambda: chain.code(address),
    ):
        with contextlib.suppress(ChainError):
            assert question() is not None


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        ({"code": -32000, "message": "no"}, RpcRefused, "refuses: no"),
        ({"code": "x", "message": None}, RpcRefused, "refuses: None"),
        ({"code": -32003, "message": "Insufficient funds for gas * price + value"}, NotEnoughFunds, "Insufficient"),
        ({"code": 3, "message": "execution reverted", "data": "0xqq"}, ContractRejected, "execution reverted"),
        ({"code": 3, "message": "execution reverted", "data": {"data": "0x12345678"}}, ContractRejected, "0x12345678"),
        ({"code": -32000, "message": "VM: reverted", "data": "Reverted 0x12345678"}, ContractRejected, "0x12345678"),
        ("text", BadAnswer, "not JSON-RPC"),
        (["x" * 10_000], BadAnswer, "not JSON-RPC"),
        ({"message": "x" * 10_000}, RpcRefused, "refuses: x{300}$"),
    ],
)
def test_what_a_node_refuses(server, error, kind, words):
    server.reply = lambda handler, _: say(handler, {"error": error})
    with pytest.raises(kind, match=words):
        Chain.connect(server.url)
