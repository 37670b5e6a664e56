"""Hears of changes in Consul at once, by blocking queries: a watch for each trigger that rules name.

What was seen is kept in the datastore once its changes are dispatched, so that changes while the sensor is away are
found when it is back.
"""

import hashlib
import json
import threading

from consul_api import Consul
from consul_watch import WATCHES
from st2reactor.sensor.base import Sensor

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between attempts while Consul does not answer; each pause is twice the one before."""


class ConsulSensor(Sensor):
    def __init__(self, sensor_service, config=None):
        super().__init__(sensor_service=sensor_service, config=config)
        self._logger = self.sensor_service.get_logger(__name__)
        self._watches = {}  # trigger's ref -> event that stops its thread
        self._stop = threading.Event()
        # Dispatches and the datastore are used by one thread at a time.
        self._engine = threading.Lock()

    def setup(self):
        pass

    def run(self):
        self._stop.wait()

    def cleanup(self):
        self._stop.set()
        for stop in self._watches.values():
            stop.set()

    def add_trigger(self, trigger):
        stop = threading.Event()
        self._watches[trigger["ref"]] = stop
        threading.Thread(target=self._follow, args=(trigger, stop), name=trigger["ref"], daemon=True).start()

    def update_trigger(self, trigger):
        self._end(trigger)
        self.add_trigger(trigger)

    def remove_trigger(self, trigger):
        self._end(trigger)
        with self._engine:
            self.sensor_service.delete_value(_memory(trigger))

    def _end(self, trigger):
        stop = self._watches.pop(trigger["ref"], None)
        if stop:
            stop.set()

    def _follow(self, trigger, stop):
        """Looks again and again, until told to stop."""
        watch, pause = None, FIRST_PAUSE
        while not stop.is_set():
            try:
                if watch is None:
                    watch = self._watch(trigger)
                payloads, snapshot = watch.look()
                with self._engine:
                    if stop.is_set():
                        return
                    self._tell(trigger, watch, payloads, snapshot)
                pause = FIRST_PAUSE
            except Exception as error:
                if watch is not None:
                    watch.ask_anew()
                self._logger.warning("Watching for %s: %s; once more in %d s", trigger["ref"], error, pause)
                stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _watch(self, trigger):
        parameters = trigger.get("parameters") or {}
        consul = Consul(self.config, parameters.get("consul_profile"))
        with self._engine:
            seen = self.sensor_service.get_value(_memory(trigger))
        return WATCHES[trigger["type"]](consul, parameters, json.loads(seen) if seen else None)

    def _tell(self, trigger, watch, payloads, snapshot):
        for payload in payloads:
            self.sensor_service.dispatch(trigger=trigger["ref"], payload=payload)
        if snapshot != watch.snapshot:
            self.sensor_service.set_value(_memory(trigger), json.dumps(snapshot))
            watch.snapshot = snapshot


def _memory(trigger):
    """The name of the item that keeps what was seen: the same for the same parameters."""
    said = json.dumps([trigger["type"], trigger.get("parameters") or {}], sort_keys=True)
    return f"seen-{hashlib.sha256(said.encode()).hexdigest()[:20]}"
