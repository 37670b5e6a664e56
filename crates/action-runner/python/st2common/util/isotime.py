"""ISO 8601 times."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Union

ISO8601_FORMAT = "%Y-%m-%dT%H:%M:%S"
ISO8601_FORMAT_MICROSECOND = "%Y-%m-%dT%H:%M:%S.%f"

_SHAPE = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2})?)(?:[.,](?P<fraction>\d{1,9}))?"
    r"\s*(?P<zone>Z|z|[+-]\d{2}(?::?\d{2})?)?)?"
)


def add_utc_tz(dt: datetime) -> datetime:
    """The same time of day, in UTC."""
    return dt.replace(tzinfo=timezone.utc)


def parse(value: Union[str, datetime], preserve_original_tz: bool = False) -> datetime:
    """A time from its text; one without a zone is in UTC. In UTC unless its zone is to be preserved."""
    moment = value if isinstance(value, datetime) else _read(str(value))
    if moment.tzinfo is None:
        moment = add_utc_tz(moment)
    return moment if preserve_original_tz else moment.astimezone(timezone.utc)


def _read(text: str) -> datetime:
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        try:
            from dateutil import parser
        except ImportError:
            raise ValueError(f"`{text}` is no time in ISO 8601, such as 2026-01-31T12:00:00Z") from None
        found: datetime = parser.parse(text)
        return found
    time = match["time"] or "00:00:00"
    if len(time) == len("00:00"):
        time += ":00"
    fraction = (match["fraction"] or "0")[:6].ljust(6, "0")
    zone = match["zone"] or ""
    if zone in ("Z", "z"):
        zone = "+00:00"
    elif len(zone) == len("+00"):
        zone += ":00"
    elif len(zone) == len("+0000"):
        zone = f"{zone[:3]}:{zone[3:]}"
    return datetime.fromisoformat(f"{match['date']}T{time}.{fraction}{zone}")


def format(dt: Union[str, datetime], usec: bool = True, offset: bool = True) -> str:
    """The text of a time: with microseconds where `usec`, with its offset (else the name of its zone) where `offset`."""
    moment = dt if isinstance(dt, datetime) else parse(dt)
    text = moment.strftime(ISO8601_FORMAT_MICROSECOND if usec else ISO8601_FORMAT)
    if offset:
        zone = moment.strftime("%z")
        return text + (f"{zone[:3]}:{zone[3:]}" if zone else "+00:00")
    name = moment.tzname() or "UTC"
    return text + ("Z" if name == "UTC" else name)


def validate(value: Union[str, datetime], raise_exception: bool = True) -> bool:
    """Whether this is a time; raises `ValueError` where it is none and `raise_exception`."""
    try:
        parse(value)
    except ValueError:
        if raise_exception:
            raise ValueError(f"Invalid ISO8601 format: {value}") from None
        return False
    return True
