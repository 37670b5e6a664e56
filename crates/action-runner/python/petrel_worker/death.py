"""Processes do not outlive the one that started them."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Any, Optional

PR_SET_PDEATHSIG = 1


def _find() -> Optional[Any]:
    try:
        return ctypes.CDLL(None, use_errno=True).prctl
    except (AttributeError, OSError):
        # No Linux: then the runner kills what is left.
        return None


_prctl = _find()


def die_with_parent(parent: int, by: signal.Signals = signal.SIGKILL) -> None:
    """Has the kernel send this signal to this process when `parent` dies."""
    if _prctl is None:
        return
    _prctl(PR_SET_PDEATHSIG, int(by), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
