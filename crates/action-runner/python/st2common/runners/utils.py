"""Making actions and their loggers."""

from __future__ import annotations

from typing import Any, Optional

from petrel_worker import loading
from petrel_worker.action import PackConfig as PackConfigDict
from petrel_worker.logs import logger_of_action as get_logger_for_python_runner_action

__all__ = ["PackConfigDict", "get_action_class_instance", "get_logger_for_python_runner_action"]


def get_action_class_instance(
    action_cls: type[Any], config: Optional[dict[str, Any]] = None, action_service: Any = None
) -> Any:
    """An instance of an action's class."""
    return loading.make_instance(action_cls, config or {}, action_service)
