"""The former place of `Action`."""

from petrel_worker.action import Action

__all__ = ["Action"]
