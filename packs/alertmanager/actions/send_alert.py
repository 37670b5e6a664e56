"""Makes an alert fire, or ends it, as Prometheus does."""

import alertmanager_api
from alertmanager_api import Alertmanager
from st2common.runners.base_action import Action


class SendAlertAction(Action):
    def run(self, labels, annotations=None, resolved=False, duration=None, generator_url=None):
        now = alertmanager_api.now()
        alert = {"labels": labels, "annotations": annotations or {}}
        if resolved:
            alert["endsAt"] = alertmanager_api.said(now)
        elif duration:
            alert["endsAt"] = alertmanager_api.said(now + alertmanager_api.duration(duration))
        if generator_url:
            alert["generatorURL"] = generator_url
        Alertmanager(self.config).ask("POST", "/alerts", body=[alert])
        return True
