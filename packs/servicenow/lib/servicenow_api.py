"""ServiceNow's Table API and Attachment API."""

import mimetypes
import os

from pack_http import Api, basic, segment

PAGE = 500
"""Records that are asked for at a time."""


class ServiceNow:
    """An instance, as the pack's configuration describes it."""

    def __init__(self, config):
        url = config.get("url")
        if not url and config.get("instance_name"):
            url = f"https://{config['instance_name']}.service-now.com"
        if not url:
            raise ValueError("Set `instance_name` (or `url`) in the configuration of the pack servicenow")
        token, password = config.get("token"), config.get("password")
        if token:
            headers = {"Authorization": f"Bearer {token}"}
        elif config.get("username") and password:
            headers = basic(config["username"], password)
        else:
            raise ValueError("Set `username` and `password`, or `token`, in the configuration of the pack servicenow")
        tls = {"verify": config.get("verify", True)}
        self._api = Api(url, headers, [token, password], tls=tls, timeout=config.get("timeout") or 60)
        self._params = config.get("custom_params") or {}

    def records(self, table, query, limit=None, fields=None):
        """The records of a table that an encoded query finds, in pages until `limit`."""
        found = []
        while limit is None or len(found) < limit:
            size = PAGE if limit is None else min(PAGE, limit - len(found))
            asked = {"sysparm_query": query, "sysparm_limit": size, "sysparm_offset": len(found)}
            if fields:
                asked["sysparm_fields"] = ",".join(fields)
            page = self._ask("GET", _table(table), query=asked)
            found += page
            if len(page) < size:
                break
        return found

    def only(self, table, **members):
        """The one record with these members; an error where there is none, or more than one."""
        found = self.records(table, encoded(members), limit=2)
        if len(found) != 1:
            how_many = "no record" if not found else "more than one record"
            raise LookupError(f"{self._api.base}: {how_many} of {table} with {encoded(members)}")
        return found[0]

    def create(self, table, payload):
        """Creates a record; gives it back."""
        return self._ask("POST", _table(table), body=payload)

    def update(self, table, sysid, payload):
        """Changes members of a record; gives it back."""
        return self._ask("PATCH", f"{_table(table)}/{segment(sysid)}", body=payload)

    def delete(self, table, sysid):
        """Deletes a record."""
        self._api.request("DELETE", f"{_table(table)}/{segment(sysid)}", query=self._params)

    def attachments(self, query=None, limit=1000):
        """What is known of the attachments that an encoded query finds."""
        asked = {"sysparm_query": query, "sysparm_limit": limit}
        return self._api.request("GET", "/api/now/attachment", query=asked).json()["result"]

    def attachment(self, sysid):
        """What is known of an attachment."""
        return self._api.request("GET", f"/api/now/attachment/{segment(sysid)}").json()["result"]

    def attach(self, table, sysid, file, name=None, kind=None):
        """Attaches a file to a record; gives back what is known of the attachment."""
        name = name or os.path.basename(file)
        with open(file, "rb") as opened:
            data = opened.read()
        kind = kind or mimetypes.guess_type(name)[0] or "application/octet-stream"
        where = {"table_name": table, "table_sys_id": sysid, "file_name": name}
        path = "/api/now/attachment/file"
        return self._api.request("POST", path, query=where, body=data, headers={"Content-Type": kind}).json()["result"]

    def _ask(self, method, path, query=None, body=None):
        return self._api.request(method, path, query={**self._params, **(query or {})}, body=body).json()["result"]


def encoded(members):
    """An encoded query: all of these members have these values."""
    for name, value in members.items():
        if "^" in f"{name}{value}":
            raise ValueError(f'The value of `{name}` has a "^", which ends a condition: use get_non_structured')
    return "^".join(f"{name}={_plain(value)}" for name, value in members.items())


def _plain(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


def _table(name):
    return f"/api/now/table/{segment(name)}"
