"""The sensor, with real threads and blocking queries."""

import queue

import consul_double
import consul_sensor
from consul_double import instance
from st2tests.base import BaseSensorTestCase

PATIENCE = 20


class TestConsulSensor(BaseSensorTestCase):
    sensor_cls = consul_sensor.ConsulSensor

    def setUp(self):
        super().setUp()
        self.agent = consul_double.Agent()
        self.addCleanup(self.agent.close)
        self.dispatched = queue.Queue()
        self.failures = []
        self.sensor_service.dispatch = self.dispatch
        before, consul_sensor.FIRST_PAUSE = consul_sensor.FIRST_PAUSE, 0.01
        self.addCleanup(setattr, consul_sensor, "FIRST_PAUSE", before)
        self.sensor = self.start()

    def start(self):
        sensor = self.get_sensor_instance(consul_double.config(self.agent))
        sensor.setup()
        self.addCleanup(self.stop, sensor)
        return sensor

    def stop(self, sensor):
        """Stops, and answers whoever waits."""
        sensor.cleanup()
        self.agent.change()

    def dispatch(self, trigger, payload=None, trace_tag=None):
        if self.failures:
            raise self.failures.pop()
        self.dispatched.put((trigger, payload))

    def next(self):
        return self.dispatched.get(timeout=PATIENCE)[1]

    def follow(self, kind="kv", ref="consul.1", **parameters):
        """Adds a trigger, and waits until its first look is done."""
        trigger = {"ref": ref, "type": f"consul.{kind}.changed", "parameters": parameters}
        self.sensor.add_trigger(trigger)
        self.wait()
        return trigger

    def wait(self):
        self.assertTrue(self.agent.waiting.acquire(timeout=PATIENCE), "nobody has asked for changes")

    def test_tells_what_becomes_of_keys(self):
        self.agent.change({"app/old": b"0"})
        self.follow(key="app/", recurse=True)

        self.agent.change({"app/new": b"1", "other": b"2"})
        self.assertEqual(
            self.next(),
            {"key": "app/new", "change": "created", "value": "1", "value_encoding": None, "flags": 0, "session": None,
             "modify_index": 12, "profile": "test"},
        )  # fmt: skip
        self.wait()
        self.agent.change({"app/new": b"3"})
        told = self.next()
        self.assertEqual((told["key"], told["change"], told["value"]), ("app/new", "updated", "3"))
        self.wait()
        self.agent.change({"app/old": None})
        told = self.next()
        self.assertEqual((told["key"], told["change"], told["value"]), ("app/old", "deleted", None))

    def test_a_key_may_come_into_being(self):
        self.follow(key="flag")

        self.agent.change({"flag": b"on"})
        self.assertEqual(self.next()["change"], "created")

    def test_tells_how_a_service_is(self):
        self.agent.change(health={"web": [instance("passing")]})
        self.follow("service", service="web")

        self.agent.change(health={"web": [instance("critical"), instance("passing", port=81)]})
        told = [self.next(), self.next()]
        self.assertEqual(
            [(one["service_id"], one["previous_status"], one["status"]) for one in told],
            [("web-80", "passing", "critical"), ("web-81", "absent", "passing")],
        )
        self.assertEqual((told[0]["node"], told[0]["address"], told[0]["port"]), ("n1", "10.0.0.1", 80))
        self.assertEqual(told[0]["checks"][1]["Output"], "so it says")
        self.wait()
        self.agent.change(health={"web": []})
        gone = [(one["service_id"], one["status"]) for one in (self.next(), self.next())]
        self.assertEqual(gone, [("web-80", "absent"), ("web-81", "absent")])

    def test_finds_what_has_changed_while_it_was_away(self):
        self.agent.change({"flag": b"on"})
        trigger = self.follow(key="flag")
        self.stop(self.sensor)

        self.agent.change({"flag": b"off"})
        self.sensor = self.start()
        self.sensor.add_trigger(trigger)
        told = self.next()
        self.assertEqual((told["change"], told["value"]), ("updated", "off"))

    def test_tells_again_what_the_engine_did_not_take(self):
        self.follow(key="flag")
        self.failures.append(RuntimeError("the engine is away"))

        self.agent.change({"flag": b"on"})
        self.assertEqual(self.next()["value"], "on")
        self.assertEqual(self.failures, [])

    def test_goes_on_when_consul_has_started_anew(self):
        self.agent.change({"flag": b"on"})
        self.follow(key="flag")

        self.agent.index = 2
        self.agent.change({"flag": b"off"})
        self.assertEqual(self.next()["value"], "off")
        self.wait()
        self.agent.change({"flag": b"on"})
        self.assertEqual(self.next()["value"], "on")

    def test_a_trigger_that_nobody_wants_is_forgotten(self):
        trigger = self.follow(key="flag")
        self.sensor.remove_trigger(trigger)
        self.follow(key="other", ref="consul.2")

        self.agent.change({"flag": b"on", "other": b"on"})
        self.assertEqual(self.next()["key"], "other")
        self.assertTrue(self.dispatched.empty())
        self.assertEqual(len(self.sensor_service.list_values()), 1)
