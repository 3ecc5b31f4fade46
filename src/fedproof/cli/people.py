"""Unlocking participants' keys on the command line."""

from __future__ import annotations

import os

from fedproof.cli import show
from fedproof.federation.folder import ParticipantFolder
from fedproof.federation.keys import Identity, ask_passphrase, create_identity, open_identity


def passphrase_of(folder: ParticipantFolder, name: str) -> str:
    """The passphrase of a participant's key; the key is created if there is none yet. Raises BadInput."""
    if os.path.lexists(folder.keystore):
        return ask_passphrase(name)
    passphrase = ask_passphrase(name, new=True)
    folder.prepare()
    identity = create_identity(folder.keystore, passphrase)
    show.err.print(f"created a key for {name}: 0x{identity.address.hex()} ({folder.keystore})")
    return passphrase


def unlock(folder: ParticipantFolder, name: str) -> Identity:
    """The participant's key. Raises BadInput."""
    return open_identity(folder.keystore, passphrase_of(folder, name))
