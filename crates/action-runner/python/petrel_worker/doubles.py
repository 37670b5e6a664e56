"""What pack tests hand to actions and sensors instead of the engine: it keeps values and dispatches in memory."""

from __future__ import annotations

import logging
from typing import Any, Optional
from unittest import mock

from petrel_worker.client import KeyValuePair
from petrel_worker.datastore import BaseDatastoreService


class MockDatastoreService(BaseDatastoreService):
    """Items in memory. Scopes and encryption are accepted and make no difference."""

    def __init__(self, logger: Any = None, pack_name: str = "unittest", class_name: str = "Unittest") -> None:
        super().__init__(logger or logging.getLogger("st2.mock"), pack_name, class_name)
        self._datastore_items: dict[str, KeyValuePair] = {}

    def get_user_info(self) -> dict[str, Any]:
        """A user that tests may count on."""
        return {
            "username": "admin",
            "rbac": {"roles": ["admin"], "is_admin": True, "enabled": True},
            "authentication": {"method": "authentication token", "location": "header"},
        }

    def list_values(self, local: bool = True, prefix: Optional[str] = None) -> list[Any]:
        """The items whose name begins with `prefix`."""
        start = self._get_full_key_prefix(local, prefix) or ""
        return [item for name, item in self._datastore_items.items() if name.startswith(start)]

    def get_value(
        self, name: str, local: bool = True, scope: str = "system", decrypt: bool = False
    ) -> Optional[str]:
        """An item's value; `None` where there is none."""
        item = self._datastore_items.get(self._get_full_key_name(name, local))
        return item.value if item is not None else None

    def set_value(
        self,
        name: str,
        value: Any,
        ttl: Optional[int] = None,
        local: bool = True,
        scope: str = "system",
        encrypt: bool = False,
    ) -> bool:
        """Keeps an item. Time does not pass here, so there is no `ttl`."""
        if ttl:
            raise ValueError(f"{type(self).__name__}.set_value doesn't support the \"ttl\" argument")
        name = self._get_full_key_name(name, local)
        self._datastore_items[name] = KeyValuePair(id=name, name=name, value=value)
        return True

    def delete_value(self, name: str, local: bool = True, scope: str = "system") -> bool:
        """Removes an item; false where there is none."""
        return self._datastore_items.pop(self._get_full_key_name(name, local), None) is not None

    def get_api_client(self) -> Any:
        """The engine's API is not there: a mock that takes any call."""
        return mock.MagicMock()


class _MockService:
    """What both services have."""

    def __init__(self, pack: str, class_name: str) -> None:
        self._logger = mock.MagicMock(name="logger")
        self._datastore_service = MockDatastoreService(self._logger, pack, class_name)

    @property
    def datastore_service(self) -> MockDatastoreService:
        """The datastore in memory."""
        return self._datastore_service

    def __getattr__(self, name: str) -> Any:
        if name in ("get_user_info", "list_values", "get_value", "set_value", "delete_value"):
            return getattr(self.datastore_service, name)
        raise AttributeError(f"{type(self).__name__} has no `{name}`")


class MockActionWrapper:
    """What an action service knows of its action."""

    def __init__(self, pack: str, class_name: str) -> None:
        self._pack = pack
        self._class_name = class_name
        self._log_level = "debug"


class MockActionService(_MockService):
    """An action service that keeps values in memory."""

    def __init__(self, action_wrapper: Any) -> None:
        super().__init__(action_wrapper._pack, action_wrapper._class_name)
        self._action_wrapper = action_wrapper


class MockSensorWrapper:
    """What a sensor service knows of its sensor."""

    def __init__(self, pack: str, class_name: str) -> None:
        self._pack = pack
        self._class_name = class_name


class MockSensorService(_MockService):
    """A sensor service that keeps values and dispatches in memory."""

    def __init__(self, sensor_wrapper: Any) -> None:
        super().__init__(sensor_wrapper._pack, sensor_wrapper._class_name)
        self._sensor_wrapper = sensor_wrapper
        self.dispatched_triggers: list[dict[str, Any]] = []

    def get_logger(self, name: Optional[str] = None) -> Any:
        """A mock, whose calls tests may look at."""
        return getattr(self._logger, name) if name else self._logger

    def dispatch(self, trigger: str, payload: Any = None, trace_tag: Optional[str] = None) -> None:
        """Keeps a dispatch."""
        self.dispatch_with_context(trigger, payload, {"trace_tag": trace_tag} if trace_tag else None)

    def dispatch_with_context(self, trigger: str, payload: Any = None, trace_context: Any = None) -> None:
        """Keeps a dispatch."""
        self.dispatched_triggers.append({"trigger": trigger, "payload": payload, "trace_context": trace_context})
