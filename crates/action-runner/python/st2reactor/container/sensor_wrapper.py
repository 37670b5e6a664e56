"""What sensors are handed."""

from petrel_worker.sensors import SensorService

__all__ = ["SensorService"]
