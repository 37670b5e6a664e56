"""Times."""

from __future__ import annotations

from datetime import datetime, timezone

from st2common.util import isotime

__all__ = ["add_utc_tz", "append_milliseconds_to_time", "get_datetime_utc_now", "parse"]

add_utc_tz = isotime.add_utc_tz
parse = isotime.parse


def get_datetime_utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(timezone.utc)


def append_milliseconds_to_time(dt: datetime, millis: float) -> datetime:
    """A time so many milliseconds later."""
    from datetime import timedelta

    return dt + timedelta(milliseconds=millis)
