"""Slack's Web API and webhooks, as https://docs.slack.dev/reference/methods describes them."""

from double import Double

TOKEN = "xoxb-1234-very-secret"
HOOK = "/services/T000/B000/hooksecret"
JSON = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json; charset=utf-8"}
USERS = [
    {"id": "U1", "name": "ada", "real_name": "Ada Lovelace", "is_bot": False},
    {"id": "U2", "name": "bird", "real_name": "A Bird", "is_bot": True},
    {"id": "U3", "name": "alan", "real_name": "Alan Turing", "is_bot": False},
]
LOOK = {
    "username": str,
    "icon_emoji": str,
    "icon_url": str,
    "parse": str,
    "link_names": bool,
    "blocks": list,
    "attachments": list,
    "text": str,
}


def slack():
    """The double. It knows the channel C1 with the message 1.1."""
    double = Double()

    def method(name, answer, **shape):
        double.takes("POST", f"/api/{name}", answer, headers=JSON, **shape)

    def listing(name, answer, **query):
        double.takes("GET", f"/api/{name}", answer, headers={"Authorization": JSON["Authorization"]}, query=query)

    def in_channel(good):
        def answer(request):
            if request.body["channel"] not in ("C1", "#operations"):
                return 200, {"ok": False, "error": "channel_not_found"}
            return 200, {"ok": True, **good}

        return answer

    post = {
        **LOOK,
        "thread_ts": str,
        "reply_broadcast": bool,
        "mrkdwn": bool,
        "unfurl_links": bool,
        "unfurl_media": bool,
    }
    method("chat.postMessage", in_channel({"channel": "C1", "ts": "1.1"}), body={"channel": str}, optional=post)
    method(
        "chat.update",
        in_channel({"channel": "C1", "ts": "1.1", "text": "new"}),
        body={"channel": str, "ts": str},
        optional={name: LOOK[name] for name in ("text", "blocks", "attachments", "parse", "link_names")},
    )
    method("reactions.add", in_channel({}), body={"channel": str, "name": str, "timestamp": str})
    method(
        "conversations.join",
        (200, {"ok": False, "error": "missing_scope", "needed": "channels:join", "provided": "chat:write"}),
        body={"channel": str},
    )

    def pages(request):
        limit = int(request.query.get("limit", 100))
        start = int(request.query.get("cursor", "0"))
        rest = start + limit < len(USERS)
        meta = {"next_cursor": str(start + limit) if rest else ""}
        return 200, {"ok": True, "members": USERS[start : start + limit], "response_metadata": meta}

    listing("users.list", pages, limit=r"\d+", cursor=r"\d+", include_locale="true|false", team_id="T.*")
    listing(
        "conversations.list",
        (200, {"ok": True, "channels": [{"id": "C1", "name": "operations"}]}),
        limit=r"\d+",
        cursor=".+",
        exclude_archived="true|false",
        types="[a-z_,]+",
        team_id="T.*",
    )
    listing("users.lookupByEmail", (429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "30"}), email=".+@.+")
    double.takes(
        "POST",
        HOOK,
        (200, b"ok", {"Content-Type": "text/html"}),
        headers={"Content-Type": JSON["Content-Type"]},
        body={},
        optional={**LOOK, "channel": str},
    )
    double.takes(
        "POST", "/services/T000/gone/hooksecret", (404, b"no_service", {"Content-Type": "text/html"}), body=dict
    )
    return double
