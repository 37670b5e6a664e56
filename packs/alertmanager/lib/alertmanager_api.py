"""Alertmanager's API, version 2."""

import re
from datetime import datetime, timedelta, timezone

from pack_http import Api, basic

UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"].*?)|)\s*$', re.DOTALL)


class Alertmanager:
    """The Alertmanager that the pack's configuration describes."""

    def __init__(self, config):
        if not config.get("url"):
            raise ValueError("Set `url` in the configuration of the pack alertmanager")
        token, password = config.get("token"), config.get("password")
        headers = {}
        if token:
            headers = {"Authorization": f"Bearer {token}"}
        elif config.get("username"):
            headers = basic(config["username"], password or "")
        tls = {"verify": config.get("verify", True), "ca_file": config.get("ca_cert_path")}
        self._api = Api(config["url"], headers, [token, password], tls, config.get("timeout") or 30)

    def ask(self, method, path, query=None, body=None):
        """Calls the API; gives back what it answers, `None` for nothing."""
        return self._api.request(method, f"/api/v2{path}", query=query, body=body).json()


def matcher(text):
    """A matcher such as `job=~"web.*"`, as the API takes it."""
    found = MATCHER.match(text)
    if not found:
        raise ValueError(f'`{text}` is no matcher: write name="value", or with !=, =~ or !~ in place of =')
    name, operator, quoted, plain = found.groups()
    value = re.sub(r"\\(.)", lambda escaped: {"n": "\n"}.get(escaped[1], escaped[1]), quoted) if quoted else plain or ""
    return {"name": name, "value": value, "isRegex": "~" in operator, "isEqual": operator[0] == "="}


def equals(labels):
    """Matchers of what has these labels."""
    return [{"name": name, "value": str(value), "isRegex": False, "isEqual": True} for name, value in labels.items()]


def duration(text):
    """A duration such as `1d12h`."""
    parts = re.findall(r"(\d+)([wdhms])", text)
    length = sum(int(number) * UNITS[unit] for number, unit in parts)
    if "".join(number + unit for number, unit in parts) != text or not length:
        raise ValueError(f"`{text}` is no duration: write for example 30m, 2h or 1d12h")
    return timedelta(seconds=length)


def time(text):
    """A time such as `2030-01-31T12:00:00Z`; without a zone it is UTC."""
    # Until Python 3.11 it takes no `Z`, and fractions of three or six digits alone.
    plain = re.sub(r"\.(\d+)", lambda fraction: f".{fraction[1][:6]:0<6}", re.sub("[zZ]$", "+00:00", text))
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        raise ValueError(f"`{text}` is no time: write for example 2030-01-31T12:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def now():
    """The present."""
    return datetime.now(timezone.utc)


def said(moment):
    """A time as the API takes it."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
