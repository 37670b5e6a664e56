"""The API over HTTP, in the shape of st2's client library, for what actions and sensors are handed.

`Client(api_url=..., token=...)` has a manager for each kind of resource; a resource has the members of its JSON as
attributes.
"""

from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Optional

from petrel_worker.resource import Execution, KeyValuePair, Resource, ResourceNotFoundError

__all__ = [
    "Client",
    "Execution",
    "HTTPError",
    "KeyValuePair",
    "Resource",
    "ResourceManager",
    "ResourceNotFoundError",
    "Session",
]

DEFAULT_URL = "http://127.0.0.1:9101/v1"
NO_API = (
    "this action runs without the API of an engine, so it has no datastore: "
    "`petrel action run-local --api-url http://127.0.0.1:9101/v1` lets it use that of a running one"
)
PATIENCE = 60.0
"""Seconds for an answer."""


class HTTPError(Exception):
    """The API refused a request; `status` is its answer's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Session:
    """Sends requests."""

    def __init__(self, base: str, token: Optional[str], api_key: Optional[str], cacert: Any = None) -> None:
        self.base = base.rstrip("/")
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["X-Auth-Token"] = token
        elif api_key:
            self._headers["St2-Api-Key"] = api_key
        self._tls = _tls(cacert) if self.base.startswith("https") else None

    def send(
        self,
        method: str,
        path: str,
        params: Optional[dict[str, Any]] = None,
        body: Any = None,
        headers: Optional[dict[str, str]] = None,
    ) -> Any:
        """Sends a request; gives back the answer's JSON.

        Raises `HTTPError` where the API refused it, `ConnectionError` where there is none.
        """
        url = self.base + path
        query = {name: _text(value) for name, value in (params or {}).items() if value is not None}
        if query:
            url = f"{url}?{urllib.parse.urlencode(query)}"
        sent = {**self._headers, **(headers or {})}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        request = urllib.request.Request(url, data=data, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE, context=self._tls) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise HTTPError(error.code, _fault(error)) from None
        except urllib.error.URLError as error:
            raise ConnectionError(f"the API at {self.base} cannot be reached: {error.reason}") from None
        return json.loads(text) if text else None


def _tls(cacert: Any) -> ssl.SSLContext:
    if cacert is False:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    return ssl.create_default_context(cafile=cacert if isinstance(cacert, str) else None)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fault(error: urllib.error.HTTPError) -> str:
    text = error.read().decode("utf-8", "replace")
    try:
        return str(json.loads(text)["faultstring"])
    except (ValueError, KeyError, TypeError):
        return text or str(error.reason)


class ResourceManager:
    """What can be done with the resources of a kind."""

    def __init__(self, session: Session, path: str, resource: type[Resource] = Resource) -> None:
        self._session = session
        self._path = path
        self.resource = resource

    def get_all(self, **kwargs: Any) -> list[Any]:
        """All of them, or those that the API's query parameters select."""
        return self.query(**kwargs)

    def query(self, **kwargs: Any) -> list[Any]:
        """Those that the API's query parameters select."""
        params = kwargs.pop("params", None) or {}
        answer = self._session.send("GET", self._path, {**kwargs, **params})
        return [self.resource.deserialize(members) for members in answer or []]

    def get_by_id(self, id: str, **kwargs: Any) -> Any:
        """One; `None` where there is none."""
        try:
            answer = self._session.send("GET", self._of(id), kwargs.get("params"))
        except HTTPError as error:
            if error.status == 404:
                return None
            raise
        return self.resource.deserialize(answer)

    def get_by_name(self, name: str, **kwargs: Any) -> Any:
        """One; `None` where there is none."""
        return self.get_by_id(name, **kwargs)

    def get_by_ref_or_id(self, ref_or_id: str, **kwargs: Any) -> Any:
        """One; `None` where there is none."""
        return self.get_by_id(ref_or_id, **kwargs)

    def create(self, instance: Resource, **kwargs: Any) -> Any:
        """Makes one."""
        answer = self._session.send("POST", self._path, kwargs.get("params"), instance.serialize())
        return self.resource.deserialize(answer)

    def update(self, instance: Any, **kwargs: Any) -> Any:
        """Stores one under its id."""
        answer = self._session.send("PUT", self._of(instance.id), kwargs.get("params"), instance.serialize())
        return self.resource.deserialize(answer)

    def delete(self, instance: Any, **kwargs: Any) -> None:
        """Removes one."""
        self.delete_by_id(instance.id, **kwargs)

    def delete_by_id(self, instance_id: str, **kwargs: Any) -> None:
        """Removes the one of this id. Raises `ResourceNotFoundError` where there is none."""
        try:
            self._session.send("DELETE", self._of(instance_id), kwargs.get("params"))
        except HTTPError as error:
            if error.status == 404:
                raise ResourceNotFoundError(f"{self._path}: there is no `{instance_id}`") from None
            raise

    def _of(self, id: str) -> str:
        return f"{self._path}/{urllib.parse.quote(str(id), safe='')}"


class ExecutionManager(ResourceManager):
    """Runs actions."""

    def re_run(self, execution_id: str, parameters: Optional[dict[str, Any]] = None, **kwargs: Any) -> Any:
        """Runs an execution again."""
        body = {"parameters": parameters or {}, **kwargs}
        return self.resource.deserialize(self._session.send("POST", f"{self._of(execution_id)}/re_run", body=body))

    def get_output(self, execution_id: str, output_type: Optional[str] = None) -> Any:
        """What an execution has printed."""
        return self._session.send("GET", f"{self._of(execution_id)}/output", {"output_type": output_type})


class WebhookManager:
    """Sends events."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def post_generic_webhook(
        self, trigger: str, payload: Optional[dict[str, Any]] = None, trace_tag: Optional[str] = None
    ) -> Any:
        """Makes a trigger happen, with this payload."""
        headers = {"St2-Trace-Tag": trace_tag} if trace_tag else None
        body = {"trigger": trigger, "payload": payload or {}}
        return self._session.send("POST", "/webhooks/st2", body=body, headers=headers)


MANAGERS = {
    "actions": "/actions",
    "aliases": "/actionalias",
    "apikeys": "/apikeys",
    "configs": "/configs",
    "config_schemas": "/config_schemas",
    "inquiries": "/inquiries",
    "packs": "/packs",
    "policies": "/policies",
    "rules": "/rules",
    "runners": "/runnertypes",
    "sensors": "/sensortypes",
    "traces": "/traces",
    "triggerinstances": "/triggerinstances",
    "triggertypes": "/triggertypes",
}


class Client:
    """The API. Its URL and token come from the environment where they are not given.

    Raises `ConnectionError` where the engine lets its actions reach none.
    """

    def __init__(
        self,
        base_url: Optional[str] = None,
        auth_url: Optional[str] = None,
        api_url: Optional[str] = None,
        stream_url: Optional[str] = None,
        api_version: str = "v1",
        cacert: Any = None,
        debug: bool = False,
        token: Optional[str] = None,
        api_key: Optional[str] = None,
        **_others: Any,
    ) -> None:
        if api_url is None and base_url:
            api_url = f"{base_url.rstrip('/')}:9101/{api_version}"
        if not api_url and os.environ.get("ST2_ACTION_API_URL") == "":
            raise ConnectionError(NO_API)
        api_url = api_url or os.environ.get("ST2_ACTION_API_URL") or os.environ.get("ST2_API_URL") or DEFAULT_URL
        token = token or os.environ.get("ST2_ACTION_AUTH_TOKEN") or os.environ.get("ST2_AUTH_TOKEN")
        api_key = api_key or os.environ.get("ST2_API_KEY")
        cacert = cacert if cacert is not None else os.environ.get("ST2_CACERT")
        self.endpoints = {"base": base_url, "auth": auth_url, "api": api_url, "stream": stream_url}
        self.token = token
        self._session = Session(api_url, token, api_key, cacert)
        self.keys = ResourceManager(self._session, "/keys", KeyValuePair)
        self.executions = ExecutionManager(self._session, "/executions", Execution)
        self.liveactions = self.executions
        self.webhooks = WebhookManager(self._session)
        self.managers: dict[str, ResourceManager] = {"Execution": self.executions, "KeyValuePair": self.keys}
        for name, path in MANAGERS.items():
            self.managers[name] = ResourceManager(self._session, path)

    def __getattr__(self, name: str) -> ResourceManager:
        managers: dict[str, ResourceManager] = self.__dict__.get("managers", {})
        if name in managers:
            return managers[name]
        raise AttributeError(f"the client knows no `{name}`; it knows {sorted(MANAGERS)}")

    def get_user_info(self) -> dict[str, Any]:
        """Who the API takes us for."""
        info: dict[str, Any] = self._session.send("GET", "/user")
        return info
