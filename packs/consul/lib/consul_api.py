"""Consul's HTTP API, version 1."""

import base64
import re
import urllib.parse

from pack_http import Api, ApiError, segment

TIMEOUT = 30
"""Seconds to wait for an answer that is not asked to wait for a change."""

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


class Consul:
    """The agent of a profile. `token` is used in place of the profile's."""

    def __init__(self, config, profile=None, token=None):
        chosen = profile or config.get("default_profile")
        profiles = {item.get("name"): item for item in config.get("consul_profiles") or []}
        if chosen not in profiles:
            known = ", ".join(sorted(str(name) for name in profiles)) or "none"
            raise ValueError(f"The configuration of the pack consul has no profile `{chosen}`; it has: {known}")
        settings = profiles[chosen]
        self.profile = chosen
        host, port = settings.get("host") or "127.0.0.1", settings.get("port") or 8500
        token = token or settings.get("token")
        tls = {
            "verify": settings.get("verify", True),
            "ca_file": settings.get("ca_cert_path"),
            "cert_file": settings.get("client_cert_path"),
            "key_file": settings.get("client_key_path"),
        }
        headers = {"X-Consul-Token": token} if token else {}
        self._api = Api(f"{settings.get('scheme') or 'http'}://{host}:{port}", headers, [token], tls, TIMEOUT)
        self._consistency = settings.get("consistency") or "default"

    def read(self, path, index=None, wait=None, consistency=None, node_meta=None, **query):
        """The index and what is at a path; nothing is there where the answer is 404.

        With `index` it waits for a change of it, at most `wait`, such as `10s`.
        """
        consistency = consistency or self._consistency
        if consistency not in ("default", "consistent", "stale"):
            raise ValueError(f"`consistency` is default, consistent or stale; not `{consistency}`")
        asked = _asked(query)
        if consistency != "default":
            asked[consistency] = ""
        if node_meta:
            asked["node-meta"] = [f"{name}:{value}" for name, value in node_meta.items()]
        timeout = None
        if index not in (None, ""):
            asked.update(index=index, wait=wait or "5m")
            # Consul adds up to a sixteenth.
            timeout = seconds(asked["wait"]) * 17 / 16 + TIMEOUT
        try:
            answer = self._api.request("GET", path, query=asked, timeout=timeout)
        except ApiError as error:
            # What Consul itself says of an absent key has an empty body; anything else is a wrong address.
            if error.status == 404 and not error.body:
                return _index(error.headers), None
            raise
        return _index(answer.headers), answer.json()

    def write(self, method, path, body=None, **query):
        """Changes what is at a path; gives back the answer."""
        return self._api.request(method, path, query=_asked(query), body=body).json()


def _index(headers):
    found = headers.get("X-Consul-Index")
    return None if found is None else int(found)


def kv_path(key):
    """The path of a key. Its slashes are part of it."""
    return "/v1/kv/" + urllib.parse.quote(key.lstrip("/"), safe="/")


def path_of(template, values):
    """A path such as `/v1/catalog/node/{node}` with its values, which are taken out of `values`."""
    return re.sub(r"\{(\w+)\}", lambda name: segment(values.pop(name[1])), template)


def readable(entry):
    """An entry of the key-value store, its value as text; as base64 where it is no text, and marked so."""
    value = entry.get("Value")
    if value is None:
        return entry
    try:
        return {**entry, "Value": base64.b64decode(value).decode("utf-8")}
    except UnicodeDecodeError:
        return {**entry, "ValueEncoding": "base64"}


def seconds(duration):
    """A duration such as `1m30s` in seconds."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", duration)
    if "".join(number + unit for number, unit in parts) != duration or not parts:
        raise ValueError(f"`{duration}` is no duration: write for example 10s or 5m")
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def _asked(query):
    """A query without what is not given; a flag is a name without a value."""
    given = {name: value for name, value in query.items() if value is not None and value is not False and value != ""}
    return {name: "" if value is True else value for name, value in given.items()}
