"""Actions and their executions."""

from petrel_worker.client import Execution
from petrel_worker.client import Resource as Action

LiveAction = Execution

__all__ = ["Action", "Execution", "LiveAction"]
