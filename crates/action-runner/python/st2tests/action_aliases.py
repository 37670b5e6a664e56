"""Tests of action aliases. Needs `yaml` in the virtualenv."""

from __future__ import annotations

import glob
import os
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
        try:
            import yaml
        except ImportError as error:
            raise ImportError("tests of aliases need `pyyaml` in the virtualenv: pip install pyyaml") from error
        folder = os.path.join(self._get_base_pack_path(), "aliases")
        for path in sorted(glob.glob(os.path.join(folder, "*.y*ml"))):
            with open(path, encoding="utf-8") as file:
                members = yaml.safe_load(file)
            if isinstance(members, dict) and members.get("name") == name:
                return ActionAlias(members)
        raise ValueError(f'Alias with name "{name}" not found in {folder}')


def _fits(text: str, command: str) -> bool:
    try:
        extract_parameters(text, command)
    except ParseException:
        return False
    return True
