"""The universal setup of a program: the development setup or a .ptau file, both cached in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

from fedproof._core import BadInput as CoreBadInput
from fedproof._core import Program, Setup
from fedproof.errors import BadInput, core_errors
from fedproof.reading import open_file

INSECURE_NOTICE = (
    "INSECURE development setup: its secret is public, so anybody can forge proofs under it. "
    "For real runs take a ceremony's file: --ptau FILE"
)
PTAU = 1 << 39
"""Most bytes of a powers-of-tau file: one of 2^28 powers has less."""
STEP = 1 << 12
"""Powers are rounded up to a multiple of this, so that similar programs share a cached file."""


def cache_folder() -> Path:
    """FEDPROOF_CACHE, else `fedproof` in the platform's folder for caches. Not created."""
    given = os.environ.get("FEDPROOF_CACHE")
    if given:
        return Path(given)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "fedproof"
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "fedproof"


def setup_for(program: Program, ptau: str | os.PathLike[str] | None = None) -> Setup:
    """A setup with enough powers for `program`; `.insecure` says whether INSECURE_NOTICE has to be shown.

    ptau: a powers-of-tau file; its points and powers are checked once, then the checked extract is cached.
    Raises BadInput naming the file.
    """
    needed = -(-int(program.describe()["setup_powers"]) // STEP) * STEP
    if ptau is None:
        return _cached(f"development-{needed}", needed, None)
    file = Path(ptau)
    try:
        with open_file(file, PTAU) as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{file}: cannot be read: {error.strerror or error}") from None
    return _cached(f"ptau-{digest[:32]}-{needed}", needed, file)


def _cached(name: str, powers: int, ptau: Path | None) -> Setup:
    path = cache_folder() / f"setup-{name}.bin"
    if path.is_file():
        try:
            setup = Setup.load(str(path))
            if setup.powers >= powers and setup.insecure == (ptau is None):
                return setup
        except CoreBadInput:
            pass  # a damaged cache is made anew
    with core_errors(str(ptau or "development setup")):
        setup = Setup.development(powers) if ptau is None else Setup.from_ptau(str(ptau), powers)
        _save(setup, path)
    return setup


def _save(setup: Setup, path: Path) -> None:
    """Complete or not at all; a cache that cannot be written only costs time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    except OSError:
        return
    os.close(handle)
    try:
        setup.save(partial)
        Path(partial).replace(path)
    except OSError:
        pass
    finally:
        Path(partial).unlink(missing_ok=True)
