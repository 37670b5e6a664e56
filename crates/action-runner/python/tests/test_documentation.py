"""What `docs/python.md` says of this package is so."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

from petrel_worker.action import ActionService
from petrel_worker.sensors import SensorService
from petrel_worker.wants import OFFERED

PAGE = (Path(__file__).parents[4] / "docs/python.md").read_text(encoding="utf-8")
METHOD = re.compile(r"^\| `(\w+)\(([^)]*)\)`", re.MULTILINE)


def table(head: str) -> str:
    """The table that begins with these words."""
    return PAGE.split(head, 1)[1].split("\n\n", 1)[0]


@pytest.mark.parametrize(
    ("head", "service", "count"),
    [("| method of `action_service`", ActionService, 4), ("| method of `sensor_service`", SensorService, 4)],
)
def test_methods_are_as_documented(head: str, service: type, count: int) -> None:
    documented = METHOD.findall(table(head))

    assert len(documented) == count
    for name, said in documented:
        parameters = list(inspect.signature(getattr(service, name)).parameters.values())[1:]
        if name != "get_logger":
            shown = [str(one.replace(annotation=one.empty)).replace("'", '"') for one in parameters]
            assert ", ".join(shown) == said, name


def test_the_libraries_that_packs_count_on_are_all_named() -> None:
    paragraph = PAGE.split("StackStorm's own Python happens", 1)[1].split("\n\n", 2)[1]

    assert re.findall(r"`([\w.]+)`", paragraph) == sorted(OFFERED)


def test_the_names_that_packs_import_are_there() -> None:
    rows = re.findall(r"^\| `(st2\w+)` \| (.*) \|$", table("| of | there is |"), re.MULTILINE)

    assert len(rows) == 5
    for package, cell in rows:
        outer, _, inner = cell.partition("`util` (")
        names = re.findall(r"`([a-z][\w.]*)`", outer)
        names += [f"util.{name}" for name in re.findall(r"`(\w+)`", inner)]
        for name in names:
            importlib.import_module(f"{package}.{name}")
