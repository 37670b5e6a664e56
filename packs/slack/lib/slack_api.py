"""Slack's Web API, and its incoming webhooks."""

import json
import urllib.parse

from pack_http import Api, ApiError, segment

URL = "https://slack.com/api"
TIMEOUT = 30
PAGE = 200
"""Items that are asked for at a time where all pages are wanted: what Slack recommends."""

STRUCTURED = ("blocks", "attachments", "metadata")
"""Arguments that may be given as JSON text."""


def call(config, method, http_method, arguments, token=None):
    """Calls a method of the Web API; gives back its answer."""
    token = token or config.get("action_token")
    if not token:
        raise ValueError(
            f"{method} needs a token: set `action_token` in the configuration of the pack slack, or give `token`"
        )
    base = config.get("api_url") or URL
    headers = {"Authorization": f"Bearer {token}"}
    api = Api(base, headers, [token], timeout=config.get("timeout") or TIMEOUT)
    given = {name: _structured(name, value) for name, value in arguments.items() if value is not None}
    if http_method == "GET":
        answer = api.request("GET", f"/{segment(method)}", query=given).json()
    else:
        answer = api.request("POST", f"/{segment(method)}", body=given).json()
    if not isinstance(answer, dict) or not answer.get("ok"):
        raise ApiError(api.clean(f"{http_method} {api.base}/{method}: {_fault(answer)}"), 200, answer)
    return answer


def call_for_all(config, method, arguments, token=None):
    """Calls a method that answers in pages, until the last; gives back one answer with all items."""
    whole, cursor = None, None
    while True:
        page = call(config, method, "GET", {**arguments, "limit": PAGE, "cursor": cursor}, token)
        cursor = (page.pop("response_metadata", None) or {}).get("next_cursor")
        if whole is None:
            whole = page
        else:
            for name, value in page.items():
                if isinstance(value, list):
                    whole.setdefault(name, []).extend(value)
        if not cursor:
            return whole


def post_webhook(config, payload, url=None):
    """Sends a payload to an incoming webhook. Its address is a secret: who knows it can post."""
    url = url or (config.get("post_message_action") or {}).get("webhook_url")
    if not url:
        raise ValueError(
            "There is no webhook: set `post_message_action.webhook_url` in the configuration of the pack slack, "
            "or give `webhook_url`"
        )
    parts = urllib.parse.urlsplit(url)
    secret = parts.path + (f"?{parts.query}" if parts.query else "")
    api = Api(
        f"{parts.scheme}://{parts.netloc}",
        secrets=[secret, parts.path.strip("/")],
        timeout=config.get("timeout") or TIMEOUT,
    )
    api.request("POST", secret, body=payload)
    return True


def message(config, channel=None, username=None, icon_emoji=None, icon_url=None, disable_formatting=False):
    """What messages to a webhook have in common."""
    defaults = config.get("post_message_action") or {}
    given = {"channel": channel, "username": username, "icon_emoji": icon_emoji, "icon_url": icon_url}
    found = {name: value or defaults.get(name) for name, value in given.items()}
    if disable_formatting:
        found["parse"] = "none"
    return {name: value for name, value in found.items() if value}


def _structured(name, value):
    if name not in STRUCTURED or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"`{name}` is no JSON: {error}") from None


def _fault(answer):
    if not isinstance(answer, dict):
        return f"answered with something that is no object: {answer!r}"
    text = str(answer.get("error", "failed, without a reason"))
    if answer.get("needed"):
        text += f" (needed: {answer['needed']}; the token has: {answer.get('provided')})"
    details = (answer.get("response_metadata") or {}).get("messages") or []
    return f"{text}: {'; '.join(details)}" if details else text
