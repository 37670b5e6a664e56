"""The client and the datastore, against a server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from petrel_worker.action import ActionService
from petrel_worker.child import Wrapper
from petrel_worker.client import HTTPError
from st2client.client import Client
from st2client.models import KeyValuePair


class Handler(BaseHTTPRequestHandler):
    """Keeps what was sent, and items by name."""

    sent: list[dict[str, Any]] = []
    items: dict[str, Any] = {}

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        type(self).sent.append({"method": self.command, "path": self.path, "body": body, "headers": dict(self.headers)})
        name = self.path.partition("?")[0]
        if self.path.startswith("/v1/broken"):
            return self._answer(400, {"faultstring": "no good"})
        if self.command == "PUT":
            self.items[name] = body
        if self.command == "DELETE" and self.items.pop(name, None) is not None:
            return self._answer(204, None)
        if name == "/v1/keys":
            return self._answer(200, list(self.items.values()))
        if self.command == "POST":
            return self._answer(202, body)
        if name in self.items:
            return self._answer(200, self.items[name])
        return self._answer(404, {"faultstring": "not here"})

    do_GET = do_PUT = do_POST = do_DELETE = _handle

    def _answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        """Silence."""


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server's API."""
    Handler.sent, Handler.items = [], {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    monkeypatch.setenv("ST2_ACTION_API_URL", url)
    monkeypatch.setenv("ST2_ACTION_AUTH_TOKEN", "token-1")
    yield url
    server.shutdown()
    server.server_close()


def test_says_that_nobody_answers() -> None:
    with pytest.raises(ConnectionError, match=r"the API at http://127.0.0.1:1/v1 cannot be reached: .*refused"):
        Client(api_url="http://127.0.0.1:1/v1").keys.get_by_id("x")


def test_says_that_an_action_has_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ST2_ACTION_API_URL", "")
    monkeypatch.setenv("ST2_API_URL", "http://127.0.0.1:1/v1")

    with pytest.raises(ConnectionError, match="runs without the API of an engine.*--api-url"):
        ActionService(Wrapper("p", "Act", "debug", "me")).set_value("a", 1)

    assert Client(api_url="http://127.0.0.1:1/v1").endpoints["api"] == "http://127.0.0.1:1/v1"


def test_actions_keep_values_local_to_their_class(url: str) -> None:
    service = ActionService(Wrapper("p", "Act", "debug", "me"))

    assert service.set_value("a/b", 5, ttl=60, encrypt=True)

    put = Handler.sent[0]
    assert (put["method"], put["path"]) == ("PUT", "/v1/keys/p.Act%3Aa%2Fb")
    name = "p.Act:a/b"
    assert put["body"] == {"id": name, "name": name, "value": "5", "scope": "system", "secret": True, "ttl": 60}
    assert put["headers"]["X-Auth-Token"] == "token-1"
    assert service.get_value("a/b", decrypt=True) == "5"
    assert Handler.sent[1]["path"].endswith("?decrypt=true&scope=system")
    assert service.get_value("a/b", local=False) is None
    assert [item.value for item in service.list_values(prefix="a")] == ["5"]
    assert Handler.sent[-1]["path"] == "/v1/keys?prefix=p.Act%3Aa"
    assert service.delete_value("a/b")


def test_deleting_what_is_not_there_is_logged(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    service = ActionService(Wrapper("p", "Act", "debug", "me"))

    assert service.delete_value("none") is False

    assert "Exception deleting value from datastore (name=p.Act:none)" in capsys.readouterr().err


def test_refuses_scopes_that_are_none(url: str) -> None:
    service = ActionService(Wrapper("p", "Act", "debug", "me"))

    with pytest.raises(ValueError, match="Scope x is unsupported"):
        service.get_value("a", scope="x")


def test_the_client_works_as_st2s(url: str) -> None:
    client = Client(api_url=url, token="mine")

    client.keys.update(KeyValuePair(id="k", name="k", value="v"))

    assert client.keys.get_by_id("k").value == "v"
    assert client.keys.get_by_name("none") is None
    client.webhooks.post_generic_webhook(trigger="p.t", payload={"a": 1}, trace_tag="tag")
    assert Handler.sent[-1]["path"] == "/v1/webhooks/st2"
    assert Handler.sent[-1]["body"] == {"trigger": "p.t", "payload": {"a": 1}}
    assert Handler.sent[-1]["headers"]["St2-trace-tag".title()] == "tag"
    assert Handler.sent[-1]["headers"]["X-Auth-Token".title()] == "mine"


def test_errors_say_what_the_api_said(url: str) -> None:
    client = Client(api_url=url)

    with pytest.raises(HTTPError, match="400: no good"):
        client._session.send("GET", "/broken")
    with pytest.raises(AttributeError, match="the client knows no `nonsense`"):
        client.nonsense  # noqa: B018
