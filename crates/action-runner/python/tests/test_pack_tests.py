"""The base classes of the tests of packs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from st2common.exceptions.content import ParseException
from st2common.models.utils.action_alias_utils import extract_parameters
from st2common.runners.base_action import Action
from st2reactor.sensor.base import PollingSensor
from st2tests.base import BaseActionAliasTestCase, BaseActionTestCase, BaseSensorTestCase


class Count(Action):
    def run(self, by: int) -> int:
        value = int(self.action_service.get_value("count") or 0) + by
        self.action_service.set_value("count", str(value))
        return value * self.config.get("factor", 1)


class Poller(PollingSensor):
    def setup(self) -> None: ...

    def poll(self) -> None:
        self.sensor_service.get_logger(name="poller").info("polled")
        self.sensor_service.dispatch(trigger="p.polled", payload={"every": self.get_poll_interval()})

    def cleanup(self) -> None: ...

    def add_trigger(self, trigger: dict[str, Any]) -> None: ...

    def update_trigger(self, trigger: dict[str, Any]) -> None: ...

    def remove_trigger(self, trigger: dict[str, Any]) -> None: ...


class TestCount(BaseActionTestCase):
    action_cls = Count

    def test_counts(self) -> None:
        action = self.get_action_instance({"factor": 10})
        assert [action.run(1), action.run(2)] == [10, 30]
        assert [item.name for item in self.action_service.list_values()] == ["tests.Count:count"]


class TestPoller(BaseSensorTestCase):
    sensor_cls = Poller

    def test_dispatches(self) -> None:
        self.get_sensor_instance(poll_interval=7).poll()
        self.assertTriggerDispatched("p.polled", payload={"every": 7})
        with pytest.raises(AssertionError, match="p.other"):
            self.assertTriggerDispatched("p.other")
        assert self.get_last_dispatched_trigger()["trace_context"] is None


def test_aliases_are_tested_as_they_stand_in_the_pack(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aliases").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "aliases/say.yaml").write_text(
        "name: say\naction_ref: p.say\nformats:\n  - display: say WHAT\n    representation: ['say {{what}}']\n  - shout\n"
    )
    source = (
        "from st2tests.base import BaseActionAliasTestCase\n"
        "class TestSay(BaseActionAliasTestCase):\n"
        "    action_alias_name = 'say'\n"
        "    def runTest(self):\n"
        "        formats = self.action_alias_db.get_format_strings()\n"
        "        assert formats == ['say {{what}}', 'shout']\n"
        "        self.assertCommandMatchesExactlyOneFormatString(formats, 'say it')\n"
        "        self.assertExtractedParametersMatch(formats[0], 'say it', {'what': 'it'})\n"
    )
    (tmp_path / "tests/test_say.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path / "tests"))
    import test_say  # type: ignore[import-not-found]

    result = test_say.TestSay().run()

    assert (result.failures, result.errors, result.testsRun) == ([], [], 1)


def test_aliases_are_taken_as_they_were_read_already(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read = [
        {"file": "/p/aliases/bad.yaml", "error": "line 2, column 1: no"},
        {"file": "/p/aliases/say.yaml", "members": {"name": "say", "formats": ["say {{what}}"]}},
    ]
    (tmp_path / "aliases.json").write_text(json.dumps(read))
    monkeypatch.setenv("PETREL_PACK_ALIASES", str(tmp_path / "aliases.json"))

    class TestSay(BaseActionAliasTestCase):
        action_alias_name = "say"

        def runTest(self) -> None:  # noqa: N802
            assert self.action_alias_db.get_format_strings() == ["say {{what}}"]

    result = TestSay().run()
    assert result is not None and result.wasSuccessful()
    TestSay.action_alias_name = "bad"
    with pytest.raises(ValueError, match=r'"bad" not found in .*; /p/aliases/bad.yaml cannot be read: line 2'):
        TestSay().setUp()


def run_unit_tests(folder: Path, text: str) -> tuple[int, str]:
    (folder / "tests").mkdir()
    (folder / "tests/test_it.py").write_text(text)
    command = [sys.executable, "-m", "petrel_worker.unit_tests"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stderr


def test_unit_tests_end_as_they_went(tmp_path: Path) -> None:
    test = "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.{}\n"
    for name, what, expected in (
        ("good", "assertTrue(1)", 0),
        ("bad", "assertTrue(0)", 1),
        ("skipped", "skipTest('later')", 0),
    ):
        (tmp_path / name).mkdir()
        code, said = run_unit_tests(tmp_path / name, test.format(what))
        assert code == expected, said


def test_where_no_test_is_found_that_is_no_success(tmp_path: Path) -> None:
    code, said = run_unit_tests(tmp_path, "def test_it():\n    assert 1 == 2\n")

    assert code == 5
    assert "no test was run" in said and "write `pytest` into" in said


@pytest.mark.parametrize(
    ("format_", "command", "parameters"),
    [
        ("restart {{host}}", "restart web 1", {"host": "web 1"}),
        ("restart {{host}}", 'restart "web 1"', {"host": "web 1"}),
        ("restart {{host}} {{how=soft}}", "restart web", {"host": "web", "how": "soft"}),
        ("restart {{host}} {{how=soft}}", "restart web hard", {"host": "web", "how": "hard"}),
        ("restart {{host}}", "restart web force=true", {"host": "web", "force": "true"}),
        ("(re)?start {{host}}", "start web", {"host": "web"}),
    ],
)
def test_formats_give_their_parameters(format_: str, command: str, parameters: dict[str, str]) -> None:
    assert extract_parameters(format_, command) == parameters


def test_formats_refuse_what_does_not_fit() -> None:
    with pytest.raises(ParseException):
        extract_parameters("restart {{host}}", "stop web")
