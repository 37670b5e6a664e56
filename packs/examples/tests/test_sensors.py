"""The sensors, each with the service that tests hand to it."""

import os
import socket
import tempfile

from line_listener import LineListener
from path_watcher import PathWatcher
from st2tests.base import BaseSensorTestCase
from ticker import Ticker


class TestTicker(BaseSensorTestCase):
    sensor_cls = Ticker

    def test_counts_on_in_another_life(self):
        for _life in range(2):
            sensor = self.get_sensor_instance()
            sensor.setup()
            sensor.poll()
        dispatched = [item["payload"]["number"] for item in self.get_dispatched_triggers()]
        self.assertEqual(dispatched, [1, 2])


class TestLineListener(BaseSensorTestCase):
    sensor_cls = LineListener

    def test_tells_of_each_line(self):
        sensor = self.get_sensor_instance(config={"lines_port": 0})
        sensor.setup()
        self.addCleanup(sensor.cleanup)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"one\ntwo\n", sensor._socket.getsockname())

        sensor.receive()

        self.assertTriggerDispatched("examples.line", payload={"line": "one", "sender": "127.0.0.1"})
        self.assertTriggerDispatched("examples.line", payload={"line": "two", "sender": "127.0.0.1"})


class TestPathWatcher(BaseSensorTestCase):
    sensor_cls = PathWatcher

    def test_tells_what_became_of_the_paths_that_rules_name(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "file")
            trigger = {"ref": "examples.abc", "parameters": {"path": path}}
            sensor = self.get_sensor_instance()
            sensor.add_trigger(trigger)
            for text in ("a", "ab"):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                sensor.poll()
                sensor.poll()
            os.remove(path)
            sensor.poll()
            sensor.remove_trigger(trigger)
            open(path, "w", encoding="utf-8").close()
            sensor.poll()

        events = [item["payload"]["event"] for item in self.get_dispatched_triggers()]
        self.assertEqual(events, ["made", "changed", "removed"])
        dispatched = self.get_last_dispatched_trigger()["trigger"]
        self.assertEqual(dispatched, {"type": "examples.path_changed", "parameters": {"path": path}})
