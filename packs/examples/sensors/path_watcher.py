"""Triggers with parameters: the sensor is told of those that rules listen to."""

import os

from st2reactor.sensor.base import PollingSensor


class PathWatcher(PollingSensor):
    def __init__(self, sensor_service, config=None, poll_interval=5):
        super().__init__(sensor_service=sensor_service, config=config, poll_interval=poll_interval)
        self._watched = {}

    def setup(self):
        pass

    def add_trigger(self, trigger):
        path = trigger["parameters"]["path"]
        # Triggers come and go while `poll` runs in another thread: whole entries are exchanged.
        self._watched[trigger["ref"]] = (path, stamp(path))

    def update_trigger(self, trigger):
        self.add_trigger(trigger)

    def remove_trigger(self, trigger):
        self._watched.pop(trigger["ref"], None)

    def poll(self):
        for ref, (path, before) in list(self._watched.items()):
            now = stamp(path)
            if now == before:
                continue
            event = "made" if before is None else "removed" if now is None else "changed"
            # To this rule's trigger: its type and parameters say which.
            trigger = {"type": "examples.path_changed", "parameters": {"path": path}}
            self.sensor_service.dispatch(trigger=trigger, payload={"path": path, "event": event})
            if ref in self._watched:
                self._watched[ref] = (path, now)

    def cleanup(self):
        pass


def stamp(path):
    """What changes with a file; `None` where there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size
