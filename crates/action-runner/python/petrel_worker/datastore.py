"""The datastore as actions and sensors use it: items are local to their class unless they say otherwise."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, Optional

from petrel_worker.resource import KeyValuePair

if TYPE_CHECKING:
    from petrel_worker.client import Client

SYSTEM_SCOPE = "system"
SCOPES = ("system", "user", "st2kv.system", "st2kv.user")
SEPARATOR = ":"


class BaseDatastoreService:
    """Values by name. Failures of the engine are logged; then a value is `None`."""

    DATASTORE_NAME_SEPARATOR = SEPARATOR

    def __init__(self, logger: logging.Logger, pack_name: str, class_name: str) -> None:
        self._logger = logger
        self._pack_name = pack_name
        self._class_name = class_name

    def get_user_info(self) -> dict[str, Any]:
        """Who the engine takes us for."""
        return self.get_api_client().get_user_info()

    def list_values(self, local: bool = True, prefix: Optional[str] = None) -> list[Any]:
        """The items whose name begins with `prefix`; where `local`, of this class."""
        return self.get_api_client().keys.get_all(prefix=self._get_full_key_prefix(local, prefix))

    def get_value(
        self, name: str, local: bool = True, scope: str = SYSTEM_SCOPE, decrypt: bool = False
    ) -> Optional[str]:
        """An item's value; `None` where there is none."""
        _check(scope)
        name = self._get_full_key_name(name, local)
        try:
            params = {"decrypt": decrypt, "scope": scope}
            item = self.get_api_client().keys.get_by_id(id=name, params=params)
        except Exception as error:
            self._logger.exception("Exception retrieving value from datastore (name=%s): %s", name, error)
            return None
        return item.value if item is not None else None

    def set_value(
        self,
        name: str,
        value: Any,
        ttl: Optional[int] = None,
        local: bool = True,
        scope: str = SYSTEM_SCOPE,
        encrypt: bool = False,
    ) -> bool:
        """Stores an item, as text; for `ttl` seconds where that is given, encrypted where `encrypt`."""
        _check(scope)
        name = self._get_full_key_name(name, local)
        item = KeyValuePair(id=name, name=name, value=str(value), scope=scope)
        if encrypt:
            item.secret = True
        if ttl:
            item.ttl = ttl
        self.get_api_client().keys.update(instance=item)
        return True

    def delete_value(self, name: str, local: bool = True, scope: str = SYSTEM_SCOPE) -> bool:
        """Removes an item; false where that failed, or where there was none."""
        _check(scope)
        name = self._get_full_key_name(name, local)
        try:
            self.get_api_client().keys.delete_by_id(name, params={"scope": scope})
        except Exception as error:
            self._logger.exception("Exception deleting value from datastore (name=%s): %s", name, error)
            return False
        return True

    def get_api_client(self) -> Any:
        """The engine's API."""
        raise NotImplementedError

    def _get_full_key_name(self, name: str, local: bool) -> str:
        return self._get_local_key_name_prefix() + name if local else name

    def _get_full_key_prefix(self, local: bool, prefix: Optional[str] = None) -> Optional[str]:
        return self._get_local_key_name_prefix() + (prefix or "") if local else prefix

    def _get_local_key_name_prefix(self) -> str:
        return f"{self._pack_name}.{self._class_name}{self.DATASTORE_NAME_SEPARATOR}"


class ActionDatastoreService(BaseDatastoreService):
    """Of an action."""

    def __init__(self, logger: logging.Logger, pack_name: str, class_name: str, auth_token: Optional[str]) -> None:
        super().__init__(logger, pack_name, class_name)
        self._auth_token = auth_token
        self._client: Optional[Client] = None

    def get_api_client(self) -> Client:
        """The engine's API."""
        if self._client is None:
            # Only those that use it pay for the import.
            from petrel_worker.client import Client

            self._client = Client(api_url=os.environ.get("ST2_ACTION_API_URL"), token=self._auth_token)
        return self._client


def _check(scope: str) -> None:
    if scope not in SCOPES:
        raise ValueError(f"Scope {scope} is unsupported.")
