"""The base class of actions, and what the engine hands to them."""

from __future__ import annotations

import abc
import os
from typing import TYPE_CHECKING, Any, Optional

from petrel_worker.logs import logger_of_action

if TYPE_CHECKING:
    from petrel_worker.datastore import ActionDatastoreService

SYSTEM_SCOPE = "system"


class PackConfig(dict):  # type: ignore[type-arg]
    """A pack's configuration. Asking for a key that is not there says which pack and which key."""

    def __init__(self, pack: str, *args: Any) -> None:
        super().__init__(*args)
        self._pack_name = pack

    def __missing__(self, key: object) -> Any:
        raise ValueError(_missing(self._pack_name, key))


class MissingKey(KeyError):
    """A key that a pack's configuration has not."""

    def __str__(self) -> str:
        return str(self.args[0])


class SensorConfig(PackConfig):
    """The same for sensors, which expect a `KeyError`."""

    def __missing__(self, key: object) -> Any:
        raise MissingKey(_missing(self._pack_name, key))


def _missing(pack: str, key: object) -> str:
    return (
        f'Config for pack "{pack}" is missing key "{key}". '
        f"Set it with `petrel pack config {pack} {key}=...`, or in the file "
        f"configs/{pack}.yaml of the data folder, which must be registered after every change."
    )


class ActionService:
    """What an action may ask the engine for. Nothing is sent anywhere before the first call."""

    def __init__(self, action_wrapper: Any) -> None:
        self._action_wrapper = action_wrapper
        self._datastore_service: Optional[ActionDatastoreService] = None

    @property
    def datastore_service(self) -> ActionDatastoreService:
        """The datastore, as this action may use it."""
        if self._datastore_service is None:
            # Only those that use it pay for the import.
            from petrel_worker.datastore import ActionDatastoreService

            wrapper = self._action_wrapper
            self._datastore_service = ActionDatastoreService(
                logger=logger_of_action(wrapper._class_name, wrapper._log_level),
                pack_name=wrapper._pack,
                class_name=wrapper._class_name,
                auth_token=os.environ.get("ST2_ACTION_AUTH_TOKEN"),
            )
        return self._datastore_service

    def get_user_info(self) -> dict[str, Any]:
        """Who the action runs for."""
        return self.datastore_service.get_user_info()

    def list_values(self, local: bool = True, prefix: Optional[str] = None) -> list[Any]:
        """The items whose name begins with `prefix`, of this action's class alone where `local`."""
        return self.datastore_service.list_values(local, prefix)

    def get_value(
        self, name: str, local: bool = True, scope: str = SYSTEM_SCOPE, decrypt: bool = False
    ) -> Optional[str]:
        """The value of an item; `None` where there is none."""
        return self.datastore_service.get_value(name, local, scope=scope, decrypt=decrypt)

    def set_value(
        self,
        name: str,
        value: Any,
        ttl: Optional[int] = None,
        local: bool = True,
        scope: str = SYSTEM_SCOPE,
        encrypt: bool = False,
    ) -> bool:
        """Stores an item, for `ttl` seconds where that is given."""
        return self.datastore_service.set_value(name, value, ttl, local, scope=scope, encrypt=encrypt)

    def delete_value(self, name: str, local: bool = True, scope: str = SYSTEM_SCOPE) -> bool:
        """Removes an item; false where that failed."""
        return self.datastore_service.delete_value(name, local, scope=scope)


class Action(abc.ABC):
    """The base class of Python actions."""

    description: Optional[str] = None

    def __init__(self, config: Optional[dict[str, Any]] = None, action_service: Any = None) -> None:
        wrapper = getattr(action_service, "_action_wrapper", None)
        # Constructors that do not pass the service on have its pack from what they were given.
        pack = getattr(wrapper, "_pack", None) or getattr(config, "_pack_name", "unknown")
        self.config = PackConfig(pack, config or {})
        self.action_service = action_service
        self.logger = logger_of_action(type(self).__name__, getattr(wrapper, "_log_level", "debug"))

    @property
    def datastore(self) -> Any:
        """Short for `self.action_service.datastore_service`."""
        return self.action_service.datastore_service

    @abc.abstractmethod
    def run(self, **kwargs: Any) -> Any:
        """Does the work. Gives back a result, or `(succeeded, result)`."""
