"""TOML texts, read strictly; a task file as it is written: sections in order, one feature, layer or target per line."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fedproof.task.task import Task

SECTIONS = {
    "about": "task",
    "model": "model",
    "training": "training",
    "data": "data",
    "precision": "precision",
    "proof": "proof",
}


def read_toml(content: bytes) -> dict[str, Any]:
    """The table in a TOML text. Raises ValueError, whose message says what the text is not."""
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except (ValueError, OverflowError) as error:  # not all that tomllib cannot read is a TOMLDecodeError
        raise ValueError(f"is not valid TOML: {error}") from None


def write_toml(task: Task) -> str:
    """TOML text; `Task.parse(tomllib.loads(text))` equals the task."""
    content = task.model_dump(exclude_defaults=True)
    parts = []
    for key, title in SECTIONS.items():
        section: dict[str, Any] = content.get(key, {})
        if section:
            lines = [f"{name} = {_value(value, outer=True)}" for name, value in section.items() if value is not None]
            parts.append("\n".join([f"[{title}]", *lines]))
    return "\n\n".join(parts) + "\n"


def _value(value: Any, outer: bool = False) -> str:
    if isinstance(value, bytes):
        return f'"{value.hex()}"'
    if isinstance(value, str):
        # JSON's escapes are TOML's, except that TOML also forbids a bare DEL
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(entry)}" for key, entry in value.items() if entry is not None) + " }"
    if isinstance(value, (list, tuple)):
        entries = [_value(entry) for entry in value]
        if outer and value and isinstance(value[0], dict):
            return "[\n" + "".join(f"  {entry},\n" for entry in entries) + "]"
        return "[" + ", ".join(entries) + "]"
    if isinstance(value, (int, float)):
        return repr(value)
    raise TypeError(f"no TOML for {type(value).__name__}")
