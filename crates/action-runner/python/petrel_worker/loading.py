"""Finds the class of an action or a sensor in its file and makes an instance of it."""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
import time
import types
from collections.abc import Iterable, Sequence
from typing import Any, Optional

from petrel_worker.action import Action, PackConfig
from petrel_worker.logs import logger_of_action

RECENT = 2.0
"""Seconds. A file that changed so recently may change again with the same time stamp: it is not cached compiled."""


class LoadingError(Exception):
    """Why an action cannot be loaded; where its file failed, that error is the cause."""


def misfit(file: str, action: Any, error: TypeError) -> LoadingError:
    """An action whose `run` does not take the parameters that its metadata names."""
    import inspect

    try:
        takes = ", ".join(str(parameter) for parameter in inspect.signature(action.run).parameters.values())
    except (TypeError, ValueError):
        return LoadingError(f'{error} (in "{file}")')
    return LoadingError(
        f'TypeError: {error}. The parameters of the action and of `{type(action).__name__}.run` in "{file}" '
        f"must be the same; it takes: {takes or 'none'}."
    )


def advice(error: BaseException) -> Optional[str]:
    """What to do about a library that is not there; `None` where that is not the matter."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    library = error.name.partition(".")[0]
    if library in sys.modules:
        # The library is there, and has no such part.
        return None
    return f"If `{library}` is a library, the pack's requirements.txt must ask for it: what it asks for is installed."


def library_folders(pack_folder: str) -> list[str]:
    """The folders of a pack that go before all others in `sys.path`."""
    folders = [os.path.join(pack_folder, "lib"), os.path.join(pack_folder, "actions", "lib")]
    return [folder for folder in folders if os.path.isdir(folder)]


def search_path(base: Sequence[str], pack_folder: str, file: str, worker: str) -> list[str]:
    """`sys.path` of an action: the pack's libraries, the interpreter's own, the action's folder, this package."""
    own = os.path.dirname(os.path.realpath(file))
    middle = [folder for folder in base if folder != worker]
    path = [*library_folders(pack_folder), *middle]
    if own not in path:
        path.append(own)
    return [*path, worker]


def forget_shadowed(pack_folder: str, preloaded: Iterable[str]) -> None:
    """Forgets preloaded libraries that the pack brings a copy of."""
    own: set[str] = set()
    for folder in library_folders(pack_folder):
        own.update(name.partition(".")[0] for name in os.listdir(folder))
    for name in list(preloaded):
        if name.partition(".")[0] in own:
            sys.modules.pop(name, None)


def load_module(file: str, of: str = "action") -> types.ModuleType:
    """Runs the file of an action or a sensor as a module of that name."""
    name, extension = os.path.splitext(os.path.basename(file))
    if extension != ".py":
        raise LoadingError(f'The entry point "{file}" is no Python file: its name must end in ".py".')
    if not os.path.isfile(file):
        raise LoadingError(f'The file "{file}" does not exist: the {of}\'s `entry_point` names it.')
    if _is_taken(name, file):
        name = f"{name}_{of}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise LoadingError(f'The file "{file}" cannot be loaded as a module.')
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    caching = sys.dont_write_bytecode
    sys.dont_write_bytecode = caching or time.time() - os.stat(file).st_mtime < RECENT
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        sys.modules.pop(name, None)
        raise LoadingError(f'The {of}\'s file "{file}" cannot be imported:') from error
    finally:
        sys.dont_write_bytecode = caching
    return module


def _is_taken(name: str, file: str) -> bool:
    """Whether an import of this name means something else, such as `uuid`: an action must not take its place."""
    if name in sys.modules:
        return True
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and (spec.origin is None or os.path.realpath(spec.origin) != os.path.realpath(file))


def find_class(module: types.ModuleType) -> type[Any]:
    """The class of a module that is its action.

    A class that is defined there and has `run`; one that derives from `Action` before others; the first by name.
    """
    members = sorted(vars(module).items())
    here = [cls for _, cls in members if isinstance(cls, type) and cls.__module__ == module.__name__]
    candidates = [cls for cls in here if _can_run(cls)]
    candidates.sort(key=lambda cls: not issubclass(cls, Action))
    if not candidates:
        raise LoadingError(
            f'The file "{module.__file__}" has no action: no class that is defined in it has a method `run`.'
        )
    return candidates[0]


def _can_run(cls: type[Any]) -> bool:
    run = getattr(cls, "run", None)
    return callable(run) and not inspect.isabstract(cls) and not getattr(run, "__isabstractmethod__", False)


def make_instance(cls: type[Any], config: dict[str, Any], service: Any, level: str = "debug") -> Any:
    """An instance; its constructor gets by keyword what it accepts of `config` and `action_service`."""
    wrapper = getattr(service, "_action_wrapper", None)
    offered = {"config": PackConfig(getattr(wrapper, "_pack", "unknown"), config), "action_service": service}
    taken = accepted(cls)
    instance = cls(**{name: value for name, value in offered.items() if taken is None or name in taken})
    if taken is not None and "action_service" not in taken:
        instance.action_service = service
    # It may be no `Action`, or one that does not call the constructor of `Action`.
    for name, value in offered.items():
        if not hasattr(instance, name):
            setattr(instance, name, value)
    if not hasattr(instance, "logger"):
        instance.logger = logger_of_action(cls.__name__, level)
    return instance


def accepted(cls: type[Any]) -> Optional[set[str]]:
    """The names that a constructor takes; `None` for any."""
    if cls.__init__ is Action.__init__ and cls.__new__ is object.__new__ and type(cls) is type(Action):
        return {"config", "action_service"}
    try:
        parameters = inspect.signature(cls).parameters.values()
    except ValueError:
        return set()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return {
        parameter.name
        for parameter in parameters
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }
