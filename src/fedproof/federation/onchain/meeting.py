"""Where members hand their openings to an aggregator that somebody runs by hand: a file names the private socket."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fedproof.errors import BadInput
from fedproof.federation.canonical import decode, encode, text_field
from fedproof.federation.jobs import Place
from fedproof.federation.premises import MEETING
from fedproof.files import read_file, write_file
from fedproof.reading import TEXT


@contextmanager
def offer_meeting(file: Path) -> Iterator[Place]:
    """A new socket's place, named in `file` (private) as long as the aggregator is there. Raises BadInput."""
    folder = Path(tempfile.mkdtemp(prefix=MEETING))
    place = Place(str(folder / "s"), secrets.token_hex(32))
    try:
        write_file(file, encode({"socket": place.socket, "authkey": place.authkey}), private=True)
        yield place
    finally:
        file.unlink(missing_ok=True)
        with suppress(OSError):
            (folder / "s").unlink(missing_ok=True)
            folder.rmdir()


def read_meeting(file: Path) -> Place:
    """The place named in a file. Raises BadInput."""
    content = decode(read_file(file, TEXT))
    authkey = text_field(content, "authkey", 64)
    if len(authkey) != 64 or not set(authkey) <= set("0123456789abcdef"):
        raise BadInput(f"{file}: authkey must be 64 hex digits")
    return Place(text_field(content, "socket", 200), authkey)
