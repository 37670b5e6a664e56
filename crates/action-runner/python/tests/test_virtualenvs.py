"""Virtualenvs are really built, from wheels that these tests make: no index is asked."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import threading
import warnings
import zipfile
from pathlib import Path

import pytest

from petrel_worker import virtualenvs, wants
from petrel_worker.virtualenvs import BuildError, Place, Virtualenv


def wheel(folder: Path, name: str, version: str) -> None:
    """A library with a `VERSION`."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)


class Workplace:
    """A pack, a folder of virtualenvs, and an index that is a folder."""

    def __init__(self, folder: Path) -> None:
        self.pack = folder / "pack"
        self.wheels = folder / "wheels"
        self.lines: list[str] = []
        self.virtualenvs = folder / "virtualenvs"
        self.place = Place(str(self.virtualenvs), "p", self.lines.append)
        self.place.environment.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(self.wheels), PIP_CONFIG_FILE="/dev/null")
        self.place.environment["PATH"] = "/usr/bin:/bin"
        self.pack.mkdir()
        self.wheels.mkdir()

    def requires(self, text: str) -> None:
        (self.pack / "requirements.txt").write_text(text)

    def ensure(self, rebuild: bool = False, pins: str = "") -> Virtualenv:
        return virtualenvs.ensure(self.place, str(self.pack), rebuild, pins)

    def version(self, virtualenv: object, name: str = "shout") -> str:
        code = f"import {name}; print({name}.VERSION)"
        command = [f"{virtualenv}/bin/python", "-c", code]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def work(tmp_path: Path) -> Workplace:
    workplace = Workplace(tmp_path)
    wheel(workplace.wheels, "shout", "1.0")
    return workplace


def test_a_pack_that_wants_nothing_has_none(work: Workplace) -> None:
    work.requires("# nothing\n\n")

    assert work.ensure() == Virtualenv(None)
    assert not (work.virtualenvs / "p").exists()


def test_builds_once_and_says_what_it_does(work: Workplace) -> None:
    work.requires("shout  # loudly\n")

    first, second = work.ensure(), work.ensure()

    assert first.built and first.freeze.startswith("shout==1.0")
    assert (second.path, second.built) == (first.path, False)
    assert work.version(work.virtualenvs / "p") == "1.0"
    assert work.lines[0] == "building the virtualenv of pack `p` with pip: shout"
    assert work.lines[-1].startswith("the virtualenv of pack `p` is ready after ")


class Proxy(http.server.BaseHTTPRequestHandler):
    """A proxy that knows the index at `index.invalid`, which has one library."""

    wheels: Path
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        name = self.path.rstrip("/").rpartition("/")[2]
        if name.endswith(".whl"):
            body = (self.wheels / name).read_bytes()
        else:
            links = (f'<a href="/files/{wheel.name}">{wheel.name}</a>' for wheel in self.wheels.iterdir())
            body = "".join(links).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream" if name.endswith(".whl") else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is to be told."""


def test_index_and_proxy_of_the_environment_are_used_and_wheels_are_cached(work: Workplace) -> None:
    work.requires("shout\n")
    handler = type("Handler", (Proxy,), {"wheels": work.wheels, "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "no_proxy", "NO_PROXY"):
            work.place.environment.pop(name, None)
        work.place.environment.update(
            PIP_INDEX_URL="http://index.invalid/simple",
            PIP_TRUSTED_HOST="index.invalid",
            http_proxy=f"http://127.0.0.1:{server.server_port}",
        )
        first = work.ensure()
        fetched = [path for path in handler.asked if path.endswith(".whl")]
        again = work.ensure(rebuild=True)
        server.shutdown()

    assert fetched == ["http://index.invalid/files/shout-1.0-py3-none-any.whl"]
    assert work.version(first.path) == work.version(again.path) == "1.0"
    assert again.built
    assert [path for path in handler.asked if path.endswith(".whl")] == fetched, "the second build has it from the cache"


def test_uv_builds_where_there_is_one(work: Workplace) -> None:
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed")
    work.requires("shout\n")
    work.place.environment["PATH"] = f"{Path(uv).parent}:/usr/bin:/bin"
    work.place.environment.update(UV_OFFLINE="1", UV_FIND_LINKS=str(work.wheels))

    found = work.ensure()

    assert found.built and found.freeze.startswith("shout==1.0")
    assert work.version(found.path) == "1.0"
    assert work.lines[0] == "building the virtualenv of pack `p` with uv: shout"
    work.requires("whisper\n")
    with pytest.raises(BuildError, match="requirement `whisper` failed: .*Because whisper was not found"):
        work.ensure()
    work.requires("git+https://s3cr3t@127.0.0.1:1/some/thing.git\n")
    del work.place.environment["UV_OFFLINE"]
    expected = r"requirement `https://\*\*\*\*@127.0.0.1:1/some/thing.git` failed: .*fatal: unable to access "
    with pytest.raises(BuildError, match=expected):
        work.ensure()
    assert "s3cr3t" not in "".join(work.lines)
    assert virtualenvs.fallback(work.place) is not None


def test_a_failed_build_leaves_the_old_one_and_names_the_requirement(work: Workplace) -> None:
    work.requires("shout\n")
    work.ensure()
    work.requires("shout\nwhisper==3\n")

    with pytest.raises(BuildError) as failed:
        work.ensure()

    expected = "the virtualenv of pack `p` cannot be built: requirement `whisper==3` failed: "
    assert str(failed.value).startswith(expected), failed.value
    assert "No matching distribution found for whisper==3" in str(failed.value)
    assert virtualenvs.fallback(work.place) == str(work.virtualenvs / "p")
    assert work.version(work.virtualenvs / "p") == "1.0"
    drafts = [path for path in (work.virtualenvs / ".p").iterdir() if path.is_dir() and not path.is_symlink()]
    assert len(drafts) == 1


def test_a_failure_is_not_repeated_at_once_unless_asked_for(work: Workplace) -> None:
    work.requires("whisper\n")
    for _ in range(2):
        with pytest.raises(BuildError):
            work.ensure()
    assert sum(line.startswith("building") for line in work.lines) == 1

    wheel(work.wheels, "whisper", "2.0")

    assert work.version(work.ensure(rebuild=True).path, "whisper") == "2.0"


def test_pins_decide_what_the_pack_leaves_open(work: Workplace) -> None:
    wheel(work.wheels, "shout", "2.0")
    work.requires("shout\n")

    pinned = work.ensure(pins="shout==1.0\nother @ file:///elsewhere\n")
    free = work.version(pinned.path), work.version(work.ensure(rebuild=True).path)

    assert free == ("1.0", "2.0")


def test_pins_that_cannot_be_had_are_told_of_and_left(work: Workplace) -> None:
    work.requires("shout\n")

    assert work.version(work.ensure(pins="shout==9.9\n").path) == "1.0"
    assert any(line.startswith("the versions that other nodes have cannot") for line in work.lines)


def test_one_that_was_made_by_hand_is_used_until_another_is_asked_for(work: Workplace) -> None:
    work.requires("shout\n")
    by_hand = work.virtualenvs / "p"
    (by_hand / "bin").mkdir(parents=True)
    (by_hand / "bin/python").write_text("#!/bin/sh\n")
    (by_hand / "bin/python").chmod(0o755)

    assert work.ensure() == Virtualenv(str(by_hand))
    assert work.ensure(rebuild=True).built
    assert by_hand.is_symlink() and work.version(by_hand) == "1.0"


def test_one_that_stackstorm_has_made_is_used(work: Workplace, tmp_path: Path) -> None:
    work.requires("shout\n")
    program = tmp_path / "st2/p/bin/python"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    work.place.others = (str(tmp_path / "st2"),)

    assert work.ensure() == Virtualenv(str(tmp_path / "st2/p"))


def test_programs_do_not_depend_on_a_link_to_the_folder(
    work: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in work.place.environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "link").symlink_to(work.virtualenvs)
    work.virtualenvs.mkdir()
    work.requires("shout\n")
    arguments = ["ensure", "--pack", "p", "--folder", str(work.pack), "--virtualenvs", str(tmp_path / "link")]

    said = virtualenvs.main(arguments)

    assert said["virtualenv"].startswith(str(work.virtualenvs)), said
    program = Path(said["virtualenv"], "bin/pip").read_text()
    assert program.startswith(f"#!{work.virtualenvs}/"), program


def test_removes_all_of_a_pack(work: Workplace) -> None:
    work.requires("shout\n")
    work.ensure()

    virtualenvs.remove(work.place)

    assert list(work.virtualenvs.glob("*")) == []
    assert not (work.virtualenvs / ".p").exists()


def test_two_that_come_at_once_build_once(work: Workplace) -> None:
    work.requires("shout\n")
    found: list[Virtualenv] = []
    threads = [threading.Thread(target=lambda: found.append(work.ensure())) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(one.built for one in found) == [False, True]
    assert found[0].path == found[1].path


def test_requirements_may_name_files_of_the_pack(work: Workplace) -> None:
    wheel(work.pack / "vendor", "inner", "0.1")
    (work.pack / "more.txt").write_text("./vendor/inner-0.1-py3-none-any.whl\n")
    work.requires("-r more.txt\n")

    assert work.version(work.ensure().path, "inner") == "0.1"


def test_what_is_imported_without_being_declared_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "actions").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "actions/a.py").write_text("def f():\n    import requests.auth\nfrom six.moves import range\nimport os\n")
    (tmp_path / "actions/broken.py").write_text("import yaml\ndef (\n")
    (tmp_path / "tests/test_a.py").write_text("import yaml\n")
    (tmp_path / "requirements.txt").write_text("Requests[security]>=2 ; python_version > '3'\n")

    wanted = wants.of_pack(str(tmp_path))

    assert wanted.offered == ("six",)
    assert wanted.requirements == ("Requests[security]>=2 ; python_version > '3'",)


def test_files_are_read_without_a_word_whatever_is_in_them(tmp_path: Path) -> None:
    (tmp_path / "escape.py").write_text("import six\nPATTERN = '\\d'\n")
    (tmp_path / "deep.py").write_text("x = " + "-" * 100_000 + "1\n")
    (tmp_path / "requirements.txt").write_text("-r escape.py/none.txt\n")

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        wanted = wants.of_pack(str(tmp_path))

    assert wanted.offered == ("six",)
    assert wanted.requirements == ("-r escape.py/none.txt",)
    assert not told


def test_tests_may_want_more(work: Workplace) -> None:
    wheel(work.wheels, "extra", "1.0")
    work.requires("shout\n")
    (work.pack / "requirements-tests.txt").write_text("extra\n")

    work.place.files = wants.FILES_OF_TESTS
    path = work.ensure().path

    assert (work.version(path), work.version(path, "extra")) == ("1.0", "1.0")


def test_what_tests_import_is_wanted_for_them_alone(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_it.py").write_text("import mock, pytest, requests\n")

    assert not wants.of_pack(str(tmp_path))
    wanted = wants.of_pack(str(tmp_path), wants.FILES_OF_TESTS)
    assert wanted.offered == ("mock", "pytest", "requests")


def test_other_wants_are_another_virtualenv(tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("a\n")
    (tmp_path / "requirements.txt").write_text("-r more.txt\n")
    before = wants.of_pack(str(tmp_path)).key()

    (tmp_path / "more.txt").write_text("b\n")

    assert wants.of_pack(str(tmp_path)).key() != before


def test_passwords_of_indexes_are_not_told() -> None:
    line = "Looking in indexes: https://me:hunter2@index.example/simple"

    assert virtualenvs.masked(line) == "Looking in indexes: https://****@index.example/simple"
    assert "ss@" not in virtualenvs.masked("https://me:p@ss@index.example/simple")
    assert virtualenvs.masked("git+https://host.example/x.git@v1") == "git+https://host.example/x.git@v1"


def test_a_repository_that_cannot_be_reached_is_named_with_the_reason_and_without_its_token(work: Workplace) -> None:
    work.requires("git+https://s3cr3t@127.0.0.1:1/some/thing.git@v1\n")

    with pytest.raises(BuildError) as failed:
        work.ensure()

    expected = "requirement `https://****@127.0.0.1:1/some/thing.git` failed: fatal: unable to access "
    assert expected in str(failed.value)
    assert str(failed.value).count("fatal:") == 1
    assert work.lines[0].endswith("with pip: git+https://****@127.0.0.1:1/some/thing.git@v1")
    assert "s3cr3t" not in "".join(work.lines) + str(failed.value)
    kept = [path.read_text() for path in (work.virtualenvs / ".p").iterdir() if path.is_file()]
    assert kept and "s3cr3t" not in "".join(kept)


def test_git_and_ssh_ask_nobody(work: Workplace, tmp_path: Path) -> None:
    git = tmp_path / "bin/git"
    git.parent.mkdir()
    git.write_text('#!/bin/sh\necho "fatal: $GIT_TERMINAL_PROMPT $SSH_ASKPASS_REQUIRE $SSH_ASKPASS" >&2\nexit 1\n')
    git.chmod(0o755)
    work.place.environment["PATH"] = f"{git.parent}:/usr/bin:/bin"
    work.requires("git+ssh://git@127.0.0.1:1/some/thing.git\n")

    with pytest.raises(BuildError, match="fatal: 0 force /bin/false"):
        work.ensure()


def test_what_pip_advises_is_passed_on(work: Workplace) -> None:
    work.requires("./nowhere\n")

    with pytest.raises(BuildError, match=r"requirement `./nowhere` failed: .*Hint: .* File .* does not exist"):
        work.ensure()
