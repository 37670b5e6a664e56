"""A local HTTP server that stands in for a vendor's, and is as strict: what its API does not describe is refused.

A test says which requests the API takes (`Double.takes`): method, path, headers, query, members of the body. Whatever
else comes is answered with status 400, and `Double.close` raises for it.

Several packs carry this file; `scripts/pack-tests` sees to it that the copies are the same.
"""

import json
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Request:
    """What has arrived; `body` is parsed as its content type says."""

    def __init__(self, method, path, query, headers, data):
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.data = data
        self.groups = {}
        self.body = _parsed(headers.get("Content-Type") or "", data)


class Takes:
    """One kind of request that the API describes. A type stands for any value of this type."""

    def __init__(self, method, path, answer, query=None, headers=None, body=None, optional=None):
        self.method = method
        self.path = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$")
        self.answer = answer
        self.query = query or {}
        self.headers = headers or {}
        self.body = body
        self.optional = optional or {}

    def faults(self, request):
        """What is wrong with a request of this method and path."""
        faults = []
        for name, value in self.headers.items():
            if request.headers.get(name) != value:
                faults.append(f"header {name} is {request.headers.get(name)!r}, not {value!r}")
        for name, value in request.query.items():
            if name not in self.query:
                faults.append(f"query {name}={value} is not described")
            elif not re.fullmatch(self.query[name], value):
                faults.append(f"query {name}={value} does not look like {self.query[name]}")
        if self.body is None and request.data:
            faults.append(f"there is a body: {request.data!r}")
        elif isinstance(self.body, type) and not isinstance(request.body, self.body):
            faults.append(f"the body is no {self.body.__name__}: {request.body!r}")
        elif isinstance(self.body, dict):
            faults += self._members(request.body)
        return faults

    def _members(self, body):
        if not isinstance(body, dict):
            return [f"the body is no object: {body!r}"]
        described = {**self.optional, **self.body}
        missing = [f"the body has no `{name}`" for name in self.body if name not in body]
        unknown = [f"`{name}` is not described" for name in body if name not in described]
        wrong = [
            f"`{name}` is {body[name]!r}, not {kind.__name__}"
            for name, kind in described.items()
            if name in body and not isinstance(body[name], kind)
        ]
        return missing + unknown + wrong


class Double:
    """The server. `requests` is what came, the first first."""

    def __init__(self):
        self.requests = []
        self.faults = []
        self._takes = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def takes(self, method, path, answer, **shape):
        """Describes requests. `answer` is (status, body[, headers]), or makes that of the request."""
        self._takes.insert(0, Takes(method, path, answer, **shape))

    def close(self):
        """Stops; raises where a request came that the API does not describe."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self.faults:
            raise AssertionError("\n".join(self.faults))

    def answer(self, request):
        """Status, body and headers for a request."""
        self.requests.append(request)
        found = None
        for takes in self._takes:
            found = takes.path.match(request.path)
            if found and takes.method == request.method:
                break
        else:
            return self._fault(request, ["this path is not described"])
        faults = takes.faults(request)
        if faults:
            return self._fault(request, faults)
        request.groups = {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}
        given = takes.answer(request) if callable(takes.answer) else takes.answer
        return given if len(given) == 3 else (*given, {})

    def _fault(self, request, faults):
        self.faults += [f"{request.method} {request.path}: {fault}" for fault in faults]
        return 400, {"faults": faults}, {}

    def _handler(double):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def _serve(self):
                length = int(self.headers.get("Content-Length") or 0)
                parts = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
                request = Request(self.command, parts.path, query, self.headers, self.rfile.read(length))
                status, body, headers = double.answer(request)
                data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                if status != 204:
                    headers = {"Content-Type": "application/json", **headers, "Content-Length": str(len(data))}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data if status != 204 else b"")

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

            def log_message(self, *_):
                pass

        return Handler


def _parsed(kind, data):
    if kind.startswith("application/json"):
        return json.loads(data)
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(urllib.parse.parse_qsl(data.decode(), keep_blank_values=True))
    return data
