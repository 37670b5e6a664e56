"""What becomes of webhooks, without Alertmanager."""

import json

import alerts
from engine_double import Engine
from split_webhook import SplitWebhookAction
from st2tests.base import BaseActionTestCase


class TestSplitWebhook(BaseActionTestCase):
    action_cls = SplitWebhookAction

    def setUp(self):
        super().setUp()
        self.engine = Engine()
        self.addCleanup(self.engine.close)
        self.engine.serve(self.action_service)
        self.body = json.loads(self.get_fixture_content("webhook.json"))

    def split(self, **how):
        return self.get_action_instance().run(self.body, **how)

    def test_an_alert_that_fires_anew_is_told_again(self):
        self.assertEqual(self.split()["told"], ["2b7a64cf0e2dd6a5/firing", "c4ffc7a7f5ae2c5e/resolved"])
        self.assertEqual(self.split()["told"], [])

        self.body["alerts"][0]["startsAt"] = "2026-02-01T10:00:00Z"
        self.assertEqual(self.split(), {"told": ["2b7a64cf0e2dd6a5/firing"], "repeated": ["c4ffc7a7f5ae2c5e/resolved"]})

    def test_everything_is_told_where_that_is_wanted(self):
        self.split()

        self.assertEqual(self.split(new_only=False)["repeated"], [])
        self.assertEqual(len(self.engine.instances), 4)

    def test_what_the_engine_does_not_take_is_told_the_next_time(self):
        self.engine.takes("POST", "/v1/webhooks/st2", (503, {"faultstring": "busy"}), body=dict)
        with self.assertRaisesRegex(Exception, "busy"):
            self.split()

        self.engine.takes("POST", "/v1/webhooks/st2", (202, {}), body=dict)
        self.assertEqual(len(self.split()["told"]), 2)

    def test_says_what_was_left_out(self):
        self.body["truncatedAlerts"] = 3

        self.assertEqual(self.split()["truncated"], 3)

    def test_the_payload_fits_the_trigger(self):
        payload = alerts.payloads(self.body)[1]

        self.assertEqual(payload["ends_at"], "2026-01-31T11:30:00Z")
        self.assertEqual((payload["name"], payload["severity"], payload["generator_url"]), ("HighLoad", None, None))
        self.assertEqual((payload["group_labels"], payload["external_url"]), ({"job": "node"}, "http://am:9093"))

    def test_refuses_what_is_no_webhook_of_alertmanager(self):
        with self.assertRaisesRegex(ValueError, "its body has no list `alerts`"):
            alerts.payloads({"alert": 1})
        del self.body["alerts"][1]["fingerprint"]
        with self.assertRaisesRegex(ValueError, r"alerts\[1\] has no `fingerprint`"):
            self.split()
        self.assertEqual(self.engine.instances, [])
