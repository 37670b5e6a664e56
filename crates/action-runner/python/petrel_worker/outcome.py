"""What an action gave back, as JSON."""

from __future__ import annotations

import json
import math
from typing import Any, Optional

INVALID_STATUS = 220
"""The exit code that says: `run` gave back a pair whose first item is no status."""

INVALID_STATUS_MESSAGE = (
    "Status returned from the action run() method must either be True or False, got: {status}\n"
    "An action that gives back a pair as its result must give it back as a list, or after a status: "
    "(True, (first, second)).\n"
)


class InvalidStatus(Exception):
    """`run` gave back a pair, and its first item is no boolean."""

    def __init__(self, status: object) -> None:
        super().__init__(INVALID_STATUS_MESSAGE.format(status=status))


class UnfitResult(Exception):
    """What `run` gave back can be said neither in JSON nor as text."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"What `run` gave back is neither JSON nor has it a text: {type(error).__name__}: {error}")


def split(output: object) -> tuple[Optional[bool], Any]:
    """Status and result: of a pair, its items; of anything else, no status and the thing itself."""
    if not (isinstance(output, tuple) and len(output) == 2):
        return None, output
    status, result = output
    if status is not None and not isinstance(status, bool):
        raise InvalidStatus(status)
    return status, result


def encode(status: Optional[bool], result: Any) -> bytes:
    """`{"status", "result"}` in UTF-8. What JSON cannot say becomes text; numbers that are none become null."""
    try:
        text = _json(status, result)
    except (TypeError, ValueError, RecursionError):
        try:
            text = _json(status, _finite(result))
        except (TypeError, ValueError, RecursionError):
            text = _json(status, _text(result))
    return text.encode("utf-8", "replace")


def _json(status: Optional[bool], result: Any) -> str:
    return json.dumps({"status": status, "result": result}, ensure_ascii=False, allow_nan=False)


def _text(result: object) -> str:
    try:
        return str(result)
    except Exception as error:
        raise UnfitResult(error) from None


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
