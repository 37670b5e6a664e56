"""A polling sensor that keeps its state in the datastore."""

import json

from journal import note
from st2reactor.sensor.base import PollingSensor


class Poller(PollingSensor):
    def __init__(self, sensor_service, config=None, poll_interval=None):
        super().__init__(sensor_service=sensor_service, config=config, poll_interval=poll_interval)
        self._rooms = {}

    def setup(self):
        self.set_poll_interval(0.05)

    def poll(self):
        service = self._sensor_service
        count = int(service.get_value("count", decrypt=True) or 0) + 1
        service.set_value(name="count", value=count, encrypt=True, ttl=3600)
        items = [item.name for item in service.list_values(prefix="cou")]
        for room in list(self._rooms.values()):
            payload = {"room": room["parameters"]["room"], "count": count, "items": items}
            service.dispatch(trigger=room, payload=payload)

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        self._told("add", trigger)

    def update_trigger(self, trigger):
        self._told("update", trigger)

    def remove_trigger(self, trigger):
        self._told("remove", trigger)

    def _told(self, what, trigger):
        if "room" in trigger["parameters"]:
            if what == "remove":
                self._rooms.pop(trigger["id"], None)
            else:
                self._rooms[trigger["id"]] = trigger
            note(self.config["journal"], "poller.told", json.dumps([what, trigger["parameters"]["room"]]))
