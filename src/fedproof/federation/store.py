"""Content-addressed artefacts on fsspec: a folder by default, S3, IPFS and others by URL."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from fedproof._core import keccak256
from fedproof.errors import BadInput
from fedproof.files import write_file
from fedproof.reading import BULK, read_bytes


class ArtefactError(BadInput):
    """An artefact is missing or its content is not what its name says."""


class Store:
    """Files named by the keccak256 of their content, 64 hex digits, under one URL.

    A name can therefore only ever mean one content; writing twice is harmless.
    """

    def __init__(self, url: str | os.PathLike[str]) -> None:
        try:
            self._fs, self._root = fsspec.core.url_to_fs(os.fspath(url))
        except (ValueError, ImportError) as error:
            raise BadInput(f"store {url}: {error}") from None
        self._local = isinstance(self._fs, LocalFileSystem)

    def put(self, data: bytes) -> str:
        """Writes complete or not at all, through to the disk; returns the name. Raises BadInput."""
        name = keccak256(data).hex()
        path = self._path(name)
        if self._fs.exists(path):
            return name
        if self._local:
            write_file(Path(path), data)
        else:
            self._fs.makedirs(self._root, exist_ok=True)
            self._fs.pipe_file(path, data)  # one request of an object store is atomic
        return name

    def get(self, name: str) -> bytes:
        """The content. Raises ArtefactError."""
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise ArtefactError(f"artefact {name!r}: not a name")
        try:
            data = self._content(self._path(name))
        except FileNotFoundError:
            raise ArtefactError(f"artefact {name[:16]}… is missing from the store") from None
        except OSError as error:
            raise ArtefactError(f"artefact {name[:16]}… cannot be read: {error.strerror or error}") from None
        if keccak256(data).hex() != name:
            raise ArtefactError(f"artefact {name[:16]}… has been changed")
        return data

    def discard(self, name: str) -> None:
        """Removes an artefact that nothing refers to any more, if it is there."""
        if self._fs.exists(self._path(name)):
            self._fs.rm_file(self._path(name))

    def _content(self, path: str) -> bytes:
        if self._local:
            return read_bytes(Path(path), BULK)
        size = int(self._fs.size(path) or 0)
        if size > BULK:
            raise OSError(errno.EFBIG, f"has {size} bytes, at most {BULK} are read")
        content: bytes = self._fs.cat_file(path, start=0, end=size)
        return content

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"
