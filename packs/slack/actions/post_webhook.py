"""Posts a whole payload to an incoming webhook."""

import slack_api
from st2common.runners.base_action import Action


class PostWebhookAction(Action):
    def run(self, payload, webhook_url=None):
        return slack_api.post_webhook(self.config, payload, webhook_url)
