"""Formats of action aliases, for the tests of packs. The engine's own grammar is in its crate `alias`."""

from __future__ import annotations

import re
from typing import Any, Optional

_PAIR = r"""(?:^|\s+)(\S+?)=("(?:.*?)"|'(?:.*?)'|\{(?:.*?)\}|\S+)"""
_TRAILING = re.compile(rf".*?((?:{_PAIR}\s*)*)$", re.DOTALL)
_PAIRS = re.compile(_PAIR, re.DOTALL)
_PARAMETER = re.compile(r"\{\{\s*([^\s={}]+?)\s*(?:=\s*(\{.+?\}|\"[^\"]*\"|'[^']*'|.+?)\s*)?\}\}", re.DOTALL)
_VALUE = r"""(?:"(?P<{name}__d>[^"]+)"|'(?P<{name}__s>[^']+)'|["']?(?P<{name}>\{{.*?\}}|.+?)["']?)"""


class ParseException(ValueError):
    """A command that does not fit its format."""


class Format:
    """One format of an alias."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.defaults = {
            parameter[1]: None if parameter[2] is None else _unquoted(parameter[2])
            for parameter in _PARAMETER.finditer(text)
        }
        try:
            self._pattern = re.compile(_pattern(text), re.DOTALL)
        except re.error as error:
            raise ParseException(f'Format string "{text}" is no regular expression: {error}') from None

    def extract(self, command: str) -> dict[str, Any]:
        """The parameters of a command; raises `ParseException` where it does not fit."""
        # Pairs at the end give parameters that the format does not name.
        extra: dict[str, Any] = {}
        trailing = _TRAILING.match(command)
        if trailing and trailing[1]:
            extra = {name: _unquoted(value) for name, value in _PAIRS.findall(trailing[1])}
            command = command[: trailing.start(1)]
        match = self._pattern.match(command)
        if match is None:
            raise ParseException(f'Command "{command}" doesn\'t match format string "{self.text}"')
        groups = match.groupdict()
        found = {name: value for name, value in groups.items() if not name.endswith(("__d", "__s"))}
        for name, default in self.defaults.items():
            given = (groups.get(form) for form in (name, f"{name}__d", f"{name}__s"))
            found[name] = next((value for value in given if value is not None), default)
        return {**found, **extra}


def _pattern(text: str) -> str:
    """A regular expression: parameters become groups; those with a default may be absent, with the space beside."""
    pattern, rest, names = r"\s*", text, set()
    for parameter in _PARAMETER.finditer(text):
        name, default = parameter.groups()
        before = rest[: len(rest) - (len(text) - parameter.start())]
        rest = text[parameter.end() :]
        group = ".+?" if name in names else _VALUE.format(name=name)
        names.add(name)
        if default is None:
            pattern += before + group
        elif before != before.rstrip():
            pattern += before.rstrip() + rf"(?:\s+{group})?"
        elif not before and rest != rest.lstrip():
            pattern += rf"(?:{group}\s+)?"
            rest = rest.lstrip()
        else:
            pattern += before + rf"(?:{group})?"
    return pattern + rest + r"\s*$"


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def extract_parameters(format_str: str, param_stream: str) -> dict[str, Any]:
    """The parameters of a command in this format; raises `ParseException` where it does not fit."""
    return Format(format_str).extract(param_stream)
