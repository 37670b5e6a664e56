"""A sensor's process: one sensor, from `setup` to `cleanup`.

The engine starts it as `python FOLDER sensor PID REF`, with the pipe as standard input, where PID is the engine's own.
The first frame says what is to be run. When the engine has gone, the process group goes too.
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys
import time
import traceback
from _thread import RLock, allocate_lock, start_new_thread
from collections import deque
from typing import Any, NoReturn, Optional

from petrel_worker import loading, place
from petrel_worker.action import SensorConfig
from petrel_worker.death import die_with_parent
from petrel_worker.logs import get_logger
from petrel_worker.pipe import Pipe, green_hubs
from petrel_worker.sensor_datastore import SensorDatastoreService
from petrel_worker.sensors import PollingSensor, SensorService

_exit, _kill, _killpg, _read, _write, _pipe = os._exit, os.kill, os.killpg, os.read, os.write, os.pipe
_sleep, _now = time.sleep, time.monotonic

DYING = 1.0
"""Seconds. So long a dying engine may take from its first thread's end, which the kernel tells, to its last one's."""

LONGEST = 65536
"""Characters of a message or a traceback."""

CHANGES = {"add": "add_trigger", "update": "update_trigger", "remove": "remove_trigger"}


class Stop(SystemExit):
    """The engine wants the sensor to end."""


class Terminated(BaseException):
    """Somebody else does."""

    def __str__(self) -> str:
        return "its process was sent SIGTERM, and not by the engine"


def main() -> NoReturn:
    """Runs the sensor that the engine names."""
    engine = int(sys.argv[2])
    descriptor = os.dup(0)
    os.set_inheritable(descriptor, False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    process = Process(descriptor)
    signal.signal(signal.SIGTERM, process.terminated)
    signal.signal(signal.SIGINT, _heed_not)
    os.register_at_fork(after_in_child=process.forked)
    # By a signal that can be caught: what the sensor has started goes with it.
    die_with_parent(engine, signal.SIGTERM)
    process.engine = engine
    process.leave(process.run())


def _heed_not(_signal: int, _frame: Any) -> None:
    """Ignores a signal; whatever is started from here does not."""


def leave(code: int) -> NoReturn:
    """Ends the process, whatever threads it has."""
    try:
        run_registered = getattr(atexit, "_run_exitfuncs", None)
        if run_registered is not None:
            run_registered()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except BaseException:
        # Nothing of this is worth more than the end.
        pass
    _exit(code)


def end_group() -> None:
    """The engine has gone: so does everything here, at once."""
    _killpg(0, signal.SIGKILL)


class Process:
    """The sensor, and what is told about it."""

    def __init__(self, descriptor: int) -> None:
        self.pipe = Pipe(descriptor, self._told, end_group)
        self.engine: Optional[int] = None
        self._is_stopping = False
        self._sensor: Any = None
        self._changes: deque[dict[str, Any]] = deque()
        self._bell, self._ring = _pipe()
        self._cleaning = allocate_lock()
        self._cleaned = allocate_lock()
        self._cleaned.acquire()

    def run(self) -> int:
        """Runs it; gives back the exit code."""
        start = self.pipe.first()
        logging.getLogger().addHandler(_ToEngine(self.pipe))
        logging.getLogger().setLevel(logging.INFO)
        logging.getLogger("st2").setLevel(logging.DEBUG)
        self.pipe.listen()
        try:
            self._sensor = make(start, self.pipe)
            self._sensor.setup()
            for trigger in start["triggers"]:
                self._change({"trigger": "add", "body": trigger})
            self._attend()
            self.pipe.tell({"state": "running"})
            self._sensor.run()
            code = 0
        except Stop:
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
            if code:
                self._complain(f"the sensor has left with exit code {code}", "")
        except Terminated as error:
            self._complain(str(error), "")
            code = 1
        except BaseException as error:
            self._complain(*described(error))
            code = 1
        return self._cleanup() or code

    def terminated(self, _signal: int, _frame: Any) -> None:
        """SIGTERM: from the engine after it has said so, from the kernel when the engine dies, or from a stranger."""
        signal.signal(signal.SIGTERM, _heed_not)
        if self._is_stopping:
            self._interrupt(Stop(0))
            return
        until = _now() + DYING
        while self.engine is not None and _now() < until:
            if os.getppid() != self.engine:
                end_group()
            _sleep(0.01)
        self._interrupt(Terminated())

    def forked(self) -> None:
        """In a process that the sensor has forked: how that one ends is the sensor's affair."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.pipe.forked()

    def leave(self, code: int) -> NoReturn:
        """Ends the process; without an engine that would do so, all that it has started too."""
        if self.engine is not None and os.getppid() != self.engine:
            end_group()
        leave(code)

    def _interrupt(self, interruption: BaseException) -> None:
        # What cleans up is at its end anyway.
        if not self._cleaning.locked():
            self.pipe.interrupt(interruption)

    def _complain(self, message: str, trace: str) -> None:
        self.pipe.tell({"failed": message[:LONGEST], "traceback": trace[-LONGEST:]})

    def _cleanup(self) -> int:
        """Calls `cleanup` once, whoever comes first."""
        if not self._cleaning.acquire(False):
            # The other one leaves.
            self._cleaned.acquire()
            return 0
        try:
            if self._sensor is not None:
                self._sensor.cleanup()
            return 0
        except BaseException as error:
            message, trace = described(error)
            self._complain(f"`cleanup` has failed: {message}", trace)
            return 1
        finally:
            self._cleaned.release()

    def _told(self, frame: dict[str, Any]) -> None:
        """In the thread that reads."""
        if "stop" in frame:
            self._is_stopping = True
            start_new_thread(self._stop, (frame["stop"],))
        elif "trigger" in frame:
            self._changes.append(frame)
            _write(self._ring, b".")

    def _stop(self, grace: float) -> None:
        """Interrupts the main thread. Where that does not help, cleans up in its place."""
        _kill(os.getpid(), signal.SIGTERM)
        if not self._cleaned.acquire(True, grace):
            self.leave(self._cleanup())
        self._cleaned.release()

    def _attend(self) -> None:
        """Takes changes of triggers from now on: in a thread, or where the sensor runs on eventlet in a green one."""
        hubs = green_hubs()
        if hubs is None:
            start_new_thread(self._take_changes, (None,))
        else:
            import eventlet  # type: ignore[import-not-found, import-untyped, unused-ignore]

            eventlet.spawn_n(self._take_changes, hubs)

    def _take_changes(self, hubs: Any) -> None:
        while True:
            if hubs is not None:
                hubs.trampoline(self._bell, read=True)
            _read(self._bell, 4096)
            while self._changes:
                self._change(self._changes.popleft())

    def _change(self, frame: dict[str, Any]) -> None:
        try:
            getattr(self._sensor, CHANGES[frame["trigger"]])(frame["body"])
        except Exception as error:
            message, trace = described(error)
            name = CHANGES[frame["trigger"]]
            self.pipe.tell({"log": "ERROR", "logger": name, "message": f"`{name}` has failed: {message}\n{trace}"})


def make(start: dict[str, Any], pipe: Pipe) -> Any:
    """The sensor, made as st2 makes it; its constructor gets by keyword what it accepts."""
    place.settle(start["pack"], start["pack_folder"])
    worker = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.argv = [start["file"]]
    sys.path[:] = loading.search_path(sys.path, start["pack_folder"], start["file"], worker)
    module = loading.load_module(start["file"], "sensor")
    name = start["class_name"]
    cls = getattr(module, name, None)
    if not isinstance(cls, type):
        raise loading.LoadingError(f'The file "{start["file"]}" has no class `{name}`: `class_name` names it.')
    # Of several instances each has a name of its own, and with it its own datastore items and loggers.
    known_by = start.get("name") or name
    datastore = SensorDatastoreService(get_logger(f"{start['pack']}.{known_by}"), start["pack"], known_by, pipe)

    def dispatch(trigger: Any, payload: Optional[dict[str, Any]], trace: Optional[dict[str, Any]]) -> None:
        if not isinstance(trigger, (str, dict)):
            raise TypeError(f"a trigger is a reference such as `pack.name`, not {trigger!r}")
        if payload is not None and not isinstance(payload, dict):
            raise TypeError(f"the payload of `{trigger}` must be a dictionary, not {type(payload).__name__}")
        pipe.call("dispatch", {"trigger": trigger, "payload": payload, "trace": trace})

    service = SensorService(start["pack"], known_by, dispatch, datastore)
    config = SensorConfig(start["pack"], start["config"])
    offered: dict[str, Any] = {"sensor_service": service, "config": config}
    if start.get("poll_interval") and issubclass(cls, PollingSensor):
        offered["poll_interval"] = start["poll_interval"]
    taken = loading.accepted(cls)
    return cls(**{name: value for name, value in offered.items() if taken is None or name in taken})


def described(error: BaseException) -> tuple[str, str]:
    """An error in one line, and where it comes from: without the frames of this package."""
    message = "".join(traceback.format_exception_only(type(error), error)).strip()
    cause = error.__cause__
    if isinstance(error, loading.LoadingError):
        message = str(error)
        if cause is None:
            return message, ""
        message = f"{message} {type(cause).__name__}: {cause}"
        error = cause
    ours = os.path.dirname(__file__)
    trace = error.__traceback__
    while trace is not None and (
        trace.tb_frame.f_code.co_filename.startswith(ours) or trace.tb_frame.f_code.co_filename.startswith("<frozen")
    ):
        trace = trace.tb_next
    return message, "".join(traceback.format_exception(type(error), error, trace))


class _ToEngine(logging.Handler):
    """Sends log records to the engine."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    def createLock(self) -> None:
        """A real one: nothing here waits for green threads."""
        self.lock = RLock()  # type: ignore[assignment, unused-ignore]

    def emit(self, record: logging.LogRecord) -> None:
        """Formats the record and sends it."""
        try:
            message = self.format(record)[:LONGEST]
            if self._pipe.is_forked:
                print(f"{record.levelname} {record.name}: {message}", file=sys.stderr, flush=True)
            else:
                self._pipe.tell({"log": record.levelname, "logger": record.name, "message": message})
        except Exception:
            self.handleError(record)
