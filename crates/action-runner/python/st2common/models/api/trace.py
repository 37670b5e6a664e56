"""Traces."""

from __future__ import annotations

from typing import Optional

__all__ = ["TraceContext"]


class TraceContext:
    """Which trace an event belongs to: by id, or by tag."""

    def __init__(self, id_: Optional[str] = None, trace_tag: Optional[str] = None) -> None:
        self.id_ = id_
        self.trace_tag = trace_tag

    def __json__(self) -> dict[str, Optional[str]]:
        """Its members."""
        return vars(self)
