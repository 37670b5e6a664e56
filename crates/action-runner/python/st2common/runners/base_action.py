"""`from st2common.runners.base_action import Action`."""

from petrel_worker.action import Action

__all__ = ["Action"]
