"""Tests of action aliases. `petrel pack test` reads the files for them; elsewhere `yaml` must be in the virtualenv."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterator
from typing import Any, Optional

from petrel_worker.alias import ParseException, extract_parameters
from st2common.models.utils.action_alias_utils import extract_parameters_for_action_alias_db
from st2tests.pack_resource import BasePackResourceTestCase

__all__ = ["BaseActionAliasTestCase"]


class ActionAlias:
    """An alias as its file says it."""

    def __init__(self, members: dict[str, Any]) -> None:
        self.__dict__.update(members)
        self.name: Optional[str] = members.get("name")
        self.formats: list[Any] = members.get("formats") or []

    def get_format_strings(self) -> list[str]:
        """All formats, each representation for itself."""
        strings: list[str] = []
        for item in self.formats:
            if isinstance(item, dict):
                strings.extend(item.get("representation") or [])
            else:
                strings.append(item)
        return strings


class BaseActionAliasTestCase(BasePackResourceTestCase):
    """A test of the alias `action_alias_name`."""

    action_alias_name: Optional[str] = None
    action_alias_db: Any = None

    def setUp(self) -> None:
        """Reads the alias."""
        super().setUp()
        if not self.action_alias_name:
            raise ValueError(f"{type(self).__name__} needs the class attribute `action_alias_name`")
        self.action_alias_db = self._find(self.action_alias_name)

    def assertCommandMatchesExactlyOneFormatString(  # noqa: N802
        self, format_strings: list[str], command: str
    ) -> None:
        """That a command fits one of these formats, and no other of them."""
        matched = [text for text in format_strings if _fits(text, command)]
        if not matched:
            raise AssertionError(f'Command "{command}" didn\'t match any of the provided format strings')
        if len(matched) > 1:
            raise AssertionError(f'Command "{command}" matched multiple format strings: {", ".join(matched)}')

    def assertExtractedParametersMatch(  # noqa: N802
        self, format_string: str, command: str, parameters: dict[str, Any]
    ) -> None:
        """That a command fits this format of the alias, and has these parameters."""
        found = extract_parameters_for_action_alias_db(self.action_alias_db, format_string, command)
        message = f'The parameters of command "{command}" against format string "{format_string}"'
        self.assertEqual(found, parameters, message)

    def _find(self, name: str) -> ActionAlias:
        folder = os.path.join(self._get_base_pack_path(), "aliases")
        unread = []
        already = _read_already()
        for file, members, error in _read(folder) if already is None else already:
            if isinstance(members, dict) and members.get("name") == name:
                return ActionAlias(members)
            if error:
                unread.append(f"; {file} cannot be read: {error}")
        raise ValueError(f'Alias with name "{name}" not found in {folder}{"".join(unread)}')


def _read_already() -> Optional[list[tuple[str, Any, Optional[str]]]]:
    """The aliases as `petrel pack test` has read them: file, members, and why there are none."""
    path = os.environ.get("PETREL_PACK_ALIASES")
    if not path:
        return None
    with open(path, encoding="utf-8") as file:
        return [(item["file"], item.get("members"), item.get("error")) for item in json.load(file)]


def _read(folder: str) -> Iterator[tuple[str, Any, Optional[str]]]:
    try:
        import yaml
    except ImportError as error:
        raise ImportError(
            "tests of aliases need `petrel pack test`, or `pyyaml` in the virtualenv: pip install pyyaml"
        ) from error
    for path in sorted(glob.glob(os.path.join(folder, "*.y*ml"))):
        with open(path, encoding="utf-8") as file:
            yield path, yaml.safe_load(file), None


def _fits(text: str, command: str) -> bool:
    try:
        extract_parameters(text, command)
    except ParseException:
        return False
    return True
