"""Jira's REST API, version 2: the one that Cloud, Data Center and Server share, and that takes plain text."""

import os
import urllib.parse
import uuid

from pack_http import Api, basic, segment

API = "/rest/api/2"
PAGE = 100
"""Issues that are asked for at a time."""


class Jira:
    """A Jira, as the pack's configuration describes it."""

    def __init__(self, config):
        if not config.get("url"):
            raise ValueError("Set `url` in the configuration of the pack jira")
        self.url = config["url"].rstrip("/")
        self.project = config.get("project")
        deployment = config.get("deployment") or "auto"
        host = urllib.parse.urlsplit(self.url).hostname or ""
        self.is_cloud = deployment == "cloud" or (deployment == "auto" and host.endswith(".atlassian.net"))
        tls = {"verify": config.get("verify", True)}
        secrets = [config.get("token"), config.get("password")]
        self._api = Api(self.url, _authorization(config), secrets, tls=tls, timeout=config.get("timeout") or 30)

    def ask(self, method, path, query=None, body=None, headers=None):
        """Calls the API; gives back what it answers, `None` for nothing."""
        return self._api.request(method, API + path, query=query, body=body, headers=headers).json()

    def issue(self, key, fields=None):
        """An issue as Jira says it."""
        return self.ask("GET", issue_path(key), query={"fields": ",".join(fields) if fields else None})

    def search(self, jql, start_at, max_results, fields):
        """The issues that a JQL query finds, `max_results` of them from the one of number `start_at` on."""
        return (self._search_cloud if self.is_cloud else self._search_server)(jql, start_at, max_results, fields)

    def users(self, query, start_at=0, max_results=50, **how):
        """The users whose name or e-mail address is like `query`."""
        asked = {"query" if self.is_cloud else "username": query, "startAt": start_at, "maxResults": max_results}
        return self.ask("GET", "/user/search", query={**asked, **({} if self.is_cloud else how)})

    def user_member(self, name):
        """A user as issues name them: by account id with Cloud, else by name."""
        if not self.is_cloud:
            return {"name": name}
        found = self.users(name, max_results=2)
        if len(found) == 1:
            return {"accountId": found[0]["accountId"]}
        if not found and "@" not in name and " " not in name:
            return {"accountId": name}
        how_many = "no user is" if not found else "more than one user is"
        raise LookupError(f"{self.url}: {how_many} found by `{name}`")

    def attach(self, key, file, name=None):
        """Attaches a file to an issue; gives back what is known of the attachments."""
        name = name or os.path.basename(file)
        with open(file, "rb") as opened:
            body, kind = _multipart(name, opened.read())
        headers = {"Content-Type": kind, "X-Atlassian-Token": "no-check"}
        return self.ask("POST", f"{issue_path(key)}/attachments", body=body, headers=headers)

    def _search_server(self, jql, start_at, max_results, fields):
        found = []
        while len(found) < max_results:
            size = min(PAGE, max_results - len(found))
            body = {"jql": jql, "startAt": start_at + len(found), "maxResults": size, "fields": fields}
            answer = self.ask("POST", "/search", body=body)
            found += answer["issues"]
            # A server may give fewer than were asked for.
            if not answer["issues"] or start_at + len(found) >= answer["total"]:
                break
        return found

    def _search_cloud(self, jql, start_at, max_results, fields):
        # Cloud goes on by token alone: what comes before `start_at` is read as well.
        found, token = [], None
        while len(found) < start_at + max_results:
            size = min(PAGE, start_at + max_results - len(found))
            body = {"jql": jql, "maxResults": size, "fields": fields}
            if token:
                body["nextPageToken"] = token
            answer = self.ask("POST", "/search/jql", body=body)
            found += answer["issues"]
            token = answer.get("nextPageToken")
            if not token:
                break
        return found[start_at : start_at + max_results]


def issue_path(key):
    """The path of an issue."""
    return f"/issue/{segment(key)}"


def _authorization(config):
    method = config.get("auth_method") or "api_token"
    names = {"api_token": ("username", "token"), "basic": ("username", "password")}.get(method, ("token",))
    missing = [name for name in names if not config.get(name)]
    if missing:
        raise ValueError(f"Set `{'` and `'.join(missing)}` in the configuration of the pack jira, for {method}")
    if len(names) == 2:
        return basic(*(config[name] for name in names))
    return {"Authorization": f"Bearer {config['token']}"}


def _multipart(name, data):
    """A form with one file, and its content type."""
    boundary = uuid.uuid4().hex
    escaped = name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode("utf-8") + data + f"\r\n--{boundary}--\r\n".encode("ascii"), (
        f"multipart/form-data; boundary={boundary}"
    )
