"""A Consul agent, as https://developer.hashicorp.com/consul/api-docs describes it: key-value store with check-and-set,
locks and blocking queries, catalog and health, in memory."""

import base64
import threading

from double import Double

TOKEN = "11111111-2222-3333-4444-555555555555"
READ = {"dc": r"\w+", "stale": "", "consistent": "", "index": r"\d+", "wait": r"(\d+(ms|s|m|h))+"}
NODES = {**READ, "near": ".+", "node-meta": ".+:.+"}


class Agent(Double):
    """The double, with `keys` and `health` of services."""

    def __init__(self):
        super().__init__()
        self.index = 10
        self.keys = {}
        self.health = {}
        self.catalog = []
        self.waiting = threading.Semaphore(0)
        self._changed = threading.Condition()
        key = "/v1/kv/(?P<rest>.*)"
        self._describe("GET", key, self._get, query={**READ, "recurse": "", "keys": "", "separator": "."})
        put = {"dc": r"\w+", "cas": r"\d+", "flags": r"\d+", "acquire": r"[\w-]+", "release": r"[\w-]+"}
        self._describe("PUT", key, self._put, query=put, body=bytes)
        self._describe("DELETE", key, self._delete, query={"dc": r"\w+", "cas": r"\d+", "recurse": ""})
        health = {**NODES, "passing": "", "tag": r"\w+"}
        self._describe("GET", "/v1/health/service/{service}", self._health, query=health)
        for path in ("catalog/datacenters", "agent/services", "agent/checks"):
            self._describe("GET", f"/v1/{path}", (200, []))
        self._describe("GET", "/v1/agent/members", (200, []), query={"wan": ""})
        for path in ("catalog/nodes", "catalog/services", "health/checks/{service}", "health/state/{state}"):
            self._describe("GET", f"/v1/{path}", self._say_path, query=NODES)
        self._describe("GET", "/v1/catalog/service/{service}", self._say_path, query={**NODES, "tag": r"\w+"})
        for path in (
            "catalog/node/{node}",
            "health/node/{node}",
            "session/list",
            "session/node/{node}",
            "session/info/{id}",
        ):
            self._describe("GET", f"/v1/{path}", self._say_path, query=READ)
        register = {"Datacenter": str, "Service": dict, "Check": dict}
        self._describe("PUT", "/v1/catalog/register", self._keep, body={"Node": str, "Address": str}, optional=register)
        deregister = {"Datacenter": str, "ServiceID": str, "CheckID": str}
        self._describe("PUT", "/v1/catalog/deregister", self._keep, body={"Node": str}, optional=deregister)
        session = {"Name": str, "Node": str, "NodeChecks": list, "LockDelay": str, "Behavior": str, "TTL": str}
        dc = {"dc": r"\w+"}
        self._describe("PUT", "/v1/session/create", self._session, body={}, optional=session, query=dc)
        self._describe("PUT", "/v1/session/destroy/{id}", (200, True), query=dc)
        self._describe("PUT", "/v1/session/renew/{id}", lambda request: (200, [{"ID": request.groups["id"]}]), query=dc)

    def change(self, keys=None, health=None):
        """Changes keys (`None` deletes) or the health of services, and answers those who wait."""
        with self._changed:
            self.index += 1
            for key, value in (keys or {}).items():
                if value is None:
                    self.keys.pop(key)
                else:
                    self._set(key, value)
            self.health.update(health or {})
            self._changed.notify_all()

    def _describe(self, method, path, answer, **shape):
        self.takes(method, path, answer, headers={"X-Consul-Token": TOKEN}, **shape)

    def _set(self, key, value, **more):
        old = self.keys.get(key, {"CreateIndex": self.index, "LockIndex": 0, "Flags": 0})
        value = base64.b64encode(value).decode()
        self.keys[key] = {**old, "Key": key, "Value": value, "ModifyIndex": self.index, **more}

    def _block(self, request):
        """Waits as a blocking query does."""
        if "index" in request.query:
            self.waiting.release()
            self._changed.wait_for(lambda: self.index != int(request.query["index"]), timeout=20)
        return {"X-Consul-Index": str(self.index)}

    def _get(self, request):
        key = request.groups["rest"]
        with self._changed:
            headers = self._block(request)
            if "recurse" in request.query or "keys" in request.query:
                found = [self.keys[name] for name in sorted(self.keys) if name.startswith(key)]
            else:
                found = [self.keys[key]] if key in self.keys else []
        if "keys" in request.query:
            found = [entry["Key"] for entry in found]
        return (200, found, headers) if found else (404, None, headers)

    def _put(self, request):
        key, query = request.groups["rest"], request.query
        with self._changed:
            now = self.keys.get(key, {})
            if int(query.get("cas", now.get("ModifyIndex", 0))) != now.get("ModifyIndex", 0):
                return 200, False
            if "acquire" in query and now.get("Session", query["acquire"]) != query["acquire"]:
                return 200, False
            self.index += 1
            self._set(key, request.data, Flags=int(query.get("flags", 0)))
            if "acquire" in query:
                self.keys[key]["Session"] = query["acquire"]
        return 200, True

    def _delete(self, request):
        key, cas = request.groups["rest"], request.query.get("cas")
        if cas is not None and self.keys[key]["ModifyIndex"] != int(cas):
            return 200, False
        for name in list(self.keys):
            if name == key or ("recurse" in request.query and name.startswith(key)):
                del self.keys[name]
        return 200, True

    def _health(self, request):
        with self._changed:
            headers = self._block(request)
            return 200, self.health.get(request.groups["service"], []), headers

    def _say_path(self, request):
        return 200, [request.path], {"X-Consul-Index": str(self.index)}

    def _keep(self, request):
        self.catalog.append((request.path.rsplit("/", 1)[1], request.body))
        return 200, True

    def _session(self, request):
        self.catalog.append(("session", request.body))
        return 200, {"ID": "adf4238a-882b-9ddc-4a9d-5b6758e4159e"}


def instance(status, node="n1", service="web", port=80):
    """An instance of a service, as the health endpoint says it."""
    check = {"CheckID": f"service:{service}", "Name": "alive", "Status": status, "Output": "so it says"}
    serf = {"CheckID": "serfHealth", "Name": "Serf Health Status", "Status": "passing", "Output": ""}
    about = {"ID": f"{service}-{port}", "Service": service, "Port": port, "Address": "", "Tags": ["a"]}
    return {"Node": {"Node": node, "Address": "10.0.0.1"}, "Service": about, "Checks": [serf, check]}


def config(agent, **more):
    """A configuration with one profile: this agent."""
    host, port = agent.host.split(":")
    return {
        "default_profile": "test",
        "consul_profiles": [{"name": "test", "host": host, "port": int(port), "token": TOKEN, **more}],
    }
