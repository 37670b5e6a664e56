"""Incoming webhooks."""

from pack_http import ApiError
from post_attachment import PostAttachmentAction
from post_message import PostMessageAction
from post_webhook import PostWebhookAction
from slack_double import HOOK, slack
from st2tests.base import BaseActionTestCase


class WebhookTestCase(BaseActionTestCase):
    def setUp(self):
        super().setUp()
        self.slack = slack()
        self.addCleanup(self.slack.close)
        defaults = {"webhook_url": self.slack.url + HOOK, "username": "petrel", "channel": "#operations"}
        self.action = self.get_action_instance({"post_message_action": defaults})

    def sent(self):
        return self.slack.requests[-1].body


class TestPostMessage(WebhookTestCase):
    action_cls = PostMessageAction

    def test_takes_what_is_configured_and_what_is_given(self):
        self.assertIs(self.action.run("hello", channel="#other", icon_emoji=":bird:", disable_formatting=True), True)

        self.assertEqual(
            self.sent(),
            {"text": "hello", "channel": "#other", "username": "petrel", "icon_emoji": ":bird:", "parse": "none"},
        )

    def test_the_address_is_a_secret(self):
        with self.assertRaises(ApiError) as raised:
            self.action.run("hello", webhook_url=f"{self.slack.url}/services/T000/gone/hooksecret")

        self.assertEqual(str(raised.exception), f"POST {self.slack.url}********: answered 404 Not Found: no_service")

    def test_without_a_webhook_it_says_where_to_set_one(self):
        with self.assertRaisesRegex(ValueError, "set `post_message_action.webhook_url`"):
            self.get_action_instance({}).run("hello")


class TestPostAttachment(WebhookTestCase):
    action_cls = PostAttachmentAction

    def test_posts_one(self):
        self.action.run({"fallback": "f", "color": "good"})

        self.assertEqual(self.sent()["attachments"], [{"fallback": "f", "color": "good"}])


class TestPostWebhook(WebhookTestCase):
    action_cls = PostWebhookAction

    def test_posts_the_payload_as_it_is(self):
        self.action.run({"blocks": [{"type": "divider"}], "text": "short"})

        self.assertEqual(self.sent(), {"blocks": [{"type": "divider"}], "text": "short"})
