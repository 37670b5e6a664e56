"""Formats of action aliases."""

from __future__ import annotations

from typing import Any

from petrel_worker.alias import extract_parameters

__all__ = ["extract_parameters", "extract_parameters_for_action_alias_db"]


def extract_parameters_for_action_alias_db(
    action_alias_db: Any, format_str: str, param_stream: str, match_multiple: bool = False
) -> Any:
    """The parameters of a command in one of an alias' formats."""
    formats = action_alias_db.get_format_strings()
    if format_str not in formats:
        raise ValueError(f'Format string "{format_str}" is not available on the alias "{action_alias_db.name}"')
    found = extract_parameters(format_str, param_stream)
    return [found] if match_multiple else found
