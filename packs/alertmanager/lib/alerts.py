"""What Alertmanager posts to webhooks, alert by alert."""

NEVER = "0001-01-01T00:00:00Z"
"""How Alertmanager says that there is no time yet."""


def payloads(body):
    """The trigger payload of each alert of a webhook's body."""
    if not isinstance(body, dict) or not isinstance(body.get("alerts"), list):
        raise ValueError("This is no webhook of Alertmanager: its body has no list `alerts`")
    return [_payload(body, number, alert) for number, alert in enumerate(body["alerts"])]


def _payload(body, number, alert):
    missing = [name for name in ("fingerprint", "status", "labels", "startsAt") if not alert.get(name)]
    if missing:
        raise ValueError(f"alerts[{number}] has no `{'` and no `'.join(missing)}`: Alertmanager sends it from 0.19 on")
    labels, ends = alert["labels"], alert.get("endsAt")
    return {
        "key": f"{alert['fingerprint']}/{alert['status']}",
        "fingerprint": alert["fingerprint"],
        "status": alert["status"],
        "name": labels.get("alertname", ""),
        "severity": labels.get("severity"),
        "labels": labels,
        "annotations": alert.get("annotations") or {},
        "starts_at": alert["startsAt"],
        "ends_at": None if alert["status"] == "firing" or ends == NEVER else ends,
        "generator_url": alert.get("generatorURL") or None,
        "receiver": body.get("receiver"),
        "group_key": body.get("groupKey"),
        "group_labels": body.get("groupLabels") or {},
        "external_url": body.get("externalURL"),
    }
