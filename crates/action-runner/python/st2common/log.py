"""`from st2common import log as logging`: the standard library's names, with loggers below `st2`."""

from __future__ import annotations

from logging import *  # noqa: F403
from logging import CRITICAL, DEBUG, ERROR, FATAL, INFO, WARN, WARNING, disable

from petrel_worker.logs import AUDIT
from petrel_worker.logs import get_logger as getLogger

__all__ = ["AUDIT", "CRITICAL", "DEBUG", "ERROR", "FATAL", "INFO", "WARN", "WARNING", "disable", "getLogger", "setup"]


def setup(*_args: object, **_kwargs: object) -> None:
    """The engine has set logging up already."""
