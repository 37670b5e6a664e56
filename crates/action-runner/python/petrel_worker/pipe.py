"""The pipe between a sensor's process and the engine: frames of JSON, calls that wait for their answers.

What is used here was taken before a sensor may replace it (eventlet's `monkey_patch` exchanges locks, threads and
functions of `os`): frames are written and read by real threads, whatever the sensor has patched. Where the sensor runs on
eventlet, a call lets its other green threads go on while it waits.
"""

from __future__ import annotations

import json
import math
import os
import struct
import sys
import traceback
from _thread import allocate_lock, get_ident, start_new_thread
from typing import Any, Callable, Optional

LARGEST = 16 << 20
"""Bytes of a frame."""
_HEADER = struct.Struct(">I")

_read, _write, _pipe, _close = os.read, os.write, os.pipe, os.close


class EngineError(Exception):
    """The engine refused a call, and says why."""


class _Lock:
    """Waits for an answer in a real thread."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._lock.acquire()

    def wait(self) -> None:
        self._lock.acquire()

    def wake(self) -> None:
        self._lock.release()


class _Green:
    """Waits for an answer in a green thread of eventlet: its hub watches a pipe."""

    def __init__(self, hubs: Any) -> None:
        self._hubs = hubs
        self._near, self._far = _pipe()

    def wait(self) -> None:
        try:
            self._hubs.trampoline(self._near, read=True)
        finally:
            _close(self._near)

    def wake(self) -> None:
        try:
            _write(self._far, b".")
        except OSError:
            # Whoever waited was killed.
            pass
        _close(self._far)


def green_hubs() -> Optional[Any]:
    """`eventlet.hubs` where this process runs on eventlet."""
    patcher = sys.modules.get("eventlet.patcher")
    hubs = sys.modules.get("eventlet.hubs")
    if patcher is None or hubs is None:
        return None
    return hubs if any(patcher.is_monkey_patched(name) for name in ("socket", "os", "thread", "time")) else None


def _waiter() -> Any:
    hubs = green_hubs()
    if hubs is None:
        return _Lock()
    from greenlet import getcurrent

    if getcurrent() is hubs.get_hub().greenlet:
        # The hub itself cannot wait for itself.
        return _Lock()
    return _Green(hubs)


class _Call:
    def __init__(self) -> None:
        self.waiter = _waiter()
        self.answer: dict[str, Any] = {}


class Pipe:
    """The sensor's end. `told` gets every frame that answers no call, `gone` is called when the engine is."""

    def __init__(self, descriptor: int, told: Callable[[dict[str, Any]], None], gone: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._told = told
        self._gone = gone
        self._writing = allocate_lock()
        self._writer: Optional[int] = None
        self._interruption: Optional[BaseException] = None
        self._calls: dict[int, _Call] = {}
        self._last = 0
        self._counting = allocate_lock()
        self.is_forked = False

    def first(self) -> dict[str, Any]:
        """The frame that comes before all others."""
        frame = self._frame()
        if frame is None:
            self._gone()
            raise EngineError("the engine has gone")
        return frame

    def listen(self) -> None:
        """Reads from now on, in a thread of its own."""
        start_new_thread(self._listen, ())

    def forked(self) -> None:
        """In a process that was forked: the pipe is its parent's, where answers arrive."""
        self.is_forked = True
        _close(self._descriptor)

    def tell(self, message: dict[str, Any]) -> None:
        """Sends a frame that wants no answer."""
        self._refuse_forked()
        self._send(encode(message))

    def call(self, what: str, given: dict[str, Any]) -> Any:
        """Asks the engine for something, and waits: as long as it takes."""
        self._refuse_forked()
        call = _Call()
        with self._counting:
            self._last += 1
            number = self._last
            self._calls[number] = call
        try:
            self._send(encode({"id": number, "call": what, "given": given}))
            call.waiter.wait()
        finally:
            self._calls.pop(number, None)
        if "error" in call.answer:
            raise EngineError(call.answer["error"])
        return call.answer.get("value")

    def interrupt(self, interruption: BaseException) -> None:
        """Raises this in the calling thread, but never amidst a frame. For signal handlers."""
        if self._writer == get_ident():
            self._interruption = interruption
        else:
            raise interruption

    def _refuse_forked(self) -> None:
        if self.is_forked:
            raise EngineError(
                "this process was forked by the sensor, whose own process alone speaks with the engine: hand over what "
                "is to be dispatched, by a queue for example, or use threads"
            )

    def _send(self, frame: bytes) -> None:
        data = memoryview(_HEADER.pack(len(frame)) + frame)
        with self._writing:
            self._writer = get_ident()
            try:
                while data:
                    data = data[_write(self._descriptor, data) :]
            except OSError:
                # Perhaps before the thread that reads, or the kernel's signal, could say so.
                self._gone()
                raise
            finally:
                self._writer = None
            interruption, self._interruption = self._interruption, None
        if interruption is not None:
            raise interruption

    def _listen(self) -> None:
        try:
            self._hear()
        except BaseException:
            # Without this thread every call would wait for ever.
            traceback.print_exc()
        self._gone()

    def _hear(self) -> None:
        while True:
            frame = self._frame()
            if frame is None:
                return
            call = self._calls.get(frame.get("id", 0))
            if call is None:
                self._told(frame)
            else:
                call.answer = frame
                call.waiter.wake()

    def _frame(self) -> Optional[dict[str, Any]]:
        header = self._exactly(_HEADER.size)
        if header is None:
            return None
        body = self._exactly(_HEADER.unpack(header)[0])
        if body is None:
            return None
        frame: dict[str, Any] = json.loads(body)
        return frame

    def _exactly(self, length: int) -> Optional[bytes]:
        pieces = []
        while length:
            try:
                piece = _read(self._descriptor, min(length, 1 << 20))
            except OSError:
                piece = b""
            if not piece:
                return None
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)


def encode(message: dict[str, Any]) -> bytes:
    """As JSON. What JSON cannot say becomes text: dates in ISO format, bytes decoded, sets lists; infinities are null."""
    try:
        text = json.dumps(message, ensure_ascii=False, allow_nan=False, default=_plain)
    except ValueError:
        text = json.dumps(_finite(message), ensure_ascii=False, allow_nan=False, default=_plain)
    frame = text.encode("utf-8", "replace")
    if len(frame) > LARGEST:
        raise ValueError(f"{len(frame)} bytes are too many for the engine, which takes {LARGEST} at once")
    return frame


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (set, frozenset)):
        return list(value)
    return str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
