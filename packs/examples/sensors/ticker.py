"""A polling sensor that goes on where it was, whatever ended it."""

from st2reactor.sensor.base import PollingSensor


class Ticker(PollingSensor):
    def setup(self):
        self._log = self.sensor_service.get_logger(__name__)

    def poll(self):
        number = int(self.sensor_service.get_value("number") or 0) + 1
        # First the dispatch, which returns when it is stored, then the note: nothing is forgotten in between.
        self.sensor_service.dispatch(trigger="examples.tick", payload={"number": number})
        self.sensor_service.set_value("number", str(number))
        self._log.debug("tick %d", number)

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
