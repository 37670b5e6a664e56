"""What these actions ask of the engine's API."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request

PATIENCE = 300
"""Seconds for an answer: registering a large pack takes its time."""


class ApiError(Exception):
    """The API refused a request."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class PackApi:
    """`/v1/packs`."""

    def __init__(self, environment=None):
        environment = os.environ if environment is None else environment
        self._base = environment.get("ST2_ACTION_API_URL", "http://127.0.0.1:9101/v1").rstrip("/") + "/packs"
        token = environment.get("ST2_ACTION_AUTH_TOKEN")
        self._headers = {"X-Auth-Token": token} if token else {}

    def search(self, **wanted):
        """What the indexes have: `query` gives a list, `pack` an object (or an empty list)."""
        return self._json("POST", "/index/search", wanted)

    def all(self):
        """The packs that are registered."""
        return self._json("GET", "?limit=-1")

    def get(self, pack):
        """A pack that is registered; `None` where there is none."""
        return self._or_none("GET", "/" + _quoted(pack))

    def store(self, archive, source, force):
        """Stores content, and says what its `pack.yaml` says."""
        query = urllib.parse.urlencode({"source": source, "force": str(force).lower()})
        answer = self._send("POST", "/archives?" + query, archive, "application/octet-stream")
        return json.loads(answer)

    def content(self, pack):
        """The content of a pack that was stored last; `None` where there is none."""
        try:
            return self._send("GET", "/archives/" + _quoted(pack))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def about(self, pack):
        """What the `pack.yaml` of that content says; `None` where there is none."""
        return self._or_none("GET", "/archives/" + _quoted(pack) + "?about=true")

    def keep_pins(self, pack, pins):
        """Keeps the versions that a virtualenv was built with, for other nodes."""
        self._json("POST", "/archives/" + _quoted(pack), {"pins": pins})

    def register(self, packs, types):
        """Registers packs; content that was stored comes in force."""
        return self._json("POST", "/register", {"packs": packs, "types": types, "fail_on_failure": True})

    def unload(self, pack):
        """Takes a pack out of force."""
        self._send("DELETE", "/" + _quoted(pack) + "?keep_content=true")

    def forget(self, pack):
        """Removes the content of a pack."""
        self._send("DELETE", "/archives/" + _quoted(pack))

    def _or_none(self, method, path):
        try:
            return self._json(method, path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def _json(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self._send(method, path, data) or b"null")

    def _send(self, method, path, data=None, media="application/json"):
        headers = dict(self._headers)
        if data is not None:
            headers["Content-Type"] = media
        request = urllib.request.Request(self._base + path, data=data, headers=headers, method=method)
        try:
            with _opener().open(request, timeout=PATIENCE) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise ApiError(error.code, _fault(error)) from None


def _opener():
    """The API is near: no proxy stands between."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _quoted(text):
    return urllib.parse.quote(text, safe="")


def _fault(error):
    text = error.read().decode("utf-8", "replace")
    try:
        return json.loads(text)["faultstring"]
    except (ValueError, KeyError, TypeError):
        return text or str(error.reason)
