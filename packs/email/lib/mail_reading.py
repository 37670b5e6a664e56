"""What an e-mail message says, as a trigger's payload."""

import email
import email.policy


def parse(raw):
    """A message of its bytes."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def payload(message):
    """Headers and texts of a message. What does not follow the standards is read as well as may be."""
    plain, html = _body(message, "plain"), _body(message, "html")
    return {
        "from": _header(message, "From"),
        "to": _header(message, "To"),
        "cc": _header(message, "Cc"),
        "subject": _header(message, "Subject"),
        "date": _header(message, "Date"),
        "message_id": _header(message, "Message-ID"),
        "in_reply_to": _header(message, "In-Reply-To"),
        "headers": _headers(message),
        "body": html if plain is None else plain,
        "body_html": html,
        "has_attachments": False,
        "attachments": [],
    }


def attachments(message):
    """Name, content type and bytes of each attachment."""
    found = []
    for number, part in enumerate(_attached(message)):
        name = _safely(part.get_filename) or f"attachment-{number + 1}"
        data = part.get_payload(decode=True)
        if data is None:
            # A message within a message.
            data = b"".join(_safely(inner.as_bytes) or b"" for inner in part.get_payload())
        found.append((_clean(name), part.get_content_type(), data))
    return found


def _attached(message):
    bodies = [_safely(lambda kind=kind: message.get_body(preferencelist=(kind,))) for kind in ("plain", "html")]
    for part in _leaves(message):
        if not any(part is body for body in bodies):
            yield part


def _leaves(part):
    """The parts that are no mere containers; messages within are whole."""
    if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
        for inner in part.get_payload():
            yield from _leaves(inner)
    else:
        yield part


def _body(message, kind):
    part = _safely(lambda: message.get_body(preferencelist=(kind,)))
    if part is None:
        return None
    text = _safely(part.get_content)
    if not isinstance(text, str):
        # An unknown character set, for example.
        text = (part.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return _clean(text)


def _header(message, name):
    value = _safely(lambda: message.get(name))
    return None if value is None else _clean(str(value))


def _headers(message):
    found = _safely(lambda: [[name, _clean(str(value))] for name, value in message.items()])
    if found is None:
        found = [[name, _clean(str(value))] for name, value in message.raw_items()]
    return found


def _safely(read):
    """What a part of the standard library makes of a message, `None` where it stumbles over it."""
    try:
        return read()
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _clean(text):
    """Text that databases and JSON take."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
