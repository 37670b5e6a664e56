"""A real warm parent, driven as the runner does it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import pytest

WORKER = str(Path(__file__).parent.parent)
PATIENCE = 30


@dataclass
class Ended:
    """How an execution ended."""

    code: int
    stdout: str
    stderr: str
    answer: Optional[dict[str, Any]]


class Running:
    """An execution on its way."""

    def __init__(self, control: socket.socket, request: dict[str, Any], whole: bytes = b"\n") -> None:
        self.talk, talk = socket.socketpair()
        self._status, status = os.pipe()
        self._stdout, stdout = os.pipe()
        self._stderr, stderr = os.pipe()
        given = [talk.fileno(), status, stdout, stderr]
        socket.send_fds(control, [b"run"], given)
        talk.close()
        for descriptor in given[1:]:
            os.close(descriptor)
        # Who has gone, or was never there, does not read it.
        with contextlib.suppress(BrokenPipeError):
            self.talk.sendall(json.dumps(request).encode() + whole)
            self.talk.shutdown(socket.SHUT_WR)
        self.pid = int(self._line().split()[1])

    def _line(self) -> str:
        text = b""
        while not text.endswith(b"\n"):
            piece = os.read(self._status, 1)
            if not piece:
                break
            text += piece
        return text.decode()

    def end(self) -> Ended:
        """Waits for its end."""
        talk = self.talk.fileno()
        printed: dict[int, bytes] = {self._stdout: b"", self._stderr: b"", talk: b""}
        open_ones = set(printed)
        while open_ones:
            ready, _, _ = select.select(list(open_ones), [], [], PATIENCE)
            assert ready, "waited in vain for the end of the output"
            for descriptor in ready:
                try:
                    piece = os.read(descriptor, 65536)
                except ConnectionResetError:
                    # It went before it had read its request.
                    piece = b""
                printed[descriptor] += piece
                if not piece:
                    open_ones.discard(descriptor)
        said = self._line()
        answer, told = _told(printed[talk])
        for descriptor in (self._stdout, self._stderr, self._status):
            os.close(descriptor)
        self.talk.close()
        code = int(said.split()[1]) if said.startswith("exit") else -1
        assert told in (None, code), "it tells its end as it comes"
        return Ended(code, printed[self._stdout].decode(), printed[self._stderr].decode(), answer)


def _told(talk: bytes) -> tuple[Optional[dict[str, Any]], Optional[int]]:
    """The result and the exit code that an execution tells."""
    answer, code = None, None
    while talk:
        if talk[:1] == b"r":
            length = struct.unpack(">Q", talk[1:9])[0]
            answer, talk = json.loads(talk[9 : 9 + length]), talk[9 + length :]
        else:
            assert talk[:1] == b"e", talk
            code, talk = struct.unpack(">i", talk[1:5])[0], talk[5:]
    return answer, code


class Parent:
    """A warm parent and a pack folder."""

    def __init__(self, pack: Path) -> None:
        self.pack = pack
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen(
            [sys.executable, "-u", WORKER],
            stdin=theirs,
            stderr=subprocess.PIPE,
            stdout=sys.__stderr__.fileno(),
            start_new_session=True,
        )
        theirs.close()
        self.control.settimeout(PATIENCE)
        ready = self.control.recv(64)
        assert ready == b"ready", self.process.stderr and self.process.stderr.read()

    def write(self, name: str, text: str) -> str:
        """Writes a file of the pack."""
        path = self.pack / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def start(self, source: str, name: str = "actions/act.py", whole: bytes = b"\n", **given: Any) -> Running:
        """Starts an action of this source."""
        request = {
            "file": self.write(name, source),
            "pack": "p",
            "pack_folder": str(self.pack),
            "user": "me",
            "parameters": {},
            "config": {},
            "log_level": "DEBUG",
            "environment": {},
        }
        return Running(self.control, {**request, **given}, whole)

    def run(self, source: str, **given: Any) -> Ended:
        """Runs an action of this source to its end."""
        return self.start(source, **given).end()

    def close(self) -> None:
        """Goes away, as a runner that was killed does."""
        self.control.close()
        self.process.wait(PATIENCE)
        if self.process.stderr:
            self.process.stderr.close()


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Parent]:
    """A warm parent of this interpreter."""
    parent = Parent(tmp_path / "p")
    yield parent
    parent.close()
