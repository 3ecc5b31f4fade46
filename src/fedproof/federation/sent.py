"""Submissions of a run on their author's disk: what is sent is what is stored, and of a round only ever one."""

from __future__ import annotations

from pathlib import Path

from fedproof.errors import BadInput
from fedproof.federation.messages import Message, parse
from fedproof.files import read_file, write_file

PRIVATE = "opening"
"""Attachment with the update in the clear and its blinds."""


class Sent:
    """One file per round: the signed message with proof, update and blinds. folder: of one run, private."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, number: int) -> Message | None:
        """The submission of round `number`, if there is one. Raises BadInput for a damaged file."""
        file = self._file(number)
        return parse(read_file(file)) if file.exists() else None

    def keep(self, number: int, message: Message) -> None:
        """On the disk before the first byte is sent. Raises BadInput if the round has one already."""
        if self._file(number).exists():
            raise BadInput(f"{self._file(number)}: round {number} has a submission already")
        write_file(self._file(number), message.encode(), private=True)

    def close(self, number: int) -> None:
        """Round `number` is closed and its submission is never asked for again: only what is public stays."""
        message = self.get(number)
        if message is not None and PRIVATE in message.attachments:
            public = {name: data for name, data in message.attachments.items() if name != PRIVATE}
            closed = Message(message.kind, message.body, message.signature, public)
            write_file(self._file(number), closed.encode(), private=True)

    def _file(self, number: int) -> Path:
        return self._folder / f"{number}.json"
