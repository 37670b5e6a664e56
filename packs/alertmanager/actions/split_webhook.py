"""Makes a trigger instance of each alert that Alertmanager posts."""

import alerts
from st2common.runners.base_action import Action

TRIGGER = "alertmanager.alert"


class SplitWebhookAction(Action):
    def run(self, body, new_only=True, remember=1209600):
        told, repeated = [], []
        webhooks = self.datastore.get_api_client().webhooks
        for payload in alerts.payloads(body):
            said = f"{payload['status']} {payload['starts_at']}"
            if new_only and self.action_service.get_value(payload["fingerprint"]) == said:
                repeated.append(payload["key"])
                continue
            # Remembered only once it is stored: told twice, at worst.
            webhooks.post_generic_webhook(trigger=TRIGGER, payload=payload, trace_tag=f"alert-{payload['fingerprint']}")
            self.action_service.set_value(payload["fingerprint"], said, ttl=remember)
            told.append(payload["key"])
        result = {"told": told, "repeated": repeated}
        if body.get("truncatedAlerts"):
            self.logger.warning("Alertmanager has left out %s alerts: see its `max_alerts`", body["truncatedAlerts"])
            result["truncated"] = body["truncatedAlerts"]
        return result
