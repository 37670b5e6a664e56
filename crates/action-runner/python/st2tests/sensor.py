"""Tests of sensors."""

from __future__ import annotations

from typing import Any, Optional

from petrel_worker.doubles import MockSensorService, MockSensorWrapper
from st2tests.pack_resource import BasePackResourceTestCase

__all__ = ["BaseSensorTestCase"]


class BaseSensorTestCase(BasePackResourceTestCase):
    """A test of the sensor `sensor_cls`."""

    sensor_cls: Any = None

    def setUp(self) -> None:
        """A new service for each test."""
        super().setUp()
        name = self.sensor_cls.__name__ if self.sensor_cls is not None else type(self).__name__
        self.sensor_service = MockSensorService(MockSensorWrapper(pack="tests", class_name=name))

    def get_sensor_instance(
        self, config: Optional[dict[str, Any]] = None, poll_interval: Optional[float] = None
    ) -> Any:
        """The sensor, with this configuration."""
        if self.sensor_cls is None:
            raise ValueError(f"{type(self).__name__} needs the class attribute `sensor_cls`")
        given: dict[str, Any] = {"sensor_service": self.sensor_service}
        if config:
            given["config"] = config
        if poll_interval is not None:
            given["poll_interval"] = poll_interval
        return self.sensor_cls(**given)

    def get_dispatched_triggers(self) -> list[dict[str, Any]]:
        """What the sensor has dispatched, the first first."""
        return self.sensor_service.dispatched_triggers

    def get_last_dispatched_trigger(self) -> dict[str, Any]:
        """What the sensor has dispatched last."""
        return self.sensor_service.dispatched_triggers[-1]

    def assertTriggerDispatched(  # noqa: N802
        self, trigger: str, payload: Optional[dict[str, Any]] = None, trace_context: Any = None
    ) -> bool:
        """That the sensor has dispatched this; payload and trace count only where they are given."""
        dispatched = self.get_dispatched_triggers()
        for item in dispatched:
            if (
                item["trigger"] == trigger
                and (not payload or item["payload"] == payload)
                and (not trace_context or item["trace_context"] == trace_context)
            ):
                return True
        raise AssertionError(f'Trigger "{trigger}" with this payload wasn\'t dispatched; dispatched were {dispatched}')
