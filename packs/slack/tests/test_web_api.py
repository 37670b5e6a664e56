"""Methods of the Web API."""

import slack_api
from pack_http import ApiError
from run import RunAction
from slack_double import TOKEN, slack
from st2tests.base import BaseActionTestCase
from users_filter_by import UsersFilterByAction


class WebApiTestCase(BaseActionTestCase):
    def setUp(self):
        super().setUp()
        self.slack = slack()
        self.addCleanup(self.slack.close)
        self.action = self.get_action_instance({"action_token": TOKEN, "api_url": f"{self.slack.url}/api"})

    def post(self, method, **arguments):
        return self.action.run(end_point=method, http_method="POST", **arguments)

    def get(self, method, **arguments):
        return self.action.run(end_point=method, http_method="GET", **arguments)


class TestMethods(WebApiTestCase):
    action_cls = RunAction

    def test_posts_a_message_and_leaves_out_what_is_not_given(self):
        answer = self.post("chat.postMessage", channel="C1", text="hello", thread_ts=None, mrkdwn=True)

        self.assertEqual(answer, {"ok": True, "channel": "C1", "ts": "1.1"})
        self.assertEqual(self.slack.requests[0].body, {"channel": "C1", "text": "hello", "mrkdwn": True})

    def test_blocks_may_be_text(self):
        self.post("chat.postMessage", channel="C1", blocks='[{"type": "divider"}]')

        self.assertEqual(self.slack.requests[0].body["blocks"], [{"type": "divider"}])
        with self.assertRaisesRegex(ValueError, "`blocks` is no JSON"):
            self.post("chat.postMessage", channel="C1", blocks="[divider")

    def test_updates_and_reacts(self):
        self.assertEqual(self.post("chat.update", channel="C1", ts="1.1", text="new")["text"], "new")
        self.assertEqual(self.post("reactions.add", channel="C1", timestamp="1.1", name="bird"), {"ok": True})

    def test_lists_channels(self):
        answer = self.get("conversations.list", types="public_channel", exclude_archived=False, limit=10)

        self.assertEqual([channel["name"] for channel in answer["channels"]], ["operations"])

    def test_lists_one_page_or_all(self):
        page = self.get("users.list", limit=2)
        self.assertEqual(page["response_metadata"]["next_cursor"], "2")
        self.assertEqual(len(page["members"]), 2)

        before, slack_api.PAGE = slack_api.PAGE, 1
        self.addCleanup(setattr, slack_api, "PAGE", before)
        everybody = self.get("users.list", limit=2, all_pages=True)
        self.assertEqual([user["id"] for user in everybody["members"]], ["U1", "U2", "U3"])

    def test_a_token_may_be_given_with_the_call(self):
        action = self.get_action_instance({"api_url": f"{self.slack.url}/api"})
        answer = action.run(
            end_point="reactions.add", http_method="POST", token=TOKEN, channel="C1", name="x", timestamp="1.1"
        )

        self.assertEqual(answer, {"ok": True})
        with self.assertRaisesRegex(ValueError, "auth.test needs a token: set `action_token`"):
            action.run(end_point="auth.test", http_method="POST")


class TestRefusals(WebApiTestCase):
    action_cls = RunAction

    def test_says_what_was_asked_and_what_came_back(self):
        with self.assertRaises(ApiError) as raised:
            self.post("chat.postMessage", channel="C9", text="hello")

        self.assertEqual(str(raised.exception), f"POST {self.slack.url}/api/chat.postMessage: channel_not_found")

    def test_says_which_scope_is_missing(self):
        with self.assertRaisesRegex(ApiError, r"missing_scope \(needed: channels:join; the token has: chat:write\)"):
            self.post("conversations.join", channel="C1")

    def test_says_how_long_to_wait(self):
        with self.assertRaisesRegex(ApiError, r"429 Too Many Requests \(it asks to wait for 30 seconds\)"):
            self.get("users.lookupByEmail", email="ada@example.com")

    def test_never_shows_the_token(self):
        self.slack.takes("POST", "/api/auth.test", (500, {"token": TOKEN}), body={})

        with self.assertRaises(ApiError) as raised:
            self.post("auth.test")
        self.assertNotIn(TOKEN, str(raised.exception))
        self.assertIn('500 Internal Server Error: {"token": "********"}', str(raised.exception))
        self.assertEqual(raised.exception.body, {"token": "********"})

    def test_does_not_carry_the_token_elsewhere(self):
        self.slack.takes("POST", "/api/auth.test", (302, None, {"Location": "https://elsewhere.example/"}), body={})

        with self.assertRaisesRegex(ApiError, "302 Found, a redirect to https://elsewhere.example/: set that address"):
            self.post("auth.test")

    def test_says_that_nobody_answers(self):
        action = self.get_action_instance({"action_token": TOKEN, "api_url": "http://127.0.0.1:9"})

        with self.assertRaisesRegex(ApiError, r"POST http://127.0.0.1:9/auth.test: no answer: .*refused"):
            action.run(end_point="auth.test", http_method="POST")

    def test_something_that_is_no_json_is_an_error(self):
        self.slack.takes("POST", "/api/auth.test", (200, b"<html>", {"Content-Type": "text/html"}), body={})

        with self.assertRaisesRegex(ApiError, r"answered 200 with something that is no JSON \(text/html\)"):
            self.post("auth.test")


class TestUsersFilterBy(WebApiTestCase):
    action_cls = UsersFilterByAction

    def test_finds_by_pattern_and_by_value(self):
        def find(**attributes):
            found = self.action.run(end_point="users.list", http_method="GET", attributes=attributes)
            return [user["id"] for user in found]

        self.assertEqual(find(real_name="A*"), ["U1", "U2", "U3"])
        self.assertEqual(find(real_name="A*", is_bot=False), ["U1", "U3"])
        self.assertEqual(find(name="nobody"), [])
