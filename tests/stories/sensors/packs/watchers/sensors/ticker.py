"""A classic sensor: it blocks in `run`, in a thread of its own it does nothing."""

import os
import time

from journal import note
from st2reactor.sensor.base import Sensor


class Ticker(Sensor):
    def setup(self):
        self._logger = self.sensor_service.get_logger(__name__)
        self._folder = self.config["journal"]
        self._logger.info("the token is %s", self.config["token"])
        note(self._folder, "ticker.pids", os.getpid())

    def run(self):
        self.sensor_service.dispatch("watchers.tick", {"number": "none"})
        self.sensor_service.dispatch("watchers.no_such_trigger", {})
        while True:
            number = int(self.sensor_service.get_value("number") or 0) + 1
            self.sensor_service.dispatch(trigger="watchers.tick", payload={"number": number, "pid": os.getpid()})
            note(self._folder, "ticker.done", number)
            self.sensor_service.set_value("number", number)
            time.sleep(0.02)

    def cleanup(self):
        note(self._folder, "ticker.cleanups", os.getpid())

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
