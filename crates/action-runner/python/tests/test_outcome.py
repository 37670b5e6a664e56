"""Results as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from petrel_worker import outcome


class Thing:
    def __str__(self) -> str:
        return "a thing"


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (None, None),
        ({"a": [1, 2.5, "ä"]}, {"a": [1, 2.5, "ä"]}),
        ((1, 2, 3), [1, 2, 3]),
        ({1: "a"}, {"1": "a"}),
        (b"v1", "b'v1'"),
        (Thing(), "a thing"),
        ({"a": float("nan"), "b": [float("inf")]}, {"a": None, "b": [None]}),
        ("\ud800", "?"),
    ],
)
def test_says_what_json_can_say(result: Any, said: Any) -> None:
    assert json.loads(outcome.encode(True, result)) == {"status": True, "result": said}


def test_tells_a_thing_that_holds_itself_as_text() -> None:
    circle: list[Any] = []
    circle.append(circle)

    assert json.loads(outcome.encode(None, circle)) == {"status": None, "result": "[[...]]"}


def test_splits_pairs_only() -> None:
    assert outcome.split((True, 1)) == (True, 1)
    assert outcome.split((None, 1)) == (None, 1)
    assert outcome.split([True, 1]) == (None, [True, 1])
    assert outcome.split((1, 2, 3)) == (None, (1, 2, 3))
    with pytest.raises(outcome.InvalidStatus):
        outcome.split((1, 2))
