"""What has changed in Consul since the last look.

A watch asks with the index of the last answer, so that Consul answers when something changes. It keeps a snapshot of
what it has seen; comparing the next answer with it gives the changes.
"""

from consul_api import kv_path, readable
from pack_http import segment

WORST = ("passing", "warning", "critical", "maintenance")
"""States of health, the best first."""


class Watch:
    """What both kinds have. `snapshot` is JSON, `None` before the first look: then nothing counts as a change."""

    trigger = None

    def __init__(self, consul, parameters, snapshot=None, wait="5m"):
        self.consul = consul
        self.parameters = parameters
        self.snapshot = snapshot
        self._index = None
        self._wait = wait

    def look(self):
        """Waits for a change, asks, and gives back the payloads of what has changed, and the next snapshot."""
        index, found = self._ask(self._index, self._wait)
        if index is None:
            raise ValueError("Consul has answered without an index: changes cannot be waited for")
        # An index that went back means that Consul has begun anew; none is below 1.
        went_back = self._index is not None and index < self._index
        self._index = None if went_back else max(index, 1)
        now, payloads = self._compare(found or [], self.snapshot)
        return ([] if self.snapshot is None else payloads), now

    def ask_anew(self):
        """Makes the next look answer at once: what came of the last one was lost."""
        self._index = None


class KeyWatch(Watch):
    """Keys: one, or all that begin with a text."""

    trigger = "consul.kv.changed"

    def _ask(self, index, wait):
        path = kv_path(self.parameters["key"])
        recurse, dc = self.parameters.get("recurse"), self.parameters.get("dc")
        return self.consul.read(path, index=index, wait=wait, recurse=recurse, dc=dc)

    def _compare(self, entries, before):
        before = before or {}
        now, payloads = {}, []
        for entry in entries:
            key, index = entry["Key"], entry["ModifyIndex"]
            now[key] = index
            if before.get(key) != index:
                payloads.append(self._payload(key, "updated" if key in before else "created", readable(entry)))
        payloads += [self._payload(key, "deleted", {}) for key in before if key not in now]
        return now, payloads

    def _payload(self, key, change, entry):
        return {
            "key": key,
            "change": change,
            "value": entry.get("Value"),
            "value_encoding": entry.get("ValueEncoding"),
            "flags": entry.get("Flags"),
            "session": entry.get("Session"),
            "modify_index": entry.get("ModifyIndex"),
            "profile": self.consul.profile,
        }


class ServiceWatch(Watch):
    """The instances of a service, and how they are."""

    trigger = "consul.service.changed"

    def _ask(self, index, wait):
        path = f"/v1/health/service/{segment(self.parameters['service'])}"
        return self.consul.read(
            path, index=index, wait=wait, tag=self.parameters.get("tag"), dc=self.parameters.get("dc")
        )

    def _compare(self, entries, before):
        before = before or {}
        now, payloads = {}, []
        for entry in entries:
            node, service = entry["Node"], entry["Service"]
            name, status = f"{node['Node']}/{service['ID']}", _status(entry.get("Checks") or [])
            now[name] = status
            if before.get(name) != status:
                about = {
                    "address": service.get("Address") or node.get("Address"),
                    "port": service.get("Port"),
                    "tags": service.get("Tags") or [],
                    "checks": [
                        {member: check.get(member) for member in ("CheckID", "Name", "Status", "Output")}
                        for check in entry.get("Checks") or []
                    ],
                }
                payloads.append(self._payload(name, status, before.get(name, "absent"), about))
        for name in before:
            if name not in now:
                payloads.append(self._payload(name, "absent", before[name], {}))
        return now, payloads

    def _payload(self, name, status, before, about):
        node, _, service_id = name.partition("/")
        return {
            "service": self.parameters["service"],
            "node": node,
            "service_id": service_id,
            "status": status,
            "previous_status": before,
            "address": about.get("address"),
            "port": about.get("port"),
            "tags": about.get("tags", []),
            "checks": about.get("checks", []),
            "profile": self.consul.profile,
        }


WATCHES = {kind.trigger: kind for kind in (KeyWatch, ServiceWatch)}
"""The kind of watch of a trigger type."""


def _status(checks):
    """The worst status of an instance's checks."""
    found = [_status_of(check) for check in checks]
    return max(found, key=WORST.index, default="passing")


def _status_of(check):
    if check.get("CheckID", "").startswith(("_node_maintenance", "_service_maintenance")):
        return "maintenance"
    status = check.get("Status")
    return status if status in WORST else "critical"
