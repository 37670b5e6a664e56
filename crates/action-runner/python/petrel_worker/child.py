"""One execution, in a fork of the warm parent."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import struct
import sys
import threading
import time
import types
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from petrel_worker import libraries, loading, outcome, place
from petrel_worker.action import ActionService
from petrel_worker.death import die_with_parent
from petrel_worker.limits import Limits


RESULT = b"r"
"""What goes to the runner begins with this: a result, its length (8 bytes) and its JSON."""
END = b"e"
"""Or with this: the end, and its exit code (4 bytes)."""
PIECE = 1 << 16
"""Bytes of a request that are read at once."""
WHOLE = b"\n"
"""The last byte of a request. Without it the runner has given the execution up."""


@dataclass(frozen=True)
class Descriptors:
    """What the runner sends along for an execution."""

    talk: int
    """Where the request is read from and the result goes to."""
    status: int
    """Where the process id goes to, and later how the process ended."""
    stdout: int
    stderr: int

    def close(self) -> None:
        """Closes them all."""
        for descriptor in (self.talk, self.status, self.stdout, self.stderr):
            os.close(descriptor)


@dataclass(frozen=True)
class Warmth:
    """What a fork knows of its parent."""

    worker: str
    """The folder of this package."""
    path: Sequence[str]
    """The interpreter's own `sys.path`."""
    roots: Sequence[str]
    """Where libraries lie."""
    modules: frozenset[str]
    """What is imported already."""
    preloaded: frozenset[str]
    """Which of them are libraries that actions wanted."""
    learn: socket.socket
    """Tells the parent which libraries were imported."""


@dataclass(frozen=True)
class Request:
    """What is to be run."""

    file: str
    pack: str
    pack_folder: str
    user: str
    parameters: dict[str, Any]
    config: dict[str, Any]
    log_level: str
    environment: dict[str, str]
    limits: dict[str, Optional[int]] = field(default_factory=dict)


@dataclass
class Wrapper:
    """What an action service knows of its action, under the names that st2 has."""

    _pack: str
    _class_name: str
    _log_level: str
    _user: str


def detach(parent: int) -> None:
    """Makes a session of its own, which ends with its parent."""
    os.setsid()
    die_with_parent(parent)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def settle(given: Descriptors) -> None:
    """Takes the given streams, and tells the process id."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (given.stdout, 1), (given.stderr, 2)):
        os.dup2(source, target)
        os.close(source)
    os.write(given.status, b"pid %d\n" % os.getpid())
    os.close(given.status)


def serve(given: Descriptors, warmth: Warmth) -> int:
    """Reads the request, runs it, tells its result and its end; gives back the exit code."""
    talk = socket.socket(fileno=given.talk)
    text = _read_all(talk)
    if not text.endswith(WHOLE):
        return 1
    request = Request(**json.loads(text))
    prepare(request, warmth)
    asked = os.getpid()
    code, result = run(request)
    if os.getpid() != asked:
        # The action has forked: it is the first process that tells what came of it.
        return leave(code)
    if result is not None and not _tell_result(talk, result):
        code = 1
    packs = (request.pack_folder, os.path.realpath(request.pack_folder), os.path.dirname(request.file))
    names = libraries.imported(warmth.modules, warmth.roots, packs)
    if names:
        try:
            warmth.learn.send(libraries.encode(names))
        except OSError:
            # The parent is busy or gone; some other time.
            pass
    code = leave(code)
    _tell_end(talk, code)
    return code


def _tell_result(talk: socket.socket, result: bytes) -> bool:
    try:
        talk.sendall(RESULT + struct.pack(">Q", len(result)) + result)
    except OSError as error:
        sys.stderr.write(
            f"The result cannot be handed over ({error}): the action has closed files that it has not opened.\n"
        )
        return False
    return True


def _tell_end(talk: socket.socket, code: int) -> None:
    """Says that nothing follows any more: what the kernel still has to do for this process need not be waited for."""
    try:
        for stream in (1, 2):
            # Closed for us, and not free for what a thread that is left may open.
            os.dup2(0, stream)
        talk.sendall(END + struct.pack(">i", code))
    except OSError:
        # Then the end of the process tells it.
        pass


def _read_all(talk: socket.socket) -> bytes:
    pieces = []
    while True:
        piece = talk.recv(PIECE)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def prepare(request: Request, warmth: Warmth) -> None:
    """Environment and search path."""
    os.environ.update(request.environment)
    place.settle(request.pack, request.pack_folder)
    time.tzset()
    sys.argv = [request.file]
    sys.path[:] = loading.search_path(warmth.path, request.pack_folder, request.file, warmth.worker)
    loading.forget_shadowed(request.pack_folder, warmth.preloaded)


def run(request: Request) -> tuple[int, Optional[bytes]]:
    """Runs the action; gives back an exit code and the encoded result. What goes wrong is told on standard error."""
    limits = Limits(**request.limits)
    try:
        limits.apply()
        status, result = outcome.split(_act(request))
        return 0, outcome.encode(status, result)
    except SystemExit as error:
        return _exit_code(error), None
    except outcome.InvalidStatus as error:
        sys.stderr.write(str(error))
        return outcome.INVALID_STATUS, None
    except outcome.UnfitResult as error:
        sys.stderr.write(f"{error}\n")
    except loading.LoadingError as error:
        sys.stderr.write(f"{error}\n")
        if error.__cause__ is not None:
            _print(error.__cause__)
            _explain(limits, error.__cause__)
    except BaseException as error:
        _print(error)
        _explain(limits, error)
    return 1, None


def _act(request: Request) -> Any:
    module = loading.load_module(request.file)
    cls = loading.find_class(module)
    wrapper = Wrapper(request.pack, cls.__name__, request.log_level, request.user)
    action = loading.make_instance(cls, request.config, ActionService(wrapper), request.log_level)
    try:
        return action.run(**request.parameters)
    except TypeError as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:
            # Nothing of it has run.
            raise loading.misfit(request.file, action, error) from None
        raise


def _exit_code(error: SystemExit) -> int:
    """As the interpreter does it."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    sys.stderr.write(f"{error.code}\n")
    return 1


def _print(error: BaseException) -> None:
    """The traceback of the action's own frames."""
    trace = _without_ours(error.__traceback__)
    sys.excepthook(type(error), error.with_traceback(trace), trace)


def _explain(limits: Limits, error: BaseException) -> None:
    explanation = limits.explanation(error) or loading.advice(error)
    if explanation is not None:
        sys.stderr.write(f"{explanation}\n")


def _without_ours(trace: Optional[types.TracebackType]) -> Optional[types.TracebackType]:
    ours = os.path.dirname(__file__)
    inner = trace
    while inner is not None:
        file = inner.tb_frame.f_code.co_filename
        if not file.startswith(ours) and not file.startswith("<frozen importlib"):
            return inner
        inner = inner.tb_next
    # Raised by us on the action's behalf, such as a wrong parameter: the last frame says enough.
    return None


def leave(code: int) -> int:
    """What the interpreter does at its end: waits for threads, runs what was registered, flushes."""
    try:
        shutdown = getattr(threading, "_shutdown", None)
        if shutdown is not None:
            shutdown()
        run_registered = getattr(atexit, "_run_exitfuncs", None)
        if run_registered is not None:
            run_registered()
    except BaseException as error:
        _print(error)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            # Closed, or replaced by something else.
            pass
    return code
