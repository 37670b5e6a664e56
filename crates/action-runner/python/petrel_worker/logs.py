"""Loggers as packs expect them: named `st2...`, with the level AUDIT, written to standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any, cast

AUDIT = logging.CRITICAL + 10
"""Above all others: what should be kept whatever the level is."""

FORMAT = "%(name)-12s: %(levelname)-8s %(message)s"

logging.addLevelName(AUDIT, "AUDIT")


class Logger(logging.Logger):
    """A logger that also has `audit`."""

    def audit(self, message: object, *args: object, **kwargs: Any) -> None:
        """Logs at the level AUDIT."""
        if self.isEnabledFor(AUDIT):
            self._log(AUDIT, message, args, **kwargs)


def get_logger(name: str) -> Logger:
    """The logger of this name, below `st2`."""
    if not name.startswith("st2."):
        name = f"st2.{name}"
    former = logging.getLoggerClass()
    logging.setLoggerClass(Logger)
    try:
        logger = logging.getLogger(name)
    finally:
        logging.setLoggerClass(former)
    if not isinstance(logger, Logger):
        # Somebody has asked for it before us.
        logger.__class__ = Logger
    return cast(Logger, logger)


def level_of(name: str) -> int:
    """A level by its name; DEBUG where there is none of this name."""
    level = logging.getLevelName(name.upper())
    return level if isinstance(level, int) else logging.DEBUG


class _StandardError(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to what `sys.stderr` is when a line is logged, so that tests and forks may exchange it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr

    @stream.setter
    def stream(self, value: Any) -> None:
        raise AttributeError("the stream is always sys.stderr")


def logger_of_action(action_name: str, log_level: str = "debug") -> Logger:
    """The logger of an action's class: from `log_level` on to standard error."""
    logger = get_logger(f"actions.python.{action_name}")
    for handler in list(logger.handlers):
        if isinstance(handler, _StandardError):
            logger.removeHandler(handler)
    handler = _StandardError()
    handler.setLevel(level_of(log_level))
    handler.setFormatter(logging.Formatter(FORMAT))
    logger.addHandler(handler)
    logger.setLevel(level_of(log_level))
    return logger
