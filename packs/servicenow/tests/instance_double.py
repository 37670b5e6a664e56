"""An instance of ServiceNow: its Table API and Attachment API as the REST API reference (now/table, now/attachment)
describes them, over records in memory."""

import base64

from double import Double

PASSWORD = "s3cret^pass"
HEADERS = {
    "Authorization": "Basic " + base64.b64encode(f"petrel:{PASSWORD}".encode()).decode(),
    "Accept": "application/json",
}
RECORD = {
    "sysparm_display_value": "true|false|all",
    "sysparm_exclude_reference_link": "true|false",
    "sysparm_fields": ".+",
}
LIST = {**RECORD, "sysparm_query": ".*", "sysparm_limit": r"\d+", "sysparm_offset": r"\d+"}
NONE = {"error": {"message": "No Record found", "detail": "Record doesn't exist or ACL restricts"}, "status": "failure"}


class Instance(Double):
    """The double, with `tables` and `attachments`."""

    def __init__(self):
        super().__init__()
        self.tables = {
            "incident": {f"i{n}": {"sys_id": f"i{n}", "number": f"INC{n}", "assigned_to": ""} for n in range(1, 6)},
            "sys_user": {"u1": {"sys_id": "u1", "user_name": "ada"}},
            "change_request": {"c1": {"sys_id": "c1", "number": "CHG1", "approval": "requested"}},
        }
        self.attachments = {}
        record = "/api/now/table/{table}/{id}"
        self.takes("GET", "/api/now/table/{table}", self._find, query=LIST, headers=HEADERS)
        self.takes("POST", "/api/now/table/{table}", self._create, query=RECORD, headers=HEADERS, body=dict)
        self.takes("PATCH", record, self._update, query=RECORD, headers=HEADERS, body=dict)
        self.takes("DELETE", record, self._delete, query=RECORD, headers=HEADERS)
        self.takes(
            "GET",
            "/api/now/attachment",
            self._attachments,
            query={name: LIST[name] for name in LIST if name not in RECORD},
            headers=HEADERS,
        )
        self.takes("GET", "/api/now/attachment/{id}", self._attachment, headers=HEADERS)
        self.takes(
            "POST",
            "/api/now/attachment/file",
            self._attach,
            query={"table_name": r"\w+", "table_sys_id": r"\w+", "file_name": ".+"},
            headers=HEADERS,
            body=bytes,
        )

    def _find(self, request):
        found = [
            record
            for record in self.tables[request.groups["table"]].values()
            if _fits(record, request.query["sysparm_query"])
        ]
        start = int(request.query["sysparm_offset"])
        page = found[start : start + int(request.query["sysparm_limit"])]
        wanted = request.query.get("sysparm_fields")
        if wanted:
            page = [{name: record[name] for name in wanted.split(",")} for record in page]
        return 200, {"result": page}

    def _create(self, request):
        table = self.tables[request.groups["table"]]
        record = {"sys_id": f"new{len(table)}", **request.body}
        table[record["sys_id"]] = record
        return 201, {"result": record}

    def _update(self, request):
        record = self.tables[request.groups["table"]].get(request.groups["id"])
        if record is None:
            return 404, NONE
        record.update(request.body)
        return 200, {"result": record}

    def _delete(self, request):
        if self.tables[request.groups["table"]].pop(request.groups["id"], None) is None:
            return 404, NONE
        return 204, None

    def _attach(self, request):
        number = f"a{len(self.attachments) + 1}"
        self.attachments[number] = {
            "sys_id": number,
            **request.query,
            "content_type": request.headers["Content-Type"],
            "size_bytes": str(len(request.data)),
        }
        return 201, {"result": self.attachments[number]}

    def _attachment(self, request):
        found = self.attachments.get(request.groups["id"])
        return (200, {"result": found}) if found else (404, NONE)

    def _attachments(self, request):
        query = request.query.get("sysparm_query", "")
        return 200, {"result": [item for item in self.attachments.values() if _fits(item, query)]}


def _fits(record, query):
    conditions = [condition.split("=", 1) for condition in query.split("^") if condition]
    return all(record.get(name) == value for name, value in conditions)
