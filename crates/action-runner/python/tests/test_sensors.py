"""Sensors in processes of their own, driven as the engine does it."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, Optional

import pytest

from conftest import PATIENCE, WORKER

HEAD = "import os, time\nfrom st2reactor.sensor.base import PollingSensor, Sensor\n"
REST = """
    def setup(self): pass
    def cleanup(self): self.sensor_service.dispatch("p.bye")
    def add_trigger(self, trigger): self.sensor_service.dispatch("p.added", trigger)
    def update_trigger(self, trigger): self.sensor_service.dispatch("p.updated", trigger)
    def remove_trigger(self, trigger): self.sensor_service.dispatch("p.removed", trigger)
"""


class Running:
    """A sensor's process."""

    def __init__(self, pack: Path, source: str, **given: Any) -> None:
        file = pack / "sensors" / "watch.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
        self._ours, theirs = socket.socketpair()
        self._ours.settimeout(PATIENCE)
        self.process = subprocess.Popen(
            [sys.executable, "-u", WORKER, "sensor", str(os.getpid()), "p.Watch"],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        theirs.close()
        start = {"file": str(file), "pack": "p", "pack_folder": str(pack), "class_name": "Watch", "config": {}}
        self.send({**start, "poll_interval": None, "triggers": [], **given})

    def send(self, frame: dict[str, Any]) -> None:
        data = json.dumps(frame).encode()
        self._ours.sendall(struct.pack(">I", len(data)) + data)

    def receive(self) -> dict[str, Any]:
        """The next frame."""
        frame = self._read(struct.unpack(">I", self._read(4))[0])
        told: dict[str, Any] = json.loads(frame)
        return told

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            piece = self._ours.recv(length - len(data))
            assert piece, "the sensor has closed the pipe"
            data += piece
        return data

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next frame of this kind; dispatches before it are answered."""
        while True:
            frame = self.receive()
            if wanted(frame):
                return frame
            if "call" in frame:
                self.answer(frame)

    def called(self, name: str) -> dict[str, Any]:
        return self.until(lambda frame: frame.get("call") == name)

    def dispatched(self, trigger: str) -> dict[str, Any]:
        """What the sensor says when it dispatches this trigger; it is answered."""
        frame = self.until(lambda frame: frame.get("call") == "dispatch" and frame["given"]["trigger"] == trigger)
        self.answer(frame)
        given: dict[str, Any] = frame["given"]
        return given

    def answer(self, frame: dict[str, Any], value: Any = None) -> None:
        self.send({"id": frame["id"], "value": value})

    def close(self) -> None:
        """Goes, as an engine that was killed does."""
        self._ours.close()

    def end(self) -> int:
        """Waits for its end."""
        code = self.process.wait(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        return code


Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Running] = []

    def start(body: str, head: str = HEAD, base: str = "Sensor", **given: Any) -> Running:
        running = Running(tmp_path / "p", f"{head}class Watch({base}):\n{body}\n{REST}", **given)
        started.append(running)
        return running

    yield start
    for running in started:
        running.close()
        if running.process.poll() is None:
            running.process.kill()
        running.end()


def test_a_dispatch_returns_when_it_is_answered(start: Start) -> None:
    sensor = start("    def run(self):\n        for n in (1, 2): self.sensor_service.dispatch('p.t', {'n': n}, 'tag')")
    first = sensor.called("dispatch")
    assert first["given"] == {"trigger": "p.t", "payload": {"n": 1}, "trace": {"trace_tag": "tag"}}
    sensor._ours.settimeout(0.3)
    with pytest.raises(socket.timeout):
        sensor.receive()
    sensor._ours.settimeout(PATIENCE)

    sensor.answer(first)

    assert sensor.dispatched("p.t")["payload"] == {"n": 2}
    assert sensor.dispatched("p.bye")["payload"] is None
    assert sensor.end() == 0


def test_a_polling_sensor_polls_at_its_interval(start: Start) -> None:
    body = "    def poll(self): self.sensor_service.dispatch('p.t', {'every': self.get_poll_interval()})"
    sensor = start(body, base="PollingSensor", poll_interval=0.01)

    for _ in range(3):
        assert sensor.dispatched("p.t")["payload"] == {"every": 0.01}

    sensor.send({"stop": PATIENCE})
    sensor.dispatched("p.bye")
    assert sensor.end() == 0


def test_what_json_cannot_say_becomes_text(start: Start) -> None:
    sensor = start(
        "    def run(self):\n"
        "        import datetime\n"
        "        day = datetime.date(2020, 1, 2)\n"
        "        self.sensor_service.dispatch('p.t', {'d': day, 'b': b'x', 's': {1}, 'f': float('nan'), 'o': 1j})"
    )

    assert sensor.dispatched("p.t")["payload"] == {"d": "2020-01-02", "b": "x", "s": [1], "f": None, "o": "1j"}


def test_values_go_through_the_engine(start: Start) -> None:
    sensor = start(
        "    def run(self):\n"
        "        service = self.sensor_service\n"
        "        service.set_value('a', 1, ttl=5, encrypt=True)\n"
        "        got = service.get_value('a', local=False, scope='st2kv.user', decrypt=True)\n"
        "        names = [item.name for item in service.list_values(prefix='x')]\n"
        "        service.dispatch('p.t', {'got': got, 'names': names, 'gone': service.delete_value('a')})"
    )
    stored = sensor.called("set")
    assert stored["given"] == {
        "name": "p.Watch:a", "value": "1", "scope": "system", "secret": True, "ttl": 5
    }
    sensor.answer(stored, {"name": "p.Watch:a"})
    asked = sensor.called("get")
    assert asked["given"] == {"name": "a", "scope": "st2kv.user", "decrypt": True}
    sensor.answer(asked, {"name": "a", "value": "v"})
    listed = sensor.called("list")
    assert listed["given"] == {"prefix": "p.Watch:x"}
    sensor.answer(listed, [{"name": "x1"}])
    sensor.answer(sensor.called("delete"), False)

    assert sensor.dispatched("p.t")["payload"] == {"got": "v", "names": ["x1"], "gone": False}


def test_triggers_come_after_setup_and_change_while_it_runs(start: Start) -> None:
    sensor = start("    def run(self): time.sleep(600)", triggers=[{"ref": "p.1"}])
    assert sensor.dispatched("p.added")["payload"] == {"ref": "p.1"}
    sensor.until(lambda frame: frame.get("state") == "running")

    for change, trigger in (("add", "p.added"), ("update", "p.updated"), ("remove", "p.removed")):
        sensor.send({"trigger": change, "body": {"ref": "p.2"}})
        assert sensor.dispatched(trigger)["payload"] == {"ref": "p.2"}


def test_it_tells_what_it_logs_and_why_it_failed(start: Start) -> None:
    sensor = start(
        "    def run(self):\n"
        "        self.sensor_service.get_logger('x').debug('n is %d', 1)\n"
        "        raise ValueError('boom')"
    )

    log = sensor.until(lambda frame: "log" in frame)
    failed = sensor.until(lambda frame: "failed" in frame)

    assert log == {"log": "DEBUG", "logger": "st2.p.Watch.x", "message": "n is 1"}
    assert failed["failed"] == "ValueError: boom"
    assert "watch.py" in failed["traceback"] and "petrel_worker" not in failed["traceback"]
    sensor.dispatched("p.bye")
    assert sensor.end() == 1


def test_it_names_pack_and_key_of_a_missing_configuration(start: Start) -> None:
    sensor = start("    def run(self): self.config['url']")

    failed = sensor.until(lambda frame: "failed" in frame)

    assert 'MissingKey: Config for pack "p" is missing key "url"' in failed["failed"]
    assert "petrel pack config p url=..." in failed["failed"]
    sensor.dispatched("p.bye")
    assert sensor.end() == 1


@pytest.mark.parametrize(
    ("head", "given", "said"),
    [
        ("import no_such_module\n" + HEAD, {}, "cannot be imported: ModuleNotFoundError: No module named"),
        (HEAD, {"class_name": "Other"}, "has no class `Other`"),
        (HEAD, {"file": "/no/such.py"}, "does not exist: the sensor's `entry_point` names it"),
    ],
)
def test_it_says_why_it_cannot_be_made(start: Start, head: str, given: dict[str, Any], said: str) -> None:
    sensor = start("    def run(self): pass", head=head, **given)

    assert said in sensor.until(lambda frame: "failed" in frame)["failed"]
    assert sensor.end() == 1


def test_one_that_does_not_listen_is_cleaned_up_beside_its_main_thread(start: Start) -> None:
    sensor = start(
        "    def run(self):\n"
        "        while True:\n"
        "            try: time.sleep(600)\n"
        "            except BaseException: pass"
    )
    sensor.until(lambda frame: frame.get("state") == "running")

    sensor.send({"stop": 0.2})

    sensor.dispatched("p.bye")
    assert sensor.end() == 0


def test_a_stranger_who_ends_it_is_told_of(start: Start) -> None:
    # In one long sleep, Python would not hear of a signal that came just before it.
    sensor = start("    def run(self):\n        while True: time.sleep(0.01)")
    sensor.until(lambda frame: frame.get("state") == "running")

    sensor.process.terminate()

    said = sensor.until(lambda frame: "failed" in frame)["failed"]
    assert said == "its process was sent SIGTERM, and not by the engine"
    sensor.dispatched("p.bye")
    assert sensor.end() == 1


def test_a_cleanup_that_has_begun_is_not_interrupted(start: Start) -> None:
    sensor = start("    def run(self): raise ValueError('boom')")
    bye = sensor.called("dispatch")

    sensor.send({"stop": PATIENCE})
    sensor.process.terminate()
    sensor.answer(bye)

    assert sensor.end() == 1
    with pytest.raises((AssertionError, ConnectionResetError)):
        sensor.receive()


def test_processes_that_it_forks_are_its_own(start: Start) -> None:
    sensor = start(
        "    def run(self):\n"
        "        import signal\n"
        "        child = os.fork()\n"
        "        if not child:\n"
        "            try:\n"
        "                self.sensor_service.get_logger().warning('a child')\n"
        "                self.sensor_service.dispatch('p.t')\n"
        "            except Exception as error:\n"
        "                print(error, flush=True)\n"
        "            signal.pause()\n"
        "        self.sensor_service.dispatch('p.t', {'child': child})\n"
        "        self.sensor_service.dispatch('p.t', {'left': os.waitpid(child, 0)[1]})"
    )
    child = sensor.dispatched("p.t")["payload"]["child"]
    assert sensor.process.stderr and sensor.process.stdout
    assert sensor.process.stderr.readline() == "WARNING st2.p.Watch: a child\n"
    assert sensor.process.stdout.readline().startswith("this process was forked by the sensor")

    os.kill(child, signal.SIGTERM)

    assert sensor.dispatched("p.t")["payload"] == {"left": int(signal.SIGTERM)}
    sensor.dispatched("p.bye")
    assert sensor.end() == 0


def test_what_it_starts_can_be_interrupted(start: Start) -> None:
    sensor = start(
        "    def run(self):\n"
        "        import subprocess\n"
        "        child = subprocess.Popen(['sleep', '600'])\n"
        "        child.send_signal(2)\n"
        "        self.sensor_service.dispatch('p.t', {'left': child.wait()})"
    )

    assert sensor.dispatched("p.t")["payload"] == {"left": -signal.SIGINT}


def test_instances_have_datastore_items_of_their_own(start: Start) -> None:
    sensor = start("    def run(self): self.sensor_service.get_value('x')", name="Watch@eu")

    frame = sensor.called("get")

    assert frame["given"]["name"] == "p.Watch@eu:x"
    sensor.answer(frame)


def test_nothing_is_left_when_the_engine_goes(start: Start) -> None:
    sensor = start(
        "    def run(self):\n"
        "        import subprocess\n"
        "        child = subprocess.Popen(['sleep', '600'])\n"
        "        self.sensor_service.dispatch('p.t', {'child': child.pid})\n"
        "        child.wait()"
    )
    child = sensor.dispatched("p.t")["payload"]["child"]

    sensor.close()

    assert sensor.end() == -signal.SIGKILL
    state: Optional[str] = "R"
    while state not in (None, "Z"):
        try:
            state = Path(f"/proc/{child}/stat").read_text().rpartition(") ")[2][0]
        except OSError:
            state = None


def test_green_threads_go_on_while_one_waits_for_the_engine(start: Start) -> None:
    pytest.importorskip("eventlet")
    sensor = start(
        "    def run(self):\n"
        "        import threading\n"
        "        done = threading.Event()\n"
        "        def other():\n"
        "            for n in range(3): self.sensor_service.dispatch('p.other', {'n': n})\n"
        "            done.set()\n"
        "        threading.Thread(target=other).start()\n"
        "        self.sensor_service.dispatch('p.t')\n"
        "        done.wait()\n"
        "        self.sensor_service.get_logger().info('both went on')\n"
        "        while True: time.sleep(600)",
        head="import eventlet\neventlet.monkey_patch()\n" + HEAD,
    )
    frames = [sensor.called("dispatch"), sensor.called("dispatch")]
    held, other = sorted(frames, key=lambda frame: str(frame["given"]["trigger"]), reverse=True)
    assert (held["given"]["trigger"], other["given"]["payload"]) == ("p.t", {"n": 0})

    sensor.answer(other)
    for n in (1, 2):
        assert sensor.dispatched("p.other")["payload"] == {"n": n}
    sensor.answer(held)

    assert sensor.until(lambda frame: frame.get("log") == "INFO")["message"] == "both went on"
    sensor.send({"trigger": "add", "body": {"ref": "p.2"}})
    assert sensor.dispatched("p.added")["payload"] == {"ref": "p.2"}
    sensor.send({"stop": PATIENCE})
    sensor.dispatched("p.bye")
    assert sensor.end() == 0
