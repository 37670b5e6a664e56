"""Posts a text to an incoming webhook."""

import slack_api
from st2common.runners.base_action import Action


class PostMessageAction(Action):
    def run(self, message, webhook_url=None, **how):
        payload = {"text": message, **slack_api.message(self.config, **how)}
        return slack_api.post_webhook(self.config, payload, webhook_url)
