"""A sensor that counts from one in each of its lives, and keeps a process of its own."""

import os
import subprocess
import time

from st2reactor.sensor.base import Sensor


class Counter(Sensor):
    def setup(self):
        self._who = self.config["who"]
        self._life = "{}-{}-{}".format(type(self).__name__, os.getpid(), time.time_ns())
        child = subprocess.Popen(["sleep", "600"])
        self._note("pids", self._who, os.getpid())
        self._note("pids", self._who, child.pid)

    def run(self):
        number = 0
        while True:
            number += 1
            payload = {"who": self._who, "life": self._life, "number": number}
            self.sensor_service.dispatch("counting.counted", payload)
            self._note(type(self).__name__ + ".counted", self._life, number, time.time())
            if number == 1:
                self.sensor_service.set_value("life", self._life)
            time.sleep(0.02)

    def _note(self, name, *words):
        line = " ".join(str(word) for word in words) + "\n"
        with open(os.path.join(self.config["journal"], name), "a") as file:
            file.write(line)

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
