"""The warm parent: it has this package and the libraries of its packs imported, and forks for each execution.

While nothing is asked of it, it forks for the next execution beforehand: that one then begins at once.

Packets on the control socket (standard input) ask for a fork: `run`, with four descriptors. Nothing that an action is
given passes through here: its fork reads the request by itself. When the socket is closed, the runner is gone, and
everything here goes with it.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass
from typing import NoReturn, Optional, Union

from petrel_worker import child, libraries
from petrel_worker.child import Descriptors, Warmth
from petrel_worker.death import die_with_parent

PACKET = 64
LARGEST_LESSON = 1 << 18
"""Bytes of names that a fork may tell at once."""
TRIAL_SECONDS = 60
"""How long trying libraries out may take."""


def main() -> None:
    """Serves until the runner closes the control socket."""
    control = socket.socket(fileno=os.dup(0))
    control.set_inheritable(False)
    worker = sys.path.pop(0)
    sys.path.append(worker)
    parent = Parent(control, worker)
    # Nothing may read the socket, nor write where the start is watched.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(1, 2)
    os.dup2(nothing, 1)
    os.close(nothing)
    control.send(b"ready")
    parent.serve()


@dataclass(frozen=True)
class Spare:
    """A fork that waits for its execution."""

    pid: int
    to: socket.socket
    """Where it is sent the descriptors; closed, it ends."""


class Parent:
    """The loop, and what runs."""

    def __init__(self, control: socket.socket, worker: str) -> None:
        self._control = control
        self._worker = worker
        self._path = [folder for folder in sys.path if folder != worker]
        self._roots = [root for root in dict.fromkeys([*self._path, worker]) if os.path.isabs(root)]
        self._running: dict[int, int] = {}
        """The status descriptor of each fork."""
        self._trial: Optional[tuple[int, list[str]]] = None
        """The fork that tries libraries out, and their names."""
        self._spare: Optional[Spare] = None
        self._is_short = False
        """The machine has refused a fork: no more is asked of it than must be."""
        self._known: set[str] = set()
        """Libraries that need not be looked at any more: loaded, or not to be loaded."""
        self._preloaded: set[str] = set()
        self._lessons, self._teach = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._lessons.setblocking(False)
        self._teach.setblocking(False)
        self._wakeup, alarm = os.pipe()
        os.set_blocking(self._wakeup, False)
        os.set_blocking(alarm, False)
        self._alarm = alarm
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def serve(self) -> None:
        """Until the runner is gone."""
        gc.freeze()
        while True:
            # One trial at a time: further lessons wait.
            lessons = [self._lessons] if self._trial is None else []
            is_content = self._spare is not None or self._is_short
            ready, _, _ = select.select([self._control, self._wakeup, *lessons], [], [], None if is_content else 0)
            if not ready:
                self._make_spare()
            if self._wakeup in ready:
                self._reap()
            if self._control in ready and not self._take_request():
                return self._abandon()
            if self._lessons in ready and self._trial is None:
                self._take_lesson()

    def _take_request(self) -> bool:
        """Forks for the next request; false when there will be none any more."""
        try:
            packet, descriptors, _, _ = socket.recv_fds(self._control, PACKET, 4, socket.MSG_CMSG_CLOEXEC)
        except ConnectionError:
            return False
        if not packet:
            return False
        if len(descriptors) != 4:
            # There is no room for all of them: that they are closed tells the runner.
            for descriptor in descriptors:
                os.close(descriptor)
            return True
        given = Descriptors(*descriptors)
        pid = self._use_spare(descriptors)
        if pid is None:
            try:
                pid = os.fork()
            except OSError as error:
                _tell(given.status, f"failed {error}\n")
                given.close()
                return True
            if pid == 0:
                self._be_child(given)
        self._is_short = False
        for descriptor in (given.talk, given.stdout, given.stderr):
            os.close(descriptor)
        self._running[pid] = given.status
        return True

    def _make_spare(self) -> None:
        try:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError:
            self._is_short = True
            return
        try:
            pid = os.fork()
        except OSError:
            self._is_short = True
            ours.close()
            theirs.close()
            return
        if pid == 0:
            ours.close()
            self._be_child(theirs)
        theirs.close()
        self._spare = Spare(pid, ours)

    def _use_spare(self, descriptors: list[int]) -> Optional[int]:
        """The process id of the spare fork, which takes the execution; `None` where there is none."""
        spare = self._spare
        if spare is None:
            return None
        self._spare = None
        try:
            socket.send_fds(spare.to, [b"run"], descriptors)
        except OSError:
            # It was killed.
            return None
        finally:
            spare.to.close()
        return spare.pid

    def _drop_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.to.close()

    def _be_child(self, given: Union[Descriptors, socket.socket]) -> NoReturn:
        """Serves an execution: this one, or the one that a socket brings."""
        code = 1
        try:
            parent = os.getppid()
            self._let_go()
            child.detach(parent)
            warmth = Warmth(
                worker=self._worker,
                path=self._path,
                roots=self._roots,
                modules=frozenset(sys.modules),
                preloaded=frozenset(self._preloaded),
                learn=self._teach,
            )
            if isinstance(given, socket.socket):
                _, descriptors, _, _ = socket.recv_fds(given, PACKET, 4, socket.MSG_CMSG_CLOEXEC)
                given.close()
                if len(descriptors) != 4:
                    # It is not needed.
                    os._exit(0)
                given = Descriptors(*descriptors)
            child.settle(given)
            code = child.serve(given, warmth)
        except BaseException as error:
            sys.excepthook(type(error), error, error.__traceback__)
        finally:
            os._exit(code)

    def _let_go(self) -> None:
        """Closes, in a fork, what is the parent's."""
        for status in self._running.values():
            os.close(status)
        self._drop_spare()
        self._control.close()
        self._lessons.close()
        os.close(self._wakeup)
        signal.set_wakeup_fd(-1)
        os.close(self._alarm)

    def _reap(self) -> None:
        try:
            os.read(self._wakeup, 4096)
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            code = os.waitstatus_to_exitcode(status)
            if self._spare is not None and self._spare.pid == pid:
                self._drop_spare()
            elif self._trial is not None and self._trial[0] == pid:
                self._end_trial(code)
            elif pid in self._running:
                if code < 0:
                    # It was killed, so it has not ended what it had started.
                    _kill_group(pid)
                status = self._running.pop(pid)
                _tell(status, f"exit {code}\n")
                os.close(status)

    def _take_lesson(self) -> None:
        """Tries in a fork whether libraries can be imported here without harm."""
        try:
            message = self._lessons.recv(LARGEST_LESSON)
        except BlockingIOError:
            return
        names = [name for name in libraries.decode(message) if name not in self._known and name not in sys.modules]
        if not names:
            return
        try:
            pid = os.fork()
        except OSError:
            return
        if pid == 0:
            self._try_out(names)
        self._trial = (pid, names)

    def _try_out(self, names: list[str]) -> NoReturn:
        code = 1
        try:
            parent = os.getppid()
            self._let_go()
            self._teach.close()
            os.setsid()
            die_with_parent(parent)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(TRIAL_SECONDS)
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            libraries.load(names)
            code = 0 if libraries.has_one_thread() else 1
        finally:
            os._exit(code)

    def _end_trial(self, code: int) -> None:
        names = self._trial[1] if self._trial is not None else []
        self._trial = None
        self._known.update(names)
        if code == 0:
            before = set(sys.modules)
            libraries.load(names)
            self._preloaded.update(set(sys.modules) - before)
            # It does not have them.
            self._drop_spare()
            gc.collect()
            gc.freeze()

    def _abandon(self) -> None:
        """Kills what runs: there is nobody to tell its end."""
        pids = list(self._running)
        if self._trial is not None:
            pids.append(self._trial[0])
        for pid in pids:
            # What is no group of its own yet dies with this process.
            _kill_group(pid)


def _tell(status: int, line: str) -> None:
    try:
        os.write(status, line.encode())
    except OSError:
        # Nobody waits for it any more.
        pass


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        # None of it is left.
        pass
