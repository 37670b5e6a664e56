"""Which libraries a warm parent should have imported, so that its forks need not.

Only what belongs to the interpreter is preloaded: the standard library, and what is installed beside it. A pack's own
files are imported anew by every execution, so that a changed file is noticed and a broken one harms nobody.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import types
from collections.abc import Iterable, Sequence

MOST = 2000
"""No more modules than these are named at once."""

PATCHING = ("eventlet", "gevent")
"""Who imports these may have changed other modules: nothing of what it imported is preloaded."""


def imported(before: Iterable[str], roots: Sequence[str], packs: Sequence[str]) -> list[str]:
    """The library modules, in order of import, that are there now and were not `before`.

    Those whose file lies below one of `roots`, and not below one of `packs`.
    """
    known = set(before)
    if any(name in sys.modules and name not in known for name in PATCHING):
        return []
    names = []
    for name, module in list(sys.modules.items()):
        if name not in known and name != "__main__" and _is_library(name, module, roots, packs):
            names.append(name)
    return names[:MOST]


def _is_library(name: str, module: object, roots: Sequence[str], packs: Sequence[str]) -> bool:
    if not isinstance(module, types.ModuleType):
        return False
    spec = getattr(module, "__spec__", None)
    if spec is None or spec.name != name or not spec.has_location or not spec.origin:
        return False
    return _is_below(spec.origin, roots) and not _is_below(spec.origin, packs)


def _is_below(file: str, folders: Sequence[str]) -> bool:
    return any(file.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders if folder)


def encode(names: Sequence[str]) -> bytes:
    """As a message."""
    return json.dumps(names).encode()


def decode(message: bytes) -> list[str]:
    """The names of a message; none where it is not one."""
    try:
        names = json.loads(message)
    except ValueError:
        return []
    if not isinstance(names, list):
        return []
    return [name for name in names if isinstance(name, str) and name.replace(".", "_").isidentifier()]


def load(names: Iterable[str]) -> None:
    """Imports what can be imported."""
    for name in names:
        try:
            importlib.import_module(name)
        except (Exception, SystemExit):  # noqa: PERF203
            # A library that an action could import may still fail here: then each action imports it for itself.
            sys.modules.pop(name, None)


def has_one_thread() -> bool:
    """Whether this process has a single thread, so that forking it is safe."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        import threading

        return threading.active_count() == 1
