"""Issues as the actions of this pack give them back: flat, with the members that people ask for."""

FIELDS = [
    "summary", "description", "status", "resolution", "labels", "reporter", "assignee", "created", "updated",
    "resolutiondate", "project", "issuetype", "priority", "fixVersions",
]  # fmt: skip

EXTRAS = {
    "include_comments": "comment",
    "include_attachments": "attachment",
    "include_components": "components",
    "include_subtasks": "subtasks",
    "include_links": "issuelinks",
}
"""Which field a parameter asks for."""


def fields(include_customfields=False, **includes):
    """The fields to ask Jira for."""
    if include_customfields:
        return ["*all"]
    return FIELDS + [field for name, field in EXTRAS.items() if includes.get(name)]


def issue_view(url, issue, include_customfields=False, sanitize_formatting=False, **includes):
    """An issue, flat."""
    given = issue["fields"]
    view = {
        "id": issue["id"],
        "key": issue["key"],
        "url": f"{url}/browse/{issue['key']}",
        "summary": given.get("summary"),
        "description": given.get("description"),
        "project": _member(given.get("project"), "key"),
        "type": _member(given.get("issuetype"), "name"),
        "priority": _member(given.get("priority"), "name"),
        "status": _member(given.get("status"), "name"),
        "resolution": _member(given.get("resolution"), "name"),
        "labels": given.get("labels") or [],
        "fix_versions": [version.get("name") for version in given.get("fixVersions") or []],
        "reporter": _member(given.get("reporter"), "displayName"),
        "assignee": _member(given.get("assignee"), "displayName"),
        "created_at": given.get("created"),
        "updated_at": given.get("updated"),
        "resolved_at": given.get("resolutiondate"),
    }
    if includes.get("include_comments"):
        view["comments"] = [comment_view(item) for item in (given.get("comment") or {}).get("comments") or []]
    if includes.get("include_attachments"):
        view["attachments"] = [attachment_view(item) for item in given.get("attachment") or []]
    if includes.get("include_components"):
        view["components"] = [{"id": item["id"], "name": item["name"]} for item in given.get("components") or []]
    if includes.get("include_subtasks"):
        view["subtasks"] = [_linked(item) for item in given.get("subtasks") or []]
    if includes.get("include_links"):
        view["links"] = [link_view(item) for item in given.get("issuelinks") or []]
    if include_customfields:
        view.update({name: value for name, value in given.items() if name.startswith("customfield_")})
    return _without_templates(view) if sanitize_formatting else view


def comment_view(comment):
    """A comment."""
    return {
        "id": comment["id"],
        "body": comment.get("body"),
        "author": _member(comment.get("author"), "displayName"),
        "created_at": comment.get("created"),
    }


def attachment_view(attachment):
    """An attachment; `content` is its address."""
    return {
        "id": attachment.get("id"),
        "filename": attachment.get("filename"),
        "size": attachment.get("size"),
        "created_at": attachment.get("created"),
        "content": attachment.get("content"),
    }


def link_view(link):
    """A link to another issue, read from this one."""
    direction = "outward" if "outwardIssue" in link else "inward"
    other = link.get(f"{direction}Issue") or {}
    return {
        "id": link.get("id"),
        "type": _member(link.get("type"), direction),
        "direction": direction,
        **_linked(other),
    }


def user_view(user):
    """A user."""
    return {
        "id": user.get("accountId") or user.get("key"),
        "name": user.get("name"),
        "display_name": user.get("displayName"),
        "email_address": user.get("emailAddress"),
        "active": user.get("active"),
    }


def _linked(issue):
    given = issue.get("fields") or {}
    return {"key": issue.get("key"), "summary": given.get("summary"), "status": _member(given.get("status"), "name")}


def _member(value, name):
    return value.get(name) if isinstance(value, dict) else None


def _without_templates(value):
    """Without double braces, which a later template would take for its own."""
    if isinstance(value, str):
        return value.replace("{{", "").replace("}}", "")
    if isinstance(value, dict):
        return {name: _without_templates(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_templates(item) for item in value]
    return value
