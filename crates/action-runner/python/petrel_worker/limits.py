"""What the process of an execution may use at most, and what is said when it wants more."""

from __future__ import annotations

import errno
import resource
from dataclasses import dataclass
from typing import Optional

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """As `[python]` of the configuration says it; `None` is no limit beside those of the machine."""

    memory_mib: Optional[int] = None
    """Of data: what the interpreter and its libraries hold counts, their files do not."""
    cpu_seconds: Optional[int] = None
    open_files: Optional[int] = None
    processes: Optional[int] = None
    """Of the user that the runner runs as, all of them together; the kernel lets root have any number."""

    def apply(self) -> None:
        """Binds this process and all that it starts."""
        if self.memory_mib is not None:
            _lower(resource.RLIMIT_DATA, self.memory_mib * MIB)
        if self.cpu_seconds is not None:
            # The signal of the first one may be caught; the kernel kills at the second one.
            _lower(resource.RLIMIT_CPU, self.cpu_seconds, self.cpu_seconds + 1)
        if self.open_files is not None:
            _lower(resource.RLIMIT_NOFILE, self.open_files)
        if self.processes is not None:
            _lower(resource.RLIMIT_NPROC, self.processes)

    def explanation(self, error: BaseException) -> Optional[str]:
        """Which limit an error comes from; `None` where none explains it."""
        if isinstance(error, MemoryError) and self.memory_mib is not None:
            return f"the action may use {self.memory_mib} MiB of memory, and wanted more (`max_memory_mib` of `[python]`)"
        number = getattr(error, "errno", None)
        if number == errno.EMFILE and self.open_files is not None:
            return f"the action may have {self.open_files} files open, and wanted more (`max_open_files` of `[python]`)"
        if number == errno.EAGAIN and self.processes is not None and isinstance(error, BlockingIOError):
            return (
                f"the user of the action may have {self.processes} processes, and the action wanted more "
                "(`max_processes` of `[python]`)"
            )
        return None


def _lower(which: int, soft: int, hard: Optional[int] = None) -> None:
    """Never raises a limit that the machine has set."""
    machines = resource.getrlimit(which)
    limits = []
    for wanted, there in zip((soft, soft if hard is None else hard), machines):
        limits.append(wanted if there == resource.RLIM_INFINITY else min(wanted, there))
    resource.setrlimit(which, (limits[0], limits[1]))
