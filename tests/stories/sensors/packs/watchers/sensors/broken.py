"""A sensor that has never worked."""

from st2reactor.sensor.base import Sensor


class Broken(Sensor):
    def setup(self):
        raise ValueError("no connection with " + self.config["token"])

    def run(self):
        pass

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
