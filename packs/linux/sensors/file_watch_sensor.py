"""Follows the files that rules ask for and dispatches `linux.file_watch.line` for each new line.

A file is followed from its end. It may appear later, be truncated or be replaced (log rotation): then the new content
is read from its beginning.
"""

import os
import threading

from st2reactor.sensor.base import Sensor

POLL_SECONDS = 0.5


class Follower:
    """One file: where we are in it, and the start of a line that is not finished yet."""

    def __init__(self, path):
        self.path = path
        self.file = None
        self.rest = b""
        self._open(at_end=True)

    def _open(self, at_end):
        try:
            self.file = open(self.path, "rb")
        except OSError:
            self.file = None
            return
        if at_end:
            self.file.seek(0, os.SEEK_END)

    def _is_replaced(self):
        try:
            now = os.stat(self.path)
        except OSError:
            return False  # gone; what is still to be read of the old one is read
        then = os.fstat(self.file.fileno())
        return (now.st_dev, now.st_ino) != (then.st_dev, then.st_ino)

    def lines(self):
        """Gives the lines that were finished since the last call."""
        if self.file is None:
            self._open(at_end=False)
            if self.file is None:
                return []
        replaced = self._is_replaced()
        if os.fstat(self.file.fileno()).st_size < self.file.tell():
            self.file.seek(0)
            self.rest = b""
        *finished, self.rest = (self.rest + self.file.read()).split(b"\n")
        if replaced:
            if self.rest:
                finished.append(self.rest)
            self.close()
            self._open(at_end=False)
        return [line.decode("utf-8", "replace") for line in finished]

    def close(self):
        if self.file is not None:
            self.file.close()
            self.file = None
        self.rest = b""


class FileWatchSensor(Sensor):
    def __init__(self, sensor_service, config=None):
        super().__init__(sensor_service=sensor_service, config=config)
        self._logger = self.sensor_service.get_logger(__name__)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._followers = {}  # trigger's ref -> Follower

    def setup(self):
        pass

    def run(self):
        while not self._stop.wait(POLL_SECONDS):
            self.poll()

    def poll(self):
        """Dispatches what was added to the files since the last time."""
        with self._lock:
            followers = list(self._followers.items())
        for trigger, follower in followers:
            for line in follower.lines():
                self.sensor_service.dispatch(
                    trigger=trigger,
                    payload={
                        "file_path": follower.path,
                        "file_name": os.path.basename(follower.path),
                        "line": line,
                    },
                )

    def cleanup(self):
        self._stop.set()

    def add_trigger(self, trigger):
        path = (trigger.get("parameters") or {}).get("file_path")
        if not path:
            self._logger.error('The trigger %s names no "file_path".', trigger.get("ref"))
            return
        with self._lock:
            self._followers[trigger["ref"]] = Follower(path)
        self._logger.info("Following %s", path)

    def update_trigger(self, trigger):
        self.remove_trigger(trigger)
        self.add_trigger(trigger)

    def remove_trigger(self, trigger):
        with self._lock:
            follower = self._followers.pop(trigger.get("ref"), None)
        if follower:
            self._logger.info("No longer following %s", follower.path)
