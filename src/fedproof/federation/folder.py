"""A participant's folder: data/ key/ store/ state.json."""

from __future__ import annotations

import os
from pathlib import Path

from fedproof.data.read import SUFFIXES
from fedproof.errors import BadInput
from fedproof.federation.canonical import Json, decode, encode
from fedproof.federation.store import Store
from fedproof.files import read_file, write_file
from fedproof.reading import TEXT


class ParticipantFolder:
    """Paths and state; everything in it is private to the participant."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = Store(path / "store")

    @property
    def state_file(self) -> Path:
        """What is remembered of every task."""
        return self.path / "state.json"

    @property
    def keystore(self) -> Path:
        """The encrypted key."""
        return self.path / "key" / "keystore.json"

    def prepare(self) -> None:
        """Creates the folder, for its owner only. Raises BadInput."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be created: {error.strerror or error}") from None

    def has_data(self) -> bool:
        """Is there any file of records in data/?"""
        return bool(self._data_files())

    def _data_files(self) -> list[Path]:
        folder = self.path / "data"
        return sorted(f for f in folder.glob("*") if f.suffix in SUFFIXES) if folder.is_dir() else []

    def data_file(self) -> Path:
        """The one file in data/. Raises BadInput."""
        found = self._data_files()
        if len(found) != 1:
            kinds = ", ".join(SUFFIXES)
            raise BadInput(f"{self.path / 'data'}: holds {len(found)} data files ({kinds}), should hold one")
        return found[0]

    def state(self, task: bytes) -> Json:
        """What is remembered of a task; empty at first. Raises BadInput for a damaged file."""
        state: Json = self._read().get("tasks", {}).get(task.hex(), {})
        return state

    def remember(self, task: bytes, **changes: object) -> None:
        """Changes what is remembered of a task, all or nothing."""
        content = self._read()
        tasks = content.setdefault("tasks", {})
        tasks[task.hex()] = {**tasks.get(task.hex(), {}), **changes}
        write_file(self.state_file, encode(content), private=True)

    def _read(self) -> Json:
        file = self.state_file
        if not os.path.lexists(file):
            return {"version": 1}
        content = read_file(file, TEXT)
        try:
            state = decode(content)
        except BadInput as error:
            raise BadInput(f"{file}: {error}") from None
        tasks = state.get("tasks", {})
        if not isinstance(tasks, dict) or not all(
            isinstance(task, dict) and isinstance(task.get("registration", {}), dict) for task in tasks.values()
        ):
            raise BadInput(f"{file}: tasks: must be an object of objects")
        return state
