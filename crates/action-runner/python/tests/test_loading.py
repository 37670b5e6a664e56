"""Which class of a file is its action, and how it is made."""

from __future__ import annotations

import types
from typing import Any

import pytest

from petrel_worker import loading
from petrel_worker.action import ActionService
from petrel_worker.child import Wrapper


def module(source: str) -> types.ModuleType:
    made = types.ModuleType("act")
    made.__file__ = "act.py"
    exec(source, made.__dict__)
    return made


def make(source: str, config: dict[str, Any]) -> Any:
    service = ActionService(Wrapper("p", "Act", "debug", "me"))
    return loading.make_instance(loading.find_class(module(source)), config, service)


IMPORT = "from st2common.runners.base_action import Action\n"


def test_takes_an_action_before_other_classes_that_run() -> None:
    source = IMPORT + "class A:\n    def run(self): pass\nclass B(Action):\n    def run(self): pass\n"

    assert loading.find_class(module(source)).__name__ == "B"


def test_takes_a_class_that_derives_from_nothing() -> None:
    action = make("class Act(object):\n    def run(self): return self.config\n", {"a": 1})

    assert action.run() == {"a": 1}
    assert action.action_service is not None
    assert action.logger.name == "st2.actions.python.Act"


def test_leaves_imported_and_abstract_classes_alone() -> None:
    source = IMPORT + (
        "import abc\nclass A(Action):\n    @abc.abstractmethod\n    def one(self): pass\n    def run(self): pass\n"
        "class B(A):\n    def one(self): pass\n"
    )

    assert loading.find_class(module(source)).__name__ == "B"
    with pytest.raises(loading.LoadingError, match="has no action"):
        loading.find_class(module(IMPORT))


@pytest.mark.parametrize(
    "signature", ["config", "config=None", "config=None, action_service=None", "*args, **kwargs", "action_service, config"]
)
def test_constructors_get_what_they_accept(signature: str) -> None:
    names = "config=kwargs['config']" if "kwargs" in signature else "config=config"
    source = IMPORT + (
        f"class Act(Action):\n    def __init__(self, {signature}):\n        super().__init__({names})\n"
        "    def run(self): pass\n"
    )

    action = make(source, {"a": 1})

    assert action.config["a"] == 1
    if "kwargs" not in signature and "action_service" not in signature:
        assert action.action_service is not None


def test_says_what_is_no_python_file(tmp_path: Any) -> None:
    with pytest.raises(loading.LoadingError, match="must end in"):
        loading.load_module("run.sh")
    with pytest.raises(loading.LoadingError, match="does not exist"):
        loading.load_module(str(tmp_path / "none.py"))
