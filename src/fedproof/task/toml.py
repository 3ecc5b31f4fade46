"""Writes a task file: sections in order, one feature, layer or target per line, defaults left out."""

from __future__ import annotations

import json
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
