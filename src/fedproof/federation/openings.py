"""Accepted updates of the open round on the aggregator's disk: what was counted can be added up also after a crash."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fedproof.federation.aggregation import Opening
from fedproof.files import read_file, write_file


class Openings:
    """Files in a private folder, each there before its update is recorded as accepted, all gone once it is summed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, number: int, address: str, opening: Opening) -> None:
        """Writes the update of round `number`."""
        write_file(self._file(number, address), opening.encode(), private=True)

    def get(self, number: int, address: str, dims: Sequence[int]) -> Opening:
        """What was kept. Raises BadInput."""
        return Opening.decode(read_file(self._file(number, address)), dims)

    def forget(self, number: int) -> None:
        """Removes those of round `number`, and of no other: a later one may be open already."""
        for file in self._folder.glob(f"{number}-*"):
            file.unlink(missing_ok=True)

    def _file(self, number: int, address: str) -> Path:
        return self._folder / f"{number}-{address}"
