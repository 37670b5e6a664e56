"""Doubles for the tests of actions."""

from petrel_worker.doubles import MockActionService, MockActionWrapper

__all__ = ["MockActionService", "MockActionWrapper"]
