"""Words for pydantic's errors: the first one, with the dotted name of the field and the value found."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from fedproof.errors import TaskError
from fedproof.task.precision import Precision
from fedproof.task.sections import About, Feature, Layer, Model, Proof, Scaled, Schema, Training

KINDS = {
    "int_type": "must be an integer",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be a string",
    "tuple_type": "must be a list",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "missing": "missing",
    "extra_forbidden": "unknown key",
}
SECTIONS: dict[str, Any] = {
    "task": About,
    "model": Model,
    "training": Training,
    "data": Schema,
    "precision": Precision,
    "proof": Proof,
    "model.layers": Layer,
    "data.features": Feature,
    "data.targets": Scaled,
}


def explain(error: ValidationError, source: str) -> TaskError:
    """The first error (unknown keys first: a misspelt key also looks like a missing one) as a TaskError."""
    found = sorted(error.errors(include_url=False), key=lambda item: item["type"] != "extra_forbidden")[0]
    kind, context, value = found["type"], found.get("ctx", {}), found["input"]
    field = dotted(found["loc"])
    if kind == "extra_forbidden":
        return TaskError(field, "unknown key" + suggestion(found["loc"]), source)
    if kind == "missing":
        return TaskError(field, "missing", source)
    if kind == "value_error":
        problem = str(context["error"])
    elif kind == "literal_error":
        problem = f"must be {context['expected']}"
    elif kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than"):
        word = {"ge": "at least", "gt": "greater than", "le": "at most", "lt": "less than"}
        limit, bound = next(iter(context.items()))
        problem = f"must be {word[limit]} {bound}"
    elif kind in ("too_short", "too_long"):
        limit = "at least" if kind == "too_short" else "at most"
        entries = context["min_length"] if kind == "too_short" else context["max_length"]
        return TaskError(field, f"must have {limit} {entries} entries, got {context['actual_length']}", source)
    elif kind == "string_pattern_mismatch":
        problem = "must consist of letters, digits, dots, dashes and underscores"
    else:
        problem = KINDS.get(kind, found["msg"][:1].lower() + found["msg"][1:])
    return TaskError(field, f"{problem}, got {shown(value)}", source)


def dotted(location: tuple[int | str, ...]) -> str:
    """("data", "features", 3, "scale") as `data.features[3].scale`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def suggestion(location: tuple[int | str, ...]) -> str:
    """Says which known key an unknown one resembles."""
    *parents, key = location
    section = ".".join(part for part in parents if isinstance(part, str))
    known = list(SECTIONS[section].model_fields) if section in SECTIONS else [n for n in SECTIONS if "." not in n]
    close = get_close_matches(str(key), known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else f" (known: {', '.join(known)})"


def shown(value: Any) -> str:
    """The offending value, short enough for one line."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # of an integer with thousands of digits, or of deeply nested tables
        text = f"a huge {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."
