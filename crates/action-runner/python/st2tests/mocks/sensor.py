"""Doubles for the tests of sensors."""

from petrel_worker.doubles import MockSensorService, MockSensorWrapper

__all__ = ["MockSensorService", "MockSensorWrapper"]
