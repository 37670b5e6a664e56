"""The names that published packs import."""

from __future__ import annotations

import importlib
from datetime import datetime, timedelta, timezone

import pytest

NAMES = [
    "st2actions.runners.pythonrunner.Action",
    "st2client.base.BaseCLIApp",
    "st2client.client.Client",
    "st2client.commands.resource.ResourceNotFoundError",
    "st2client.models.KeyValuePair",
    "st2client.models.action.Execution",
    "st2client.models.keyvalue.KeyValuePair",
    "st2common.constants.action.LIVEACTION_STATUS_SUCCEEDED",
    "st2common.constants.keyvalue.SYSTEM_SCOPE",
    "st2common.constants.pack.SYSTEM_PACK_NAMES",
    "st2common.content.utils.get_pack_base_path",
    "st2common.exceptions.action.InvalidActionParameterException",
    "st2common.log.getLogger",
    "st2common.models.api.trace.TraceContext",
    "st2common.runners.base_action.Action",
    "st2common.runners.utils.get_logger_for_python_runner_action",
    "st2common.services.datastore.ActionDatastoreService",
    "st2common.util.api.get_full_public_api_url",
    "st2common.util.concurrency.sleep",
    "st2common.util.date.get_datetime_utc_now",
    "st2common.util.isotime.parse",
    "st2common.util.jinja.render_values",
    "st2common.util.jsonify.json_encode",
    "st2common.util.shell.run_command",
    "st2reactor.container.sensor_wrapper.SensorService",
    "st2reactor.sensor.base.PollingSensor",
    "st2reactor.sensor.base.Sensor",
    "st2tests.base.BaseActionAliasTestCase",
    "st2tests.base.BasePackResourceTestCase",
    "st2tests.mocks.action.MockActionService",
    "st2tests.mocks.datastore.MockDatastoreService",
    "st2tests.mocks.sensor.MockSensorService",
]


@pytest.mark.parametrize("name", NAMES)
def test_is_there(name: str) -> None:
    module, _, member = name.rpartition(".")

    assert getattr(importlib.import_module(module), member) is not None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000+00:00"),
        ("2026-01-31 14:00:00.5+02:00", "2026-01-31T12:00:00.500000+00:00"),
        ("2026-01-31T12:00:00.123456789-0000", "2026-01-31T12:00:00.123456+00:00"),
        ("2026-01-31", "2026-01-31T00:00:00.000000+00:00"),
    ],
)
def test_reads_and_writes_times(text: str, shown: str) -> None:
    from st2common.util import isotime

    assert isotime.format(isotime.parse(text)) == shown
    assert isotime.format(datetime(2026, 1, 1, tzinfo=timezone.utc), usec=False, offset=False) == "2026-01-01T00:00:00Z"
    assert isotime.parse("2026-01-31T14:00+02", preserve_original_tz=True).utcoffset() == timedelta(hours=2)
    assert not isotime.validate("yesterday", raise_exception=False)


def test_finds_folders_of_packs(tmp_path: object) -> None:
    from petrel_worker import place
    from st2common.content import utils

    place.settle("p", "/srv/packs/p")
    try:
        assert utils.get_pack_base_path("p") == "/srv/packs/p"
        assert utils.get_pack_base_path("q") == "/opt/stackstorm/packs/q"
        assert utils.get_pack_resource_file_abs_path("p", "action", "lib/a.py") == "/srv/packs/p/actions/lib/a.py"
        with pytest.raises(ValueError, match="does not lie in"):
            utils.get_pack_resource_file_abs_path("p", "action", "../../etc/passwd")
    finally:
        place.settle("", "")


def test_runs_commands() -> None:
    from st2common.util.shell import run_command

    assert run_command(["sh", "-c", "echo a; echo b >&2; exit 3"]) == (3, "a\n", "b\n")


def test_logs_at_the_level_audit(capsys: pytest.CaptureFixture[str]) -> None:
    from st2common.runners.utils import get_logger_for_python_runner_action

    get_logger_for_python_runner_action("Act", log_level="AUDIT").audit("kept")
    get_logger_for_python_runner_action("Act", log_level="AUDIT").error("dropped")

    assert capsys.readouterr().err == "st2.actions.python.Act: AUDIT    kept\n"
