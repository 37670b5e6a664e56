"""Jinja templates. Needs `jinja2` in the pack's virtualenv."""

from __future__ import annotations

import json
import re
from typing import Any, Optional

__all__ = ["convert_jinja_to_raw_block", "get_jinja_environment", "is_jinja_expression", "render_values"]

_OPENING = ("{{", "{%")


def is_jinja_expression(value: object) -> bool:
    """Whether a text has something for Jinja."""
    return isinstance(value, str) and any(mark in value for mark in _OPENING)


def get_jinja_environment(
    allow_undefined: bool = False, trim_blocks: bool = True, lstrip_blocks: bool = True
) -> Any:
    """An environment that fails on unknown names unless they are allowed."""
    try:
        import jinja2
    except ImportError as error:
        raise ImportError("jinja2 is missing: name it in the pack's requirements.txt") from error
    undefined = jinja2.Undefined if allow_undefined else jinja2.StrictUndefined
    environment = jinja2.Environment(undefined=undefined, trim_blocks=trim_blocks, lstrip_blocks=lstrip_blocks)
    environment.filters.update(
        {
            "to_json_string": lambda value, indent=None: json.dumps(value, indent=indent),
            "from_json_string": json.loads,
            "regex_match": lambda value, pattern: re.match(pattern, value) is not None,
            "regex_search": lambda value, pattern: re.search(pattern, value) is not None,
            "regex_replace": lambda value, pattern, replacement: re.sub(pattern, replacement, value),
            "use_none": lambda value: value if value is not None else "%*****__%NONE%__*****%",
        }
    )
    environment.tests["in"] = lambda item, items: item in items
    return environment


def render_values(
    mapping: Optional[dict[str, Any]] = None, context: Optional[dict[str, Any]] = None, allow_undefined: bool = False
) -> Optional[dict[str, Any]]:
    """Each value rendered with the names of `context`; what is no template stays as it is."""
    if not mapping:
        return mapping
    names = dict(context or {})
    names.setdefault("system", names.get("system"))
    environment = get_jinja_environment(allow_undefined=allow_undefined)
    rendered: dict[str, Any] = {}
    for name, value in mapping.items():
        is_structured = isinstance(value, (dict, list))
        text = json.dumps(value) if is_structured else str(value)
        text = environment.from_string(text).render(names)
        rendered[name] = json.loads(text) if is_structured else text
    return rendered


def convert_jinja_to_raw_block(value: Any) -> Any:
    """What keeps Jinja from looking at the templates in a value."""
    if isinstance(value, dict):
        return {name: convert_jinja_to_raw_block(member) for name, member in value.items()}
    if isinstance(value, list):
        return [convert_jinja_to_raw_block(item) for item in value]
    return f"{{% raw %}}{value}{{% endraw %}}" if is_jinja_expression(value) else value
