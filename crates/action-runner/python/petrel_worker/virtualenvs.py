"""The virtualenvs of packs: one each, built beside the one in use and put in its place in one step.

`VIRTUALENVS/PACK` is a link to the one in force. Builds lie in `VIRTUALENVS/.PACK`, where a link for each kind of wants
(`wants.Wants.key`) names the build that satisfies them; so two versions of a pack can run at the same time. A
virtualenv that somebody made by hand as `VIRTUALENVS/PACK` is used as it is.

Built by uv where there is one, else by venv and pip. Proxies and indexes come from the environment, as both read them.

    python -m petrel_worker.virtualenvs ensure --pack NAME --folder FOLDER --virtualenvs FOLDER

prints progress on standard error and one object of JSON on standard output: `virtualenv` (null where none is needed),
`built`, `freeze` (what was installed, where it was built), `error` (why it could not be built; an older one may be
named all the same).
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from petrel_worker import wants
from petrel_worker.wants import Wants

QUIET = 60.0
"""A build that failed is not tried again within so many seconds, unless it is asked for."""
KEPT = 2
"""So many kinds of wants keep their builds, and so many builds that nothing names."""

_CREDENTIALS = re.compile(r"(?<=://)[^/\s]+@")
_CULPRITS = (
    re.compile(r"Requirement ['\"]?([^'\"]+)['\"]? looks like a filename, but"),
    re.compile(r"No matching distribution found for ([^\s(]+)"),
    re.compile(r"satisfies the requirement ([^\s(]+)"),
    re.compile(r"Failed building wheel for (\S+)"),
    re.compile(r"Failed to build:? [`'\"]?([^\s`'\"]+)"),
    re.compile(r"Invalid requirement: ['\"]?([^'\"]+?)['\"]?(?: |:|$)"),
    re.compile(r"Because (\S+) was not found"),
    re.compile(r"there is no version of (\S+)"),
    re.compile(r"git (?:clone|fetch) (?:--\S+ )*['\"]?([^\s'\"]+)['\"]? .*(?:did not run|exit status)"),
    re.compile(r"Could not open requirements file: .*?['\"]([^'\"]+)['\"]"),
)

_SAYS_WHY = re.compile(
    r"\s*(?:ERROR|error|fatal|ssh|cause|╰─▶|×|Error|Hint|hint|Host key|Permission denied|.*Error)(?!\w)"
)
"""Lines of pip, uv, git and ssh that say why something failed."""
_SAYS_NOTHING = re.compile(r"subprocess-exited-with-error|See above for output")

Tell = Callable[[str], None]


def masked(text: str) -> str:
    """Without what stands before the `@` of addresses: names, passwords, tokens."""
    return _CREDENTIALS.sub("****@", text)


class BuildError(Exception):
    """A virtualenv could not be built: what failed, and why."""


@dataclass
class Virtualenv:
    """What a pack has."""

    path: Optional[str]
    """Its folder; `None` where the pack wants nothing."""
    built: bool = False
    """Whether it was built just now."""
    freeze: str = ""
    """What is installed, a line each, where it was built just now."""


@dataclass
class Place:
    """Where the virtualenvs of one pack are."""

    virtualenvs: str
    pack: str
    tell: Tell
    others: tuple[str, ...] = ()
    """Folders of virtualenvs that somebody else makes: what is there is used where there is none of ours."""
    files: tuple[str, ...] = wants.FILES
    """Where the pack says what it wants."""
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def current(self) -> str:
        """The one in force."""
        return os.path.join(self.virtualenvs, self.pack)

    @property
    def builds(self) -> str:
        """The folder of builds."""
        return os.path.join(self.virtualenvs, "." + self.pack)

    def of(self, key: str) -> str:
        """The one for these wants."""
        return os.path.join(self.builds, key)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else builds for this pack meanwhile, on this machine."""
        os.makedirs(self.builds, mode=0o755, exist_ok=True)
        with open(os.path.join(self.builds, "lock"), "a", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.tell(f"waiting: somebody else builds the virtualenv of pack `{self.pack}`")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield


def ensure(place: Place, folder: str, rebuild: bool = False, pins: str = "") -> Virtualenv:
    """The virtualenv of the pack in `folder`, built where there is none for what it wants, or where `rebuild` is set.

    `pins` are versions (`name==version` lines) that are installed where the pack leaves the choice.
    """
    wanted = wants.of_pack(folder, place.files)
    ready = None if rebuild else _ready(place, wanted)
    if ready is not None:
        return ready
    if not wanted:
        return Virtualenv(None)
    with place.alone():
        ready = None if rebuild else _ready(place, wanted)
        if ready is not None:
            return ready
        if not rebuild:
            _refuse_again(place, wanted)
        build = os.path.join(place.builds, f"{wanted.key()}-{secrets.token_hex(4)}")
        try:
            freeze = _build(place, wanted, folder, build, pins)
        except BaseException as error:
            shutil.rmtree(build, ignore_errors=True)
            if isinstance(error, BuildError):
                _remember(place, wanted, str(error))
            raise
        _put_in_force(place, wanted, build)
        _tidy(place)
        return Virtualenv(place.of(wanted.key()), built=True, freeze=freeze)


def remove(place: Place) -> None:
    """Removes all virtualenvs of a pack."""
    if os.path.islink(place.current):
        os.unlink(place.current)
    else:
        shutil.rmtree(place.current, ignore_errors=True)
    shutil.rmtree(place.builds, ignore_errors=True)


def fallback(place: Place) -> Optional[str]:
    """The one in force, whatever it was built for."""
    return place.current if _works(place.current) else None


def _works(virtualenv: str) -> bool:
    return os.access(os.path.join(virtualenv, "bin", "python"), os.X_OK)


def _ready(place: Place, wanted: Wants) -> Optional[Virtualenv]:
    if _works(place.of(wanted.key())):
        return Virtualenv(place.of(wanted.key()))
    if _works(place.current) and not os.path.islink(place.current):
        return Virtualenv(place.current)
    if not os.path.lexists(place.current):
        made = (os.path.join(folder, place.pack) for folder in place.others)
        return next((Virtualenv(path) for path in made if _works(path)), None)
    return None


def _build(place: Place, wanted: Wants, folder: str, build: str, pins: str) -> str:
    """Makes the virtualenv and installs into it; gives back what is installed."""
    os.makedirs(build)
    listed = [path for path in (os.path.join(folder, file) for file in place.files) if os.path.isfile(path)]
    arguments = [word for path in listed for word in ("-r", path)] + list(wanted.offered)
    tool = _Uv.find(place, folder) or _Pip(place, folder)
    named = ", ".join(line for line in wanted.requirements + wanted.offered if not line.startswith("-"))
    place.tell(masked(f"building the virtualenv of pack `{place.pack}` with {tool.name}: {named}"))
    started = time.monotonic()
    tool.make(build)
    pins = _usable(pins)
    if pins:
        file = os.path.join(build, "pins.txt")
        with open(file, "w", encoding="utf-8") as out:
            out.write(pins)
        try:
            tool.install(build, [*arguments, "-c", file])
        except BuildError as error:
            place.tell(f"the versions that other nodes have cannot be installed here: {error}")
            tool.install(build, arguments)
    else:
        tool.install(build, arguments)
    freeze = tool.freeze(build)
    requirements = [masked(line) for line in wanted.requirements]
    note = {"pack": place.pack, "requirements": requirements, "offered": wanted.offered, "freeze": freeze}
    with open(os.path.join(build, "petrel.json"), "w", encoding="utf-8") as out:
        json.dump(note, out)
    place.tell(f"the virtualenv of pack `{place.pack}` is ready after {time.monotonic() - started:.1f} s")
    return freeze


def _usable(pins: str) -> str:
    """The lines that name a version; those that name a folder of another machine are of no use."""
    return "".join(f"{line}\n" for line in pins.splitlines() if re.match(r"^[\w.\[\]-]+==\S+$", line.strip()))


class _Tool:
    name = ""

    def __init__(self, place: Place, folder: str) -> None:
        self._place = place
        self._folder = folder

    def make(self, build: str) -> None:
        raise NotImplementedError

    def install(self, build: str, arguments: list[str]) -> None:
        raise NotImplementedError

    def freeze(self, build: str) -> str:
        raise NotImplementedError

    def _run(self, command: list[str], cache: str) -> str:
        """Runs a command in the pack's folder, since requirements may name files there; each line is told."""
        environment = dict(self._place.environment)
        environment.setdefault(cache, os.path.join(self._place.virtualenvs, ".cache", self.name))
        environment.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PYTHONUNBUFFERED="1", NO_COLOR="1")
        # Nobody is there whom git and ssh might ask on the terminal that an engine was started from.
        environment["GIT_TERMINAL_PROMPT"] = "0"
        environment.setdefault("SSH_ASKPASS", "/bin/false")
        environment.setdefault("SSH_ASKPASS_REQUIRE", "force")
        for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"):
            environment.pop(name, None)
        lines = []
        with subprocess.Popen(
            command,
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                line = masked(line.rstrip())
                if line:
                    lines.append(line)
                    self._place.tell(line)
        if process.returncode != 0:
            raise BuildError(_explanation(self._place.pack, command, process.returncode, lines))
        return "\n".join(lines)


class _Pip(_Tool):
    name = "pip"

    def make(self, build: str) -> None:
        self._run([sys.executable, "-m", "venv", build], "PIP_CACHE_DIR")

    def install(self, build: str, arguments: list[str]) -> None:
        self._run([self._python(build), "-m", "pip", "install", *arguments], "PIP_CACHE_DIR")

    def freeze(self, build: str) -> str:
        return self._run([self._python(build), "-m", "pip", "freeze"], "PIP_CACHE_DIR")

    def _python(self, build: str) -> str:
        return os.path.join(build, "bin", "python")


class _Uv(_Tool):
    name = "uv"

    def __init__(self, place: Place, folder: str, program: str) -> None:
        super().__init__(place, folder)
        self._uv = program

    @classmethod
    def find(cls, place: Place, folder: str) -> Optional[_Uv]:
        program = shutil.which("uv", path=place.environment.get("PATH"))
        return cls(place, folder, program) if program else None

    def make(self, build: str) -> None:
        self._run([self._uv, "venv", "--quiet", "--python", sys.executable, build], "UV_CACHE_DIR")

    def install(self, build: str, arguments: list[str]) -> None:
        self._run([self._uv, "pip", "install", "--python", build, *arguments], "UV_CACHE_DIR")

    def freeze(self, build: str) -> str:
        return self._run([self._uv, "pip", "freeze", "--quiet", "--python", build], "UV_CACHE_DIR")


def _explanation(pack: str, command: list[str], code: int, lines: list[str]) -> str:
    """Which requirement failed, and why."""
    culprit = next((found.group(1) for line in lines for found in _found(line)), None)
    errors = [line.strip() for line in lines if _SAYS_WHY.match(line) and not _SAYS_NOTHING.search(line)]
    reason = "; ".join(list(dict.fromkeys(errors or lines))[-5:]) or f"exit code {code}"
    tool = os.path.basename(command[0])
    if culprit:
        return f"the virtualenv of pack `{pack}` cannot be built: requirement `{culprit.rstrip(',.;:')}` failed: {reason}"
    return f"the virtualenv of pack `{pack}` cannot be built: {tool} ended with {code}: {reason}"


def _found(line: str) -> Iterator[re.Match[str]]:
    for pattern in _CULPRITS:
        match = pattern.search(line)
        if match:
            yield match


def _put_in_force(place: Place, wanted: Wants, build: str) -> None:
    _link(place.of(wanted.key()), os.path.basename(build))
    if os.path.isdir(place.current) and not os.path.islink(place.current):
        os.rename(place.current, os.path.join(place.builds, f"by-hand-{secrets.token_hex(4)}"))
    _link(place.current, os.path.join("." + place.pack, wanted.key()))
    _forget(place, wanted)


def _link(at: str, to: str) -> None:
    """Makes a link, in the place of whatever link is there: at no time is there none."""
    draft = f"{at}.{secrets.token_hex(4)}"
    os.symlink(to, draft)
    os.replace(draft, at)


def _tidy(place: Place) -> None:
    """Removes builds that nothing has named for long. Those that were named until now may still run."""
    entries = [os.path.join(place.builds, name) for name in os.listdir(place.builds)]
    links = sorted((path for path in entries if os.path.islink(path)), key=_age)
    for link in links[KEPT:]:
        os.unlink(link)
    named = {os.path.realpath(link) for link in links[:KEPT]}
    folders = [path for path in entries if os.path.isdir(path) and not os.path.islink(path)]
    unnamed = sorted((path for path in folders if os.path.realpath(path) not in named), key=_age)
    for path in unnamed[KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _age(path: str) -> float:
    return -os.lstat(path).st_mtime


def _failure(place: Place, wanted: Wants) -> str:
    return place.of(wanted.key()) + ".failed"


def _remember(place: Place, wanted: Wants, error: str) -> None:
    with open(_failure(place, wanted), "w", encoding="utf-8") as out:
        out.write(error)


def _forget(place: Place, wanted: Wants) -> None:
    try:
        os.unlink(_failure(place, wanted))
    except FileNotFoundError:
        pass


def _refuse_again(place: Place, wanted: Wants) -> None:
    path = _failure(place, wanted)
    try:
        is_recent = time.time() - os.stat(path).st_mtime < QUIET
        with open(path, encoding="utf-8") as file:
            error = file.read()
    except FileNotFoundError:
        return
    if is_recent:
        raise BuildError(error)


def _arguments(given: Optional[list[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="virtualenvs")
    parser.add_argument("what", choices=["ensure", "rebuild"])
    parser.add_argument("--pack", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--virtualenvs", required=True, action="append", help="ours first")
    parser.add_argument("--tests", action="store_true", help="with what the tests of the pack want")
    parser.add_argument("--pins", default="", help="versions, a line each")
    return parser.parse_args(given)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(given: Optional[list[str]] = None) -> dict[str, Any]:
    """Does what the command line asks for; gives back what is printed."""
    arguments = _arguments(given)
    ours, *others = arguments.virtualenvs
    # Programs in a virtualenv name its path: not that of a link, which may go before it.
    ours = os.path.realpath(ours)
    place = Place(ours, arguments.pack, _say, tuple(others))
    if arguments.tests:
        place = Place(ours, arguments.pack + ".tests", _say, files=wants.FILES_OF_TESTS)
    try:
        found = ensure(place, arguments.folder, rebuild=arguments.what == "rebuild", pins=arguments.pins)
    except BuildError as error:
        return {"virtualenv": fallback(place), "built": False, "freeze": "", "error": str(error)}
    return {"virtualenv": found.path, "built": found.built, "freeze": found.freeze, "error": None}


if __name__ == "__main__":
    print(json.dumps(main()))
