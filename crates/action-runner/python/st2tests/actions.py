"""Tests of Python actions."""

from __future__ import annotations

from typing import Any, Optional

from petrel_worker import loading
from petrel_worker.doubles import MockActionService, MockActionWrapper
from st2tests.pack_resource import BasePackResourceTestCase

__all__ = ["BaseActionTestCase"]


class BaseActionTestCase(BasePackResourceTestCase):
    """A test of the action `action_cls`."""

    action_cls: Any = None

    def setUp(self) -> None:
        """A new service for each test."""
        super().setUp()
        name = self.action_cls.__name__ if self.action_cls is not None else type(self).__name__
        self.action_service = MockActionService(MockActionWrapper(pack="tests", class_name=name))

    def get_action_instance(self, config: Optional[dict[str, Any]] = None) -> Any:
        """The action, with this configuration."""
        if self.action_cls is None:
            raise ValueError(f"{type(self).__name__} needs the class attribute `action_cls`")
        return loading.make_instance(self.action_cls, config or {}, self.action_service)
