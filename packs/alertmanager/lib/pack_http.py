"""HTTP for the actions and sensors of this pack, over the standard library alone.

Failures are `ApiError`s. They say what was asked of which host and what came back, and never hold what is named in
`secrets`. Redirects are not followed: they would carry credentials to wherever they point.

Several packs carry this file; `scripts/pack-tests` sees to it that the copies are the same.
"""

import base64
import http.client
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request

SHOWN = 400
"""Characters of an answer that an error shows."""

LARGEST = 64 * 1024 * 1024
"""Bytes of an answer that are read."""


class ApiError(Exception):
    """A request that failed. `status`, `body` and `headers` are the answer's; `status` is `None` where none came."""

    def __init__(self, text, status=None, body=None, headers=None):
        super().__init__(text)
        self.status = status
        self.body = body
        self.headers = headers or {}


class Answer:
    """A successful answer: its status, headers, and body as bytes."""

    def __init__(self, asked, status, headers, body):
        self._asked = asked
        self.status = status
        self.headers = headers
        self.body = body

    def text(self):
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self):
        """What the body says as JSON; `None` of an empty one."""
        if not self.body.strip():
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            kind = self.headers.get("Content-Type", "no content type")
            raise ApiError(
                f"{self._asked}: answered {self.status} with something that is no JSON ({kind})", self.status
            ) from None


class Form(dict):
    """A body that is sent as `application/x-www-form-urlencoded`."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Api:
    """A service at `base`, for example `https://host/api`.

    `tls` is what `tls_context` takes. `timeout` is in seconds. No text of errors holds one of `secrets`.
    """

    def __init__(self, base, headers=None, secrets=(), tls=None, timeout=30):
        parts = urllib.parse.urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("The address of the service must be like https://host or http://host:port")
        if parts.username or parts.password:
            raise ValueError(f"The address of {parts.hostname} must not hold a password: there are settings for that")
        self.base = base.rstrip("/")
        self.timeout = timeout
        self._headers = dict(headers or {})
        self._secrets = [secret for secret in secrets if secret]
        handlers = [_NoRedirects()]
        if parts.scheme == "https":
            handlers.append(urllib.request.HTTPSHandler(context=tls_context(**(tls or {}))))
        self._opener = urllib.request.build_opener(*handlers)

    def request(self, method, path, query=None, body=None, headers=None, timeout=None):
        """Sends a request; an answer that is no success is an error.

        `query` leaves out what is `None`. `body` is bytes, a `Form`, or anything that JSON can say.
        """
        url = self.base + path
        sent = {"Accept": "application/json", **self._headers}
        data, kind = _encoded(body)
        if kind:
            sent["Content-Type"] = kind
        sent.update(headers or {})
        asked = self.clean(f"{method} {url}")
        given = _query(query or {})
        if given:
            url = f"{url}?{given}"
        request = urllib.request.Request(url, data=data, headers=sent, method=method)
        try:
            with self._opener.open(request, timeout=timeout or self.timeout) as answer:
                content = answer.read(LARGEST + 1)
                if len(content) > LARGEST:
                    raise ApiError(f"{asked}: the answer is larger than {LARGEST} bytes", answer.status)
                return Answer(asked, answer.status, answer.headers, content)
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(asked, error) from None
        except urllib.error.URLError as error:
            raise ApiError(self.clean(f"{asked}: no answer: {error.reason}")) from None
        except (OSError, http.client.HTTPException) as error:
            raise ApiError(self.clean(f"{asked}: no answer: {error or type(error).__name__}")) from None

    def clean(self, text):
        """The text without secrets."""
        for secret in self._secrets:
            for form in (secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret)):
                text = text.replace(form, "********")
        return text

    def _refused(self, asked, error):
        content = error.read(LARGEST)
        text = self.clean(content.decode("utf-8", "replace").strip())
        said = f"{error.code} {error.reason}".strip()
        shown = text if len(text) <= SHOWN else text[:SHOWN] + "..."
        if 300 <= error.code < 400:
            where = self.clean(error.headers.get("Location") or "nowhere")
            return ApiError(f"{asked}: answered {said}, a redirect to {where}: set that address instead", error.code)
        wait = error.headers.get("Retry-After")
        hint = f" (it asks to wait for {wait} seconds)" if wait else ""
        try:
            body = json.loads(text)
        except ValueError:
            body = text
        reason = f": {shown}" if shown else ""
        return ApiError(f"{asked}: answered {said}{hint}{reason}", error.code, body, error.headers)


def segment(value):
    """A text as one segment of a path."""
    return urllib.parse.quote(str(value), safe="")


def basic(username, password):
    """The header of basic authentication."""
    pair = base64.b64encode(f"{username}:{password}".encode())
    return {"Authorization": f"Basic {pair.decode('ascii')}"}


def tls_context(verify=True, ca_file=None, cert_file=None, key_file=None):
    """What an https connection trusts, and shows."""
    context = ssl.create_default_context(cafile=ca_file or None)
    if not verify and not ca_file:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert_file:
        context.load_cert_chain(cert_file, key_file or None)
    return context


def _encoded(body):
    """A body as bytes, and its content type."""
    if body is None:
        return None, None
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    if isinstance(body, Form):
        return _query(body).encode("ascii"), "application/x-www-form-urlencoded"
    return json.dumps(body).encode("utf-8"), "application/json; charset=utf-8"


def _query(values):
    return urllib.parse.urlencode(
        {name: _plain(value) for name, value in values.items() if value is not None}, doseq=True
    )


def _plain(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
