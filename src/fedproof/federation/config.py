"""The run file: which task, which participants' folders, where to.

task = "task.toml"
out = "run"              # results; must not exist, but to resume
# ptau = "pot15.ptau"    # else the INSECURE development setup
# mode = "prove"         # check, off: nothing is proven
# prove_rounds = 0       # of mode check or off: the last rounds that are proven nevertheless
# timeout = 600          # seconds to wait for a participant
# restarts = 5           # of a process that crashes, in one round

[[participant]]
name = "hospital-1"
folder = "hospital-1"    # data/ key/ store/
# data = "records.csv"   # instead of the one file in data/

With a section [chain] (onchain/offer.py) rounds, stakes and rewards are on a chain, and everything is proven.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fedproof.errors import BadInput
from fedproof.federation.onchain.offer import ChainConfig
from fedproof.proof import Mode
from fedproof.reading import TEXT, read_bytes
from fedproof.task.toml import read_toml


class Section(BaseModel):
    """No unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ParticipantConfig(Section):
    """One entry of [[participant]]. cheat: only for demonstrations."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$")]
    folder: Path
    data: Path | None = None
    cheat: str = ""
    cheat_from: int = 0


class RunConfig(Section):
    """A run on this machine."""

    task: Path
    out: Path
    participant: Annotated[tuple[ParticipantConfig, ...], Field(min_length=1, max_length=256)]
    ptau: Path | None = None
    mode: Mode = "prove"
    prove_rounds: Annotated[int, Field(ge=0)] = 0
    timeout: Annotated[float, Field(gt=0)] = 600.0
    restarts: Annotated[int, Field(ge=0)] = 5
    chain: ChainConfig | None = None


def load_run(path: Path) -> RunConfig:
    """A run file; its paths are relative to it. Raises BadInput naming file and key."""
    try:
        content = read_toml(read_bytes(path, TEXT))
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise BadInput(f"{path}: {error}") from None
    try:
        config = RunConfig.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{path}: {where}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None
    names = [participant.name for participant in config.participant]
    folders = [participant.folder for participant in config.participant]
    if len(set(names)) < len(names) or len(set(folders)) < len(folders):
        raise BadInput(f"{path}: participant: two have the same name or folder")
    if config.chain is not None and config.mode != "prove":
        raise BadInput(f"{path}: mode: on a chain everything is proven, so it must be prove")
    base = path.parent

    def at(value: Path | None) -> Path | None:
        return None if value is None else base / value

    return config.model_copy(
        update={
            "task": base / config.task,
            "out": base / config.out,
            "ptau": at(config.ptau),
            "chain": None if config.chain is None else config.chain.at(base),
            "participant": tuple(
                p.model_copy(update={"folder": base / p.folder, "data": at(p.data)}) for p in config.participant
            ),
        }
    )
