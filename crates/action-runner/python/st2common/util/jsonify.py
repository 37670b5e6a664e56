"""JSON."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["json_decode", "json_encode", "json_loads", "try_loads"]


def json_encode(obj: Any, indent: Any = None, sort_keys: bool = False) -> str:
    """As JSON."""
    return json.dumps(obj, indent=indent, sort_keys=sort_keys)


def json_decode(data: Any) -> Any:
    """From JSON."""
    return json.loads(data)


def json_loads(obj: dict[str, Any], keys: Any = None) -> dict[str, Any]:
    """The members that are JSON, read in place."""
    for key in keys if keys is not None else list(obj):
        obj[key] = try_loads(obj[key])
    return obj


def try_loads(value: Any) -> Any:
    """What a JSON text says; anything else as it is."""
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value
