"""What a pack wants installed: its `requirements.txt`, and what it imports without saying so.

StackStorm's own Python happens to offer some libraries, and many packs count on that. Each of these is installed only
where a file of the pack imports it, so that a pack without dependencies needs no virtualenv.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

OFFERED = {
    "dateutil": "python-dateutil",
    "eventlet": "eventlet",
    "oslo_config": "oslo.config",
    "paramiko": "paramiko",
    "pkg_resources": "setuptools<81",
    "pytz": "pytz",
    "requests": "requests",
    "simplejson": "simplejson",
    "six": "six",
    "urllib3": "urllib3",
    "yaml": "pyyaml",
}
"""By the module that packs import: what is installed for it."""

OFFERED_TO_TESTS = {"mock": "mock", "pytest": "pytest"}
"""The same for the tests of packs: `st2-run-pack-tests` has a library for mocks, and runs functions as tests."""

_INCLUDED = re.compile(r"^(?:-r|-c|--requirement|--constraint)[ =]?\s*(.+)$")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Wants:
    """What must be in the virtualenv of a pack."""

    requirements: tuple[str, ...]
    """The lines of `requirements.txt` and of files that it includes, without comments."""
    offered: tuple[str, ...]
    """What else is installed."""

    def __bool__(self) -> bool:
        return bool(self.requirements or self.offered)

    def key(self) -> str:
        """Differs where another virtualenv is needed: by what is wanted, and by the version of Python."""
        content = json.dumps([self.requirements, self.offered, sys.version_info[:2]])
        return hashlib.sha256(content.encode()).hexdigest()[:16]


FILES = ("requirements.txt",)
"""Where packs say what they want."""
FILES_OF_TESTS = ("requirements.txt", "requirements-tests.txt")
"""Where packs say what their tests want."""


def of_pack(folder: str, files: tuple[str, ...] = FILES) -> Wants:
    """What the pack in a folder wants."""
    seen: set[str] = set()
    lines = tuple(line for file in files for line in _lines(os.path.join(folder, file), seen))
    named = {_plain(match.group()) for match in map(_NAME.match, lines) if match}
    tests = files == FILES_OF_TESTS
    all_offered = {**OFFERED, **OFFERED_TO_TESTS} if tests else OFFERED
    offered = {all_offered[module] for module in _imported(folder, tests) if module in all_offered}
    missing = sorted(one for one in offered if _plain(re.split("[<>=]", one)[0]) not in named)
    return Wants(lines, tuple(missing))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _lines(path: str, seen: set[str]) -> Iterator[str]:
    """The lines that say something; those of included files follow the line that includes them."""
    if path in seen:
        return
    seen.add(path)
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            text = file.read()
    except OSError:
        # pip and uv say what is wrong with it.
        return
    for line in re.sub(r"\\\r?\n", "", text).splitlines():
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        if not line:
            continue
        yield line
        included = _INCLUDED.match(line)
        if included:
            yield from _lines(os.path.join(os.path.dirname(path), included.group(1).strip()), seen)


def _imported(folder: str, tests: bool) -> set[str]:
    """The first names of the modules that the pack's files import; those of its tests count where that is said."""
    names: set[str] = set()
    for path in _python_files(folder, tests):
        try:
            with open(path, "rb") as file, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(file.read())
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            # It says so itself when it runs.
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names.add(node.module.split(".")[0])
    return names


def _python_files(folder: str, tests: bool) -> Iterator[str]:
    for path, folders, files in os.walk(folder):
        left_out = "tests" if path == folder and not tests else None
        folders[:] = [name for name in folders if not name.startswith(".") and name != left_out]
        yield from (os.path.join(path, name) for name in files if name.endswith(".py"))
