"""Jira's REST API, version 2, as developer.atlassian.com describes it for Cloud and for Data Center, over issues in
memory."""

import base64
import re

from double import Double

TOKEN = "jira-very-secret"
USER = "bot@company.example"
BASIC = "Basic " + base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
FIELDS = {"fields": r"[\w*,]+"}
NUMBER = r"\d+"
GONE = {"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}
PEOPLE = [
    {
        "accountId": "a1",
        "key": "k1",
        "name": "ada",
        "displayName": "Ada",
        "emailAddress": "ada@company.example",
        "active": True,
    },
    {
        "accountId": "a2",
        "key": "k2",
        "name": "alan",
        "displayName": "Alan",
        "emailAddress": "alan@company.example",
        "active": False,
    },
]


def issue(number, **fields):
    """An issue as Jira says it."""
    given = {"summary": f"number {number}", "status": {"name": "Open"}, "labels": [], "project": {"key": "OPS"}}
    return {"id": str(number), "key": f"OPS-{number}", "fields": {**given, **fields}}


class JiraDouble(Double):
    """The double, with `issues` by key."""

    def __init__(self, is_cloud):
        super().__init__()
        self.issues = {f"OPS-{number}": issue(number) for number in range(1, 6)}
        self.is_cloud = is_cloud
        one = "/rest/api/2/issue/{key}"
        self._describe("GET", one, self._get, query=FIELDS)
        self._describe("POST", "/rest/api/2/issue", self._create, body={"fields": dict}, optional={"update": dict})
        self._describe(
            "PUT",
            one,
            self._edit,
            query={"notifyUsers": "true|false"},
            body={},
            optional={"fields": dict, "update": dict},
        )
        self._describe("GET", f"{one}/transitions", self._transitions)
        self._describe(
            "POST", f"{one}/transitions", self._transit, body={"transition": dict}, optional={"fields": dict}
        )
        self._describe("POST", f"{one}/comment", self._comment, body={"body": str}, optional={"visibility": dict})
        self._describe("GET", f"{one}/comment", self._comments, query={"startAt": NUMBER, "maxResults": NUMBER})
        self._describe("PUT", f"{one}/assignee", self._assign, body={"accountId" if is_cloud else "name": str})
        self._describe(
            "POST", f"{one}/attachments", self._attach, body=bytes, headers={"X-Atlassian-Token": "no-check"}
        )
        kinds = [{"id": "1", "name": "Relates", "inward": "relates to", "outward": "relates to"}]
        kinds.append({"id": "2", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"})
        self._describe("GET", "/rest/api/2/issueLinkType", (200, {"issueLinkTypes": kinds}))
        link = {"type": dict, "inwardIssue": dict, "outwardIssue": dict}
        self._describe("POST", "/rest/api/2/issueLink", (201, None), body=link, optional={"comment": dict})
        users = {"startAt": NUMBER, "maxResults": NUMBER}
        search = {"jql": str, "maxResults": int, "fields": list}
        if is_cloud:
            self._describe("GET", "/rest/api/2/user/search", self._users, query={**users, "query": ".+"})
            self._describe(
                "POST", "/rest/api/2/search/jql", self._search_cloud, body=search, optional={"nextPageToken": str}
            )
        else:
            how = {"includeActive": "true|false", "includeInactive": "true|false"}
            self._describe("GET", "/rest/api/2/user/search", self._users, query={**users, **how, "username": ".+"})
            self._describe("POST", "/rest/api/2/search", self._search_server, body={**search, "startAt": int})

    def _describe(self, method, path, answer, headers=None, **shape):
        def found(request):
            key = request.groups.get("key")
            if key is not None and key not in self.issues:
                return 404, GONE
            return answer(request) if callable(answer) else answer

        self.takes(method, path, found, headers={"Authorization": BASIC, **(headers or {})}, **shape)

    def _get(self, request):
        return 200, self.issues[request.groups["key"]]

    def _create(self, request):
        fields = request.body["fields"]
        if fields["issuetype"]["name"] == "Wish":
            return 400, {"errorMessages": [], "errors": {"issuetype": "The issue type selected is invalid."}}
        made = issue(len(self.issues) + 1, **fields)
        self.issues[made["key"]] = made
        return 201, {"id": made["id"], "key": made["key"], "self": f"{self.url}/rest/api/2/issue/{made['id']}"}

    def _edit(self, request):
        fields = self.issues[request.groups["key"]]["fields"]
        fields.update(request.body.get("fields") or {})
        for name, operations in (request.body.get("update") or {}).items():
            fields[name] = fields.get(name, []) + [operation["add"] for operation in operations]
        return 204, None

    def _transitions(self, _request):
        return 200, {"transitions": [{"id": "11", "name": "Start"}, {"id": "21", "name": "Close"}]}

    def _transit(self, request):
        names = {"11": "In Progress", "21": "Closed"}
        name = names.get(request.body["transition"]["id"])
        if name is None:
            return 400, {"errorMessages": ["It is not on the appropriate transition"], "errors": {}}
        self.issues[request.groups["key"]]["fields"].update(
            {"status": {"name": name}, **request.body.get("fields", {})}
        )
        return 204, None

    def _comment(self, request):
        fields = self.issues[request.groups["key"]]["fields"]
        comments = fields.setdefault("comment", {"comments": []})["comments"]
        comments.append({"id": str(len(comments) + 1), "body": request.body["body"], "author": {"displayName": "Bot"}})
        return 201, comments[-1]

    def _comments(self, request):
        comments = self.issues[request.groups["key"]]["fields"].get("comment", {"comments": []})["comments"]
        start = int(request.query["startAt"])
        return 200, {"startAt": start, "total": len(comments), "comments": comments[start : start + 2]}

    def _assign(self, request):
        self.issues[request.groups["key"]]["fields"]["assignee"] = request.body
        return 204, None

    def _attach(self, request):
        kind, boundary = request.headers["Content-Type"].split("; boundary=")
        assert kind == "multipart/form-data", kind
        _, part, end = request.data.split(b"--" + boundary.encode())
        assert end == b"--\r\n", end
        head, content = part[:-2].split(b"\r\n\r\n", 1)
        name = re.search(rb'form-data; name="file"; filename="(.*)"', head)[1].decode()
        return 200, [{"id": "1", "filename": name, "size": len(content), "content": f"{self.url}/attachment/1"}]

    def _users(self, request):
        asked = request.query["query" if self.is_cloud else "username"]
        return 200, [user for user in PEOPLE if user["name"].startswith(asked) or user["emailAddress"] == asked]

    def _search_server(self, request):
        start, found = request.body["startAt"], list(self.issues.values())
        page = found[start : start + request.body["maxResults"]]
        return 200, {"startAt": start, "maxResults": len(page), "total": len(found), "issues": page}

    def _search_cloud(self, request):
        start, found = int(request.body.get("nextPageToken", "0")), list(self.issues.values())
        page = found[start : start + request.body["maxResults"]]
        end = start + len(page)
        return 200, {"issues": page, **({"nextPageToken": str(end)} if end < len(found) else {})}
