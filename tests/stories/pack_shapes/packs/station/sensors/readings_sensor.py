import os

from st2reactor.sensor.base import PollingSensor


class ReadingsSensor(PollingSensor):
    def __init__(self, sensor_service, config=None, poll_interval=5):
        super(ReadingsSensor, self).__init__(sensor_service=sensor_service, config=config, poll_interval=poll_interval)
        self._logger = self.sensor_service.get_logger(name=self.__class__.__name__)
        self._feed = None

    def setup(self):
        self._feed = self._config["feed"]

    def poll(self):
        seen = int(self._sensor_service.get_value(name="seen") or 0)
        if not os.path.exists(self._feed):
            return
        with open(self._feed) as feed:
            readings = feed.read().splitlines()
        for number, degrees in enumerate(readings[seen:], seen + 1):
            self._sensor_service.dispatch(
                trigger="station.reading", payload={"number": number, "degrees": float(degrees)}
            )
            self._sensor_service.set_value(name="seen", value=str(number))

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
