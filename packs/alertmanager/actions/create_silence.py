"""Silences alerts for a while."""

import alertmanager_api
from alertmanager_api import Alertmanager
from st2common.runners.base_action import Action


class CreateSilenceAction(Action):
    def run(
        self,
        comment,
        matchers=None,
        labels=None,
        alertname=None,
        duration="1h",
        starts_at=None,
        ends_at=None,
        created_by=None,
        silence_id=None,
    ):
        wanted = [alertmanager_api.matcher(text) for text in matchers or []]
        wanted += alertmanager_api.equals({**(labels or {}), **({"alertname": alertname} if alertname else {})})
        if not wanted:
            raise ValueError("Give `matchers`, `labels` or `alertname`: a silence must say which alerts it is for")
        start = alertmanager_api.time(starts_at) if starts_at else alertmanager_api.now()
        end = alertmanager_api.time(ends_at) if ends_at else start + alertmanager_api.duration(duration)
        body = {
            "matchers": wanted,
            "startsAt": alertmanager_api.said(start),
            "endsAt": alertmanager_api.said(end),
            "createdBy": created_by or self.config.get("created_by") or "petrel",
            "comment": comment,
        }
        if silence_id:
            body["id"] = silence_id
        made = Alertmanager(self.config).ask("POST", "/silences", body=body)
        return {"silence_id": made["silenceID"], "starts_at": body["startsAt"], "ends_at": body["endsAt"]}
