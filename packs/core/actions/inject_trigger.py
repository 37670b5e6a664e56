"""Makes a trigger happen, through the API."""

from st2common.runners.base_action import Action


class InjectTriggerAction(Action):
    def run(self, trigger, payload=None, trace_tag=None):
        client = self.action_service.datastore_service.get_api_client()
        return client.webhooks.post_generic_webhook(
            trigger=trigger, payload=payload or {}, trace_tag=trace_tag
        )
