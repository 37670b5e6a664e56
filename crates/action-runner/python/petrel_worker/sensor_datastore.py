"""The datastore as sensors use it: through the engine that runs them."""

from __future__ import annotations

import logging
from typing import Any, Optional

from petrel_worker.datastore import SYSTEM_SCOPE, BaseDatastoreService
from petrel_worker.pipe import Pipe
from petrel_worker.resource import KeyValuePair, ResourceNotFoundError


class _Keys:
    """What a client's `keys` can do, as far as the datastore service asks for it."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def get_all(self, prefix: Optional[str] = None, **_others: Any) -> list[KeyValuePair]:
        return [KeyValuePair(**item) for item in self._pipe.call("list", {"prefix": prefix})]

    def get_by_id(self, id: str, params: Optional[dict[str, Any]] = None) -> Optional[KeyValuePair]:
        item = self._pipe.call("get", {"name": id, "scope": SYSTEM_SCOPE, **(params or {})})
        return None if item is None else KeyValuePair(**item)

    def update(self, instance: KeyValuePair) -> KeyValuePair:
        given = {
            "name": instance.name,
            "value": instance.value,
            "scope": instance.scope or SYSTEM_SCOPE,
            "secret": bool(instance.secret),
            "ttl": instance.ttl,
        }
        return KeyValuePair(**self._pipe.call("set", given))

    def delete_by_id(self, instance_id: str, params: Optional[dict[str, Any]] = None) -> None:
        if not self._pipe.call("delete", {"name": instance_id, "scope": SYSTEM_SCOPE, **(params or {})}):
            raise ResourceNotFoundError(f"there is no `{instance_id}`")


class _Client:
    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self.keys = _Keys(pipe)

    def get_user_info(self) -> dict[str, Any]:
        info: dict[str, Any] = self._pipe.call("user", {})
        return info


class SensorDatastoreService(BaseDatastoreService):
    """Of a sensor."""

    def __init__(self, logger: logging.Logger, pack_name: str, class_name: str, pipe: Pipe) -> None:
        super().__init__(logger, pack_name, class_name)
        self._client = _Client(pipe)

    def get_api_client(self) -> _Client:
        """What speaks to the engine."""
        return self._client
