"""The base classes of sensors, and what the engine hands to them."""

from __future__ import annotations

import abc
import logging
import time
from typing import Any, Callable, Optional

from petrel_worker.datastore import SYSTEM_SCOPE, BaseDatastoreService
from petrel_worker.logs import get_logger

Dispatch = Callable[[str, Optional[dict[str, Any]], Optional[dict[str, Any]]], None]
"""Trigger, payload, trace context. Returns once the engine has stored it."""


class SensorService:
    """What a sensor may ask the engine for."""

    def __init__(self, pack: str, class_name: str, dispatch: Dispatch, datastore: BaseDatastoreService) -> None:
        self._pack = pack
        self._class_name = class_name
        self._dispatch = dispatch
        self._datastore = datastore

    @property
    def datastore_service(self) -> BaseDatastoreService:
        """The datastore, as this sensor may use it."""
        return self._datastore

    def get_logger(self, name: Optional[str] = None) -> logging.Logger:
        """A logger of this name, below the sensor's own."""
        own = f"{self._pack}.{self._class_name}"
        return get_logger(f"{own}.{name}" if name else own)

    def get_user_info(self) -> dict[str, Any]:
        """Who the sensor runs as."""
        return self.datastore_service.get_user_info()

    def dispatch(self, trigger: str, payload: Optional[dict[str, Any]] = None, trace_tag: Optional[str] = None) -> None:
        """Makes a trigger happen, with this payload."""
        self.dispatch_with_context(trigger, payload, {"trace_tag": trace_tag} if trace_tag else None)

    def dispatch_with_context(
        self,
        trigger: str,
        payload: Optional[dict[str, Any]] = None,
        trace_context: Any = None,
    ) -> None:
        """Makes a trigger happen as part of a trace."""
        if trace_context is not None and not isinstance(trace_context, dict):
            trace_context = {
                name: value
                for name, value in (
                    ("id_", getattr(trace_context, "id_", None)),
                    ("trace_tag", getattr(trace_context, "trace_tag", None)),
                )
                if value is not None
            }
        self._dispatch(trigger, payload, trace_context)

    def list_values(self, local: bool = True, prefix: Optional[str] = None) -> list[Any]:
        """The items whose name begins with `prefix`; where `local`, of this sensor."""
        return self.datastore_service.list_values(local, prefix)

    def get_value(
        self, name: str, local: bool = True, scope: str = SYSTEM_SCOPE, decrypt: bool = False
    ) -> Optional[str]:
        """An item's value; `None` where there is none."""
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
        """Stores an item."""
        return self.datastore_service.set_value(name, value, ttl, local, scope=scope, encrypt=encrypt)

    def delete_value(self, name: str, local: bool = True, scope: str = SYSTEM_SCOPE) -> bool:
        """Removes an item; false where that failed."""
        return self.datastore_service.delete_value(name, local, scope=scope)


class BaseSensor(abc.ABC):
    """What both kinds of sensors have."""

    def __init__(self, sensor_service: Any, config: Optional[dict[str, Any]] = None) -> None:
        self.sensor_service = sensor_service
        self._sensor_service = sensor_service
        self.config = {} if config is None else config
        self._config = self.config

    @abc.abstractmethod
    def setup(self) -> None:
        """Called once, before `run`."""

    @abc.abstractmethod
    def run(self) -> None:
        """Watches, until the sensor is stopped."""

    @abc.abstractmethod
    def cleanup(self) -> None:
        """Called once, when the sensor is stopped."""

    @abc.abstractmethod
    def add_trigger(self, trigger: dict[str, Any]) -> None:
        """A rule wants to hear of this trigger."""

    @abc.abstractmethod
    def update_trigger(self, trigger: dict[str, Any]) -> None:
        """A trigger has changed."""

    @abc.abstractmethod
    def remove_trigger(self, trigger: dict[str, Any]) -> None:
        """No rule wants to hear of this trigger any more."""


class Sensor(BaseSensor):
    """The base class of sensors that wait for events: `run` does not return."""


class PollingSensor(BaseSensor):
    """The base class of sensors that ask from time to time."""

    def __init__(
        self, sensor_service: Any, config: Optional[dict[str, Any]] = None, poll_interval: Optional[float] = 5
    ) -> None:
        super().__init__(sensor_service, config)
        self._poll_interval: float = 5 if poll_interval is None else poll_interval

    @abc.abstractmethod
    def poll(self) -> None:
        """Asks once."""

    def run(self) -> None:
        """Polls, and waits for the interval, again and again."""
        while True:
            self.poll()
            time.sleep(self._poll_interval)

    def get_poll_interval(self) -> float:
        """Seconds between two polls."""
        return self._poll_interval

    def set_poll_interval(self, poll_interval: float) -> None:
        """Changes the seconds between two polls."""
        self._poll_interval = poll_interval
