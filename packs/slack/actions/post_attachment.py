"""Posts an attachment to an incoming webhook."""

import slack_api
from st2common.runners.base_action import Action


class PostAttachmentAction(Action):
    def run(self, attachment, webhook_url=None, **how):
        payload = {"attachments": [attachment], **slack_api.message(self.config, **how)}
        return slack_api.post_webhook(self.config, payload, webhook_url)
