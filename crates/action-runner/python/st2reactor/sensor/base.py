"""`from st2reactor.sensor.base import PollingSensor, Sensor`."""

from petrel_worker.sensors import BaseSensor, PollingSensor, Sensor

__all__ = ["BaseSensor", "PollingSensor", "Sensor"]
